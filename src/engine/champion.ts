// A strategy on all three segments of a task. Only the in-sample one guides a search; the others are reported.
import { RunRecord } from './book.ts';
import type { Candles } from './candles.ts';
import { ColumnStore } from './column-store.ts';
import { inSampleStretches } from './fitness.ts';
import type { SegmentMetrics } from './outcome.ts';
import { runSegment, type Stretch } from './segments.ts';
import type { Strategy } from './strategy.ts';
import { strategyHash } from './strategy-hash.ts';
import { divideTime } from './time-line.ts';
import { fitStrategy } from './timeframes.ts';
import type { UnitTask } from './unit-task.ts';

const EQUITY_POINTS_MAX = 40;

export interface ChampionCheck {
  hash: string;
  inSample: SegmentMetrics;
  outOfSample: SegmentMetrics;
  holdout: SegmentMetrics;
  /** At most 40 points of the stitched out-of-sample equity, 1 = start. */
  equity: number[];
}

/** Evenly spaced points of a curve made of `bars` marks, the last one included. */
class CurveSampler {
  readonly points: number[] = [1];
  readonly #bars: number;
  readonly #start: number;
  #seen = 0;

  constructor(bars: number, start: number) {
    this.#bars = bars;
    this.#start = start;
  }

  add(equity: Float64Array, bars: number): void {
    for (let i = 0; i < bars; i++) {
      this.#seen++;
      const due = Math.floor((this.#bars * this.points.length) / (EQUITY_POINTS_MAX - 1));
      if (this.#seen >= due && this.points.length < EQUITY_POINTS_MAX) this.points.push(equity[i]! / this.#start);
    }
  }
}

/**
 * Runs one strategy on the three segments of a task, exactly as its finder did. In-sample indicators know the fold's own
 * bars only; out of sample and in the holdout they are warm from all bars before. Throws InvalidInput (`too_few_bars`,
 * `bad_timeframe`).
 */
export function evaluateChampion(candles: Candles, task: UnitTask, found: Strategy): ChampionCheck {
  const { spec } = task;
  const strategy = fitStrategy(found, candles.barMs);
  const timeLine = divideTime(candles.length, spec);
  const record = new RunRecord(candles.length);
  const store = new ColumnStore(candles);
  const outOfSample: Stretch[] = timeLine.outOfSample.map((window) => ({ store, window }));
  const bars = outOfSample.reduce((sum, { window }) => sum + window.to - window.from, 0);
  const curve = new CurveSampler(bars, spec.equity);
  return {
    hash: strategyHash(found),
    inSample: runSegment(inSampleStretches(candles, spec), strategy, spec, record),
    outOfSample: runSegment(outOfSample, strategy, spec, record, (run) => curve.add(run.equity, run.bars)),
    holdout: runSegment([{ store, window: timeLine.holdout }], strategy, spec, record),
    equity: curve.points,
  };
}
