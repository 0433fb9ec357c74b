// The verdicts on the jobs of the mesh. A job is judged when its last unit is decided, and whenever somebody asks and something
// that the verdict rests on has changed, as far as its owner lets the machine work. What was judged is kept, also over a restart.

import type { Candles } from '../../engine/candles.ts';
import { parseStrategy } from '../../engine/parse-strategy.ts';
import { hasFunding } from '../../engine/perpetual.ts';
import type { SearchSpec } from '../../engine/search-spec.ts';
import type { JobReport } from '../../engine/statistics/judge-job.ts';
import { poolTrials } from '../../engine/statistics/trial-pool.ts';
import { nameVerdict } from '../../engine/statistics/verdict-words.ts';
import type { Strategy } from '../../engine/strategy.ts';
import type { JobRecord } from '../../ledger/derive.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { UnitPlaces } from '../../ledger/live-state.ts';
import type { UnitsOfJob } from '../../ledger/units.ts';
import { type Hex, sha256Hex, toHex, utf8 } from '../../protocol/bytes.ts';
import { RequestError } from '../../ui/api.ts';
import type { Judgement, VerdictView } from '../../ui/api-verdict.ts';
import type { Config } from '../config.ts';
import type { DataDirectory } from '../data-directory.ts';
import type { Events } from '../events.ts';
import { baseOf, isPermutation, othersOf, readSearch, reRunsOf } from '../permutations.ts';
import type { Decision } from '../power/decide.ts';
import { type Basis, basisOf, type Findings, findingsOf, type PermutationFindings } from './basis.ts';
import type { PermutedSearches } from './judge.ts';
import type { Judge } from './judge-thread.ts';
import { openReports, type Reports } from './reports.ts';
import { Searches } from './searches.ts';
import { judgementOf } from './words.ts';

export interface VerdictDeps {
  ledger: Pick<Ledger, 'state'>;
  /** Undefined when the candles are not here. */
  candles(dataset: Hex): Promise<Candles | undefined>;
  data: { has(dataset: Hex): boolean };
  judge: Judge;
  config: Pick<Config, 'thresholds'>;
  /** Where judgements are kept. */
  directory: Pick<DataDirectory, 'verdicts'>;
  /** What owner and machine allow at the moment, and why not more. */
  allowance(): Pick<Decision, 'run' | 'reason'>;
  events: Pick<Events, 'emit'>;
  /** ms since 1970. */
  now(): number;
}

interface Judged {
  key: Hex;
  at: number;
  outcome: { judgement: Judgement } | { why: string };
}

/** While answers come in one after the other, a job is not judged again at each of them: the machine has owners. */
const PAUSE_MS = 60_000;
const NO_ANSWER = 'No unit of this job is validated yet.';
const PERMUTATION =
  'Its units run the search of another job again on permuted bars; how much they found is part of the verdict on that job.';
const HELD = 'The job is judged when this machine works again.';
const NO_CANDLES = 'This machine cannot judge the job without its candles, which it does not hold.';

export class JobVerdicts {
  readonly #deps: VerdictDeps;
  readonly #reports: Reports;
  readonly #searches: Searches;
  readonly #judged = new Map<Hex, Judged>();
  /** Jobs that are to be judged, and whether the owner is told. */
  readonly #asked = new Map<Hex, { isTold: boolean }>();
  /** The one that is being judged. */
  #judging: Hex | undefined;
  /** Jobs of which the disk was asked. */
  readonly #looked = new Set<Hex>();
  readonly #stopping = new AbortController();
  #queue: Promise<void> = Promise.resolve();

  constructor(deps: VerdictDeps) {
    this.#deps = deps;
    this.#reports = openReports(deps.directory.verdicts, deps.config.thresholds);
    this.#searches = new Searches(() => deps.ledger.state());
  }

  /** What is known of it; asks for what is not. Rejects with RequestError `job_unknown`. */
  async view(id: Hex): Promise<VerdictView> {
    const record = this.#deps.ledger.state().jobs.get(id);
    if (record === undefined) throw new RequestError('job_unknown', `There is no job ${id}.`, { status: 404 });
    const { basis } = await this.#basisOf(record);
    const judged = this.#known(id);
    const isCurrent = judged?.key === basis.key;
    const isRecent = judged !== undefined && 'judgement' in judged.outcome && this.#deps.now() - judged.at < PAUSE_MS;
    const isJudged = basis.validated > 0 && !isPermutation(record.job);
    if (isJudged && !isCurrent && !isRecent) this.#ask(id, false);
    const { units, validated, failed, jobs, openings, permutations, trials } = basis;
    return {
      job: id,
      ...(isPermutation(record.job) ? WAITING : this.#stateOf(basis, judged, id)),
      basis: {
        ...{ units, validated, failed, jobs, openings, trials },
        searched: poolTrials(basis.searched).count,
        permutations: permutations ?? null,
      },
      judgedAt: judged === undefined ? null : new Date(judged.at).toISOString(),
      judgement: this.judged(id) ?? null,
    };
  }

  /** The last judgement, of this run of the node or of an earlier one. Asks for none. */
  judged(id: Hex): Judgement | undefined {
    const outcome = this.#known(id)?.outcome;
    return outcome !== undefined && 'judgement' in outcome ? outcome.judgement : undefined;
  }

  /**
   * Units whose votes or verdicts may be others than before: a job whose last unit is decided is judged, and once more when the last
   * re-run of its search is.
   */
  lookAt(units: UnitPlaces): void {
    this.#searches.changed(units);
    const state = this.#deps.ledger.state();
    const jobs = new Set<Hex>();
    for (const [id, indices] of units) {
      const record = state.jobs.get(id);
      if (record === undefined || !hasDecided(state.units.of(id), indices)) continue;
      const base = baseOf(state, record);
      if (base === record ? !isPermutation(record.job) : isOver(reRunsOf(state, base))) jobs.add(base.id);
    }
    for (const id of jobs) if (this.#isDecided(state.jobs.get(id))) this.#ask(id, true);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#queue;
  }

  #known(id: Hex): Judged | undefined {
    const judged = this.#judged.get(id);
    if (judged !== undefined || this.#looked.has(id)) return judged;
    this.#looked.add(id);
    const kept = this.#reports.find(id);
    if (kept === undefined) return undefined;
    const { key, at, judgement } = kept;
    this.#judged.set(id, { key, at, outcome: { judgement } });
    return this.#judged.get(id);
  }

  #stateOf({ validated }: Basis, judged: Judged | undefined, id: Hex): Pick<VerdictView, 'state' | 'why'> {
    if (validated === 0) return { state: 'waiting', why: NO_ANSWER };
    if (judged !== undefined && 'why' in judged.outcome) {
      const state = judged.outcome.why === NO_CANDLES ? 'waiting' : 'failed';
      return { state, why: judged.outcome.why };
    }
    if (!this.#asked.has(id) && this.#judging !== id) return { state: 'judged', why: null };
    const { run, reason } = this.#deps.allowance();
    return run === 'run' ? { state: 'judging', why: null } : { state: 'waiting', why: `${HELD} ${reason}` };
  }

  #isDecided(record: JobRecord | undefined): boolean {
    if (record === undefined) return false;
    const { validated, failed } = this.#deps.ledger.state().units.of(record.id).tally;
    return validated + failed === record.job.units;
  }

  async #basisOf(record: JobRecord): Promise<{ basis: Basis; findings: () => Findings }> {
    const { state, searched } = await this.#searches.on(toHex(record.job.dataset));
    const basis = basisOf(state, record, searched);
    const here = othersOf(record.job).filter((dataset) => this.#deps.data.has(dataset));
    const key = here.length === 0 ? basis.key : sha256Hex(utf8([basis.key, ...here].join(' ')));
    return { basis: { ...basis, key }, findings: () => findingsOf(state, record) };
  }

  #ask(id: Hex, isTold: boolean): void {
    const asked = this.#asked.get(id);
    this.#asked.set(id, { isTold: isTold || asked?.isTold === true });
    if (asked === undefined) this.#queue = this.#queue.then(() => this.#answer(id));
  }

  async #answer(id: Hex): Promise<void> {
    const { isTold } = this.#asked.get(id)!;
    this.#judging = id;
    this.#asked.delete(id);
    const record = this.#deps.ledger.state().jobs.get(id);
    if (record !== undefined && !this.#stopping.signal.aborted) await this.#judgeAnew(record, isTold);
    this.#judging = undefined;
  }

  async #judgeAnew(record: JobRecord, isTold: boolean): Promise<void> {
    const { id } = record;
    const { basis, findings } = await this.#basisOf(record);
    if (this.#known(id)?.key === basis.key) return;
    const outcome = await this.#judge(record, basis, findings());
    if (this.#stopping.signal.aborted) return;
    // Candles may come: then it can be judged after all.
    const key = 'why' in outcome && outcome.why === NO_CANDLES ? '' : basis.key;
    const at = this.#deps.now();
    this.#judged.set(id, { key, at, outcome });
    if (isTold) this.#tell(record, outcome);
    if ('judgement' in outcome) await this.#reports.keep(id, { key, at, judgement: outcome.judgement });
  }

  async #judge({ job }: JobRecord, { searched }: Basis, findings: Findings): Promise<Judged['outcome']> {
    try {
      const candles = await this.#deps.candles(toHex(job.dataset));
      if (candles === undefined) return { why: NO_CANDLES };
      const { spec, others } = readSearch(job);
      const champions = findings.champions.map((strategy) => parseStrategy(strategy));
      const { trials, permutations } = findings;
      const permuted = permutations === undefined ? {} : { permuted: searchesOf(job.seed, permutations) };
      const { thresholds } = this.#deps.config;
      const task = { candles, spec, champions, trials, searched, thresholds, ...permuted };
      const elsewhere = await this.#others(others, candles, spec);
      const report: JobReport = await this.#deps.judge({ ...task, ...elsewhere }, this.#stopping.signal);
      return { judgement: judgementOf(report) };
    } catch (error) {
      return { why: `The job could not be judged: ${(error as Error).message}` };
    }
  }

  /** Those that are here and have the bars that the job is on; whoever made the job has seen to it. */
  async #others(named: readonly Hex[], { barMs }: Candles, { costs: { perpetual } }: SearchSpec) {
    const others: Candles[] = [];
    const othersMissing: Hex[] = [];
    for (const dataset of named) {
      const candles = await this.#deps.candles(dataset);
      const fits = candles?.barMs === barMs && (perpetual === undefined || hasFunding(candles, perpetual));
      if (candles !== undefined && fits) others.push(candles);
      else othersMissing.push(dataset);
    }
    return { others, othersMissing };
  }

  #tell({ id, job }: JobRecord, outcome: Judged['outcome']): void {
    if (!('judgement' in outcome)) return;
    const { verdict, strategies, searched, permutations } = outcome.judgement;
    const found = verdict === 'significant' ? 'something significant was found' : 'nothing significant was found';
    const best = strategies.length === 0 ? 'no strategy traded enough' : `the best strategy is ${nameVerdict(verdict)}`;
    this.#deps.events.emit(
      'job.judged',
      `“${job.name}” is done: ${found}; ${best}, after ${searched.count} trials on these candles${stillToCome(permutations)}.`,
      { job: id, verdict },
    );
  }
}

const hasDecided = (units: UnitsOfJob, indices: Iterable<number>): boolean =>
  Array.from(indices, (index) => units.stateAt(index)).some((state) => state === 'validated' || state === 'failed');

const isOver = ({ asked, failed, validated }: ReturnType<typeof reRunsOf>): boolean =>
  asked === failed + validated.length;

/** Throws InvalidInput for a champion that cannot be read. */
function searchesOf(seed: string, { base, runs, pending }: PermutationFindings): PermutedSearches {
  const read = (strategy: Record<string, unknown> | undefined): Strategy | undefined =>
    strategy === undefined ? undefined : parseStrategy(strategy);
  const searches = runs.map(({ index, champion }) => ({ index, champion: read(champion) }));
  return { seed, base: read(base), runs: searches, pending };
}

const WAITING = { state: 'waiting', why: PERMUTATION } as const;

function stillToCome(permutations: Judgement['permutations']): string {
  if (permutations === null || permutations.pending === 0) return '';
  const { done, pending } = permutations;
  return `; of ${done + pending} re-runs on permuted bars ${done} are done`;
}
