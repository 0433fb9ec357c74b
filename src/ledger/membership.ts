// Who takes part. Authority is a tree that starts at the genesis entry's first member.
//
// M1  The first member is an admin.
// M2  An admin admits by its own word; an admin's invite lets any admin or member admit its bearer.
// M3  An invite lets in as many as it says. Where more were admitted at once, those with the smallest entry ids count.
// M4  Who is a member is found in rounds from the first member on, so that nobody's membership rests on itself.
import { compareText, fromHex, type Hex, toHex } from '../protocol/bytes.ts';
import type { Entry } from '../protocol/entry.ts';
import { verifySignature } from '../protocol/keys.ts';
import type { Admit, Genesis, Invite } from '../protocol/kinds.ts';
import type { Role } from '../protocol/schema.ts';
import { joinStatement } from '../protocol/ticket.ts';

export interface Member {
  key: Hex;
  name: string;
  role: Role;
  /** Above it in the tree: who made its invite, or who admitted it by its own word. Empty for the first member. */
  parent: Hex;
  /** Entry that made it a member. */
  entry: Hex;
  time: number;
}

export interface InviteRecord {
  key: Hex;
  role: Role;
  uses: number;
  expires: number;
  issuer: Hex;
  entry: Hex;
  /** Members it let in. */
  used: Hex[];
}

export interface Said<T> {
  entry: Entry;
  data: T;
}

export interface Membership {
  members: Map<Hex, Member>;
  invites: Map<Hex, InviteRecord>;
}

export function deriveMembership(
  genesis: Said<Genesis>,
  invites: readonly Said<Invite>[],
  admits: readonly Said<Admit>[],
): Membership {
  const first = toHex(genesis.data.first);
  const members = new Map<Hex, Member>();
  members.set(first, {
    key: first,
    name: genesis.data.firstName,
    role: 'admin',
    parent: '',
    entry: genesis.entry.id,
    time: genesis.entry.time,
  });
  const known = new Map<Hex, InviteRecord>();
  const waiting = [...admits].sort((a, b) => compareText(a.entry.id, b.entry.id));
  const proven = new Map(waiting.map((said) => [said.entry.id, isProven(said.data, genesis.entry.id)]));
  for (let grew = true; grew; ) {
    addInvites(known, invites, members);
    const round = waiting.filter((said) => !members.has(toHex(said.data.member)) && mayAdmit(said, members, known));
    grew = false;
    for (const said of round) {
      if (proven.get(said.entry.id) !== true || members.has(toHex(said.data.member))) continue;
      if (admit(said, members, known)) grew = true;
    }
  }
  return { members, invites: known };
}

function addInvites(known: Map<Hex, InviteRecord>, invites: readonly Said<Invite>[], members: Map<Hex, Member>): void {
  for (const { entry, data } of invites) {
    const key = toHex(data.key);
    const earlier = known.get(key);
    if (members.get(entry.author)?.role !== 'admin') continue;
    if (earlier !== undefined && (earlier.entry <= entry.id || earlier.used.length > 0)) continue;
    const { role, uses, expires } = data;
    known.set(key, { key, role, uses, expires, issuer: entry.author, entry: entry.id, used: [] });
  }
}

function mayAdmit(said: Said<Admit>, members: Map<Hex, Member>, invites: Map<Hex, InviteRecord>): boolean {
  const author = members.get(said.entry.author);
  if (author === undefined || author.role === 'worker') return false;
  if (said.data.invite === undefined) return author.role === 'admin';
  return invites.get(toHex(said.data.invite))?.role === said.data.role;
}

function admit(said: Said<Admit>, members: Map<Hex, Member>, invites: Map<Hex, InviteRecord>): boolean {
  const { entry, data } = said;
  const key = toHex(data.member);
  const invite = data.invite === undefined ? undefined : invites.get(toHex(data.invite));
  if (invite !== undefined) {
    if (invite.used.length >= invite.uses) return false;
    invite.used.push(key);
  }
  const parent = invite?.issuer ?? entry.author;
  members.set(key, { key, name: data.name, role: data.role, parent, entry: entry.id, time: entry.time });
  return true;
}

/** Without an invite there is nothing to prove here; with one, its throw-away key must have signed this very member in. */
function isProven(data: Admit, mesh: Hex): boolean {
  if (data.invite === undefined) return data.proof === undefined;
  if (data.proof === undefined) return false;
  return verifySignature(data.invite, 'join', joinStatement(fromHex(mesh), data.member), data.proof);
}
