// Every answer that leads is run on this machine before it is shown: which ones are asked for, and what is told of those
// that cannot be checked here.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SearchSpec } from '../engine/search-spec.ts';
import type { JobRecord, State } from '../ledger/derive.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { UnitPlaces } from '../ledger/live-state.ts';
import type { UnitRecord } from '../ledger/units.ts';
import { type Hex, toHex } from '../protocol/bytes.ts';
import type { Events } from './events.ts';
import { isPermutation, readSearch } from './permutations.ts';
import type { Recheck } from './recheck.ts';

/** Units that are looked through in one go, where nothing is to be checked. */
const AT_ONCE = 256;

export interface AnswerCheckDeps {
  ledger: Ledger;
  recheck: Pick<Recheck, 'request'>;
  hasCandles(dataset: Hex): boolean;
  events: Pick<Events, 'problem' | 'solved'>;
}

export class AnswerChecks {
  readonly #deps: AnswerCheckDeps;
  /** What each job asks for; undefined where this engine does not know it. */
  readonly #specs = new Map<Hex, SearchSpec | undefined>();
  #stopped = false;
  /** How often all have been looked at. */
  #rounds = 0;

  constructor(deps: AnswerCheckDeps) {
    this.#deps = deps;
  }

  /** Candles have come, or nothing has been looked at yet. One after the other, the newest job first, as there is time. */
  async lookAtAll(): Promise<void> {
    this.#rounds += 1;
    const round = this.#rounds;
    this.#tell();
    const state = (): State => this.#deps.ledger.state();
    for (const { id, job } of [...state().jobs.values()].reverse()) {
      if (!this.#deps.hasCandles(toHex(job.dataset))) continue;
      for (let index = 0; index < job.units; index += 1) {
        const unit = state().units.of(id).at(index);
        if (unit !== undefined) await this.#look(unit, job);
        if (index % AT_ONCE === 0) await nextTurn();
        if (this.#stopped || this.#rounds !== round) return;
      }
    }
  }

  /** Units whose votes or verdicts may be others than before. */
  lookAt(places: UnitPlaces): void {
    const { jobs, units } = this.#deps.ledger.state();
    for (const [id, indices] of places) {
      const job = jobs.get(id)?.job;
      for (const index of indices) {
        const unit = units.of(id).at(index);
        if (unit !== undefined && job !== undefined) void this.#look(unit, job);
      }
    }
    this.#tell();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #look(unit: UnitRecord, job: JobRecord['job']): Promise<void> {
    const { leader } = unit.verdict;
    const dataset = toHex(job.dataset);
    // What was found on permuted bars is never shown.
    if (leader === undefined || isPermutation(job) || !this.#deps.hasCandles(dataset)) return;
    const spec = this.#specOf(unit.job, job.search);
    // Parameters that this engine does not know: the worker says so, and nothing of that job is shown.
    if (spec === undefined) return;
    await this.#deps.recheck.request(unit, { dataset, seed: job.seed, spec, unit: unit.index }, leader);
  }

  #specOf(job: Hex, search: Record<string, unknown>): SearchSpec | undefined {
    if (!this.#specs.has(job)) this.#specs.set(job, readSpec(search));
    return this.#specs.get(job);
  }

  /** Every unit with a vote has an answer that leads. */
  #tell(): void {
    const { ledger, events, hasCandles } = this.#deps;
    const { units, jobs } = ledger.state();
    const answered = ({ id }: JobRecord): number => {
      const { provisional, disputed, validated, failed } = units.of(id).tally;
      return provisional + disputed + validated + failed;
    };
    const isHidden = ({ job }: JobRecord): boolean => !isPermutation(job) && !hasCandles(toHex(job.dataset));
    const hidden = [...jobs.values()].filter((job) => isHidden(job) && answered(job) > 0);
    const [first] = hidden;
    if (first === undefined) events.solved('results_hidden');
    else {
      const count = hidden.reduce((sum, job) => sum + answered(job), 0);
      events.problem('results_hidden', hiddenSentence(count, first.job));
    }
  }
}

function readSpec(search: Record<string, unknown>): SearchSpec | undefined {
  try {
    return readSearch({ search }).spec;
  } catch {
    return undefined;
  }
}

function hiddenSentence(units: number, { market, dataset }: JobRecord['job']): string {
  const what = units === 1 ? 'The answer to one unit is' : `The answers to ${units} units are`;
  return `${what} not shown: this machine cannot check them without the ${market.symbol} data set ${toHex(dataset).slice(0, 8)}. Import the same file here.`;
}
