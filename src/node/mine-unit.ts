// Mines one unit: proposes, has the pool score, saves, until the last generation, then concludes. Killing it at any
// moment loses at most the current generation and changes no bit of the outcome.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Candles } from '../engine/candles.ts';
import { InvalidInput } from '../engine/errors.ts';
import type { Evaluation } from '../engine/fitness.ts';
import type { UnitOutcome } from '../engine/outcome.ts';
import { concludeUnit } from '../engine/search/conclude.ts';
import { advance, proposeGeneration, type SearchState, startState } from '../engine/search/evolve.ts';
import { decodeSearchState, encodeSearchState } from '../engine/search/state-codec.ts';
import type { Strategy } from '../engine/strategy.ts';
import { canonicalStrategy } from '../engine/strategy-hash.ts';
import { divideTime } from '../engine/time-line.ts';
import type { UnitTask } from '../engine/unit-task.ts';
import type { Pool, ScoringContext } from './pool.ts';
import { abortError } from './thread-pool.ts';

/** Where the state of one unit is kept between runs. */
export interface Checkpoint {
  /** Undefined when there is none. Throws InvalidInput for one that cannot be used. */
  load(): Promise<Uint8Array | undefined>;
  save(bytes: Uint8Array): Promise<void>;
}

export interface GenerationReport {
  /** Generations done, 1-based; the first report after a resume is for the generation after the checkpoint. */
  generation: number;
  generations: number;
  /** Best in-sample net return so far as a ratio; null while no strategy has enough trades. */
  bestInSample: number | null;
  /** Strategies scored so far in this unit. */
  backtests: number;
}

export interface MineDeps {
  pool: Pick<Pool, 'evaluate'>;
  /** Must be the data set that the task names. */
  candles: Candles;
  checkpoint: Checkpoint;
  onGeneration(report: GenerationReport): void;
  /** A checkpoint was taken up: where the search stands before it goes on. */
  onResumed?(report: GenerationReport): void;
  /** A checkpoint that was refused, and why; mining starts from scratch. */
  onCheckpointRefused?(error: Error): void;
  signal: AbortSignal;
}

/** Evaluations kept by canonical text, so that a strategy found again is not run again. */
const MEMO_ENTRIES_MAX = 50_000;

/** Scores what the memo does not know; a pure saving, the results are the same without it. */
class Scorer {
  readonly #deps: MineDeps;
  readonly #context: ScoringContext;
  readonly #memo = new Map<string, Evaluation>();

  constructor(deps: MineDeps, task: UnitTask) {
    this.#deps = deps;
    this.#context = { candles: deps.candles, spec: task.spec };
  }

  async score(strategies: readonly Strategy[]): Promise<Evaluation[]> {
    const texts = strategies.map(canonicalStrategy);
    if (this.#memo.size > MEMO_ENTRIES_MAX) this.#memo.clear();
    const unknown = strategies.filter((_, i) => !this.#memo.has(texts[i]!));
    const evaluations = await this.#deps.pool.evaluate(this.#context, unknown, this.#deps.signal);
    unknown.forEach((strategy, i) => {
      this.#memo.set(canonicalStrategy(strategy), evaluations[i]!);
    });
    return texts.map((text) => this.#memo.get(text)!);
  }
}

async function loadState(deps: MineDeps, task: UnitTask): Promise<SearchState> {
  try {
    const bytes = await deps.checkpoint.load();
    return bytes === undefined ? startState() : decodeSearchState(task, bytes);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    deps.onCheckpointRefused?.(error);
    return startState();
  }
}

function reportOf({ spec }: UnitTask, { generation, bestReturn, trials }: SearchState): GenerationReport {
  return { generation, generations: spec.generations, bestInSample: bestReturn, backtests: trials.count };
}

/**
 * Mines one unit, from its checkpoint if there is one; the outcome is the same bits either way. Rejects with an error
 * named `AbortError` once aborted, with InvalidInput (`wrong_dataset`, `too_few_bars`), or with what the pool or the
 * checkpoint fail with.
 */
export async function mineUnit(deps: MineDeps, task: UnitTask): Promise<UnitOutcome> {
  if (deps.candles.hash !== task.dataset) {
    throw new InvalidInput(
      'wrong_dataset',
      `the task needs data set ${task.dataset}, not ${deps.candles.hash}`,
      'dataset',
    );
  }
  divideTime(deps.candles.length, task.spec);
  let state = await loadState(deps, task);
  if (state.generation > 0) deps.onResumed?.(reportOf(task, state));
  const scorer = new Scorer(deps, task);
  while (state.generation < task.spec.generations) {
    if (deps.signal.aborted) throw abortError();
    const proposed = proposeGeneration(task, state, deps.candles);
    state = advance(task, state, proposed, await scorer.score(proposed));
    await deps.checkpoint.save(encodeSearchState(task, state));
    deps.onGeneration(reportOf(task, state));
    // To propose keeps this thread busy: what is said of this generation goes out first.
    await nextTurn();
  }
  if (deps.signal.aborted) throw abortError();
  return concludeUnit(deps.candles, task, state);
}
