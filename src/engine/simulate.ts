// The plain simulator: bar by bar, one obvious step after the other. Order within bar i (docs/engine.md):
//   1. at the open: pending closes fill, then the pending entry; before them, funding and liquidations of perpetual futures;
//   2. inside the bar: each position, oldest first, stop (or liquidation) before target;
//   3. at the close: equity is marked, stops are raised (in force from bar i+1), signals are read (filled at open i+1).
// Prices are oriented (book.ts). Fast and plain must agree bit for bit: fast/kernel follows this file line by line.
import { Book, type Levels, type RunRecord } from './book.ts';
import type { ColumnStore } from './column-store.ts';
import { checkFunding, fundingTimes, type Perpetual } from './perpetual.ts';
import type { Costs } from './search-spec.ts';
import type { Condition, Distance, IndicatorOperand, Strategy, TrailingDistance } from './strategy.ts';

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

const NONE = Number.NEGATIVE_INFINITY;

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
  readonly #book: Book;
  readonly #closeAtEnd: boolean;
  readonly #perpetual: Perpetual | undefined;
  readonly #time: Float64Array;
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
  #entryPending = false;

  constructor(store: ColumnStore, strategy: Strategy, account: Account, record: RunRecord) {
    const { time, open, high, low, close } = store.candles;
    const long = strategy.side === 'long';
    this.#strategy = strategy;
    this.#record = record;
    this.#closeAtEnd = account.closeAtEnd === true;
    this.#perpetual = account.costs.perpetual;
    this.#time = time;
    this.#sign = long ? 1 : -1;
    this.#book = new Book(record, account.costs, strategy.size, this.#sign);
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
  }

  run({ from, to }: Window): void {
    const { equity } = this.#record;
    const book = this.#book;
    for (let i = from; i < to; i++) {
      const busy = this.#entryPending || book.positions.length > 0;
      if (!busy && this.#entry[i] === 0) {
        equity[i - from] = book.cash;
        continue;
      }
      if (busy) {
        this.#fillAtOpen(i);
        if (book.positions.length > 0) this.#insideBar(i);
        this.#atClose(i);
      }
      equity[i - from] = book.equityAt(this.#close[i]!);
      if (i + 1 < to) this.#readSignals(i);
    }
    if (this.#closeAtEnd) this.#closeOpenPositions(to - 1, from);
    const price = this.#close[to - 1]!;
    this.#record.finalEquity = book.equityAt(price);
    this.#record.openPositions = book.positions.length;
    book.logOpen(to - 1, price);
  }

  /** What the exchange does at the open to perpetual futures held since the bar before. */
  #settleAtOpen(i: number, perpetual: Perpetual): void {
    const { positions } = this.#book;
    const open = this.#open[i]!;
    this.#book.payFunding(i, open, fundingTimes(this.#time, i, perpetual));
    for (let p = 0; p < positions.length; ) {
      if (this.#sign * open > positions[p]!.liquidation) p++;
      else this.#book.close(p, i, open, 'liquidation');
    }
  }

  #fillAtOpen(i: number): void {
    const { positions } = this.#book;
    if (this.#perpetual !== undefined && positions.length > 0) this.#settleAtOpen(i, this.#perpetual);
    for (let p = 0; p < positions.length; ) {
      const { closing } = positions[p]!;
      if (closing === undefined) p++;
      else this.#book.close(p, i, this.#open[i]!, closing);
    }
    if (!this.#entryPending) return;
    this.#entryPending = false;
    this.#book.open(i, this.#open[i]!, (fill) => this.#levels(fill, i - 1));
  }

  #levels(fill: number, signalBar: number): Levels {
    const { stopLoss, takeProfit, breakEven } = this.#strategy;
    return {
      fixedStop: stopLoss === undefined ? NONE : this.#level(stopLoss, this.#stopAtr, fill, signalBar, -1),
      target: takeProfit === undefined ? -NONE : this.#level(takeProfit, this.#targetAtr, fill, signalBar, 1),
      breakEvenStop: NONE,
      breakEvenAt: breakEven === undefined ? -NONE : this.#level(breakEven, this.#breakEvenAtr, fill, signalBar, 1),
      trailingStop: NONE,
      highestClose: NONE,
      trailingAtr: this.#trailingAtr === undefined ? 0 : this.#trailingAtr[signalBar]!,
      closing: undefined,
    };
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
    const { positions } = this.#book;
    this.#record.exposedBars++;
    let ambiguous = false;
    for (let p = 0; p < positions.length; ) {
      const { fixedStop, breakEvenStop, trailingStop, liquidation, target } = positions[p]!;
      const stop = Math.max(fixedStop, breakEvenStop, trailingStop, liquidation);
      const stopped = this.#sign * this.#worst[i]! <= stop;
      const reached = this.#sign * this.#best[i]! >= target;
      if (stopped && reached) ambiguous = true;
      if (stopped) this.#stopOut(p, i, stop);
      else if (reached) this.#book.close(p, i, this.#sign * Math.max(this.#sign * this.#open[i]!, target), 'target');
      else p++;
    }
    if (ambiguous) this.#record.ambiguousBars++;
  }

  /**
   * At the stop, or at the open when the bar opened beyond it. A liquidation is met before a stop that lies no nearer, and
   * before any stop by a bar that opens beyond it.
   */
  #stopOut(p: number, i: number, stop: number): void {
    const { fixedStop, breakEvenStop, liquidation } = this.#book.positions[p]!;
    const open = this.#sign * this.#open[i]!;
    const price = this.#sign * Math.min(open, stop);
    if (stop === liquidation || open <= liquidation) this.#book.close(p, i, price, 'liquidation');
    else if (stop === fixedStop) this.#book.close(p, i, price, 'stop');
    else this.#book.close(p, i, price, stop === breakEvenStop ? 'break_even' : 'trailing');
  }

  /** Raises stops with this close; they count from the next bar. */
  #atClose(i: number): void {
    this.#book.noteFills(i);
    const { trailing, breakEven } = this.#strategy;
    if (trailing === undefined && breakEven === undefined) return;
    const close = this.#sign * this.#close[i]!;
    for (const position of this.#book.positions) {
      if (breakEven !== undefined && close >= position.breakEvenAt) position.breakEvenStop = position.entryPrice;
      if (trailing === undefined || close <= position.highestClose) continue;
      position.highestClose = close;
      const reach =
        'percent' in trailing ? (Math.abs(close) * trailing.percent) / 100 : trailing.atr * position.trailingAtr;
      position.trailingStop = close - reach;
    }
  }

  #readSignals(i: number): void {
    let staying = 0;
    for (const position of this.#book.positions) {
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
    const book = this.#book;
    while (book.positions.length > 0) book.close(0, lastBar, this.#close[lastBar]!, 'end');
    book.noteFills(lastBar);
    this.#record.equity[lastBar - from] = book.cash;
  }
}

const isKnown = (column: Float64Array | undefined, i: number) => column === undefined || !Number.isNaN(column[i]!);

/**
 * Runs one strategy over `window` and fills `record`. Throws InvalidInput (`bad_timeframe`, `bad_funding`) where the candles
 * do not fit. Positions still open at its end are marked at the last close (or
 * closed there, see `Account`): they are in `finalEquity` and logged last, with the reason `end`.
 */
export function simulate(
  store: ColumnStore,
  strategy: Strategy,
  window: Window,
  account: Account,
  record: RunRecord,
): void {
  const { perpetual } = account.costs;
  if (perpetual !== undefined) checkFunding(store.candles, perpetual);
  record.start(window.to - window.from, account.equity);
  new Simulation(store, strategy, account, record).run(window);
}
