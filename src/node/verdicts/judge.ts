// Judging a job on one thread: the engine's verdict, with the engine scoring neighbours.
import type { Candles } from '../../engine/candles.ts';
import { Evaluator } from '../../engine/fast/evaluator.ts';
import type { JobToJudge } from '../../engine/statistics/judge-job.ts';
import { type JobReport, judgeJob } from '../../engine/statistics/judge-job.ts';
import { fitnessOf, type Permutations, permutedFor } from '../../engine/statistics/permutation.ts';
import type { Thresholds } from '../../engine/statistics/thresholds.ts';
import type { Strategy } from '../../engine/strategy.ts';

export interface JudgeTask extends Omit<JobToJudge, 'permutations'> {
  candles: Candles;
  thresholds: Thresholds;
  permuted?: PermutedSearches;
}

/** Searches of a job and its re-runs by their first champions; undefined for a search that ended without one. */
export interface PermutedSearches {
  seed: string;
  base: Strategy | undefined;
  /** `index`: of the permutation. */
  runs: readonly { index: number; champion: Strategy | undefined }[];
  pending: number;
}

/** No answer says what its search ended with: it is made again, on candles that are permuted again. */
function scoresOf(
  { candles, spec }: JudgeTask,
  { seed, base, runs, pending }: PermutedSearches,
  rest: () => void,
): Permutations {
  const scores = runs.map(({ index, champion }) => {
    rest();
    return champion === undefined ? null : fitnessOf(permutedFor(candles, spec, seed, index), spec, champion);
  });
  return { best: fitnessOf(candles, spec, base), scores, pending };
}

/** `rest` is called between steps. Throws InvalidInput as `judgeJob` does. */
export function judge(task: JudgeTask, rest: () => void = () => undefined): Promise<JobReport> {
  const { thresholds, permuted, ...alone } = task;
  const job = permuted === undefined ? alone : { ...alone, permutations: scoresOf(task, permuted, rest) };
  const evaluator = new Evaluator(job.candles, job.spec);
  return judgeJob(job, thresholds, async (strategies) => {
    rest();
    return evaluator.evaluate(strategies);
  });
}
