import type { Trials } from '../outcome.ts';

/** Count, mean and sum of squared differences of the Sharpe ratios of all scored strategies; mergeable. */
export interface TrialSums {
  count: number;
  mean: number;
  m2: number;
}

export const NO_TRIALS: TrialSums = { count: 0, mean: 0, m2: 0 };

/** The sums with one more trial (Welford 1962). */
export function addTrial({ count, mean, m2 }: TrialSums, sharpe: number): TrialSums {
  const delta = sharpe - mean;
  const newMean = mean + delta / (count + 1);
  return { count: count + 1, mean: newMean, m2: m2 + delta * (sharpe - newMean) };
}

/** Both sets of trials together (Chan, Golub & LeVeque 1979). */
export function mergeTrials(a: Trials, b: Trials): Trials {
  const count = a.count + b.count;
  if (a.meanSharpe === null || b.meanSharpe === null) return a.count === 0 ? b : a;
  const delta = b.meanSharpe - a.meanSharpe;
  const squares = ({ count: n, varianceSharpe }: Trials) => (varianceSharpe ?? 0) * (n - 1);
  const m2 = squares(a) + squares(b) + (delta * delta * a.count * b.count) / count;
  return summariseTrials({ count, mean: a.meanSharpe + (delta * b.count) / count, m2 });
}

/** The published form. */
export function summariseTrials({ count, mean, m2 }: TrialSums): Trials {
  return {
    count,
    meanSharpe: count === 0 ? null : mean,
    varianceSharpe: count < 2 ? null : m2 / (count - 1),
  };
}
