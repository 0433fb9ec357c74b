// One node's part in the mesh network: who is connected, what they last said, and keeping ledgers equal.
import type { Connection } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { Ledger } from '../ledger/ledger.ts';
import { equalBytes, fromHex } from '../protocol/bytes.ts';
import { peerIdText, type Signer } from '../protocol/keys.ts';
import { ADDRESSES_MAX } from '../protocol/limits.ts';
import { type Hello, type Presence, signPresence } from '../protocol/messages.ts';
import { type Gossip, startGossip, topicsOf } from './gossip.ts';
import { serveHello } from './hello.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import { createPresenceBook, type PresenceBook } from './presence-book.ts';
import type { Scope } from './scope.ts';
import { type SyncService, startSync } from './sync-service.ts';
import { type Main, startMain } from './transport.ts';
import { startWakeDetection } from './wake.ts';

export interface MeshDeps {
  seed: Uint8Array;
  signer: Signer;
  ledger: Ledger;
  scope: Scope;
  /** Monotonic, ms. */
  now(): number;
  random(): number;
  interfaces(): string;
  /** This node's HELLO and presence without what the mesh knows itself. */
  hello(): Omit<Hello, 'mesh' | 'boot' | 'frontier' | 'addresses'>;
  presence(): Omit<Presence, 'mesh' | 'member' | 'boot' | 'n' | 'frontier' | 'root' | 'addresses'>;
  events: MeshEvents;
}

export interface MeshEvents {
  connected(peerId: string): void;
  disconnected(peerId: string): void;
  presence(presence: Presence): void;
  woke(sleptMs: number): void;
  problem(code: string, message: string): void;
  solved(code: string): void;
}

export interface MeshOptions {
  hosts: readonly string[];
  port: number;
  mdns: boolean;
  boot: Uint8Array;
  /** Addresses from bootstrap.json; without a peer id they are dialled as they are. */
  bootstrap: readonly { address: string; peerId: string | undefined }[];
  /** Address book of an earlier run. */
  addressBook: Readonly<Record<string, readonly string[]>>;
  /** Members that count before the ledger says so: whoever let this node in. */
  trusted: readonly string[];
}

export interface Peer {
  peerId: string;
  hello: Hello;
  connection: Connection;
}

export interface Mesh {
  /** Multiaddrs with peer id. */
  addresses(): string[];
  peers(): Peer[];
  isConnected(peerId: string): boolean;
  presences: PresenceBook;
  keeper: Keeper;
  /** Tells the mesh now; otherwise it happens when the announced interval is over. */
  announce(): void;
  syncing(): boolean;
}

const TICK_MS = 1000;
const SYNC_ANYBODY_MS = 60_000;
const DEAF_MS = 5000;
/** Presence follows entries by another road; wait this long before believing that a frontier differs. */
const FRONTIER_SETTLE_MS = 1500;

export async function startMesh(deps: MeshDeps, options: MeshOptions): Promise<Mesh> {
  const self = peerIdText(deps.signer.publicKey);
  const memberIds = (): Set<string> => {
    const ids = [...deps.ledger.state().members.keys()].map((key) => peerIdText(fromHex(key)));
    return new Set([...ids, ...options.trusted]);
  };
  let members = memberIds();
  const topics = topicsOf(deps.ledger.meshId);
  const main = await startMain({
    seed: deps.seed,
    hosts: options.hosts,
    port: options.port,
    mdns: options.mdns,
    isMember: (peerId) => members.has(peerId),
    topics: [topics.entries, topics.presence],
  });
  deps.scope.onClose(() => main.libp2p.stop());
  const { libp2p } = main;
  const peers = new Map<string, Peer>();
  const presences = createPresenceBook(deps.now);
  const connectionOf = (peerId: string): Connection | undefined => peers.get(peerId)?.connection;

  const keeper = createKeeper({
    self,
    now: deps.now,
    random: deps.random,
    isConnected: (peerId) => peers.has(peerId),
    dial: async (peerId, addresses) => {
      const targets = addresses.map((address) => multiaddr(`${address}/p2p/${peerId}`));
      await libp2p.dial(targets, { signal: AbortSignal.timeout(5000) });
    },
    onFailure: () => undefined,
  });
  keeper.setMembers(members);
  for (const [peerId, addresses] of Object.entries(options.addressBook)) keeper.heard(peerId, addresses);
  for (const { peerId, address } of options.bootstrap) if (peerId !== undefined) keeper.heard(peerId, [address]);

  const sync = await startSync({
    libp2p,
    ledger: deps.ledger,
    connectionOf,
    onPulled: () => deps.events.solved('sync_failed'),
    onFailure: (peerId, error) => {
      if (!peers.has(peerId)) return;
      deps.events.problem(
        'sync_failed',
        `The ledger could not be compared with ${peerId}: ${(error as Error).message}`,
      );
    },
  });
  const gossip = startGossip({
    libp2p,
    ledger: deps.ledger,
    topics,
    onGap: (from) => sync.request(from),
    onPresence: (presence) => {
      if (!presences.hear(presence)) return false;
      keeper.heard(peerIdText(presence.member), presence.addresses);
      deps.events.presence(presence);
      return true;
    },
  });
  const announcer = startAnnouncer(deps, options, { libp2p, gossip, presences });

  await serveHello({
    libp2p,
    mine: () => ({
      ...deps.hello(),
      mesh: fromHex(deps.ledger.meshId),
      boot: options.boot,
      frontier: deps.ledger.frontierDigest(),
      addresses: bareAddresses(main),
    }),
    onHello: (connection, hello) => {
      const peerId = connection.remotePeer.toString();
      const earlier = peers.get(peerId);
      if (
        earlier !== undefined &&
        !equalBytes(earlier.hello.boot, hello.boot) &&
        earlier.connection.status === 'open'
      ) {
        deps.events.problem(
          'same_identity_twice',
          `Two machines use the identity of ${hello.name}: a data directory was copied. The newer one is refused.`,
        );
        connection.abort(new Error('another machine uses this identity'));
        return;
      }
      peers.set(peerId, { peerId, hello, connection });
      keeper.heard(peerId, hello.addresses);
      deps.events.solved(`refused:${peerId}`);
      if (earlier === undefined) deps.events.connected(peerId);
      announcer.soon();
      sync.request(peerId);
    },
    onRefused: (connection, reason) => {
      const address = connection.remoteAddr.toString();
      deps.events.problem('refused', `${address}: ${reason}.`);
    },
  });
  libp2p.addEventListener('connection:close', (event) => {
    const peerId = event.detail.remotePeer.toString();
    const peer = peers.get(peerId);
    if (peer === undefined || peer.connection.id !== event.detail.id) return;
    const other = libp2p.getConnections(event.detail.remotePeer).find((connection) => connection.status === 'open');
    if (other !== undefined) peers.set(peerId, { ...peer, connection: other });
    else {
      peers.delete(peerId);
      deps.events.disconnected(peerId);
    }
  });
  main.discovery?.addEventListener('peer', (event) => {
    keeper.heard(event.detail.id.toString(), event.detail.multiaddrs.map(String));
  });

  deps.scope.onClose(
    deps.ledger.onChange((change) => {
      members = memberIds();
      keeper.setMembers(members);
      for (const entry of change.own ? change.entries : []) void gossip.publishEntry(entry.block);
    }),
  );
  startTicking({ deps, options, main, peers, presences, keeper, sync, announcer, members: () => members });
  return {
    addresses: () => libp2p.getMultiaddrs().map(String),
    peers: () => [...peers.values()],
    isConnected: (peerId) => peers.has(peerId),
    presences,
    keeper,
    announce: announcer.soon,
    syncing: () => sync.busy > 0,
  };
}

interface Announcer {
  /** Within a moment: several reasons in a row make one message. */
  soon(): void;
}

const ANNOUNCE_SOON_MS = 200;

function startAnnouncer(
  deps: MeshDeps,
  options: MeshOptions,
  { libp2p, gossip, presences }: { libp2p: Main['libp2p']; gossip: Gossip; presences: PresenceBook },
): Announcer {
  let n = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const arm = (ms: number): void => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(send, ms);
  };
  const send = (): void => {
    const said = deps.presence();
    n += 1;
    const presence: Presence = {
      ...said,
      mesh: fromHex(deps.ledger.meshId),
      member: deps.signer.publicKey,
      boot: options.boot,
      n,
      frontier: deps.ledger.frontierDigest(),
      root: fromHex(deps.ledger.state().root),
      addresses: libp2p
        .getMultiaddrs()
        .map((address) => address.toString().split('/p2p/')[0]!)
        .slice(0, ADDRESSES_MAX),
    };
    arm(said.next);
    presences.hear(presence);
    void gossip.publishPresence(signPresence(presence, deps.signer));
  };
  arm(ANNOUNCE_SOON_MS);
  deps.scope.onClose(() => {
    stopped = true;
    clearTimeout(timer);
  });
  return { soon: () => arm(ANNOUNCE_SOON_MS) };
}

interface Ticking {
  deps: MeshDeps;
  options: MeshOptions;
  main: Main;
  peers: Map<string, Peer>;
  presences: PresenceBook;
  keeper: Keeper;
  sync: SyncService;
  announcer: Announcer;
  members(): ReadonlySet<string>;
}

/** Everything that happens by the clock: redialling, looking for deaf links, comparing ledgers, noticing sleep. */
function startTicking(parts: Ticking): void {
  const { deps, main, peers, keeper, sync } = parts;
  const deafSince = new Map<string, number>();
  const differsSince = new Map<string, number>();
  let anybodyAt = deps.now() + SYNC_ANYBODY_MS;
  const timer = setInterval(() => {
    keeper.tick();
    mendDeafLinks(parts, deafSince);
    syncWhereFrontiersDiffer(parts, differsSince);
    if (deps.now() < anybodyAt || peers.size === 0) return;
    anybodyAt = deps.now() + SYNC_ANYBODY_MS;
    sync.request([...peers.keys()][Math.floor(deps.random() * peers.size)]!);
  }, TICK_MS);
  const stopBootstrap = dialBootstrap(parts);
  const stopWake = startWakeDetection({
    now: Date.now,
    interfaces: deps.interfaces,
    onWake: (sleptMs) => {
      deps.events.woke(sleptMs);
      for (const { connection } of peers.values()) connection.abort(new Error('this machine slept'));
      restart();
    },
    onNetworkChange: () => restart(),
  });
  const restart = (): void => {
    keeper.reset();
    void restartDiscovery(main);
    parts.announcer.soon();
  };
  deps.scope.onClose(() => {
    clearInterval(timer);
    stopBootstrap();
    stopWake();
  });
}

/** A connection without an outgoing gossip stream looks healthy and hears nothing for ever: drop it, the keeper redials. */
function mendDeafLinks({ deps, main, peers }: Ticking, deafSince: Map<string, number>): void {
  for (const peerId of deafSince.keys()) if (!peers.has(peerId)) deafSince.delete(peerId);
  for (const { peerId, connection } of peers.values()) {
    const streams = main.libp2p.getConnections(connection.remotePeer).flatMap((each) => each.streams);
    const hears = streams.some(
      (stream) =>
        stream.protocol.startsWith('/meshsub/') && stream.direction === 'outbound' && stream.status === 'open',
    );
    if (hears) deafSince.delete(peerId);
    else if (!deafSince.has(peerId)) deafSince.set(peerId, deps.now());
    else if (deps.now() - deafSince.get(peerId)! > DEAF_MS) {
      deafSince.delete(peerId);
      for (const each of main.libp2p.getConnections(connection.remotePeer)) each.abort(new Error('no gossip stream'));
    }
  }
}

function syncWhereFrontiersDiffer({ deps, peers, presences, sync }: Ticking, since: Map<string, number>): void {
  const mine = deps.ledger.frontierDigest();
  for (const peerId of since.keys()) if (!peers.has(peerId)) since.delete(peerId);
  for (const [member] of deps.ledger.state().members) {
    const peerId = peerIdText(fromHex(member));
    const heard = presences.get(member);
    if (heard === undefined || !peers.has(peerId) || equalBytes(heard.presence.frontier, mine)) since.delete(peerId);
    else if (!since.has(peerId)) since.set(peerId, deps.now());
    else if (deps.now() - since.get(peerId)! > FRONTIER_SETTLE_MS) {
      since.delete(peerId);
      sync.request(peerId);
    }
  }
}

/** Addresses without a peer id are dialled until a member answers there. */
function dialBootstrap({ deps, options, main, peers }: Ticking): () => void {
  const bare = options.bootstrap.filter((entry) => entry.peerId === undefined);
  const attempts = bare.map(({ address }) => {
    const target = createKeeper({
      self: '',
      now: deps.now,
      random: deps.random,
      isConnected: () => [...peers.values()].some((peer) => isAt(peer, address)),
      dial: async () => {
        await main.libp2p.dial(multiaddr(address), { signal: AbortSignal.timeout(5000) });
      },
      onFailure: (_id, error) => deps.events.problem(`bootstrap:${address}`, explainDial(address, error)),
    });
    target.setMembers([address]);
    target.heard(address, [address]);
    return target;
  });
  const timer = setInterval(() => {
    for (const attempt of attempts) attempt.tick();
  }, TICK_MS);
  return () => clearInterval(timer);
}

/** Reached there, or known to be reachable there. */
function isAt({ hello, connection }: Peer, address: string): boolean {
  return hello.addresses.includes(address) || connection.remoteAddr.toString().split('/p2p/')[0] === address;
}

function explainDial(address: string, error: unknown): string {
  const { name, message } = error as Error;
  if (name.includes('Denied') || name.includes('Intercepted') || /denied|gater/i.test(message)) {
    return `${address} is a stratmesh node of another mesh, or one that has not admitted this node. Ask its owner for a ticket.`;
  }
  return `${address} of bootstrap.json does not answer (${message}); it is tried again.`;
}

function bareAddresses(main: Main): string[] {
  return main.libp2p
    .getMultiaddrs()
    .map((address) => address.toString().split('/p2p/')[0]!)
    .slice(0, ADDRESSES_MAX);
}

async function restartDiscovery({ discovery }: Main): Promise<void> {
  const service = discovery as { stop?(): unknown; start?(): unknown } | undefined;
  await service?.stop?.();
  await service?.start?.();
}
