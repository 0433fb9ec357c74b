// The door for newcomers, on a libp2p instance of its own: nobody who is not a member ever connects to the main one.
// Open only while an unused ticket calls for it, or pairing.
import type { Connection, Stream } from '@libp2p/interface';
import { isActive, type State } from '../ledger/derive.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { InviteRecord } from '../ledger/membership.ts';
import { encode, fromHex, type Hex, toHex } from '../protocol/bytes.ts';
import { peerIdText, verifySignature } from '../protocol/keys.ts';
import { ADDRESSES_PER_PLACE_MAX, JOIN_BYTES_MAX, PLACES_MAX } from '../protocol/limits.ts';
import {
  commonVersion,
  decodeJoinRequest,
  JOIN_PROTOCOL,
  type JoinReply,
  type JoinRequest,
} from '../protocol/messages.ts';
import { joinStatement } from '../protocol/ticket.ts';
import { framesOf } from './frames.ts';
import type { Mesh } from './mesh.ts';
import type { Pairing } from './pairing.ts';
import { type Lobby as LobbyTransport, restartDiscovery, startLobby } from './transport.ts';

export interface LobbyDeps {
  seed: Uint8Array;
  ledger: Ledger;
  /** ms since 1970: expiry is watched here, at the door. */
  now(): number;
  /** Workers do not open the door. */
  mayAdmit(): boolean;
  /** Addresses of the main instance, without peer id. */
  meshAddresses(): string[];
  /** Where other members were last seen. */
  places(): { member: Uint8Array; addresses: string[] }[];
  pairing: Pairing;
  onAdmitted(member: Hex, name: string): void;
  /** Why the door cannot be opened, in one sentence; undefined when it is as it should be. */
  onProblem(message: string | undefined): void;
}

export interface Lobby {
  /** Opens or closes to fit the ledger's invites, and pairing. Never rejects: `onProblem` hears why it stays closed. */
  update(): Promise<void>;
  /** Addresses without peer id; empty while closed. */
  addresses(): string[];
  readonly open: boolean;
  /** The machine is somewhere else now: be found there. */
  lookAround(): Promise<void>;
  stop(): Promise<void>;
}

/** A stranger who says nothing must not keep the place of one who would. */
const VISIT_MS = 20_000;
const RETRY_MS = 10_000;
/** A guest whose answer got lost knocks again; the ticket is used up then, and the door must still be there. */
const LINGER_MS = 60_000;
/** Timers count to 2^31 ms; a longer wait looks again at that time. */
const TIMER_MS_MAX = 2 ** 31 - 1;

class Door implements Lobby {
  readonly #deps: LobbyDeps;
  readonly #hosts: readonly string[];
  #port: number;
  #running: LobbyTransport | undefined;
  #queue: Promise<void> = Promise.resolve();
  /** One visitor at a time: two must not be shown in on the last use of one ticket. */
  #judging: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** Visitors at the door at this moment. */
  #visitors = 0;
  /** By this node's clock, ms since 1970. */
  #lingerUntil = 0;

  constructor(deps: LobbyDeps, { hosts, port }: { hosts: readonly string[]; port: number }) {
    this.#deps = deps;
    this.#hosts = hosts;
    this.#port = port;
  }

  get open(): boolean {
    return this.#running !== undefined;
  }

  addresses(): string[] {
    return (this.#running?.libp2p.getMultiaddrs() ?? []).map((address) => address.toString().split('/p2p/')[0]!);
  }

  update(): Promise<void> {
    this.#queue = this.#queue.then(() => this.#fit());
    return this.#queue;
  }

  async lookAround(): Promise<void> {
    await restartDiscovery(this.#running?.discovery);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#queue;
    clearTimeout(this.#timer);
    await this.#close();
  }

  async #fit(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const { now, onProblem } = this.#deps;
    const until = this.#openUntil();
    try {
      if (until === undefined || !this.#isFitting()) await this.#close();
      if (until !== undefined && this.#running === undefined) await this.#open();
      onProblem(undefined);
      if (until !== undefined) this.#lookAgain(until - now() + 1);
    } catch (error) {
      onProblem(`The door for newcomers cannot be opened: ${(error as Error).message.split('\n')[0]}`);
      this.#lookAgain(RETRY_MS);
    }
  }

  /** On the local network it is told of while pairing is open, and then only. Visitors are not shown out for that. */
  #isFitting(): boolean {
    const isTold = this.#running?.discovery !== undefined;
    return this.#visitors > 0 || isTold === (this.#deps.pairing.openUntil() !== undefined);
  }

  /** As long as a ticket or pairing calls for it, a visitor stands there, or one who was just let in may come back. */
  #openUntil(): number | undefined {
    const now = this.#deps.now();
    const invited = latest(openUntil(this.#deps), this.#deps.pairing.openUntil());
    if (this.#running === undefined) return invited;
    const courtesy = Math.max(this.#lingerUntil, this.#visitors > 0 ? now + VISIT_MS : 0);
    return courtesy > now ? Math.max(courtesy, invited ?? 0) : invited;
  }

  #lookAgain(ms: number): void {
    this.#timer = setTimeout(() => void this.update(), Math.min(Math.max(ms, 1), TIMER_MS_MAX));
  }

  async #open(): Promise<void> {
    const { seed, pairing } = this.#deps;
    const mdns = pairing.openUntil() !== undefined;
    const running = await startLobby({ seed, mdns, hosts: this.#hosts, port: this.#port });
    const { libp2p, discovery } = running;
    libp2p.addEventListener('connection:open', ({ detail }) => this.#endVisit(detail));
    discovery?.addEventListener('peer', ({ detail }) =>
      pairing.heard(detail.id.toString(), detail.multiaddrs.map(String)),
    );
    try {
      await libp2p.handle(JOIN_PROTOCOL, (stream, connection) => this.#answer(stream, connection), {
        maxInboundStreams: 2,
      });
      await pairing.attach(libp2p);
    } catch (error) {
      await libp2p.stop();
      throw error;
    }
    this.#running = running;
    this.#port = portOf(libp2p) ?? this.#port;
  }

  /** Who is here to pair stays as long as people need to compare digits. */
  #endVisit(connection: Connection): void {
    const timer = setTimeout(() => {
      if (connection.status !== 'open') return;
      if (this.#deps.pairing.isExpected(connection.remotePeer.toString())) this.#endVisit(connection);
      else connection.abort(new Error('the visit is over'));
    }, VISIT_MS);
    timer.unref();
  }

  async #close(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    this.#deps.pairing.detach();
    await running.libp2p.stop();
  }

  async #answer(stream: Stream, connection: Connection): Promise<void> {
    const frames = framesOf(stream, { bytesMax: JOIN_BYTES_MAX, timeoutMs: 10_000 });
    this.#visitors += 1;
    try {
      const request = decodeJoinRequest(await frames.read());
      const judged = this.#judging.then(() => judge(this.#deps, request, connection.remotePeer.toString()));
      this.#judging = judged.catch(() => undefined);
      const reply = await judged;
      if (reply.ok) this.#lingerUntil = this.#deps.now() + LINGER_MS;
      await frames.write(encode(reply));
      await frames.close();
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#visitors -= 1;
      void this.update();
    }
  }
}

export function createLobby(deps: LobbyDeps, options: { hosts: readonly string[]; port: number }): Lobby {
  return new Door(deps, options);
}

/** When the last usable invite expires; undefined when there is none or this node may not admit. */
function openUntil({ ledger, now, mayAdmit }: LobbyDeps): number | undefined {
  if (!mayAdmit()) return undefined;
  const state = ledger.state();
  const open = [...state.invites.values()].filter(
    (invite) => isUsable(state, invite) && invite.used.length < invite.uses && invite.expires > now(),
  );
  return open.length === 0 ? undefined : open.reduce((last, { expires }) => Math.max(last, expires), 0);
}

/** Not taken back, and its issuer still takes part. Who holds the recovery phrase stands above that. */
function isUsable(state: State, { cancelled, issuer }: InviteRecord): boolean {
  return !cancelled && (isActive(state, issuer) || issuer === toHex(state.mesh.genesis.root));
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

function portOf(libp2p: LobbyTransport['libp2p']): number | undefined {
  const port = /\/tcp\/(\d+)/.exec(libp2p.getMultiaddrs()[0]?.toString() ?? '')?.[1];
  return port === undefined ? undefined : Number(port);
}

async function judge(deps: LobbyDeps, request: JoinRequest, peerId: string): Promise<JoinReply> {
  const { ledger } = deps;
  const no = (code: string, message: string): JoinReply => ({ ok: false, code, message });
  if (toHex(request.mesh) !== ledger.meshId) {
    return no(
      'wrong_mesh',
      `This door leads to the mesh ${ledger.state().mesh.genesis.name}, the ticket is for another.`,
    );
  }
  const version = commonVersion(request.wire);
  if (version === undefined) {
    return no('wire_version', 'The machines speak no common version of the protocol. Update the older one.');
  }
  const member = toHex(request.member);
  if (peerIdText(request.member) !== peerId)
    return no('wrong_key', 'The request names another key than the connection.');
  const known = ledger.state().members.get(member);
  if (known?.gone !== undefined) {
    return no(
      'removed',
      'This key was removed from the mesh or has left it. Join with a new one, in a new data directory.',
    );
  }
  if (known === undefined) {
    const refused = await admit(deps, request);
    if (refused !== undefined) return refused;
    deps.onAdmitted(member, request.name);
  }
  const yes = { ok: true, genesis: genesisOf(ledger), addresses: deps.meshAddresses() } as const;
  return version < 2 ? yes : { ...yes, places: deps.places() };
}

/** What a newcomer is told: the addresses of some members that this node knows any of. */
export function placesOfMembers(
  { keeper }: Pick<Mesh, 'keeper'>,
  state: Pick<State, 'members'>,
): { member: Uint8Array; addresses: string[] }[] {
  const places: { member: Uint8Array; addresses: string[] }[] = [];
  for (const key of state.members.keys()) {
    if (!isActive(state, key)) continue;
    const member = fromHex(key);
    const addresses = keeper.addressesOf(peerIdText(member)).slice(0, ADDRESSES_PER_PLACE_MAX);
    if (addresses.length > 0) places.push({ member, addresses });
    if (places.length === PLACES_MAX) break;
  }
  return places;
}

/** The block whose hash is the mesh's id. */
export function genesisOf(ledger: Ledger): Uint8Array {
  const founding = [...ledger.logs()].find(({ entries: [first] }) => first?.id === ledger.meshId);
  if (founding === undefined) throw new Error('the ledger lost its genesis entry');
  return ledger.entry(founding.author, founding.log, 0).block;
}

/** Writes the `admit` entry; undefined when it counts. */
async function admit({ ledger, now }: LobbyDeps, request: JoinRequest): Promise<JoinReply | undefined> {
  const no = (code: string, message: string): JoinReply => ({ ok: false, code, message });
  const invite = ledger.state().invites.get(toHex(request.invite));
  if (invite === undefined)
    return no('unknown_ticket', 'This mesh does not know the ticket (yet). It may be known in a moment.');
  if (!isUsable(ledger.state(), invite)) {
    return no('ticket_cancelled', 'The ticket was taken back. Ask for a new one.');
  }
  if (invite.expires <= now()) return no('ticket_expired', 'The ticket has expired. Ask for a new one.');
  if (invite.used.length >= invite.uses) return no('ticket_used', 'The ticket has been used up. Ask for a new one.');
  const statement = joinStatement(fromHex(ledger.meshId), request.member, request.name);
  if (!verifySignature(request.invite, 'join', statement, request.proof)) {
    return no('bad_proof', 'The ticket did not sign this machine in.');
  }
  const { member, name, proof } = request;
  await ledger.append('admit', { member, name, role: invite.role, invite: request.invite, proof });
  if (!ledger.state().members.has(toHex(member)))
    return no('not_admitted', 'The ticket was used by another machine at the same moment.');
  return undefined;
}
