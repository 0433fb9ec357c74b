// How far a Sharpe ratio can be believed, given how long it was measured, how its returns are shaped and how many were
// tried. All Sharpe ratios here are those of one period (one bar), not annualised, unless a name says otherwise.
import { exp } from '../math.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import type { ReturnShape } from './return-shape.ts';

/** Euler–Mascheroni constant. */
const EULER_GAMMA = 0.5772156649015329;
const E_INVERSE = exp(-1);

type Measured = Pick<ReturnShape, 'count' | 'sharpe' | 'skewness' | 'kurtosis'>;

/**
 * (count − 1) × the variance of an estimated Sharpe ratio (Mertens 2002): 1 − γ₃ SR + (γ₄ − 1) / 4 SR². Never below 0: since
 * γ₄ ≥ 1 + γ₃², it is at least (1 − γ₃ SR / 2)².
 */
const varianceFactor = ({ sharpe, skewness, kurtosis }: Omit<Measured, 'count'>): number =>
  Math.max(0, 1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe);

/**
 * Probabilistic Sharpe Ratio: the probability that the true Sharpe ratio exceeds `benchmark`, allowing for length, skewness
 * and kurtosis (Bailey & López de Prado 2012, "The Sharpe ratio efficient frontier", eq. 8):
 * Φ((SR − SR*) √(n − 1) / √(1 − γ₃ SR + (γ₄ − 1)/4 SR²)). 0.5 where nothing is known: fewer than two returns.
 */
export function probabilisticSharpe(measured: Measured, benchmark: number): number {
  const { count, sharpe } = measured;
  const distance = sharpe - benchmark;
  if (count < 2 || distance === 0) return 0.5;
  return normalCdf((distance * Math.sqrt(count - 1)) / Math.sqrt(varianceFactor(measured)));
}

/**
 * Minimum Track Record Length: the number of returns from which on PSR(benchmark) is above `confidence`, if the shape stays
 * as it is (Bailey & López de Prado 2012, eq. 11): 1 + (1 − γ₃ SR + (γ₄ − 1)/4 SR²) (Φ⁻¹(confidence) / (SR − SR*))². Not
 * rounded; infinite for a Sharpe ratio that is not above `benchmark`.
 */
export function minTrackRecord(measured: Omit<Measured, 'count'>, benchmark: number, confidence: number): number {
  const distance = measured.sharpe - benchmark;
  if (!(distance > 0)) return Number.POSITIVE_INFINITY;
  const steps = normalQuantile(confidence) / distance;
  return 1 + varianceFactor(measured) * steps * steps;
}

/**
 * Expected largest of `count` independent standard normal variables, in the approximation of Bailey, Borwein, López de Prado &
 * Zhu (2014, "Pseudo-mathematics and financial charlatanism", eq. 5): (1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(N e)). It is meant
 * for N ≫ 1 (too large by 1 % at 100, 3 % at 5); below two it is 0. `count` may be a fraction (an effective number).
 */
export function expectedMaximum(count: number): number {
  if (!(count > 1)) return 0;
  const top = -normalQuantile(1 / count);
  const beyond = -normalQuantile(E_INVERSE / count);
  return (1 - EULER_GAMMA) * top + EULER_GAMMA * beyond;
}

/** All strategies tried: how many, and the sample variance of their Sharpe ratios (in the unit of the Sharpe ratio judged). */
export interface TrialSpread {
  count: number;
  variance: number;
}

/** The Sharpe ratio that the best of so many trials without skill is expected to show: √V × expectedMaximum(N). */
export const luckySharpe = ({ count, variance }: TrialSpread): number => Math.sqrt(variance) * expectedMaximum(count);

/**
 * Deflated Sharpe Ratio: PSR against the Sharpe ratio that the best of all trials would show by luck (Bailey & López de Prado
 * 2014, "The deflated Sharpe ratio", eq. 2): the null is a mean Sharpe ratio of 0 over trials with variance V. `variance` in
 * the unit of one period: that of annualised ratios divided by the periods a year.
 */
export const deflatedSharpe = (measured: Measured, trials: TrialSpread): number =>
  probabilisticSharpe(measured, luckySharpe(trials));

/**
 * Minimum Backtest Length in years: below it, the best of `count` trials without skill is expected to show an annualised Sharpe
 * ratio of `annualSharpe` or more (Bailey, Borwein, López de Prado & Zhu 2014, eq. 6): (expectedMaximum(N) / annualSharpe)².
 */
export function minBacktestYears(count: number, annualSharpe: number): number {
  const ratio = expectedMaximum(count) / annualSharpe;
  return ratio * ratio;
}

/** No job has more trials than this. */
const TRIALS_MAX = 1e15;

/** The inverse of `expectedMaximum`: the largest whole number from 1 to 10¹⁵ whose expected maximum is at most `height` ≥ 0. */
function trialsBelow(height: number): number {
  if (expectedMaximum(TRIALS_MAX) <= height) return TRIALS_MAX;
  let low = 1;
  let high = TRIALS_MAX;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (expectedMaximum(middle) <= height) low = middle;
    else high = middle;
  }
  return low;
}

/** The inverse of `minBacktestYears`: most trials that `years` of history bear, from 1 to 10¹⁵. */
export const maxTrials = (years: number, annualSharpe: number): number => trialsBelow(annualSharpe * Math.sqrt(years));

/** How far above the luckiest trial, in standard errors of that, a Sharpe ratio must lie for `confidence`. */
const margin = (measured: Omit<Measured, 'count'>, confidence: number): number =>
  normalQuantile(confidence) * Math.sqrt(varianceFactor(measured));

/**
 * The number of returns from which on `measured`, if it stays as it is, is above the luck of `count` trials without skill with
 * `confidence`: MinTRL against the Sharpe ratio that MinBTL speaks of. Solves deflatedSharpe(n; N, V = 1 / (n − 1)) = confidence:
 * 1 + ((expectedMaximum(N) + Φ⁻¹(confidence) √(1 − γ₃ SR + (γ₄ − 1)/4 SR²)) / SR)². Infinite unless SR is above 0.
 */
export function minReturnsAboveLuck(measured: Omit<Measured, 'count'>, count: number, confidence: number): number {
  if (!(measured.sharpe > 0)) return Number.POSITIVE_INFINITY;
  const ratio = (expectedMaximum(count) + margin(measured, confidence)) / measured.sharpe;
  return 1 + ratio * ratio;
}

/** The same for trials: most of them that the returns at hand bear, from 1 to 10¹⁵; 0 if not even one. */
export function maxTrialsAboveLuck(measured: Measured, confidence: number): number {
  const height = measured.sharpe * Math.sqrt(measured.count - 1) - margin(measured, confidence);
  return height >= 0 ? trialsBelow(height) : 0;
}
