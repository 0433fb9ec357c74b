// The plain simulator: bar by bar, one obvious step after the other. Order within bar i (docs/engine.md):
//   1. at the open: pending closes fill, then the pending entry;
//   2. inside the bar: each position, oldest first, stop before target;
//   3. at the close: equity is marked, stops are raised (in force from bar i+1), signals are read (filled at open i+1).
// Prices are "oriented": multiplied by +1 for a long, −1 for a short, so that larger is better and one code serves both.
import type { ColumnStore } from './column-store.ts';
import type { Costs } from './search-spec.ts';
import type { Condition, Distance, IndicatorOperand, Strategy, TrailingDistance } from './strategy.ts';
import { REASONS, type Reason, TradeLog } from './trade-log.ts';

/** Bars [from, to) of the store's candles; indicators are warm from the bars before. */
export interface Window {
  from: number;
  to: number;
}

export interface Account {
  /** Initial equity in the quote currency, above 0. */
  equity: number;
  costs: Costs;
  /**
   * Positions open at the end of the window are closed at its last close, costs and all, and count as trades: for parts of
   * a search, whose figures must not rest on exits that nobody paid for. Otherwise they are marked and reported as open.
   */
  closeAtEnd?: boolean;
}

/** What one run leaves behind; reused from run to run. */
export class RunRecord {
  /** Equity marked at each close of the window; element 0 is its first bar. */
  readonly equity: Float64Array;
  readonly trades = new TradeLog();
  bars = 0;
  initialEquity = 0;
  finalEquity = 0;
  feesPaid = 0;
  openPositions = 0;
  /** Bars with a position in the market after the open's fills. */
  exposedBars = 0;
  /** Bars that touched both stop and target of a position. */
  ambiguousBars = 0;
  /** Entries cut down to the money that was free. */
  reducedEntries = 0;
  /** Entries not made for want of money. */
  refusedEntries = 0;

  /** Room for windows of up to `capacity` bars. */
  constructor(capacity: number) {
    this.equity = new Float64Array(capacity);
  }
}

interface Position {
  entryBar: number;
  units: number;
  entryFee: number;
  /** Oriented prices from here on. */
  entryPrice: number;
  fixedStop: number;
  target: number;
  /** −∞ until armed. */
  breakEvenStop: number;
  breakEvenAt: number;
  trailingStop: number;
  highestClose: number;
  /** ATR of the signal bar for the trailing distance. */
  trailingAtr: number;
  /** Set at a close; fills at the next open. */
  closing: Reason | undefined;
}

const reasonCodes = Object.fromEntries(REASONS.map((reason, code) => [reason, code])) as Record<Reason, number>;
const NONE = Number.NEGATIVE_INFINITY;
/** A percentage of equity is cut to no less than this share of it; dust would count as a trade and be none. */
const SMALLEST_CUT = 0.5;

function combine(store: ColumnStore, group: readonly Condition[]): Uint8Array {
  const bits = store.condition(group[0]!);
  if (group.length === 1) return bits;
  const all = bits.slice();
  for (let c = 1; c < group.length; c++) {
    const next = store.condition(group[c]!);
    for (let i = 0; i < all.length; i++) all[i]! &= next[i]!;
  }
  return all;
}

function any(columns: readonly Uint8Array[]): Uint8Array | undefined {
  if (columns.length < 2) return columns[0];
  const some = columns[0]!.slice();
  for (let c = 1; c < columns.length; c++) {
    const next = columns[c]!;
    for (let i = 0; i < some.length; i++) some[i]! |= next[i]!;
  }
  return some;
}

function atrColumn(store: ColumnStore, distance: Distance | TrailingDistance | undefined): Float64Array | undefined {
  if (distance === undefined || 'percent' in distance) return undefined;
  const operand: IndicatorOperand = { indicator: 'atr', period: distance.period };
  return store.indicator(operand);
}

class Simulation {
  readonly #strategy: Strategy;
  readonly #record: RunRecord;
  readonly #costs: Costs;
  readonly #closeAtEnd: boolean;
  readonly #sign: 1 | -1;
  readonly #open: Float64Array;
  readonly #close: Float64Array;
  /** The side of the bar that hurts, and the one that helps. */
  readonly #worst: Float64Array;
  readonly #best: Float64Array;
  readonly #entry: Uint8Array;
  readonly #exit: Uint8Array | undefined;
  readonly #stopAtr: Float64Array | undefined;
  readonly #targetAtr: Float64Array | undefined;
  readonly #trailingAtr: Float64Array | undefined;
  readonly #breakEvenAtr: Float64Array | undefined;
  readonly #positions: Position[] = [];
  /** Realised money: initial equity plus realised gains minus all fees. */
  #cash: number;
  #entryPending = false;

  constructor(store: ColumnStore, strategy: Strategy, account: Account, record: RunRecord) {
    const { open, high, low, close } = store.candles;
    const long = strategy.side === 'long';
    this.#strategy = strategy;
    this.#record = record;
    this.#costs = account.costs;
    this.#closeAtEnd = account.closeAtEnd === true;
    this.#sign = long ? 1 : -1;
    this.#open = open;
    this.#close = close;
    this.#worst = long ? low : high;
    this.#best = long ? high : low;
    this.#entry = any(strategy.entry.map((group) => combine(store, group)))!;
    this.#exit = any(strategy.exit.map((condition) => store.condition(condition)));
    this.#stopAtr = atrColumn(store, strategy.stopLoss);
    this.#targetAtr = atrColumn(store, strategy.takeProfit);
    this.#trailingAtr = atrColumn(store, strategy.trailing);
    this.#breakEvenAtr = atrColumn(store, strategy.breakEven);
    this.#cash = account.equity;
  }

  run({ from, to }: Window): void {
    const { equity } = this.#record;
    for (let i = from; i < to; i++) {
      const busy = this.#entryPending || this.#positions.length > 0;
      if (!busy && this.#entry[i] === 0) {
        equity[i - from] = this.#cash;
        continue;
      }
      if (busy) {
        this.#fillAtOpen(i);
        if (this.#positions.length > 0) this.#insideBar(i);
        this.#atClose(i);
      }
      equity[i - from] = this.#equityAt(this.#close[i]!);
      if (i + 1 < to) this.#readSignals(i);
    }
    if (this.#closeAtEnd) this.#closeOpenPositions(to - 1, from);
    this.#markOpenPositions(to - 1);
  }

  /** Realised money plus what the open positions would gain at `price`, costs of closing not counted. */
  #equityAt(price: number): number {
    let equity = this.#cash;
    for (const position of this.#positions) equity += position.units * (this.#sign * price - position.entryPrice);
    return equity;
  }

  #fillAtOpen(i: number): void {
    for (let p = 0; p < this.#positions.length; ) {
      const { closing } = this.#positions[p]!;
      if (closing === undefined) p++;
      else this.#closePosition(p, i, this.#open[i]!, closing);
    }
    if (!this.#entryPending) return;
    this.#entryPending = false;
    this.#openPosition(i);
  }

  /**
   * Units to buy at `price` (unsigned), 0 when there is not enough free money. A percentage of equity is cut to what is
   * free; an amount in money or units is bought whole or not at all.
   */
  #unitsAt(price: number, rawOpen: number): number {
    const { size } = this.#strategy;
    const feeFactor = 1 + this.#costs.fee;
    let free = this.#cash;
    for (const position of this.#positions) free -= Math.abs(position.units * position.entryPrice);
    if ('percentOfEquity' in size) {
      const amount = (this.#equityAt(rawOpen) * size.percentOfEquity) / 100;
      if (amount * feeFactor <= free) return Math.max(0, amount / price);
      if (free < amount * SMALLEST_CUT) return 0;
      this.#record.reducedEntries++;
      return free / (price * feeFactor);
    }
    const units = 'quote' in size ? size.quote / price : size.units;
    return units * price * feeFactor <= free ? units : 0;
  }

  #openPosition(i: number): void {
    const sign = this.#sign;
    const rawOpen = this.#open[i]!;
    const { fee, slippage, spread } = this.#costs;
    const price = rawOpen * (1 + sign * (slippage + spread / 2));
    const units = this.#unitsAt(price, rawOpen);
    if (units === 0) {
      this.#record.refusedEntries++;
      return;
    }
    const { stopLoss, takeProfit, breakEven } = this.#strategy;
    const signalBar = i - 1;
    const entryFee = units * price * fee;
    this.#cash -= entryFee;
    this.#record.feesPaid += entryFee;
    const fill = sign * price;
    this.#positions.push({
      entryBar: i,
      units,
      entryFee,
      entryPrice: fill,
      fixedStop: stopLoss === undefined ? NONE : this.#level(stopLoss, this.#stopAtr, fill, signalBar, -1),
      target: takeProfit === undefined ? -NONE : this.#level(takeProfit, this.#targetAtr, fill, signalBar, 1),
      breakEvenStop: NONE,
      breakEvenAt: breakEven === undefined ? -NONE : this.#level(breakEven, this.#breakEvenAtr, fill, signalBar, 1),
      trailingStop: NONE,
      highestClose: NONE,
      trailingAtr: this.#trailingAtr === undefined ? 0 : this.#trailingAtr[signalBar]!,
      closing: undefined,
    });
  }

  /** The oriented price `distance` away from its base: `direction` 1 towards gain, −1 towards loss. */
  #level(
    distance: Distance,
    atr: Float64Array | undefined,
    fill: number,
    signalBar: number,
    direction: 1 | -1,
  ): number {
    const base = distance.of === 'signal' ? this.#sign * this.#close[signalBar]! : fill;
    const reach = 'percent' in distance ? (Math.abs(base) * distance.percent) / 100 : distance.atr * atr![signalBar]!;
    return base + direction * reach;
  }

  #insideBar(i: number): void {
    this.#record.exposedBars++;
    let ambiguous = false;
    for (let p = 0; p < this.#positions.length; ) {
      const { fixedStop, breakEvenStop, trailingStop, target } = this.#positions[p]!;
      const stop = Math.max(fixedStop, breakEvenStop, trailingStop);
      const stopped = this.#sign * this.#worst[i]! <= stop;
      const reached = this.#sign * this.#best[i]! >= target;
      if (stopped && reached) ambiguous = true;
      if (stopped) this.#stopOut(p, i, stop);
      else if (reached) this.#closePosition(p, i, this.#sign * Math.max(this.#sign * this.#open[i]!, target), 'target');
      else p++;
    }
    if (ambiguous) this.#record.ambiguousBars++;
  }

  /** At the stop, or at the open when the bar opened beyond it. */
  #stopOut(p: number, i: number, stop: number): void {
    const { fixedStop, breakEvenStop } = this.#positions[p]!;
    const price = this.#sign * Math.min(this.#sign * this.#open[i]!, stop);
    if (stop === fixedStop) this.#closePosition(p, i, price, 'stop');
    else this.#closePosition(p, i, price, stop === breakEvenStop ? 'break_even' : 'trailing');
  }

  /** Realises position `p` at `rawPrice` before slippage and half the spread. */
  #closePosition(p: number, i: number, rawPrice: number, reason: Reason): void {
    const position = this.#positions[p]!;
    const { fee, slippage, spread } = this.#costs;
    const price = rawPrice * (1 - this.#sign * (slippage + spread / 2));
    const exitFee = position.units * price * fee;
    const gain = position.units * (this.#sign * price - position.entryPrice);
    this.#cash += gain - exitFee;
    this.#record.feesPaid += exitFee;
    this.#log(position, i, price, gain - position.entryFee - exitFee, position.entryFee + exitFee, reason);
    this.#positions.splice(p, 1);
  }

  #log(position: Position, exitBar: number, exitPrice: number, pnl: number, fees: number, reason: Reason): void {
    const { trades } = this.#record;
    const row = trades.add();
    trades.entryBar[row] = position.entryBar;
    trades.exitBar[row] = exitBar;
    trades.units[row] = position.units;
    trades.entryPrice[row] = Math.abs(position.entryPrice);
    trades.exitPrice[row] = exitPrice;
    trades.pnl[row] = pnl;
    trades.fees[row] = fees;
    trades.reason[row] = reasonCodes[reason];
  }

  /** Raises stops with this close; they count from the next bar. */
  #atClose(i: number): void {
    const { trailing, breakEven } = this.#strategy;
    if (trailing === undefined && breakEven === undefined) return;
    const close = this.#sign * this.#close[i]!;
    for (const position of this.#positions) {
      if (breakEven !== undefined && close >= position.breakEvenAt) position.breakEvenStop = position.entryPrice;
      if (trailing === undefined || close <= position.highestClose) continue;
      position.highestClose = close;
      const reach =
        'percent' in trailing ? (Math.abs(close) * trailing.percent) / 100 : trailing.atr * position.trailingAtr;
      position.trailingStop = Math.max(position.trailingStop, close - reach);
    }
  }

  #readSignals(i: number): void {
    let staying = 0;
    for (const position of this.#positions) {
      if (this.#exit !== undefined && this.#exit[i] === 1) position.closing = 'signal';
      else if (i - position.entryBar === this.#strategy.maxBars) position.closing = 'time';
      else staying++;
    }
    if (this.#entry[i] === 1 && staying < this.#strategy.maxPositions) this.#entryPending = this.#distancesKnown(i);
  }

  /** An entry whose stop, target, trailing or break-even distance is not defined yet is not ordered. */
  #distancesKnown(i: number): boolean {
    return (
      isKnown(this.#stopAtr, i) &&
      isKnown(this.#targetAtr, i) &&
      isKnown(this.#trailingAtr, i) &&
      isKnown(this.#breakEvenAtr, i)
    );
  }

  #closeOpenPositions(lastBar: number, from: number): void {
    while (this.#positions.length > 0) this.#closePosition(0, lastBar, this.#close[lastBar]!, 'end');
    this.#record.equity[lastBar - from] = this.#cash;
  }

  #markOpenPositions(lastBar: number): void {
    const price = this.#close[lastBar]!;
    this.#record.finalEquity = this.#equityAt(price);
    this.#record.openPositions = this.#positions.length;
    for (const position of this.#positions) {
      const gain = position.units * (this.#sign * price - position.entryPrice);
      this.#log(position, lastBar, price, gain - position.entryFee, position.entryFee, 'end');
    }
  }
}

const isKnown = (column: Float64Array | undefined, i: number) => column === undefined || !Number.isNaN(column[i]!);

/**
 * Runs one strategy over `window` and fills `record`. Positions still open at its end are marked at the last close (or
 * closed there, see `Account`): they are in `finalEquity` and logged last, with the reason `end`.
 */
export function simulate(
  store: ColumnStore,
  strategy: Strategy,
  window: Window,
  account: Account,
  record: RunRecord,
): void {
  record.trades.clear();
  record.bars = window.to - window.from;
  record.initialEquity = account.equity;
  record.feesPaid = 0;
  record.exposedBars = 0;
  record.ambiguousBars = 0;
  record.reducedEntries = 0;
  record.refusedEntries = 0;
  new Simulation(store, strategy, account, record).run(window);
}
