import type { Candles } from './candles.ts';
import type { SegmentMetrics } from './outcome.ts';
import type { Strategy } from './strategy.ts';
import type { UnitTask } from './unit-task.ts';

export interface ChampionCheck {
  hash: string;
  inSample: SegmentMetrics;
  outOfSample: SegmentMetrics;
  holdout: SegmentMetrics;
  /** At most 40 points of the stitched out-of-sample equity, 1 = start. */
  equity: number[];
}

/** Runs one strategy on the three segments of a task, as its finder did. */
export function evaluateChampion(candles: Candles, task: UnitTask, strategy: Strategy): ChampionCheck {
  throw new Error(`not yet: ${candles.hash} ${task.seed} ${strategy.v}`);
}
