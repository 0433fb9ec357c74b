// How the search scores a strategy: on the in-sample parts of the folds alone.
import { BehaviourHash } from './behaviour.ts';
import { RunRecord } from './book.ts';
import { type CandleColumns, viewColumns } from './candles.ts';
import { ColumnStore } from './column-store.ts';
import { periodsPerYear } from './metrics.ts';
import { prefixSquares, type ScoreSums, scoreSharpe, scoreSums } from './score-moments.ts';
import type { SearchSpec } from './search-spec.ts';
import type { Stretch } from './segments.ts';
import { simulate } from './simulate.ts';
import type { Strategy } from './strategy.ts';
import { divideTime } from './time-line.ts';

/** What the search knows of a strategy. */
export interface Evaluation {
  /** Higher is better; below SHORT_OF_TRADES + minTrades the strategy has too few trades. */
  fitness: number;
  /** Annualised, over the in-sample bars of all folds; 0 for a strategy that never traded. */
  sharpe: number;
  /** Net in-sample return as a ratio. */
  return: number;
  trades: number;
  /** Equal for strategies with the same trades: 16 hex digits. */
  behaviour: string;
}

/** What a run over one in-sample part adds to the score. */
export interface FoldRun extends ScoreSums {
  trades: number;
}

/**
 * Base of the fitness of strategies with fewer than `minTrades` trades: they rank below all others, and among each other
 * by how many they have (Deb 2000, "An efficient constraint handling method for genetic algorithms").
 */
export const SHORT_OF_TRADES = -1_000_000;
/** Weight of the spread between folds: a strategy that lives off one fold is worth less. */
const SPREAD_WEIGHT = 0.5;

/** The mean of the folds' scores less half their standard deviation. */
function robustScore(scores: Float64Array): number {
  let sum = 0;
  for (let f = 0; f < scores.length; f++) sum += scores[f]!;
  const mean = sum / scores.length;
  let squares = 0;
  for (let f = 0; f < scores.length; f++) squares += (scores[f]! - mean) * (scores[f]! - mean);
  return mean - SPREAD_WEIGHT * Math.sqrt(squares / scores.length);
}

/** Turns the runs of one strategy over all folds into its evaluation; the plain and the fast engine share it. */
export class Judge {
  readonly #spec: SearchSpec;
  readonly #periods: number;
  readonly #scores: Float64Array;
  /** Trades that a fold needs before a gain in it counts. */
  readonly #foldTradesMin: number;
  readonly #isAnchored: boolean;

  constructor(spec: SearchSpec, barMs: number) {
    this.#spec = spec;
    this.#periods = periodsPerYear(barMs);
    this.#scores = new Float64Array(spec.folds);
    this.#isAnchored = spec.anchored === true;
    this.#foldTradesMin = Math.ceil(spec.minTrades / (2 * spec.folds));
  }

  /**
   * Fitness: with s = annualised Sharpe ratio of a fold's bar returns after costs (score-moments.ts; a positive one
   * counts as 0 when the fold has fewer than minTrades / (2 × folds) trades), mean(s) − ½ × standard deviation(s). An
   * anchored fold is all parts up to its own.
   */
  evaluate(parts: readonly FoldRun[], finalEquity: number, behaviour: string): Evaluation {
    const { equity, minTrades } = this.#spec;
    const all: FoldRun = { count: 0, sum: 0, squares: 0, trades: 0 };
    parts.forEach((part, f) => {
      all.count += part.count;
      all.sum += part.sum;
      all.squares += part.squares;
      all.trades += part.trades;
      const fold = this.#isAnchored ? all : part;
      const sharpe = scoreSharpe(fold, this.#periods);
      this.#scores[f] = fold.trades >= this.#foldTradesMin ? sharpe : Math.min(sharpe, 0);
    });
    const short = all.trades < minTrades;
    return {
      fitness: short ? SHORT_OF_TRADES + all.trades : robustScore(this.#scores),
      sharpe: scoreSharpe(all, this.#periods),
      return: (finalEquity - equity) / equity,
      trades: all.trades,
      behaviour,
    };
  }
}

const FOLD_STORE_BYTES = 160 * 1024 * 1024;

/** In-sample stretches: each fold's candles end where its in-sample part ends. */
export function inSampleStretches(candles: CandleColumns, spec: SearchSpec): Stretch[] {
  return divideTime(candles.length, spec).folds.map(({ warmup, inSample }) => ({
    store: new ColumnStore(viewColumns(candles, warmup.from, inSample.to), FOLD_STORE_BYTES / spec.folds),
    window: { from: inSample.from - warmup.from, to: inSample.to - warmup.from },
  }));
}

/**
 * Scores strategies on one data set with the plain simulator; holds indicator columns between calls. Results do not
 * depend on earlier calls.
 */
export class PlainEvaluator {
  readonly #spec: SearchSpec;
  readonly #stretches: (Stretch & { squares: Float64Array })[];
  readonly #record: RunRecord;
  readonly #judge: Judge;

  /** Throws InvalidInput (`too_few_bars`). */
  constructor(candles: CandleColumns, spec: SearchSpec) {
    this.#spec = spec;
    this.#stretches = inSampleStretches(candles, spec).map((stretch) => ({
      ...stretch,
      squares: prefixSquares(stretch.store.candles.close),
    }));
    this.#record = new RunRecord(this.#stretches[0]!.store.candles.length);
    this.#judge = new Judge(spec, candles.barMs);
  }

  evaluate(strategy: Strategy): Evaluation {
    const behaviour = new BehaviourHash(strategy.side);
    const record = this.#record;
    let { equity } = this.#spec;
    const folds = this.#stretches.map(({ store, window, squares }, part): FoldRun => {
      simulate(store, strategy, window, { equity, costs: this.#spec.costs, closeAtEnd: true }, record);
      equity = record.finalEquity;
      behaviour.add(part, record.trades);
      return { ...scoreSums(record, window.from, squares), trades: record.trades.length };
    });
    return this.#judge.evaluate(folds, equity, behaviour.finish());
  }
}
