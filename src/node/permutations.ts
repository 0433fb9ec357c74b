// Jobs that run the search of another job again on its candles with their bars in random order (docs/engine.md, Verdicts).
// Such a job is like any other to the ledger; its `search` names the job that it permutes besides what is searched.
// Unit i is the base job's unit 0 on permutation i. What it finds was never in any market: it is shown nowhere, and counts as
// nothing but one of the re-runs.
import type { Candles } from '../engine/candles.ts';
import { canonicalJson } from '../engine/canonical-json.ts';
import { InvalidInput } from '../engine/errors.ts';
import { checkArray } from '../engine/reader.ts';
import { parseSearchSpec, type SearchSpec } from '../engine/search-spec.ts';
import { permutedFor } from '../engine/statistics/permutation.ts';
import type { UnitTask } from '../engine/unit-task.ts';
import type { JobRecord, State } from '../ledger/derive.ts';
import type { UnitRecord } from '../ledger/units.ts';
import { equalBytes, type Hex, toHex } from '../protocol/bytes.ts';
import type { Job } from '../protocol/kinds.ts';
import { NAME_CHARS_MAX } from '../protocol/limits.ts';
import { JOB_LIMITS, OTHERS_MAX } from '../ui/limits.ts';

export const PERMUTATIONS_MAX = JOB_LIMITS.permutations.max;
/** Below every job that somebody asked for. */
const PRIORITY = 0;
const isHash = (value: unknown): value is Hex => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/** What a unit of a job is: a search, and on which candles. */
export interface JobSearch {
  spec: SearchSpec;
  /** The job whose search is run again on permuted bars; undefined for a search of the candles as they are. */
  permutes: Hex | undefined;
  /** Data sets of other markets or years, on which its verdict runs what was found. */
  others: readonly Hex[];
}

/** Throws InvalidInput naming the path. */
export function readSearch({ search }: Pick<Job, 'search'>): JobSearch {
  const { permutes, others = [], ...spec } = search;
  if (permutes !== undefined && !isHash(permutes)) {
    throw new InvalidInput('bad_value', 'permutes is not the id of a job', 'permutes');
  }
  const named = checkArray(others, 'others', 0, OTHERS_MAX);
  if (!named.every(isHash) || new Set(named).size < named.length) {
    throw new InvalidInput('bad_value', 'others is not a list of data sets, each once', 'others');
  }
  return { spec: parseSearchSpec(spec), permutes, others: named };
}

/** Other data sets that a job names; none where this engine cannot read it. */
export function othersOf(job: Pick<Job, 'search'>): readonly Hex[] {
  try {
    return readSearch(job).others;
  } catch {
    return [];
  }
}

/** Whether what the units of a job find is nothing but a measure of luck, also where this engine cannot read it. */
export const isPermutation = ({ search }: Pick<Job, 'search'>): boolean => search.permutes !== undefined;

/** The search of a unit and the candles that it is on. Throws InvalidInput (`too_few_bars`, and as `readSearch`). */
export function taskOf(job: Job, index: number, candles: Candles): { task: UnitTask; candles: Candles } {
  const { spec, permutes } = readSearch(job);
  const { seed } = job;
  if (permutes === undefined) return { task: { dataset: toHex(job.dataset), seed, spec, unit: index }, candles };
  const permuted = permutedFor(candles, spec, seed, index);
  return { task: { dataset: permuted.hash, seed, spec, unit: 0 }, candles: permuted };
}

/** The job of `count` re-runs of `base`, which is like it in all that a unit's bits and its validation depend on. */
export function permutationsOf({ id, job }: Pick<JobRecord, 'id' | 'job'>, count: number): Job {
  const name = `Permutations of ${job.name}`.slice(0, NAME_CHARS_MAX);
  return { ...job, name, units: count, search: { ...job.search, permutes: id }, priority: PRIORITY };
}

/** Whether `other` re-runs `base`, and is no easier to validate. */
function isOf(base: JobRecord, other: JobRecord): boolean {
  const { permutes, ...search } = other.job.search;
  if (permutes !== base.id) return false;
  const { dataset, fingerprint, seed, validation } = base.job;
  return (
    equalBytes(other.job.dataset, dataset) &&
    equalBytes(other.job.fingerprint, fingerprint) &&
    other.job.seed === seed &&
    other.job.units <= PERMUTATIONS_MAX &&
    canonicalJson(other.job.validation) === canonicalJson(validation) &&
    canonicalJson(search) === canonicalJson(base.job.search)
  );
}

/** The re-runs of a job, each once, whichever job asked for it. */
export interface ReRuns {
  /** Units that have an answer, in their order. */
  validated: readonly UnitRecord[];
  /** Units that will have none. */
  failed: number;
  /** All that are asked for. */
  asked: number;
}

export function reRunsOf({ jobs, units }: Pick<State, 'jobs' | 'units'>, base: JobRecord): ReRuns {
  const asking = [...jobs.values()].filter((job) => isOf(base, job));
  const asked = asking.reduce((most, { job }) => Math.max(most, job.units), 0);
  const validated: UnitRecord[] = [];
  let failed = 0;
  for (let index = 0; index < asked; index += 1) {
    // Equal units of several jobs have equal bits: the first that is decided stands for them.
    const found = asking.flatMap(({ id, job }) => (index < job.units ? [units.of(id).at(index)] : []));
    const done = found.find((unit) => unit?.verdict.state === 'validated');
    if (done !== undefined) validated.push(done);
    else if (found.every((unit) => unit?.verdict.state === 'failed')) failed += 1;
  }
  return { validated, failed, asked };
}

/** The job that a permutation is of, as far as it is known here; a job itself where it is none. */
export function baseOf({ jobs }: Pick<State, 'jobs'>, record: JobRecord): JobRecord {
  const { permutes } = record.job.search;
  return (typeof permutes === 'string' ? jobs.get(permutes) : undefined) ?? record;
}

/** What was last said of a job: whoever pauses or stops it does so with its permutations as well. */
export function actionOf(state: Pick<State, 'jobs'>, record: JobRecord): JobRecord['action'] {
  const own = record.action;
  return own === 'stop' || own === 'pause' ? own : baseOf(state, record).action;
}
