// What a person says of who takes part: tickets, removal, leaving. The rules are the ledger's; here it is said beforehand, and
// in a sentence, why something would have no effect.
import { isActive, type State } from '../ledger/derive.ts';
import type { InviteRecord, Member } from '../ledger/membership.ts';
import { pinnedAt } from '../ledger/pins.ts';
import { equalBytes, fromHex, type Hex, toHex } from '../protocol/bytes.ts';
import { NOTHING, signEntry } from '../protocol/entry.ts';
import { createSigner, peerIdText, type Signer } from '../protocol/keys.ts';
import { encodeTicket, inviteStatement } from '../protocol/ticket.ts';
import { RequestError } from '../ui/api.ts';
import type {
  InviteView,
  LeftView,
  MembersPort,
  OpenInviteView,
  PingView,
  RenamedView,
  RevokedView,
} from '../ui/api-members.ts';
import { type DetailDeps, memberDetail } from './member-detail.ts';
import { pairingCommands } from './pairing-commands.ts';
import { RecoveryError, seedOfPhrase } from './recovery.ts';
import type { Session } from './session.ts';
import { nameOf } from './views.ts';

export interface MemberDeps extends DetailDeps {
  signer: Signer;
  now(): number;
  randomBytes(length: number): Uint8Array;
}

const INVITE_MS_DEFAULT = 24 * 3_600_000;
const PING_MS = 5000;
const INVITE_MS_MAX = 30 * 24 * 3_600_000;

/** `need`: the session, or a RequestError that says why there is none. */
export function memberCommands(deps: MemberDeps, need: () => Session): MembersPort {
  return {
    invite: (input) => invite(deps, need(), input),
    openInvites: () => openInvites(deps, need()),
    cancelInvite: (id) => cancelInvite(deps, need(), id),
    revoke: (member, input) => revoke(deps, need(), member, input),
    rename: (member, { name }) => rename(deps, need(), member, name),
    ping: (member) => ping(need(), member),
    memberDetail: (member) => memberDetail(deps, need(), findMember(need(), member)),
    leave: () => leave(deps, need()),
    ...pairingCommands({ requireAdmin: (session, what) => requireAdmin(deps, session, what) }, need),
  };
}

async function invite(
  deps: MemberDeps,
  session: Session,
  input: Parameters<MembersPort['invite']>[0],
): Promise<InviteView> {
  const { role = 'member', uses = 1, expiresInMs = INVITE_MS_DEFAULT, phrase } = input;
  const root = phrase === undefined ? undefined : rootSigner(session, phrase);
  if (root === undefined) requireAdmin(deps, session, 'invite');
  const issuer = (root ?? deps.signer).publicKey;
  if (!Number.isInteger(uses) || uses < 1 || uses > 100) {
    throw new RequestError('out_of_range', 'uses is a whole number from 1 to 100', { status: 422, field: 'uses' });
  }
  if (!(expiresInMs >= 60_000 && expiresInMs <= INVITE_MS_MAX)) {
    throw new RequestError('out_of_range', 'a ticket lasts from one minute to 30 days', {
      status: 422,
      field: 'expiresInMs',
    });
  }
  const secret = deps.randomBytes(32);
  const throwAway = createSigner(secret);
  const mesh = fromHex(session.ledger.meshId);
  const expires = deps.now() + Math.round(expiresInMs);
  const proof = throwAway.sign('invite', inviteStatement(mesh, issuer));
  await say(deps, session, root, 'invite', { key: throwAway.publicKey, role, uses, expires, proof });
  await session.lobby.update();
  const addresses = session.lobby.addresses();
  return {
    ticket: encodeTicket({ mesh, issuer, secret, role, uses, expires, addresses }),
    inviteId: toHex(throwAway.publicKey),
    role,
    uses,
    expiresAt: new Date(expires).toISOString(),
    addresses,
  };
}

function openInvites({ now }: MemberDeps, session: Session): OpenInviteView[] {
  const state = session.ledger.state();
  const open = [...state.invites.values()].filter(
    ({ cancelled, used, uses, expires, issuer }) =>
      !cancelled && used.length < uses && expires > now() && stands(state, issuer),
  );
  open.sort((a, b) => a.expires - b.expires);
  return open.map((record) => inviteOf(session, record));
}

/** Whose word counts now: a member that is in, or the holder of the recovery phrase. */
function stands(state: State, key: Hex): boolean {
  return isActive(state, key) || key === rootOf(state);
}

function rootOf({ mesh }: State): Hex {
  return toHex(mesh.genesis.root);
}

function inviteOf(session: Session, { key, role, uses, used, expires, issuer }: InviteRecord): OpenInviteView {
  return {
    inviteId: key,
    role,
    uses,
    usesLeft: uses - used.length,
    expiresAt: new Date(expires).toISOString(),
    issuer: issuer === rootOf(session.ledger.state()) ? 'the recovery phrase' : nameOf(session.world(), issuer),
  };
}

async function cancelInvite(deps: MemberDeps, session: Session, id: string): Promise<OpenInviteView> {
  const state = session.ledger.state();
  const found = [...state.invites.values()].filter(({ key, cancelled }) => !cancelled && key.startsWith(id));
  const [record] = found;
  if (record === undefined || found.length > 1 || id.length < 8) {
    throw new RequestError('invite_unknown', `No ticket, or more than one, has an id that begins with ${id}.`, {
      status: 404,
    });
  }
  if (record.issuer !== toHex(deps.signer.publicKey)) requireAdmin(deps, session, 'take back the ticket of another');
  await session.ledger.append('cancel', { invite: fromHex(record.key) });
  await session.lobby.update();
  return inviteOf(session, record);
}

async function revoke(
  deps: MemberDeps,
  session: Session,
  who: string,
  { discardSince, phrase }: Parameters<MembersPort['revoke']>[1],
): Promise<RevokedView> {
  const { ledger } = session;
  const member = findMember(session, who);
  const name = nameOf(session.world(), member.key);
  if (member.gone !== undefined) {
    throw new RequestError('already_gone', `${name} takes part no longer.`, { status: 409 });
  }
  const signer = phrase === undefined ? undefined : rootSigner(session, phrase);
  if (signer === undefined) requireAbove(deps, session, member, name);
  const logs = [...ledger.logs()].filter(({ author }) => author === member.key);
  const before = logs.reduce((sum, { entries }) => sum + entries.length, 0);
  const pinned = pinnedAt(logs, discardSince === undefined ? undefined : Date.parse(discardSince));
  const id = await say(deps, session, signer, 'revoke', { member: fromHex(member.key), pinned });
  const kept = pinned.reduce((sum, [, count]) => sum + count, 0);
  const { root } = ledger.state();
  return { peerId: peerIdText(fromHex(member.key)), name, entry: id, kept, discarded: before - kept, root };
}

function rename({ names }: MemberDeps, session: Session, who: string, given: string): RenamedView {
  const { key } = findMember(session, who);
  const peerId = peerIdText(fromHex(key));
  return { peerId, name: nameOf(session.world(), key), givenName: names.give(peerId, given) };
}

async function ping(session: Session, who: string): Promise<PingView> {
  const { key } = findMember(session, who);
  const [peerId, name] = [peerIdText(fromHex(key)), nameOf(session.world(), key)];
  const ms = await session.mesh.ping(peerId, AbortSignal.timeout(PING_MS)).catch(() => {
    throw new RequestError('no_answer', `${name} is connected and did not answer in time.`, { status: 409 });
  });
  if (ms !== undefined) return { peerId, name, ms };
  throw new RequestError('not_connected', `There is no connection to ${name} at the moment.`, { status: 409 });
}

async function leave({ signer }: MemberDeps, session: Session): Promise<LeftView> {
  const self = toHex(signer.publicKey);
  const told = session.mesh.peers().length;
  await session.ledger.append('leave', {});
  const left = [...session.ledger.state().members.values()].filter(({ gone }) => gone === undefined);
  return { told, admins: left.filter(({ role, key }) => role === 'admin' && key !== self).length };
}

/** The key that stands above every member. */
function rootSigner({ ledger }: Session, phrase: string): Signer {
  let root: Signer;
  try {
    root = createSigner(seedOfPhrase(phrase));
  } catch (error) {
    if (!(error instanceof RecoveryError)) throw error;
    throw new RequestError(error.code, error.message, { status: 422, field: 'phrase' });
  }
  if (equalBytes(root.publicKey, ledger.state().mesh.genesis.root)) return root;
  throw new RequestError('wrong_phrase', 'This is the recovery phrase of another mesh.', {
    status: 403,
    field: 'phrase',
  });
}

/** In this node's name, or in the root's: each time in a log of its own (M6). The id of the entry. */
async function say(
  { now, randomBytes }: MemberDeps,
  { ledger }: Session,
  root: Signer | undefined,
  kind: 'invite' | 'revoke',
  data: unknown,
): Promise<Hex> {
  if (root === undefined) return (await ledger.append(kind, data)).id;
  const place = { mesh: fromHex(ledger.meshId), log: randomBytes(16), seq: 0, prev: NOTHING, time: now() };
  const { block, id } = signEntry({ ...place, kind, data }, root);
  const [answer] = await ledger.ingest([block]);
  if (answer !== 'stored') throw new Error(`the ledger did not take the word of the recovery phrase: ${answer}`);
  return id;
}

/** By peer id, or by the name that it shows. */
function findMember(session: Session, who: string): Member {
  const world = session.world();
  const members = [...session.ledger.state().members.values()];
  const byId = members.find(({ key }) => peerIdText(fromHex(key)) === who || key === who);
  if (byId !== undefined) return byId;
  const named = members.filter(({ key, name }) => nameOf(world, key) === who || name === who);
  // Who is gone gave its name free.
  const there = named.filter(({ gone }) => gone === undefined);
  const [member] = there.length > 0 ? there : named;
  if (member === undefined) {
    throw new RequestError('member_unknown', `No member has the name or id ${who}.`, { status: 404 });
  }
  if (there.length > 1) {
    const ids = there.map(({ key }) => peerIdText(fromHex(key))).join(', ');
    throw new RequestError('member_ambiguous', `${there.length} members have the name ${who}. Say which: ${ids}.`, {
      status: 409,
    });
  }
  return member;
}

function requireAdmin({ signer }: MemberDeps, { ledger, world }: Session, what: string): void {
  const { members } = ledger.state();
  const self = members.get(toHex(signer.publicKey));
  if (self?.gone !== undefined) {
    const message = 'This machine was removed from the mesh or has left it: what it says would not count.';
    throw new RequestError('not_a_member', message, { status: 403 });
  }
  if (self?.role === 'admin') return;
  const admins = [...members.values()].filter(({ role, gone }) => role === 'admin' && gone === undefined);
  const names = admins.map(({ key }) => nameOf(world(), key));
  throw new RequestError('role', `Only an admin of this mesh can ${what}: ask on ${listed(names)}.`, { status: 403 });
}

/** P1. */
function requireAbove({ signer }: MemberDeps, { ledger, world }: Session, member: Member, name: string): void {
  const state = ledger.state();
  const self = toHex(signer.publicKey);
  const above: Hex[] = [];
  for (let key = member.parent; state.members.has(key); key = state.members.get(key)!.parent) above.push(key);
  if (above.includes(self)) return;
  if (member.key === self) {
    throw new RequestError('not_above', 'A machine does not remove itself. To go, it leaves.', { status: 403 });
  }
  const could = above.filter((key) => isActive(state, key)).map((key) => nameOf(world(), key));
  const sentence = `${name} can be removed by ${listed([...could, 'whoever holds the recovery phrase'])} only.`;
  const code = state.members.get(self)?.role === 'admin' ? 'not_above' : 'role';
  throw new RequestError(code, sentence, { status: 403 });
}

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? 'no machine';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} or ${last}`;
}
