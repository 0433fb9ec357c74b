// Scores batches of strategies on worker threads: plans what a batch needs, has threads fill the shared memory and run the
// strategies in it, reads the results. What comes back depends on the batch alone.
import type { Candles } from '../engine/candles.ts';
import { canonicalJson } from '../engine/canonical-json.ts';
import { inSampleSpans } from '../engine/fast/evaluator.ts';
import { createMarket } from '../engine/fast/market.ts';
import { Planner } from '../engine/fast/plan.ts';
import { ResultReader } from '../engine/fast/results.ts';
import { type Evaluation, Judge } from '../engine/fitness.ts';
import type { SearchSpec } from '../engine/search-spec.ts';
import type { Strategy } from '../engine/strategy.ts';
import { canonicalStrategy } from '../engine/strategy-hash.ts';
import {
  NUMBERS_PER_EVALUATION,
  type PlainScores,
  type ThreadContext,
  type ThreadReply,
  type ThreadTask,
} from './pool-protocol.ts';
import { abortError, type PoolOptions, ThreadPool } from './thread-pool.ts';

/** What the strategies of a batch are scored on. The memory of the last few contexts is kept. */
export interface ScoringContext {
  candles: Candles;
  spec: SearchSpec;
}

export interface Pool {
  /** Threads wanted now. */
  readonly threads: number;
  /** Takes effect while running: surplus threads end after their task. */
  setThreads(count: number): void;
  /** The pool makes do with a thread less, with none if it has one, until what this returns is called. */
  lendThread(): () => void;
  /** Part of the time that a thread works, 0 < share ≤ 1. Takes effect while running. */
  setShare(share: number): void;
  /** No new tasks; resolves when the running ones have finished. */
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

/** Most strategies, columns and rules of one task: a pause waits for no more than these. */
const RUN_TASK_MAX = 256;
const PLAIN_TASK_MAX = 16;
const COLUMN_TASK_MAX = 4;
const RULE_TASK_MAX = 64;
/** Tasks for each thread, so that none waits long for the last one. */
const TASKS_PER_THREAD = 3;

/** One context's memory and what is planned in it. A batch at a time. */
class Scorer {
  readonly #pool: ThreadPool;
  readonly #thread: ThreadContext;
  readonly #planner: Planner;
  readonly #results: ResultReader;
  readonly #judge: Judge;
  readonly #count: (strategies: number) => void;

  constructor(pool: ThreadPool, { candles, spec }: ScoringContext, count: (strategies: number) => void) {
    const market = createMarket(candles, inSampleSpans(candles.length, spec));
    const { length, barMs, time, open, high, low, close, volume } = candles;
    this.#pool = pool;
    this.#thread = { market, columns: { length, barMs, time, open, high, low, close, volume }, spec };
    this.#planner = new Planner(market);
    this.#results = new ResultReader(market);
    this.#judge = new Judge(spec, candles.barMs);
    this.#count = count;
  }

  async score(strategies: readonly Strategy[], signal: AbortSignal | undefined): Promise<Evaluation[]> {
    const evaluations: Evaluation[] = new Array(strategies.length);
    const places: number[] = [];
    const others: number[] = [];
    for (const [place, strategy] of strategies.entries()) {
      if (this.#planner.covers(strategy, this.#thread.spec.costs)) places.push(place);
      else others.push(place);
    }
    await this.#scoreFast(strategies, places, evaluations, signal);
    await this.#scorePlainly(strategies, others, evaluations, signal);
    return evaluations;
  }

  async #scoreFast(
    strategies: readonly Strategy[],
    places: readonly number[],
    evaluations: Evaluation[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const covered = places.map((place) => strategies[place]!);
    for (let from = 0; from < covered.length; ) {
      const { pyramids, rounds, count } = this.#planner.planBatch(covered, from);
      let first: ThreadTask[] = pyramids.map((index) => ({ kind: 'pyramid', index }));
      for (const { columns, rules } of rounds) {
        const fills = this.#split(columns, COLUMN_TASK_MAX).map((tasks): ThreadTask => ({ kind: 'columns', tasks }));
        await this.#run([...first, ...fills], signal);
        first = [];
        await this.#run(
          this.#split(rules, RULE_TASK_MAX).map((tasks) => ({ kind: 'rules', tasks })),
          signal,
        );
      }
      await this.#run(first, signal);
      const size = this.#sizeFor(count, RUN_TASK_MAX);
      const runs: ThreadTask[] = [];
      for (let at = 0; at < count; at += size) {
        runs.push({ kind: 'run', from: at, count: Math.min(size, count - at) });
      }
      await this.#run(runs, signal);
      for (let i = 0; i < count; i++) evaluations[places[from + i]!] = this.#results.evaluation(i, this.#judge);
      from += count;
    }
  }

  async #scorePlainly(
    strategies: readonly Strategy[],
    places: readonly number[],
    evaluations: Evaluation[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const texts = places.map((place) => canonicalStrategy(strategies[place]!));
    const tasks = this.#split(texts, PLAIN_TASK_MAX).map((some): ThreadTask => ({ kind: 'plain', strategies: some }));
    const replies = await this.#run(tasks, signal);
    const all = replies.flatMap(({ scores }) => readScores(scores!));
    places.forEach((place, i) => {
      evaluations[place] = all[i]!;
    });
  }

  #run(tasks: readonly ThreadTask[], signal: AbortSignal | undefined): Promise<ThreadReply[]> {
    return this.#pool.run(this.#thread, tasks, signal, (task) => {
      if (task.kind === 'run') this.#count(task.count);
      else if (task.kind === 'plain') this.#count(task.strategies.length);
    });
  }

  #sizeFor(items: number, max: number): number {
    const { threads } = this.#pool;
    const tasks = threads === 1 ? 1 : threads * TASKS_PER_THREAD;
    return Math.max(1, Math.min(max, Math.ceil(items / tasks)));
  }

  #split<T>(items: readonly T[], max: number): T[][] {
    const size = this.#sizeFor(items.length, max);
    const parts: T[][] = [];
    for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
    return parts;
  }
}

function readScores({ numbers, behaviours }: PlainScores): Evaluation[] {
  return behaviours.map((behaviour, i) => {
    const at = i * NUMBERS_PER_EVALUATION;
    return {
      fitness: numbers[at]!,
      sharpe: numbers[at + 1]!,
      return: numbers[at + 2]!,
      trades: numbers[at + 3]!,
      behaviour,
    };
  });
}

/** A context's memory, made when it is needed, and its last batch. */
interface Kept {
  candles: Candles;
  spec: string;
  scorer: Scorer | undefined;
  last: Promise<unknown>;
}

/** Contexts whose memory is kept: the units of a job share one. */
const CONTEXTS_MAX = 2;

class ScoringPool implements Pool {
  readonly #threads: ThreadPool;
  /** Used last comes last. */
  #kept: Kept[] = [];
  #backtests = 0;

  constructor(options: PoolOptions) {
    this.#threads = new ThreadPool(options);
  }

  get threads(): number {
    return this.#threads.threads;
  }

  get paused(): boolean {
    return this.#threads.paused;
  }

  get backtests(): number {
    return this.#backtests;
  }

  setThreads(count: number): void {
    this.#threads.setThreads(count);
  }

  lendThread(): () => void {
    return this.#threads.lend();
  }

  setShare(share: number): void {
    this.#threads.setShare(share);
  }

  pause(): Promise<void> {
    return this.#threads.pause();
  }

  resume(): void {
    this.#threads.resume();
  }

  loads(): number[] {
    return this.#threads.loads();
  }

  stop(): Promise<void> {
    return this.#threads.stop();
  }

  async evaluate(
    context: ScoringContext,
    strategies: readonly Strategy[],
    signal?: AbortSignal,
  ): Promise<Evaluation[]> {
    if (signal?.aborted === true) throw abortError();
    const kept = this.#keep(context);
    const batch = kept.last.then(() => {
      kept.scorer ??= new Scorer(this.#threads, context, (count) => {
        this.#backtests += count;
      });
      return kept.scorer.score(strategies, signal);
    });
    // What a batch that failed left half done is not used again.
    kept.last = batch.catch(() => {
      kept.scorer = undefined;
    });
    return batch;
  }

  #keep({ candles, spec }: ScoringContext): Kept {
    const name = canonicalJson(spec);
    const found = this.#kept.find((each) => each.candles === candles && each.spec === name);
    const kept = found ?? { candles, spec: name, scorer: undefined, last: Promise.resolve() };
    this.#kept = [...this.#kept.filter((each) => each !== found), kept].slice(-CONTEXTS_MAX);
    return kept;
  }
}

/** Starts a pool; threads are started when there is work. Throws PoolError (`bad_threads`). */
export function startPool(options: PoolOptions = {}): Pool {
  return new ScoringPool(options);
}
