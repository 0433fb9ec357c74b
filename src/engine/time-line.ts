// How the bars of a job are divided. Of n bars, the last floor(n × holdout) are the sealed holdout. The bars before it,
// less an embargo, are cut into folds of equal length, each of them:
//
//   | warm-up | in-sample (70 %) | embargo | out-of-sample (30 %) |
//
// The search gets the warm-up and in-sample bars of the folds and nothing else: not even its indicators may look at
// other bars, so each fold's indicators start anew in its warm-up.
import { InvalidInput } from './errors.ts';
import type { SearchSpec } from './search-spec.ts';
import type { Window } from './simulate.ts';

/** Fewest bars of a data set that can be searched. */
const SEARCH_BARS_MIN = 500;
const IN_SAMPLE_SHARE = 0.7;
/** Fewest bars of an in-sample part. */
const IN_SAMPLE_BARS_MIN = 20;

export interface Fold {
  /** Bars [from, to) that only warm indicators up. */
  warmup: Window;
  inSample: Window;
  outOfSample: Window;
}

export interface TimeLine {
  folds: Fold[];
  holdout: Window;
}

function foldAt(from: number, to: number, spec: SearchSpec): Fold {
  const bars = to - from;
  const warmup = Math.min(spec.warmup, Math.floor(bars / 4));
  const embargo = Math.min(spec.embargo, Math.floor(bars / 8));
  const inSampleFrom = from + warmup;
  const inSampleTo = inSampleFrom + Math.floor((bars - warmup - embargo) * IN_SAMPLE_SHARE);
  return {
    warmup: { from, to: inSampleFrom },
    inSample: { from: inSampleFrom, to: inSampleTo },
    outOfSample: { from: inSampleTo + embargo, to },
  };
}

/** Divides `bars` bars. Throws InvalidInput (`too_few_bars`) when there are too few for the specification. */
export function divideTime(bars: number, spec: SearchSpec): TimeLine {
  if (bars < SEARCH_BARS_MIN) {
    throw new InvalidInput('too_few_bars', `a search needs at least ${SEARCH_BARS_MIN} bars, not ${bars}`, 'dataset');
  }
  const holdoutFrom = bars - Math.floor(bars * spec.holdout);
  const foldBars = Math.floor((holdoutFrom - Math.min(spec.embargo, Math.floor(holdoutFrom / 20))) / spec.folds);
  const folds: Fold[] = [];
  for (let f = 0; f < spec.folds; f++) folds.push(foldAt(f * foldBars, (f + 1) * foldBars, spec));
  const { from, to } = folds[0]!.inSample;
  if (to - from < IN_SAMPLE_BARS_MIN) {
    const message = `${bars} bars are too few for ${spec.folds} folds: an in-sample part has ${to - from} bars`;
    throw new InvalidInput('too_few_bars', message, 'folds');
  }
  return { folds, holdout: { from: holdoutFrom, to: bars } };
}
