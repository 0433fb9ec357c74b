// The money and the score of a run: what every fill costs, what positions are worth. The same operations in the same order
// as in src/engine/book.ts and score-moments.ts, so that the bits are the same.
import { sign } from './exits';
import {
  at,
  BEFORE,
  CASH,
  closePrices,
  ENTRY_BAR,
  ENTRY_FEE,
  ENTRY_PRICE,
  EXIT_BAR,
  EXIT_RAW,
  EXIT_REASON,
  fee,
  FILL_BAR,
  fixedLoss,
  lossPerQuote,
  makerFee,
  OPEN_POSITIONS,
  PERCENT_OF_EQUITY,
  POSITION_BYTES,
  POSITIONS,
  QUOTE,
  SIZE_KIND,
  SIZE_VALUE,
  squarePrefix,
  SQUARES,
  SUM,
  TARGET,
  TRADE_BYTES,
  TRADES,
  UNITS,
  WORD_A,
  WORD_B,
} from './memory';

/** A percentage of equity is cut to no less than this share of it (book.ts). */
const SMALLEST_CUT: f64 = 0.5;

/** The run's state in memory (see memory.ts); its numbers are held in globals while the run is at work. */
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
/** Positions that are open. */
export let open: i32 = 0;
/** Where trades are written down; 0: nowhere. */
let trace: usize = 0;

export function setTrace(address: usize): void {
  trace = address;
}

// @ts-ignore: decorator
@inline
export function positionAt(index: i32): usize {
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
export function close(index: i32): void {
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
export function unitsAt(record: usize, price: f64, amount: f64): f64 {
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
export function amountAt(record: usize, raw: f64): f64 {
  const kind = load<i32>(record + SIZE_KIND);
  const size = load<f64>(record + SIZE_VALUE);
  if (kind == PERCENT_OF_EQUITY) return (markAt(raw) * size) / 100.0;
  return kind == QUOTE ? size : size * raw;
}

/** Opens a position at the oriented price `fill`. Returns where it stands. */
// @ts-ignore: decorator
@inline
export function openPosition(bar: i32, units: f64, price: f64): usize {
  touch(bar);
  const entryFee = units * price * fee;
  cash -= entryFee;
  const position = positionAt(open);
  open++;
  store<f64>(position + UNITS, units);
  store<f64>(position + ENTRY_PRICE, sign * price);
  store<f64>(position + ENTRY_FEE, entryFee);
  store<i32>(position + ENTRY_BAR, bar);
  return position;
}

/** Takes up the run whose state lies at `address`, in the stretch that starts at bar `start`. */
export function loadState(address: usize, start: i32): void {
  state = address;
  stretchStart = start;
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

export function saveState(): void {
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

/** Starts stretch number `part`: equity and behaviour go on from the one before. */
export function startScore(part: i32): void {
  sum = 0;
  squares = 0;
  fillBar = -1;
  trades = 0;
  open = 0;
  addWord(-1 - part);
}

/** Takes the last fills into the score, once all positions are closed. */
export function finishScore(): void {
  if (fillBar >= 0) finishFillBar();
}
