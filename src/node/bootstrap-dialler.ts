// Addresses of bootstrap.json that no known member is behind: dialled as they are until one answers there.
import { createKeeper } from './keeper.ts';
import type { Peer } from './peer-table.ts';

export interface BootstrapDiallerDeps {
  /** Resolves to the peer id that answered. */
  dial(address: string): Promise<string>;
  peers(): Pick<Peer, 'peerId' | 'hello' | 'connection'>[];
  /** This node's own addresses (a folder copied to every machine names all of them), and those that others dial. */
  leaveAlone(): string[];
  now(): number;
  random(): number;
  onFailure(address: string, message: string): void;
  onReached(address: string): void;
}

/** Returns what to call about once a second. */
export function createBootstrapDialler(deps: BootstrapDiallerDeps, addresses: readonly string[]): () => void {
  /** Who answered there: by name or through a router, an address is not one that the peer knows of itself. */
  const answered = new Map<string, string>();
  const isReached = (address: string): boolean =>
    deps.peers().some((peer) => peer.peerId === answered.get(address) || isAt(peer, address));
  const keepers = addresses.map((address) => {
    const keeper = createKeeper({
      self: '',
      now: deps.now,
      random: deps.random,
      isConnected: () => deps.leaveAlone().includes(address) || isReached(address),
      dial: async () => void answered.set(address, await deps.dial(address)),
      onFailure(_, error) {
        // Our own address after all, as others see it.
        if ((error as Error).name !== 'InvalidPeerIdError') deps.onFailure(address, explain(address, error));
      },
    });
    keeper.setMembers([address]);
    keeper.heard(address, [address]);
    return keeper;
  });
  return () => {
    // Whoever dialled whom: what was wrong is not wrong any more.
    for (const address of addresses) if (isReached(address)) deps.onReached(address);
    for (const keeper of keepers) keeper.tick();
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
