// What the kernel offers. AssemblyScript: compiled to WebAssembly by scripts/build-kernel.mjs, not by tsc.
import { CASH, FINAL_EQUITY, RESULT_STRETCH_BYTES, RESULT_STRETCHES, RESULT_WORD_A, RESULT_WORD_B } from './memory';
import { ATR, SIDE, SQUARES, SUM, TRADES, TRAILING_KIND, WORD_A, WORD_B } from './memory';
import { advance, startStretch } from './run';

export { markAbove } from './bits';
export { setCosts, setMarket } from './memory';
export { buildPyramid, setPyramids } from './pyramid';
export { setTrace } from './book';

let pyramids: usize = 0;

/** Addresses of the four pyramids: long and short, each for falls relative to the close and in ticks. */
export function setPyramidTable(table: usize): void {
  pyramids = table;
}

// @ts-ignore: decorator
@inline
function pyramidOf(record: usize): usize {
  const absolute = load<i32>(record + TRAILING_KIND) == ATR ? 1 : 0;
  return load<u32>(pyramids + ((<usize>(load<i32>(record + SIDE) * 2 + absolute)) << 2));
}

/** Puts `count` states at their beginning. */
export function startRuns(records: usize, states: usize, stateBytes: usize, recordBytes: usize, count: i32, equity: f64): void {
  for (let s = 0; s < count; s++) {
    const state = states + (<usize>s) * stateBytes;
    const short = load<i32>(records + (<usize>s) * recordBytes + SIDE) != 0;
    store<f64>(state + CASH, equity);
    store<u32>(state + WORD_A, short ? 0x13198a2e : 0x243f6a88);
    store<u32>(state + WORD_B, short ? 0x03707344 : 0x85a308d3);
  }
}

/**
 * Runs `count` strategies over stretch number `part`, bars [start, to), first signal at `from`. All strategies go through
 * one tile of bars before any of them goes on to the next, so that the tile stays in the cache.
 */
export function runStretch(
  part: i32,
  start: i32,
  from: i32,
  to: i32,
  tile: i32,
  records: usize,
  recordBytes: usize,
  states: usize,
  stateBytes: usize,
  results: usize,
  resultBytes: usize,
  count: i32,
  entries: usize,
): void {
  for (let s = 0; s < count; s++) startStretch(states + (<usize>s) * stateBytes, part, from);
  for (let until = start + tile; ; until += tile) {
    const end = min<i32>(until, to);
    for (let s = 0; s < count; s++) {
      const record = records + (<usize>s) * recordBytes;
      advance(record, states + (<usize>s) * stateBytes, pyramidOf(record), start, end, to, entries);
    }
    if (end == to) break;
  }
  for (let s = 0; s < count; s++) {
    const state = states + (<usize>s) * stateBytes;
    const result = results + (<usize>s) * resultBytes;
    const row = result + RESULT_STRETCHES + (<usize>part) * RESULT_STRETCH_BYTES;
    store<f64>(row, load<f64>(state + SUM));
    store<f64>(row, load<f64>(state + SQUARES), 8);
    store<f64>(row, <f64>load<i32>(state + TRADES), 16);
    store<f64>(result + FINAL_EQUITY, load<f64>(state + CASH));
    store<u32>(result + RESULT_WORD_A, load<u32>(state + WORD_A));
    store<u32>(result + RESULT_WORD_B, load<u32>(state + WORD_B));
  }
}
