// The units of the state in use, as numbers: of each vote the place of its entry, of each unit its first vote and its
// state. Records are made of the units that somebody asks for, so that a million votes fit into a small machine and a
// start need not judge what all agree on one by one.
import { compareText, fromHex, type Hex } from '../protocol/bytes.ts';
import { unitId } from '../protocol/entry.ts';
import type { Validation } from '../protocol/kinds.ts';
import type { HeadList } from './head-list.ts';
import { type HeadPage, rowOf } from './head-page.ts';
import { HeldVote, type ReadEntry } from './heads.ts';
import {
  type JobTally,
  NO_UNITS,
  noTally,
  tallyUnit,
  type UnitRecord,
  type Units,
  type UnitsOfJob,
  type Voice,
  voiceOf,
} from './units.ts';
import { judgeVotes, type Verdict } from './verdict.ts';

/** A log whose entries are voted with. */
export interface VotingLog {
  author: Hex;
  log: Hex;
  entries: HeadList;
}

/** A unit with what its authors had voted already (V1). */
export interface Judged {
  unit: UnitRecord;
  second: readonly HeldVote[];
}

/** Where a vote stands. */
export interface Cast {
  log: VotingLog;
  seq: number;
}

const STATES: readonly Verdict['state'][] = ['open', 'provisional', 'disputed', 'validated', 'failed'];
/** Some 10 MB. */
const RECORDS_MAX = 8192;
/** Digits of a unit's id that fit into a number. */
const ID_DIGITS = 12;

/** Numbers one after the other, as many as come. */
class Column {
  #values = new Uint32Array(64);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) this.#grow(2 * this.length);
    this.#values[this.length] = value;
    this.length += 1;
  }

  /** 0 where nothing was set. */
  at(i: number): number {
    return this.#values[i] ?? 0;
  }

  set(i: number, value: number): void {
    if (i >= this.#values.length) this.#grow(Math.max(i + 1, 2 * this.#values.length));
    this.#values[i] = value;
    this.length = Math.max(this.length, i + 1);
  }

  #grow(length: number): void {
    const values = new Uint32Array(length);
    values.set(this.#values);
    this.#values = values;
  }
}

/** The units of one job, by index. */
class JobUnits implements UnitsOfJob {
  readonly id: Hex;
  readonly validation: Validation;
  readonly tally: JobTally = noTally();
  readonly #table: UnitTable;
  readonly #bytes: Uint8Array;
  /** Of each unit the number of its last vote, from 1 on. */
  readonly votes = new Column();
  readonly states = new Column();
  /** Records that were asked for. */
  readonly records = new Map<number, UnitRecord>();

  constructor(table: UnitTable, id: Hex, validation: Validation) {
    this.#table = table;
    this.id = id;
    this.#bytes = fromHex(id);
    this.validation = validation;
  }

  unitId(index: number): Hex {
    return unitId(this.#bytes, index);
  }

  at(index: number): UnitRecord | undefined {
    return this.#table.record(this, index);
  }

  stateAt(index: number): Verdict['state'] {
    return STATES[this.states.at(index)]!;
  }

  *[Symbol.iterator](): Generator<UnitRecord> {
    for (let index = 0; index < this.votes.length; index += 1) {
      const unit = this.at(index);
      if (unit !== undefined) yield unit;
    }
  }
}

export class UnitTable implements Units {
  readonly #read: ReadEntry;
  readonly #jobs = new Map<Hex, JobUnits>();
  readonly #voices = new Map<Hex, Voice>();
  readonly #logs: VotingLog[] = [];
  readonly #logNumbers = new Map<HeadList, number>();
  /** Of each vote, from 1 on: its log, its place there, and the vote for the same unit that came before it. */
  readonly #voteLog = new Column();
  readonly #voteSeq = new Column();
  readonly #voteBefore = new Column();
  #size = 0;
  #records = 0;
  /** One vote of each unit, by the first digits of its id; made when somebody asks by id. */
  #ids: Map<number, number[]> | undefined;

  constructor(read: ReadEntry) {
    this.#read = read;
    for (const column of [this.#voteLog, this.#voteSeq, this.#voteBefore]) column.push(0);
  }

  get size(): number {
    return this.#size;
  }

  get voices(): ReadonlyMap<Hex, Readonly<Voice>> {
    return this.#voices;
  }

  *[Symbol.iterator](): Generator<UnitRecord> {
    for (const job of this.#jobs.values()) yield* job;
  }

  values(): Iterable<UnitRecord> {
    return this;
  }

  of(job: Hex): UnitsOfJob {
    return this.#jobs.get(job) ?? NO_UNITS;
  }

  get(id: Hex): UnitRecord | undefined {
    this.#ids ??= this.#indexIds();
    for (const vote of this.#ids.get(prefixOf(id)) ?? []) {
      const { job, index } = this.#heldVote(vote).head.ballot!;
      const unit = this.of(job).at(index);
      if (unit?.id === id) return unit;
    }
    return undefined;
  }

  /** From now on there may be votes for its units. */
  open(job: Hex, validation: Validation): void {
    this.#jobs.set(job, new JobUnits(this, job, validation));
  }

  /** Puts a vote aside until all are judged. The job must be open. */
  cast(job: Hex, index: number, { log, seq }: Cast): void {
    const units = this.#jobs.get(job)!;
    const before = units.votes.at(index);
    this.#voteLog.push(this.#numberOf(log));
    this.#voteSeq.push(seq);
    this.#voteBefore.push(before);
    const vote = this.#voteSeq.length - 1;
    units.votes.set(index, vote);
    if (before !== 0) return;
    this.#size += 1;
    if (this.#ids !== undefined) addTo(this.#ids, units.unitId(index), vote);
  }

  /** Judges a unit anew with the votes that have come in. */
  add(job: Hex, index: number, votes: readonly Cast[]): Judged & { before: UnitRecord | undefined } {
    const units = this.#jobs.get(job)!;
    const before = this.record(units, index);
    if (before !== undefined) tallyUnit(units.tally, this.#voices, before, -1);
    if (units.records.delete(index)) this.#records -= 1;
    for (const vote of votes) this.cast(job, index, vote);
    return { before, ...this.#settle(units, index) };
  }

  /** Judges all units for the first time; `seen` is told of those that it takes a record for, and of all if `isForAll`. */
  judgeAll(isForAll: boolean, seen: (judged: Judged) => void): void {
    for (const units of this.#jobs.values()) {
      for (let index = 0; index < units.votes.length; index += 1) {
        if (units.votes.at(index) === 0 || (!isForAll && this.#judgeAgreeing(units, index))) continue;
        seen(this.#settle(units, index));
      }
    }
  }

  record(units: JobUnits, index: number): UnitRecord | undefined {
    if (units.votes.at(index) === 0) return undefined;
    const known = units.records.get(index);
    if (known !== undefined) return known;
    const { unit } = this.#judge(units, index);
    this.#keep(units, unit);
    return unit;
  }

  #keep(units: JobUnits, unit: UnitRecord): void {
    if (this.#records >= RECORDS_MAX) {
      for (const each of this.#jobs.values()) each.records.clear();
      this.#records = 0;
    }
    units.records.set(unit.index, unit);
    this.#records += 1;
  }

  #settle(units: JobUnits, index: number): Judged {
    const judged = this.#judge(units, index);
    tallyUnit(units.tally, this.#voices, judged.unit, 1);
    units.states.set(index, STATES.indexOf(judged.unit.verdict.state));
    this.#keep(units, judged.unit);
    return judged;
  }

  #judge(units: JobUnits, index: number): Judged {
    const cast: HeldVote[] = [];
    for (let vote = units.votes.at(index); vote !== 0; vote = this.#voteBefore.at(vote)) {
      cast.push(this.#heldVote(vote));
    }
    cast.sort((a, b) => compareText(a.log, b.log) || a.head.seq - b.head.seq);
    const votes = new Map<Hex, HeldVote>();
    const second: HeldVote[] = [];
    for (const vote of cast) {
      if (votes.has(vote.author)) second.push(vote);
      else votes.set(vote.author, vote);
    }
    const counting = [...votes.values()];
    const verdict = judgeVotes(counting, units.validation);
    return { unit: { id: units.unitId(index), job: units.id, index, votes: counting, verdict }, second };
  }

  /** False where it takes more than that different members give the same answer, each by itself. */
  #judgeAgreeing(units: JobUnits, index: number): boolean {
    const agreeing = this.#agreeing(units, index);
    if (agreeing === undefined) return false;
    const { authors, trials } = agreeing;
    const { quorum, most, replicas } = units.validation;
    const isValid = authors.length >= quorum;
    const state = isValid ? 'validated' : authors.length >= most ? 'failed' : 'provisional';
    units.states.set(index, STATES.indexOf(state));
    units.tally[state] += 1;
    if (isValid) units.tally.trials += trials;
    else if (state === 'provisional') units.tally.wanted += Math.max(1, replicas - authors.length);
    for (const author of authors) {
      const voice = voiceOf(this.#voices, author);
      voice.votes += 1;
      if (!isValid) continue;
      voice.decided += 1;
      voice.agreed += 1;
    }
    return true;
  }

  /** Who voted, and how much the answer had tried; undefined where they do not all agree, each by itself. */
  #agreeing(units: JobUnits, index: number): { authors: readonly Hex[]; trials: number } | undefined {
    const { mode, most } = units.validation;
    if (mode !== 'replicate') return undefined;
    const authors: Hex[] = [];
    let first: { page: HeadPage; row: number } | undefined;
    for (let vote = units.votes.at(index); vote !== 0; vote = this.#voteBefore.at(vote)) {
      const { author, entries } = this.#logs[this.#voteLog.at(vote)]!;
      const seq = this.#voteSeq.at(vote);
      const [page, row] = [entries.pageAt(seq), rowOf(seq)];
      if (authors.length === most || authors.includes(author) || page.lineage(row).length > 0) return undefined;
      first ??= { page, row };
      if (!page.isSameAnswer(row, first.page, first.row)) return undefined;
      authors.push(author);
    }
    return { authors, trials: first?.page.trials(first.row) ?? 0 };
  }

  #heldVote(vote: number): HeldVote {
    const { author, log, entries } = this.#logs[this.#voteLog.at(vote)]!;
    return new HeldVote(author, log, entries.at(this.#voteSeq.at(vote))!, this.#read);
  }

  #numberOf(log: VotingLog): number {
    const known = this.#logNumbers.get(log.entries);
    if (known !== undefined) return known;
    this.#logNumbers.set(log.entries, this.#logs.length);
    return this.#logs.push(log) - 1;
  }

  #indexIds(): Map<number, number[]> {
    const ids = new Map<number, number[]>();
    for (const units of this.#jobs.values()) {
      for (let index = 0; index < units.votes.length; index += 1) {
        const vote = units.votes.at(index);
        if (vote !== 0) addTo(ids, units.unitId(index), vote);
      }
    }
    return ids;
  }
}

function prefixOf(id: Hex): number {
  return Number.parseInt(id.slice(0, ID_DIGITS), 16);
}

function addTo(ids: Map<number, number[]>, id: Hex, vote: number): void {
  const prefix = prefixOf(id);
  const known = ids.get(prefix);
  if (known === undefined) ids.set(prefix, [vote]);
  else known.push(vote);
}
