// The draft of a job: text as typed, what is wrong with it, and the request that it makes. Knows no screen.
import type { CreateJobInput, DatasetView, JobView, Preset, Risk } from '../../api.ts';
import { JOB_BARS_MIN, JOB_LIMITS, PERMUTATIONS_DEFAULT, SEED_LENGTH_MAX } from '../../limits.ts';
import { count, plain } from '../format.ts';
import { recall, remember } from '../memory.ts';
import { words } from '../words/words.ts';

export interface Draft {
  dataset: string;
  population: string;
  generations: string;
  units: string;
  risk: Risk;
  replicas: string;
  fee: string;
  slippage: string;
  spread: string;
  equity: string;
  folds: string;
  /** `anchored`, or blank for folds one after the other. */
  anchored: string;
  minTrades: string;
  holdout: string;
  permutations: string;
  /** Hashes of other data sets, with a blank between them. */
  others: string;
  seed: string;
}

export type FieldName = keyof Draft;
export type Errors = Partial<Record<FieldName, string>>;

const PRESETS: Readonly<Record<Preset, { population: number; generations: number; units: number }>> = {
  quick: { population: 60, generations: 20, units: 20 },
  standard: { population: 200, generations: 100, units: 60 },
  deep: { population: 600, generations: 300, units: 120 },
};

export const ADVANCED_FIELDS = [
  'fee',
  'slippage',
  'spread',
  'equity',
  'folds',
  'minTrades',
  'seed',
  'holdout',
  'permutations',
] as const satisfies readonly FieldName[];

/** Shown and typed in percent, sent as ratios. */
export const PERCENT_FIELDS: ReadonlySet<FieldName> = new Set(['fee', 'slippage', 'spread', 'holdout']);
const WHOLE_FIELDS: ReadonlySet<FieldName> = new Set([
  ...(['population', 'generations', 'units', 'folds', 'minTrades', 'permutations'] as const),
]);
const REQUIRED_FIELDS: ReadonlySet<FieldName> = new Set(['population', 'generations', 'units']);
const NUMBER_FIELDS = [
  'population',
  'generations',
  'units',
  'fee',
  'slippage',
  'spread',
  'equity',
  'folds',
  'minTrades',
  'holdout',
  'permutations',
] as const satisfies readonly FieldName[];

const DRAFT_KEY = 'draft';

const EMPTY_DRAFT: Draft = {
  dataset: '',
  population: String(PRESETS.standard.population),
  generations: String(PRESETS.standard.generations),
  units: String(PRESETS.standard.units),
  risk: 'medium',
  replicas: '2',
  fee: '',
  slippage: '',
  spread: '',
  equity: '',
  folds: '',
  anchored: '',
  minTrades: '',
  holdout: '',
  permutations: '',
  others: '',
  seed: '',
};

/** The draft of last time, with a data set that exists. */
export function loadDraft(datasets: readonly DatasetView[]): Draft {
  const draft: Draft = { ...EMPTY_DRAFT };
  try {
    const saved = JSON.parse(recall(DRAFT_KEY) ?? '{}') as Partial<Draft>;
    for (const key of Object.keys(draft) as FieldName[]) {
      if (typeof saved[key] === 'string') Object.assign(draft, { [key]: saved[key] });
    }
  } catch {
    // A draft that cannot be read is no draft.
  }
  if (!datasets.some(({ hash }) => hash === draft.dataset)) draft.dataset = datasets[0]?.hash ?? '';
  return draft;
}

export const saveDraft = (draft: Draft): void => remember(DRAFT_KEY, JSON.stringify(draft));
/** The next draft is a job as it was, with a seed of its own. */
export function copyToDraft(job: JobView): void {
  const percent = (ratio: number): string => String(Number((ratio * 100).toFixed(8)));
  saveDraft({
    ...EMPTY_DRAFT,
    dataset: job.datasetHash,
    population: String(job.population),
    generations: String(job.generations),
    units: String(job.units),
    risk: job.risk,
    replicas: String(job.replicas),
    fee: percent(job.fee),
    slippage: percent(job.slippage),
  });
}

export const forgetDraft = (): void => remember(DRAFT_KEY, undefined);

/** A typed number, with a point or a comma; NaN when it is none. */
function numberOf(text: string): number {
  const plainText = text.trim().replace(',', '.');
  return /^\d+(?:\.\d+)?$/.test(plainText) ? Number(plainText) : Number.NaN;
}

export function presetOf(draft: Draft): Preset | undefined {
  const same = (name: Preset): boolean =>
    numberOf(draft.population) === PRESETS[name].population &&
    numberOf(draft.generations) === PRESETS[name].generations;
  return (['quick', 'standard', 'deep'] as const).find(same);
}

export const withPreset = (draft: Draft, preset: Preset): Draft => ({
  ...draft,
  population: String(PRESETS[preset].population),
  generations: String(PRESETS[preset].generations),
  units: String(PRESETS[preset].units),
});

function errorIn(field: (typeof NUMBER_FIELDS)[number], text: string): string | undefined {
  if (text.trim() === '' && !REQUIRED_FIELDS.has(field)) return undefined;
  const percent = PERCENT_FIELDS.has(field);
  const scale = percent ? 100 : 1;
  const least = JOB_LIMITS[field].min * scale;
  const most = JOB_LIMITS[field].max * scale;
  const value = numberOf(text);
  const whole = WHOLE_FIELDS.has(field);
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return undefined;
  const unit = percent ? '\u00a0%' : '';
  return whole
    ? words.value.errorWhole(count(least), count(most))
    : words.value.errorRange(`${plain(least)}${unit}`, `${plain(most)}${unit}`);
}

export function errorsOf(draft: Draft, datasets: readonly DatasetView[]): Errors {
  const errors: Errors = {};
  const dataset = datasets.find(({ hash }) => hash === draft.dataset);
  if (dataset === undefined) errors.dataset = words.value.errorDataset;
  else if (dataset.bars < JOB_BARS_MIN) errors.dataset = words.value.dataFew(count(dataset.bars), count(JOB_BARS_MIN));
  for (const field of NUMBER_FIELDS) {
    const error = errorIn(field, draft[field]);
    if (error !== undefined) errors[field] = error;
  }
  if (draft.seed.trim().length > SEED_LENGTH_MAX) errors.seed = words.value.errorSeed(count(SEED_LENGTH_MAX));
  return errors;
}

/** Data sets on which what a job finds could be run as well: those with bars like its own. */
export function otherMarkets(draft: Draft, datasets: readonly DatasetView[]): DatasetView[] {
  const own = datasets.find(({ hash }) => hash === draft.dataset);
  return datasets.filter(({ hash, barMs }) => hash !== own?.hash && barMs === own?.barMs);
}

/** Hashes of those that the draft names. */
export const chosenMarkets = (draft: Draft, datasets: readonly DatasetView[]): string[] =>
  otherMarkets(draft, datasets)
    .map(({ hash }) => hash)
    .filter((hash) => draft.others.split(' ').includes(hash));

/** The request for a draft without errors: what is blank is the node's to choose. */
export function inputOf(draft: Draft, datasets: readonly DatasetView[]): CreateJobInput {
  const input: CreateJobInput = { dataset: draft.dataset, risk: draft.risk, replicas: Number(draft.replicas) };
  for (const field of NUMBER_FIELDS) {
    if (draft[field].trim() === '') continue;
    const value = numberOf(draft[field]);
    // Rounded, or 0.06 % would become 0.0006000000000000001.
    input[field] = PERCENT_FIELDS.has(field) ? Number((value / 100).toFixed(10)) : value;
  }
  const preset = presetOf(draft);
  if (preset !== undefined) input.preset = preset;
  if (draft.anchored !== '') input.anchored = true;
  const others = chosenMarkets(draft, datasets);
  if (others.length > 0) input.others = others;
  if (draft.seed.trim() !== '') input.seed = draft.seed.trim();
  return input;
}

export interface Estimate {
  units: number;
  /** Searches on permuted bars: each is as much work as a unit. */
  reRuns: number;
  backtests: number;
  ms: number | null;
}

/** Strategies that the job and its re-runs will try, and how long that takes at a rate; NaN and null while unknown. */
export function estimate(draft: Draft, rate: number | null): Estimate {
  const units = numberOf(draft.units);
  const reRuns = draft.permutations.trim() === '' ? PERMUTATIONS_DEFAULT : numberOf(draft.permutations);
  const backtests = (units + reRuns) * numberOf(draft.population) * numberOf(draft.generations);
  const work = backtests * Number(draft.replicas);
  return {
    units,
    reRuns,
    backtests,
    ms: rate === null || rate <= 0 || Number.isNaN(work) ? null : (1_000 * work) / rate,
  };
}
