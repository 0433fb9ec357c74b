// The strategies that this node shows, filtered and put in order, and what they look like all together.
import type { ResultView, Risk } from './api.ts';

export const BOARD_SORTS = [
  'outOfSample',
  'inSample',
  'holdout',
  'sharpe',
  'maxDrawdown',
  'trades',
  'winRate',
  'profitFactor',
  'foundAt',
] as const;
export type BoardSort = (typeof BOARD_SORTS)[number];

/** What is looked for; trades, drawdown and profit are those out of sample, after fees. */
export interface BoardFilter {
  /** In code name, hash, or rules in either language. */
  find?: string | undefined;
  job?: string | undefined;
  market?: string | undefined;
  barMs?: number | undefined;
  risk?: Risk | undefined;
  minTrades?: number | undefined;
  /** A ratio: 0.1 = 10 %. */
  maxDrawdown?: number | undefined;
  /** Only those that a quorum agrees on. */
  validated?: boolean | undefined;
}

export interface BoardView {
  /** Strategies that this node shows, and those of them that fit. */
  total: number;
  matching: number;
  /** 1-based. */
  page: number;
  pages: number;
  items: ResultView[];
  /** Of all strategies that are shown. */
  markets: string[];
  barSizes: number[];
  /** When nothing fits: the filter without which the most would, and how many. */
  hides: { filter: keyof BoardFilter; would: number } | null;
}

/** One strategy in the scatter and on the time line. */
export interface BoardPoint {
  id: string;
  codeName: string;
  inSample: number;
  outOfSample: number;
  trades: number;
  state: ResultView['state'];
  foundAt: string;
  fits: boolean;
}

export interface MarketSummary {
  market: string;
  barMs: number;
  sample: boolean;
  leverage: number | null;
  jobs: number;
  strategies: number;
  validated: number;
  /** Out of sample, after fees. */
  best: number;
  median: number;
  /** Share with a return above 0 out of sample. */
  profitable: number;
  lastAt: string;
}

export interface LandscapeView {
  /** Of `total` strategies; at most two thousand, those that fit first. */
  points: BoardPoint[];
  total: number;
  /** Each step is a part of the one before, but for the first, which counts validated units only. */
  funnel: {
    /** Null before the first validated unit. */
    tried: number | null;
    kept: number;
    outOfSample: number;
    holdout: number;
    validated: number;
  };
  /** Those that fit. */
  markets: MarketSummary[];
}
