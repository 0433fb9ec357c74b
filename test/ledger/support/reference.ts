// The membership and verdict rules once more, straight from the prose of docs/protocol.md, slow and without regard to
// how the ledger does it.
import { createPublicKey, verify } from 'node:crypto';
import type { Vote } from '../../../src/ledger/verdict.ts';
import { compareText } from '../../../src/protocol/bytes.ts';
import type { Entry } from '../../../src/protocol/entry.ts';
import type { Admit, Invite, Validation } from '../../../src/protocol/kinds.ts';
import type { Role } from '../../../src/protocol/schema.ts';

export interface ReferenceMember {
  role: Role;
  parent: string;
  entry: string;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const byId = (a: Entry, b: Entry): number => (a.id < b.id ? -1 : 1);

function signed(key: Uint8Array, domain: string, parts: Uint8Array[], signature: Uint8Array): boolean {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]);
  const message = Buffer.concat([Buffer.from(`stratmesh/${domain}/1\n`), ...parts]);
  return verify(null, message, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature);
}

/** Entries of the kinds `invite` and `admit` with data of the right form; `genesis` founds. */
export function membersOf(genesis: Entry, entries: readonly Entry[]): Map<string, ReferenceMember> {
  const first = { role: 'admin' as const, parent: '', entry: genesis.id };
  const members = new Map<string, ReferenceMember>([[genesis.author, first]]);
  const invites = entries.filter((entry) => entry.kind === 'invite' && isOfItsMaker(genesis.id, entry)).sort(byId);
  const admits = entries.filter((entry) => entry.kind === 'admit').sort(byId);
  /** Which announcement of a key its first use has fixed, and the uses so far. */
  const used = new Map<string, { announced: Entry; times: number }>();
  for (;;) {
    const before = new Map(members);
    for (const entry of admits) {
      const { member, role } = entry.data as Admit;
      const author = before.get(entry.author)?.role;
      if (members.has(hex(member)) || author === undefined || author === 'worker') continue;
      const parent = parentOf({ entry, author, before, invites, used, mesh: genesis.id });
      if (parent !== undefined) members.set(hex(member), { role, parent, entry: entry.id });
    }
    if (members.size === before.size) return members;
  }
}

interface Asked {
  entry: Entry;
  author: Role;
  before: ReadonlyMap<string, ReferenceMember>;
  invites: readonly Entry[];
  used: Map<string, { announced: Entry; times: number }>;
  mesh: string;
}

/** Under whom the member comes, when this admission is good; counts the use. */
function parentOf({ entry, author, before, invites, used, mesh }: Asked): string | undefined {
  const { member, name, role, invite, proof } = entry.data as Admit;
  if (invite === undefined) return author === 'admin' && proof === undefined ? entry.author : undefined;
  const isOpen = (announced: Entry): boolean =>
    hex((announced.data as Invite).key) === hex(invite) && before.get(announced.author)?.role === 'admin';
  const { announced, times } = used.get(hex(invite)) ?? { announced: invites.find(isOpen), times: 0 };
  if (announced === undefined || proof === undefined) return undefined;
  const said = announced.data as Invite;
  if (said.role !== role || times >= said.uses) return undefined;
  if (!signed(invite, 'join', [Buffer.from(mesh, 'hex'), member, Buffer.from(name)], proof)) return undefined;
  used.set(hex(invite), { announced, times: times + 1 });
  return announced.author;
}

function isOfItsMaker(mesh: string, entry: Entry): boolean {
  const { key, proof } = entry.data as Invite;
  return signed(key, 'invite', [Buffer.from(mesh, 'hex'), Buffer.from(entry.author, 'hex')], proof);
}

export interface ReferenceVerdict {
  state: string;
  agreeing: Set<string>;
}

/** Votes of distinct members, none or more. */
export function verdictOf(votes: readonly Vote[], validation: Validation): ReferenceVerdict {
  if (votes.length === 0) return { state: 'open', agreeing: new Set() };
  const groups =
    validation.mode === 'replicate'
      ? votes.map((vote) => votes.filter((other) => other.answer === vote.answer))
      : [neighbours(votes, validation.tolerance ?? 0.1)];
  const winner = groups.find((group) => {
    const others = votes.filter((vote) => !group.includes(vote));
    const most =
      validation.mode === 'fuzzy'
        ? others.length
        : Math.max(0, ...others.map((vote) => others.filter((other) => other.answer === vote.answer).length));
    return group.length >= validation.quorum && group.length > most;
  });
  if (winner !== undefined) return { state: 'validated', agreeing: new Set(winner.map((vote) => vote.entry)) };
  const largest = Math.max(...groups.map((group) => group.length));
  const front = groups
    .filter((group) => group.length === largest)
    .sort((a, b) => (smallest(a) < smallest(b) ? -1 : 1))[0]!;
  const agreeing = new Set(front.map((vote) => vote.entry));
  if (votes.length >= validation.most) return { state: 'failed', agreeing };
  return { state: front.length === votes.length ? 'provisional' : 'disputed', agreeing };
}

const smallest = (group: readonly Vote[]): string => [...group].map((vote) => vote.entry).sort(compareText)[0]!;

/** The votes around the medoid: most within the tolerance, then least distance in all, then smallest entry id. */
function neighbours(votes: readonly Vote[], tolerance: number): Vote[] {
  let best: { near: Vote[]; total: number; entry: string } | undefined;
  for (const centre of [...votes].sort((a, b) => (a.entry < b.entry ? -1 : 1))) {
    let total = 0;
    const near: Vote[] = [];
    for (const vote of [...votes].sort((a, b) => (a.entry < b.entry ? -1 : 1))) {
      const distance = distanceOf(centre, vote);
      total += distance;
      if (distance <= tolerance) near.push(vote);
    }
    const isBetter =
      best === undefined || near.length > best.near.length || (near.length === best.near.length && total < best.total);
    if (isBetter) best = { near, total, entry: centre.entry };
  }
  return best!.near;
}

function distanceOf(a: Vote, b: Vote): number {
  const [left] = a.result.champions;
  const [right] = b.result.champions;
  if (left === undefined || right === undefined) return left === right ? 0 : 2;
  return Math.max(
    ...(['inSample', 'outOfSample', 'holdout'] as const).map((segment) => {
      const [x, y] = [left[segment].netProfit, right[segment].netProfit];
      return x === y ? 0 : Math.min(2, Math.abs(x - y) / Math.max(Math.abs(x), Math.abs(y)));
    }),
  );
}
