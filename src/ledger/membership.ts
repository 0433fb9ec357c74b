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
// M6  The holder of the recovery phrase (the genesis entry's `root`) stands above the first member and admits by its own
//     word. It is no member: it neither works nor votes.
// M7  Only who stands above a member in the tree removes it (P1), so no two can remove each other. Whoever comes in has
//     all above it before it, so what cuts its logs is known before anything it says is looked at.
// M8  Who was removed or has left stays known, with what counts of it.
//
// R1  The mesh goes by the highest version of the rules that an admin, or the holder of the recovery phrase, has said.
import { compareText, fromHex, type Hex, toHex } from '../protocol/bytes.ts';
import type { Entry } from '../protocol/entry.ts';
import { verifySignature } from '../protocol/keys.ts';
import type { Admit, Cancel, Genesis, Invite, Policy, Revoke } from '../protocol/kinds.ts';
import type { Role } from '../protocol/schema.ts';
import { inviteStatement, joinStatement } from '../protocol/ticket.ts';
import { isCut, type Pinning, type Pins, pinningOf } from './pins.ts';
import { once, type Said } from './reading.ts';

export interface Member {
  key: Hex;
  name: string;
  role: Role;
  /** Above it in the tree: who made its invite, or who admitted it by its own word. Empty for the first member. */
  parent: Hex;
  /** Entry that made it a member. */
  entry: Hex;
  time: number;
  /** Set when it takes part no longer. */
  gone: Gone | undefined;
}

export interface Gone {
  how: 'removed' | 'left';
  entry: Hex;
  /** Who said so. */
  by: Hex;
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
  /** Its issuer or an admin has taken it back. */
  cancelled: boolean;
}

export interface Membership {
  members: Map<Hex, Member>;
  invites: Map<Hex, InviteRecord>;
  pins: Pins;
  /** Version of the rules that the mesh goes by: the highest that was said (R1). */
  rules: number;
  /** Entries that have made any of this so. */
  effective: ReadonlySet<Hex>;
}

/** What was said of who takes part, all in order of entry id (M3). */
export interface PeopleSaid {
  invites: readonly Said<Invite>[];
  admits: readonly Said<Admit>[];
  /** Of the kinds `revoke` and `seal`. */
  pinnings: readonly Said<Revoke>[];
  leaves: readonly Said<unknown>[];
  cancels: readonly Said<Cancel>[];
  policies: readonly Said<Policy>[];
}

export function deriveMembership(genesis: Said<Genesis>, said: PeopleSaid): Membership {
  const tree = new Tree(genesis, said.pinnings);
  const known = new Map<Hex, InviteRecord>();
  for (let grew = true; grew; ) {
    addInvites(known, said.invites, tree);
    // Worked out before anybody comes in: who came in this round admits from the next one on.
    const round = said.admits.filter((each) => !tree.has(toHex(each.data.member)) && mayAdmit(each, tree, known));
    grew = false;
    for (const each of round) {
      if (!tree.has(toHex(each.data.member)) && admit(each, tree, known)) grew = true;
    }
  }
  const left = said.leaves.filter(({ entry }) => tree.leave(entry));
  const cancelled = said.cancels.filter((each) => cancel(each, tree, known));
  const policies = said.policies.filter(({ entry }) => tree.roleOf(entry) === 'admin');
  const rules = policies.reduce((highest, { data }) => Math.max(highest, data.rules), 1);
  const effective = new Set([
    ...[...tree.members.values(), ...known.values(), ...[...tree.pins.values()].flat()].map(({ entry }) => entry),
    ...[...left, ...cancelled, ...policies].map(({ entry }) => entry.id),
  ]);
  return { members: tree.members, invites: known, pins: tree.pins, rules, effective };
}

function cancel({ entry, data }: Said<Cancel>, tree: Tree, invites: Map<Hex, InviteRecord>): boolean {
  const invite = invites.get(toHex(data.invite));
  const may = invite?.issuer === entry.author ? tree.counts(entry) : tree.roleOf(entry) === 'admin';
  if (invite === undefined || !may) return false;
  invite.cancelled = true;
  return true;
}

/** The members so far, and where their logs end. */
class Tree {
  readonly members = new Map<Hex, Member>();
  readonly pins = new Map<Hex, readonly Pinning[]>();
  readonly #root: Hex;
  readonly #genesis: Entry;
  readonly #pinnings = new Map<Hex, Said<Revoke>[]>();

  constructor({ entry, data }: Said<Genesis>, pinnings: readonly Said<Revoke>[]) {
    this.#root = toHex(data.root);
    this.#genesis = entry;
    for (const said of pinnings) {
      const member = toHex(said.data.member);
      this.#pinnings.set(member, [...(this.#pinnings.get(member) ?? []), said]);
    }
    const key = toHex(data.first);
    this.add({ key, name: data.firstName, role: 'admin', parent: '', entry: entry.id, time: entry.time });
  }

  /** Whether a key cannot come in any more. */
  has(key: Hex): boolean {
    return key === this.#root || this.members.has(key);
  }

  /** Whether an entry is of somebody who is known by now, and not beyond a pin. */
  counts(entry: Entry): boolean {
    return (entry.author === this.#root || this.members.has(entry.author)) && !isCut(this.pins, entry);
  }

  /** What an entry's author may do with it; undefined where it does not count. */
  roleOf(entry: Entry): Role | undefined {
    if (!this.counts(entry)) return undefined;
    return entry.author === this.#root ? 'admin' : this.members.get(entry.author)?.role;
  }

  /** All above it are in by now, and so is all that they say of it (M7). */
  add(member: Omit<Member, 'gone'>): void {
    const above = this.#above(member.parent);
    const pinnings = (this.#pinnings.get(member.key) ?? [])
      .filter(({ entry }) => above.includes(entry.author) && this.counts(entry))
      .map((said) => ({
        said,
        pinning: pinningOf(said, above.length - above.indexOf(said.entry.author), this.#genesis),
      }))
      .sort((a, b) => a.pinning.depth - b.pinning.depth || compareText(a.pinning.entry, b.pinning.entry));
    if (pinnings.length > 0) {
      this.pins.set(
        member.key,
        pinnings.map(({ pinning }) => pinning),
      );
    }
    const removal = pinnings.find(({ pinning }) => pinning.removes)?.said.entry;
    const gone = removal === undefined ? undefined : goneBy('removed', removal);
    this.members.set(member.key, { ...member, gone });
  }

  /** False where it changes nothing. */
  leave(entry: Entry): boolean {
    const member = this.members.get(entry.author);
    if (member === undefined || member.gone !== undefined || !this.counts(entry)) return false;
    this.members.set(member.key, { ...member, gone: goneBy('left', entry) });
    return true;
  }

  /** From the one right above up to the recovery phrase. */
  #above(parent: Hex): Hex[] {
    const above: Hex[] = [];
    for (let key = parent; key !== '' && key !== this.#root; key = this.members.get(key)?.parent ?? '') above.push(key);
    return [...above, this.#root];
  }
}

function goneBy(how: Gone['how'], { id, author, time }: Entry): Gone {
  return { how, entry: id, by: author, time };
}

function addInvites(known: Map<Hex, InviteRecord>, invites: readonly Said<Invite>[], tree: Tree): void {
  for (const { entry, data } of invites) {
    const key = toHex(data.key);
    const earlier = known.get(key);
    if (tree.roleOf(entry) !== 'admin') continue;
    if (earlier !== undefined && (earlier.entry <= entry.id || earlier.used.length > 0)) continue;
    if (!isAnnouncedByMaker(entry)) continue;
    const { role, uses, expires } = data;
    const record = { key, role, uses, expires, issuer: entry.author, entry: entry.id };
    known.set(key, { ...record, used: [], cancelled: false });
  }
}

function mayAdmit(said: Said<Admit>, tree: Tree, invites: Map<Hex, InviteRecord>): boolean {
  const role = tree.roleOf(said.entry);
  if (role === undefined || role === 'worker') return false;
  if (said.data.invite === undefined) return role === 'admin' && said.data.proof === undefined;
  return invites.get(toHex(said.data.invite))?.role === said.data.role;
}

function admit(said: Said<Admit>, tree: Tree, invites: Map<Hex, InviteRecord>): boolean {
  const { entry, data } = said;
  const key = toHex(data.member);
  const invite = data.invite === undefined ? undefined : invites.get(toHex(data.invite));
  if (invite !== undefined) {
    if (invite.used.length >= invite.uses || !isProven(said.entry)) return false;
    invite.used.push(key);
  }
  const parent = invite?.issuer ?? entry.author;
  tree.add({ key, name: data.name, role: data.role, parent, entry: entry.id, time: entry.time });
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
