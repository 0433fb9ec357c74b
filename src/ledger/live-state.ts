// The state, kept up to date entry by entry (I2). An entry of work touches its job or its unit and nothing else; a change
// of who is a member, and whatever takes entries away, is derived anew.
//
// The maps that are handed out are the ones in use; what stands in them is replaced, never changed.
import { compareText, type Hex, toHex } from '../protocol/bytes.ts';
import { type Entry, unitId } from '../protocol/entry.ts';
import type { Control, Job, Result } from '../protocol/kinds.ts';
import { deriveState, isAuthor, type JobRecord, type State, type UnitRecord } from './derive.ts';
import {
  type Fact,
  jobFact,
  membershipFacts,
  refusedFact,
  refusedFacts,
  rootOfSum,
  unitFact,
  voteFact,
  weightOf,
} from './facts.ts';
import { isCut, samePins } from './pins.ts';
import { readEntry, type Said } from './reading.ts';
import { refuseControl, refuseResult, refuseWriter } from './rules.ts';
import { answerKey, judgeVotes, type Vote } from './verdict.ts';

export class LiveState {
  readonly #mesh: Hex;
  /** Everything that counts of every log, for when it must be derived anew. */
  readonly #all: () => Iterable<Entry>;
  /** Entries that bear on who is a member, and the state that they alone give. */
  #people: Entry[] = [];
  #base!: State;
  /** Who has written of anything else. */
  readonly #authors = new Set<Hex>();
  #jobs = new Map<Hex, JobRecord>();
  #units = new Map<Hex, UnitRecord>();
  #refused = new Map<Hex, string>();
  /** Of each job id: what was said of it, whether there is such a job or not. */
  #controls = new Map<Hex, Said<Control>[]>();
  #results = new Map<Hex, Said<Result>[]>();
  /** Of each unit: the votes that were cast, second ones included. */
  #cast = new Map<Hex, Said<Result>[]>();
  #sum = 0n;
  #state: State | undefined;

  /** Throws when the genesis entry of `mesh` is not among the entries. */
  constructor(mesh: Hex, all: () => Iterable<Entry>) {
    this.#mesh = mesh;
    this.#all = all;
    this.rebuild();
  }

  state(): State {
    const { mesh, members, invites, pins, rules } = this.#base;
    this.#state ??= {
      ...{ mesh, members, invites, pins, rules },
      jobs: this.#jobs,
      units: this.#units,
      refused: this.#refused,
      root: rootOfSum(this.#sum),
    };
    return this.#state;
  }

  /** Entries have come in, and all that was held still is. */
  add(entries: readonly Entry[]): void {
    this.#state = undefined;
    const people = entries.filter(bearsOnMembers);
    if (people.length > 0 && !this.#addPeople(people)) this.rebuild();
    else for (const entry of entries) if (!bearsOnMembers(entry)) this.#addWork(entry);
  }

  rebuild(): void {
    this.#state = undefined;
    this.#people = [...this.#all()].filter(bearsOnMembers);
    this.#base = deriveState(this.#mesh, this.#people);
    this.#authors.clear();
    this.#jobs = new Map();
    this.#units = new Map();
    this.#refused = new Map(this.#base.refused);
    this.#controls = new Map();
    this.#results = new Map();
    this.#cast = new Map();
    this.#sum = 0n;
    this.#countBase(1n);
    for (const entry of this.#all()) if (!bearsOnMembers(entry)) this.#addWork(entry);
  }

  /** False when the words of somebody who has written of work have come to weigh more or less. */
  #addPeople(entries: readonly Entry[]): boolean {
    const people = [...this.#people, ...entries];
    const base = deriveState(this.#mesh, people);
    const roleIn = (state: State, author: Hex): string | undefined => state.members.get(author)?.role;
    for (const author of this.#authors) {
      if (roleIn(base, author) !== roleIn(this.#base, author)) return false;
      if (!samePins(base.pins.get(author), this.#base.pins.get(author))) return false;
    }
    this.#countBase(-1n);
    for (const entry of this.#base.refused.keys()) this.#refused.delete(entry);
    this.#people = people;
    this.#base = base;
    for (const [entry, reason] of base.refused) this.#refused.set(entry, reason);
    this.#countBase(1n);
    return true;
  }

  #countBase(times: 1n | -1n): void {
    const { refused } = this.#base;
    for (const fact of [...membershipFacts(this.#base), ...refusedFacts(refused)]) this.#count(fact, times);
  }

  #addWork(entry: Entry): void {
    this.#authors.add(entry.author);
    const reading = readEntry(entry);
    if (isCut(this.#base.pins, entry)) this.#refuse(entry.id, 'cut');
    else if (!isAuthor(this.#base, entry.author)) this.#refuse(entry.id, 'not_a_member');
    else if (reading.kind === undefined) this.#refuse(entry.id, reading.refused);
    else if (reading.kind === 'job') this.#addJob(entry, reading.data as Job);
    else if (reading.kind === 'control') this.#addControl({ entry, data: reading.data as Control });
    else if (reading.kind === 'result') this.#addResult({ entry, data: reading.data as Result });
  }

  #addJob(entry: Entry, job: Job): void {
    const { id, author: creator, time } = entry;
    const reason = refuseWriter(this.#base.members.get(creator));
    if (reason !== undefined) {
      this.#refuse(id, reason);
      return;
    }
    const last = [...this.#jobs.values()].at(-1);
    const record: JobRecord = { id, job, creator, time, action: undefined, turn: 0 };
    this.#jobs.set(id, record);
    if (last !== undefined && inTime(last, record) > 0) this.#sortJobs();
    this.#count(jobFact(record), 1n);
    this.#steer(id);
    for (const said of this.#results.get(id) ?? []) this.#vote(said);
  }

  /** In place: whoever holds the map goes on seeing all jobs. */
  #sortJobs(): void {
    const sorted = [...this.#jobs.values()].sort(inTime);
    this.#jobs.clear();
    for (const job of sorted) this.#jobs.set(job.id, job);
  }

  #addControl(said: Said<Control>): void {
    const id = toHex(said.data.job);
    listOf(this.#controls, id).push(said);
    this.#steer(id);
  }

  /** All controls of one job, anew (C1). */
  #steer(id: Hex): void {
    const { members } = this.#base;
    const controls = [...(this.#controls.get(id) ?? [])];
    const before = this.#jobs.get(id);
    let job = before === undefined ? undefined : { ...before, action: undefined as JobRecord['action'], turn: 0 };
    let turns = 0;
    controls.sort((a, b) => a.data.turn - b.data.turn || compareText(a.entry.id, b.entry.id));
    for (const { entry, data } of controls) {
      const author = members.get(entry.author);
      const reason = refuseWriter(author) ?? refuseControl(job, author);
      if (reason !== undefined || job === undefined) this.#refuse(entry.id, reason ?? 'unknown_job');
      else if (data.turn > turns + 1) this.#refuse(entry.id, 'skipped_turn');
      else {
        this.#accept(entry.id);
        turns += 1;
        job = { ...job, turn: data.turn, action: data.action };
      }
    }
    if (before === undefined || job === undefined) return;
    this.#count(jobFact(before), -1n);
    this.#count(jobFact(job), 1n);
    this.#jobs.set(id, job);
  }

  #addResult(said: Said<Result>): void {
    listOf(this.#results, toHex(said.data.job)).push(said);
    this.#vote(said);
  }

  #vote(said: Said<Result>): void {
    const { entry, data } = said;
    const job = this.#jobs.get(toHex(data.job));
    const reason = refuseResult(data, job, this.#base.members.has(entry.author));
    if (reason !== undefined || job === undefined) {
      this.#refuse(entry.id, reason ?? 'unknown_job');
      return;
    }
    this.#accept(entry.id);
    const id = unitId(data.job, data.index);
    const cast = listOf(this.#cast, id);
    cast.push(said);
    cast.sort((a, b) => compareText(a.entry.log, b.entry.log) || a.entry.seq - b.entry.seq);
    this.#judge({ id, job: job.id, index: data.index }, cast, job);
  }

  /** One unit, anew: one vote a member (V1), and what they amount to. */
  #judge(unit: Pick<UnitRecord, 'id' | 'job' | 'index'>, cast: readonly Said<Result>[], { job }: JobRecord): void {
    const before = this.#units.get(unit.id);
    if (before !== undefined) for (const fact of factsOfUnit(before)) this.#count(fact, -1n);
    const votes: Vote[] = [];
    const voted = new Set<Hex>();
    for (const { entry, data } of cast) {
      const { id, author, time } = entry;
      if (voted.has(author)) this.#refuse(id, 'second_vote');
      else {
        this.#accept(id);
        votes.push({ entry: id, author, time, answer: answerKey(data), result: data });
      }
      voted.add(author);
    }
    const record = { ...unit, votes, verdict: judgeVotes(votes, job.validation) };
    for (const fact of factsOfUnit(record)) this.#count(fact, 1n);
    this.#units.set(unit.id, record);
  }

  #refuse(entry: Hex, reason: string): void {
    if (this.#refused.get(entry) === reason) return;
    this.#accept(entry);
    this.#refused.set(entry, reason);
    this.#count(refusedFact(entry, reason), 1n);
  }

  #accept(entry: Hex): void {
    const reason = this.#refused.get(entry);
    if (reason === undefined) return;
    this.#refused.delete(entry);
    this.#count(refusedFact(entry, reason), -1n);
  }

  #count(fact: Fact | undefined, times: 1n | -1n): void {
    if (fact !== undefined) this.#sum += times * weightOf(fact);
  }
}

const MEMBERSHIP: readonly string[] = [
  ...['genesis', 'invite', 'admit', 'cancel', 'revoke', 'seal', 'leave', 'policy'],
];

function bearsOnMembers({ kind }: Entry): boolean {
  return MEMBERSHIP.includes(kind);
}

function inTime(a: JobRecord, b: JobRecord): number {
  return a.time - b.time || compareText(a.id, b.id);
}

function listOf<T>(lists: Map<Hex, T[]>, key: Hex): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

function factsOfUnit(unit: UnitRecord): Fact[] {
  return [unitFact(unit), ...unit.votes.map(voteFact)];
}
