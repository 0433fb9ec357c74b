// What the smoothed indicators of one stretch of candles share, computed once. The candles must not change.
import type { CandleColumns } from '../candles.ts';

/** Columns of moves from bar to bar; price differences. */
export interface Moves {
  /** max(high, previous close) − min(low, previous close) (Wilder 1978); on bar 0 high − low. */
  ranges: Float64Array;
  /** +DM: the rise of the high where it exceeds the fall of the low, else 0; 0 on bar 0. */
  rises: Float64Array;
  /** −DM, its mirror image. */
  falls: Float64Array;
}

const cache = new WeakMap<CandleColumns, Partial<Moves>>();

function computeRanges({ high, low, close, length }: CandleColumns): Float64Array {
  const ranges = new Float64Array(length);
  if (length > 0) ranges[0] = high[0]! - low[0]!;
  for (let i = 1; i < length; i++) {
    const before = close[i - 1]!;
    ranges[i] = Math.max(high[i]!, before) - Math.min(low[i]!, before);
  }
  return ranges;
}

/** +DM, or with `falling` −DM. */
function computeDirection({ high, low, length }: CandleColumns, falling: boolean): Float64Array {
  const out = new Float64Array(length);
  for (let i = 1; i < length; i++) {
    const up = high[i]! - high[i - 1]!;
    const down = low[i - 1]! - low[i]!;
    const [own, other] = falling ? [down, up] : [up, down];
    if (own > other && own > 0) out[i] = own;
  }
  return out;
}

/** One of the moves. */
export function movesOf(candles: CandleColumns, name: keyof Moves): Float64Array {
  let known = cache.get(candles);
  if (known === undefined) {
    known = {};
    cache.set(candles, known);
  }
  known[name] ??= name === 'ranges' ? computeRanges(candles) : computeDirection(candles, name === 'falls');
  return known[name];
}
