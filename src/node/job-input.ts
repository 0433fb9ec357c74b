// From what a person asks for to a `job` entry: presets filled in, every value checked by the engine's own rules.
import { InvalidInput } from '../engine/errors.ts';
import { checkFunding, hasFunding, type Perpetual } from '../engine/perpetual.ts';
import { checkChoice } from '../engine/reader.ts';
import { type CandleGrid, embargoFor } from '../engine/search/embargo.ts';
import { fitSeeds } from '../engine/search/seeds.ts';
import { type Costs, defaultCosts, parseCosts, presetSpec, type SearchSpec } from '../engine/search-spec.ts';
import type { Strategy } from '../engine/strategy.ts';
import { fromHex, type Hex } from '../protocol/bytes.ts';
import type { Job, Validation } from '../protocol/kinds.ts';
import { NAME_CHARS_MAX, REPLICAS_MAX, UNITS_PER_JOB_MAX } from '../protocol/limits.ts';
import { type CreateJobInput, RequestError } from '../ui/api.ts';
import { OTHERS_MAX } from '../ui/limits.ts';
import type { DatasetInfo } from './data-store.ts';

const UNITS_DEFAULT = 6;
const REPLICAS_DEFAULT = 2;
const TOLERANCE_DEFAULT = 0.1;
/** Replicas beyond those asked for at first, before a unit without a verdict has failed. */
const MORE_REPLICAS = 3;

/** Throws RequestError naming the field. */
export function prepareJob(
  input: CreateJobInput,
  datasets: readonly DatasetInfo[],
  fingerprint: Hex,
  randomSeed: () => string,
): Job {
  const info = findDataset(datasets, input.dataset);
  const spec = prepareSpec(input, info);
  const others = prepareOthers(input.others ?? [], datasets, info, spec);
  const units = whole('units', input.units ?? UNITS_DEFAULT, 1, UNITS_PER_JOB_MAX);
  return {
    name: (input.name ?? nameOf(info, spec)).slice(0, NAME_CHARS_MAX),
    dataset: fromHex(info.hash),
    market: { symbol: info.symbol, quote: info.quote, barMs: info.barMs, sample: info.sample },
    fingerprint: fromHex(fingerprint),
    seed: input.seed ?? randomSeed(),
    units,
    search: { ...spec, ...(others.length === 0 ? {} : { others }) },
    validation: prepareValidation(input),
    priority: 5,
  };
}

/** Market and costs as people write them: `market` and the terms of perpetual futures beside the rates. */
export type CostInput = Pick<CreateJobInput, 'market' | (typeof RATES)[number] | keyof Perpetual>;

const RATES = ['fee', 'makerFee', 'slippage', 'impact', 'spread'] as const;
const TERMS = ['leverage', 'fundingRate', 'fundingHours', 'maintenance', 'liquidationFee'] as const;

/** Costs with every default filled in. Throws InvalidInput naming the field as it was written. */
export function costsOf(input: CostInput): Costs {
  const pick = (keys: readonly (keyof CostInput)[]) => given(Object.fromEntries(keys.map((key) => [key, input[key]])));
  const terms = pick(TERMS);
  const [odd] = Object.keys(terms);
  if (checkChoice(input.market ?? 'spot', 'market', ['spot', 'perpetual']) === 'perpetual') {
    return namingFields(() => parseCosts({ ...pick(RATES), perpetual: terms }, '', defaultCosts(terms)));
  }
  if (odd !== undefined) throw new InvalidInput('bad_value', `${odd} belongs to perpetual futures only`, odd);
  return parseCosts(pick(RATES), '', defaultCosts(undefined));
}

/** Fields by their own names, without the objects that they lie in. */
function namingFields<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof InvalidInput) || error.field === undefined) throw error;
    const name = error.field.slice(error.field.lastIndexOf('.') + 1);
    throw new InvalidInput(error.code, error.message.replaceAll(error.field, name), name);
  }
}

/**
 * The search that is asked for on these candles, presets filled in and the embargo worked out where nobody says another. Throws
 * the engine's InvalidInput naming the field.
 */
export function specOf(input: Omit<CreateJobInput, 'dataset'>, grid: CandleGrid): SearchSpec {
  const { population, generations, folds, holdout, embargo, warmup, minTrades, allowShort, equity, anchored } = input;
  const terms = { folds, holdout, embargo, warmup, minTrades, allowShort, equity, anchored };
  const sizes = given({ population, generations, ...terms });
  // Of any form so far: presetSpec checks them.
  const seeds = given({ seeds: input.seeds as Strategy[] | undefined });
  const spec = presetSpec({
    preset: input.preset ?? 'standard',
    risk: input.risk ?? 'medium',
    overrides: { ...sizes, ...seeds, costs: costsOf(input) },
  });
  return embargo === undefined ? { ...spec, embargo: embargoFor(grid, spec) } : spec;
}

/** The first bar stands for all: a data set's bars have one length. */
const gridOf = ({ from, barMs }: DatasetInfo) => ({ time: new Float64Array([from]), barMs });

function prepareSpec(input: CreateJobInput, info: DatasetInfo): SearchSpec {
  try {
    const spec = specOf(input, { length: info.bars, barMs: info.barMs });
    const { perpetual } = spec.costs;
    fitSeeds(spec.seeds, info.barMs);
    if (perpetual !== undefined) checkFunding(gridOf(info), perpetual);
    return spec;
  } catch (error) {
    const { code, message, field } = error as { code?: string; message: string; field?: string };
    if (code === undefined) throw error;
    throw new RequestError(code, message, { status: 422, ...(field === undefined ? {} : { field }) });
  }
}

/** Hashes of the other data sets, on which the search's own terms must make sense. */
function prepareOthers(
  named: readonly string[],
  datasets: readonly DatasetInfo[],
  own: DatasetInfo,
  { costs: { perpetual } }: SearchSpec,
): Hex[] {
  const refuse = (message: string) => new RequestError('bad_value', message, { status: 422, field: 'others' });
  if (named.length > OTHERS_MAX) throw refuse(`at most ${OTHERS_MAX} other data sets`);
  const hashes = named.map((each) => {
    const info = findDataset(datasets, each, 'others');
    if (info.hash === own.hash) throw refuse('a job’s own data set is no other market');
    if (info.barMs !== own.barMs || (perpetual !== undefined && !hasFunding(gridOf(info), perpetual))) {
      throw refuse(`${info.symbol} ${barLabel(info.barMs)} does not have the bars that this job is on`);
    }
    return info.hash;
  });
  return [...new Set(hashes)];
}

function nameOf({ symbol, barMs }: DatasetInfo, { costs }: SearchSpec): string {
  const market = costs.perpetual === undefined ? '' : ` perpetual ×${costs.perpetual.leverage}`;
  return `${symbol} ${barLabel(barMs)}${market}`;
}

function prepareValidation(input: CreateJobInput): Validation {
  const replicas = whole('replicas', input.replicas ?? REPLICAS_DEFAULT, 1, REPLICAS_MAX);
  const mode = input.validation ?? 'replicate';
  const tolerance = input.tolerance ?? TOLERANCE_DEFAULT;
  if (mode !== 'fuzzy' && input.tolerance !== undefined) {
    throw new RequestError('bad_value', 'tolerance belongs to fuzzy validation only', {
      status: 422,
      field: 'tolerance',
    });
  }
  if (!(tolerance >= 0 && tolerance <= 1)) {
    throw new RequestError('out_of_range', 'tolerance is a share from 0 to 1', { status: 422, field: 'tolerance' });
  }
  // As many as are asked for must agree: "checked by 3 peers" is three equal answers.
  const base = { mode, replicas, quorum: replicas, most: replicas + MORE_REPLICAS };
  return mode === 'fuzzy' ? { ...base, tolerance } : base;
}

/** A full hash, or as many of its first digits as tell it apart. */
function findDataset(datasets: readonly DatasetInfo[], wanted: string, field = 'dataset'): DatasetInfo {
  const found = /^[0-9a-f]{6,64}$/.test(wanted) ? datasets.filter((info) => info.hash.startsWith(wanted)) : [];
  const [info] = found;
  if (info !== undefined && found.length === 1) return info;
  const message =
    found.length > 1
      ? `${wanted} fits ${found.length} data sets; give more digits`
      : `No data set here has the hash ${wanted}. “stratmesh data list” shows those that are here.`;
  throw new RequestError('dataset_missing', message, { status: 422, field });
}

function whole(field: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new RequestError('out_of_range', `${field} is a whole number from ${low} to ${high}, not ${value}`, {
    status: 422,
    field,
  });
}

/** Only what was asked for, so that the preset's own values stand for the rest. */
function given<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function barLabel(barMs: number): string {
  if (barMs % 3_600_000 === 0) return `${barMs / 3_600_000}h`;
  return barMs % 60_000 === 0 ? `${barMs / 60_000}m` : `${barMs / 1000}s`;
}
