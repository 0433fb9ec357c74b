// How the bars of a job are divided. Of n bars, the last floor(n × holdout) are the sealed holdout. The bars before it,
// less an embargo, are cut into folds of equal length, each of them:
//
//   | warm-up | in-sample (70 %) | embargo | out-of-sample (30 %) |
//
// Anchored folds all begin with the first bar. Each ends a part later than the one before, so the first of them is in-sample
// part 1, the last one all of them, and only what follows the last can be out of sample:
//
//   | warm-up | in-sample 1 | in-sample 2 | … (70 %) | embargo | out-of-sample (30 %) |
//
// The search gets the warm-up and in-sample bars of the folds and nothing else: not even its indicators may look at
// other bars, so the indicators of each part start anew in its warm-up (of an anchored one, bars of the part before).
import { InvalidInput } from './errors.ts';
import type { SearchSpec } from './search-spec.ts';
import type { Window } from './simulate.ts';

/** Fewest bars of a data set that can be searched. */
const SEARCH_BARS_MIN = 500;
const IN_SAMPLE_SHARE = 0.7;
/** Fewest bars of an in-sample part. */
const IN_SAMPLE_BARS_MIN = 20;

/** What a fold adds to what the search sees. */
export interface Fold {
  /** Bars [from, to) that only warm indicators up. */
  warmup: Window;
  inSample: Window;
}

export interface TimeLine {
  folds: Fold[];
  /** In the order of time: one a fold, or a single one after anchored folds. */
  outOfSample: Window[];
  holdout: Window;
}

type Divided = Pick<TimeLine, 'folds' | 'outOfSample'>;

/** `bars` bars of warm-up and what it warms up for, from bar `from` on. */
const partAt = (from: number, warmup: number, bars: number): Fold => ({
  warmup: { from, to: from + warmup },
  inSample: { from: from + warmup, to: from + warmup + bars },
});

/** Folds one after the other. */
function divideRolling(bars: number, spec: SearchSpec): Divided {
  const foldBars = Math.floor(bars / spec.folds);
  const warmup = Math.min(spec.warmup, Math.floor(foldBars / 4));
  const embargo = Math.min(spec.embargo, Math.floor(foldBars / 8));
  const inSample = Math.floor((foldBars - warmup - embargo) * IN_SAMPLE_SHARE);
  const folds = Array.from({ length: spec.folds }, (_, f) => partAt(f * foldBars, warmup, inSample));
  return { folds, outOfSample: folds.map((fold, f) => ({ from: fold.inSample.to + embargo, to: (f + 1) * foldBars })) };
}

/** Folds that begin with the first bar. */
function divideAnchored(bars: number, spec: SearchSpec): Divided {
  const warmup = Math.min(spec.warmup, Math.floor(bars / (4 * spec.folds)));
  const embargo = Math.min(spec.embargo, Math.floor(bars / 8));
  const inSample = Math.floor(((bars - warmup - embargo) * IN_SAMPLE_SHARE) / spec.folds);
  const folds = Array.from({ length: spec.folds }, (_, f) => partAt(f * inSample, warmup, inSample));
  return { folds, outOfSample: [{ from: warmup + spec.folds * inSample + embargo, to: bars }] };
}

/** Divides `bars` bars. Throws InvalidInput (`too_few_bars`) when there are too few for the specification. */
export function divideTime(bars: number, spec: SearchSpec): TimeLine {
  if (bars < SEARCH_BARS_MIN) {
    throw new InvalidInput('too_few_bars', `a search needs at least ${SEARCH_BARS_MIN} bars, not ${bars}`, 'dataset');
  }
  const holdoutFrom = bars - Math.floor(bars * spec.holdout);
  const walked = holdoutFrom - Math.min(spec.embargo, Math.floor(holdoutFrom / 20));
  const { folds, outOfSample } = spec.anchored === true ? divideAnchored(walked, spec) : divideRolling(walked, spec);
  const { from, to } = folds[0]!.inSample;
  if (to - from < IN_SAMPLE_BARS_MIN) {
    const message = `${bars} bars are too few for ${spec.folds} folds: an in-sample part has ${to - from} bars`;
    throw new InvalidInput('too_few_bars', message, 'folds');
  }
  return { folds, outOfSample, holdout: { from: holdoutFrom, to: bars } };
}
