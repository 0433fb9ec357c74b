// What a job of the invented mesh found, judged: nothing significant, in the words of the engine.
import type { JobReport, StrategyReport } from '../../src/engine/statistics/judge-job.ts';
import { DEFAULT_THRESHOLDS } from '../../src/engine/statistics/thresholds.ts';
import { gatesOf } from '../../src/engine/statistics/verdict.ts';
import { judgementOf } from '../../src/node/verdicts/words.ts';
import type { JobView } from '../../src/ui/api.ts';
import type { VerdictView } from '../../src/ui/api-verdict.ts';
import { resultOf, START } from './fixture-data.ts';

function strategyOf(n: number, verdict: StrategyReport['verdict']): StrategyReport {
  const figures = {
    ...{ unseenTrades: 30 + n, unseenReturn: n === 0 ? 0.012 : -0.04, unseenP: 0.21 + n / 10, superiorAbility: 0.096 },
    ...{
      luck: 0.34,
      neighboursProfitable: 0.6,
      lossProbability: 0.16,
      permutation: null,
      noiseProfitable: undefined,
    },
  };
  return {
    // Those of the same job.
    hash: resultOf(3 * n).id,
    strategy: {} as StrategyReport['strategy'],
    verdict,
    gates: gatesOf(figures, DEFAULT_THRESHOLDS),
    ...{ group: n, inSampleSharpe: 2.1, unseenSharpe: 0.8 - n, unseenReturn: 0.0312 - n / 10, unseenTrades: 30 + n },
    ...{ probabilisticSharpe: 0.79, deflatedSharpe: 0.41, deflatedSharpeSearched: 0.2, minTrackYears: 4.2 },
    walkForward: { efficiency: 0.4, t: 1.1 },
    stress: { once: 0.0312 - n / 10, twice: -0.01, thrice: -0.05, late: 0.01 },
    neighbourhood: { neighbours: 20, medianSharpe: 0.2, profitable: 0.6 },
    drawdown: { shuffles: 1000, median: 0.1, oneIn20: 0.2, oneIn100: 0.3 },
    others: [],
  };
}

const REPORT: JobReport = {
  verdict: 'promising',
  thresholds: DEFAULT_THRESHOLDS,
  trials: { count: 3_020_000, meanSharpe: -0.4, varianceSharpe: 2 },
  searched: { count: 9_600_000, meanSharpe: -0.5, varianceSharpe: 2 },
  strategies: [strategyOf(0, 'promising'), strategyOf(1, 'not_significant')],
  groups: 2,
  superiorAbility: { resamples: 1000, blockLength: 24, realityCheck: 0.2, lower: 0.08, consistent: 0.096, upper: 0.11 },
  overfitting: { splits: 12_870, pbo: 0.4, lossProbability: 0.16, slope: -0.2 },
  crossValidation: {
    ...{ groups: 16, tested: 2, splits: 120, paths: 15, purge: 26, embargo: 240 },
    ...{ medianSharpe: -0.31, belowZero: 0.6 },
  },
  permutation: null,
  permutations: { done: 7, pending: 12, reached: 1 },
  othersMissing: [],
  inSampleYears: 1.6,
  unseenYears: 0.4,
  luckySharpe: 4.31,
  needs: { minBacktestYears: 6.2, maxTrials: 40, years: 7.5, trials: 12 },
};

export function verdictOf({ id, units, counts }: JobView): VerdictView {
  const judged = counts.validated > 0;
  return {
    job: id,
    state: judged ? 'judged' : 'waiting',
    why: judged ? null : 'No unit of this job is validated yet.',
    basis: {
      ...{ units, validated: counts.validated, failed: counts.failed },
      ...{ trials: judged ? 3_020_000 : 0, searched: 9_600_000, jobs: 3, openings: judged ? 311 : 160 },
      permutations: judged ? { done: 7, pending: 12 } : null,
    },
    judgedAt: judged ? new Date(START - 600_000).toISOString() : null,
    judgement: judged ? judgementOf(REPORT) : null,
  };
}
