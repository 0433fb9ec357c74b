import type { Trials } from '../outcome.ts';

/** Count, mean and sum of squared differences of the Sharpe ratios of all scored strategies. */
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

/** The published form. */
export function summariseTrials({ count, mean, m2 }: TrialSums): Trials {
  return {
    count,
    meanSharpe: count === 0 ? null : mean,
    varianceSharpe: count < 2 ? null : m2 / (count - 1),
  };
}
