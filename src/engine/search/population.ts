// Who stays: ranking, and one individual for each behaviour.
import { byCodeUnits } from '../canonical-json.ts';
import type { Evaluation } from '../fitness.ts';
import type { SearchSpec } from '../search-spec.ts';
import type { Strategy } from '../strategy.ts';

export interface Individual {
  strategy: Strategy;
  /** Canonical JSON of the strategy. */
  text: string;
  evaluation: Evaluation;
}

/** Share of the population that is not scored anew. */
const ELITE_SHARE = 0.1;
/** Share of the next population that goes to the best of old and new together. */
const BEST_SHARE = 0.3;

export const eliteCount = (spec: SearchSpec): number => Math.max(2, Math.floor(spec.population * ELITE_SHARE));

/** Total order: higher fitness, then the shorter strategy, then code units. */
export function byRank(a: Individual, b: Individual): number {
  if (a.evaluation.fitness !== b.evaluation.fitness) return b.evaluation.fitness - a.evaluation.fitness;
  if (a.text.length !== b.text.length) return a.text.length - b.text.length;
  return byCodeUnits(a.text, b.text);
}

/**
 * The next population: the best of old and new together, then offspring, then the old ones, each behaviour once, which its
 * best (of equals the shortest) stands for; what is still missing is filled with repetitions. Both lists are in rank order.
 */
export function choosePopulation(
  population: readonly Individual[],
  offspring: readonly Individual[],
  spec: SearchSpec,
): Individual[] {
  const all = [...population, ...offspring].sort(byRank);
  const first = new Map<string, Individual>();
  for (const individual of all) {
    const { behaviour } = individual.evaluation;
    if (!first.has(behaviour)) first.set(behaviour, individual);
  }
  const chosen = new Set<Individual>();
  const admit = (candidates: readonly Individual[], limit: number): void => {
    for (const { evaluation } of candidates) {
      if (chosen.size >= limit) return;
      chosen.add(first.get(evaluation.behaviour)!);
    }
  };
  admit(all, Math.floor(spec.population * BEST_SHARE));
  admit(offspring, spec.population);
  admit(all, spec.population);
  for (const individual of all) if (chosen.size < spec.population) chosen.add(individual);
  return [...chosen].sort(byRank);
}

/** Share of the offspring that trade like nobody in the old population and like none of the offspring before them. */
export function noveltyOf(population: readonly Individual[], offspring: readonly Individual[]): number {
  const known = new Set(population.map(({ evaluation }) => evaluation.behaviour));
  let fresh = 0;
  for (const { evaluation } of offspring) {
    if (known.has(evaluation.behaviour)) continue;
    known.add(evaluation.behaviour);
    fresh++;
  }
  return fresh / offspring.length;
}
