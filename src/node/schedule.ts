// Which unit a node takes next, without anybody to ask. A pure function: everything it looks at is an argument.
//
// All nodes look at the same window of the oldest undecided units and rank themselves for each by rendezvous hashing
// among all that may take it, so that they mostly want different units, also before they have heard of each other. A wrong guess costs a duplicate run, never a wrong verdict.
import { compareText, concatBytes, fromHex, type Hex, sha256, toHex } from '../protocol/bytes.ts';

/** A node whose rank is beyond the free places waits this long for each rank before it takes the unit all the same. */
export const RANK_STEP_MS = 2000;

/** Units a member that a node looks at while others may be at work out of sight: enough to leave them theirs. */
const APART_UNITS = 8;

export interface OpenUnit {
  unit: Hex;
  /** Replicas still wanted beyond the votes that are in. */
  wanted: number;
  /** Members whose vote is in. */
  voted: readonly Hex[];
  /** Members that hold a claim on it, this node excepted. */
  claimed: readonly Hex[];
  /** Taken only where no other has a place left. */
  last?: boolean;
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
  /** Those of them that are not this node. */
  others: readonly Hex[];
  /** Members that fell silent without a word and hold nothing: they may be at work where nobody here hears of them. */
  silent: readonly Hex[];
  /** Members that look for work at this moment: they are the rivals. */
  idle: readonly Hex[];
}

/** S1: how many of the open units a node looks at. */
export function windowUnits({ taking, silent }: Peers): number {
  return silent.length === 0 ? 2 * Math.max(1, taking) : APART_UNITS * (taking + silent.length);
}

/** `open`: undecided units without an answer of this node, the most urgent first. */
export function chooseUnit(self: Hex, peers: Peers, open: readonly OpenUnit[]): Choice | undefined {
  const window = open.slice(0, windowUnits(peers));
  const isLast = ({ last }: OpenUnit): boolean => last === true;
  return (
    chooseAmong(
      self,
      peers,
      window.filter((unit) => !isLast(unit)),
    ) ?? chooseAmong(self, peers, window.filter(isLast))
  );
}

function chooseAmong(self: Hex, peers: Peers, window: readonly OpenUnit[]): Choice | undefined {
  const all = [...peers.others, ...peers.silent];
  let best: Choice | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const unit of window) {
    const places = unit.wanted - unit.claimed.length;
    if (places <= 0 || unit.voted.includes(self)) continue;
    const rank = rankOf(self, unit, all);
    if (rank >= bestRank) continue;
    bestRank = rank;
    const before = rankOf(self, unit, peers.idle);
    best = { unit: unit.unit, waitMs: before < places ? 0 : (before - places + 1) * RANK_STEP_MS };
  }
  return best;
}

/**
 * Whether a node should give up a claim because more machines than wanted took the unit. `ahead`: those of the claimants,
 * itself included, that have finished more than one generation of it: they go before the others.
 */
export function shouldYield(self: Hex, unit: OpenUnit, ahead: ReadonlySet<Hex>): boolean {
  const claimants = [self, ...unit.claimed];
  if (claimants.length <= unit.wanted) return false;
  const order = claimants.sort(
    (a, b) => Number(ahead.has(b)) - Number(ahead.has(a)) || compareText(lotOf(unit.unit, a), lotOf(unit.unit, b)),
  );
  return order.indexOf(self) >= unit.wanted;
}

/** How many of the machines that could take the unit come before this one. */
function rankOf(self: Hex, unit: OpenUnit, idle: readonly Hex[]): number {
  const mine = lotOf(unit.unit, self);
  const rivals = idle.filter((peer) => peer !== self && !unit.voted.includes(peer) && !unit.claimed.includes(peer));
  return rivals.filter((peer) => compareText(lotOf(unit.unit, peer), mine) < 0).length;
}

const lots = new Map<Hex, Map<Hex, Hex>>();
const UNITS_REMEMBERED_MAX = 1000;

/** Rendezvous (highest random weight) hashing, Thaler & Ravishankar 1998; here the lowest hash wins. */
export function lotOf(unit: Hex, peer: Hex): Hex {
  const known = lots.get(unit) ?? new Map<Hex, Hex>();
  if (known.size === 0) {
    if (lots.size >= UNITS_REMEMBERED_MAX) lots.clear();
    lots.set(unit, known);
  }
  const lot = known.get(peer) ?? toHex(sha256(concatBytes([fromHex(unit), fromHex(peer)])));
  known.set(peer, lot);
  return lot;
}
