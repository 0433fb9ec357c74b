// The flags that describe a search: the same words for `job create` (the whole mesh) and `mine` (this machine alone).
import type { CreateJobInput } from '../../ui/api.ts';
import { UsageError, type VerbContext, type VerbOption } from '../cli/verb.ts';
import { COST_FLAGS, COST_OPTIONS, findNumber, findText, readJson } from './flags.ts';

const TEXT_FLAGS = ['name', 'preset', 'risk', 'validation', 'seed', 'market'] as const;
/** Flag → its name in the API. */
const NUMBER_FLAGS = {
  population: 'population',
  generations: 'generations',
  units: 'units',
  replicas: 'replicas',
  tolerance: 'tolerance',
  ...COST_FLAGS,
  equity: 'equity',
  folds: 'folds',
  holdout: 'holdout',
  embargo: 'embargo',
  warmup: 'warmup',
  'min-trades': 'minTrades',
  permutations: 'permutations',
} as const satisfies Record<string, keyof CreateJobInput>;

/** What a job file may say, and as what. */
const FILE_KEYS = new Map<string, string>([
  ['dataset', 'string'],
  ['allowShort', 'boolean'],
  ['anchored', 'boolean'],
  ['seeds', 'list'],
  ['others', 'list'],
  ...TEXT_FLAGS.map((key): [string, string] => [key, 'string']),
  ...Object.values(NUMBER_FLAGS).map((key): [string, string] => [key, 'number']),
]);

export const JOB_OPTIONS: Record<string, VerbOption> = {
  data: { type: 'string', value: 'FILE|HASH', help: 'candles: a data set by hash or its first digits' },
  name: { type: 'string', value: 'NAME', help: 'name for people (default: market and bar)' },
  preset: { type: 'string', value: 'P', help: 'quick (60 × 20), standard (200 × 100) or deep (600 × 300)' },
  risk: { type: 'string', value: 'R', help: 'low, medium (default) or high: position sizes and stop widths' },
  population: { type: 'string', value: 'N', help: 'strategies in a generation, 10 to 5000' },
  generations: { type: 'string', value: 'N', help: 'generations, 1 to 1000' },
  units: { type: 'string', value: 'N', help: 'independent searches' },
  replicas: { type: 'string', value: 'N', help: 'machines that run each unit (default 2)' },
  validation: { type: 'string', value: 'MODE', help: 'replicate (default: equal bits) or fuzzy (within a tolerance)' },
  tolerance: { type: 'string', value: 'SHARE', help: 'for fuzzy only (default 0.1)' },
  seed: { type: 'string', value: 'TEXT', help: 'equal seeds give equal results' },
  'allow-short': { type: 'boolean', help: 'also search short strategies (medium and high risk)' },
  'seed-strategy': {
    ...{ type: 'string', value: 'FILE', multiple: true },
    help: 'a strategy that every search begins with; may be given up to 8 times',
  },
  folds: { type: 'string', value: 'N', help: 'walk-forward folds (default 5)' },
  anchored: { type: 'boolean', help: 'folds that all begin with the first bar, not one after the other' },
  holdout: { type: 'string', value: 'SHARE', help: 'sealed share at the end of the data (default 0.2)' },
  embargo: {
    type: 'string',
    value: 'BARS',
    help: 'most bars left out between parts (default: longest look-back and time stop)',
  },
  warmup: { type: 'string', value: 'BARS', help: 'most bars of a fold that only warm indicators up (default 250)' },
  'min-trades': { type: 'string', value: 'N', help: 'in-sample trades that a champion needs (default 30)' },
  other: {
    ...{ type: 'string', value: 'HASH', multiple: true },
    help: 'another market, or other years, for the verdict to run what was found on; up to 4 times',
  },
  permutations: {
    ...{ type: 'string', value: 'N' },
    help: 'searches on permuted bars, for the p-value of the search itself',
  },
  ...COST_OPTIONS,
  file: { type: 'string', value: 'JOB.json', help: 'all of it from a file, named as in the API; flags win over it' },
};

/** What flags and file ask for, unchecked but for the form of numbers: the API and the engine know the limits. */
export async function jobInputOf(context: VerbContext): Promise<CreateJobInput> {
  const input = await readJobFile(findText(context, 'file'));
  for (const flag of TEXT_FLAGS) if (context.values[flag] !== undefined) input[flag] = context.values[flag];
  for (const [flag, key] of Object.entries(NUMBER_FLAGS)) {
    const value = findNumber(context, flag);
    if (value !== undefined) input[key] = value;
  }
  if (context.values['allow-short'] === true) input.allowShort = true;
  if (context.values.anchored === true) input.anchored = true;
  const seeds = context.values['seed-strategy'];
  if (Array.isArray(seeds)) {
    input.seeds = await Promise.all(seeds.map((file) => readJson(String(file), 'seed-strategy')));
  }
  const { other } = context.values;
  if (Array.isArray(other)) input.others = other.map(String);
  const data = findText(context, 'data');
  if (data !== undefined) input.dataset = data;
  if (typeof input.dataset !== 'string') throw new UsageError('missing_flag', '--data is needed', 'data');
  return input as unknown as CreateJobInput;
}

async function readJobFile(file: string | undefined): Promise<Record<string, unknown>> {
  if (file === undefined) return {};
  const content = await readJson(file, 'file');
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new UsageError('bad_file', `${file} holds no JSON object`, 'file');
  }
  for (const [key, value] of Object.entries(content)) {
    const wanted = FILE_KEYS.get(key);
    if (wanted === undefined) throw new UsageError('unknown_key', `${file}: ${key} is not known here`, key);
    if ((Array.isArray(value) ? 'list' : typeof value) !== wanted)
      throw new UsageError('bad_value', `${file}: ${key} must be a ${wanted}`, key);
  }
  return { ...content };
}
