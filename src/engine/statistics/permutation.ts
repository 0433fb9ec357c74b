// The search itself on trial: what does it find where nothing is to be found? Bars are permuted and the whole search is run
// again, with all its trials, folds and choices.
import type { Candles } from '../candles.ts';
import { toUtf8 } from '../hash.ts';
import { openStream } from '../random.ts';
import type { SearchSpec } from '../search-spec.ts';
import { divideTime } from '../time-line.ts';
import { permuteBars } from './surrogates.ts';

/**
 * The candles of permutation `index` (0-based) of a job: the bars before the sealed holdout in an order of their own. They have
 * a hash of their own, and so has the task. Throws InvalidInput (`too_few_bars`).
 */
export function permutedFor(candles: Candles, spec: SearchSpec, seed: string, index: number): Candles {
  const { holdout } = divideTime(candles.length, spec);
  return permuteBars(candles, { from: 0, to: holdout.from }, openStream(toUtf8(seed), 'permutation', index));
}

/**
 * p-value of a search by its re-runs on permuted bars: (1 + #{best* ≥ best}) / (B + 1), `best` being the fitness of the first
 * champion (Masters 2018; Davison & Hinkley 1997, eq. 4.11); null, no champion, is worse than any.
 */
export function permutationP(best: number | null, permuted: readonly (number | null)[]): number {
  if (best === null) return 1;
  const reached = permuted.filter((other) => other !== null && other >= best).length;
  return (1 + reached) / (permuted.length + 1);
}
