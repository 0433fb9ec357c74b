// What is possible and odd all the same: reported with its line, never changed.

import { type BadTick, type Found, noneFound, note } from './report.ts';
import type { Rows } from './rows.ts';

const PRICES = ['open', 'high', 'low', 'close'] as const;
/** A price is a bad tick from this share beyond the closes around it, or from so many usual ranges if that is more. */
const REACH_MIN = 0.1;
const REACH_RANGES = 25;

/** Bars that the usual range is taken from, evenly spaced. */
const RANGES_MAX = 20_000;

/** The median of high / low − 1 over the bars that moved; 0 when none did. */
function usualRange({ high, low, count }: Rows): number {
  const ranges = new Float64Array(Math.min(count, RANGES_MAX));
  let moved = 0;
  for (let k = 0; k < ranges.length; k++) {
    const i = Math.floor((k * count) / ranges.length);
    const range = high[i]! / low[i]! - 1;
    if (range > 0) ranges[moved++] = range;
  }
  return moved === 0 ? 0 : ranges.subarray(0, moved).sort((a, b) => a - b)[moved >> 1]!;
}

/**
 * Prices that lie further from the close before and the closes after than the market moves: by 10 % or by 25 usual ranges of
 * a bar, whichever is more. A crash is followed by closes near it and is none.
 */
export function findBadTicks(rows: Rows): Found<BadTick> {
  const found: Found<BadTick> = noneFound();
  const { close, count, time, line } = rows;
  const reach = 1 + Math.max(REACH_MIN, REACH_RANGES * usualRange(rows));
  for (let i = 0; i < count; i++) {
    const before = i === 0 ? close[Math.min(2, count - 1)]! : close[i - 1]!;
    const after = i + 1 < count ? close[i + 1]! : close[Math.max(0, i - 2)]!;
    const highest = Math.max(before, after) * reach;
    const lowest = Math.min(before, after) / reach;
    for (const column of PRICES) {
      const value = rows[column][i]!;
      if (value > highest || value < lowest) note(found, { line: line[i]!, time: time[i]!, column, value });
    }
  }
  return found;
}

/** Lines of bars in which nothing was traded. */
export function findZeroVolume({ volume, line, count }: Rows): Found<number> {
  const found: Found<number> = noneFound();
  for (let i = 0; i < count; i++) if (volume[i] === 0) note(found, line[i]!);
  return found;
}
