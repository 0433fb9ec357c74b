// What the verdict on a job rests on: the validated answers of its units, and how often the same candles were searched and
// their holdout opened by anybody in the mesh. A pure function of the state, so that every node judges the same.
import type { Trials } from '../../engine/outcome.ts';
import type { JobRecord, State } from '../../ledger/derive.ts';
import type { Vote } from '../../ledger/verdict.ts';
import { compareText, type Hex, sha256Hex, toHex, utf8 } from '../../protocol/bytes.ts';
import { isPermutation, type ReRuns, reRunsOf } from '../permutations.ts';

export interface Basis {
  /** Equal where all that the verdict rests on is. */
  key: Hex;
  units: number;
  validated: number;
  /** Units that will have no answer. */
  failed: number;
  /** Of the validated units, in their order; not read yet. */
  champions: readonly Record<string, unknown>[];
  /** Re-runs of its search on permuted bars; undefined where none were asked for. */
  permutations: PermutationBasis | undefined;
  trials: readonly Trials[];
  /** Trials of all answers in front, of whatever job on these candles. */
  searched: readonly Trials[];
  /** Jobs on these candles with such an answer. */
  jobs: number;
  /** Times that the holdout of these candles was opened: once for each of those answers that has champions. */
  openings: number;
}

/** First champions, not read yet; undefined where a search ended without one. */
export interface PermutationBasis {
  /** Of the first validated unit: the search that the re-runs are compared with. */
  base: Record<string, unknown> | undefined;
  runs: readonly { index: number; champion: Record<string, unknown> | undefined }[];
  /** Re-runs that are still to come. */
  pending: number;
}

const firstOf = ({ result }: Vote): Record<string, unknown> | undefined => result.champions[0]?.strategy;

export function basisOf({ jobs, units }: Pick<State, 'jobs' | 'units'>, record: JobRecord): Basis {
  const { id, job } = record;
  const dataset = toHex(job.dataset);
  const own: { index: number; vote: Vote }[] = [];
  const all: Vote[] = [];
  const searchers = new Set<Hex>();
  let failed = 0;
  for (const unit of units) {
    const { leader, state } = unit.verdict;
    const other = jobs.get(unit.job);
    if (leader === undefined || other === undefined || toHex(other.job.dataset) !== dataset) continue;
    if (unit.job === id && state === 'failed') failed += 1;
    if (unit.job === id && state === 'validated') own.push({ index: unit.index, vote: leader });
    // Nothing was tried there on these candles, and nothing that was found is looked at.
    if (isPermutation(other.job)) continue;
    all.push(leader);
    searchers.add(unit.job);
  }
  own.sort((a, b) => a.index - b.index);
  const found = isPermutation(job) ? [] : own;
  const reRuns = reRunsOf({ jobs, units }, record);
  const again = reRuns.validated.map(({ verdict }) => verdict.leader!.answer);
  const answers = all.map(({ answer }) => answer).sort(compareText);
  return {
    key: sha256Hex(
      utf8(
        [
          id,
          ...own.map(({ vote }) => vote.answer),
          'permuted',
          reRuns.asked,
          reRuns.failed,
          ...again,
          'among',
          ...answers,
        ].join(' '),
      ),
    ),
    units: job.units,
    validated: own.length,
    failed,
    champions: found.flatMap(({ vote }) => vote.result.champions.map(({ strategy }) => strategy)),
    permutations: reRuns.asked === 0 ? undefined : permutationsIn(reRuns, own[0]?.vote),
    trials: found.map(({ vote }) => vote.result.trials),
    searched: all.map(({ result }) => result.trials),
    jobs: searchers.size,
    openings: all.filter(({ result }) => result.champions.length > 0).length,
  };
}

function permutationsIn({ validated, failed, asked }: ReRuns, first: Vote | undefined): PermutationBasis {
  return {
    base: first === undefined ? undefined : firstOf(first),
    runs: validated.map(({ index, verdict }) => ({ index, champion: firstOf(verdict.leader!) })),
    pending: asked - failed - validated.length,
  };
}
