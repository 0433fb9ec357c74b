// The genetic search as two pure steps: `proposeGeneration` says which strategies to score next, `advance` takes their
// scores. Chance comes from one stream per (task, generation, individual); threads and arrival play no part.
import { type Evaluation, SHORT_OF_TRADES } from '../fitness.ts';
import { openStreams, type RandomStream } from '../random.ts';
import type { SearchSpec } from '../search-spec.ts';
import type { Strategy } from '../strategy.ts';
import { canonicalStrategy } from '../strategy-hash.ts';
import { taskIdentity, type UnitTask } from '../unit-task.ts';
import { drawArchetype } from './archetypes.ts';
import { type CandleGrid, poolIn } from './embargo.ts';
import { digestGeneration } from './generation-digest.ts';
import { type Genome, genomeOf, readRules, strategyOf } from './genome.ts';
import { drawOrders, drawSide } from './orders.ts';
import { byRank, choosePopulation, eliteCount, type Individual, noveltyOf } from './population.ts';
import { RISK_PROFILES } from './risk.ts';
import { fitSeeds } from './seeds.ts';
import { addTrial, NO_TRIALS, type TrialSums } from './trials.ts';
import { cross, drawGenome, mutate, type Rules } from './vary.ts';

/** All that a search needs to go on: after generation g it does not matter how it got there. */
export interface SearchState {
  /** Generations done. */
  generation: number;
  /** Best first, in a total order. */
  population: Individual[];
  /** Share of the last generation's strategies that traded like no other before them: 0–1. */
  novelty: number;
  trials: TrialSums;
  /** One digest of 32 bytes a generation, each over the one before. */
  digests: Uint8Array[];
  /** Best net in-sample return of any strategy with enough trades so far. */
  bestReturn: number | null;
}

const TOURNAMENT_SIZE = 5;
const CROSSOVER_SHARE = 0.5;
/** Share of the first generation that starts from an archetype. */
const ARCHETYPE_SHARE = 0.3;
/** Draws before a strategy that is already there is accepted once more. */
const ATTEMPTS_MAX = 20;

export const startState = (): SearchState => ({
  generation: 0,
  population: [],
  novelty: 1,
  trials: NO_TRIALS,
  digests: [],
  bestReturn: null,
});

function rulesOf(grid: CandleGrid, spec: SearchSpec): Rules {
  return { profile: RISK_PROFILES[spec.risk], allowShort: spec.allowShort, pool: poolIn(grid, spec) };
}

function drawFirst(index: number, spec: SearchSpec, rules: Rules, random: RandomStream): Genome {
  if (index >= spec.population * ARCHETYPE_SHARE) return drawGenome(rules, random);
  const side = drawSide(rules.profile, rules.allowShort, random);
  const archetype = readRules(rules.pool, drawArchetype(side, random));
  return { ...archetype, orders: drawOrders(archetype.exits.length, rules.profile, random) };
}

function drawChild(state: SearchState, rules: Rules, random: RandomStream): Genome {
  const { population, novelty } = state;
  // Little that is new: more mutation and more newcomers.
  if (random.chance(0.02 + 0.12 * (1 - novelty))) return drawGenome(rules, random);
  const select = (): Genome => {
    let best = random.below(population.length);
    for (let round = 1; round < TOURNAMENT_SIZE; round++) best = Math.min(best, random.below(population.length));
    return genomeOf(rules.pool, population[best]!.strategy);
  };
  const crossed = random.chance(CROSSOVER_SHARE);
  let { genome } = crossed ? cross(select(), select(), rules, random) : mutate(select(), rules, random);
  const mutationRate = 0.3 + 0.5 * (1 - novelty);
  while (random.chance(mutationRate)) ({ genome } = mutate(genome, rules, random));
  return genome;
}

/** The job's own strategies, which the first generation begins with. */
const seedsOf = ({ seeds }: SearchSpec, grid: CandleGrid, { pool }: Rules): Strategy[] =>
  fitSeeds(seeds, grid.barMs).map((seed) => strategyOf(genomeOf(pool, seed)));

/**
 * The strategies to score in the next generation, no two alike and none that is already in the population. `grid` is
 * that of the task's candles. Throws InvalidInput (`too_few_bars`; `bad_timeframe` for a seed that does not fit them).
 */
export function proposeGeneration(task: UnitTask, state: SearchState, grid: CandleGrid): Strategy[] {
  const { spec } = task;
  const rules = rulesOf(grid, spec);
  const first = state.generation === 0;
  const count = first ? spec.population : spec.population - eliteCount(spec);
  const proposed = first ? seedsOf(spec, grid, rules) : [];
  const seen = new Set(first ? proposed.map(canonicalStrategy) : state.population.map(({ text }) => text));
  const streams = openStreams(taskIdentity(task), 'generation', state.generation);
  for (let index = proposed.length; index < count; index++) {
    const random = streams(index);
    let strategy: Strategy;
    let attempts = 0;
    do {
      strategy = strategyOf(first ? drawFirst(index, spec, rules, random) : drawChild(state, rules, random));
    } while (seen.has(canonicalStrategy(strategy)) && ++attempts < ATTEMPTS_MAX);
    seen.add(canonicalStrategy(strategy));
    proposed.push(strategy);
  }
  return proposed;
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
  const before = state.digests.at(-1) ?? taskIdentity(task);
  return {
    generation: state.generation + 1,
    population: choosePopulation(state.population, [...scored].sort(byRank), spec),
    novelty: noveltyOf(state.population, scored),
    trials,
    digests: [...state.digests, digestGeneration(before, state.generation, scored)],
    bestReturn,
  };
}
