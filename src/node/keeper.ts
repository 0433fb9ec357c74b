// Keeps a connection to every member, for ever: libp2p dials once and gives up. Each member has a ladder of pauses
// between attempts; hearing from it, waking up or a change of network puts it back on the first rung.
import { compareText } from '../protocol/bytes.ts';

/** Pauses after the 1st, 2nd … failed attempt, ms; the last one repeats. */
export const REDIAL_LADDER_MS = [1000, 2000, 5000, 15_000, 30_000, 60_000] as const;
const JITTER = 0.2;
/** Of two members the one with the larger id waits this long, so that they do not both dial and end with two connections. */
const SECOND_DIALLER_MS = 2000;
const ADDRESSES_TRIED_MAX = 8;
/** Members and strangers alike announce addresses; more than this is noise or an attack. */
const ADDRESSES_KEPT_MAX = 16;
const PEERS_KEPT_MAX = 1000;

export interface KeeperDeps {
  self: string;
  /** Monotonic, ms. */
  now(): number;
  /** 0 ≤ x < 1. */
  random(): number;
  isConnected(peerId: string): boolean;
  /** Rejects when none of the addresses led to that peer. */
  dial(peerId: string, addresses: readonly string[]): Promise<void>;
  onFailure(peerId: string, error: unknown): void;
}

interface Target {
  /** Address → when it was last heard of; newest are tried first. */
  addresses: Map<string, number>;
  failures: number;
  nextAt: number;
  dialling: boolean;
}

export interface Keeper {
  /** Members to keep in touch with; others are forgotten. */
  setMembers(peerIds: Iterable<string>): void;
  /** New addresses of a peer; a sighting brings the next attempt forward. */
  heard(peerId: string, addresses: readonly string[]): void;
  addressesOf(peerId: string): string[];
  /** Everybody back to the first rung: after waking up or a change of network. */
  reset(): void;
  /** Dials who is due. Called about once a second. */
  tick(): void;
}

export function createKeeper(deps: KeeperDeps): Keeper {
  const targets = new Map<string, Target>();
  const known = new Map<string, Map<string, number>>();

  const firstDelay = (peerId: string): number => (compareText(deps.self, peerId) < 0 ? 0 : SECOND_DIALLER_MS);

  function addressBook(peerId: string): Map<string, number> {
    const book = known.get(peerId) ?? new Map<string, number>();
    known.set(peerId, book);
    return book;
  }

  async function attempt(peerId: string, target: Target): Promise<void> {
    target.dialling = true;
    try {
      await deps.dial(peerId, newestFirst(target.addresses).slice(0, ADDRESSES_TRIED_MAX));
    } catch (error) {
      deps.onFailure(peerId, error);
    } finally {
      target.dialling = false;
      // Also after a dial that went well: whom the other side refuses sees a success first. Being connected is what
      // puts a member back on the first rung.
      const pause = REDIAL_LADDER_MS[Math.min(target.failures, REDIAL_LADDER_MS.length - 1)]!;
      target.failures += 1;
      target.nextAt = deps.now() + pause * (1 - JITTER + 2 * JITTER * deps.random());
    }
  }

  return {
    setMembers(peerIds) {
      const wanted = new Set(peerIds);
      wanted.delete(deps.self);
      for (const peerId of targets.keys()) if (!wanted.has(peerId)) targets.delete(peerId);
      for (const peerId of wanted) {
        if (targets.has(peerId)) continue;
        const nextAt = deps.now() + firstDelay(peerId);
        targets.set(peerId, { addresses: addressBook(peerId), failures: 0, nextAt, dialling: false });
      }
    },
    heard(peerId, addresses) {
      if (known.size >= PEERS_KEPT_MAX && !known.has(peerId)) return;
      const book = addressBook(peerId);
      for (const address of addresses) book.set(address, deps.now());
      for (const oldest of newestFirst(book).slice(ADDRESSES_KEPT_MAX)) book.delete(oldest);
      const target = targets.get(peerId);
      if (target === undefined || target.failures === 0) return;
      target.failures = 0;
      target.nextAt = Math.min(target.nextAt, deps.now() + firstDelay(peerId));
    },
    addressesOf: (peerId) => newestFirst(known.get(peerId) ?? new Map()),
    reset() {
      for (const [peerId, target] of targets) {
        target.failures = 0;
        target.nextAt = deps.now() + firstDelay(peerId);
      }
    },
    tick() {
      for (const [peerId, target] of targets) {
        if (deps.isConnected(peerId)) {
          target.failures = 0;
          // When the connection ends, the wait before the first redial starts from that moment.
          target.nextAt = deps.now() + firstDelay(peerId);
          continue;
        }
        if (target.dialling || target.nextAt > deps.now() || target.addresses.size === 0) continue;
        void attempt(peerId, target);
      }
    },
  };
}

function newestFirst(addresses: ReadonlyMap<string, number>): string[] {
  return [...addresses].sort((a, b) => b[1] - a[1] || compareText(a[0], b[0])).map(([address]) => address);
}
