// How the search scores a strategy: on the in-sample parts of the folds alone.
import { type CandleColumns, viewColumns } from './candles.ts';
import { ColumnStore } from './column-store.ts';
import { sharpeOf } from './metrics.ts';
import type { SearchSpec } from './search-spec.ts';
import { runSegment, type Stretch } from './segments.ts';
import { RunRecord } from './simulate.ts';
import type { Strategy } from './strategy.ts';
import { divideTime } from './time-line.ts';
import { BehaviourWriter } from './trade-log.ts';

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

const FOLD_STORE_BYTES = 160 * 1024 * 1024;

/** In-sample stretches: each fold's candles end where its in-sample part ends. */
export function inSampleStretches(candles: CandleColumns, spec: SearchSpec): Stretch[] {
  return divideTime(candles.length, spec).folds.map(({ warmup, inSample }) => ({
    store: new ColumnStore(viewColumns(candles, warmup.from, inSample.to), FOLD_STORE_BYTES / spec.folds),
    window: { from: inSample.from - warmup.from, to: inSample.to - warmup.from },
  }));
}

/** Scores strategies on one data set; holds indicator columns between calls. Results do not depend on earlier calls. */
export class Evaluator {
  readonly #spec: SearchSpec;
  readonly #barMs: number;
  readonly #stretches: Stretch[];
  readonly #record: RunRecord;
  readonly #scores: Float64Array;
  /** Trades that a fold needs before a gain in it counts. */
  readonly #foldTradesMin: number;

  /** Throws InvalidInput (`too_few_bars`). */
  constructor(candles: CandleColumns, spec: SearchSpec) {
    this.#spec = spec;
    this.#barMs = candles.barMs;
    this.#stretches = inSampleStretches(candles, spec);
    this.#record = new RunRecord(this.#stretches[0]!.store.candles.length);
    this.#scores = new Float64Array(spec.folds);
    this.#foldTradesMin = Math.ceil(spec.minTrades / (2 * spec.folds));
  }

  /**
   * Fitness: with s = annualised Sharpe ratio of a fold's bar returns after costs (0 without spread; a positive one
   * counts as 0 when the fold has fewer than minTrades / (2 × folds) trades), mean(s) − ½ × standard deviation(s).
   */
  evaluate(strategy: Strategy): Evaluation {
    const behaviour = new BehaviourWriter();
    const metrics = runSegment(this.#stretches, strategy, this.#spec, this.#record, (part, record, moments) => {
      const sharpe = sharpeOf(moments, this.#barMs) ?? 0;
      const enough = record.trades.length >= this.#foldTradesMin;
      this.#scores[part] = enough ? sharpe : Math.min(sharpe, 0);
      behaviour.add(part, record.trades);
    });
    const short = metrics.trades < this.#spec.minTrades;
    return {
      fitness: short ? SHORT_OF_TRADES + metrics.trades : robustScore(this.#scores),
      sharpe: metrics.sharpe ?? 0,
      return: metrics.return,
      trades: metrics.trades,
      behaviour: behaviour.finish(),
    };
  }
}
