// The search itself on trial: what does it find where nothing is to be found? Bars are permuted and the whole search is run
// again, with all its trials, folds and choices.
import type { Candles } from '../candles.ts';
import { PlainEvaluator } from '../fitness.ts';
import { toUtf8 } from '../hash.ts';
import { openStream } from '../random.ts';
import type { SearchSpec } from '../search-spec.ts';
import type { Strategy } from '../strategy.ts';
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

/** Re-runs of a search on permuted bars, as far as they have come. */
export interface Permutations {
  /** In-sample fitness of the first champion of the search itself; null without one. */
  best: number | null;
  /** The same of each re-run that is done. */
  scores: readonly (number | null)[];
  /** Re-runs that are still to come. */
  pending: number;
}

/** What the re-runs say so far. */
export interface PermutationReport {
  done: number;
  pending: number;
  /** Re-runs that found as much as the search itself, or more. */
  reached: number;
}

/**
 * The in-sample fitness of a first champion: what its search ended with (`UnitOutcome.score`), made again from the strategy. Null
 * without one. Throws InvalidInput (`too_few_bars`).
 */
export const fitnessOf = (candles: Candles, spec: SearchSpec, champion: Strategy | undefined): number | null =>
  champion === undefined ? null : new PlainEvaluator(candles, spec).evaluate(champion).fitness;

export function reportPermutations({ best, scores, pending }: Permutations): PermutationReport {
  return { done: scores.length, pending, reached: countReached(best, scores) };
}

const countReached = (best: number | null, scores: readonly (number | null)[]): number =>
  scores.filter((other) => best === null || (other !== null && other >= best)).length;

/**
 * p-value of a search by its re-runs on permuted bars: (1 + #{best* ≥ best}) / (B + 1), `best` being the fitness of the first
 * champion (Masters 2018; Davison & Hinkley 1997, eq. 4.11); null, no champion, is worse than any.
 */
export function permutationP(best: number | null, permuted: readonly (number | null)[]): number {
  return (1 + countReached(best, permuted)) / (permuted.length + 1);
}
