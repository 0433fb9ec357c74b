// The same strategy in a harsher, later, noisier or altogether different market.
import { RunRecord } from '../book.ts';
import type { CandleColumns, Candles } from '../candles.ts';
import { ColumnStore } from '../column-store.ts';
import type { SegmentMetrics } from '../outcome.ts';
import type { RandomStream } from '../random.ts';
import type { Costs, SearchSpec } from '../search-spec.ts';
import { runSegment, type Stretch } from '../segments.ts';
import type { Condition, Strategy } from '../strategy.ts';
import { fitStrategy } from '../timeframes.ts';
import { addNoise } from './surrogates.ts';
import { Tracker, type UnseenTrack } from './track.ts';

/** Signals reach the market one bar late: a condition holds at a bar when it held at the bar before. */
class LateStore extends ColumnStore {
  override condition(condition: Condition): Uint8Array {
    const bits = super.condition(condition);
    const late = new Uint8Array(bits.length);
    late.set(bits.subarray(0, bits.length - 1), 1);
    return late;
  }
}

/** All rates of trading (not the terms of perpetual futures) times `factor`. */
function scaledCosts(costs: Costs, factor: number): Costs {
  const { fee, slippage, spread, makerFee, impact } = costs;
  const scaled: Costs = { ...costs, fee: fee * factor, slippage: slippage * factor, spread: spread * factor };
  if (makerFee !== undefined) scaled.makerFee = makerFee * factor;
  if (impact !== undefined) scaled.impact = impact * factor;
  return scaled;
}

/** Net return (fraction) on the bars that the search did not see, out of sample and holdout compounded. */
export const returnOf = ({ outOfSample, holdout }: UnseenTrack): number =>
  (1 + outOfSample.metrics.return) * (1 + holdout.metrics.return) - 1;

export interface CostStress {
  /** Net unseen return with all rates of trading once, twice and three times what the job says. */
  once: number;
  twice: number;
  thrice: number;
  /** With the job's costs, but every entry and exit signal one bar late. Stops and targets are as quick as ever. */
  late: number;
}

/** Runs strategies under stress. Construct once for a job: indicator columns are kept. */
export class StressTest {
  readonly #trackers: Tracker[];
  readonly #late: Tracker;

  /** Throws InvalidInput (`too_few_bars`). */
  constructor(candles: CandleColumns, spec: SearchSpec) {
    const store = new ColumnStore(candles);
    this.#trackers = [2, 3].map(
      (factor) => new Tracker(candles, { ...spec, costs: scaledCosts(spec.costs, factor) }, store),
    );
    this.#late = new Tracker(candles, spec, new LateStore(candles));
  }

  /** `once`: the net unseen return on the job's own terms. Throws InvalidInput (`bad_timeframe`). */
  run(strategy: Strategy, once: number): CostStress {
    const [twice, thrice] = this.#trackers.map((tracker) => returnOf(tracker.followUnseen(strategy)));
    const late = returnOf(this.#late.followUnseen(strategy));
    return { once, twice: twice!, thrice: thrice!, late };
  }
}

/**
 * Noise test: net unseen returns on `copies` of the candles whose prices are moved by up to `share` × ATR(14) each (addNoise).
 * A strategy that lives off exact prices of the past loses on them.
 */
export function noiseReturns(
  candles: Candles,
  spec: SearchSpec,
  strategies: readonly Strategy[],
  { copies, share, random }: { copies: number; share: number; random: RandomStream },
): number[][] {
  const returns = strategies.map((): number[] => []);
  for (let copy = 0; copy < copies; copy++) {
    const tracker = new Tracker(addNoise(candles, share, random), spec);
    strategies.forEach((strategy, s) => {
      returns[s]!.push(returnOf(tracker.followUnseen(strategy)));
    });
  }
  return returns;
}

/** Strategies on another market, or another stretch of history: on all bars, which no search of this job has seen. */
export class OtherMarket {
  readonly #stretch: Stretch;
  readonly #spec: SearchSpec;
  readonly #record: RunRecord;

  constructor(candles: CandleColumns, spec: SearchSpec) {
    this.#stretch = { store: new ColumnStore(candles), window: { from: 0, to: candles.length } };
    this.#spec = spec;
    this.#record = new RunRecord(candles.length);
  }

  /** Throws InvalidInput (`bad_timeframe`) when time frames of the strategy do not fit the candles. */
  run(strategy: Strategy): SegmentMetrics {
    const fitted = fitStrategy(strategy, this.#stretch.store.candles.barMs);
    return runSegment([this.#stretch], fitted, this.#spec, this.#record);
  }
}
