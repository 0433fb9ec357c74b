// Dials the places where members may be, and tells the keeper of those that are known to be a member's.
import { type BootstrapDialler, createBootstrapDialler, type Place } from './bootstrap-dialler.ts';
import type { Keeper } from './keeper.ts';
import type { Peer } from './peer-table.ts';
import { dialAddresses, type MainLibp2p } from './transport.ts';

export interface PlaceDiallerDeps {
  libp2p: MainLibp2p;
  keeper: Keeper;
  /** Monotonic, ms. */
  now(): number;
  random(): number;
  /** The same list as long as nothing in it changes. */
  places(): readonly Place[];
  peers(): Peer[];
  isMember(peerId: string): boolean;
  /** Addresses of this node, without its peer id. */
  own(): string[];
  events: { problem(code: string, message: string): void; solved(code: string): void };
}

export function createPlaceDialler(deps: PlaceDiallerDeps): BootstrapDialler {
  const { libp2p, keeper, events } = deps;
  let seen: readonly Place[] = [];
  const ofMembers = (): string[] =>
    seen.flatMap(({ peerId, address }) => (peerId !== undefined && deps.isMember(peerId) ? [address] : []));
  return createBootstrapDialler({
    now: deps.now,
    random: deps.random,
    places() {
      if (deps.places() !== seen) {
        seen = deps.places();
        for (const { peerId, address } of seen) if (peerId !== undefined) keeper.heard(peerId, [address]);
      }
      return seen;
    },
    dial: async (address) => (await dialAddresses(libp2p, [address])).remotePeer.toString(),
    peers: deps.peers,
    leaveAlone: () => [...deps.own(), ...ofMembers()],
    onFailure: (address, message) => events.problem(`bootstrap:${address}`, message),
    onSolved: (address) => events.solved(`bootstrap:${address}`),
  });
}
