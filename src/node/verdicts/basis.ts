// What the verdict on a job rests on: the validated answers of its units, and how often the same candles were searched and
// their holdout opened by anybody in the mesh. A pure function of the state, so that every node judges the same.
import type { Trials } from '../../engine/outcome.ts';
import type { JobRecord, State } from '../../ledger/derive.ts';
import type { UnitRecord } from '../../ledger/units.ts';
import { compareText, type Hex, sha256Hex, utf8 } from '../../protocol/bytes.ts';
import { isPermutation, reRunsOf } from '../permutations.ts';
import type { Searched } from './searches.ts';

type Source = Pick<State, 'jobs' | 'units'>;

export interface Basis {
  /** Equal where all that the verdict rests on is. */
  key: Hex;
  units: number;
  validated: number;
  /** Units that will have no answer. */
  failed: number;
  /** Re-runs of its search on permuted bars; undefined where none were asked for. */
  permutations: { done: number; pending: number } | undefined;
  /** How many strategies the validated answers tried; none in a re-run of another search. */
  trials: number;
  /** Trials of all answers in front, of whatever job on these candles: one pool a job. */
  searched: readonly Trials[];
  /** Jobs on these candles with such an answer. */
  jobs: number;
  /** Times that the holdout of these candles was opened. */
  openings: number;
}

/** `searched`: all jobs that search the candles of this one, by id. */
export function basisOf(state: Source, record: JobRecord, searched: ReadonlyMap<Hex, Searched>): Basis {
  const { id, job } = record;
  const { tally } = state.units.of(id);
  const reRuns = reRunsOf(state, record);
  const done = reRuns.validated.length;
  const tried = [...searched].filter(([, { answers }]) => answers > 0).sort(([a], [b]) => compareText(a, b));
  const said = [
    ...[id, tally.validated, 'permuted', reRuns.asked, reRuns.failed],
    ...reRuns.validated.map(({ verdict }) => verdict.leader!.answer),
    ...['among', ...tried.flatMap(([other, { key }]) => [other, key])],
  ];
  return {
    key: sha256Hex(utf8(said.join(' '))),
    units: job.units,
    validated: tally.validated,
    failed: tally.failed,
    permutations: reRuns.asked === 0 ? undefined : { done, pending: reRuns.asked - reRuns.failed - done },
    trials: isPermutation(job) ? 0 : tally.trials,
    searched: tried.map(([, { trials }]) => trials),
    jobs: tried.length,
    openings: tried.reduce((sum, [, { openings }]) => sum + openings, 0),
  };
}

/** What the validated answers of a job hold, strategies not read yet. */
export interface Findings {
  champions: readonly Record<string, unknown>[];
  /** Of each answer, in the order of the units. */
  trials: readonly Trials[];
  permutations: PermutationFindings | undefined;
}

/** First champions; undefined where a search ended without one. */
export interface PermutationFindings {
  /** Of the first validated unit: the search that the re-runs are compared with. */
  base: Record<string, unknown> | undefined;
  runs: readonly { index: number; champion: Record<string, unknown> | undefined }[];
  /** Re-runs that are still to come. */
  pending: number;
}

const firstOf = (unit: UnitRecord | undefined): Record<string, unknown> | undefined =>
  unit?.verdict.leader?.result.champions[0]?.strategy;

export function findingsOf(state: Source, record: JobRecord): Findings {
  const units = [...state.units.of(record.id)].filter(({ verdict }) => verdict.state === 'validated');
  const results = units.map(({ verdict }) => verdict.leader!.result);
  const { asked, failed, validated } = reRunsOf(state, record);
  const permutations = {
    base: firstOf(units[0]),
    runs: validated.map((unit) => ({ index: unit.index, champion: firstOf(unit) })),
    pending: asked - failed - validated.length,
  };
  return {
    champions: results.flatMap(({ champions }) => champions.map(({ strategy }) => strategy)),
    trials: results.map(({ trials }) => trials),
    permutations: asked === 0 ? undefined : permutations,
  };
}
