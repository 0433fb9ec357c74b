// Judging a job on one thread: the engine's verdict, with the engine scoring neighbours.
import type { Candles } from '../../engine/candles.ts';
import { Evaluator } from '../../engine/fast/evaluator.ts';
import type { JobToJudge } from '../../engine/statistics/judge-job.ts';
import { type JobReport, judgeJob } from '../../engine/statistics/judge-job.ts';
import type { Thresholds } from '../../engine/statistics/thresholds.ts';

export interface JudgeTask extends Omit<JobToJudge, 'others' | 'permutation'> {
  candles: Candles;
  thresholds: Thresholds;
}

/** Throws InvalidInput as `judgeJob` does. */
export function judge({ thresholds, ...job }: JudgeTask): Promise<JobReport> {
  const evaluator = new Evaluator(job.candles, job.spec);
  return judgeJob(job, thresholds, async (strategies) => evaluator.evaluate(strategies));
}
