// Jobs whose units failed on this machine: left alone for a while, longer each time, so that one that cannot be done
// here neither keeps the machine busy with failing nor keeps it from all the others.
import type { Hex } from '../protocol/bytes.ts';

/** Pauses after the 1st, 2nd … failure of a job, ms; the last one repeats. */
export const RETRY_LADDER_MS = [10_000, 30_000, 60_000, 300_000] as const;

interface Failure {
  count: number;
  until: number;
  message: string;
}

export class FailedJobs {
  readonly #now: () => number;
  readonly #jobs = new Map<Hex, Failure>();

  /** `now`: monotonic, ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#jobs.size;
  }

  add(job: Hex, message: string): void {
    const count = (this.#jobs.get(job)?.count ?? 0) + 1;
    const pause = RETRY_LADDER_MS[Math.min(count, RETRY_LADDER_MS.length) - 1]!;
    this.#jobs.set(job, { count, until: this.#now() + pause, message });
  }

  /** Why the job is left alone at the moment, in one sentence; undefined when it may be tried (again). */
  why(job: Hex): string | undefined {
    const failure = this.#jobs.get(job);
    return failure === undefined || failure.until <= this.#now() ? undefined : failure.message;
  }

  /** Forgets all jobs that are not to be kept. */
  keep(isKept: (job: Hex) => boolean): void {
    for (const job of this.#jobs.keys()) if (!isKept(job)) this.#jobs.delete(job);
  }
}
