// Pairing on the local network: machines that could take each other in find one another, show the same six digits, and a
// click lets one in. What is open is open for minutes only: while a window was asked for, and at the start of a machine
// that has no mesh but its own.
import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import { isActive } from '../ledger/derive.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { compareText, encode, equalBytes, fromHex, type Hex, sha256, toHex } from '../protocol/bytes.ts';
import { peerIdText } from '../protocol/keys.ts';
import {
  commonVersion,
  decodePairRequest,
  type Introduction,
  PAIR_PROTOCOL,
  type PairRequest,
  type Welcome,
  WIRE,
} from '../protocol/messages.ts';
import type { Role } from '../protocol/schema.ts';
import { type Frames, framesOf, withStream } from './frames.ts';
import type { Admission } from './join.ts';
import { PairingBook } from './pairing-book.ts';
import { beLetIn, beMet, letIn, meet, PAIR_LIMITS, PairRefusedError } from './pairing-talk.ts';
import { dialAddresses } from './transport.ts';

export interface PairingDeps {
  publicKey: Uint8Array;
  ledger: Ledger;
  /** ms since 1970: windows end by it. */
  now(): number;
  randomBytes(length: number): Uint8Array;
  /** The local network is searched. */
  mdns: boolean;
  who: { name: string; os: string; version: string };
  genesis(): Uint8Array;
  /** Addresses of the main instance, without peer id. */
  meshAddresses(): string[];
  onAdmitted(member: Hex, name: string): void;
  /** A mesh has let this machine in: it leaves its own for that one. Never rejects. */
  goTo(admission: Admission, words: string): Promise<void>;
  /** What is open has changed. */
  onChange(): void;
}

/** `host`: lets machines in. `guest`: is let in. */
export type PairingSide = 'host' | 'guest';

/** A machine that was met. */
export interface Met {
  key: Hex;
  peerId: string;
  who: Introduction;
  digits: string;
  /** It asks, and this node may let it in; it may let this node in. */
  canAdmit: boolean;
  canJoin: boolean;
  /** It is being let in. */
  admitting: boolean;
}

/** How long after its start a machine without a mesh looks for one. */
export const FIRST_MS = 10 * 60_000;
const TICK_MS = 1000;
/** The two meet again and again, so that each knows that the other is still there and what it would do. */
const MEET_MS = 3000;
/** The side with the smaller key calls; the other waits, and calls where it was not reached. */
const SECOND_CALLER_MS = 3000;
const GONE_MS = 12_000;
/** Multicast told of it, and has not since. */
const PLACE_MS = 60_000;

interface Known {
  key: Hex;
  who: Introduction;
  seenAt: number;
}

interface Place {
  addresses: readonly string[];
  firstAt: number;
  heardAt: number;
  calledAt: number;
}

export class Pairing {
  readonly #deps: PairingDeps;
  readonly #self: Hex;
  readonly #book: PairingBook;
  readonly #firstUntil: number;
  readonly #known = new Map<Hex, Known>();
  readonly #places = new Map<string, Place>();
  #window: { as: PairingSide; until: number } | undefined;
  #libp2p: Libp2p | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Machines are let in one after the other. */
  #offers: Promise<unknown> = Promise.resolve();
  readonly #offered = new Set<Hex>();
  /** Turned away by a person, until another window opens. */
  readonly #refused = new Set<Hex>();
  #isGoing = false;

  constructor(deps: PairingDeps) {
    this.#deps = deps;
    this.#self = toHex(deps.publicKey);
    this.#book = new PairingBook(deps.publicKey, deps.randomBytes);
    this.#firstUntil = deps.mdns && this.#isAlone() ? deps.now() + FIRST_MS : 0;
  }

  /** Without multicast nobody is found. */
  get isPossible(): boolean {
    return this.#deps.mdns;
  }

  /** So many were met in this window that no others will be. */
  get isFull(): boolean {
    return this.#book.isFull;
  }

  /** When the last of what is open ends; undefined while nothing is. ms since 1970. */
  openUntil(): number | undefined {
    const open = [this.hostUntil(), this.guestUntil()].filter((until) => until !== undefined);
    return open.length === 0 ? undefined : Math.max(...open);
  }

  /** Until when this node lets machines in. */
  hostUntil(): number | undefined {
    if (this.#ledgerState().members.get(this.#self)?.role !== 'admin') return undefined;
    if (!isActive(this.#ledgerState(), this.#self)) return undefined;
    return this.#until('host', this.#isAlone());
  }

  /**
   * Until when a mesh may let this node in. Without being asked to, only a machine goes whose own mesh is as it was
   * founded: nothing of its owner's is left behind.
   */
  guestUntil(): number | undefined {
    if (!this.#isAlone()) return undefined;
    return this.#until('guest', this.#deps.ledger.size() === 1);
  }

  open(as: PairingSide, minutes: number): void {
    this.#book.clear();
    this.#known.clear();
    this.#refused.clear();
    this.#window = { as, until: this.#deps.now() + minutes * 60_000 };
    this.#deps.onChange();
  }

  /** Also what is open by itself in the first minutes. */
  close(): void {
    this.#window = { as: 'host', until: 0 };
    this.#known.clear();
    this.#deps.onChange();
  }

  /** In order of name, then of key. */
  met(): Met[] {
    const [hosts, asks] = [this.hostUntil() !== undefined, this.guestUntil() !== undefined];
    const met = [...this.#known.values()].flatMap(({ key, who, seenAt }): Met[] => {
      const digits = this.#book.digits(fromHex(key));
      const canAdmit = hosts && who.asks;
      const canJoin = asks && who.hosts;
      const isThere = this.#deps.now() - seenAt < GONE_MS && !this.#ledgerState().members.has(key);
      if (digits === undefined || !isThere || this.#refused.has(key) || !(canAdmit || canJoin)) return [];
      const peerId = peerIdText(fromHex(key));
      return [{ key, peerId, who, digits, canAdmit, canJoin, admitting: this.#offered.has(key) }];
    });
    return met.sort((a, b) => compareText(a.who.name, b.who.name) || compareText(a.key, b.key));
  }

  /** Whether somebody at the door is here to pair. */
  isExpected(peerId: string): boolean {
    return this.met().some((met) => met.peerId === peerId);
  }

  /** Multicast, or a test, tells where somebody is. */
  heard(peerId: string, addresses: readonly string[]): void {
    const now = this.#deps.now();
    const { firstAt = now, calledAt = Number.NEGATIVE_INFINITY } = this.#places.get(peerId) ?? {};
    this.#places.set(peerId, { addresses, firstAt, calledAt, heardAt: now });
  }

  /** The door is open: `libp2p` is what stands there. */
  async attach(libp2p: Libp2p): Promise<void> {
    this.#libp2p = libp2p;
    await libp2p.handle(PAIR_PROTOCOL, (stream, connection) => this.#answer(stream, connection), {
      maxInboundStreams: 4,
    });
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  detach(): void {
    clearInterval(this.#timer);
    this.#libp2p = undefined;
    this.#places.clear();
  }

  /** Lets a machine in that was met and asks. Resolves to the name under which it is a member. Throws PairRefusedError. */
  admit({ key, who }: Met, role: Role): Promise<string> {
    this.#offered.add(key);
    const done = this.#offers.then(() => this.#offer(key, role, who.name)).finally(() => this.#offered.delete(key));
    this.#offers = done.catch(() => undefined);
    return done;
  }

  /** Neither lets it in nor goes to it, until another window opens. */
  refuse({ key }: Met): void {
    this.#refused.add(key);
    this.#deps.onChange();
  }

  #ledgerState() {
    return this.#deps.ledger.state();
  }

  /** A mesh of this one machine. */
  #isAlone(): boolean {
    const { members } = this.#ledgerState();
    return members.size === 1 && isActive(this.#ledgerState(), this.#self);
  }

  #until(side: PairingSide, isOpenAtFirst: boolean): number | undefined {
    const asked = this.#window === undefined ? this.#firstUntil : this.#window.until;
    const isMeant = this.#window === undefined ? isOpenAtFirst : this.#window.as === side;
    return isMeant && asked > this.#deps.now() ? asked : undefined;
  }

  #introduction(): Introduction {
    const { mesh, members } = this.#ledgerState();
    return {
      ...this.#deps.who,
      wire: [...WIRE],
      mesh: fromHex(mesh.id),
      meshName: mesh.genesis.name,
      members: [...members.values()].filter(({ gone }) => gone === undefined).length,
      hosts: this.hostUntil() !== undefined,
      asks: this.guestUntil() !== undefined && !this.#isGoing && this.#offered.size === 0,
    };
  }

  #tick(): void {
    const now = this.#deps.now();
    if (this.openUntil() === undefined) return;
    for (const [peerId, place] of this.#places) {
      if (now - place.heardAt > PLACE_MS) this.#places.delete(peerId);
      else if (this.#isDue(peerId, place, now)) {
        place.calledAt = now;
        // Who is not reached is called again; what a refusal says is for the one who asked.
        this.#call(peerId).catch(() => undefined);
      }
    }
  }

  #isDue(peerId: string, { firstAt, calledAt }: Place, now: number): boolean {
    if (now - calledAt < MEET_MS) return false;
    const isFirst = peerIdText(this.#deps.publicKey) < peerId;
    const seenAt = [...this.#known.values()].find(({ key }) => peerIdText(fromHex(key)) === peerId)?.seenAt ?? firstAt;
    return isFirst || now - seenAt > SECOND_CALLER_MS + MEET_MS;
  }

  async #call(peerId: string): Promise<void> {
    const connection = await this.#reach(peerId);
    const peer = keyOf(connection);
    const me = this.#introduction();
    const who = await withStream(connection, PAIR_PROTOCOL, PAIR_LIMITS, (frames) =>
      meet(frames, { book: this.#book, peer, me }),
    );
    this.#remember(peer, who);
    await this.#tellAgain(peer, who);
  }

  /** It was let in before, and the welcome got lost. */
  async #tellAgain(peer: Uint8Array, who: Introduction): Promise<void> {
    const member = this.#ledgerState().members.get(toHex(peer));
    if (member === undefined || !who.asks || this.hostUntil() === undefined) return;
    await this.#offer(member.key, member.role, who.name);
  }

  async #reach(peerId: string): Promise<Connection> {
    if (this.#libp2p === undefined) throw new PairRefusedError('pairing_closed', 'The window has been closed.');
    const open = this.#libp2p.getConnections().find(({ remotePeer, status }) => {
      return remotePeer.toString() === peerId && status === 'open';
    });
    if (open !== undefined) return open;
    const addresses = this.#places.get(peerId)?.addresses ?? [];
    return dialAddresses(
      this.#libp2p,
      addresses.map((address) => `${address}/p2p/${peerId}`),
    );
  }

  #remember(peer: Uint8Array, who: Introduction): void {
    if (equalBytes(who.mesh, fromHex(this.#deps.ledger.meshId))) this.#known.delete(toHex(peer));
    else this.#known.set(toHex(peer), { key: toHex(peer), who, seenAt: this.#deps.now() });
  }

  async #answer(stream: Stream, connection: Connection): Promise<void> {
    const frames = framesOf(stream, PAIR_LIMITS);
    try {
      const request = decodePairRequest(await frames.read());
      if (request.do === 'come') await this.#come(frames, connection, request.role);
      else await this.#beMet(frames, keyOf(connection), request);
      await frames.close();
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #beMet(frames: Frames, peer: Uint8Array, request: Extract<PairRequest, { do: 'meet' }>): Promise<void> {
    const me = this.#introduction();
    const refusal = refuse(me, request.who, this.#ledgerState().members.get(toHex(peer))?.gone !== undefined);
    if (refusal !== undefined) return frames.write(encode(refusal));
    await beMet(frames, { book: this.#book, peer, me }, request);
    this.#remember(peer, request.who);
    // Where that fails, the two meet again.
    this.#tellAgain(peer, request.who).catch(() => undefined);
  }

  /** Somebody lets this machine in. */
  async #come(frames: Frames, connection: Connection, role: Role): Promise<void> {
    const host = this.#known.get(toHex(keyOf(connection)));
    const me = this.#introduction();
    const isMet = host !== undefined && this.#book.digits(fromHex(host.key)) !== undefined;
    if (!isMet || this.#refused.has(host.key) || !me.asks) {
      const isBusy = this.guestUntil() !== undefined && !me.asks;
      const busy = no('pairing_busy', 'It is going elsewhere, or letting somebody in.');
      await frames.write(encode(isBusy ? busy : no('pairing_closed', 'It does not ask to be let in.')));
      return;
    }
    this.#isGoing = true;
    try {
      const { genesis, addresses } = await beLetIn(frames, me.name);
      if (!equalBytes(sha256(genesis), host.who.mesh)) throw new Error('another mesh than it had said');
      const mesh = toHex(host.who.mesh);
      const words = `${host.who.name} let this machine into “${host.who.meshName}” as ${role}.`;
      const admission = { mesh, genesis, host: connection.remotePeer.toString(), addresses, places: {} };
      // It takes this door down: nothing waits for it here.
      void this.#deps.goTo(admission, words).then(() => (this.#isGoing = false));
    } catch (error) {
      this.#isGoing = false;
      throw error;
    }
  }

  async #offer(key: Hex, role: Role, name: string): Promise<string> {
    const { ledger, genesis, meshAddresses, onAdmitted } = this.#deps;
    const admit = async (given: string): Promise<Welcome> => {
      const until = this.hostUntil();
      if (until === undefined) throw new PairRefusedError('pairing_closed', 'The window has been closed.');
      // With the first machine that is let in this one is alone no more; those beside it are still to come.
      this.#window ??= { as: 'host', until };
      const known = ledger.state().members.get(key);
      if (known?.gone !== undefined)
        throw new PairRefusedError('removed', `${name} was removed from the mesh or has left it.`);
      if (known === undefined) {
        await ledger.append('admit', { member: fromHex(key), name: given, role });
        onAdmitted(key, given);
      }
      return { genesis: genesis(), addresses: meshAddresses() };
    };
    const connection = await this.#reach(peerIdText(fromHex(key))).catch((error: Error) => {
      throw new PairRefusedError('pending_gone', `${name} does not answer (${error.message}).`);
    });
    return withStream(connection, PAIR_PROTOCOL, PAIR_LIMITS, (frames) => letIn(frames, role, admit));
  }
}

function keyOf({ remotePeer }: Connection): Uint8Array {
  if (remotePeer.publicKey === undefined) throw new Error('a connection without a key');
  return remotePeer.publicKey.raw;
}

function no(code: string, message: string) {
  return { ok: false as const, code, message };
}

function refuse(me: Introduction, who: Introduction, isGone: boolean): ReturnType<typeof no> | undefined {
  if (commonVersion(who.wire) === undefined) return no('wire_version', 'No common version of the protocol.');
  if (equalBytes(me.mesh, who.mesh)) return no('already_in_this_mesh', 'Both are in the same mesh.');
  if (isGone) return no('removed', 'This key was removed from the mesh or has left it.');
  const isOfUse = (me.hosts && who.asks) || (me.asks && who.hosts);
  return isOfUse ? undefined : no('pairing_closed', 'Neither lets the other in at the moment.');
}
