// Moving averages over one column. `first` is the first bar at which `source` is defined. Each function writes every bar
// of `out`: NaN before its own first defined bar.
import { type Sums, sumsOf } from './sums.ts';

/** 2²⁷ + 1: splits a float64 into two halves of 26 bits (Veltkamp; Dekker, Numer. Math. 18, 1971). */
const SPLITTER = 134_217_729;

/** (high + low) / period, where high + low is an unevaluated sum: the error of the first quotient is divided as well. */
function divideSum(high: number, low: number, period: number): number {
  const quotient = high / period;
  const scaled = SPLITTER * quotient;
  const upper = scaled - (scaled - quotient);
  const remainder = high - period * upper - period * (quotient - upper) + low;
  return quotient + remainder / period;
}

/**
 * The means of windows that end at `from` or later. The running sum is held as high + low with the error of each addition
 * kept (TwoSum: Knuth, TAOCP 2, §4.2.2), so that it does not drift.
 */
function compensatedMeans(source: Float64Array, from: number, period: number, out: Float64Array): void {
  const begin = from - period + 1;
  let high = 0;
  let low = 0;
  for (let i = begin; i < source.length; i++) {
    const value = source[i]!;
    let sum = high + value;
    let part = sum - high;
    low += high - (sum - part) + (value - part);
    high = sum;
    if (i >= begin + period) {
      const old = -source[i - period]!;
      sum = high + old;
      part = sum - high;
      low += high - (sum - part) + (old - part);
      high = sum;
    }
    if (i < from) continue;
    // Renormalise, so that `low` stays the rounding error of `high`.
    sum = high + low;
    low -= sum - high;
    high = sum;
    out[i] = divideSum(high, low, period);
  }
}

/** The means of windows that end within the stretch, from bar `from` on: one exact difference and one division each. */
function exactMeans({ to, scale, sums }: Sums, from: number, period: number, out: Float64Array): void {
  const divisor = period * scale;
  for (let i = from; i < to; i++) out[i] = (sums[i + 1]! - sums[i + 1 - period]!) / divisor;
}

/**
 * Simple moving average of a column of candles: the mean of the last `period` values, from bar period − 1 on. Correctly
 * rounded wherever the values are multiples of a decimal tick.
 */
export function sma(source: Float64Array, period: number, out: Float64Array): void {
  out.fill(Number.NaN, 0, period - 1);
  let done = period - 1;
  for (const stretch of sumsOf(source)) {
    exactMeans(stretch, Math.max(done, stretch.from), period, out);
    done = Math.max(done, stretch.to);
  }
  if (done < source.length) compensatedMeans(source, done, period, out);
}

/**
 * The same over any column, from bar first + period − 1 on, in steps that grow with the period. Each window is summed as
 * differences from its last value, so that equal values have exactly themselves for a mean.
 */
export function smooth(source: Float64Array, first: number, period: number, out: Float64Array): void {
  const begin = first + period - 1;
  out.fill(Number.NaN, 0, begin);
  for (let i = begin; i < source.length; i++) {
    const last = source[i]!;
    let sum = 0;
    for (let j = i - period + 1; j < i; j++) sum += source[j]! - last;
    out[i] = last + sum / period;
  }
}

/**
 * A recursive average: the mean of the first `period` values, then (1 − weight) × previous + weight × value, from bar
 * first + period − 1 on; taken on differences from `base`. Four bars at a time: what their own values contribute does
 * not wait for the previous average, which enters each of them once. `out` may be `source`.
 */
function recursive(
  source: Float64Array,
  first: number,
  period: number,
  weight: number,
  base: number,
  out: Float64Array,
): void {
  const { length } = source;
  const begin = first + period - 1;
  // The average of one value is that value; the differences from `base` would round it.
  if (period === 1) out.set(source);
  let value = 0;
  for (let i = first; i <= begin && i < length; i++) value += source[i]! - base;
  out.fill(Number.NaN, 0, begin);
  if (period === 1 || begin >= length) return;
  value /= period;
  out[begin] = base + value;
  const keep = 1 - weight;
  // With it keep + take is 1 exactly.
  const take = 1 - keep;
  const keep2 = keep * keep;
  const keep3 = keep2 * keep;
  const keep4 = keep2 * keep2;
  let i = begin + 1;
  for (; i + 3 < length; i += 4) {
    const one = take * (source[i]! - base);
    const two = take * (source[i + 1]! - base) + keep * one;
    const three = take * (source[i + 2]! - base) + keep * two;
    const four = take * (source[i + 3]! - base) + keep * three;
    out[i] = base + (one + keep * value);
    out[i + 1] = base + (two + keep2 * value);
    out[i + 2] = base + (three + keep3 * value);
    value = four + keep4 * value;
    out[i + 3] = base + value;
  }
  // The last bars in the very same operations, as if more were to come.
  let own = 0;
  for (let kept = keep; i < length; i++) {
    own = take * (source[i]! - base) + keep * own;
    out[i] = base + (own + kept * value);
    kept = kept === keep ? keep2 : keep3;
  }
}

/**
 * Exponential moving average: weight 2 / (period + 1), seeded with the simple average of the first `period` values. Taken
 * on differences from the first value, so that a market that never moved has exactly its price for an average.
 */
export function ema(source: Float64Array, first: number, period: number, out: Float64Array): void {
  recursive(source, first, period, 2 / (period + 1), source[first] ?? 0, out);
}

/**
 * Wilder's smoothing (New Concepts in Technical Trading Systems, 1978): weight 1 / period, seeded likewise. For values
 * that are not negative: each average keeps its own digits, however small it becomes.
 */
export function wilder(source: Float64Array, first: number, period: number, out: Float64Array): void {
  recursive(source, first, period, 1 / period, 0, out);
}
