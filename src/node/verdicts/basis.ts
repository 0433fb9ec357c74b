// What the verdict on a job rests on: the validated answers of its units, and how often the same candles were searched and
// their holdout opened by anybody in the mesh. A pure function of the state, so that every node judges the same.
import type { Trials } from '../../engine/outcome.ts';
import type { JobRecord, State } from '../../ledger/derive.ts';
import type { Vote } from '../../ledger/verdict.ts';
import { compareText, type Hex, sha256Hex, toHex, utf8 } from '../../protocol/bytes.ts';

export interface Basis {
  /** Equal where all that the verdict rests on is. */
  key: Hex;
  units: number;
  validated: number;
  /** Units that will have no answer. */
  failed: number;
  /** Of the validated units, in their order; not read yet. */
  champions: readonly Record<string, unknown>[];
  trials: readonly Trials[];
  /** Trials of all answers in front, of whatever job on these candles. */
  searched: readonly Trials[];
  /** Jobs on these candles with such an answer. */
  jobs: number;
  /** Times that the holdout of these candles was opened: once for each of those answers that has champions. */
  openings: number;
}

export function basisOf({ jobs, units }: Pick<State, 'jobs' | 'units'>, { id, job }: JobRecord): Basis {
  const dataset = toHex(job.dataset);
  const own: { index: number; vote: Vote }[] = [];
  const all: Vote[] = [];
  const searchers = new Set<Hex>();
  let failed = 0;
  for (const unit of units) {
    const { leader, state } = unit.verdict;
    const other = jobs.get(unit.job);
    if (leader === undefined || other === undefined || toHex(other.job.dataset) !== dataset) continue;
    all.push(leader);
    searchers.add(unit.job);
    if (unit.job !== id) continue;
    if (state === 'failed') failed += 1;
    if (state === 'validated') own.push({ index: unit.index, vote: leader });
  }
  own.sort((a, b) => a.index - b.index);
  const answers = all.map(({ answer }) => answer).sort(compareText);
  return {
    key: sha256Hex(utf8([id, ...own.map(({ vote }) => vote.answer), 'among', ...answers].join(' '))),
    units: job.units,
    validated: own.length,
    failed,
    champions: own.flatMap(({ vote }) => vote.result.champions.map(({ strategy }) => strategy)),
    trials: own.map(({ vote }) => vote.result.trials),
    searched: all.map(({ result }) => result.trials),
    jobs: searchers.size,
    openings: all.filter(({ result }) => result.champions.length > 0).length,
  };
}
