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

/** Share of the population that survives unchanged. */
const ELITE_SHARE = 0.1;

export const eliteCount = (spec: SearchSpec): number => Math.max(2, Math.floor(spec.population * ELITE_SHARE));

/** Total order: higher fitness, then the shorter strategy, then code units. */
export function byRank(a: Individual, b: Individual): number {
  if (a.evaluation.fitness !== b.evaluation.fitness) return b.evaluation.fitness - a.evaluation.fitness;
  if (a.text.length !== b.text.length) return a.text.length - b.text.length;
  return byCodeUnits(a.text, b.text);
}

/** For each behaviour its first in rank order: of strategies that trade alike, the shortest stands for all. */
function representatives(individuals: readonly Individual[]): Map<string, Individual> {
  const first = new Map<string, Individual>();
  for (const individual of individuals) {
    const known = first.get(individual.evaluation.behaviour);
    if (known === undefined || byRank(individual, known) < 0) first.set(individual.evaluation.behaviour, individual);
  }
  return first;
}

/**
 * The next population: the elite, then offspring, then the old ones, each behaviour once; what is still missing is
 * filled with repetitions. `ranked` and `offspring` are in rank order.
 */
export function choosePopulation(ranked: Individual[], offspring: Individual[], spec: SearchSpec): Individual[] {
  const standFor = representatives([...ranked, ...offspring]);
  const chosen: Individual[] = [];
  const behaviours = new Set<string>();
  /** Admits what behaves like nobody yet while there is room up to `limit`; returns the others. */
  const admit = (candidates: readonly Individual[], limit: number): Individual[] =>
    candidates.filter((candidate) => {
      const { behaviour } = candidate.evaluation;
      if (chosen.length >= limit || behaviours.has(behaviour)) return true;
      behaviours.add(behaviour);
      chosen.push(standFor.get(behaviour)!);
      return false;
    });
  const old = admit(ranked, eliteCount(spec));
  const others = admit(offspring, spec.population);
  const repetitions = admit([...old, ...others].sort(byRank), spec.population);
  chosen.push(...repetitions.slice(0, spec.population - chosen.length));
  return chosen.sort(byRank);
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
