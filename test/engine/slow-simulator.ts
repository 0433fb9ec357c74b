// A slow simulator written from the rules of docs/engine.md alone: plain prices, one `if` a rule, ATR from scratch.
import type { Account, Window } from '../../src/engine/simulate.ts';
import type { Strategy } from '../../src/engine/strategy.ts';

/** open, high, low, close, and what is signalled at the close: 1 entry, 2 exit, 3 both. */
export type Bar = [open: number, high: number, low: number, close: number, signal?: number];

interface SlowTrade {
  entryBar: number;
  exitBar: number;
  units: number;
  entryPrice: number;
  exitPrice: number;
  pnl: number;
  fees: number;
  funding: number;
  reason: string;
}

interface Held {
  entryBar: number;
  units: number;
  price: number;
  fee: number;
  stop: number | undefined;
  target: number | undefined;
  armAt: number | undefined;
  armed: boolean;
  trail: number | undefined;
  extreme: number | undefined;
  trailAtr: number;
  /** Money locked up for it at entry, and funding paid since. */
  deposit: number;
  funding: number;
}

type AnyDistance = { percent: number; of?: string } | { atr: number; period: number; of?: string } | undefined;

function atrAt(bars: readonly Bar[], period: number, i: number): number {
  const range = (j: number) => {
    const [, high, low] = bars[j]!;
    if (j === 0) return high - low;
    const before = bars[j - 1]![3];
    return Math.max(high - low, Math.abs(high - before), Math.abs(low - before));
  };
  if (i < period - 1) return Number.NaN;
  let atr = 0;
  for (let j = 0; j < period; j++) atr += range(j) / period;
  for (let j = period; j <= i; j++) atr = (atr * (period - 1) + range(j)) / period;
  return atr;
}

class SlowSimulator {
  readonly bars: readonly Bar[];
  readonly times: readonly number[];
  readonly strategy: Strategy;
  readonly account: Account;
  readonly long: boolean;
  cash: number;
  held: Held[] = [];
  orderedExits: [Held, string][] = [];
  orderedEntry = false;
  ambiguous = 0;
  funding = 0;
  trades: SlowTrade[] = [];
  equity: number[] = [];

  constructor(bars: readonly Bar[], times: readonly number[], strategy: Strategy, account: Account) {
    this.bars = bars;
    this.times = times;
    this.strategy = strategy;
    this.account = account;
    this.long = strategy.side === 'long';
    this.cash = account.equity;
  }

  /** What a buyer pays (or a seller gets) for `raw` when the order is worth `amount`. */
  executed(raw: number, buying: boolean, amount: number): number {
    const { slippage, spread, impact } = this.account.costs;
    const worse = raw * (slippage + spread / 2 + ((impact ?? 0) * amount) / 1e6);
    return buying ? raw + worse : Math.max(0, raw - worse);
  }

  gainOf(held: Held, price: number): number {
    return this.long ? held.units * (price - held.price) : held.units * (held.price - price);
  }

  worth(price: number): number {
    return this.held.reduce((sum, position) => sum + this.gainOf(position, price), this.cash);
  }

  reach(distance: AnyDistance, base: number, i: number): number | undefined {
    if (distance === undefined) return undefined;
    return 'percent' in distance
      ? (base * distance.percent) / 100
      : distance.atr * atrAt(this.bars, distance.period, i);
  }

  /** The share of the amount that the way out costs. */
  exitRate(reason: string): number {
    const { fee, makerFee, perpetual } = this.account.costs;
    if (reason === 'target') return makerFee ?? fee;
    return reason === 'liquidation' ? fee + perpetual!.liquidationFee : fee;
  }

  leave(position: Held, i: number, raw: number, reason: string): void {
    const { entryBar, units, price, fee, funding, deposit } = position;
    let exitPrice = this.executed(raw, !this.long, units * raw);
    let exitFee = units * exitPrice * this.exitRate(reason);
    const left = deposit - funding + this.gainOf(position, exitPrice);
    if (this.account.costs.perpetual !== undefined && left < exitFee) {
      // Nothing is left to pay the fee whole, or less than nothing: then it ends at the price that leaves nothing.
      if (left < 0) exitPrice = this.long ? price - (deposit - funding) / units : price + (deposit - funding) / units;
      exitFee = Math.max(0, left);
    }
    const gain = this.gainOf(position, exitPrice);
    this.cash += gain - exitFee;
    this.held = this.held.filter((other) => other !== position);
    const pnl = gain - exitFee - fee - funding;
    this.trades.push({
      entryBar,
      exitBar: i,
      units,
      entryPrice: price,
      exitPrice,
      pnl,
      fees: exitFee + fee,
      funding,
      reason,
    });
  }

  units(price: number, open: number): number {
    const { size } = this.strategy;
    const { fee } = this.account.costs;
    const down = this.deposit();
    const free = this.cash - this.held.reduce((sum, p) => sum + p.deposit - p.funding, 0);
    if ('percentOfEquity' in size) {
      const wanted = this.wanted(open);
      return free < (down * wanted) / 2 ? 0 : Math.min(wanted, free / (down + fee)) / price;
    }
    const units = 'quote' in size ? size.quote / price : size.units;
    return units * price * (down + fee) > free ? 0 : units;
  }

  /** The share of a position's value that has to be put down. */
  deposit(): number {
    const { perpetual } = this.account.costs;
    return perpetual === undefined ? 1 : 1 / perpetual.leverage;
  }

  /** What the order is worth at the open. */
  wanted(open: number): number {
    const { size } = this.strategy;
    if ('percentOfEquity' in size) return (this.worth(open) * size.percentOfEquity) / 100;
    return 'quote' in size ? size.quote : size.units * open;
  }

  enter(i: number): void {
    const { stopLoss, takeProfit, breakEven, trailing } = this.strategy;
    const price = this.executed(this.bars[i]![0], this.long, this.wanted(this.bars[i]![0]));
    const units = price === 0 ? 0 : this.units(price, this.bars[i]![0]);
    if (!(units > 0)) return;
    const away = (distance: AnyDistance, towardsGain: boolean) => {
      const base = distance?.of === 'signal' ? this.bars[i - 1]![3] : price;
      const reach = this.reach(distance, base, i - 1);
      if (reach === undefined) return undefined;
      return towardsGain === this.long ? base + reach : base - reach;
    };
    const fee = units * price * this.account.costs.fee;
    this.cash -= fee;
    this.held.push({
      entryBar: i,
      units,
      price,
      fee,
      stop: away(stopLoss, false),
      target: away(takeProfit, true),
      armAt: away(breakEven, true),
      armed: false,
      trail: undefined,
      extreme: undefined,
      trailAtr: this.reach(trailing, Number.NaN, i - 1) ?? Number.NaN,
      deposit: units * price * this.deposit(),
      funding: 0,
    });
  }

  /** Hour by hour through the time since the bar before: who holds a perpetual future pays, or is paid. */
  fund(i: number): void {
    const { perpetual } = this.account.costs;
    if (perpetual === undefined) return;
    const hour = 3_600_000;
    const open = this.bars[i]![0];
    for (let now = Math.floor(this.times[i - 1]! / hour) * hour + hour; now <= this.times[i]!; now += hour) {
      if ((now / hour) % perpetual.fundingHours !== 0) continue;
      for (const position of this.held) {
        const due = (this.long ? 1 : -1) * perpetual.fundingRate * (position.units * open);
        position.funding += due;
        this.funding += due;
        this.cash -= due;
      }
    }
    for (const position of [...this.held]) {
      if (this.isDue(position, open)) this.leave(position, i, open, 'liquidation');
    }
  }

  /** At this price its deposit and its gain are worth too little. */
  isDue(p: Held, price: number): boolean {
    const { perpetual } = this.account.costs;
    if (perpetual === undefined) return false;
    return p.deposit - p.funding + this.gainOf(p, price) <= perpetual.maintenance * p.units * price;
  }

  /** The price at which that begins. */
  duePrice(p: Held): number {
    const { maintenance } = this.account.costs.perpetual!;
    const own = (p.deposit - p.funding) / p.units;
    return this.long ? (p.price - own) / (1 - maintenance) : (p.price + own) / (1 + maintenance);
  }

  /** The stop in force that is met first, and its name. */
  stopOf(p: Held): [number, string] | undefined {
    const stops: [number, string][] = [];
    if (p.stop !== undefined) stops.push([p.stop, 'stop']);
    if (p.armed) stops.push([p.price, 'break_even']);
    if (p.trail !== undefined) stops.push([p.trail, 'trailing']);
    if (this.account.costs.perpetual !== undefined) stops.unshift([this.duePrice(p), 'liquidation']);
    return stops.sort(([a], [b]) => (this.long ? b - a : a - b))[0];
  }

  /** True when the bar touched both stop and target. */
  inside(p: Held, i: number): boolean {
    const [open, high, low] = this.bars[i]!;
    const stop = this.stopOf(p);
    const hitStop = stop !== undefined && (this.long ? low <= stop[0] : high >= stop[0]);
    if (this.isDue(p, open)) stop![1] = 'liquidation';
    const hitTarget = p.target !== undefined && (this.long ? high >= p.target : low <= p.target);
    const worse = this.long ? Math.min : Math.max;
    const better = this.long ? Math.max : Math.min;
    if (hitStop) this.leave(p, i, worse(open, stop[0]), stop[1]);
    else if (hitTarget) this.leave(p, i, better(open, p.target!), 'target');
    return hitStop && hitTarget;
  }

  raise(p: Held, close: number): void {
    const { trailing } = this.strategy;
    if (p.armAt !== undefined && (this.long ? close >= p.armAt : close <= p.armAt)) p.armed = true;
    if (trailing === undefined) return;
    const further = this.long ? Math.max : Math.min;
    p.extreme = p.extreme === undefined ? close : further(p.extreme, close);
    const reach = 'percent' in trailing ? (p.extreme * trailing.percent) / 100 : p.trailAtr;
    p.trail = this.long ? p.extreme - reach : p.extreme + reach;
  }

  read(i: number): void {
    const { exit, maxBars, maxPositions, stopLoss, takeProfit, breakEven, trailing } = this.strategy;
    const signal = this.bars[i]![4] ?? 0;
    for (const p of this.held) {
      if (exit.length > 0 && signal >= 2) this.orderedExits.push([p, 'signal']);
      else if (i - p.entryBar === maxBars) this.orderedExits.push([p, 'time']);
    }
    const reaches = [stopLoss, takeProfit, breakEven, trailing].map((distance) => this.reach(distance, 1, i));
    const known = reaches.every((reach) => reach === undefined || !Number.isNaN(reach));
    const room = this.held.length - this.orderedExits.length < maxPositions;
    this.orderedEntry = (signal === 1 || signal === 3) && known && room;
  }

  bar(i: number, last: boolean): void {
    if (this.held.length > 0) this.fund(i);
    this.orderedExits = this.orderedExits.filter(([position]) => this.held.includes(position));
    for (const [position, reason] of this.orderedExits) this.leave(position, i, this.bars[i]![0], reason);
    this.orderedExits = [];
    if (this.orderedEntry) this.enter(i);
    this.orderedEntry = false;
    if ([...this.held].filter((p) => this.inside(p, i)).length > 0) this.ambiguous++;
    const close = this.bars[i]![3];
    this.equity.push(this.worth(close));
    for (const p of this.held) this.raise(p, close);
    if (!last) this.read(i);
  }
}

/** Runs a strategy whose entry is "signal 1 or 3" and whose exit, if it has one, is "signal 2 or 3". */
export function slowRun(
  bars: readonly Bar[],
  times: readonly number[],
  strategy: Strategy,
  account: Account,
  window: Window,
): SlowSimulator {
  const simulator = new SlowSimulator(bars, times, strategy, account);
  for (let i = window.from; i < window.to; i++) simulator.bar(i, i + 1 === window.to);
  if (account.closeAtEnd === true) {
    const last = window.to - 1;
    for (const position of simulator.held) simulator.leave(position, last, bars[last]![3], 'end');
    simulator.equity[simulator.equity.length - 1] = simulator.cash;
  }
  return simulator;
}
