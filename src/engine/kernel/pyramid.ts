// Aggregates of bars, so that the search for an exit skips whole blocks. Level 0 holds bars, level k blocks of 8^k bars.
// A record has four lanes of whole ticks, all of the form "an event is possible when lane ≤ threshold":
//   0  lowest worst price (rounded down)             a stop above it may be hit
//   1  −(highest best price, rounded up)             a target below it may be hit
//   2  −(largest fall from a close to a later worst) a trailing stop may be hit inside the block
//   3  −(highest close, rounded up)                  break-even may be armed; it also raises the trailing stop
// Prices are oriented: for shorts negated, with low and high exchanged. The fall is in ticks, or relative to the close in
// units of 2^−28 for trailing stops in percent. Rounding is towards "possible", so a block that is passed over holds no event;
// at the bar itself the event is decided on the exact prices.
//
// Eight children and what belongs to them stand together: 8 records, 8 suffixes (from child b to the last), then per
// lane the prefixes (from the first to child b) of all eight: 384 bytes.
import { at, closePrices, highPrices, lowPrices, scale } from './memory';

export const GROUP_BYTES: usize = 384;
export const SUFFIXES: usize = 128;
export const PREFIXES: usize = 256;
const NEVER: i32 = i32.MAX_VALUE;
export const RELATIVE_UNIT: f64 = 268435456.0;

export let levels: i32 = 0;
/** Bytes from the start of a pyramid to each of its levels. */
let levelTable: usize = 0;

/** `table` has room for 10 numbers of 32 bits. Returns the bytes of a pyramid over `bars` bars. */
export function setPyramids(table: usize, bars: i32): usize {
  levelTable = table;
  levels = 0;
  let bytes: usize = 0;
  let groups = (bars + 7) >> 3;
  for (;;) {
    store<u32>(table + ((<usize>levels) << 2), <u32>bytes);
    bytes += (<usize>groups) * GROUP_BYTES;
    levels++;
    if (groups == 1) break;
    groups = (groups + 7) >> 3;
  }
  return bytes;
}

// @ts-ignore: decorator
@inline
export function groupAt(pyramid: usize, level: i32, group: i32): usize {
  return pyramid + load<u32>(levelTable + ((<usize>level) << 2)) + (<usize>group) * GROUP_BYTES;
}

/** Fall from the closes of one block to the worst prices of a later one, negated. */
// @ts-ignore: decorator
@inline
function fallBetween(relative: bool, earlierClose: i32, laterWorst: i32): i32 {
  if (earlierClose == NEVER || laterWorst == NEVER) return NEVER;
  const close = -(<f64>earlierClose);
  const fall = close - <f64>laterWorst;
  if (!relative) return <i32>(-fall) - 1;
  return <i32>(Math.floor((-fall * RELATIVE_UNIT) / Math.abs(close))) - 1;
}

/** Two neighbouring blocks as one. */
// @ts-ignore: decorator
@inline
function join(relative: bool, a: v128, b: v128): v128 {
  const both = v128.min<i32>(a, b);
  const fall = fallBetween(relative, v128.extract_lane<i32>(a, 3), v128.extract_lane<i32>(b, 0));
  return v128.replace_lane<i32>(both, 2, min<i32>(v128.extract_lane<i32>(both, 2), fall));
}

const nothing: v128 = i32x4.splat(0x7fffffff);

function recordOfBar(short: bool, bar: i32): v128 {
  const close = at(closePrices, bar);
  if (!(close > 0)) return nothing;
  const worst = short ? -at(highPrices, bar) : at(lowPrices, bar);
  const best = short ? -at(lowPrices, bar) : at(highPrices, bar);
  const towards = short ? -close : close;
  let record = nothing;
  record = v128.replace_lane<i32>(record, 0, <i32>(Math.floor(nearest(worst * scale))));
  record = v128.replace_lane<i32>(record, 1, -<i32>(Math.ceil(nearest(best * scale))));
  return v128.replace_lane<i32>(record, 3, -<i32>(Math.ceil(nearest(towards * scale))));
}

/** Whole where only the rounding of the product keeps it from being so. */
// @ts-ignore: decorator
@inline
function nearest(ticks: f64): f64 {
  const whole = Math.floor(ticks + 0.5);
  return Math.abs(ticks - whole) < 1e-6 ? whole : ticks;
}

function finishGroup(relative: bool, group: usize): void {
  let suffix = nothing;
  for (let child = 7; child >= 0; child--) {
    const offset = (<usize>child) << 4;
    suffix = join(relative, v128.load(group + offset), suffix);
    v128.store(group + SUFFIXES + offset, suffix);
  }
  let prefix = nothing;
  for (let child = 0; child < 8; child++) {
    prefix = join(relative, prefix, v128.load(group + ((<usize>child) << 4)));
    const lane = group + PREFIXES + ((<usize>child) << 2);
    store<i32>(lane, v128.extract_lane<i32>(prefix, 0));
    store<i32>(lane + 32, v128.extract_lane<i32>(prefix, 1));
    store<i32>(lane + 64, v128.extract_lane<i32>(prefix, 2));
    store<i32>(lane + 96, v128.extract_lane<i32>(prefix, 3));
  }
}

/** Fills a pyramid over `bars` bars; places whose close is not above 0 belong to no stretch. */
export function buildPyramid(pyramid: usize, short: bool, relative: bool, bars: i32): void {
  let children = bars;
  for (let level = 0; level < levels; level++) {
    const groups = (children + 7) >> 3;
    for (let g = 0; g < groups; g++) {
      const group = groupAt(pyramid, level, g);
      for (let c = 0; c < 8; c++) {
        const child = (g << 3) + c;
        let record = nothing;
        if (child < children) {
          // The whole of a group one level below is its suffix from child 0.
          if (level == 0) record = recordOfBar(short, child);
          else record = v128.load(groupAt(pyramid, level - 1, child) + SUFFIXES);
        }
        v128.store(group + ((<usize>c) << 4), record);
      }
      finishGroup(relative, group);
    }
    children = groups;
  }
}
