// Monte Carlo of the order of trades. It speaks of drawdown only: the order of trades changes neither their sum nor any test of
// it, so it is no evidence of an edge. Dependence between trades is lost, so real drawdowns may be deeper still.
import { toUtf8 } from '../hash.ts';
import { openStream, type RandomStream } from '../random.ts';

/** Orders that are drawn for a strategy. */
export const SHUFFLES = 1000;

/** The orders of one strategy on one data set: the same wherever they are drawn. Both hashes as hex. */
export const openOrders = (candles: string, strategy: string): RandomStream =>
  openStream(toUtf8(candles), 'verdict', `order of trades ${strategy}`);

export interface DrawdownRisk {
  shuffles: number;
  /** Largest drawdown, a fraction of the peak, that half, 5 % and 1 % of the orders exceed. */
  median: number;
  oneIn20: number;
  oneIn100: number;
}

/** Shares of the orders that lie at or below each line of a fan. */
export const FAN_SHARES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** Equity along all orders, the start being 1. Every line ends where the others do: orders have the same product. */
export interface OrderFan {
  /** Trades that are done at each point of the lines, from 0 to all of them. */
  done: number[];
  /** One line for each of FAN_SHARES. */
  lines: number[][];
  /** The trades in the order in which they came. */
  own: number[];
  risk: DrawdownRisk;
}

/** Largest (peak − equity) / peak, equity starting at 1 and multiplied by 1 + return at each trade. */
function deepest(returns: Float64Array): number {
  let equity = 1;
  let peak = 1;
  let depth = 0;
  for (let i = 0; i < returns.length; i++) {
    equity *= 1 + returns[i]!;
    if (equity > peak) peak = equity;
    else depth = Math.max(depth, (peak - equity) / peak);
  }
  return depth;
}

/** Fisher–Yates (Durstenfeld 1964, Algorithm 235). */
export function shuffle<T extends Float64Array | Int32Array>(items: T, random: RandomStream): T {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = items[i]!;
    items[i] = items[j]!;
    items[j] = kept;
  }
  return items;
}

/**
 * Largest drawdowns over `shuffles` orders of `returns`: each trade's profit after costs / equity at its entry. Quantiles are
 * empirical.
 */
export function drawdownRisk(returns: Float64Array, shuffles: number, random: RandomStream): DrawdownRisk {
  const order = returns.slice();
  const depths = new Float64Array(shuffles);
  for (let s = 0; s < shuffles; s++) depths[s] = deepest(shuffle(order, random));
  return riskOf(depths);
}

/** The ⌈q × n⌉-th smallest of n sorted values. */
const quantile = (sorted: Float64Array, share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;

function riskOf(depths: Float64Array): DrawdownRisk {
  depths.sort((a, b) => a - b);
  const [median, oneIn20, oneIn100] = [0.5, 0.95, 0.99].map((share) => quantile(depths, share));
  return { shuffles: depths.length, median: median!, oneIn20: oneIn20!, oneIn100: oneIn100! };
}

/** Equity after as many trades as `done` says, at each of its places, starting at 1. */
function writePath(returns: Float64Array, done: readonly number[], out: (place: number, equity: number) => void): void {
  let equity = 1;
  let trades = 0;
  for (const [place, until] of done.entries()) {
    while (trades < until) equity *= 1 + returns[trades++]!;
    out(place, equity);
  }
}

/** The same orders as `drawdownRisk` draws from an equal stream, with their lines at `points` + 1 places or fewer. */
export function orderFan(returns: Float64Array, shuffles: number, points: number, random: RandomStream): OrderFan {
  const trades = returns.length;
  const done = Array.from({ length: Math.min(points, trades) + 1 }, (_, i) =>
    Math.floor((i * trades) / Math.max(1, Math.min(points, trades))),
  );
  const columns = done.map(() => new Float64Array(shuffles));
  const depths = new Float64Array(shuffles);
  const order = returns.slice();
  for (let s = 0; s < shuffles; s++) {
    depths[s] = deepest(shuffle(order, random));
    writePath(order, done, (place, equity) => {
      columns[place]![s] = equity;
    });
  }
  const own: number[] = [];
  writePath(returns, done, (_, equity) => own.push(equity));
  for (const column of columns) column.sort((a, b) => a - b);
  const lines = FAN_SHARES.map((share) => columns.map((column) => quantile(column, share)));
  return { done, lines, own, risk: riskOf(depths) };
}
