// What the kernel's memory holds and where, in bytes. src/engine/fast/layout.ts says the same from outside; a test holds
// both together. Globals belong to one instance, that is to one thread; the memory is shared by all of them.

/** Strategy record. */
export const SIDE: usize = 0;
export const STOP_KIND: usize = 4;
export const STOP_OF_SIGNAL: usize = 8;
export const TARGET_KIND: usize = 12;
export const TARGET_OF_SIGNAL: usize = 16;
export const BREAK_EVEN_KIND: usize = 20;
export const BREAK_EVEN_OF_SIGNAL: usize = 24;
export const TRAILING_KIND: usize = 28;
export const SIZE_KIND: usize = 32;
export const MAX_BARS: usize = 36;
export const MAX_POSITIONS: usize = 40;
/** Four bitsets joined by AND; unused places repeat the first. */
export const GROUP_A: usize = 44;
/** The other group, joined by OR; first place 0 when there is none. */
export const GROUP_B: usize = 60;
/** Three bitsets joined by OR; unused places repeat the first, which is 0 when there is none. */
export const EXITS: usize = 76;
export const STOP_ATR: usize = 88;
export const TARGET_ATR: usize = 92;
export const BREAK_EVEN_ATR: usize = 96;
export const TRAILING_ATR: usize = 100;
export const STOP_VALUE: usize = 104;
export const TARGET_VALUE: usize = 112;
export const BREAK_EVEN_VALUE: usize = 120;
export const TRAILING_VALUE: usize = 128;
export const SIZE_VALUE: usize = 136;

/** Kinds of distance and size. */
export const NONE: i32 = 0;
export const PERCENT: i32 = 1;
export const ATR: i32 = 2;
export const PERCENT_OF_EQUITY: i32 = 0;
export const QUOTE: i32 = 1;

/** State of a run between tiles. */
export const CASH: usize = 0;
export const SUM: usize = 8;
export const SQUARES: usize = 16;
export const BEFORE: usize = 24;
export const NEXT_BAR: usize = 32;
export const FILL_BAR: usize = 36;
export const TRADES: usize = 40;
export const WORD_A: usize = 44;
export const WORD_B: usize = 48;
export const OPEN_POSITIONS: usize = 52;
export const POSITIONS: usize = 64;
export const POSITION_BYTES: usize = 64;

/** Position: units, oriented entry price, raw exit price, entry fee; then bars. */
export const UNITS: usize = 0;
export const ENTRY_PRICE: usize = 8;
export const EXIT_RAW: usize = 16;
export const ENTRY_FEE: usize = 24;
export const ENTRY_BAR: usize = 32;
export const EXIT_BAR: usize = 36;
export const EXIT_PHASE: usize = 40;
export const EXIT_REASON: usize = 44;
/** First bar at whose close the position no longer counts against the limit. */
export const FREE_FROM: usize = 48;

/** Result: final equity, two behaviour words, then for each stretch sum, squares and trades as float64. */
export const FINAL_EQUITY: usize = 0;
export const RESULT_WORD_A: usize = 8;
export const RESULT_WORD_B: usize = 12;
export const RESULT_STRETCHES: usize = 16;
export const RESULT_STRETCH_BYTES: usize = 24;

/** Trade in the trace. */
export const TRADE_BYTES: usize = 56;

/** Codes of trade-log.ts's reasons. */
export const SIGNAL: i32 = 0;
export const STOP: i32 = 1;
export const TARGET: i32 = 2;
export const TRAILING: i32 = 3;
export const BREAK_EVEN: i32 = 4;
export const TIME: i32 = 5;
export const END: i32 = 6;

/** Moments within a bar, in order. */
export const AT_OPEN: i32 = 0;
export const INSIDE: i32 = 1;
export const AT_CLOSE: i32 = 2;

export let openPrices: usize = 0;
export let highPrices: usize = 0;
export let lowPrices: usize = 0;
export let closePrices: usize = 0;
export let squarePrefix: usize = 0;
/** Ticks per unit of price. */
export let scale: f64 = 1;

/** Bars are addressed by place in the joined stretches. */
export function setMarket(open: usize, high: usize, low: usize, close: usize, squares: usize, ticks: f64): void {
  openPrices = open;
  highPrices = high;
  lowPrices = low;
  closePrices = close;
  squarePrefix = squares;
  scale = ticks;
}

export let fee: f64 = 0;
export let makerFee: f64 = 0;
export let fixedLoss: f64 = 0;
export let lossPerQuote: f64 = 0;

export function setCosts(taker: f64, maker: f64, loss: f64, perQuote: f64): void {
  fee = taker;
  makerFee = maker;
  fixedLoss = loss;
  lossPerQuote = perQuote;
}

// @ts-ignore: decorator
@inline
export function at(column: usize, bar: i32): f64 {
  return load<f64>(column + ((<usize>bar) << 3));
}
