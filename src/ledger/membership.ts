// Who takes part. Authority is a tree that starts at the genesis entry's first member.
//
// M1  The first member is an admin.
// M2  An admin admits by its own word; an admin's invite lets any admin or member admit its bearer, in the invite's
//     role and under the name that the bearer proved with the ticket's key.
// M3  An invite lets in as many as it says. Where more were admitted at once, those with the smallest entry ids count.
// M4  Who is a member is found in rounds from the first member on, so that nobody's membership rests on itself. In a
//     round the invites of all admins known by then are looked at first, then the admissions in order of entry id.
// M5  Only who holds a ticket's secret can announce it, in its own name. Of several announcements the one with the
//     smallest entry id counts, until it has let somebody in: from then on that one counts.
import { fromHex, type Hex, toHex } from '../protocol/bytes.ts';
import type { Entry } from '../protocol/entry.ts';
import { verifySignature } from '../protocol/keys.ts';
import type { Admit, Genesis, Invite } from '../protocol/kinds.ts';
import type { Role } from '../protocol/schema.ts';
import { inviteStatement, joinStatement } from '../protocol/ticket.ts';
import { once } from './reading.ts';

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

/** `admits`: in order of entry id (M3). */
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
  for (let grew = true; grew; ) {
    addInvites(known, invites, members);
    // Worked out before anybody comes in: who came in this round admits from the next one on.
    const round = admits.filter((said) => !members.has(toHex(said.data.member)) && mayAdmit(said, members, known));
    grew = false;
    for (const said of round) {
      if (!members.has(toHex(said.data.member)) && admit(said, members, known)) grew = true;
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
    if (!isAnnouncedByMaker(entry)) continue;
    const { role, uses, expires } = data;
    known.set(key, { key, role, uses, expires, issuer: entry.author, entry: entry.id, used: [] });
  }
}

function mayAdmit(said: Said<Admit>, members: Map<Hex, Member>, invites: Map<Hex, InviteRecord>): boolean {
  const author = members.get(said.entry.author);
  if (author === undefined || author.role === 'worker') return false;
  if (said.data.invite === undefined) return author.role === 'admin' && said.data.proof === undefined;
  return invites.get(toHex(said.data.invite))?.role === said.data.role;
}

function admit(said: Said<Admit>, members: Map<Hex, Member>, invites: Map<Hex, InviteRecord>): boolean {
  const { entry, data } = said;
  const key = toHex(data.member);
  const invite = data.invite === undefined ? undefined : invites.get(toHex(data.invite));
  if (invite !== undefined) {
    if (invite.used.length >= invite.uses || !isProven(said.entry)) return false;
    invite.used.push(key);
  }
  const parent = invite?.issuer ?? entry.author;
  members.set(key, { key, name: data.name, role: data.role, parent, entry: entry.id, time: entry.time });
  return true;
}

/** Its throw-away key must have signed this very member in, under this name. */
const isProven: (entry: Entry) => boolean = once((entry) => {
  const { invite, proof, member, name } = entry.data as Admit;
  if (invite === undefined || proof === undefined) return false;
  return verifySignature(invite, 'join', joinStatement(fromHex(entry.mesh), member, name), proof);
});

const isAnnouncedByMaker: (entry: Entry) => boolean = once((entry) => {
  const { key, proof } = entry.data as Invite;
  return verifySignature(key, 'invite', inviteStatement(fromHex(entry.mesh), fromHex(entry.author)), proof);
});
