// What a run is worth. All ratios rest on the returns from bar to bar of the equity marked at every close, flat bars
// included, of a market that is open all year: periods a year = 365 × 86,400,000 / barMs. No risk-free rate.
import type { RunRecord } from './book.ts';
import type { CandleColumns } from './candles.ts';
import { exp, ln } from './math.ts';
import type { Window } from './simulate.ts';
import { REASONS } from './trade-log.ts';

const LIQUIDATION = REASONS.indexOf('liquidation');
const YEAR_MS = 365 * 86_400_000;

/** Bars in a year of a market that never closes. */
export const periodsPerYear = (barMs: number): number => YEAR_MS / barMs;

/** Count, mean and spread of bar returns; mergeable. */
export interface ReturnMoments {
  count: number;
  mean: number;
  /** Sum of squared differences from the mean. */
  m2: number;
  /** Sum of squares of the negative returns. */
  downside: number;
}

export const NO_RETURNS: ReturnMoments = { count: 0, mean: 0, m2: 0, downside: 0 };

/** equity[i] / equity[i−1] − 1; 0 once the equity before is used up. */
const returnAt = (equity: Float64Array, i: number) => {
  const before = equity[i - 1]!;
  return equity[i] === before || before <= 0 ? 0 : equity[i]! / before - 1;
};

/** Moments of the bars − 1 returns of an equity curve, in two passes. */
export function momentsOf(equity: Float64Array, bars: number): ReturnMoments {
  const count = bars - 1;
  if (count < 1) return NO_RETURNS;
  let sum = 0;
  let downside = 0;
  for (let i = 1; i < bars; i++) {
    const change = returnAt(equity, i);
    sum += change;
    if (change < 0) downside += change * change;
  }
  const mean = sum / count;
  let m2 = 0;
  for (let i = 1; i < bars; i++) {
    const off = returnAt(equity, i) - mean;
    m2 += off * off;
  }
  return { count, mean, m2, downside };
}

/** Moments of both sets of returns together (Chan, Golub & LeVeque 1979). */
export function mergeMoments(a: ReturnMoments, b: ReturnMoments): ReturnMoments {
  const count = a.count + b.count;
  if (count === 0) return NO_RETURNS;
  const delta = b.mean - a.mean;
  return {
    count,
    mean: a.mean + (delta * b.count) / count,
    m2: a.m2 + b.m2 + (delta * delta * a.count * b.count) / count,
    downside: a.downside + b.downside,
  };
}

/** Annualised Sharpe ratio: mean / sample standard deviation × √periods a year (Sharpe 1994). Null without spread. */
export function sharpeOf(moments: ReturnMoments, barMs: number): number | null {
  if (moments.count < 2 || moments.m2 === 0) return null;
  return (moments.mean / Math.sqrt(moments.m2 / (moments.count - 1))) * Math.sqrt(periodsPerYear(barMs));
}

/** Annualised Sortino ratio: mean / root mean square of the negative returns (target 0; Sortino & Price 1994). */
export function sortinoOf(moments: ReturnMoments, barMs: number): number | null {
  if (moments.count < 1 || moments.downside === 0) return null;
  return (moments.mean / Math.sqrt(moments.downside / moments.count)) * Math.sqrt(periodsPerYear(barMs));
}

/** Follows an equity curve; stretches fed one after the other count as one curve. */
export class DrawdownMeter {
  /** Largest (peak − equity) / peak so far. */
  depth = 0;
  /** Most bars in a row below an earlier peak. */
  length = 0;
  #peak = 0;
  #under = 0;

  constructor(initialEquity: number) {
    this.#peak = initialEquity;
  }

  add(equity: Float64Array, bars: number): void {
    for (let i = 0; i < bars; i++) {
      const value = equity[i]!;
      if (value >= this.#peak) {
        this.#peak = value;
        this.#under = 0;
        continue;
      }
      this.#under++;
      this.depth = Math.max(this.depth, (this.#peak - value) / this.#peak);
      this.length = Math.max(this.length, this.#under);
    }
  }
}

/** Sums over the closed trades of one or more runs. */
export class TradeTally {
  closed = 0;
  wins = 0;
  grossProfit = 0;
  grossLoss = 0;
  largestWin = 0;
  largestLoss = 0;
  barsHeld = 0;
  liquidations = 0;
  sum = 0;
  /** Mean of the profits and sum of their squared differences from it, followed trade by trade (Welford 1962). */
  #mean = 0;
  #m2 = 0;

  add(record: RunRecord): void {
    const { trades } = record;
    const closed = trades.length - record.openPositions;
    for (let row = 0; row < closed; row++) {
      const pnl = trades.pnl[row]!;
      this.closed++;
      this.sum += pnl;
      const off = pnl - this.#mean;
      this.#mean += off / this.closed;
      this.#m2 += off * (pnl - this.#mean);
      this.barsHeld += trades.exitBar[row]! - trades.entryBar[row]!;
      if (trades.reason[row] === LIQUIDATION) this.liquidations++;
      if (pnl > 0) {
        this.wins++;
        this.grossProfit += pnl;
        this.largestWin = Math.max(this.largestWin, pnl);
      } else {
        this.grossLoss -= pnl;
        this.largestLoss = Math.min(this.largestLoss, pnl);
      }
    }
  }

  /** Wins / closed trades. */
  get winRate(): number | null {
    return this.closed === 0 ? null : this.wins / this.closed;
  }

  /** Sum of wins / sum of losses, both after fees; null without a loss. */
  get profitFactor(): number | null {
    return this.grossLoss === 0 ? null : this.grossProfit / this.grossLoss;
  }

  /** System Quality Number: √trades × mean / sample standard deviation of the trades' profit (Tharp 2008). */
  get sqn(): number | null {
    if (this.closed < 2 || this.#m2 <= 0) return null;
    return (Math.sqrt(this.closed) * this.#mean) / Math.sqrt(this.#m2 / (this.closed - 1));
  }
}

/**
 * All figures of one run: money in the quote currency, shares and returns as fractions (0.036 = 3.6 %), null where
 * undefined. A trade is a closed one, its profit `pnl` after fees and funding; E is equity marked at each close, r its
 * returns from bar to bar (flat bars included), n their number, Y the bars in a year. Sources: docs/engine.md.
 */
export interface Metrics {
  initialEquity: number;
  /** Money; the last mark: open positions at the last close, without the costs of closing. */
  finalEquity: number;
  /** Money: finalEquity − initialEquity. */
  netProfit: number;
  /** Fraction: netProfit / initialEquity. */
  return: number;
  /** Fraction: last close / first open − 1, without costs. */
  buyAndHoldReturn: number;
  /** Fraction a year: (finalEquity / initialEquity)^(year / span) − 1, the span from first open to last close. */
  cagr: number | null;
  /** Fraction: bars with a position after the open's fills / bars. */
  exposure: number;
  /** Number of trades; those open at the end are not among them. */
  trades: number;
  /** Number of trades with pnl > 0. */
  wins: number;
  /** Fraction: wins / trades. */
  winRate: number | null;
  /** Ratio: sum of pnl > 0 / −(sum of pnl ≤ 0); null without a loss. */
  profitFactor: number | null;
  /** Money a trade: mean pnl. */
  expectancy: number | null;
  /** Money: mean pnl of the wins. */
  averageWin: number | null;
  /** Money, not above 0: mean pnl of the other trades. */
  averageLoss: number | null;
  largestWin: number | null;
  largestLoss: number | null;
  /** Fraction: largest (peak − E) / peak, the peak being the highest E so far, initialEquity included. */
  maxDrawdown: number;
  /** Bars: most closes in a row below an earlier peak. */
  maxDrawdownBars: number;
  /** A year: mean(r) / √(Σ(r − mean)² / (n − 1)) × √Y; no risk-free rate. */
  sharpe: number | null;
  /** A year: mean(r) / √(Σ min(r, 0)² / n) × √Y. */
  sortino: number | null;
  /** Ratio: cagr / maxDrawdown. */
  calmar: number | null;
  /** √trades × mean(pnl) / sample standard deviation(pnl). */
  sqn: number | null;
  /** Bars: mean of exitBar − entryBar. */
  averageBarsHeld: number | null;
  /** Money: fees of all fills, those of open positions included. */
  feesPaid: number;
  /** Money: paid at funding times less what was received; no part of the fees. Perpetual futures only. */
  fundingPaid: number;
  /** Number of trades that ended in a liquidation. */
  liquidations: number;
  /** Number of positions open at the end. */
  openPositions: number;
  /** Number of bars that touched both stop (or liquidation) and target of a position. */
  ambiguousBars: number;
  /** Number of entries cut down to the money that was free, and of those not made for want of it. */
  reducedEntries: number;
  refusedEntries: number;
}

function growthRate(ratio: number, spanMs: number): number | null {
  if (!(ratio > 0)) return null;
  const factor = exp(ln(ratio) * (YEAR_MS / spanMs));
  return Number.isFinite(factor) ? factor - 1 : null;
}

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/** Every metric of the run that filled `record` over `window` of `candles`. */
export function metricsOf(record: RunRecord, candles: CandleColumns, window: Window): Metrics {
  const { initialEquity, finalEquity, bars } = record;
  const tally = new TradeTally();
  tally.add(record);
  const drawdown = new DrawdownMeter(initialEquity);
  drawdown.add(record.equity, bars);
  const moments = momentsOf(record.equity, bars);
  const spanMs = candles.time[window.to - 1]! + candles.barMs - candles.time[window.from]!;
  const cagr = growthRate(finalEquity / initialEquity, spanMs);
  const losses = tally.closed - tally.wins;
  return {
    initialEquity,
    finalEquity,
    netProfit: finalEquity - initialEquity,
    return: (finalEquity - initialEquity) / initialEquity,
    buyAndHoldReturn: candles.close[window.to - 1]! / candles.open[window.from]! - 1,
    cagr,
    exposure: record.exposedBars / bars,
    trades: tally.closed,
    wins: tally.wins,
    winRate: tally.winRate,
    profitFactor: tally.profitFactor,
    expectancy: share(tally.sum, tally.closed),
    averageWin: share(tally.grossProfit, tally.wins),
    averageLoss: share(0 - tally.grossLoss, losses),
    largestWin: tally.wins === 0 ? null : tally.largestWin,
    largestLoss: losses === 0 ? null : tally.largestLoss,
    maxDrawdown: drawdown.depth,
    maxDrawdownBars: drawdown.length,
    sharpe: sharpeOf(moments, candles.barMs),
    sortino: sortinoOf(moments, candles.barMs),
    calmar: cagr === null || drawdown.depth === 0 ? null : cagr / drawdown.depth,
    sqn: tally.sqn,
    averageBarsHeld: share(tally.barsHeld, tally.closed),
    feesPaid: record.feesPaid,
    fundingPaid: record.fundingPaid,
    liquidations: tally.liquidations,
    openPositions: record.openPositions,
    ambiguousBars: record.ambiguousBars,
    reducedEntries: record.reducedEntries,
    refusedEntries: record.refusedEntries,
  };
}
