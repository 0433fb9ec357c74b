// The money of one run: what is free, what positions are worth, what every fill costs. Prices of positions are
// "oriented": multiplied by +1 for a long, −1 for a short, so that larger is better and one code serves both.
import { liquidationLevel, type Perpetual } from './perpetual.ts';
import type { Costs } from './search-spec.ts';
import type { Size } from './strategy.ts';
import { REASONS, type Reason, TradeLog } from './trade-log.ts';

/** What one run leaves behind; reused from run to run. */
export class RunRecord {
  /** Equity marked at each close of the window; element 0 is its first bar. */
  readonly equity: Float64Array;
  readonly trades = new TradeLog();
  /** Bars with a fill, ascending, and the units held at their close: between two of them a position only drifts. */
  readonly fillBars: number[] = [];
  readonly heldUnits: number[] = [];
  bars = 0;
  initialEquity = 0;
  finalEquity = 0;
  feesPaid = 0;
  /** Paid for holding perpetual futures, less what was received; in no fee. */
  fundingPaid = 0;
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

  /** Forgets the run before. */
  start(bars: number, initialEquity: number): void {
    this.trades.clear();
    this.fillBars.length = 0;
    this.heldUnits.length = 0;
    this.bars = bars;
    this.initialEquity = initialEquity;
    this.feesPaid = 0;
    this.fundingPaid = 0;
    this.exposedBars = 0;
    this.ambiguousBars = 0;
    this.reducedEntries = 0;
    this.refusedEntries = 0;
  }
}

export interface Position {
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
  /** Where the highest close puts the trailing stop; −∞ before the first close. */
  trailingStop: number;
  highestClose: number;
  /** ATR of the signal bar for the trailing distance. */
  trailingAtr: number;
  /** Set at a close; fills at the next open. */
  closing: Reason | undefined;
  /** Money set aside for it: its value at entry, on perpetual futures a part of that, less the funding paid. */
  margin: number;
  /** Where a perpetual future is liquidated; −∞ for all else. */
  liquidation: number;
  /** Funding paid, less what was received. */
  funding: number;
}

/** Where a new position's stops and target lie, given its oriented fill price. */
export type Levels = Pick<
  Position,
  'fixedStop' | 'target' | 'breakEvenStop' | 'breakEvenAt' | 'trailingStop' | 'highestClose' | 'trailingAtr' | 'closing'
>;

const reasonCodes = Object.fromEntries(REASONS.map((reason, code) => [reason, code])) as Record<Reason, number>;
/** A percentage of equity is cut to no less than this share of it; dust would count as a trade and be none. */
const SMALLEST_CUT = 0.5;
/** `impact` is a rate per this much money. */
export const IMPACT_UNIT = 1_000_000;

export class Book {
  /** Oldest first. */
  readonly positions: Position[] = [];
  /** Realised money: initial equity plus realised gains minus all fees. */
  cash: number;
  readonly #record: RunRecord;
  readonly #fee: number;
  readonly #makerFee: number;
  readonly #perpetual: Perpetual | undefined;
  /** Margin of a position / its value. */
  readonly #marginRate: number;
  readonly #size: Size;
  readonly #sign: 1 | -1;
  /** What a price loses whatever the size of the order, and for each unit of money in it. */
  readonly #fixedLoss: number;
  readonly #lossPerQuote: number;
  #lastFill = -1;

  constructor(record: RunRecord, costs: Costs, size: Size, sign: 1 | -1) {
    this.cash = record.initialEquity;
    this.#record = record;
    this.#fee = costs.fee;
    this.#makerFee = costs.makerFee ?? costs.fee;
    this.#perpetual = costs.perpetual;
    this.#marginRate = costs.perpetual === undefined ? 1 : 1 / costs.perpetual.leverage;
    this.#size = size;
    this.#sign = sign;
    this.#fixedLoss = costs.slippage + costs.spread / 2;
    this.#lossPerQuote = (costs.impact ?? 0) / IMPACT_UNIT;
  }

  /** Realised money plus what the open positions would gain at `price`, costs of closing not counted. */
  equityAt(price: number): number {
    let equity = this.cash;
    for (const position of this.positions) equity += position.units * (this.#sign * price - position.entryPrice);
    return equity;
  }

  /** Opens a position at the open of bar `i`, unless money is short. `levels` gets the oriented fill price. */
  open(i: number, rawOpen: number, levels: (fill: number) => Levels): void {
    const amount = this.#amountAt(rawOpen);
    const price = rawOpen * (1 + this.#sign * (this.#fixedLoss + this.#lossPerQuote * amount));
    // A short so large that the impact leaves no price for it finds no buyer.
    const units = price > 0 ? this.#unitsAt(price, amount) : 0;
    if (units === 0) {
      this.#record.refusedEntries++;
      return;
    }
    const entryFee = units * price * this.#fee;
    this.cash -= entryFee;
    this.#record.feesPaid += entryFee;
    const entryPrice = this.#sign * price;
    const margin = Math.abs(units * price) * this.#marginRate;
    const money = { units, entryFee, entryPrice, margin, liquidation: Number.NEGATIVE_INFINITY, funding: 0 };
    const position: Position = { entryBar: i, ...money, ...levels(entryPrice) };
    if (this.#perpetual !== undefined) position.liquidation = liquidationLevel(position, this.#sign, this.#perpetual);
    this.positions.push(position);
    this.#lastFill = i;
  }

  /** Pays (or receives) funding for `times` funding times at the open of bar `i`, out of each position's margin. */
  payFunding(i: number, rawOpen: number, times: number): void {
    const perpetual = this.#perpetual;
    if (perpetual === undefined || times === 0 || this.positions.length === 0) return;
    for (const position of this.positions) {
      const amount = position.units * rawOpen * this.#sign * perpetual.fundingRate * times;
      this.cash -= amount;
      this.#record.fundingPaid += amount;
      position.funding += amount;
      position.margin -= amount;
      position.liquidation = liquidationLevel(position, this.#sign, perpetual);
    }
    this.#lastFill = i;
  }

  /** Money that the order asks for, at the open's price without costs. */
  #amountAt(rawOpen: number): number {
    const size = this.#size;
    if ('percentOfEquity' in size) return (this.equityAt(rawOpen) * size.percentOfEquity) / 100;
    return 'quote' in size ? size.quote : size.units * rawOpen;
  }

  /**
   * Units to buy at `price` (unsigned), 0 when there is not enough free money. A percentage of equity is cut to what is
   * free; an amount in money or units is bought whole or not at all.
   */
  #unitsAt(price: number, amount: number): number {
    const size = this.#size;
    const feeFactor = this.#marginRate + this.#fee;
    let free = this.cash;
    for (const position of this.positions) free -= position.margin;
    if ('percentOfEquity' in size) {
      if (amount * feeFactor <= free) return Math.max(0, amount / price);
      if (free < amount * SMALLEST_CUT * this.#marginRate) return 0;
      this.#record.reducedEntries++;
      return free / (price * feeFactor);
    }
    const units = 'quote' in size ? size.quote / price : size.units;
    return units * price * feeFactor <= free ? units : 0;
  }

  /**
   * Realises position `p` at `rawPrice` before slippage and half the spread. A target rests in the book: maker fee. A
   * perpetual future loses no more than its margin: beyond that the exchange takes it over at the price that uses it up.
   */
  close(p: number, i: number, rawPrice: number, reason: Reason): void {
    const position = this.positions[p]!;
    const { units, entryPrice, entryFee, margin, funding } = position;
    const loss = this.#fixedLoss + this.#lossPerQuote * (units * rawPrice);
    let price = rawPrice * Math.max(0, 1 - this.#sign * loss);
    let exitFee = units * price * this.#exitFeeRate(reason);
    let gain = units * (this.#sign * price - entryPrice);
    if (this.#perpetual !== undefined && gain - exitFee < -margin) {
      price = this.#sign * Math.max(this.#sign * price, entryPrice - margin / units);
      gain = Math.max(gain, -margin);
      exitFee = gain + margin;
    }
    this.cash += gain - exitFee;
    this.#record.feesPaid += exitFee;
    this.#log(position, i, price, gain - entryFee - exitFee - funding, entryFee + exitFee, reason);
    this.positions.splice(p, 1);
    this.#lastFill = i;
  }

  #exitFeeRate(reason: Reason): number {
    if (reason === 'target') return this.#makerFee;
    return reason === 'liquidation' ? this.#fee + this.#perpetual!.liquidationFee : this.#fee;
  }

  /** At the close of bar `i`: notes what is held when something was filled during it. */
  noteFills(i: number): void {
    if (this.#lastFill !== i) return;
    const { fillBars, heldUnits } = this.#record;
    let held = 0;
    for (const position of this.positions) held += position.units;
    if (fillBars.at(-1) === i) fillBars.length = heldUnits.length = fillBars.length - 1;
    fillBars.push(i);
    heldUnits.push(held);
  }

  /** Lists what is still open, marked at `price` without the costs of closing. */
  logOpen(lastBar: number, price: number): void {
    for (const position of this.positions) {
      const gain = position.units * (this.#sign * price - position.entryPrice);
      this.#log(position, lastBar, price, gain - position.entryFee - position.funding, position.entryFee, 'end');
    }
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
    trades.funding[row] = position.funding;
    trades.reason[row] = reasonCodes[reason];
  }
}
