// A job's own seed strategies: the first individuals of its searches, as their author wrote them.
import { canonicalJson } from '../canonical-json.ts';
import { InvalidInput } from '../errors.ts';
import { toUtf8 } from '../hash.ts';
import { parseStrategy } from '../parse-strategy.ts';
import { checkArray } from '../reader.ts';
import type { Strategy } from '../strategy.ts';
import { canonicalStrategy } from '../strategy-hash.ts';
import { fitStrategy } from '../timeframes.ts';
import { genomeOf, strategyOf } from './genome.ts';
import { TermPool } from './pool.ts';
import type { RiskProfile } from './risk.ts';

export const SEEDS_MAX = 8;
/** Most bytes of the seeds' canonical JSON: a job is one entry of the ledger. */
export const SEEDS_BYTES_MAX = 2800;

const pathOf = (index: number) => `seeds[${index}]`;

/** Runs what refuses a strategy, and names the seed in its refusal. */
function inSeed<T>(index: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const field = error.field === undefined ? pathOf(index) : `${pathOf(index)}.${error.field}`;
    throw new InvalidInput(error.code, `${pathOf(index)}: ${error.message}`, field);
  }
}

function refuse(path: string, message: string): never {
  throw new InvalidInput('bad_value', `${path} ${message}`, path);
}

/** What the risk of a search asks of every strategy in it. Distances are the author's own. */
function checkRisk(seed: Strategy, path: string, profile: RiskProfile, allowShort: boolean): void {
  const { side, stopLoss, maxPositions, size } = seed;
  const percentMax = profile.sizes.at(-1)!;
  const positionsMax = profile.maxPositions.at(-1)!;
  if (side === 'short' && !(allowShort && profile.shorts))
    refuse(`${path}.side`, 'is short, which this search does not allow');
  if (profile.stopRequired && stopLoss === undefined) refuse(`${path}.stopLoss`, 'is missing; this risk requires one');
  if (maxPositions > positionsMax) refuse(`${path}.maxPositions`, `must be at most ${positionsMax} at this risk`);
  if (!('percentOfEquity' in size)) refuse(`${path}.size`, 'must be percentOfEquity: others are of no use to a search');
  if (size.percentOfEquity > percentMax) {
    refuse(`${path}.size.percentOfEquity`, `must be at most ${percentMax} at this risk`);
  }
}

/**
 * Validates seed strategies: at most 8, each valid, within the risk and different from the others, all together small
 * enough for a job's entry. Names are left out and rules put into the order that the search gives them. Throws
 * InvalidInput whose `field` is the path: `seeds[0].entry[0][1].left.period`.
 */
export function parseSeeds(input: unknown, profile: RiskProfile, allowShort: boolean): Strategy[] {
  const pool = new TermPool(1, 0);
  const seeds = checkArray(input, 'seeds', 0, SEEDS_MAX).map((item, index) => {
    const seed = inSeed(index, () => strategyOf(genomeOf(pool, parseStrategy(item))));
    checkRisk(seed, pathOf(index), profile, allowShort);
    return seed;
  });
  seeds.forEach((seed, index) => {
    const first = seeds.findIndex((other) => canonicalStrategy(other) === canonicalStrategy(seed));
    if (first !== index) refuse(pathOf(index), `is the same strategy as ${pathOf(first)}`);
  });
  const bytes = toUtf8(canonicalJson(seeds)).length;
  if (bytes > SEEDS_BYTES_MAX) {
    const message = `seeds take ${bytes} bytes as canonical JSON; at most ${SEEDS_BYTES_MAX} fit into a job`;
    throw new InvalidInput('out_of_range', message, 'seeds');
  }
  return seeds;
}

/** The seeds as they are on bars of `barMs`. Throws InvalidInput (`bad_timeframe`, the path as field). */
export function fitSeeds(seeds: readonly Strategy[] | undefined, barMs: number): Strategy[] {
  return (seeds ?? []).map((seed, index) => inSeed(index, () => fitStrategy(seed, barMs)));
}
