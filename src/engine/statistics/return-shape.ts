// What the tests of a Sharpe ratio need to know of a series of returns.

/** Moments of a series of returns, one a bar, flat bars included; fractions (0.01 = 1 %). */
export interface ReturnShape {
  /** Number of returns. */
  count: number;
  mean: number;
  /** Sample standard deviation (divisor count − 1), as in metrics.ts. */
  deviation: number;
  /** Mean / deviation, not annualised; 0 without spread. */
  sharpe: number;
  /** Third central moment / deviation³, both with divisor count; 0 without spread. */
  skewness: number;
  /** Fourth central moment / deviation⁴, both with divisor count: 3 for a normal variable, and without spread. */
  kurtosis: number;
}

/** The shape of `returns`, in two passes. */
export function shapeOf(returns: Float64Array): ReturnShape {
  const count = returns.length;
  const flat = { count, mean: 0, deviation: 0, sharpe: 0, skewness: 0, kurtosis: 3 };
  if (count === 0) return flat;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += returns[i]!;
  const mean = sum / count;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let i = 0; i < count; i++) {
    const off = returns[i]! - mean;
    const square = off * off;
    second += square;
    third += square * off;
    fourth += square * square;
  }
  if (count < 2 || !(fourth > 0)) return { ...flat, mean };
  const variance = second / count;
  const deviation = Math.sqrt(second / (count - 1));
  return {
    count,
    mean,
    deviation,
    sharpe: mean / deviation,
    skewness: third / count / (variance * Math.sqrt(variance)),
    kurtosis: fourth / count / (variance * variance),
  };
}

/** Mean / sample standard deviation of `count` returns by their sum and their sum of squares; 0 without spread. */
export function sharpeOfSums(sum: number, squares: number, count: number): number {
  const mean = sum / count;
  const spread = squares - sum * mean;
  // What rounding leaves of a constant series is no spread.
  return spread > squares * 1e-14 ? mean / Math.sqrt(spread / (count - 1)) : 0;
}
