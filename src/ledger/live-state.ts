// The state, kept up to date entry by entry (I2). An entry of work touches its job or its unit and nothing else; a change
// of who is a member, and whatever takes entries away, is derived anew from the heads.
//
// The maps that are handed out are the ones in use; what stands in them is replaced, never changed.
import { compareText, fromHex, type Hex, toHex } from '../protocol/bytes.ts';
import { type Entry, unitId } from '../protocol/entry.ts';
import type { Control, Job } from '../protocol/kinds.ts';
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
import { type Head, HeldVote, headOf, type ReadEntry } from './heads.ts';
import type { Log } from './log.ts';
import { isCut, samePins } from './pins.ts';
import { readEntry, type Said } from './reading.ts';
import { refuseControl, refuseResult, refuseWriter } from './rules.ts';
import { judgeVotes } from './verdict.ts';

/** All that is held, for when the state must be derived anew. */
export interface Source {
  logs(): Iterable<Pick<Log, 'author' | 'log' | 'entries'>>;
  read: ReadEntry;
}

/** Votes that came in, by job and number of the unit. */
type Cast = Map<Hex, Map<number, HeldVote[]>>;

/** An entry by what is in memory of it. */
interface Place {
  author: Hex;
  log: Hex;
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
  #units = new Map<Hex, UnitRecord>();
  #refused = new Map<Hex, string>();
  /** Of each job id: what was said of it, whether there is such a job or not. */
  #controls = new Map<Hex, Said<Control>[]>();
  /** Results for jobs that are not there (yet). */
  #early = new Map<Hex, HeldVote[]>();
  /** Of each unit: what does not count because its author had voted already (V1). */
  #second = new Map<Hex, HeldVote[]>();
  /** Units to be judged when all entries of a batch are in. */
  #cast: Cast = new Map();
  #touched = new Set<Hex>();
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
  takeTouched(): ReadonlySet<Hex> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  /** Entries have come in, and all that was held still is. */
  add(entries: readonly Entry[]): void {
    this.#state = undefined;
    const people = entries.filter(bearsOnMembers);
    if (people.length > 0 && !this.#addPeople(people)) {
      this.rebuild();
      return;
    }
    for (const entry of entries) {
      if (!bearsOnMembers(entry)) this.#addWork({ author: entry.author, log: entry.log, head: headOf(entry) }, entry);
    }
    this.#judgeCast();
  }

  rebuild(sum?: bigint): void {
    this.#state = undefined;
    this.#people = [];
    for (const { author, log, entries } of this.#source.logs()) {
      for (const head of entries) if (bearsOnMembers(head)) this.#people.push(this.#source.read(author, log, head.seq));
    }
    this.#base = deriveState(this.#mesh, this.#people);
    this.#authors.clear();
    this.#jobs = new Map();
    this.#units = new Map();
    this.#refused = new Map(this.#base.refused);
    this.#controls = new Map();
    this.#early = new Map();
    this.#second = new Map();
    this.#cast = new Map();
    this.#sum = 0n;
    this.#isCounting = sum === undefined;
    this.#countBase(1n);
    for (const { author, log, entries } of this.#source.logs()) {
      for (const head of entries) if (!bearsOnMembers(head)) this.#addWork({ author, log, head });
    }
    this.#judgeCast();
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
  #addWork(place: Place, known?: Entry): void {
    const { author, log, head } = place;
    this.#authors.add(author);
    if (isCut(this.#base.pins, { author, log, seq: head.seq })) this.#refuse(head.id, 'cut');
    else if (!isAuthor(this.#base, author)) this.#refuse(head.id, 'not_a_member');
    else if (head.ballot !== undefined) this.#vote(new HeldVote(author, log, head, this.#source.read));
    else if (head.kind === 'result') this.#refuse(head.id, 'bad_data');
    else if (head.kind !== 'job' && head.kind !== 'control') this.#refuse(head.id, 'unknown_kind');
    else this.#addOrder(known ?? this.#source.read(author, log, head.seq));
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

  #vote(vote: HeldVote): void {
    const ballot = vote.head.ballot!;
    const job = this.#jobs.get(ballot.job);
    const reason = refuseResult(ballot, job, this.#base.members.has(vote.author));
    if (job === undefined) listOf(this.#early, ballot.job).push(vote);
    if (reason !== undefined || job === undefined) {
      this.#refuse(vote.entry, reason ?? 'unknown_job');
      return;
    }
    this.#accept(vote.entry);
    const ofJob = this.#cast.get(job.id) ?? new Map<number, HeldVote[]>();
    this.#cast.set(job.id, ofJob);
    const cast = ofJob.get(ballot.index);
    if (cast === undefined) ofJob.set(ballot.index, [vote]);
    else cast.push(vote);
  }

  /** The units that votes came in for, anew: one vote a member (V1), and what they amount to. */
  #judgeCast(): void {
    for (const [job, ofJob] of this.#cast) {
      const bytes = fromHex(job);
      for (const [index, votes] of ofJob) this.#judge({ id: unitId(bytes, index), job, index }, votes);
    }
    this.#cast = new Map();
  }

  #judge(unit: Pick<UnitRecord, 'id' | 'job' | 'index'>, came: readonly HeldVote[]): void {
    const before = this.#units.get(unit.id);
    const cast = [...((before?.votes ?? []) as HeldVote[]), ...(this.#second.get(unit.id) ?? []), ...came];
    cast.sort((a, b) => compareText(a.log, b.log) || a.head.seq - b.head.seq);
    if (before !== undefined) this.#countUnit(before, -1n);
    const votes: HeldVote[] = [];
    const second: HeldVote[] = [];
    for (const vote of cast) {
      const voted = votes.some(({ author }) => author === vote.author);
      if (voted) {
        this.#refuse(vote.entry, 'second_vote');
        second.push(vote);
      } else {
        this.#accept(vote.entry);
        votes.push(vote);
      }
    }
    if (second.length > 0) this.#second.set(unit.id, second);
    // A copy is as long as it must be; what grew is longer.
    const record = { ...unit, votes: [...votes], verdict: judgeVotes(votes, this.#jobs.get(unit.job)!.job.validation) };
    this.#countUnit(record, 1n);
    this.#units.set(unit.id, record);
    this.#touched.add(unit.id);
  }

  #countUnit(unit: UnitRecord, times: 1n | -1n): void {
    if (!this.#isCounting) return;
    this.#count(unitFact(unit), times);
    for (const vote of unit.votes) this.#count(voteFact(vote), times);
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

function bearsOnMembers({ kind }: Pick<Head, 'kind'>): boolean {
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
