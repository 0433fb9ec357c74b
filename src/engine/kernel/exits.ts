// Where a position ends inside a bar: the first bar whose worst price reaches its stop or whose best price its target.
// Follows the levels of one position bar for bar as simulate.ts does, but skips blocks in which nothing can happen.
import {
  at,
  BREAK_EVEN,
  closePrices,
  highPrices,
  lowPrices,
  openPrices,
  PERCENT,
  STOP,
  scale,
  TARGET,
  TRAILING,
} from './memory';
import { groupAt, levels, PREFIXES, RELATIVE_UNIT, SUFFIXES } from './pyramid';

/** The position that `findExit` is asked about; prices oriented. */
export let sign: f64 = 1;
let worstPrices: usize = 0;
let bestPrices: usize = 0;
let fixedStop: f64 = 0;
/** −∞ until armed. */
let breakEvenStop: f64 = 0;
/** The higher of both. */
let standingStop: f64 = 0;
let target: f64 = 0;
let breakEvenAt: f64 = 0;
let entryPrice: f64 = 0;
let trailingKind: i32 = 0;
let trailingValue: f64 = 0;
let trailingReach: f64 = 0;
/** Trailing stop = (highest close × keep) >> 26, less a distance in ticks; rounded up. */
let keep: i64 = 0;
let distanceTicks: i32 = 0;
let fallTicks: i32 = 0;

/** What it found: raw price before costs, and why. */
export let exitRaw: f64 = 0;
export let exitReason: i32 = 0;

const KEEP_BITS: i64 = 26;
const KEEP_UNIT: f64 = 67108864.0;

export function setSide(short: bool): void {
  sign = short ? -1.0 : 1.0;
  worstPrices = short ? highPrices : lowPrices;
  bestPrices = short ? lowPrices : highPrices;
}

/** The trailing stop of the strategy; `reach` in price for one in multiples of ATR. */
export function setTrailing(kind: i32, value: f64, reach: f64): void {
  trailingKind = kind;
  trailingValue = value;
  trailingReach = reach;
  if (kind == PERCENT) {
    const share = value / 100.0;
    keep = sign > 0 ? <i64>Math.ceil((1.0 - share) * KEEP_UNIT) : <i64>Math.floor((1.0 + share) * KEEP_UNIT);
    distanceTicks = 0;
    fallTicks = <i32>Math.floor(share * RELATIVE_UNIT) - 2;
  } else {
    keep = <i64>KEEP_UNIT;
    distanceTicks = <i32>Math.floor(reach * scale);
    fallTicks = distanceTicks - 2;
  }
}

export function setLevels(entry: f64, stop: f64, aim: f64, arm: f64): void {
  entryPrice = entry;
  fixedStop = stop;
  breakEvenStop = -Infinity;
  standingStop = stop;
  target = aim;
  breakEvenAt = arm;
}

// @ts-ignore: decorator
@inline
function stopTicks(level: f64): i32 {
  return <i32>Math.floor(level * scale) + 2;
}

// @ts-ignore: decorator
@inline
function gainTicks(level: f64): i32 {
  return 2 - <i32>Math.floor(level * scale);
}

/** The thresholds with the trailing stop that a highest close (negated ticks) puts in force. */
// @ts-ignore: decorator
@inline
function raise(thresholds: v128, lowestNegated: i32): v128 {
  const level = <i32>(((-<i64>lowestNegated) * keep) >> KEEP_BITS) - distanceTicks + 3;
  return v128.replace_lane<i32>(thresholds, 0, max<i32>(v128.extract_lane<i32>(thresholds, 0), level));
}

// @ts-ignore: decorator
@inline
function possible(thresholds: v128, record: v128): bool {
  return v128.any_true(v128.gt<i32>(thresholds, record));
}

/** Bits of the children of a group up to which something may happen. */
// @ts-ignore: decorator
@inline
function possiblePrefixes(thresholds: v128, group: usize): i32 {
  const lanes = group + PREFIXES;
  const t0 = i32x4.splat(v128.extract_lane<i32>(thresholds, 0));
  const t1 = i32x4.splat(v128.extract_lane<i32>(thresholds, 1));
  const t2 = i32x4.splat(v128.extract_lane<i32>(thresholds, 2));
  const t3 = i32x4.splat(v128.extract_lane<i32>(thresholds, 3));
  const low = v128.or(
    v128.or(v128.gt<i32>(t0, v128.load(lanes)), v128.gt<i32>(t1, v128.load(lanes, 32))),
    v128.or(v128.gt<i32>(t2, v128.load(lanes, 64)), v128.gt<i32>(t3, v128.load(lanes, 96))),
  );
  const high = v128.or(
    v128.or(v128.gt<i32>(t0, v128.load(lanes, 16)), v128.gt<i32>(t1, v128.load(lanes, 48))),
    v128.or(v128.gt<i32>(t2, v128.load(lanes, 80)), v128.gt<i32>(t3, v128.load(lanes, 112))),
  );
  return v128.bitmask<i32>(low) | (v128.bitmask<i32>(high) << 4);
}

/** Whether the position ends inside `bar`, given the stop in force; says how. Decided on exact prices, the stop first. */
// @ts-ignore: decorator
@inline
function endsAt(bar: i32, stop: f64): bool {
  const first = sign * at(openPrices, bar);
  if (sign * at(worstPrices, bar) <= stop) {
    exitRaw = sign * Math.min(first, stop);
    exitReason = stop == fixedStop ? STOP : stop == breakEvenStop ? BREAK_EVEN : TRAILING;
    return true;
  }
  if (sign * at(bestPrices, bar) < target) return false;
  exitRaw = sign * Math.max(first, target);
  exitReason = TARGET;
  return true;
}

/** Moves the stop to the entry price when the close of `bar` is far enough. */
// @ts-ignore: decorator
@inline
function armAt(bar: i32): bool {
  if (sign * at(closePrices, bar) < breakEvenAt) return false;
  breakEvenStop = entryPrice;
  breakEvenAt = Infinity;
  standingStop = Math.max(standingStop, entryPrice);
  return true;
}

/** The stop at a bar before which `highest`, in negated ticks, was the highest close. */
// @ts-ignore: decorator
@inline
function trailedStop(highest: i32): f64 {
  const close = -(<f64>highest) / scale;
  const reach = trailingKind == PERCENT ? (Math.abs(close) * trailingValue) / 100.0 : trailingReach;
  return Math.max(standingStop, close - reach);
}

// @ts-ignore: decorator
@inline
function closeTicks(pyramid: usize, bar: i32): i32 {
  return v128.extract_lane<i32>(v128.load(groupAt(pyramid, 0, bar >> 3) + ((<usize>(bar & 7)) << 4)), 3);
}

// @ts-ignore: decorator
@inline
function thresholdsOf(trails: bool): v128 {
  return i32x4(
    stopTicks(standingStop),
    gainTicks(target),
    trails ? -fallTicks : i32.MIN_VALUE,
    gainTicks(breakEvenAt),
  );
}

/** First bar in [entry, bound) inside which the position ends, or `bound`. `trails` is a constant at each call. */
// @ts-ignore: decorator
@inline
function find(trails: bool, pyramid: usize, entry: i32, bound: i32): i32 {
  // The fill bar: no trailing stop yet.
  if (endsAt(entry, standingStop)) return entry;
  armAt(entry);
  /** Highest close so far as negated ticks. */
  let highest = closeTicks(pyramid, entry);
  let thresholds = thresholdsOf(trails);
  if (trails) thresholds = raise(thresholds, highest);
  let bar = entry + 1;
  while (bar < bound) {
    let level = 0;
    let child = bar;
    let group = groupAt(pyramid, 0, child >> 3);
    // Up, as long as nothing can happen in the rest of a group.
    for (;;) {
      const suffix = v128.load(group + SUFFIXES + ((<usize>(child & 7)) << 4));
      if (possible(thresholds, suffix)) break;
      if (trails) {
        highest = min<i32>(highest, v128.extract_lane<i32>(suffix, 3));
        thresholds = raise(thresholds, highest);
      }
      child = (child >> 3) + 1;
      level++;
      if (level == levels || child << (3 * level) >= bound) return bound;
      group = groupAt(pyramid, level, child >> 3);
    }
    // Along the group to the child in which it may.
    let found = false;
    do {
      const record = v128.load(group + ((<usize>(child & 7)) << 4));
      found = possible(thresholds, record);
      if (found) break;
      if (trails) {
        highest = min<i32>(highest, v128.extract_lane<i32>(record, 3));
        thresholds = raise(thresholds, highest);
      }
      child++;
    } while ((child & 7) != 0);
    // Down to the bar.
    while (found && level > 0) {
      level--;
      group = groupAt(pyramid, level, child);
      const mask = possiblePrefixes(thresholds, group);
      found = mask != 0;
      const place = found ? ctz<i32>(mask) : 8;
      if (trails && place > 0) {
        highest = min<i32>(highest, load<i32>(group + PREFIXES + 92 + ((<usize>place) << 2)));
        thresholds = raise(thresholds, highest);
      }
      child = (child << 3) + place;
    }
    bar = child << (3 * level);
    if (!found) continue;
    if (bar >= bound) return bound;
    if (endsAt(bar, trails ? trailedStop(highest) : standingStop)) return bar;
    if (armAt(bar)) thresholds = thresholdsOf(trails);
    if (trails) {
      highest = min<i32>(highest, closeTicks(pyramid, bar));
      thresholds = raise(thresholds, highest);
    }
    bar++;
  }
  return bound;
}

/** `find` for a strategy without a trailing stop. */
export function findFixedExit(pyramid: usize, entry: i32, bound: i32): i32 {
  return find(false, pyramid, entry, bound);
}

/** `find` for a strategy with one. */
export function findTrailingExit(pyramid: usize, entry: i32, bound: i32): i32 {
  return find(true, pyramid, entry, bound);
}
