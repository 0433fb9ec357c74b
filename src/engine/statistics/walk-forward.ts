// How what was found in sample went on out of sample.
import { shapeOf } from './return-shape.ts';

export interface WalkForward {
  /**
   * Walk-forward efficiency: mean return a bar out of sample / in sample (Pardo 2008, "The evaluation and optimization of
   * trading strategies", chapter 11, with returns a bar for annualised profit). 1: as good as in sample; null unless the
   * in-sample mean is above 0.
   */
  efficiency: number | null;
  /** Student's t of the stitched out-of-sample returns against 0: mean / deviation × √count; 0 without spread. */
  t: number;
}

/** Both figures from returns a bar; `outOfSample` are the parts of all folds one after the other. */
export function walkForwardOf(inSample: Float64Array, outOfSample: Float64Array): WalkForward {
  const before = shapeOf(inSample);
  const after = shapeOf(outOfSample);
  return {
    efficiency: before.mean > 0 ? after.mean / before.mean : null,
    t: after.sharpe * Math.sqrt(after.count),
  };
}
