// Runs one strategy over one tile of one stretch, in steps that grow with its trades. Every price, fee and sum is computed
// by the same operations in the same order as in book.ts, simulate.ts and score-moments.ts, so that the bits are the same.
import {
  exitRaw,
  exitReason,
  findFixedExit,
  findTrailingExit,
  setLevels,
  setSide,
  setTrailing,
  sign,
} from './exits';
import {
  AT_CLOSE,
  AT_OPEN,
  ATR,
  at,
  BEFORE,
  BREAK_EVEN_ATR,
  BREAK_EVEN_KIND,
  BREAK_EVEN_OF_SIGNAL,
  BREAK_EVEN_VALUE,
  CASH,
  closePrices,
  END,
  ENTRY_BAR,
  ENTRY_FEE,
  ENTRY_PRICE,
  EXIT_BAR,
  EXIT_PHASE,
  EXIT_RAW,
  EXIT_REASON,
  FILL_BAR,
  FREE_FROM,
  fee,
  fixedLoss,
  INSIDE,
  lossPerQuote,
  MAX_BARS,
  MAX_POSITIONS,
  makerFee,
  NEXT_BAR,
  NONE,
  OPEN_POSITIONS,
  openPrices,
  PERCENT,
  PERCENT_OF_EQUITY,
  POSITION_BYTES,
  POSITIONS,
  QUOTE,
  SIDE,
  SIGNAL,
  SIZE_KIND,
  SIZE_VALUE,
  SQUARES,
  STOP_ATR,
  STOP_KIND,
  STOP_OF_SIGNAL,
  STOP_VALUE,
  SUM,
  squarePrefix,
  TARGET,
  TARGET_ATR,
  TARGET_KIND,
  TARGET_OF_SIGNAL,
  TARGET_VALUE,
  TIME,
  TRADE_BYTES,
  TRADES,
  TRAILING_ATR,
  TRAILING_KIND,
  TRAILING_VALUE,
  UNITS,
  WORD_A,
  WORD_B,
} from './memory';
import { nextEntry, nextExit, prepareEntries, setSignals } from './signals';

/** A percentage of equity is cut to no less than this share of it (book.ts). */
const SMALLEST_CUT: f64 = 0.5;

let state: usize = 0;
let stretchStart: i32 = 0;
let cash: f64 = 0;
let sum: f64 = 0;
let squares: f64 = 0;
/** Equity at the close before the last bar with a fill, and that bar; −1: none yet. */
let before: f64 = 0;
let fillBar: i32 = -1;
let trades: i32 = 0;
let wordA: u32 = 0;
let wordB: u32 = 0;
let open: i32 = 0;
/** Where trades are written down; 0: nowhere. */
let trace: usize = 0;

export function setTrace(address: usize): void {
  trace = address;
}

// @ts-ignore: decorator
@inline
function positionAt(index: i32): usize {
  return state + POSITIONS + (<usize>index) * POSITION_BYTES;
}

// @ts-ignore: decorator
@inline
function markAt(price: f64): f64 {
  let equity = cash;
  for (let p = 0; p < open; p++) {
    const position = positionAt(p);
    equity += load<f64>(position + UNITS) * (sign * price - load<f64>(position + ENTRY_PRICE));
  }
  return equity;
}

/** Takes the bar with the last fills into the score. Returns its equity. */
// @ts-ignore: decorator
@inline
function finishFillBar(): f64 {
  const base = markAt(at(closePrices, fillBar));
  const step = before > 0 ? base / before - 1.0 : 0.0;
  sum += step;
  squares += step * step;
  return base;
}

/** Says that something is about to be filled during `bar`. */
// @ts-ignore: decorator
@inline
function touch(bar: i32): void {
  if (bar == fillBar) return;
  if (fillBar < 0) {
    before = cash;
    fillBar = bar;
    return;
  }
  const base = finishFillBar();
  before = base;
  const last = bar - 1;
  if (open > 0 && last > fillBar) {
    before = markAt(at(closePrices, last));
    if (base > 0) {
      sum += (before - base) / base;
      let units: f64 = 0;
      for (let p = 0; p < open; p++) units += load<f64>(positionAt(p) + UNITS);
      const weight = units / base;
      squares += weight * weight * (at(squarePrefix, last) - at(squarePrefix, fillBar));
    }
  }
  fillBar = bar;
}

// @ts-ignore: decorator
@inline
function addWord(word: i32): void {
  wordA = rotl<u32>(wordA ^ (<u32>word), 13) * <u32>0x9e3779b1;
  wordB = rotl<u32>(wordB + (<u32>word), 17) * <u32>0x85ebca77;
}

/** Names the stretch whose trades follow. */
export function startWord(part: i32): void {
  addWord(-1 - part);
}

function note(position: usize, price: f64, pnl: f64, reason: i32): void {
  store<i32>(trace, load<i32>(position + ENTRY_BAR) - stretchStart);
  store<i32>(trace, load<i32>(position + EXIT_BAR) - stretchStart, 4);
  store<f64>(trace, load<f64>(position + UNITS), 8);
  store<f64>(trace, Math.abs(load<f64>(position + ENTRY_PRICE)), 16);
  store<f64>(trace, price, 24);
  store<f64>(trace, pnl, 32);
  store<f64>(trace, cash, 40);
  store<i32>(trace, reason, 48);
  trace += TRADE_BYTES;
}

/** Realises the position in place `index`. */
// @ts-ignore: decorator
@inline
function close(index: i32): void {
  const position = positionAt(index);
  const bar = load<i32>(position + EXIT_BAR);
  touch(bar);
  const raw = load<f64>(position + EXIT_RAW);
  const units = load<f64>(position + UNITS);
  const reason = load<i32>(position + EXIT_REASON);
  const price = raw * Math.max(0, 1.0 - sign * (fixedLoss + lossPerQuote * (units * raw)));
  const exitFee = units * price * (reason == TARGET ? makerFee : fee);
  const gain = units * (sign * price - load<f64>(position + ENTRY_PRICE));
  cash += gain - exitFee;
  trades++;
  addWord(load<i32>(position + ENTRY_BAR) - stretchStart);
  addWord(bar - stretchStart);
  if (trace != 0) note(position, price, gain - load<f64>(position + ENTRY_FEE) - exitFee, reason);
  open--;
  for (let p = index; p < open; p++) memory.copy(positionAt(p), positionAt(p + 1), POSITION_BYTES);
}

/** Units to buy, 0 when money is short; see book.ts. */
// @ts-ignore: decorator
@inline
function unitsAt(record: usize, price: f64, amount: f64): f64 {
  const kind = load<i32>(record + SIZE_KIND);
  const factor = 1.0 + fee;
  let free = cash;
  for (let p = 0; p < open; p++) {
    const position = positionAt(p);
    free -= Math.abs(load<f64>(position + UNITS) * load<f64>(position + ENTRY_PRICE));
  }
  if (kind == PERCENT_OF_EQUITY) {
    if (amount * factor <= free) {
      const units = amount / price;
      return units > 0 ? units : 0;
    }
    if (free < amount * SMALLEST_CUT) return 0;
    return free / (price * factor);
  }
  const size = load<f64>(record + SIZE_VALUE);
  const units = kind == QUOTE ? size / price : size;
  return units * price * factor <= free ? units : 0;
}

// @ts-ignore: decorator
@inline
function amountAt(record: usize, raw: f64): f64 {
  const kind = load<i32>(record + SIZE_KIND);
  const size = load<f64>(record + SIZE_VALUE);
  if (kind == PERCENT_OF_EQUITY) return (markAt(raw) * size) / 100.0;
  return kind == QUOTE ? size : size * raw;
}

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
  touch(bar);
  const entryFee = units * price * fee;
  cash -= entryFee;
  const fill = sign * price;
  const position = positionAt(open);
  open++;
  store<f64>(position + UNITS, units);
  store<f64>(position + ENTRY_PRICE, fill);
  store<f64>(position + ENTRY_FEE, entryFee);
  store<i32>(position + ENTRY_BAR, bar);
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

function loadState(): void {
  cash = load<f64>(state + CASH);
  sum = load<f64>(state + SUM);
  squares = load<f64>(state + SQUARES);
  before = load<f64>(state + BEFORE);
  fillBar = load<i32>(state + FILL_BAR);
  trades = load<i32>(state + TRADES);
  wordA = load<u32>(state + WORD_A);
  wordB = load<u32>(state + WORD_B);
  open = load<i32>(state + OPEN_POSITIONS);
}

function saveState(): void {
  store<f64>(state + CASH, cash);
  store<f64>(state + SUM, sum);
  store<f64>(state + SQUARES, squares);
  store<f64>(state + BEFORE, before);
  store<i32>(state + FILL_BAR, fillBar);
  store<i32>(state + TRADES, trades);
  store<u32>(state + WORD_A, wordA);
  store<u32>(state + WORD_B, wordB);
  store<i32>(state + OPEN_POSITIONS, open);
}

/** Starts a stretch: `part` of the behaviour, first signal at bar `from`. Equity and behaviour go on from the stretch before. */
export function startStretch(address: usize, part: i32, from: i32): void {
  state = address;
  loadState();
  sum = 0;
  squares = 0;
  fillBar = -1;
  trades = 0;
  open = 0;
  startWord(part);
  saveState();
  store<i32>(state + NEXT_BAR, from);
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
  state = address;
  const from = load<i32>(state + NEXT_BAR);
  if (from >= until && until < to) return;
  stretchStart = start;
  loadState();
  setSide(load<i32>(record + SIDE) != 0);
  setSignals(record);
  const next =
    load<i32>(record + TRAILING_KIND) == NONE
      ? runTile(false, record, pyramid, from, until, to, entries)
      : runTile(true, record, pyramid, from, until, to, entries);
  if (until >= to) {
    closeBefore(i32.MAX_VALUE);
    if (fillBar >= 0) finishFillBar();
  }
  saveState();
  store<i32>(state + NEXT_BAR, next);
}
