// Addresses of bootstrap.json that come without a peer id: dialled as they are until a member answers there.
import { createKeeper } from './keeper.ts';
import type { Peer } from './peer-table.ts';
import { dialAddresses, type MainLibp2p } from './transport.ts';

export interface BootstrapDiallerDeps {
  libp2p: MainLibp2p;
  peers(): Peer[];
  now(): number;
  random(): number;
  onFailure(address: string, message: string): void;
  onReached(address: string): void;
}

/** Returns what to call about once a second. */
export function createBootstrapDialler(deps: BootstrapDiallerDeps, addresses: readonly string[]): () => void {
  const keepers = addresses.map((address) => {
    const keeper = createKeeper({
      self: '',
      now: deps.now,
      random: deps.random,
      isConnected: () => deps.peers().some((peer) => isAt(peer, address)),
      dial: async () => {
        await dialAddresses(deps.libp2p, [address]);
        deps.onReached(address);
      },
      onFailure: (_, error) => deps.onFailure(address, explain(address, error)),
    });
    keeper.setMembers([address]);
    keeper.heard(address, [address]);
    return keeper;
  });
  return () => {
    for (const keeper of keepers) keeper.tick();
  };
}

/** Reached there, or known to be reachable there. */
function isAt({ hello, connection }: Peer, address: string): boolean {
  return hello.addresses.includes(address) || connection.remoteAddr.toString().split('/p2p/')[0] === address;
}

function explain(address: string, error: unknown): string {
  const { name, message } = error as Error;
  if (/denied|intercepted|gater/i.test(`${name} ${message}`)) {
    return `${address} is a stratmesh node of another mesh, or one that has not admitted this node. Ask its owner for a ticket.`;
  }
  return `${address} of bootstrap.json does not answer (${message}); it is tried again.`;
}
