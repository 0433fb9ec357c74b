// What was tried in all searches of the same candles, job by job. The answers of a job are read once, a few at a time, and
// again only where they have changed: a mesh may hold a million of them.
import type { Trials } from '../../engine/outcome.ts';
import { poolTrials } from '../../engine/statistics/trial-pool.ts';
import type { JobRecord, State } from '../../ledger/derive.ts';
import type { UnitPlaces } from '../../ledger/live-state.ts';
import type { Units, UnitsOfJob } from '../../ledger/units.ts';
import { type Hex, sha256Hex, toHex, utf8 } from '../../protocol/bytes.ts';
import { isPermutation } from '../permutations.ts';

/** The answers in front of all units of one job. */
export interface Searched {
  /** Equal where all of them are, and the same of them valid. */
  key: Hex;
  answers: number;
  trials: Trials;
  /** Times that the holdout was opened: once for each answer that has champions. */
  openings: number;
}

type Source = Pick<State, 'jobs' | 'units'>;

interface Answer {
  key: Hex;
  trials: Trials;
  hasChampions: boolean;
}

interface Reading {
  answers: Map<number, Answer>;
  /** Units from here on were not read yet. */
  unread: number;
  /** Units that are to be read again. */
  stale: Set<number>;
  sum: Searched | undefined;
}

/** Some 5 MB. Beyond them the answers of all jobs but one are read again when they change. */
const ANSWERS_MAX = 20_000;
/** ms that a turn of the event loop may be held up. */
const TURN_MS = 10;

export class Searches {
  readonly #state: () => Source;
  readonly #jobs = new Map<Hex, Reading>();
  /** Units that the readings are of. */
  #units: Units | undefined;
  #answers = 0;

  constructor(state: () => Source) {
    this.#state = state;
  }

  /** The votes or verdicts of these units may be others than before. */
  changed(units: UnitPlaces): void {
    for (const [job, indices] of units) {
      const reading = this.#jobs.get(job);
      if (reading === undefined) continue;
      const wasDropped = reading.sum !== undefined && reading.answers.size < reading.sum.answers;
      if (wasDropped) this.#jobs.set(job, newReading());
      reading.sum = undefined;
      for (const index of indices) reading.stale.add(index);
    }
  }

  /** Of each job that searches the candles of `dataset`, by its id, with the state that it was read in. */
  async on(dataset: Hex): Promise<{ state: Source; searched: Map<Hex, Searched> }> {
    for (;;) {
      const state = this.#state();
      if (state.units !== this.#units) this.#forget(state.units);
      const jobs = [...state.jobs.values()].filter(({ job }) => !isPermutation(job) && toHex(job.dataset) === dataset);
      if (this.#readOn(state.units, jobs)) {
        return { state, searched: new Map(jobs.map(({ id }) => [id, this.#jobs.get(id)!.sum!])) };
      }
      await new Promise(setImmediate);
    }
  }

  #forget(units: Units): void {
    this.#units = units;
    this.#jobs.clear();
    this.#answers = 0;
  }

  /** False when there is more to read than one turn is for. */
  #readOn(units: Units, jobs: readonly JobRecord[]): boolean {
    const end = performance.now() + TURN_MS;
    for (const { id, job } of jobs) {
      const reading = this.#jobs.get(id) ?? newReading();
      this.#jobs.set(id, reading);
      if (reading.sum !== undefined) continue;
      const ofJob = units.of(id);
      for (const index of toRead(reading, job.units)) {
        this.#read(reading, ofJob, index);
        if (performance.now() > end) return false;
      }
      reading.sum = sumOf(reading.answers);
      this.#dropSome(reading);
    }
    return true;
  }

  #read(reading: Reading, units: UnitsOfJob, index: number): void {
    if (reading.answers.delete(index)) this.#answers -= 1;
    const { leader, state } = units.at(index)?.verdict ?? {};
    if (leader === undefined) return;
    const { trials, champions } = leader.result;
    const key = `${index} ${leader.answer} ${state === 'validated' ? 'valid' : 'in front'}`;
    reading.answers.set(index, { key, trials, hasChampions: champions.length > 0 });
    this.#answers += 1;
  }

  #dropSome(last: Reading): void {
    if (this.#answers <= ANSWERS_MAX) return;
    for (const reading of this.#jobs.values()) {
      if (reading === last || reading.sum === undefined) continue;
      this.#answers -= reading.answers.size;
      reading.answers.clear();
    }
  }
}

const newReading = (): Reading => ({ answers: new Map(), unread: 0, stale: new Set(), sum: undefined });

/** Whoever stops in between goes on where it was. */
function* toRead(reading: Reading, units: number): Generator<number> {
  while (reading.unread < units) {
    reading.unread += 1;
    yield reading.unread - 1;
  }
  for (const index of reading.stale) {
    reading.stale.delete(index);
    yield index;
  }
}

function sumOf(answers: ReadonlyMap<number, Answer>): Searched {
  const inOrder = [...answers].sort(([a], [b]) => a - b).map(([, answer]) => answer);
  return {
    key: sha256Hex(utf8(inOrder.map(({ key }) => key).join('\n'))),
    answers: inOrder.length,
    trials: poolTrials(inOrder.map(({ trials }) => trials)),
    openings: inOrder.filter(({ hasChampions }) => hasChampions).length,
  };
}
