import type { Strategy } from './strategy.ts';

/** One segment's figures after costs. Ratios are fractions (0.036 = +3.6 %), money in the quote currency. */
export interface SegmentMetrics {
  netProfit: number;
  return: number;
  sharpe: number | null;
  maxDrawdown: number;
  trades: number;
  winRate: number | null;
  profitFactor: number | null;
}

export interface Champion {
  strategy: Strategy;
  /** `strategyHash(strategy)`. */
  hash: string;
  inSample: SegmentMetrics;
  outOfSample: SegmentMetrics;
  holdout: SegmentMetrics;
}

/** Counts of every strategy scored; `varianceSharpe` is the sample variance, null below two trials. */
export interface Trials {
  count: number;
  meanSharpe: number | null;
  varianceSharpe: number | null;
}

export interface UnitOutcome {
  /** SHA-256, hex, over the task, every generation, champions, trials and score. */
  digest: string;
  /** SHA-256, hex, over the digests of all generations: only who ran the search knows it. */
  secret: string;
  /** Best first, at most three; empty when no strategy had enough trades. */
  champions: Champion[];
  trials: Trials;
  /** In-sample fitness of the first champion; null without one. */
  score: number | null;
}
