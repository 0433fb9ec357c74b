// The state, kept up to date entry by entry (I2). An entry of work touches its job or its unit and nothing else; a change
// of who is a member, and whatever takes entries away, is derived anew from the heads.
//
// The maps that are handed out are the ones in use; what stands in them is replaced, never changed.
import { compareText, type Hex, toHex } from '../protocol/bytes.ts';
import type { Entry } from '../protocol/entry.ts';
import type { Control, Job } from '../protocol/kinds.ts';
import { deriveState, isAuthor, type JobRecord, type State } from './derive.ts';
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
import { rowOf } from './head-page.ts';
import { type Head, headOf, type ReadEntry } from './heads.ts';
import { pinOf, samePins } from './pins.ts';
import { readEntry, type Said } from './reading.ts';
import { refuseControl, refuseResult, refuseWriter } from './rules.ts';
import { type Cast, UnitTable, type VotingLog } from './unit-table.ts';
import type { UnitRecord } from './units.ts';
import type { Vote } from './verdict.ts';

/** All that is held, for when the state must be derived anew. */
export interface Source {
  logs(): Iterable<VotingLog>;
  /** One that is held. */
  log(author: Hex, log: Hex): VotingLog;
  read: ReadEntry;
}

/** Units by job and number. */
export type UnitPlaces = ReadonlyMap<Hex, ReadonlySet<number>>;

/** A vote with what it is for. */
interface Ballot extends Cast {
  head: Head;
}

export class LiveState {
  readonly #mesh: Hex;
  readonly #source: Source;
  /** Entries that bear on who is a member, and the state that they alone give. */
  #people: Entry[] = [];
  #base!: State;
  /** Who has written of anything else. */
  readonly #authors = new Set<Hex>();
  #jobs = new Map<Hex, JobRecord>();
  #units!: UnitTable;
  #refused = new Map<Hex, string>();
  /** Of each job id: what was said of it, whether there is such a job or not. */
  #controls = new Map<Hex, Said<Control>[]>();
  /** Results for jobs that are not there (yet). */
  #early = new Map<Hex, Ballot[]>();
  /** Votes that came in with a batch, by job and number of the unit, to be judged when all of it is in. */
  #cast = new Map<Hex, Map<number, Ballot[]>>();
  #touched = new Map<Hex, Set<number>>();
  /** Whether facts are added up: not where their sum is known. */
  #isCounting = true;
  #sum = 0n;
  #state: State | undefined;

  /** `sum`: of the facts, where it is known. Throws when the genesis entry of `mesh` is not among the entries. */
  constructor(mesh: Hex, source: Source, sum?: bigint) {
    this.#mesh = mesh;
    this.#source = source;
    this.rebuild(sum);
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

  /** Sum of all facts, of which the root is the hash. */
  get sum(): bigint {
    return this.#sum;
  }

  /** Units whose votes or verdicts have changed since this was last asked. */
  takeTouched(): UnitPlaces {
    const touched = this.#touched;
    this.#touched = new Map();
    return touched;
  }

  /** Entries have come in, and all that was held still is. */
  add(entries: readonly Entry[]): void {
    this.#state = undefined;
    const people = entries.filter(({ kind }) => isOfMembers(kind));
    if (people.length > 0 && !this.#addPeople(people)) {
      this.rebuild();
      return;
    }
    for (const entry of entries) {
      if (!isOfMembers(entry.kind)) this.#addWork(this.#source.log(entry.author, entry.log), headOf(entry), entry);
    }
    this.#judgeCast();
  }

  rebuild(sum?: bigint): void {
    this.#state = undefined;
    this.#people = [];
    const logs = [...this.#source.logs()];
    for (const { author, log, entries } of logs) {
      for (const seq of entries.ofKinds(isOfMembers)) this.#people.push(this.#source.read(author, log, seq));
    }
    this.#base = deriveState(this.#mesh, this.#people);
    this.#authors.clear();
    this.#jobs = new Map();
    this.#units = new UnitTable(this.#source.read);
    this.#refused = new Map(this.#base.refused);
    this.#controls = new Map();
    this.#early = new Map();
    this.#cast = new Map();
    this.#sum = 0n;
    this.#isCounting = sum === undefined;
    this.#countBase(1n);
    for (const log of logs) {
      for (const seq of log.entries.ofKinds(isOrder)) this.#addWork(log, log.entries.at(seq)!);
    }
    for (const log of logs) this.#addVotes(log);
    this.#units.judgeAll(this.#isCounting, ({ unit, second }) => this.#settled(unit, second));
    this.#isCounting = true;
    if (sum !== undefined) this.#sum = sum;
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

  /** `known`: the entry, where it need not be read first. */
  #addWork(log: VotingLog, head: Head, known?: Entry): void {
    this.#authors.add(log.author);
    const out = head.seq >= this.#endOf(log) ? 'cut' : this.#whyStranger(log);
    if (out !== undefined) this.#refuse(head.id, out);
    else if (head.ballot !== undefined) this.#vote({ log, seq: head.seq, head });
    else if (head.kind === 'result') this.#refuse(head.id, 'bad_data');
    else if (head.kind !== 'job' && head.kind !== 'control') this.#refuse(head.id, 'unknown_kind');
    else this.#addOrder(known ?? this.#source.read(log.author, log.log, head.seq));
  }

  /** All results of a log, once all jobs are there; the units are still to be judged. */
  #addVotes(log: VotingLog): void {
    const end = this.#endOf(log);
    const out = this.#whyStranger(log);
    const isMember = this.#base.members.has(log.author);
    for (const seq of log.entries.ofKinds((kind) => kind === 'result')) {
      this.#authors.add(log.author);
      const page = log.entries.pageAt(seq);
      const row = rowOf(seq);
      const named = page.names.jobs[page.job(row) ?? -1];
      if (named === undefined || out !== undefined || seq >= end) {
        this.#refuse(page.id(row), seq >= end ? 'cut' : (out ?? 'bad_data'));
        continue;
      }
      const index = page.index(row);
      const job = this.#jobs.get(named.job);
      const reason = refuseResult({ index, fingerprint: named.fingerprint }, job, isMember);
      if (reason === undefined) this.#units.cast(named.job, index, { log, seq });
      else this.#refuseVote({ log, seq, head: log.entries.at(seq)! }, job, reason);
    }
  }

  /** How many entries of a log count. */
  #endOf({ author, log }: VotingLog): number {
    return pinOf(this.#base.pins, author, log)?.count ?? Number.POSITIVE_INFINITY;
  }

  #whyStranger({ author }: VotingLog): string | undefined {
    return isAuthor(this.#base, author) ? undefined : 'not_a_member';
  }

  /** A job, or what somebody wants done with one. */
  #addOrder(entry: Entry): void {
    const reading = readEntry(entry);
    if (reading.kind === undefined) this.#refuse(entry.id, reading.refused);
    else if (reading.kind === 'job') this.#addJob(entry, reading.data as Job);
    else this.#addControl({ entry, data: reading.data as Control });
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
    this.#units.open(id, job.validation);
    if (last !== undefined && inTime(last, record) > 0) this.#sortJobs();
    this.#count(jobFact(record), 1n);
    this.#steer(id);
    const early = this.#early.get(id) ?? [];
    this.#early.delete(id);
    for (const vote of early) this.#vote(vote);
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

  #vote(vote: Ballot): void {
    const { job: id, index, fingerprint } = vote.head.ballot!;
    const job = this.#jobs.get(id);
    const reason = refuseResult({ index, fingerprint }, job, this.#base.members.has(vote.log.author));
    if (reason !== undefined) {
      this.#refuseVote(vote, job, reason);
      return;
    }
    this.#accept(vote.head.id);
    const ofJob = this.#cast.get(id) ?? new Map<number, Ballot[]>();
    this.#cast.set(id, ofJob);
    const cast = ofJob.get(index);
    if (cast === undefined) ofJob.set(index, [vote]);
    else cast.push(vote);
  }

  #refuseVote(vote: Ballot, job: JobRecord | undefined, reason: string): void {
    if (job === undefined) listOf(this.#early, vote.head.ballot!.job).push(vote);
    this.#refuse(vote.head.id, reason);
  }

  /** The units that votes came in for, anew: one vote a member (V1), and what they amount to. */
  #judgeCast(): void {
    for (const [job, ofJob] of this.#cast) {
      for (const [index, votes] of ofJob) {
        const { before, unit, second } = this.#units.add(job, index, votes);
        this.#settled(unit, second, before);
        const touched = this.#touched.get(job) ?? new Set();
        this.#touched.set(job, touched.add(index));
      }
    }
    this.#cast = new Map();
  }

  #settled(unit: UnitRecord, second: readonly Vote[], before?: UnitRecord): void {
    for (const { entry } of unit.votes) this.#accept(entry);
    for (const { entry } of second) this.#refuse(entry, 'second_vote');
    if (before !== undefined) this.#countUnit(before, unit.votes, -1n);
    this.#countUnit(unit, before?.votes ?? [], 1n);
  }

  /** `same`: votes that are counted at another time. */
  #countUnit(unit: UnitRecord, same: readonly Vote[], times: 1n | -1n): void {
    if (!this.#isCounting) return;
    this.#count(unitFact(unit), times);
    for (const vote of unit.votes) {
      if (!same.some(({ entry }) => entry === vote.entry)) this.#count(voteFact(vote), times);
    }
  }

  #refuse(entry: Hex, reason: string): void {
    if (this.#refused.get(entry) === reason) return;
    this.#accept(entry);
    this.#refused.set(entry, reason);
    this.#count(refusedFact(entry, reason), 1n);
  }

  #accept(entry: Hex): void {
    if (this.#refused.size === 0) return;
    const reason = this.#refused.get(entry);
    if (reason === undefined) return;
    this.#refused.delete(entry);
    this.#count(refusedFact(entry, reason), -1n);
  }

  #count(fact: Fact | undefined, times: 1n | -1n): void {
    if (this.#isCounting && fact !== undefined) this.#sum += times * weightOf(fact);
  }
}

const MEMBERSHIP: readonly string[] = [
  ...['genesis', 'invite', 'admit', 'cancel', 'revoke', 'seal', 'leave', 'policy'],
];

function isOfMembers(kind: string): boolean {
  return MEMBERSHIP.includes(kind);
}

/** Neither a word on members nor a result. */
function isOrder(kind: string): boolean {
  return kind !== 'result' && !isOfMembers(kind);
}

function inTime(a: JobRecord, b: JobRecord): number {
  return a.time - b.time || compareText(a.id, b.id);
}

function listOf<T>(lists: Map<Hex, T[]>, key: Hex): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
