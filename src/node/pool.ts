import type { Candles } from '../engine/candles.ts';
import type { SearchSpec } from '../engine/search-spec.ts';

/** What the strategies of a batch are scored on. */
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
  /** Takes effect while running: surplus threads end after their task. */
  setThreads(count: number): void;
  /** No new tasks; resolves when the running ones have finished. */
  pause(): Promise<void>;
  resume(): void;
  readonly paused: boolean;
  /** Busy share of each thread over the last seconds, 0 to 1. */
  loads(): number[];
  /** Backtests done since the start. */
  readonly backtests: number;
  /** Ends all threads; batches under way are rejected with `pool_stopped`. */
  stop(): Promise<void>;
}
