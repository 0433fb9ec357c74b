// The next bar on which a strategy's entry, or its exit, is signalled.
import { EXITS, GROUP_A, GROUP_B } from './memory';

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
/** Entry signals of the tile, and the number of the word that they start with. */
let entries: usize = 0;
let firstWord: i32 = 0;
/** The exit signal found last. Positions are opened one after the other: for those before it, it is the first. */
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
  exitAt = -1;
}

// @ts-ignore: decorator
@inline
function two(p: usize, q: usize, offset: usize): v128 {
  return v128.and(v128.load(p + offset), v128.load(q + offset));
}

/**
 * Writes the entry signals of the bars [from, end) to `words`, all of a tile at once and without branches: the processor
 * then fetches the bitsets, which may lie far away, side by side instead of one after the other.
 */
export function prepareEntries(from: i32, end: i32, words: usize): void {
  entries = words;
  firstWord = (from >> 6) & ~1;
  const start: usize = (<usize>firstWord) << 3;
  const stop: usize = (<usize>((end + 127) >> 7)) << 4;
  if (b0 != 0) {
    for (let o = start; o < stop; o += 16) {
      const first = v128.and(two(a0, a1, o), two(a2, a3, o));
      v128.store(words + o - start, v128.or(first, v128.and(two(b0, b1, o), two(b2, b3, o))));
    }
  } else if (a1 == a0) {
    for (let o = start; o < stop; o += 16) v128.store(words + o - start, v128.load(a0 + o));
  } else if (a2 == a0) {
    for (let o = start; o < stop; o += 16) v128.store(words + o - start, two(a0, a1, o));
  } else {
    for (let o = start; o < stop; o += 16) v128.store(words + o - start, v128.and(two(a0, a1, o), two(a2, a3, o)));
  }
}

// @ts-ignore: decorator
@inline
function entryWord(word: i32): u64 {
  return load<u64>(entries + ((<usize>(word - firstWord)) << 3));
}

/** First entry signal in [from, end), or `end`; bars that were prepared. */
export function nextEntry(from: i32, end: i32): i32 {
  if (from >= end) return end;
  let word = from >> 6;
  let bits = entryWord(word) & (~(<u64>0) << (<u64>(from & 63)));
  const last = (end - 1) >> 6;
  while (bits == 0) {
    if (word == last) return end;
    word++;
    bits = entryWord(word);
  }
  return min<i32>((word << 6) + <i32>ctz<u64>(bits), end);
}

// @ts-ignore: decorator
@inline
function exitWord(offset: usize): u64 {
  return load<u64>(x0 + offset) | load<u64>(x1 + offset) | load<u64>(x2 + offset);
}

/** First exit signal in [from, end), or a bar at or after `end`. */
export function nextExit(from: i32, end: i32): i32 {
  if (x0 == 0 || from >= end) return end;
  if (from <= exitAt) return exitAt;
  let word = from >> 6;
  let bits = exitWord((<usize>word) << 3) & (~(<u64>0) << (<u64>(from & 63)));
  const last = (end - 1) >> 6;
  while (bits == 0 && word < last) {
    word++;
    bits = exitWord((<usize>word) << 3);
  }
  exitAt = bits == 0 ? end : (word << 6) + <i32>ctz<u64>(bits);
  return exitAt;
}
