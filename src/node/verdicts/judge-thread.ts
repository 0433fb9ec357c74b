// Has a thread of its own judge a job.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { JobReport } from '../../engine/statistics/judge-job.ts';
import type { Pool } from '../pool.ts';
import type { JudgeTask } from './judge.ts';
import type { Pace, SharedPace } from './pace.ts';

export interface JudgeRequest {
  task: JudgeTask;
  lowestPriority: boolean;
  pace: SharedPace;
}

export type JudgeReply = { report: JobReport } | { error: string };

export type Judge = (task: JudgeTask, signal: AbortSignal) => Promise<JobReport>;

/** The job could not be judged; the same would happen again. `code`: judging_failed. */
class JudgingError extends Error {
  override readonly name = 'JudgingError';
  readonly code = 'judging_failed';
}

export interface JudgeThreadOptions {
  url: URL;
  lowestPriority: boolean;
  pace: Pace;
  /** Works with a thread less meanwhile. */
  pool: Pick<Pool, 'lendThread'>;
}

/**
 * Waits until its owner allows it. Candles are shared with the thread, not copied. The promise rejects with JudgingError, or as
 * `signal` says.
 */
export function judgeOnThread({ url, lowestPriority, pace, pool }: JudgeThreadOptions): Judge {
  return async (task, signal) => {
    signal.throwIfAborted();
    await pace.untilAllowed(signal);
    const giveBack = pool.lendThread();
    const request: JudgeRequest = { task, lowestPriority, pace: pace.shared };
    const worker = new Worker(url, { workerData: request, execArgv: [] });
    const ended = once(worker, 'exit', { signal }).then(([code]) => {
      throw new JudgingError(`the thread ended with code ${code} and without an answer`);
    });
    try {
      const [reply] = (await Promise.race([once(worker, 'message', { signal }), ended])) as [JudgeReply];
      if ('error' in reply) throw new JudgingError(reply.error);
      return reply.report;
    } finally {
      ended.catch(() => undefined);
      await worker.terminate();
      giveBack();
    }
  };
}
