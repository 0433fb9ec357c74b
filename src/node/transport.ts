// The libp2p instances of a node: the main one, which members alone may connect to, and the lobby, a small one of its
// own where a stranger with a ticket may knock. Nothing else in the project creates one.
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { type GossipSub, gossipsub } from '@libp2p/gossipsub';
import { type Identify, identify } from '@libp2p/identify';
import type { Connection, Libp2p, MultiaddrConnection, PeerDiscovery, PeerId } from '@libp2p/interface';
import { mdns } from '@libp2p/mdns';
import { noise } from '@libp2p/noise';
import { type Ping, ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { sha256 } from '../protocol/bytes.ts';
import { ENTRY_BYTES_MAX, PRESENCE_BYTES_MAX } from '../protocol/limits.ts';
import { StartError } from './start-error.ts';
import { Traffic } from './traffic.ts';

export type MainLibp2p = Libp2p<{ identify: Identify; ping: Ping; pubsub: GossipSub }>;

export interface TransportOptions {
  /** The node's secret seed, 32 bytes: its key is its peer id. */
  seed: Uint8Array;
  /** IP addresses to listen on. */
  hosts: readonly string[];
  port: number;
}

export interface MainOptions extends TransportOptions {
  isMember(peerId: string): boolean;
  mdns: boolean;
  topics: readonly string[];
}

export interface Main {
  libp2p: MainLibp2p;
  /** Raw mDNS sightings; libp2p's own event tells of a peer only once. */
  discovery: PeerDiscovery | undefined;
  traffic: Traffic;
}

const SERVICE_TAG = '_stratmesh._udp.local';
/** Of lobbies that stand open for machines of the local network. */
const LOBBY_TAG = '_stratmesh-lobby._udp.local';
const MDNS_INTERVAL_MS = 10_000;
const LOBBY_MDNS_INTERVAL_MS = 3000;
const DIAL_MS = 5000;
/**
 * To how many others news is passed on, in gossipsub's own terms: wanted, fewest, most, and fewest of its own choice. A
 * mesh has 2 to 50 machines, all connected, and what gossip does not bring, sync does.
 */
const NEIGHBOURS = { D: 4, Dlo: 3, Dhi: 6, Dout: 1 };

/** Deaf to everybody who is not a member, in both directions. Rejects with StartError `listen_failed`. */
export async function startMain(options: MainOptions): Promise<Main> {
  const deny = (peerId: PeerId): boolean => !options.isMember(peerId.toString());
  const traffic = new Traffic(Date.now());
  const denyOrCount = (peerId: PeerId, connection: MultiaddrConnection): boolean => {
    if (deny(peerId)) return true;
    traffic.follow(peerId.toString(), connection);
    return false;
  };
  let discovery: PeerDiscovery | undefined;
  const startMdns = mdns({ interval: MDNS_INTERVAL_MS, serviceTag: SERVICE_TAG });
  const creating = createLibp2p({
    ...(await baseOptions(options)),
    peerDiscovery: options.mdns ? [(components) => (discovery = startMdns(components))] : [],
    connectionManager: {
      inboundConnectionThreshold: 100,
      maxIncomingPendingConnections: 100,
      maxConnections: 300,
      dialTimeout: DIAL_MS,
    },
    connectionMonitor: { pingInterval: 15_000, pingTimeout: { minTimeout: 30_000 } },
    connectionGater: {
      denyDialMultiaddr: () => false,
      denyDialPeer: deny,
      denyInboundEncryptedConnection: denyOrCount,
      denyOutboundEncryptedConnection: denyOrCount,
    },
    services: {
      identify: identify(),
      ping: ping({ timeout: 60_000, maxInboundStreams: 16, maxOutboundStreams: 16 }),
      pubsub: gossipsub({
        globalSignaturePolicy: 'StrictNoSign',
        allowPublishToZeroTopicPeers: true,
        allowedTopics: [...options.topics],
        msgIdFn: (message) => sha256(message.data),
        maxInboundDataLength: 16 * ENTRY_BYTES_MAX,
        scoreParams: { IPColocationFactorWeight: 0 },
        ...NEIGHBOURS,
        // To tell all neighbours that a presence is there already costs more than a second copy of it.
        idontwantMinDataSize: PRESENCE_BYTES_MAX,
      }),
    },
  });
  const libp2p = await creating.catch((error: Error) => {
    if (error.name !== 'UnsupportedListenAddressesError') throw error;
    const where = options.hosts.map((host) => listenAddress(host, options.port)).join(' and ');
    throw new StartError(
      'listen_failed',
      `Cannot listen on ${where}: no address of this machine, or taken.`,
      'mesh-host',
    );
  });
  return { libp2p, discovery, traffic };
}

export interface Lobby {
  libp2p: Libp2p;
  /** Undefined where it is not told on the local network. */
  discovery: PeerDiscovery | undefined;
}

/** Anybody may connect here for a moment; `identify`, the join and the pairing protocol are all there is. */
export async function startLobby(options: TransportOptions & { mdns: boolean }): Promise<Lobby> {
  let discovery: PeerDiscovery | undefined;
  const startMdns = mdns({ interval: LOBBY_MDNS_INTERVAL_MS, serviceTag: LOBBY_TAG });
  const libp2p = await createLibp2p({
    ...(await baseOptions(options)),
    peerDiscovery: options.mdns ? [(components) => (discovery = startMdns(components))] : [],
    connectionManager: { maxConnections: 64, maxIncomingPendingConnections: 32, inboundConnectionThreshold: 8 },
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify() },
  });
  return { libp2p, discovery };
}

/** Multicast knows the interfaces of the moment in which it was started. */
export async function restartDiscovery(discovery: PeerDiscovery | undefined): Promise<void> {
  const service = discovery as { stop?(): unknown; start?(): unknown } | undefined;
  await service?.stop?.();
  await service?.start?.();
}

/** A door-knocker's side of the lobby: dials, never listens. */
export async function startKnocker(seed: Uint8Array): Promise<Libp2p> {
  return createLibp2p({
    ...(await baseOptions({ seed, hosts: [], port: 0 })),
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify() },
  });
}

/**
 * Several addresses are tried as addresses of one peer, the first that answers wins. Those that cannot be read are left
 * out: a peer says what it likes about where it is.
 */
export async function dialAddresses(
  libp2p: Pick<Libp2p, 'dial'>,
  addresses: readonly string[],
  signal?: AbortSignal,
  ms = DIAL_MS,
): Promise<Connection> {
  const timeout = AbortSignal.timeout(Math.ceil(ms));
  return libp2p.dial(addresses.flatMap(readAddress), {
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  });
}

function readAddress(text: string): Multiaddr[] {
  try {
    return [multiaddr(text)];
  } catch {
    return [];
  }
}

async function baseOptions({ seed, hosts, port }: TransportOptions) {
  return {
    privateKey: await generateKeyPairFromSeed('Ed25519', seed),
    addresses: { listen: hosts.map((host) => listenAddress(host, port)), announceFilter: withoutLoopback },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
  };
}

function listenAddress(host: string, port: number): string {
  return `/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/${port}`;
}

/** Loopback addresses mean another machine elsewhere; they are told only when there is nothing else to tell. */
function withoutLoopback(addresses: Multiaddr[]): Multiaddr[] {
  const reachable = addresses.filter((address) => !/^\/(ip4\/127\.|ip6\/::1\/)/.test(address.toString()));
  return reachable.length > 0 ? reachable : addresses;
}
