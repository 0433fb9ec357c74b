import type { Candles } from '../../engine/candles.ts';
import { describeStrategy } from '../../engine/describe-strategy.ts';
import { engineFingerprint } from '../../engine/fingerprint.ts';
import { hashWithDomain, toHex, toUtf8 } from '../../engine/hash.ts';
import type { Champion, Trials, UnitOutcome } from '../../engine/outcome.ts';
import { mergeTrials } from '../../engine/search/trials.ts';
import { presetSpec, RISK_NAMES, type SearchSpec } from '../../engine/search-spec.ts';
import { percent } from '../cli/text.ts';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import { openFileCheckpoint } from '../file-checkpoint.ts';
import { type Checkpoint, mineUnit } from '../mine-unit.ts';
import { type Pool, startPool } from '../pool.ts';
import {
  COST_OPTIONS,
  DATA_OPTION,
  findChoice,
  findNumber,
  findText,
  findWhole,
  givenCosts,
  loadCandles,
  refusing,
} from './flags.ts';

/** The seed of a search for which none is given, so that an unchanged command repeats. */
const DEFAULT_SEED = 'stratmesh';
const UNITS_MAX = 10_000;
const PRESET_NAMES = ['quick', 'standard', 'deep'] as const;

/** Flags that replace one value of the preset, with the name it has there. */
const NUMBER_FLAGS = {
  population: 'population',
  generations: 'generations',
  folds: 'folds',
  holdout: 'holdout',
  embargo: 'embargo',
  warmup: 'warmup',
  equity: 'equity',
  'min-trades': 'minTrades',
} as const;

function specOf(context: VerbContext): SearchSpec {
  if (findChoice(context, 'market', ['spot', 'perpetual']) === 'perpetual') {
    throw new UsageError('unsupported', 'perpetual futures are not supported', 'market');
  }
  const overrides: Record<string, number | boolean> = {};
  for (const [flag, key] of Object.entries(NUMBER_FLAGS)) {
    const value = findNumber(context, flag);
    if (value !== undefined) overrides[key] = value;
  }
  if (context.values['allow-short'] === true) overrides.allowShort = true;
  return presetSpec({
    preset: findChoice(context, 'preset', PRESET_NAMES) ?? 'quick',
    risk: findChoice(context, 'risk', RISK_NAMES) ?? 'medium',
    overrides: { ...overrides, costs: givenCosts(context) },
  });
}

const noCheckpoint: Checkpoint = { load: async () => undefined, save: async () => {} };

/** One file a unit: FILE for the first, FILE.1, FILE.2 … for the others. */
function checkpointOf(file: string | undefined, unit: number): Checkpoint {
  if (file === undefined) return noCheckpoint;
  return openFileCheckpoint(unit === 0 ? file : `${file}.${unit}`);
}

interface Search {
  candles: Candles;
  seed: string;
  spec: SearchSpec;
  units: number;
  pool: Pool;
}

async function mineAll(context: VerbContext, search: Search): Promise<UnitOutcome[]> {
  const { candles, seed, spec, units, pool } = search;
  const file = findText(context, 'checkpoint');
  const outcomes: UnitOutcome[] = [];
  for (let unit = 0; unit < units; unit++) {
    const deps = {
      pool,
      candles,
      checkpoint: checkpointOf(file, unit),
      signal: context.signal,
      onCheckpointRefused: (error: Error) => context.note(`starting from scratch: ${error.message}`),
      onGeneration: ({ generation, generations, bestInSample, backtests }: Progress) =>
        context.note(
          `unit ${unit + 1}/${units} · generation ${generation}/${generations} · best in sample ${percent(bestInSample)} · ${backtests} backtests`,
          { transient: true },
        ),
    };
    outcomes.push(await mineUnit(deps, { dataset: candles.hash, seed, spec, unit }));
  }
  return outcomes;
}

interface Progress {
  generation: number;
  generations: number;
  bestInSample: number | null;
  backtests: number;
}

/** The digest of one unit, or a hash over those of several. */
function combineDigests(outcomes: readonly UnitOutcome[]): string {
  if (outcomes.length === 1) return outcomes[0]!.digest;
  return toHex(hashWithDomain('stratmesh/engine/units/1', toUtf8(outcomes.map(({ digest }) => digest).join(' '))));
}

const withSentence = (champion: Champion) => ({ ...champion, sentence: describeStrategy(champion.strategy) });

function documentOf({ candles, seed, spec }: Search, outcomes: readonly UnitOutcome[], trials: Trials): object {
  return {
    dataset: candles.hash,
    market: candles.meta,
    seed,
    spec,
    fingerprint: engineFingerprint(),
    digest: combineDigests(outcomes),
    trials,
    champions: outcomes.flatMap(({ champions }) => champions.map(withSentence)),
    units: outcomes.map(({ digest, score, trials: own, champions }, unit) => ({
      unit,
      digest,
      score,
      trials: own,
      champions: champions.map(({ hash }) => hash),
    })),
  };
}

function printText(
  context: VerbContext,
  { candles, seed }: Search,
  outcomes: readonly UnitOutcome[],
  trials: Trials,
): void {
  const { symbol, sample } = candles.meta;
  context.print(`data      ${symbol}${sample ? ' (sample)' : ''}, ${candles.length} bars, ${candles.hash}`);
  context.print(`seed      ${seed}`);
  context.print(`trials    ${trials.count}`);
  for (const { champions } of outcomes) {
    for (const { hash, strategy, inSample, outOfSample, holdout } of champions) {
      context.print(`champion  ${hash.slice(0, 16)}  ${describeStrategy(strategy)}`);
      context.print(
        `          in sample ${percent(inSample.return)}, out of sample ${percent(outOfSample.return)}, holdout ${percent(holdout.return)}`,
      );
    }
  }
  if (outcomes.every(({ champions }) => champions.length === 0))
    context.print('champion  none: no strategy traded enough');
  context.print(`engine    ${engineFingerprint().slice(0, 16)}`);
  context.print(`digest    ${combineDigests(outcomes)}`);
}

async function run(context: VerbContext): Promise<number> {
  const spec = await refusing(() => specOf(context));
  const units = findWhole(context, 'units', 1, UNITS_MAX) ?? 1;
  const threads = findWhole(context, 'threads', 1, 256);
  const seed = findText(context, 'seed') ?? DEFAULT_SEED;
  if (seed.length === 0 || seed.length > 128)
    throw new UsageError('bad_value', '--seed has 1 to 128 characters', 'seed');
  const candles = await loadCandles(context);
  const pool = startPool(threads === undefined ? {} : { threads });
  try {
    const search = { candles, seed, spec, units, pool };
    const outcomes = await refusing(() => mineAll(context, search));
    const trials = outcomes.map((outcome) => outcome.trials).reduce(mergeTrials);
    if (context.json) context.document(documentOf(search, outcomes, trials));
    else printText(context, search, outcomes, trials);
    return 0;
  } finally {
    await pool.stop();
  }
}

export const mineVerb: Verb = {
  name: 'mine',
  summary: 'search strategies on this machine alone',
  options: {
    ...DATA_OPTION,
    preset: { type: 'string', value: 'NAME', help: 'quick (60 × 20, default), standard (200 × 100), deep (600 × 300)' },
    risk: { type: 'string', value: 'NAME', help: 'low, medium (default), high' },
    population: { type: 'string', value: 'N', help: 'strategies a generation, 10 to 5000' },
    generations: { type: 'string', value: 'N', help: 'generations, 1 to 1000' },
    units: { type: 'string', value: 'N', help: 'units to mine one after the other (default 1)' },
    seed: { type: 'string', value: 'TEXT', help: `seed of all chance (default "${DEFAULT_SEED}")` },
    market: { type: 'string', value: 'KIND', help: 'spot (default)' },
    'allow-short': { type: 'boolean', help: 'also search short strategies (medium and high risk)' },
    folds: { type: 'string', value: 'N', help: 'walk-forward folds (default 5)' },
    holdout: { type: 'string', value: 'SHARE', help: 'sealed share at the end of the data (default 0.2)' },
    embargo: { type: 'string', value: 'BARS', help: 'most bars left out between parts (default 100)' },
    warmup: { type: 'string', value: 'BARS', help: 'most bars of a fold that only warm indicators up (default 250)' },
    'min-trades': { type: 'string', value: 'N', help: 'in-sample trades that a champion needs (default 30)' },
    ...COST_OPTIONS,
    threads: { type: 'string', value: 'N', help: 'worker threads (default: one per core)' },
    checkpoint: { type: 'string', value: 'FILE', help: 'save after each generation; resume from it if it is there' },
  },
  run,
};
