// Scores batches of strategies on worker threads. What comes back depends on the batch alone: chunks are put back in
// their places, whichever thread did them and whenever. A thread that dies is replaced and its chunk done again.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Candles } from '../engine/candles.ts';
import type { Evaluation } from '../engine/fitness.ts';
import type { SearchSpec } from '../engine/search-spec.ts';
import type { Strategy } from '../engine/strategy.ts';
import { canonicalStrategy } from '../engine/strategy-hash.ts';
import { NUMBERS_PER_EVALUATION, type ScoreReply, type ScoreRequest } from './pool-protocol.ts';

/** What the strategies of a batch are scored on. Reuse the object: threads keep its columns while it stays the same. */
export interface ScoringContext {
  candles: Candles;
  spec: SearchSpec;
}

export interface PoolOptions {
  /** Worker threads; default: one per core. */
  threads?: number;
  /** Compiled worker; default: `pool-worker.js` beside this file. */
  workerUrl?: URL;
}

export interface Pool {
  /** Threads wanted now. */
  readonly threads: number;
  /** Takes effect while running: surplus threads end after their chunk. */
  setThreads(count: number): void;
  /** No new chunks; resolves when the running ones have finished. */
  pause(): Promise<void>;
  resume(): void;
  readonly paused: boolean;
  /** Busy share of each thread over the last seconds, 0 to 1. */
  loads(): number[];
  /** Backtests done since the start. */
  readonly backtests: number;
  /**
   * Evaluations in the order of `strategies`. Rejects with PoolError (`worker_failed`, `evaluation_failed`,
   * `pool_stopped`) or with an AbortError.
   */
  evaluate(context: ScoringContext, strategies: readonly Strategy[], signal?: AbortSignal): Promise<Evaluation[]>;
  /** Ends all threads; batches under way are rejected with `pool_stopped`. */
  stop(): Promise<void>;
}

class PoolError extends Error {
  override readonly name = 'PoolError';
  readonly code: 'worker_failed' | 'evaluation_failed' | 'pool_stopped' | 'bad_threads';
  constructor(code: PoolError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const THREADS_MAX = 256;
const CHUNK_MAX = 16;
/** Times that a chunk is tried before its batch fails. */
const ATTEMPTS_MAX = 3;
const LOAD_WINDOW_MS = 5_000;

interface Batch {
  context: ScoringContext;
  results: Evaluation[];
  missing: number;
  settled: boolean;
  resolve(results: Evaluation[]): void;
  reject(error: Error): void;
}

interface Chunk {
  batch: Batch;
  /** Place of the chunk's first strategy in its batch. */
  start: number;
  texts: string[];
  attempts: number;
}

interface Slot {
  worker: Worker;
  chunk: Chunk | undefined;
  /** Set when the thread no longer counts: it is ending or has ended. */
  gone: boolean;
  requestId: number;
  context: ScoringContext | undefined;
  busySince: number;
  /** Ended busy spans within the load window: [from, to] in ms. */
  spans: [number, number][];
}

class WorkerPool implements Pool {
  readonly #workerUrl: URL;
  #threads = 1;
  #paused = false;
  #stopped = false;
  #backtests = 0;
  #slots: Slot[] = [];
  #queue: Chunk[] = [];
  readonly #batches = new Set<Batch>();
  #idleWaiters: (() => void)[] = [];

  constructor(options: PoolOptions) {
    this.#workerUrl = options.workerUrl ?? new URL('./pool-worker.js', import.meta.url);
    this.setThreads(options.threads ?? availableParallelism());
  }

  get threads(): number {
    return this.#threads;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get backtests(): number {
    return this.#backtests;
  }

  setThreads(count: number): void {
    if (!Number.isInteger(count) || count < 1 || count > THREADS_MAX) {
      throw new PoolError('bad_threads', `threads must be a whole number from 1 to ${THREADS_MAX}, not ${count}`);
    }
    this.#threads = count;
    this.#trim();
    this.#dispatch();
  }

  async pause(): Promise<void> {
    this.#paused = true;
    if (this.#slots.every((slot) => slot.chunk === undefined)) return;
    await new Promise<void>((resolve) => {
      this.#idleWaiters.push(resolve);
    });
  }

  resume(): void {
    this.#paused = false;
    this.#dispatch();
  }

  loads(): number[] {
    const now = performance.now();
    const from = now - LOAD_WINDOW_MS;
    return this.#slots.map((slot) => {
      let busy = slot.chunk === undefined ? 0 : now - Math.max(from, slot.busySince);
      for (const [start, end] of slot.spans) busy += Math.max(0, end - Math.max(from, start));
      return Math.min(1, busy / LOAD_WINDOW_MS);
    });
  }

  evaluate(context: ScoringContext, strategies: readonly Strategy[], signal?: AbortSignal): Promise<Evaluation[]> {
    if (this.#stopped) return Promise.reject(new PoolError('pool_stopped', 'the pool has stopped'));
    if (signal?.aborted === true) return Promise.reject(abortError());
    if (strategies.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const onAbort = () => this.#settle(batch, () => reject(abortError()));
      const batch: Batch = {
        context,
        results: [],
        missing: strategies.length,
        settled: false,
        resolve: (results) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(results);
        },
        reject: (error) => {
          signal?.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#batches.add(batch);
      this.#enqueue(batch, strategies);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const error = new PoolError('pool_stopped', 'the pool has stopped');
    for (const batch of [...this.#batches]) this.#settle(batch, () => batch.reject(error));
    const slots = this.#slots.splice(0);
    for (const slot of slots) slot.gone = true;
    await Promise.all(slots.map((slot) => slot.worker.terminate()));
    this.#wakeIdleWaiters();
  }

  #enqueue(batch: Batch, strategies: readonly Strategy[]): void {
    const size = Math.max(1, Math.min(CHUNK_MAX, Math.ceil(strategies.length / (this.#threads * 4))));
    for (let start = 0; start < strategies.length; start += size) {
      const texts = strategies.slice(start, start + size).map(canonicalStrategy);
      this.#queue.push({ batch, start, texts, attempts: 0 });
    }
    this.#dispatch();
  }

  /** Ends a batch once; whatever its chunks still bring is ignored. */
  #settle(batch: Batch, finish: () => void): void {
    if (batch.settled) return;
    batch.settled = true;
    this.#batches.delete(batch);
    this.#queue = this.#queue.filter((chunk) => chunk.batch !== batch);
    finish();
  }

  #dispatch(): void {
    while (!this.#paused && !this.#stopped && this.#queue.length > 0) {
      const slot = this.#slots.find(({ chunk }) => chunk === undefined) ?? this.#startSlot();
      if (slot === undefined) return;
      this.#assign(slot, this.#queue.shift()!);
    }
  }

  #assign(slot: Slot, chunk: Chunk): void {
    slot.chunk = chunk;
    slot.requestId++;
    slot.busySince = performance.now();
    const request: ScoreRequest = { id: slot.requestId, strategies: chunk.texts };
    if (slot.context !== chunk.batch.context) {
      const { candles, spec } = chunk.batch.context;
      const { length, barMs, time, open, high, low, close, volume } = candles;
      request.context = { columns: { length, barMs, time, open, high, low, close, volume }, spec };
      slot.context = chunk.batch.context;
    }
    slot.worker.postMessage(request);
  }

  /** A new thread, or undefined when there are as many as wanted. */
  #startSlot(): Slot | undefined {
    if (this.#slots.length >= this.#threads) return undefined;
    // None of the parent's flags: a thread needs neither its debugger nor its loaders.
    const worker = new Worker(this.#workerUrl, { execArgv: [] });
    const slot: Slot = {
      worker,
      chunk: undefined,
      gone: false,
      requestId: 0,
      context: undefined,
      busySince: 0,
      spans: [],
    };
    worker.on('message', (reply: ScoreReply) => this.#receive(slot, reply));
    worker.on('error', (error) => this.#lose(slot, error));
    worker.on('exit', () => this.#lose(slot, undefined));
    this.#slots.push(slot);
    return slot;
  }

  #release(slot: Slot): Chunk | undefined {
    const { chunk } = slot;
    const now = performance.now();
    slot.chunk = undefined;
    slot.spans = slot.spans.filter(([, end]) => end > now - LOAD_WINDOW_MS);
    if (chunk !== undefined) slot.spans.push([slot.busySince, now]);
    return chunk;
  }

  #receive(slot: Slot, reply: ScoreReply): void {
    if (slot.gone || reply.id !== slot.requestId) return;
    const chunk = this.#release(slot);
    if (chunk !== undefined) this.#finish(slot, chunk, reply);
    this.#trim();
    this.#dispatch();
    this.#wakeIdleWaiters();
  }

  #finish(slot: Slot, { batch, start }: Chunk, reply: ScoreReply): void {
    if (reply.error !== undefined) {
      slot.context = undefined;
      const error = new PoolError('evaluation_failed', `a strategy could not be evaluated: ${reply.error}`);
      this.#settle(batch, () => batch.reject(error));
      return;
    }
    reply.behaviours.forEach((behaviour, i) => {
      const at = i * NUMBERS_PER_EVALUATION;
      batch.results[start + i] = {
        fitness: reply.numbers[at]!,
        sharpe: reply.numbers[at + 1]!,
        return: reply.numbers[at + 2]!,
        trades: reply.numbers[at + 3]!,
        behaviour,
      };
    });
    this.#backtests += reply.behaviours.length;
    batch.missing -= reply.behaviours.length;
    if (batch.missing === 0) this.#settle(batch, () => batch.resolve(batch.results));
  }

  /** A thread died: its chunk is tried again on another one. */
  #lose(slot: Slot, cause: unknown): void {
    if (slot.gone) return;
    slot.gone = true;
    this.#slots = this.#slots.filter((other) => other !== slot);
    const chunk = this.#release(slot);
    if (chunk !== undefined && !chunk.batch.settled) {
      chunk.attempts++;
      if (chunk.attempts < ATTEMPTS_MAX) this.#queue.unshift(chunk);
      else {
        const error = new PoolError('worker_failed', `a worker thread died ${ATTEMPTS_MAX} times on the same task`, {
          cause,
        });
        this.#settle(chunk.batch, () => chunk.batch.reject(error));
      }
    }
    this.#dispatch();
    this.#wakeIdleWaiters();
  }

  /** Ends idle threads beyond the wanted number. */
  #trim(): void {
    for (let i = this.#slots.length - 1; i >= 0 && this.#slots.length > this.#threads; i--) {
      const slot = this.#slots[i]!;
      if (slot.chunk !== undefined) continue;
      slot.gone = true;
      this.#slots.splice(i, 1);
      void slot.worker.terminate();
    }
  }

  #wakeIdleWaiters(): void {
    if (this.#slots.some((slot) => slot.chunk !== undefined)) return;
    for (const wake of this.#idleWaiters.splice(0)) wake();
  }
}

/** The error of an aborted batch or search: named `AbortError`, code `aborted`. */
export function abortError(): Error {
  return Object.assign(new Error('mining was interrupted'), { name: 'AbortError', code: 'aborted' });
}

/** Starts a pool; threads are started when there is work. Throws PoolError (`bad_threads`). */
export function startPool(options: PoolOptions = {}): Pool {
  return new WorkerPool(options);
}
