// The membership and verdict rules once more, straight from the prose of docs/protocol.md, slow and without regard to
// how the ledger does it.
import { createPublicKey, verify } from 'node:crypto';
import type { Vote } from '../../../src/ledger/verdict.ts';
import { compareText } from '../../../src/protocol/bytes.ts';
import type { Entry } from '../../../src/protocol/entry.ts';
import {
  type Admit,
  type Genesis,
  type Invite,
  KINDS,
  type Kind,
  type Revoke,
  type Validation,
} from '../../../src/protocol/kinds.ts';
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

/** Where a log ends by the word of somebody above; `head` is empty where nothing of it counts. */
export interface ReferenceEnd {
  count: number;
  head: string;
}

export interface ReferencePeople {
  members: ReadonlyMap<string, ReferenceMember>;
  endOf(author: string, log: string): ReferenceEnd | undefined;
  /** Keys of those that take part no longer, and why. */
  gone: ReadonlyMap<string, 'removed' | 'left'>;
}

/** Who takes part, by what was said; `genesis` founds. An entry beyond the end of its log says nothing. */
export function membersOf(genesis: Entry, all: readonly Entry[]): ReferencePeople {
  const entries = all.filter(({ kind, data }) => KINDS[kind as Kind]?.safeParse(data).success === true);
  const first = { role: 'admin' as const, parent: '', entry: genesis.id };
  const members = new Map<string, ReferenceMember>([[genesis.author, first]]);
  const words = { genesis, root: hex((genesis.data as Genesis).root), entries, members };
  const endOf = (author: string, log: string): ReferenceEnd | undefined => endByWords(words, author, log);
  const counts = ({ author, log, seq }: Entry): boolean =>
    seq < (endOf(author, log)?.count ?? Number.POSITIVE_INFINITY);
  admitAll(words, counts);
  const gone = new Map<string, 'removed' | 'left'>();
  for (const entry of entries) {
    if (entry.kind === 'leave' && members.has(entry.author) && counts(entry)) gone.set(entry.author, 'left');
  }
  // A log that nobody has ends at nothing where the member is removed, and nowhere else.
  for (const key of members.keys()) if (endOf(key, 'no such log') !== undefined) gone.set(key, 'removed');
  return { members, endOf, gone };
}

interface Words {
  genesis: Entry;
  root: string;
  entries: readonly Entry[];
  members: Map<string, ReferenceMember>;
}

/** M1 to M5, in rounds. */
function admitAll({ genesis, root, entries, members }: Words, counts: (entry: Entry) => boolean): void {
  const invites = entries.filter((entry) => entry.kind === 'invite' && isOfItsMaker(genesis.id, entry)).sort(byId);
  const admits = entries.filter((entry) => entry.kind === 'admit').sort(byId);
  /** Which announcement of a key its first use has fixed, and the uses so far. */
  const used = new Map<string, { announced: Entry; times: number }>();
  for (let size = 0; size < members.size; ) {
    size = members.size;
    const before = new Map([...members].map(([key, { role }]) => [key, role])).set(root, 'admin');
    const open = invites.filter((each) => before.get(each.author) === 'admin' && counts(each));
    const may = admits.filter((each) => ['admin', 'member'].includes(before.get(each.author) ?? '') && counts(each));
    for (const entry of may) {
      const { member, role } = entry.data as Admit;
      if (hex(member) === root || members.has(hex(member))) continue;
      const author = before.get(entry.author)!;
      const parent = parentOf({ entry, author, invites: open, used, mesh: genesis.id });
      if (parent !== undefined) members.set(hex(member), { role, parent, entry: entry.id });
    }
  }
}

/** P1 to P4, once more: of all that those above say of a log, the word of the highest, then the shortest, then by id. */
function endByWords(words: Words, author: string, log: string): ReferenceEnd | undefined {
  if (!words.members.has(author)) return undefined;
  for (const key of pathTo(words, author)) {
    const said = words.entries.filter((word) => word.author === key && isAbout(word, author) && !isCutOff(words, word));
    const ends = said.flatMap((word) => {
      const end = endIn(words, word, author, log);
      return end === undefined ? [] : [{ word, ...end }];
    });
    ends.sort((a, b) => a.count - b.count || byId(a.word, b.word));
    if (ends[0] !== undefined) return { count: ends[0].count, head: ends[0].head };
  }
  return undefined;
}

function isAbout({ kind, data }: Entry, author: string): boolean {
  return (kind === 'revoke' || kind === 'seal') && hex((data as Revoke).member) === author;
}

function isCutOff(words: Words, { author, log, seq }: Entry): boolean {
  return seq >= (endByWords(words, author, log)?.count ?? Number.POSITIVE_INFINITY);
}

function endIn({ genesis }: Words, word: Entry, author: string, log: string): ReferenceEnd | undefined {
  const named = (word.data as Revoke).pinned.filter(([id]) => hex(id) === log).at(-1);
  if (named !== undefined) return { count: named[1], head: hex(named[2]) };
  if (word.kind === 'seal') return undefined;
  const isFirst = log === genesis.log && author === genesis.author;
  return { count: isFirst ? 1 : 0, head: isFirst ? genesis.id : '' };
}

/** From the recovery phrase down to the one right above. */
function pathTo({ root, members }: Words, key: string): string[] {
  const parent = members.get(key)?.parent ?? '';
  return parent === '' || parent === root ? [root] : [...pathTo({ root, members } as Words, parent), parent];
}

interface Asked {
  entry: Entry;
  author: Role;
  /** Those of admins that count, in order of id. */
  invites: readonly Entry[];
  used: Map<string, { announced: Entry; times: number }>;
  mesh: string;
}

/** Under whom the member comes, when this admission is good; counts the use. */
function parentOf({ entry, author, invites, used, mesh }: Asked): string | undefined {
  const { member, name, role, invite, proof } = entry.data as Admit;
  if (invite === undefined) return author === 'admin' && proof === undefined ? entry.author : undefined;
  const isOpen = (announced: Entry): boolean => hex((announced.data as Invite).key) === hex(invite);
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

/** V5, word by word: one vote after the other, the shortest lineage first, each that meets none that counts. */
export function weightOf(votes: readonly Vote[]): number {
  const counted: Vote[] = [];
  const left = [...votes];
  while (left.length > 0) {
    const shortest = Math.min(...left.map(({ lineage }) => lineage.length));
    const ids = left.filter(({ lineage }) => lineage.length === shortest).map(({ entry }) => entry);
    const next = left.findIndex(({ entry }) => entry === ids.sort(compareText)[0]);
    const [vote] = left.splice(next, 1) as [Vote];
    if (!counted.some((other) => doMeet(vote, other))) counted.push(vote);
  }
  return counted.length;
}

export function doMeet(a: Vote, b: Vote): boolean {
  const members = (vote: Vote): string[] => [vote.author, ...vote.lineage];
  return members(a).some((member) => members(b).includes(member));
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
        ? weightOf(others)
        : Math.max(0, ...others.map((vote) => weightOf(others.filter((other) => other.answer === vote.answer))));
    return weightOf(group) >= validation.quorum && weightOf(group) > most;
  });
  if (winner !== undefined) return { state: 'validated', agreeing: new Set(winner.map((vote) => vote.entry)) };
  const largest = Math.max(...groups.map(weightOf));
  const front = groups
    .filter((group) => weightOf(group) === largest)
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
