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

/** A number from a least to a most, both included: `0.01..0.05`; either may be missing, not both. */
export const RANGE = /^(?!\.\.$)(-?\d{1,9}(?:\.\d{1,9})?)?\.\.(-?\d{1,9}(?:\.\d{1,9})?)?$/;

export interface Range {
  least?: number | undefined;
  most?: number | undefined;
}

/** Without either end where `text` is no range. */
export function readRange(text: string): Range {
  const [, least, most] = RANGE.exec(text) ?? [];
  const numberOf = (end: string | undefined): number | undefined => (end === undefined ? undefined : Number(end));
  return { least: numberOf(least), most: numberOf(most) };
}

/** To a millionth, and never in powers of ten. */
const endText = (end: number | undefined): string => (end === undefined ? '' : String(Number(end.toFixed(6))));

/** Nothing where both ends are missing. */
export const rangeText = ({ least, most }: Range): string =>
  least === undefined && most === undefined ? '' : `${endText(least)}..${endText(most)}`;

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
  /** Ranges of returns, fractions after fees: -0.02..0.05. */
  inSample?: string | undefined;
  outOfSample?: string | undefined;
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

/** Strategies that hold what is asked at this step, and at those before; `open`: that fail none of it, and of which some is not known. */
export interface FunnelStep {
  hold: number;
  open: number;
}

export interface LandscapeView {
  /** Of `total` strategies; at most two thousand, those that fit first. */
  points: BoardPoint[];
  total: number;
  /** Each step is a part of the one before, but for the first, which counts validated units only. Of all strategies, filtered or not. */
  funnel: {
    /** Null before the first validated unit. */
    tried: number | null;
    kept: number;
    outOfSample: number;
    holdout: number;
    validated: number;
    /** Of those, how many are in the last judgement of this node on their jobs; the steps below count these, and are null without any. */
    judged: number;
    /** Unseen return above 0 at twice the costs. */
    costs: FunnelStep | null;
    /** Gates `unseen_p`, `superior_ability`, `luck` and `permutation`. */
    luck: FunnelStep | null;
    /** Gate `neighbourhood`. */
    neighbours: FunnelStep | null;
  };
  /** Those that fit. */
  markets: MarketSummary[];
}
