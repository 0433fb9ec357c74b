import type { Candles } from '../../engine/candles.ts';
import { describeStrategy } from '../../engine/describe-strategy.ts';
import { engineFingerprint } from '../../engine/fingerprint.ts';
import { hashWithDomain, toHex, toUtf8 } from '../../engine/hash.ts';
import type { Champion, UnitOutcome } from '../../engine/outcome.ts';
import { checkFunding } from '../../engine/perpetual.ts';
import type { SearchSpec } from '../../engine/search-spec.ts';
import type { JobReport } from '../../engine/statistics/judge-job.ts';
import { DEFAULT_THRESHOLDS, parseThresholds } from '../../engine/statistics/thresholds.ts';
import { percent } from '../cli/text.ts';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import { openFileCheckpoint } from '../file-checkpoint.ts';
import { specOf } from '../job-input.ts';
import { type Demands, judgeMined } from '../judge-mined.ts';
import { type Checkpoint, mineUnit } from '../mine-unit.ts';
import { type Pool, startPool } from '../pool.ts';
import { judgementOf } from '../verdicts/words.ts';
import { DATA_OPTION, findText, findWhole, loadCandles, readJson, refusing } from './flags.ts';
import { JOB_OPTIONS, jobInputOf } from './job-flags.ts';
import { printJudgement } from './judgement-text.ts';

/** The seed of a search for which none is given, so that an unchanged command repeats. */
const DEFAULT_SEED = 'stratmesh';
const UNITS_MAX = 10_000;
const SEED_CHARS_MAX = 64;
const PERMUTATIONS_MAX = 9999;

/** `name` needs no saying; the others say how a mesh would check a unit. */
const MESH_FLAGS = ['replicas', 'validation', 'tolerance'] as const;

const noCheckpoint: Checkpoint = { load: async () => undefined, save: async () => {} };

/** One file a unit: FILE for the first, FILE.1, FILE.2 … for the others. */
function checkpointOf(file: string | undefined, unit: number): Checkpoint {
  if (file === undefined) return noCheckpoint;
  return openFileCheckpoint(unit === 0 ? file : `${file}.${unit}`, engineFingerprint());
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
      onCheckpointRefused: (error: Error) => refuseForeign(context, error),
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

/** A damaged checkpoint is of no use to anybody; another search's is somebody's work, and is not written over. */
function refuseForeign(context: VerbContext, error: Error & { code?: string }): void {
  if (error.code === 'foreign_checkpoint') {
    throw new UsageError(error.code, `${error.message}. Name another file, or remove this one.`, 'checkpoint');
  }
  context.note(`starting from scratch: ${error.message}`);
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

async function demandsOf(context: VerbContext, permutations: number, others: readonly string[]): Promise<Demands> {
  const file = findText(context, 'thresholds');
  return {
    others: await Promise.all(others.map((each) => loadCandles(context, each))),
    permutations,
    thresholds:
      file === undefined
        ? DEFAULT_THRESHOLDS
        : await refusing(async () => parseThresholds(await readJson(file, 'thresholds'))),
  };
}

function judge(context: VerbContext, search: Search, outcomes: readonly UnitOutcome[], demands: Demands) {
  const { candles, seed, spec, pool } = search;
  const onPermutation = (index: number) =>
    context.note(`permutation ${index + 1}/${demands.permutations}`, { transient: true });
  return judgeMined({ pool, signal: context.signal, onPermutation }, { candles, seed, spec, outcomes }, demands);
}

const withSentence = (champion: Champion) => ({ ...champion, sentence: describeStrategy(champion.strategy) });

function documentOf({ candles, seed, spec }: Search, outcomes: readonly UnitOutcome[], report: JobReport): object {
  return {
    dataset: candles.hash,
    market: candles.meta,
    seed,
    spec,
    fingerprint: engineFingerprint(),
    digest: combineDigests(outcomes),
    trials: report.trials,
    judgement: judgementOf(report),
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
  { candles, seed, spec }: Search,
  outcomes: readonly UnitOutcome[],
  report: JobReport,
): void {
  const { symbol, sample } = candles.meta;
  context.print(`data      ${symbol}${sample ? ' (sample)' : ''}, ${candles.length} bars, ${candles.hash}`);
  context.print(`seed      ${seed}`);
  const kind = spec.anchored === true ? 'anchored' : 'rolling';
  context.print(`folds     ${spec.folds}, ${kind}, embargo of ${spec.embargo} bars at most`);
  context.print(`trials    ${report.trials.count}`);
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
  printJudgement(context, judgementOf(report));
  context.print(`engine    ${engineFingerprint().slice(0, 16)}`);
  context.print(`digest    ${combineDigests(outcomes)}`);
}

async function run(context: VerbContext): Promise<number> {
  const input = await jobInputOf(context);
  const units = wholeIn('units', input.units ?? 1, UNITS_MAX);
  const threads = findWhole(context, 'threads', 1, 256);
  const seed = input.seed ?? DEFAULT_SEED;
  if (seed.length === 0 || seed.length > SEED_CHARS_MAX) {
    throw new UsageError('bad_value', `--seed has 1 to ${SEED_CHARS_MAX} characters`, 'seed');
  }
  const idle = MESH_FLAGS.filter((flag) => input[flag] !== undefined);
  if (idle.length > 0) context.note(`One machine runs each unit once: ${idle.join(', ')} matter in a mesh only.`);
  const permutations = wholeIn('permutations', input.permutations ?? 0, PERMUTATIONS_MAX, 0);
  const demands = await demandsOf(context, permutations, input.others ?? []);
  const { thresholds } = demands;
  if (permutations > 0 && permutations + 1 < 1 / thresholds.level) {
    context.note(`${permutations} permutations cannot give a p-value as low as ${thresholds.level}; more are needed.`);
  }
  const candles = await loadCandles(context, input.dataset);
  const spec = await refusing(() => specOf({ preset: 'quick', ...input }, candles));
  const { perpetual } = spec.costs;
  if (perpetual !== undefined) await refusing(() => checkFunding(candles, perpetual));
  const pool = startPool(threads === undefined ? {} : { threads });
  try {
    const search = { candles, seed, spec, units, pool };
    const outcomes = await refusing(() => mineAll(context, search));
    const report = await refusing(() => judge(context, search, outcomes, demands));
    if (context.json) context.document(documentOf(search, outcomes, report));
    else printText(context, search, outcomes, report);
    return 0;
  } finally {
    await pool.stop();
  }
}

function wholeIn(field: string, value: number, max: number, min = 1): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UsageError('out_of_range', `--${field} must be a whole number from ${min} to ${max}, not ${value}`, field);
}

export const mineVerb: Verb = {
  name: 'mine',
  summary: 'search strategies on this machine alone',
  options: {
    ...JOB_OPTIONS,
    ...DATA_OPTION,
    preset: { type: 'string', value: 'P', help: 'quick (60 × 20, default), standard (200 × 100) or deep (600 × 300)' },
    units: { type: 'string', value: 'N', help: 'units to mine one after the other (default 1)' },
    seed: { type: 'string', value: 'TEXT', help: `equal seeds give equal results (default "${DEFAULT_SEED}")` },
    permutations: {
      ...{ type: 'string', value: 'N' },
      help: 'searches on permuted bars, for the p-value of the search itself (default 0; 19 for 5 %)',
    },
    other: {
      ...{ type: 'string', value: 'FILE|HASH', multiple: true },
      help: 'another market, or other years, to run what was found on; may be given several times',
    },
    thresholds: { type: 'string', value: 'FILE', help: 'what a verdict asks for, as JSON (docs/engine.md, Verdicts)' },
    threads: { type: 'string', value: 'N', help: 'worker threads (default: one per core)' },
    checkpoint: { type: 'string', value: 'FILE', help: 'save after each generation; resume from it if it is there' },
  },
  run,
};
