// Every answer that leads is run on this machine before it is shown: which ones are asked for, and what is told of those
// that cannot be checked here.
import { parseSearchSpec, type SearchSpec } from '../engine/search-spec.ts';
import type { JobRecord, UnitRecord } from '../ledger/derive.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Hex, toHex } from '../protocol/bytes.ts';
import type { Events } from './events.ts';
import type { Recheck } from './recheck.ts';

export interface AnswerCheckDeps {
  ledger: Ledger;
  recheck: Pick<Recheck, 'request'>;
  hasCandles(dataset: Hex): boolean;
  events: Pick<Events, 'problem' | 'solved'>;
}

export class AnswerChecks {
  readonly #deps: AnswerCheckDeps;
  /** Units whose answers cannot be checked without candles that are not here. */
  readonly #hidden = new Set<Hex>();
  /** What each job asks for; undefined where this engine does not know it. */
  readonly #specs = new Map<Hex, SearchSpec | undefined>();

  constructor(deps: AnswerCheckDeps) {
    this.#deps = deps;
  }

  /** Candles have come, or nothing has been looked at yet. */
  lookAtAll(): void {
    this.#hidden.clear();
    this.lookAt(this.#deps.ledger.state().units.keys());
  }

  /** Units whose votes or verdicts may be others than before. */
  lookAt(units: Iterable<Hex>): void {
    const state = this.#deps.ledger.state();
    for (const id of units) {
      const unit = state.units.get(id);
      const job = unit === undefined ? undefined : state.jobs.get(unit.job);
      this.#hidden.delete(id);
      if (unit !== undefined && job !== undefined) this.#look(unit, job);
    }
    this.#tell();
  }

  #look(unit: UnitRecord, { id, job }: JobRecord): void {
    const { leader } = unit.verdict;
    const dataset = toHex(job.dataset);
    if (leader === undefined) return;
    if (!this.#deps.hasCandles(dataset)) {
      this.#hidden.add(unit.id);
      return;
    }
    const spec = this.#specOf(id, job.search);
    // Parameters that this engine does not know: the worker says so, and nothing of that job is shown.
    if (spec === undefined) return;
    this.#deps.recheck.request(unit.id, { dataset, seed: job.seed, spec, unit: unit.index }, leader);
  }

  #specOf(job: Hex, search: Record<string, unknown>): SearchSpec | undefined {
    if (!this.#specs.has(job)) this.#specs.set(job, readSpec(search));
    return this.#specs.get(job);
  }

  #tell(): void {
    const { ledger, events } = this.#deps;
    const { units, jobs } = ledger.state();
    for (const id of this.#hidden) if (!units.has(id)) this.#hidden.delete(id);
    const [first] = this.#hidden;
    const job = first === undefined ? undefined : jobs.get(units.get(first)!.job)?.job;
    if (job === undefined) events.solved('results_hidden');
    else events.problem('results_hidden', hiddenSentence(this.#hidden.size, job));
  }
}

function readSpec(search: Record<string, unknown>): SearchSpec | undefined {
  try {
    return parseSearchSpec(search);
  } catch {
    return undefined;
  }
}

function hiddenSentence(units: number, { market, dataset }: JobRecord['job']): string {
  const what = units === 1 ? 'The answer to one unit is' : `The answers to ${units} units are`;
  return `${what} not shown: this machine cannot check them without the ${market.symbol} data set ${toHex(dataset).slice(0, 8)}. Import the same file here.`;
}
