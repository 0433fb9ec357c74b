// What a strategy did on all bars of a job, bar by bar: the material of every test. Runs are those of the champions' reported
// figures (champion.ts), so report and tests can never disagree.
import { BehaviourHash } from '../behaviour.ts';
import { RunRecord } from '../book.ts';
import type { CandleColumns } from '../candles.ts';
import { ColumnStore } from '../column-store.ts';
import { inSampleStretches } from '../fitness.ts';
import type { SegmentMetrics } from '../outcome.ts';
import type { SearchSpec } from '../search-spec.ts';
import { runSegment, type Stretch } from '../segments.ts';
import type { Strategy } from '../strategy.ts';
import { divideTime } from '../time-line.ts';
import { fitStrategy } from '../timeframes.ts';

/** Returns a bar (fractions, flat bars included) of one segment, its parts one after the other, and its figures. */
export interface SegmentTrack {
  metrics: SegmentMetrics;
  returns: Float64Array;
  /** Of each closed trade: profit after costs / equity at the close before its entry. */
  trades: Float64Array;
  /** Bars from the signal to the end of the trade that was held longest; 0 without trades. */
  held: number;
}

/** What the search never saw. */
export interface UnseenTrack {
  outOfSample: SegmentTrack;
  holdout: SegmentTrack;
}

export interface Track extends UnseenTrack {
  inSample: SegmentTrack;
  /** Returns out of sample and in the holdout, one after the other. */
  unseen: Float64Array;
  /** Equal for strategies with the same trades on all bars that the search did not see. */
  behaviour: string;
  /** Bars from the signal to the end of the unseen trade that was held longest; 0 without trades. */
  held: number;
}

/** Of each closed trade of a run that began at bar `from`: profit after costs / equity at the close before its entry. */
export function tradeShares({ equity, trades, openPositions }: RunRecord, from: number): number[] {
  return Array.from({ length: trades.length - openPositions }, (_, row) => {
    const before = equity[trades.entryBar[row]! - 1 - from]!;
    return before > 0 ? trades.pnl[row]! / before : 0;
  });
}

/** The returns of the runs of one segment, one run after the other. */
class Collector {
  readonly returns: Float64Array;
  readonly trades: number[] = [];
  held = 0;
  #length = 0;

  constructor(stretches: readonly Stretch[]) {
    this.returns = new Float64Array(stretches.reduce((sum, { window }) => sum + window.to - window.from - 1, 0));
  }

  /** Adds a run that began at bar `from`. */
  add(record: RunRecord, from: number): void {
    const { equity, bars, trades, openPositions } = record;
    const { returns } = this;
    for (let i = 1; i < bars; i++) {
      const before = equity[i - 1]!;
      if (equity[i] !== before && before > 0) returns[this.#length] = equity[i]! / before - 1;
      this.#length++;
    }
    this.trades.push(...tradeShares(record, from));
    for (let row = 0; row < trades.length - openPositions; row++) {
      this.held = Math.max(this.held, trades.exitBar[row]! - trades.entryBar[row]! + 1);
    }
  }
}

export class Tracker {
  readonly #candles: CandleColumns;
  readonly #spec: SearchSpec;
  readonly #inSample: Stretch[];
  readonly #outOfSample: Stretch[];
  readonly #holdout: Stretch[];
  readonly #record: RunRecord;

  /** Throws InvalidInput (`too_few_bars`). */
  constructor(candles: CandleColumns, spec: SearchSpec, store = new ColumnStore(candles)) {
    const { outOfSample, holdout } = divideTime(candles.length, spec);
    this.#candles = candles;
    this.#spec = spec;
    this.#inSample = inSampleStretches(candles, spec);
    this.#outOfSample = outOfSample.map((window) => ({ store, window }));
    this.#holdout = [{ store, window: holdout }];
    this.#record = new RunRecord(candles.length);
  }

  /** Throws InvalidInput (`bad_timeframe`). */
  follow(found: Strategy): Track {
    const strategy = fitStrategy(found, this.#candles.barMs);
    const behaviour = new BehaviourHash(strategy.side);
    const inSample = this.#segment(this.#inSample, strategy);
    const { outOfSample, holdout } = this.#followUnseen(strategy, behaviour);
    const unseen = new Float64Array(outOfSample.returns.length + holdout.returns.length);
    unseen.set(outOfSample.returns);
    unseen.set(holdout.returns, outOfSample.returns.length);
    const held = Math.max(outOfSample.held, holdout.held);
    return { inSample, outOfSample, holdout, unseen, behaviour: behaviour.finish(), held };
  }

  /** Throws InvalidInput (`bad_timeframe`). */
  followUnseen(found: Strategy): UnseenTrack {
    return this.#followUnseen(fitStrategy(found, this.#candles.barMs));
  }

  #followUnseen(strategy: Strategy, behaviour?: BehaviourHash): UnseenTrack {
    return {
      outOfSample: this.#segment(this.#outOfSample, strategy, behaviour),
      holdout: this.#segment(this.#holdout, strategy, behaviour),
    };
  }

  #segment(stretches: readonly Stretch[], strategy: Strategy, behaviour?: BehaviourHash): SegmentTrack {
    const collector = new Collector(stretches);
    let part = 0;
    const metrics = runSegment(stretches, strategy, this.#spec, this.#record, (record) => {
      collector.add(record, stretches[part]!.window.from);
      behaviour?.add(part, record.trades);
      part++;
    });
    const { returns, trades, held } = collector;
    return { metrics, returns, trades: new Float64Array(trades), held };
  }
}
