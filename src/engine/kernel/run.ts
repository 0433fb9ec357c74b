// Runs one strategy over one tile of one stretch, in steps that grow with its trades. Levels and the order of events are
// those of src/engine/simulate.ts, operation by operation.
import {
  amountAt,
  close,
  finishScore,
  loadState,
  open,
  openPosition,
  positionAt,
  saveState,
  startScore,
  unitsAt,
} from './book';
import { exitRaw, exitReason, findFixedExit, findTrailingExit, setLevels, setSide, setTrailing, sign } from './exits';
import {
  at,
  AT_CLOSE,
  AT_OPEN,
  ATR,
  BREAK_EVEN_ATR,
  BREAK_EVEN_KIND,
  BREAK_EVEN_OF_SIGNAL,
  BREAK_EVEN_VALUE,
  closePrices,
  END,
  EXIT_BAR,
  EXIT_PHASE,
  EXIT_RAW,
  EXIT_REASON,
  fixedLoss,
  FREE_FROM,
  INSIDE,
  lossPerQuote,
  MAX_BARS,
  MAX_POSITIONS,
  NEXT_BAR,
  NONE,
  openPrices,
  PERCENT,
  SIDE,
  SIGNAL,
  STOP_ATR,
  STOP_KIND,
  STOP_OF_SIGNAL,
  STOP_VALUE,
  TARGET_ATR,
  TARGET_KIND,
  TARGET_OF_SIGNAL,
  TARGET_VALUE,
  TIME,
  TRAILING_ATR,
  TRAILING_KIND,
  TRAILING_VALUE,
} from './memory';
import { nextEntry, nextExit, prepareEntries, setSignals } from './signals';

/** The oriented price one distance away from its base. */
// @ts-ignore: decorator
@inline
function levelAt(kind: i32, ofSignal: bool, value: f64, atr: usize, fill: f64, signal: i32, direction: f64): f64 {
  const base = ofSignal ? sign * at(closePrices, signal) : fill;
  const reach = kind == PERCENT ? (Math.abs(base) * value) / 100.0 : value * at(atr, signal);
  return base + direction * reach;
}

// @ts-ignore: decorator
@inline
function unknownAt(kind: i32, atr: usize, signal: i32): bool {
  if (kind != ATR) return false;
  const value = at(atr, signal);
  return value != value;
}

/** Opens a position for the signal at the close of bar `signal` and finds its end. `trails` is a constant at each call. */
// @ts-ignore: decorator
@inline
function enter(trails: bool, record: usize, pyramid: usize, signal: i32, to: i32): void {
  const bar = signal + 1;
  const stopKind = load<i32>(record + STOP_KIND);
  const targetKind = load<i32>(record + TARGET_KIND);
  const breakEvenKind = load<i32>(record + BREAK_EVEN_KIND);
  const trailingKind = load<i32>(record + TRAILING_KIND);
  const stopAtr: usize = load<u32>(record + STOP_ATR);
  const targetAtr: usize = load<u32>(record + TARGET_ATR);
  const breakEvenAtr: usize = load<u32>(record + BREAK_EVEN_ATR);
  const trailingAtr: usize = load<u32>(record + TRAILING_ATR);
  if (unknownAt(stopKind, stopAtr, signal) || unknownAt(targetKind, targetAtr, signal)) return;
  if (unknownAt(breakEvenKind, breakEvenAtr, signal) || unknownAt(trailingKind, trailingAtr, signal)) return;
  const raw = at(openPrices, bar);
  const amount = amountAt(record, raw);
  const price = raw * (1.0 + sign * (fixedLoss + lossPerQuote * amount));
  const units = price > 0 ? unitsAt(record, price, amount) : 0;
  if (units == 0) return;
  const position = openPosition(bar, units, price);
  const fill = sign * price;
  let stop = -Infinity;
  let target = Infinity;
  let arm = Infinity;
  if (stopKind != NONE) {
    const ofSignal = load<i32>(record + STOP_OF_SIGNAL) != 0;
    stop = levelAt(stopKind, ofSignal, load<f64>(record + STOP_VALUE), stopAtr, fill, signal, -1.0);
  }
  if (targetKind != NONE) {
    const ofSignal = load<i32>(record + TARGET_OF_SIGNAL) != 0;
    target = levelAt(targetKind, ofSignal, load<f64>(record + TARGET_VALUE), targetAtr, fill, signal, 1.0);
  }
  if (breakEvenKind != NONE) {
    const ofSignal = load<i32>(record + BREAK_EVEN_OF_SIGNAL) != 0;
    arm = levelAt(breakEvenKind, ofSignal, load<f64>(record + BREAK_EVEN_VALUE), breakEvenAtr, fill, signal, 1.0);
  }
  if (trails) {
    const value = load<f64>(record + TRAILING_VALUE);
    setTrailing(trailingKind, value, trailingKind == ATR ? value * at(trailingAtr, signal) : 0);
  }
  setLevels(fill, stop, target, arm);
  place(trails, position, pyramid, bar, load<i32>(record + MAX_BARS), to);
}

/** Writes down when and how the position opened at `bar` ends. */
// @ts-ignore: decorator
@inline
function place(trails: bool, position: usize, pyramid: usize, bar: i32, maxBars: i32, to: i32): void {
  // Orders are read at closes before the last one.
  let order = to - 1;
  let reason = END;
  const signalled = nextExit(bar, to - 1);
  if (maxBars > 0 && bar + maxBars < order) {
    order = bar + maxBars;
    reason = TIME;
  }
  if (signalled <= order && signalled < to - 1) {
    order = signalled;
    reason = SIGNAL;
  }
  const bound = min<i32>(order + 1, to);
  const inside = trails ? findTrailingExit(pyramid, bar, bound) : findFixedExit(pyramid, bar, bound);
  if (inside < bound) {
    store<i32>(position + EXIT_BAR, inside);
    store<i32>(position + EXIT_PHASE, INSIDE);
    store<i32>(position + EXIT_REASON, exitReason);
    store<f64>(position + EXIT_RAW, exitRaw);
    store<i32>(position + FREE_FROM, inside);
  } else if (reason == END) {
    store<i32>(position + EXIT_BAR, to - 1);
    store<i32>(position + EXIT_PHASE, AT_CLOSE);
    store<i32>(position + EXIT_REASON, END);
    store<f64>(position + EXIT_RAW, at(closePrices, to - 1));
    store<i32>(position + FREE_FROM, to);
  } else {
    store<i32>(position + EXIT_BAR, order + 1);
    store<i32>(position + EXIT_PHASE, AT_OPEN);
    store<i32>(position + EXIT_REASON, reason);
    store<f64>(position + EXIT_RAW, at(openPrices, order + 1));
    store<i32>(position + FREE_FROM, order);
  }
}

/** When a position ends, as one number that grows with bar and moment. */
// @ts-ignore: decorator
@inline
function endOf(position: usize): i32 {
  return load<i32>(position + EXIT_BAR) * 3 + load<i32>(position + EXIT_PHASE);
}

/** Realises, in order, all positions that end before `moment`; of equal moments the oldest first. */
// @ts-ignore: decorator
@inline
function closeBefore(moment: i32): void {
  while (open > 0) {
    let first = 0;
    for (let p = 1; p < open; p++) if (endOf(positionAt(p)) < endOf(positionAt(first))) first = p;
    if (endOf(positionAt(first)) >= moment) return;
    close(first);
  }
}

// @ts-ignore: decorator
@inline
function runTile(
  trails: bool,
  record: usize,
  pyramid: usize,
  from: i32,
  until: i32,
  to: i32,
  entries: usize,
): i32 {
  const limit = load<i32>(record + MAX_POSITIONS);
  // The last bar has no open after it to fill at.
  const end = min<i32>(until, to - 1);
  if (from < end) prepareEntries(from, end, entries);
  let bar = nextEntry(from, end);
  while (bar < end) {
    let staying = 0;
    let free = i32.MAX_VALUE;
    for (let p = 0; p < open; p++) {
      const from = load<i32>(positionAt(p) + FREE_FROM);
      if (from > bar) {
        staying++;
        free = min<i32>(free, from);
      }
    }
    if (staying >= limit) {
      bar = nextEntry(free, end);
      continue;
    }
    // What ends inside this bar or at the next open makes room and money first.
    closeBefore((bar + 1) * 3 + INSIDE);
    enter(trails, record, pyramid, bar, to);
    bar = nextEntry(bar + 1, end);
  }
  return bar;
}

/** Starts stretch number `part`, first signal at bar `from`. */
export function startStretch(address: usize, part: i32, from: i32): void {
  loadState(address, 0);
  startScore(part);
  saveState();
  store<i32>(address + NEXT_BAR, from);
}

/**
 * Goes on with the signals of the bars before `until` of a stretch [start, to); ends flat when `until` reaches `to`.
 * `entries` has room for one bit for each bar of a tile and 32 bytes more.
 */
export function advance(
  record: usize,
  address: usize,
  pyramid: usize,
  start: i32,
  until: i32,
  to: i32,
  entries: usize,
): void {
  const from = load<i32>(address + NEXT_BAR);
  if (from >= until && until < to) return;
  loadState(address, start);
  setSide(load<i32>(record + SIDE) != 0);
  setSignals(record);
  const next =
    load<i32>(record + TRAILING_KIND) == NONE
      ? runTile(false, record, pyramid, from, until, to, entries)
      : runTile(true, record, pyramid, from, until, to, entries);
  if (until >= to) {
    closeBefore(i32.MAX_VALUE);
    finishScore();
  }
  saveState();
  store<i32>(address + NEXT_BAR, next);
}
