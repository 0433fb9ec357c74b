// What the engine's verbs share: reading flags strictly, finding candles, market and costs from flags.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Candles } from '../../engine/candles.ts';
import { InvalidInput } from '../../engine/errors.ts';
import { sampleCandles } from '../../engine/sample.ts';
import { readCandleFile } from '../candle-file.ts';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import { DataError, type DataStore, openDataStore } from '../data-store.ts';
import type { CostInput } from '../job-input.ts';

/** For whatever trades: `backtest`, `mine` and `job create`. */
export const COST_OPTIONS: Verb['options'] = {
  market: {
    type: 'string',
    value: 'M',
    help: 'spot (default) or perpetual: futures with margin, funding, liquidation',
  },
  fee: { type: 'string', value: 'RATE', help: 'fee a side, 0.004 = 0.4 % (default 0.004; perpetual 0.0005)' },
  'maker-fee': { type: 'string', value: 'RATE', help: 'fee of targets (default: as --fee; perpetual 0.0002)' },
  slippage: { type: 'string', value: 'RATE', help: 'slippage a side (default 0.0005)' },
  impact: { type: 'string', value: 'RATE', help: 'further slippage for each million of quote currency (default 0)' },
  spread: { type: 'string', value: 'RATE', help: 'full spread; each side pays half (default 0)' },
  equity: { type: 'string', value: 'AMOUNT', help: 'initial equity (default 10000)' },
  leverage: { type: 'string', value: 'N', help: 'perpetual: value of a position / its margin, 1 to 125 (default 3)' },
  'funding-rate': { type: 'string', value: 'RATE', help: 'perpetual: longs pay it to shorts (default 0.0001)' },
  'funding-hours': { type: 'string', value: 'N', help: 'perpetual: hours between funding times (default 8)' },
  maintenance: { type: 'string', value: 'RATE', help: 'perpetual: maintenance margin (default 0.005)' },
  'liquidation-fee': { type: 'string', value: 'RATE', help: 'perpetual: cost of a liquidation (default 0.005)' },
};

/** Flag → its name among the costs of a search and in the API. */
export const COST_FLAGS = {
  fee: 'fee',
  'maker-fee': 'makerFee',
  slippage: 'slippage',
  impact: 'impact',
  spread: 'spread',
  leverage: 'leverage',
  'funding-rate': 'fundingRate',
  'funding-hours': 'fundingHours',
  maintenance: 'maintenance',
  'liquidation-fee': 'liquidationFee',
} as const;

export const DATA_OPTION: Verb['options'] = {
  data: { type: 'string', value: 'FILE|HASH', help: 'candles: a .csv, .csv.gz or .zip file, a data set, or "sample"' },
};

/** A text flag, or undefined when it was not given. */
export function findText(context: VerbContext, flag: string): string | undefined {
  const value = context.values[flag];
  return typeof value === 'string' ? value : undefined;
}

/** A text flag that must be given. Throws `missing_flag`. */
export function getText(context: VerbContext, flag: string): string {
  const value = findText(context, flag);
  if (value === undefined) throw new UsageError('missing_flag', `--${flag} is needed`, flag);
  return value;
}

/** A number as a person writes it, or undefined when the flag was not given. Throws `bad_number`. */
export function findNumber(context: VerbContext, flag: string): number | undefined {
  const text = findText(context, flag);
  if (text === undefined) return undefined;
  if (!/^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text)) {
    throw new UsageError('bad_number', `--${flag} must be a number, not "${text}"`, flag);
  }
  return Number(text);
}

/** A whole number within limits, or undefined when the flag was not given. Throws `out_of_range`. */
export function findWhole(context: VerbContext, flag: string, min: number, max: number): number | undefined {
  const value = findNumber(context, flag);
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return value;
  throw new UsageError('out_of_range', `--${flag} must be a whole number from ${min} to ${max}, not ${value}`, flag);
}

/** Market and costs that were given, as `costsOf` takes them; it checks the market's name. */
export function givenCosts(context: VerbContext): CostInput {
  const given: Record<string, number | string> = {};
  for (const [flag, key] of Object.entries(COST_FLAGS)) {
    const value = findNumber(context, flag);
    if (value !== undefined) given[key] = value;
  }
  const market = findText(context, 'market');
  return (market === undefined ? given : { ...given, market }) as CostInput;
}

/** Runs what may refuse input, and turns a refusal into wrong usage (exit code 2). */
export async function refusing<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidInput) throw new UsageError(error.code, error.message, error.field);
    if (error instanceof DataError && error.code === 'dataset_missing') {
      throw new UsageError(error.code, error.message, 'data');
    }
    throw error;
  }
}

/** Where the data sets of a data directory lie. */
export const dataFolder = (context: VerbContext): string => join(context.dataDir, 'data');

export function openStore(context: VerbContext): Promise<DataStore> {
  return openDataStore(dataFolder(context));
}

/** The hash that `prefix` (at least six digits) stands for. */
export async function findHash(store: DataStore, prefix: string): Promise<string> {
  const found = (await store.list()).filter(({ hash }) => hash.startsWith(prefix));
  if (found.length === 1) return found[0]!.hash;
  const message =
    found.length === 0 ? `there is no data set ${prefix} here` : `${prefix} names ${found.length} data sets`;
  throw new UsageError(found.length === 0 ? 'dataset_missing' : 'bad_value', message, 'data');
}

/** Candles by what `--data` says: `sample`, a hash (or its first digits) of the data directory, or a file. */
export function loadCandles(context: VerbContext, wanted: string): Promise<Candles> {
  return refusing(async () => {
    if (wanted === 'sample') return sampleCandles();
    if (!/^[0-9a-f]{6,64}$/.test(wanted)) return (await readCandleFile(wanted)).candles;
    const store = await openStore(context);
    return store.load(await findHash(store, wanted));
  });
}

/** A JSON file. Throws `file_missing` or `bad_json`, with the flag as field. */
export async function readJson(path: string, flag: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError('file_missing', `${path} cannot be read: ${(error as Error).message}`, flag);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError('bad_json', `${path} is not JSON: ${(error as Error).message}`, flag);
  }
}
