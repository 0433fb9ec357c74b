// Oscillators of the price alone: how far the close lies from where it was, or from the middle of its range.
import type { CandleColumns } from '../candles.ts';
import { undefinedColumn } from './averages.ts';
import { slidingMax, slidingMin } from './windows.ts';

/** Lambert's constant: scales the index so that most values lie between −100 and 100. */
const CCI_CONSTANT = 0.015;

/**
 * Commodity Channel Index (Lambert, Commodities 1980): (T − SMA(T)) / (0.015 × mean absolute deviation of T from that
 * SMA), T = (high + low + close) / 3; 0 where nothing deviates. Defined from bar period − 1 on. Each window is taken as
 * differences from its last bar, three times T, so that a quiet market at a high price loses no digits.
 */
export function cci({ high, low, close, length }: CandleColumns, period: number): Float64Array {
  const out = undefinedColumn(length);
  const offsets = new Float64Array(period);
  for (let i = period - 1; i < length; i++) {
    const from = i - period + 1;
    let sum = 0;
    for (let j = 0; j < period; j++) {
      const offset = high[from + j]! - high[i]! + (low[from + j]! - low[i]!) + (close[from + j]! - close[i]!);
      offsets[j] = offset;
      sum += offset;
    }
    const mean = sum / period;
    let deviations = 0;
    for (let j = 0; j < period; j++) deviations += Math.abs(offsets[j]! - mean);
    out[i] = deviations === 0 ? 0 : (0 - mean) / ((CCI_CONSTANT * deviations) / period);
  }
  return out;
}

/**
 * Williams %R (Williams 1973): −100 × (highest high − close) / (highest high − lowest low) over `period` bars, from −100
 * to 0; −50 where the market did not move. Defined from bar period − 1 on.
 */
export function williamsR({ high, low, close, length }: CandleColumns, period: number): Float64Array {
  const tops = slidingMax(high, period);
  const bottoms = slidingMin(low, period);
  const out = undefinedColumn(length);
  for (let i = period - 1; i < length; i++) {
    const range = tops[i]! - bottoms[i]!;
    out[i] = range === 0 ? -50 : (100 * (close[i]! - tops[i]!)) / range;
  }
  return out;
}

/** Rate of change in percent: 100 × (close / close `period` bars ago − 1). Defined from bar `period` on. */
export function roc({ close, length }: CandleColumns, period: number): Float64Array {
  const out = undefinedColumn(length);
  for (let i = period; i < length; i++) {
    const before = close[i - period]!;
    out[i] = (100 * (close[i]! - before)) / before;
  }
  return out;
}
