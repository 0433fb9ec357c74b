// Addresses that no known member is behind: of bootstrap.json, and of the owner's machines on a tailnet. They are dialled
// as they are until a member answers there. What a place is worth is found out by HELLO alone.
import { createKeeper, type Keeper } from './keeper.ts';
import type { Peer } from './peer-table.ts';

/** Where a member may be. */
export interface Place {
  /** Multiaddr without peer id. */
  address: string;
  peerId: string | undefined;
  /** Somebody wrote it down, so that nobody is there is worth telling. */
  isWritten: boolean;
}

export interface BootstrapDiallerDeps {
  /** The same list as long as nothing in it changes. */
  places(): readonly Place[];
  /** Resolves to the peer id that answered. */
  dial(address: string): Promise<string>;
  peers(): Pick<Peer, 'peerId' | 'hello' | 'connection'>[];
  /** This node's own addresses (a folder copied to every machine names all of them), and those that others dial. */
  leaveAlone(): string[];
  now(): number;
  random(): number;
  onFailure(address: string, message: string): void;
  /** A member is connected from there, or the place is given up. */
  onSolved(address: string): void;
}

export interface BootstrapDialler {
  /** Every place back to the first rung of the ladder. */
  reset(): void;
  /** Dials what is due. Called about once a second. */
  tick(): void;
}

export function createBootstrapDialler(deps: BootstrapDiallerDeps): BootstrapDialler {
  /** Who answered there: by name or through a router, an address is not one that the peer knows of itself. */
  const answered = new Map<string, string>();
  const keepers = new Map<string, Keeper>();
  let places: readonly Place[] = [];
  const isReached = (address: string): boolean =>
    deps.peers().some((peer) => peer.peerId === answered.get(address) || isAt(peer, address));

  function open({ address, isWritten }: Place): Keeper {
    const keeper = createKeeper({
      self: '',
      now: deps.now,
      random: deps.random,
      isConnected: () => deps.leaveAlone().includes(address) || isReached(address),
      async dial() {
        answered.set(address, await deps.dial(address));
        return true;
      },
      onFailure(_, error) {
        // Our own address after all, as others see it.
        const isOwn = (error as Error).name === 'InvalidPeerIdError';
        if (!isOwn && isWritten && keepers.has(address)) deps.onFailure(address, explain(address, error));
      },
    });
    keeper.setMembers([address]);
    keeper.heard(address, [address]);
    return keeper;
  }

  function follow(): void {
    if (deps.places() === places) return;
    places = deps.places();
    for (const address of keepers.keys()) {
      if (places.some((place) => place.address === address)) continue;
      keepers.delete(address);
      answered.delete(address);
      deps.onSolved(address);
    }
    for (const place of places) if (!keepers.has(place.address)) keepers.set(place.address, open(place));
  }

  return {
    reset() {
      for (const keeper of keepers.values()) keeper.reset();
    },
    tick() {
      follow();
      // Whoever dialled whom: what was wrong is not wrong any more.
      for (const address of keepers.keys()) if (isReached(address)) deps.onSolved(address);
      for (const keeper of keepers.values()) keeper.tick();
    },
  };
}

/** Reached there, or known to be reachable there. */
function isAt({ hello, connection }: Pick<Peer, 'hello' | 'connection'>, address: string): boolean {
  return hello.addresses.includes(address) || connection.remoteAddr.toString().split('/p2p/')[0] === address;
}

function explain(address: string, error: unknown): string {
  const { name, message } = error as Error;
  if (/denied|intercepted|gater/i.test(`${name} ${message}`)) {
    return `${address} is a stratmesh node of another mesh, or one that has not admitted this node. Ask its owner for a ticket.`;
  }
  return `${address} of bootstrap.json does not answer (${message}); it is tried again.`;
}
