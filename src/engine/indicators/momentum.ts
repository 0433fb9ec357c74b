// Oscillators of the price alone: how far the close lies from where it was, or from the middle of its range. Every bar of
// `out` is written: NaN before the first defined one.
import type { CandleColumns } from '../candles.ts';
import { type Sums, typicalSumsOf } from './sums.ts';
import { slidingMax, slidingMin } from './windows.ts';

/** Lambert's constant: scales the index so that most values lie between −100 and 100. */
const CCI_CONSTANT = 0.015;

/** The index at bar `end`, on differences from that bar: three times the typical price, so nothing is divided twice. */
function cciAt({ high, low, close }: CandleColumns, end: number, period: number): number {
  const offset = (j: number) => high[j]! - high[end]! + (low[j]! - low[end]!) + (close[j]! - close[end]!);
  const from = end - period + 1;
  let sum = 0;
  for (let j = from; j <= end; j++) sum += offset(j);
  const mean = sum / period;
  let deviations = 0;
  for (let j = from; j <= end; j++) deviations += Math.abs(offset(j) - mean);
  return deviations === 0 ? 0 : (0 - mean) / ((CCI_CONSTANT * deviations) / period);
}

/** Σ |period × value − total| over the window of ticks that ends at bar `end`. */
function spreadAt(sums: Float64Array, end: number, period: number, total: number): number {
  let before = sums[end + 1 - period]!;
  let spread = 0;
  for (let j = end + 2 - period; j <= end + 1; j++) {
    const next = sums[j]!;
    spread += Math.abs(period * (next - before) - total);
    before = next;
  }
  return spread;
}

/**
 * The index of a stretch from bar `from` on. period × value − total is a whole number: below 2⁵³ it has no error, and
 * above it a relative one only, since the total is below 2⁵².
 */
function exactCci({ to, sums }: Sums, from: number, period: number, out: Float64Array): void {
  for (let i = from; i < to; i++) {
    const value = sums[i + 1]! - sums[i]!;
    const total = sums[i + 1]! - sums[i + 1 - period]!;
    const spread = spreadAt(sums, i, period, total);
    out[i] = spread === 0 ? 0 : ((period * value - total) / spread) * (period / CCI_CONSTANT);
  }
}

/**
 * Commodity Channel Index (Lambert, Commodities 1980): (T − SMA(T)) / (0.015 × mean absolute deviation of T from that
 * SMA), T = (high + low + close) / 3; 0 where nothing deviates. Defined from bar period − 1 on.
 */
export function cci(candles: CandleColumns, period: number, out: Float64Array): void {
  out.fill(Number.NaN, 0, period - 1);
  let done = period - 1;
  for (const stretch of typicalSumsOf(candles)) {
    exactCci(stretch, Math.max(done, stretch.from), period, out);
    done = Math.max(done, stretch.to);
  }
  for (let i = done; i < candles.length; i++) out[i] = cciAt(candles, i, period);
}

/**
 * Williams %R (Williams 1973): −100 × (highest high − close) / (highest high − lowest low) over `period` bars, from −100
 * to 0; −50 where the market did not move. Defined from bar period − 1 on.
 */
export function williamsR({ high, low, close, length }: CandleColumns, period: number, out: Float64Array): void {
  const bottoms = new Float64Array(length);
  slidingMax(high, period, out);
  slidingMin(low, period, bottoms);
  for (let i = period - 1; i < length; i++) {
    const top = out[i]!;
    const range = top - bottoms[i]!;
    out[i] = range === 0 ? -50 : (100 * (close[i]! - top)) / range;
  }
}

/** Rate of change in percent: 100 × (close / close `period` bars ago − 1). Defined from bar `period` on. */
export function roc({ close, length }: CandleColumns, period: number, out: Float64Array): void {
  out.fill(Number.NaN, 0, period);
  for (let i = period; i < length; i++) {
    const before = close[i - period]!;
    out[i] = (100 * (close[i]! - before)) / before;
  }
}
