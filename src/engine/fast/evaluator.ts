// Scores strategies on one thread: the fast engine, and the plain one for what it does not cover. The pool does the same
// with the work of each step spread over threads.
import type { CandleColumns } from '../candles.ts';
import { type Evaluation, Judge, PlainEvaluator } from '../fitness.ts';
import type { SearchSpec } from '../search-spec.ts';
import type { Strategy } from '../strategy.ts';
import { divideTime } from '../time-line.ts';
import type { Span } from './layout.ts';
import { createMarket } from './market.ts';
import { type Batch, Planner } from './plan.ts';
import { ResultReader } from './results.ts';
import { Runner } from './runner.ts';

/** The in-sample parts of the folds with their warm-up. Throws InvalidInput (`too_few_bars`). */
export function inSampleSpans(bars: number, spec: SearchSpec): Span[] {
  return divideTime(bars, spec).folds.map(({ warmup, inSample }) => ({
    from: warmup.from,
    first: inSample.from,
    to: inSample.to,
  }));
}

/** Does everything that a batch needs before its strategies can run. */
export function fillBatch(runner: Runner, { pyramids, rounds }: Batch): void {
  for (const index of pyramids) runner.buildPyramid(index);
  for (const { columns, rules } of rounds) {
    for (const task of columns) runner.fillColumn(task);
    for (const task of rules) runner.fillRule(task);
  }
}

/** Scores strategies on one data set. Results do not depend on earlier calls. */
export class Evaluator {
  readonly #spec: SearchSpec;
  readonly #candles: CandleColumns;
  readonly #planner: Planner;
  readonly #runner: Runner;
  readonly #results: ResultReader;
  readonly #judge: Judge;
  #plain: PlainEvaluator | undefined;

  /** Throws InvalidInput (`too_few_bars`, `too_many_bars`). */
  constructor(candles: CandleColumns, spec: SearchSpec) {
    const market = createMarket(candles, inSampleSpans(candles.length, spec));
    this.#spec = spec;
    this.#candles = candles;
    this.#planner = new Planner(market);
    this.#runner = new Runner(market, candles, spec.costs);
    this.#results = new ResultReader(market);
    this.#judge = new Judge(spec, candles.barMs);
  }

  /** Evaluations in the order of `strategies`. Throws InvalidInput (`bad_timeframe`). */
  evaluate(strategies: readonly Strategy[]): Evaluation[] {
    const evaluations: Evaluation[] = [];
    const places: number[] = [];
    strategies.forEach((strategy, place) => {
      if (this.#planner.covers(strategy, this.#spec.costs)) places.push(place);
      else evaluations[place] = this.#evaluatePlainly(strategy);
    });
    const covered = places.map((place) => strategies[place]!);
    for (let from = 0; from < covered.length; ) {
      const batch = this.#planner.planBatch(covered, from);
      fillBatch(this.#runner, batch);
      this.#runner.run(0, batch.count, this.#spec.equity);
      for (let i = 0; i < batch.count; i++) {
        evaluations[places[from + i]!] = this.#results.evaluation(i, this.#judge);
      }
      from += batch.count;
    }
    return evaluations;
  }

  #evaluatePlainly(strategy: Strategy): Evaluation {
    this.#plain ??= new PlainEvaluator(this.#candles, this.#spec);
    return this.#plain.evaluate(strategy);
  }
}
