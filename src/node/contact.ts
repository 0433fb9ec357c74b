// How one member is reached from here, or why not.
import type { Connection } from '@libp2p/interface';
import type { Attempts, Keeper } from './keeper.ts';
import type { PeerTable } from './peer-table.ts';
import type { Bytes, Traffic } from './traffic.ts';
import type { Way } from './ways.ts';

/** Times are monotonic ms but where they say otherwise. */
export interface Contact {
  /** Newest first. */
  ways: readonly Way[];
  /** Undefined for who is no member. */
  attempts: Attempts | undefined;
  connection: Connection | undefined;
  /** Undefined where it is not known. */
  traffic: Bytes | undefined;
  /** ms since 1970. */
  trafficSince: number;
}

interface Parts {
  keeper: Keeper;
  peers: PeerTable;
  traffic: Traffic;
}

export function contactOf({ keeper, peers, traffic }: Parts, peerId: string): Contact {
  return {
    ways: keeper.waysOf(peerId),
    attempts: keeper.attemptsOf(peerId),
    connection: peers.get(peerId)?.connection,
    traffic: traffic.of(peerId),
    trafficSince: traffic.since,
  };
}
