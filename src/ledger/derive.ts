// The state of the mesh as a pure function of the entries that count. No clock, no order of arrival, no local setting
// enters it, so the same set gives the same state and the same root on every node (I1). This is the slow, plain form of
// the rules: `ledger verify` and the tests hold the one that is kept up to date (live-state.ts) against it (I2).
import { compareText, fromHex, type Hex, toHex } from '../protocol/bytes.ts';
import { type Entry, unitId } from '../protocol/entry.ts';
import { type Control, type Genesis, type Job, KINDS, type Kind, type Revoke } from '../protocol/kinds.ts';
import type { Role } from '../protocol/schema.ts';
import { rootOfState } from './facts.ts';
import { HeldVote, headOf } from './heads.ts';
import { deriveMembership, type InviteRecord, type Member, type Membership } from './membership.ts';
import { isCut, type Pins } from './pins.ts';
import { readEntry, type Said } from './reading.ts';
import { refuseControl, refuseResult, refuseWriter } from './rules.ts';
import { PlainUnits, type UnitRecord, type Units } from './units.ts';
import { judgeVotes } from './verdict.ts';

export interface JobRecord {
  id: Hex;
  job: Job;
  creator: Hex;
  time: number;
  action: Control['action'] | undefined;
  /** Highest turn of a control entry so far; the next one takes one more. */
  turn: number;
}

export interface State {
  mesh: { id: Hex; genesis: Genesis };
  /** Those that are gone included. */
  members: ReadonlyMap<Hex, Member>;
  invites: ReadonlyMap<Hex, InviteRecord>;
  /** Where members' logs end. */
  pins: Pins;
  /** Version of the rules that the mesh goes by, 1 at first. */
  rules: number;
  /** Oldest first by what their creators' clocks said, ties by id: for lists, never for truth. */
  jobs: ReadonlyMap<Hex, JobRecord>;
  units: Units;
  /** Entries that are held and do not count, with the reason. */
  refused: ReadonlyMap<Hex, string>;
  /** 32 bytes in hex: equal on two nodes exactly when what they hold to be true is equal. */
  root: Hex;
}

type Sorted = { [K in Exclude<Kind, 'result'>]: Said<never>[] };

/** An entry, or as much of a result as it takes to count it. */
export type Counted = Entry | HeldVote;

/** `counted`: what counts of every log, in any order. Throws when the genesis entry of `mesh` is not among it. */
export function deriveState(mesh: Hex, counted: Iterable<Counted>): State {
  const refused = new Map<Hex, string>();
  const { sorted, votes, unread } = sortByKind(distinct(counted));
  const genesis = (sorted.genesis as Said<Genesis>[]).find((said) => said.entry.id === mesh);
  if (genesis === undefined || !isGenesis(genesis.entry)) {
    throw new Error(`the genesis entry of mesh ${mesh} is missing`);
  }
  const people = peopleOf(genesis, sorted);
  const { members, invites, pins, rules } = people;
  const root = toHex(genesis.data.root);
  const counts = ({ entry }: Pick<Said<unknown>, 'entry'>): boolean => !isCut(pins, entry);
  for (const { entry } of Object.values(sorted).flat()) if (isCut(pins, entry)) refused.set(entry.id, 'cut');
  for (const vote of votes) if (isCut(pins, placeOf(vote))) refused.set(vote.entry, 'cut');
  for (const entry of unread) {
    if (isCut(pins, entry)) refused.set(entry.id, 'cut');
    else refused.set(entry.id, isKnown(members, root, entry.author) ? reasonOf(entry) : 'not_a_member');
  }
  refuseIdle(sorted, people, root, refused);
  const jobs = deriveJobs(sorted.job.filter(counts), sorted.control.filter(counts), members, refused);
  const counting = votes.filter((vote) => !isCut(pins, placeOf(vote)));
  const units = new PlainUnits(deriveUnits(counting, jobs, members, refused));
  const state = { mesh: { id: mesh, genesis: genesis.data }, members, invites, pins, rules, jobs, units, refused };
  return { ...state, root: rootOfState(state) };
}

function peopleOf(genesis: Said<Genesis>, sorted: Sorted): Membership {
  const { invite, admit, revoke, seal, leave, cancel, policy } = sorted;
  const pinnings: Said<Revoke>[] = [...revoke, ...seal];
  return deriveMembership(genesis, {
    invites: invite,
    admits: admit,
    pinnings,
    leaves: leave,
    cancels: cancel,
    policies: policy,
  });
}

/** Whether a key takes part now: a member that is not gone. */
export function isActive({ members }: Pick<State, 'members'>, key: Hex): boolean {
  const member = members.get(key);
  return member !== undefined && member.gone === undefined;
}

/** Whose entries are kept: members, those that are gone included, and the holder of the recovery phrase. */
export function isAuthor({ members, mesh }: Pick<State, 'members' | 'mesh'>, author: Hex): boolean {
  return isKnown(members, toHex(mesh.genesis.root), author);
}

function isKnown(members: ReadonlyMap<Hex, Member>, root: Hex, author: Hex): boolean {
  return author === root || members.has(author);
}

/** Whether an entry founds a mesh: the first entry of its log, by the first member. */
export function isGenesis(entry: Entry): boolean {
  const reading = readEntry(entry);
  if (reading.kind !== 'genesis' || entry.seq !== 0) return false;
  return toHex((reading.data as Genesis).first) === entry.author;
}

function distinct(counted: Iterable<Counted>): Iterable<Counted> {
  const byId = new Map<Hex, Counted>();
  for (const each of counted) byId.set(each instanceof HeldVote ? each.entry : each.id, each);
  return byId.values();
}

const placeOf = ({ author, log, head }: HeldVote): Parameters<typeof isCut>[1] => ({ author, log, seq: head.seq });

/** `unread`: entries of unknown kinds and with bad data. */
function sortByKind(counted: Iterable<Counted>): { sorted: Sorted; votes: HeldVote[]; unread: Entry[] } {
  const sorted = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, []])) as unknown as Sorted;
  const votes: HeldVote[] = [];
  const unread: Entry[] = [];
  for (const each of counted) {
    if (each instanceof HeldVote) {
      votes.push(each);
      continue;
    }
    const reading = readEntry(each);
    if (reading.kind === undefined) unread.push(each);
    else if (reading.kind === 'result') votes.push(new HeldVote(each.author, each.log, headOf(each), () => each));
    else sorted[reading.kind].push({ entry: each, data: reading.data as never });
  }
  for (const list of Object.values(sorted)) list.sort((a, b) => compareText(a.entry.id, b.entry.id));
  return { sorted, votes, unread };
}

function reasonOf(entry: Entry): string {
  return readEntry(entry).refused ?? 'no_effect';
}

/** What was said of who takes part and changed nothing, with what is known of why. */
function refuseIdle(sorted: Sorted, people: Membership, root: Hex, refused: Map<Hex, string>): void {
  const refuse = (said: readonly Said<unknown>[], needs: readonly Role[]): void => {
    for (const { entry } of said) {
      if (people.effective.has(entry.id) || isCut(people.pins, entry)) continue;
      const role = entry.author === root ? 'admin' : people.members.get(entry.author)?.role;
      refused.set(entry.id, reasonOfIdle(role, needs));
    }
  };
  refuse([...sorted.invite, ...sorted.revoke, ...sorted.seal, ...sorted.policy], ['admin']);
  refuse([...sorted.admit, ...sorted.cancel], ['admin', 'member']);
  refuse(sorted.leave, ['admin', 'member', 'worker']);
}

function reasonOfIdle(role: Role | undefined, needs: readonly Role[]): string {
  if (role === undefined) return 'not_a_member';
  return needs.includes(role) ? 'no_effect' : 'role';
}

function deriveJobs(
  said: readonly Said<Job>[],
  controls: readonly Said<Control>[],
  members: ReadonlyMap<Hex, Member>,
  refused: Map<Hex, string>,
): Map<Hex, JobRecord> {
  const jobs = new Map<Hex, JobRecord>();
  const inTime = [...said].sort((a, b) => a.entry.time - b.entry.time || compareText(a.entry.id, b.entry.id));
  for (const { entry, data } of inTime) {
    const reason = refuseWriter(members.get(entry.author));
    if (reason !== undefined) refused.set(entry.id, reason);
    else {
      const { id, author: creator, time } = entry;
      jobs.set(id, { id, job: data, creator, time, action: undefined, turn: 0 });
    }
  }
  steer(jobs, controls, members, refused);
  return jobs;
}

/**
 * C1: a turn is at most one more than the controls before it, in order of turn, then of id. Whoever takes a turn out of
 * reach of all others would steer the job for ever.
 */
function steer(
  jobs: ReadonlyMap<Hex, JobRecord>,
  controls: readonly Said<Control>[],
  members: ReadonlyMap<Hex, Member>,
  refused: Map<Hex, string>,
): void {
  const before = new Map<Hex, number>();
  const inTurn = [...controls].sort((a, b) => a.data.turn - b.data.turn || compareText(a.entry.id, b.entry.id));
  for (const { entry, data } of inTurn) {
    const job = jobs.get(toHex(data.job));
    const reason = refuseWriter(members.get(entry.author)) ?? refuseControl(job, members.get(entry.author));
    const turns = before.get(toHex(data.job)) ?? 0;
    if (reason !== undefined || job === undefined) refused.set(entry.id, reason ?? 'unknown_job');
    else if (data.turn > turns + 1) refused.set(entry.id, 'skipped_turn');
    else {
      before.set(job.id, turns + 1);
      job.turn = data.turn;
      job.action = data.action;
    }
  }
}

function deriveUnits(
  votes: readonly HeldVote[],
  jobs: ReadonlyMap<Hex, JobRecord>,
  members: ReadonlyMap<Hex, Member>,
  refused: Map<Hex, string>,
): Map<Hex, UnitRecord> {
  const units = new Map<Hex, UnitRecord>();
  const inLogs = [...votes].sort((a, b) => compareText(a.log, b.log) || a.head.seq - b.head.seq);
  for (const vote of inLogs) {
    const ballot = vote.head.ballot!;
    const job = jobs.get(ballot.job);
    const reason = refuseResult(ballot, job, members.has(vote.author));
    if (reason !== undefined || job === undefined) {
      refused.set(vote.entry, reason ?? 'unknown_job');
      continue;
    }
    const id = unitId(fromHex(ballot.job), ballot.index);
    const unit = units.get(id) ?? {
      id,
      job: job.id,
      index: ballot.index,
      votes: [],
      verdict: judgeVotes([], job.job.validation),
    };
    units.set(id, unit);
    if (unit.votes.some(({ author }) => author === vote.author))
      refused.set(vote.entry, 'second_vote'); // V1
    else unit.votes.push(vote);
  }
  for (const unit of units.values()) {
    unit.verdict = judgeVotes(unit.votes, jobs.get(unit.job)!.job.validation);
  }
  return units;
}
