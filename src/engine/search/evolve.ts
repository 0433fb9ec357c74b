// The genetic search as two pure steps: `proposeGeneration` says which strategies to score next, `advance` takes their
// scores. Chance comes from one stream per (task, generation, individual); threads and arrival play no part.
import { ByteWriter } from '../bytes.ts';
import { byCodeUnits } from '../canonical-json.ts';
import { type Evaluation, SHORT_OF_TRADES } from '../fitness.ts';
import { hashWithDomain } from '../hash.ts';
import { openStream, type RandomStream } from '../random.ts';
import type { SearchSpec } from '../search-spec.ts';
import type { Operand, Strategy } from '../strategy.ts';
import { canonicalStrategy } from '../strategy-hash.ts';
import { taskIdentity, type UnitTask } from '../unit-task.ts';
import { drawArchetype } from './archetypes.ts';
import { drawOrders, drawSide, drawStrategy } from './genes.ts';
import { RISK_PROFILES } from './risk.ts';
import { addTrial, NO_TRIALS, type TrialSums } from './trials.ts';
import { cross, mutate, normalise, type Rules } from './vary.ts';

export interface Individual {
  strategy: Strategy;
  /** Canonical JSON of the strategy. */
  text: string;
  evaluation: Evaluation;
}

/** All that a search needs to go on: after generation g it does not matter how it got there. */
export interface SearchState {
  /** Generations done. */
  generation: number;
  /** Best first, in a total order. */
  population: Individual[];
  trials: TrialSums;
  /** One digest of 32 bytes a generation, each over the one before. */
  digests: Uint8Array[];
  /** Best net in-sample return of any strategy with enough trades so far. */
  bestReturn: number | null;
}

/** Share of the population that survives unchanged. */
const ELITE_SHARE = 0.1;
const TOURNAMENT_SIZE = 4;
const CROSSOVER_SHARE = 0.7;
/** Share of the first generation that starts from an archetype. */
const ARCHETYPE_SHARE = 0.3;
/** Draws before a strategy that is already there is accepted once more. */
const ATTEMPTS_MAX = 20;

export const startState = (): SearchState => ({
  generation: 0,
  population: [],
  trials: NO_TRIALS,
  digests: [],
  bestReturn: null,
});

const rulesOf = (spec: SearchSpec): Rules => ({ profile: RISK_PROFILES[spec.risk], allowShort: spec.allowShort });

const eliteCount = (spec: SearchSpec) => Math.max(2, Math.floor(spec.population * ELITE_SHARE));

/** Total order: higher fitness, then the shorter strategy, then code units. */
function byRank(a: Individual, b: Individual): number {
  if (a.evaluation.fitness !== b.evaluation.fitness) return b.evaluation.fitness - a.evaluation.fitness;
  if (a.text.length !== b.text.length) return a.text.length - b.text.length;
  return byCodeUnits(a.text, b.text);
}

const skeletonOfOperand = (operand: Operand): string => {
  if ('value' in operand) return '#';
  return 'field' in operand ? operand.field : `${operand.indicator}.${operand.output ?? ''}`;
};

/** The entry rules without their numbers. */
function skeletonOf({ side, entry }: Strategy): string {
  const groups = entry.map((group) =>
    group.map(({ left, op, right }) => `${skeletonOfOperand(left)} ${op} ${skeletonOfOperand(right)}`).join('&'),
  );
  return `${side}:${groups.join('|')}`;
}

/** Share of different skeletons in the population: 1 = all different. */
function diversityOf(population: readonly Individual[]): number {
  return new Set(population.map(({ strategy }) => skeletonOf(strategy))).size / population.length;
}

function drawFirst(index: number, spec: SearchSpec, random: RandomStream): Strategy {
  const { profile, allowShort } = rulesOf(spec);
  if (index >= spec.population * ARCHETYPE_SHARE) return normalise(drawStrategy(profile, allowShort, random));
  const side = drawSide(profile, allowShort, random);
  return normalise(drawOrders(drawArchetype(side, random), profile, random));
}

function drawChild(state: SearchState, spec: SearchSpec, diversity: number, random: RandomStream): Strategy {
  const { population } = state;
  const rules = rulesOf(spec);
  // Little diversity: more mutation and more newcomers.
  const immigrants = 0.03 + 0.12 * (1 - diversity);
  if (random.chance(immigrants)) return normalise(drawStrategy(rules.profile, rules.allowShort, random));
  const select = (): Strategy => {
    let best = random.below(population.length);
    for (let round = 1; round < TOURNAMENT_SIZE; round++) best = Math.min(best, random.below(population.length));
    return population[best]!.strategy;
  };
  const crossed = random.chance(CROSSOVER_SHARE);
  let child = crossed ? cross(select(), select(), random) : mutate(select(), rules, random);
  const mutationRate = 0.2 + 0.5 * (1 - diversity);
  while (random.chance(mutationRate)) child = mutate(child, rules, random);
  return child;
}

/** The strategies to score in the next generation, no two alike and none that is already in the population. */
export function proposeGeneration(task: UnitTask, state: SearchState): Strategy[] {
  const { spec } = task;
  const identity = taskIdentity(task);
  const first = state.generation === 0;
  const count = first ? spec.population : spec.population - eliteCount(spec);
  const diversity = first ? 1 : diversityOf(state.population);
  const seen = new Set(state.population.map(({ text }) => text));
  const proposed: Strategy[] = [];
  for (let index = 0; index < count; index++) {
    const random = openStream(identity, 'individual', state.generation, index);
    let strategy: Strategy;
    let attempts = 0;
    do {
      strategy = first ? drawFirst(index, spec, random) : drawChild(state, spec, diversity, random);
    } while (seen.has(canonicalStrategy(strategy)) && ++attempts < ATTEMPTS_MAX);
    seen.add(canonicalStrategy(strategy));
    proposed.push(strategy);
  }
  return proposed;
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
function choosePopulation(ranked: Individual[], offspring: Individual[], spec: SearchSpec): Individual[] {
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

function digestGeneration(identity: Uint8Array, state: SearchState, scored: readonly Individual[]): Uint8Array {
  const writer = new ByteWriter();
  writer
    .raw(state.digests.at(-1) ?? identity)
    .u32(state.generation)
    .u32(scored.length);
  for (const { text, evaluation } of scored) {
    writer.text(text).text(evaluation.behaviour).u32(evaluation.trades);
    writer.f64(evaluation.fitness).f64(evaluation.sharpe).f64(evaluation.return);
  }
  return hashWithDomain('stratmesh/engine/generation/1', writer.finish());
}

/** Whether a strategy traded often enough in sample to be judged. */
export const hasEnoughTrades = ({ fitness }: Evaluation, spec: SearchSpec) =>
  fitness >= SHORT_OF_TRADES + spec.minTrades;

/** The state after a generation. `evaluations[i]` belongs to `proposed[i]`, which came from `proposeGeneration`. */
export function advance(
  task: UnitTask,
  state: SearchState,
  proposed: readonly Strategy[],
  evaluations: readonly Evaluation[],
): SearchState {
  const { spec } = task;
  let { trials, bestReturn } = state;
  const scored = proposed.map((strategy, i): Individual => {
    const evaluation = evaluations[i]!;
    trials = addTrial(trials, evaluation.sharpe);
    if (hasEnoughTrades(evaluation, spec)) bestReturn = Math.max(bestReturn ?? evaluation.return, evaluation.return);
    return { strategy, text: canonicalStrategy(strategy), evaluation };
  });
  return {
    generation: state.generation + 1,
    population: choosePopulation(state.population, [...scored].sort(byRank), spec),
    trials,
    digests: [...state.digests, digestGeneration(taskIdentity(task), state, scored)],
    bestReturn,
  };
}
