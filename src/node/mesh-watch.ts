// Everything in the mesh that happens by the clock: redialling, looking for deaf links, comparing ledgers, waking up.

import type { Ledger } from '../ledger/ledger.ts';
import { equalBytes, fromHex, toHex } from '../protocol/bytes.ts';
import { peerIdText } from '../protocol/keys.ts';
import type { BootstrapDialler } from './bootstrap-dialler.ts';
import type { Keeper } from './keeper.ts';
import type { PeerTable } from './peer-table.ts';
import type { PresenceBook } from './presence-book.ts';
import type { SyncService } from './sync-service.ts';
import type { MainLibp2p } from './transport.ts';
import { startWakeDetection } from './wake.ts';

export interface WatchDeps {
  libp2p: MainLibp2p;
  ledger: Ledger;
  peers: PeerTable;
  presences: PresenceBook;
  keeper: Keeper;
  sync: SyncService;
  dialler: BootstrapDialler;
  /** Monotonic, ms. */
  now(): number;
  /** Since the machine was started, its sleep included, ms. */
  uptime(): number;
  random(): number;
  interfaces(): string;
  onWake(sleptMs: number): void;
  onNetworkChange(): void;
}

const TICK_MS = 1000;
/** With one peer chosen by chance, whatever presence says: nothing stays different for longer. */
const SYNC_ANYBODY_MS = 60_000;
const DEAF_MS = 5000;
/** Presence and entries travel by different roads; wait this long before believing that a frontier differs. */
const FRONTIER_SETTLE_MS = 1500;

/** Returns how to stop. */
export function startWatch(deps: WatchDeps): () => void {
  const deafSince = new Map<string, number>();
  const differsSince = new Map<string, Difference>();
  let anybodyAt = deps.now() + SYNC_ANYBODY_MS;
  const timer = setInterval(() => {
    deps.keeper.tick();
    deps.dialler.tick();
    mendDeafLinks(deps, deafSince);
    syncWhereFrontiersDiffer(deps, differsSince);
    if (deps.now() < anybodyAt || deps.peers.size === 0) return;
    anybodyAt = deps.now() + SYNC_ANYBODY_MS;
    deps.sync.request(deps.peers.all()[Math.floor(deps.random() * deps.peers.size)]!.peerId);
  }, TICK_MS);
  const stopWake = startWakeDetection({
    ...deps,
    onWake(sleptMs) {
      for (const { connection } of deps.peers.all()) connection.abort(new Error('this machine slept'));
      startOver(deps);
      deps.onWake(sleptMs);
    },
    onNetworkChange() {
      startOver(deps);
      void findWhoIsLeft(deps);
      deps.onNetworkChange();
    },
  });
  return () => {
    clearInterval(timer);
    stopWake();
  };
}

function startOver({ keeper, dialler }: WatchDeps): void {
  keeper.reset();
  dialler.reset();
}

/** A connection from an address that is gone looks open for a long time: whoever does not answer over it is redialled. */
async function findWhoIsLeft({ peers, sync }: WatchDeps): Promise<void> {
  await peers.dropDead();
  for (const { peerId } of peers.all()) sync.request(peerId);
}

/** A connection without an outgoing gossip stream looks healthy and hears nothing for ever: drop it, the keeper redials. */
function mendDeafLinks({ libp2p, peers, now }: WatchDeps, deafSince: Map<string, number>): void {
  for (const peerId of deafSince.keys()) if (!peers.has(peerId)) deafSince.delete(peerId);
  for (const { peerId, connection } of peers.all()) {
    const connections = libp2p.getConnections(connection.remotePeer);
    const hears = connections
      .flatMap((each) => each.streams)
      .some(
        ({ protocol, direction, status }) =>
          protocol.startsWith('/meshsub/') && direction === 'outbound' && status === 'open',
      );
    const since = deafSince.get(peerId);
    if (hears) deafSince.delete(peerId);
    else if (since === undefined) deafSince.set(peerId, now());
    else if (now() - since > DEAF_MS) {
      deafSince.delete(peerId);
      for (const each of connections) each.abort(new Error('no gossip stream'));
    }
  }
}

interface Difference {
  since: number;
  /** Both frontiers when it was last looked into: looking again at the same two would bring the same. */
  tried: string;
}

function syncWhereFrontiersDiffer(deps: WatchDeps, differences: Map<string, Difference>): void {
  const { ledger, peers, presences, sync, now } = deps;
  const mine = ledger.frontierDigest();
  for (const member of ledger.state().members.keys()) {
    const peerId = peerIdText(fromHex(member));
    const news = presences.get(member);
    const known = differences.get(peerId);
    if (news === undefined || !peers.has(peerId) || equalBytes(news.presence.frontier, mine))
      differences.delete(peerId);
    else if (known === undefined) differences.set(peerId, { since: now(), tried: '' });
    else if (now() - known.since > FRONTIER_SETTLE_MS) {
      const pair = toHex(mine) + toHex(news.presence.frontier);
      if (pair !== known.tried || sync.hasFailed(peerId)) sync.request(peerId);
      differences.set(peerId, { since: now(), tried: pair });
    }
  }
}
