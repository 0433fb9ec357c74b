// What a state says, fact by fact, and the one number that two nodes compare. A sum does not depend on the order of its
// parts, so it can be kept up to date one fact at a time.
import { compareText, encode, fromHex, type Hex, sha256, toHex } from '../protocol/bytes.ts';
import type { JobRecord, State } from './derive.ts';
import type { InviteRecord, Member } from './membership.ts';
import type { UnitRecord } from './units.ts';
import type { Vote } from './verdict.ts';

export type Fact = readonly unknown[];

const memberFact = ({ key, role, parent, entry }: Member): Fact => ['member', key, role, parent, entry];

const inviteFact = ({ key, role, uses, used, entry }: InviteRecord): Fact => [
  'invite',
  key,
  role,
  uses,
  [...used].sort(compareText),
  entry,
];

function* goneFacts({ key, gone }: Member): Generator<Fact> {
  if (gone !== undefined) yield ['gone', key, gone.how, gone.entry];
}

function* pinFacts(pins: State['pins']): Generator<Fact> {
  for (const [member, pinnings] of pins) for (const { entry } of pinnings) yield ['pinned', member, entry];
}

export const jobFact = ({ id, action, turn }: JobRecord): Fact => ['job', id, action ?? null, turn];

export const unitFact = ({ id, verdict }: UnitRecord): Fact => [
  'unit',
  id,
  verdict.state,
  verdict.leader?.answer ?? null,
  [...verdict.agreeing].sort(compareText),
];

export const voteFact = ({ entry }: Vote): Fact => ['vote', entry];

/** Of strangers, and beyond cuts, each node holds what it happened to take in: that is no fact of the mesh. */
export const refusedFact = (entry: Hex, reason: string): Fact | undefined =>
  reason === 'not_a_member' || reason === 'cut' ? undefined : ['refused', entry, reason];

const MODULUS = 1n << 256n;

/** What a fact adds to the sum. */
export function weightOf(fact: Fact): bigint {
  return BigInt(`0x${toHex(sha256(encode(fact)))}`);
}

/** `sum`: of the weights of all facts; modulo 2^256, and hashed once more. */
export function rootOfSum(sum: bigint): Hex {
  const positive = ((sum % MODULUS) + MODULUS) % MODULUS;
  return toHex(sha256(fromHex(positive.toString(16).padStart(64, '0'))));
}

/** The root of a whole state, from scratch. */
export function rootOfState(state: Omit<State, 'root'>): Hex {
  let sum = 0n;
  for (const fact of factsOf(state)) sum += weightOf(fact);
  return rootOfSum(sum);
}

function* factsOf(state: Omit<State, 'root'>): Generator<Fact> {
  yield* membershipFacts(state);
  for (const job of state.jobs.values()) yield jobFact(job);
  for (const unit of state.units.values()) {
    yield unitFact(unit);
    for (const vote of unit.votes) yield voteFact(vote);
  }
  yield* refusedFacts(state.refused);
}

export type PeopleState = Pick<State, 'mesh' | 'members' | 'invites' | 'pins' | 'rules'>;

export function* membershipFacts({ mesh, members, invites, pins, rules }: PeopleState): Generator<Fact> {
  yield ['mesh', mesh.id];
  if (rules > 1) yield ['rules', rules];
  for (const member of members.values()) {
    yield memberFact(member);
    yield* goneFacts(member);
  }
  for (const invite of invites.values()) {
    yield inviteFact(invite);
    if (invite.cancelled) yield ['cancelled', invite.key];
  }
  yield* pinFacts(pins);
}

export function* refusedFacts(refused: State['refused']): Generator<Fact> {
  for (const [entry, reason] of refused) {
    const fact = refusedFact(entry, reason);
    if (fact !== undefined) yield fact;
  }
}
