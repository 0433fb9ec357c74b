// Has a thread of its own judge a job.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { JobReport } from '../../engine/statistics/judge-job.ts';
import type { JudgeTask } from './judge.ts';

export interface JudgeRequest {
  task: JudgeTask;
  lowestPriority: boolean;
}

export type JudgeReply = { report: JobReport } | { error: string };

export type Judge = (task: JudgeTask, signal: AbortSignal) => Promise<JobReport>;

/** The job could not be judged; the same would happen again. `code`: judging_failed. */
class JudgingError extends Error {
  override readonly name = 'JudgingError';
  readonly code = 'judging_failed';
}

/** Candles are shared with the thread, not copied. The promise rejects with JudgingError, or as `signal` says. */
export function judgeOnThread(url: URL, lowestPriority: boolean): Judge {
  return async (task, signal) => {
    signal.throwIfAborted();
    const request: JudgeRequest = { task, lowestPriority };
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
    }
  };
}
