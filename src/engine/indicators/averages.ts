// Moving averages over one column. A column is NaN before its first defined bar; `first` says which bar that is.

/** 2²⁷ + 1: splits a float64 into two halves of 26 bits (Veltkamp; Dekker, Numer. Math. 18, 1971). */
const SPLITTER = 134_217_729;

/** A column of `length` bars without a defined value. */
export function undefinedColumn(length: number): Float64Array {
  return new Float64Array(length).fill(Number.NaN);
}

/** (high + low) / period, where high + low is an unevaluated sum: the error of the first quotient is divided as well. */
function divideSum(high: number, low: number, period: number): number {
  const quotient = high / period;
  const scaled = SPLITTER * quotient;
  const upper = scaled - (scaled - quotient);
  const remainder = high - period * upper - period * (quotient - upper) + low;
  return quotient + remainder / period;
}

/**
 * Simple moving average: the mean of the last `period` values, from bar first + period − 1 on. The running sum is held
 * as high + low with the error of each addition kept (TwoSum: Knuth, TAOCP 2, §4.2.2), so that it does not drift.
 */
export function sma(source: Float64Array, first: number, period: number): Float64Array {
  const length = source.length;
  const out = undefinedColumn(length);
  let high = 0;
  let low = 0;
  for (let i = first; i < length; i++) {
    const value = source[i]!;
    let sum = high + value;
    let part = sum - high;
    low += high - (sum - part) + (value - part);
    high = sum;
    if (i >= first + period) {
      const old = -source[i - period]!;
      sum = high + old;
      part = sum - high;
      low += high - (sum - part) + (old - part);
      high = sum;
    }
    if (i < first + period - 1) continue;
    // Renormalise, so that `low` stays the rounding error of `high`.
    sum = high + low;
    low -= sum - high;
    high = sum;
    out[i] = divideSum(high, low, period);
  }
  return out;
}

/**
 * A recursive average: the mean of the first `period` values, then previous + weight × (value − previous).
 * Defined from bar first + period − 1 on.
 */
function recursive(source: Float64Array, first: number, period: number, weight: number): Float64Array {
  // The average of one value is that value; the step below would round it.
  if (period === 1) return source.slice().fill(Number.NaN, 0, first);
  const out = undefinedColumn(source.length);
  const seedAt = first + period - 1;
  if (seedAt >= source.length) return out;
  let sum = 0;
  for (let i = first; i <= seedAt; i++) sum += source[i]!;
  let value = sum / period;
  out[seedAt] = value;
  for (let i = seedAt + 1; i < source.length; i++) {
    value += weight * (source[i]! - value);
    out[i] = value;
  }
  return out;
}

/** Exponential moving average: weight 2 / (period + 1), seeded with the simple average of the first `period` values. */
export function ema(source: Float64Array, first: number, period: number): Float64Array {
  return recursive(source, first, period, 2 / (period + 1));
}

/** Wilder's smoothing (New Concepts in Technical Trading Systems, 1978): weight 1 / period, seeded likewise. */
export function wilder(source: Float64Array, first: number, period: number): Float64Array {
  return recursive(source, first, period, 1 / period);
}
