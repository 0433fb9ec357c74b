// The next bar on which a strategy's entry, or its exit, is signalled.
import { EXITS, GROUP_A, GROUP_B } from './memory.ts';

let a0: usize = 0;
let a1: usize = 0;
let a2: usize = 0;
let a3: usize = 0;
let b0: usize = 0;
let b1: usize = 0;
let b2: usize = 0;
let b3: usize = 0;
let x0: usize = 0;
let x1: usize = 0;
let x2: usize = 0;
/** The exit signal found last, and from where it was looked for: none lies between. */
let exitFrom: i32 = i32.MAX_VALUE;
let exitAt: i32 = -1;

export function setSignals(record: usize): void {
  a0 = load<u32>(record + GROUP_A);
  a1 = load<u32>(record + GROUP_A, 4);
  a2 = load<u32>(record + GROUP_A, 8);
  a3 = load<u32>(record + GROUP_A, 12);
  b0 = load<u32>(record + GROUP_B);
  b1 = load<u32>(record + GROUP_B, 4);
  b2 = load<u32>(record + GROUP_B, 8);
  b3 = load<u32>(record + GROUP_B, 12);
  x0 = load<u32>(record + EXITS);
  x1 = load<u32>(record + EXITS, 4);
  x2 = load<u32>(record + EXITS, 8);
  exitFrom = i32.MAX_VALUE;
  exitAt = -1;
}

// @ts-expect-error: decorator
@inline
function entryWord(offset: usize): u64 {
  const first = load<u64>(a0 + offset) & load<u64>(a1 + offset) & load<u64>(a2 + offset) & load<u64>(a3 + offset);
  if (b0 == 0) return first;
  return first | (load<u64>(b0 + offset) & load<u64>(b1 + offset) & load<u64>(b2 + offset) & load<u64>(b3 + offset));
}

/** First entry signal in [from, end), or `end`. */
export function nextEntry(from: i32, end: i32): i32 {
  if (from >= end) return end;
  let word = from >> 6;
  let bits = entryWord((<usize>word) << 3) & (~(<u64>0) << (<u64>(from & 63)));
  const last = (end - 1) >> 6;
  while (bits == 0) {
    if (word == last) return end;
    word++;
    bits = entryWord((<usize>word) << 3);
  }
  return min<i32>((word << 6) + <i32>ctz<u64>(bits), end);
}

// @ts-expect-error: decorator
@inline
function exitWord(offset: usize): u64 {
  return load<u64>(x0 + offset) | load<u64>(x1 + offset) | load<u64>(x2 + offset);
}

/** First exit signal in [from, end), or a bar at or after `end`. */
export function nextExit(from: i32, end: i32): i32 {
  if (x0 == 0 || from >= end) return end;
  if (from >= exitFrom && from <= exitAt) return exitAt;
  let word = from >> 6;
  let bits = exitWord((<usize>word) << 3) & (~(<u64>0) << (<u64>(from & 63)));
  const last = (end - 1) >> 6;
  while (bits == 0 && word < last) {
    word++;
    bits = exitWord((<usize>word) << 3);
  }
  exitFrom = from;
  exitAt = bits == 0 ? end : (word << 6) + <i32>ctz<u64>(bits);
  return exitAt;
}
