// How the search measures the ups and downs of a run, in work that grows with fills and not with bars.
//
// The return of a bar with a fill is its equity over that of the bar before, less 1. Between two such bars the position
// is constant and equity follows the close: there, every bar's change is measured against the equity at the close of
// the fill bar before. So a quiet run of bars gives units × (close − close) over that equity, whose sum telescopes and
// whose squares are units² / equity² × a difference of prefix sums. Bars without a position have the return 0.
// The reported figures (metrics.ts) measure every bar against the bar before; docs/decisions/0009 says how close both are.
import type { RunRecord } from './book.ts';

/** Sums over the bars − 1 returns of one or more runs. */
export interface ScoreSums {
  count: number;
  sum: number;
  squares: number;
}

/** Element i: sum of (close[j] − close[j−1])² for j from 1 to i. */
export function prefixSquares(close: Float64Array): Float64Array {
  const prefix = new Float64Array(close.length);
  for (let i = 1; i < close.length; i++) {
    const change = close[i]! - close[i - 1]!;
    prefix[i] = prefix[i - 1]! + change * change;
  }
  return prefix;
}

/** Return of the step from `before` to `after`; 0 once the equity before is used up. */
const stepOf = (before: number, after: number): number => (before > 0 ? after / before - 1 : 0);

/** The sums of a run over bars from `from` on; `squares` is `prefixSquares` of the closes that it ran on. */
export function scoreSums(record: RunRecord, from: number, squares: Float64Array): ScoreSums {
  const { equity, fillBars, heldUnits, bars } = record;
  const sums: ScoreSums = { count: bars - 1, sum: 0, squares: 0 };
  for (let k = 0; k < fillBars.length; k++) {
    const bar = fillBars[k]!;
    const last = (k + 1 < fillBars.length ? fillBars[k + 1]! : from + bars) - 1;
    const base = equity[bar - from]!;
    const step = stepOf(equity[bar - 1 - from]!, base);
    sums.sum += step;
    sums.squares += step * step;
    const units = heldUnits[k]!;
    if (units === 0 || last === bar || !(base > 0)) continue;
    sums.sum += (equity[last - from]! - base) / base;
    const weight = units / base;
    sums.squares += weight * weight * (squares[last]! - squares[bar]!);
  }
  return sums;
}

/**
 * Annualised Sharpe ratio (Sharpe 1994) of the returns in `sums`: mean / sample standard deviation × √periods a year; 0
 * without spread.
 */
export function scoreSharpe({ count, sum, squares }: ScoreSums, periodsPerYear: number): number {
  if (count < 2) return 0;
  const mean = sum / count;
  const spread = squares - count * mean * mean;
  return spread > 0 ? (mean / Math.sqrt(spread / (count - 1))) * Math.sqrt(periodsPerYear) : 0;
}
