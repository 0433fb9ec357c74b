// Threads that verify signatures while a whole ledger is checked. Handing them many at a time takes a quarter less processor
// time than asking the pool of Node for each.
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { AreSigned } from '../ledger/verify.ts';
import { type Entry, packSignatures } from '../protocol/entry.ts';

const THREADS_MAX = 8;

export type WithSignatures = <T>(work: (areSigned: AreSigned) => Promise<T>) => Promise<T>;

/** What was being verified stays as it is. `code`: verifying_failed. */
class SignatureThreadError extends Error {
  override readonly name = 'SignatureThreadError';
  readonly code = 'verifying_failed';
  constructor(cause: unknown) {
    super('a thread that verifies signatures has ended; the ledger is as it was, verify it again', { cause });
  }
}

/** `url`: signature-worker. The threads live as long as the work; one core is left to who gives it to them. */
export function signaturesOnThreads(
  url: URL,
  threads: number = Math.max(1, Math.min(THREADS_MAX, availableParallelism() - 1)),
): WithSignatures {
  return async (work) => {
    const ended = new AbortController();
    const workers = Array.from({ length: threads }, () => new Worker(url, { execArgv: [] }));
    for (const worker of workers) {
      worker.on('error', (error) => ended.abort(error));
      worker.on('exit', () => ended.abort());
    }
    try {
      return await work((entries) => verifyOn(workers, entries, ended.signal));
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
  };
}

/** One request at a time. Rejects with SignatureThreadError when a thread has ended. */
async function verifyOn(
  workers: readonly Worker[],
  entries: readonly Entry[],
  signal: AbortSignal,
): Promise<boolean[]> {
  const share = Math.ceil(entries.length / workers.length);
  const parts = await Promise.all(
    workers.map(async (worker, i) => {
      const packed = packSignatures(entries.slice(i * share, (i + 1) * share));
      const answered = once(worker, 'message', { signal }) as Promise<[Uint8Array]>;
      worker.postMessage(packed, [packed.buffer as ArrayBuffer]);
      const [answers] = await answered.catch(() => {
        throw new SignatureThreadError(signal.reason);
      });
      return answers;
    }),
  );
  return parts.flatMap((part) => Array.from(part, (holds) => holds === 1));
}
