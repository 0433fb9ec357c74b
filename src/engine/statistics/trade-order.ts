// Monte Carlo of the order of trades. It speaks of drawdown only: the order of trades changes neither their sum nor any test of
// it, so it is no evidence of an edge. Dependence between trades is lost, so real drawdowns may be deeper still.
import type { RandomStream } from '../random.ts';

export interface DrawdownRisk {
  shuffles: number;
  /** Largest drawdown, a fraction of the peak, that half, 5 % and 1 % of the orders exceed. */
  median: number;
  oneIn20: number;
  oneIn100: number;
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
 * Largest drawdowns over `shuffles` orders of `returns`: each trade's profit after costs / equity at its entry. The empirical
 * quantile is the ⌈q × shuffles⌉-th smallest.
 */
export function drawdownRisk(returns: Float64Array, shuffles: number, random: RandomStream): DrawdownRisk {
  const order = returns.slice();
  const depths = new Float64Array(shuffles);
  for (let s = 0; s < shuffles; s++) depths[s] = deepest(shuffle(order, random));
  depths.sort((a, b) => a - b);
  const quantile = (share: number) => depths[Math.max(0, Math.ceil(share * shuffles) - 1)]!;
  return { shuffles, median: quantile(0.5), oneIn20: quantile(0.95), oneIn100: quantile(0.99) };
}
