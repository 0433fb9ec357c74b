// Which unit a node takes next, without anybody to ask. A pure function: everything it looks at is an argument.
//
// All nodes look at the same window of the oldest undecided units and rank themselves for each by rendezvous hashing,
// so that they mostly want different units. A wrong guess costs a duplicate run, never a wrong verdict.
import { compareText, concatBytes, fromHex, type Hex, sha256, toHex } from '../protocol/bytes.ts';

/** A node whose rank is beyond the free places waits this long for each rank before it takes the unit all the same. */
export const RANK_STEP_MS = 2000;

export interface OpenUnit {
  unit: Hex;
  /** Replicas still wanted beyond the votes that are in. */
  wanted: number;
  /** Members whose vote is in. */
  voted: readonly Hex[];
  /** Members that hold a claim on it, this node excepted. */
  claimed: readonly Hex[];
}

export interface Choice {
  unit: Hex;
  /** 0: start now. Otherwise look again after that time, and start if it is still free. */
  waitMs: number;
}

export interface Peers {
  /**
   * Members that take part in the work, this node included: those at hand, busy or not, and those that fell silent and
   * still hold a claim. Each holds one unit at most, so a window of twice as many always has free ones in it.
   */
  taking: number;
  /** Members that look for work at this moment: they are the rivals. */
  idle: readonly Hex[];
}

/** S1: how many of the open units a node looks at. */
export function windowUnits({ taking }: Peers): number {
  return 2 * Math.max(1, taking);
}

/** `open`: undecided units without an answer of this node, the most urgent first. */
export function chooseUnit(self: Hex, peers: Peers, open: readonly OpenUnit[]): Choice | undefined {
  const window = open.slice(0, windowUnits(peers));
  let best: Choice | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const unit of window) {
    const places = unit.wanted - unit.claimed.length;
    if (places <= 0 || unit.voted.includes(self)) continue;
    const rank = rankOf(self, unit, peers.idle);
    if (rank >= bestRank) continue;
    bestRank = rank;
    best = { unit: unit.unit, waitMs: rank < places ? 0 : (rank - places + 1) * RANK_STEP_MS };
  }
  return best;
}

/** Whether a node should give up a claim because more machines than wanted took the unit at the same moment. */
export function shouldYield(self: Hex, unit: OpenUnit): boolean {
  const claimants = [self, ...unit.claimed];
  if (claimants.length <= unit.wanted) return false;
  const order = claimants.sort((a, b) => compareText(lotOf(unit.unit, a), lotOf(unit.unit, b)));
  return order.indexOf(self) >= unit.wanted;
}

/** How many of the machines that could take the unit come before this one. */
function rankOf(self: Hex, unit: OpenUnit, idle: readonly Hex[]): number {
  const mine = lotOf(unit.unit, self);
  const rivals = idle.filter((peer) => peer !== self && !unit.voted.includes(peer) && !unit.claimed.includes(peer));
  return rivals.filter((peer) => compareText(lotOf(unit.unit, peer), mine) < 0).length;
}

/** Rendezvous (highest random weight) hashing, Thaler & Ravishankar 1998; here the lowest hash wins. */
export function lotOf(unit: Hex, peer: Hex): Hex {
  return toHex(sha256(concatBytes([fromHex(unit), fromHex(peer)])));
}
