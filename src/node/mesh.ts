// One node's part in the mesh network: who is connected, what they last said, and keeping ledgers equal.
import type { Connection } from '@libp2p/interface';
import type { Change, Ledger } from '../ledger/ledger.ts';
import { RULES_VERSION } from '../ledger/rules.ts';
import { fromHex, type Hex } from '../protocol/bytes.ts';
import { peerIdText, type Signer } from '../protocol/keys.ts';
import { ADDRESSES_MAX } from '../protocol/limits.ts';
import { commonVersion, type Hello, type Presence } from '../protocol/messages.ts';
import { Announcer } from './announcer.ts';
import type { Server } from './blob-service.ts';
import type { Place } from './bootstrap-dialler.ts';
import { type Contact, contactOf } from './contact.ts';
import { sayGoodbye } from './goodbye.ts';
import { type Gossip, startGossip, type Topics, topicsOf } from './gossip.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import { startWatch } from './mesh-watch.ts';
import { type Peer, PeerTable } from './peer-table.ts';
import { createPlaceDialler } from './place-dialler.ts';
import { createPresenceBook, type PresenceBook } from './presence-book.ts';
import type { Scope } from './scope.ts';
import { signFitting } from './sign-fitting.ts';
import { type SyncService, startSync } from './sync-service.ts';
import { dialAddresses, type Main, restartDiscovery, startMain } from './transport.ts';

export interface MeshDeps {
  seed: Uint8Array;
  signer: Signer;
  ledger: Ledger;
  scope: Scope;
  /** Monotonic, ms. */
  now(): number;
  /** Since the machine was started, its sleep included, ms. */
  uptime(): number;
  random(): number;
  interfaces(): string;
  /** Where members may be, besides where they are known to be; the same list as long as nothing in it changes. */
  places(): readonly Place[];
  /** This node's HELLO and presence without what the mesh knows itself. */
  hello(): Omit<Hello, 'mesh' | 'boot' | 'frontier' | 'addresses'>;
  presence(): Omit<Presence, 'mesh' | 'member' | 'boot' | 'n' | 'frontier' | 'root' | 'addresses' | 'rules'>;
  events: MeshEvents;
}

export interface MeshEvents {
  connected(peerId: string): void;
  disconnected(peerId: string): void;
  presence(presence: Presence): void;
  woke(sleptMs: number): void;
  /** This machine's own addresses changed. */
  moved(): void;
  problem(code: string, message: string): void;
  solved(code: string): void;
}

export interface MeshOptions {
  hosts: readonly string[];
  port: number;
  mdns: boolean;
  boot: Uint8Array;
  /** Address book of an earlier run. */
  addressBook: Readonly<Record<string, readonly string[]>>;
  /** Members that count before the ledger says so: whoever let this node in. */
  trusted: readonly string[];
}

/** Until who was removed has heard that. */
const LAST_WORD_MS = 250;
/** So long after it was somewhere else, or slept, this node may not have found everybody again. */
const AROUND_MS = 30_000;

export class Mesh {
  readonly presences: PresenceBook;
  readonly keeper: Keeper;
  readonly #deps: MeshDeps;
  readonly #options: MeshOptions;
  readonly #main: Main;
  #members: ReadonlySet<string>;
  /** Version of the protocol in common with each that said HELLO, the last time it did. */
  readonly #spoken = new Map<string, number>();
  /** When the last connection with each that is not connected now ended, monotonic ms. */
  readonly #lostAt = new Map<string, number>();
  #peers!: PeerTable;
  #sync!: SyncService;
  #gossip!: Gossip;
  #announcer!: Announcer;
  /** Monotonic, ms. */
  #lookedAroundAt = Number.NEGATIVE_INFINITY;

  private constructor(deps: MeshDeps, options: MeshOptions, main: Main, members: ReadonlySet<string>) {
    this.#deps = deps;
    this.#options = options;
    this.#main = main;
    this.#members = members;
    this.presences = createPresenceBook(deps.now);
    this.keeper = createKeeper({
      self: peerIdText(deps.signer.publicKey),
      now: deps.now,
      random: deps.random,
      isConnected: (peerId) => this.#peers.has(peerId),
      dial: (peerId, address, ms) => this.#dial(peerId, address, ms),
      // The keeper remembers it for who asks; that one address of a sleeping laptop does not answer is no news.
      onFailure: () => undefined,
    });
  }

  static async start(deps: MeshDeps, options: MeshOptions): Promise<Mesh> {
    const { seed, ledger, scope } = deps;
    const { hosts, port } = options;
    const topics = topicsOf(ledger.meshId);
    let mesh: Mesh | undefined;
    const members = memberIds(ledger, options.trusted);
    const isMember = (peerId: string): boolean => (mesh === undefined ? members : mesh.#members).has(peerId);
    const main = await startMain({
      ...{ seed, hosts, port, isMember },
      mdns: options.mdns,
      topics: [topics.entries, topics.presence],
    });
    scope.onClose(() => main.libp2p.stop());
    mesh = new Mesh(deps, options, main, members);
    await mesh.#open(topics);
    return mesh;
  }

  /** Multiaddrs with peer id. */
  addresses(): string[] {
    return this.#main.libp2p.getMultiaddrs().map(String);
  }

  peers(): Peer[] {
    return this.#peers.all();
  }

  /** Answers members in a protocol of its own. */
  handle: Server['handle'] = (protocol, answer, options) => this.#main.libp2p.handle(protocol, answer, options);

  /** Whether a member is to be shown as being there, by what it said and by its connection. */
  isHere(member: Hex): boolean {
    return this.presences.isHere(member, this.#lostAt.get(peerIdText(fromHex(member))));
  }

  /** Peer ids of all that may connect, this node included. */
  members(): string[] {
    return [...this.#members];
  }

  /** Round trip to a member, ms; undefined without a connection. Rejects when there is no answer before `signal`. */
  async ping(peerId: string, signal: AbortSignal): Promise<number | undefined> {
    const peer = this.#peers.get(peerId)?.connection.remotePeer;
    return peer && this.#main.libp2p.services.ping.ping(peer, { signal });
  }

  contact(peerId: string): Contact {
    return contactOf({ keeper: this.keeper, peers: this.#peers, traffic: this.#main.traffic }, peerId);
  }

  /** Tells the mesh soon; otherwise it happens when the announced interval is over. */
  announce(): void {
    this.#announcer.soon();
  }

  syncing(): boolean {
    return this.#sync.busy > 0;
  }

  async #open(topics: Topics): Promise<void> {
    const { ledger, scope, events } = this.#deps;
    const { libp2p } = this.#main;
    this.#sync = await startSync({
      libp2p,
      ledger,
      connectionOf: (peerId) => this.#peers.get(peerId)?.connection,
      peers: () => this.#peers.all().map(({ peerId }) => peerId),
      onPulled: () => this.#pulled(),
      onFailure: (peerId, error) => this.#syncFailed(peerId, error),
    });
    this.#gossip = startGossip({
      libp2p,
      ledger,
      topics,
      onGap: (from) => this.#sync.request(from),
      onPresence: (presence) => this.#heard(presence),
    });
    this.#announcer = new Announcer({
      presence: (n) => this.#presence(n),
      publish: (presence) => {
        void this.#tell(presence);
        events.solved('presence_failed');
      },
      onFailure: (error) =>
        events.problem('presence_failed', `The mesh could not be told of this node: ${(error as Error).message}`),
    });
    scope.onClose(() => this.#sayGoodbye());
    this.#peers = new PeerTable({
      libp2p,
      mine: () => this.#hello(),
      onHello: (peer, isNew) => this.#connected(peer, isNew),
      onGone: (peerId) => {
        this.#lostAt.set(peerId, this.#deps.now());
        events.disconnected(peerId);
      },
      onRefused: (peerId, address, problem) => {
        this.keeper.refused(peerId, bare(address), problem);
        events.problem(`refused:${peerId}`, `${address}: ${problem.message}`);
      },
      onTwin: ({ name }) =>
        events.problem(
          'same_identity_twice',
          `Two machines use the identity of ${name}: a data directory was copied. The newer one is refused.`,
        ),
    });
    await this.#peers.serve();
    scope.onClose(ledger.onChange((change) => this.#ledgerChanged(change)));
    this.#learnAddresses();
    scope.onClose(this.#watch());
  }

  async #tell(presence: Presence): Promise<void> {
    this.presences.hear(presence);
    await this.#gossip.publishPresence(signFitting(presence, this.#deps.signer));
  }

  /** A member that says so is not waited for: its unit is free at once. */
  async #sayGoodbye(): Promise<void> {
    const n = this.#announcer.stop();
    const last = { ...this.#presence(n), state: 'asleep' as const, reason: 'The node there was stopped.', claim: null };
    await sayGoodbye({
      isHeard: () => this.#gossip.isHeard(),
      reachable: () => (this.#deps.now() - this.#lookedAroundAt > AROUND_MS ? [] : this.#whereOthersAre()),
      dial: (addresses) => dialAddresses(this.#main.libp2p, addresses),
      say: () => this.#tell(last),
    });
  }

  /** Addresses of the other members, where they are known. */
  #whereOthersAre(): string[][] {
    const self = peerIdText(this.#deps.signer.publicKey);
    const others = this.members().filter((peerId) => peerId !== self);
    const places = others.map((peerId) => this.keeper.addressesOf(peerId).map((address) => `${address}/p2p/${peerId}`));
    return places.filter((addresses) => addresses.length > 0);
  }

  #learnAddresses(): void {
    this.keeper.setMembers(this.#members);
    for (const [peerId, addresses] of Object.entries(this.#options.addressBook)) this.keeper.heard(peerId, addresses);
    this.#main.discovery?.addEventListener('peer', (event) => {
      this.keeper.heard(event.detail.id.toString(), event.detail.multiaddrs.map(String));
    });
  }

  #watch(): () => void {
    const { events } = this.#deps;
    const { libp2p } = this.#main;
    const dialler = createPlaceDialler({
      ...{ ...this.#deps, libp2p, keeper: this.keeper },
      peers: () => this.#peers.all(),
      isMember: (peerId) => this.#members.has(peerId),
      own: () => this.#bareAddresses(),
    });
    return startWatch({
      ...this.#deps,
      ...{ libp2p, dialler },
      peers: this.#peers,
      presences: this.presences,
      keeper: this.keeper,
      sync: this.#sync,
      onWake: (sleptMs) => {
        events.woke(sleptMs);
        this.#lookAround();
      },
      onNetworkChange: () => {
        events.moved();
        this.#lookAround();
      },
    });
  }

  /** The machine is somewhere else now, or was away: be heard, and hear who is there. */
  #lookAround(): void {
    this.#lookedAroundAt = this.#deps.now();
    restartDiscovery(this.#main.discovery).catch((error: unknown) => {
      const message = `The local network cannot be searched for members: ${(error as Error).message}`;
      this.#deps.events.problem('discovery_failed', message);
    });
    this.announce();
  }

  async #dial(peerId: string, address: string, ms: number): Promise<boolean> {
    const { libp2p } = this.#main;
    const { direction, remoteAddr } = await dialAddresses(libp2p, [`${address}/p2p/${peerId}`], undefined, ms);
    return direction === 'outbound' && bare(remoteAddr.toString()) === address;
  }

  #connected(peer: Peer, isNew: boolean): void {
    this.keeper.heard(peer.peerId, peer.hello.addresses);
    this.#lostAt.delete(peer.peerId);
    this.#spoken.set(peer.peerId, commonVersion(peer.hello.wire) ?? 0);
    this.#deps.events.solved(`refused:${peer.peerId}`);
    if (isNew) this.#deps.events.connected(peer.peerId);
    this.#announcer.soon();
    this.#sync.request(peer.peerId);
  }

  #heard(presence: Presence): boolean {
    if (!this.presences.hear(presence)) return false;
    this.keeper.heard(peerIdText(presence.member), presence.addresses);
    this.#deps.events.presence(presence);
    return true;
  }

  #ledgerChanged(change: Change): void {
    this.#members = memberIds(this.#deps.ledger, this.#options.trusted);
    this.keeper.setMembers(this.#members);
    this.#showOut();
    if (change.own) for (const entry of change.entries) this.#gossip.publishEntry(entry.block);
  }

  /** Who is a member no longer hears nothing more from this node, but that it is one no longer. */
  #showOut(): void {
    const isOut = ({ remotePeer }: Connection): boolean => !this.#members.has(remotePeer.toString());
    const out = this.#main.libp2p.getConnections().filter(isOut);
    const end = (): void => out.filter(isOut).forEach((each) => void each.abort(new Error('it is a member no longer')));
    if (out.length > 0) setTimeout(end, LAST_WORD_MS).unref();
  }

  #pulled(): void {
    const { events, ledger } = this.#deps;
    events.solved('sync_failed');
    if (ledger.seesNewer()) {
      events.problem(
        'newer_entries',
        'A member runs a newer version, and this one does not understand all of its entries: update this machine.',
      );
    }
  }

  #syncFailed(peerId: string, error: unknown): void {
    if (!this.#peers.has(peerId)) return;
    const message = `The ledger could not be compared with ${peerId}: ${(error as Error).message}`;
    this.#deps.events.problem('sync_failed', message);
  }

  #hello(): Hello {
    const { hello, ledger } = this.#deps;
    return {
      ...hello(),
      mesh: fromHex(ledger.meshId),
      boot: this.#options.boot,
      frontier: ledger.frontierDigest(),
      addresses: this.#toldAddresses(),
    };
  }

  #presence(n: number): Presence {
    const { presence, ledger, signer } = this.#deps;
    return {
      ...presence(),
      mesh: fromHex(ledger.meshId),
      member: signer.publicKey,
      boot: this.#options.boot,
      n,
      frontier: ledger.frontierDigest(),
      root: fromHex(ledger.state().root),
      addresses: this.#toldAddresses(),
      ...(this.#allSpeak(2) ? { rules: RULES_VERSION } : {}),
    };
  }

  /** Whether all members have said so since this node started: gossip reaches those, too, that are not connected here. */
  #allSpeak(version: number): boolean {
    const self = peerIdText(this.#deps.signer.publicKey);
    return this.members().every((peerId) => peerId === self || (this.#spoken.get(peerId) ?? 0) >= version);
  }

  /** What others are told. */
  #toldAddresses(): string[] {
    return this.#bareAddresses().slice(0, ADDRESSES_MAX);
  }

  #bareAddresses(): string[] {
    return this.addresses().map(bare);
  }
}

/** Without the peer id. */
const bare = (address: string): string => address.split('/p2p/')[0]!;

function memberIds(ledger: Ledger, trusted: readonly string[]): ReadonlySet<string> {
  const members = [...ledger.state().members.values()];
  const gone = new Set(members.flatMap(({ key, gone }) => (gone === undefined ? [] : peerIdText(fromHex(key)))));
  const known = [...members.map(({ key }) => peerIdText(fromHex(key))), ...trusted];
  return new Set(known.filter((peerId) => !gone.has(peerId)));
}
