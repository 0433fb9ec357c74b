// Keeps a connection to every member, for ever: libp2p dials once and gives up. Each member has a ladder of pauses
// between attempts; hearing from it, waking up or a change of network puts it back on the first rung. In an attempt its
// addresses are dialled one after the other, and what came of each is kept.
import { compareText } from '../protocol/bytes.ts';
import type { WayProblem } from '../ui/api-members.ts';
import { dialProblem } from './dial-problem.ts';
import { type Way, Ways } from './ways.ts';

/** Pauses after the 1st, 2nd … failed attempt, ms; the last one repeats. */
export const REDIAL_LADDER_MS = [1000, 2000, 5000, 15_000, 30_000, 60_000] as const;
const JITTER = 0.2;
/** Of two members the one with the larger id waits this long, so that they do not both dial and end with two connections. */
const SECOND_DIALLER_MS = 2000;
const ADDRESSES_TRIED_MAX = 8;
/** For all addresses of an attempt together. */
const ATTEMPT_MS = 5000;

export interface KeeperDeps {
  self: string;
  /** Monotonic, ms. */
  now(): number;
  /** 0 ≤ x < 1. */
  random(): number;
  isConnected(peerId: string): boolean;
  /**
   * Rejects when the address did not lead to that peer within `ms`. False where a connection by another way was found
   * instead, so that nothing is known of this one.
   */
  dial(peerId: string, address: string, ms: number): Promise<boolean>;
  onFailure(peerId: string, error: unknown): void;
}

/** How the next connection with a member comes about. */
export interface Attempts {
  /** In a row that ended in no connection. */
  failed: number;
  /** Monotonic ms; undefined where no address is known. */
  nextAt: number | undefined;
  dialling: boolean;
}

interface Target {
  /** Rungs of the ladder climbed. */
  failures: number;
  /** Attempts since it was last connected. */
  missed: number;
  nextAt: number;
  dialling: boolean;
}

export interface Keeper {
  /** Members to keep in touch with; others are forgotten. */
  setMembers(peerIds: Iterable<string>): void;
  /** New addresses of a peer; a sighting brings the next attempt forward. */
  heard(peerId: string, addresses: readonly string[]): void;
  /** Newest first. */
  addressesOf(peerId: string): string[];
  /** Newest first. */
  waysOf(peerId: string): Way[];
  /** Undefined for who is not kept in touch with. */
  attemptsOf(peerId: string): Attempts | undefined;
  /** The address led to the peer, and one of the two wanted no more of it. */
  refused(peerId: string, address: string, problem: WayProblem): void;
  /** Everybody back to the first rung: after waking up or a change of network. */
  reset(): void;
  /** Dials who is due. Called about once a second. */
  tick(): void;
}

export function createKeeper(deps: KeeperDeps): Keeper {
  const targets = new Map<string, Target>();
  const ways = new Ways();

  const firstDelay = (peerId: string): number => (compareText(deps.self, peerId) < 0 ? 0 : SECOND_DIALLER_MS);

  async function attempt(peerId: string, target: Target): Promise<void> {
    target.dialling = true;
    try {
      await tryAll(deps, ways, peerId);
    } finally {
      target.dialling = false;
      // Also after a dial that went well: whom the other side refuses sees a success first. Being connected is what
      // puts a member back on the first rung.
      const pause = REDIAL_LADDER_MS[Math.min(target.failures, REDIAL_LADDER_MS.length - 1)]!;
      target.failures += 1;
      target.missed += 1;
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
        ways.keep(peerId);
        targets.set(peerId, { failures: 0, missed: 0, nextAt, dialling: false });
      }
    },
    heard(peerId, addresses) {
      if (!ways.heard(peerId, addresses, deps.now())) return;
      const target = targets.get(peerId);
      if (target === undefined || target.failures === 0) return;
      target.failures = 0;
      target.nextAt = Math.min(target.nextAt, deps.now() + firstDelay(peerId));
    },
    addressesOf: (peerId) => ways.of(peerId).map(({ address }) => address),
    waysOf: (peerId) => ways.of(peerId),
    attemptsOf(peerId) {
      const target = targets.get(peerId);
      if (target === undefined) return undefined;
      const { missed, nextAt, dialling } = target;
      return { failed: missed, nextAt: ways.of(peerId).length === 0 ? undefined : nextAt, dialling };
    },
    refused: (peerId, address, problem) => ways.note(peerId, address, { problem: { ...problem } }),
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
          target.missed = 0;
          // When the connection ends, the wait before the first redial starts from that moment.
          target.nextAt = deps.now() + firstDelay(peerId);
          continue;
        }
        if (target.dialling || target.nextAt > deps.now() || ways.of(peerId).length === 0) continue;
        void attempt(peerId, target);
      }
    },
  };
}

/** Until one leads there, or the time is over. */
async function tryAll(deps: KeeperDeps, ways: Ways, peerId: string): Promise<void> {
  const endAt = deps.now() + ATTEMPT_MS;
  for (const { address } of ways.inTurn(peerId).slice(0, ADDRESSES_TRIED_MAX)) {
    const ms = endAt - deps.now();
    if (ms <= 0 || deps.isConnected(peerId)) return;
    if (await leadsThere(deps, ways, { peerId, address, ms })) return;
  }
}

interface Dial {
  peerId: string;
  address: string;
  ms: number;
}

async function leadsThere(deps: KeeperDeps, ways: Ways, { peerId, address, ms }: Dial): Promise<boolean> {
  const triedAt = deps.now();
  const problemOf = (): WayProblem | undefined => ways.get(peerId, address)?.problem;
  const before = problemOf();
  try {
    if (!(await deps.dial(peerId, address, ms))) return true;
    // Who was refused once the dial had led there has another problem by now.
    ways.note(peerId, address, { triedAt, problem: problemOf() === before ? undefined : problemOf() });
    return true;
  } catch (error) {
    ways.note(peerId, address, { triedAt, problem: dialProblem(error) });
    deps.onFailure(peerId, error);
    return false;
  }
}
