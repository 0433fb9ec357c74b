// One strategy run again by this node: every segment with its equity and trades, and whether the figures are those of the
// ledger. Money in the quote currency, after fees.

export type SegmentName = 'inSample' | 'outOfSample' | 'holdout';

/** What the ledger does not carry of a segment. */
export interface SegmentDetail {
  /** Compound growth a year, a ratio; null when nothing is left. */
  perYear: number | null;
  /** The same a day. */
  perDay: number | null;
  /** Annualised; null without a losing candle. */
  sortino: number | null;
  /** Share of the candles with an open position. */
  exposure: number;
  feesPaid: number;
  /** Funding paid less what was received; 0 on a spot market. */
  fundingPaid: number;
  /** Mean time a position was open, ms; null without a trade. */
  holdMs: number | null;
  /** Mean result of a trade, money; null without one. */
  averageTrade: number | null;
  /** Last close over first open of its candles, less 1, over all stretches; no costs. */
  buyAndHold: number;
  bars: number;
}

/** A stretch of candles that belongs to one segment, and the equity of that segment along it: [ms since 1970, money]. */
export interface EquityStretch {
  segment: SegmentName;
  points: [number, number][];
  /** At each of the points: the same money held in the market over the stretches of its segment, without costs. */
  held: number[];
}

export interface TradeView {
  segment: SegmentName;
  side: 'long' | 'short';
  entryAt: string;
  exitAt: string;
  entryPrice: number;
  exitPrice: number;
  units: number;
  /** After fees and funding, money; and as a ratio of what was paid for the position. */
  pnl: number;
  return: number;
  fees: number;
  reason: 'signal' | 'stop' | 'target' | 'trailing' | 'break_even' | 'time' | 'end' | 'liquidation';
}

/** Equity along many orders of the trades out of sample and in the holdout, relative to the start; drawdowns as fractions. */
export interface OrdersView {
  shuffles: number;
  trades: number;
  /** Trades that are done at each point of the lines. */
  done: number[];
  /** At each point, what a share of the orders does not exceed. They end in one point: orders have the same product. */
  lines: { share: number; equity: number[] }[];
  /** In the order in which the trades came. */
  own: number[];
  median: number;
  oneIn20: number;
  oneIn100: number;
}

export interface StrategyRun {
  id: string;
  quote: string;
  /** At the start of each segment. */
  initialEquity: number;
  segments: Record<SegmentName, SegmentDetail>;
  /** In the order of time; each stretch of equal segments goes on where the last one ended. */
  equity: EquityStretch[];
  /** The newest first, at most two thousand of `trades.total`. */
  trades: { total: number; items: TradeView[] };
  /** Null with fewer than two trades that the search did not see: they have one order. */
  orders: OrdersView | null;
  /** SHA-256 over the figures of all segments, as computed here and as the ledger has them. */
  here: string;
  ledger: string;
  /** How long it took, ms. */
  tookMs: number;
}

/** Candles in columns, times in ms since 1970. */
export interface CandleWindow {
  barMs: number;
  /** 0-based place of the first of them in the data set, and how many that has. */
  first: number;
  total: number;
  time: number[];
  open: number[];
  high: number[];
  low: number[];
  close: number[];
  volume: number[];
}

/** What the search would have seen of a strategy. `return`: net, a ratio; `sharpe`: annualised. */
export interface SeenFigures {
  return: number;
  sharpe: number;
  trades: number;
}

/** A strategy beside those that differ from it in one number. */
export interface NeighboursView {
  id: string;
  own: SeenFigures;
  /** What each number is multiplied by. */
  factors: number[];
  settings: {
    /** Where the number stands in the strategy's file, keys and places. */
    path: string[];
    value: number;
    /** One for each factor; null where that is no strategy, or the same as another. */
    neighbours: (({ value: number } & SeenFigures) | null)[];
  }[];
}

/** What the rules look at, over a window of candles: as out of sample, indicators know all candles before. */
export interface IndicatorsView {
  barMs: number;
  time: number[];
  lines: {
    /** As in the sentence of the strategy. */
    name: string;
    nameEs: string;
    /** Lines of one scale can be compared; `price` is that of the candles. */
    scale: string;
    /** Constants that the rules compare it with. */
    levels: number[];
    /** Null where it is not defined yet. */
    values: (number | null)[];
  }[];
}

/** `bars` candles with the one of time `at` in the middle, or the last ones. */
export interface WindowQuery {
  at?: number | undefined;
  bars: number;
}

export interface StrategyPort {
  /** `again`: not from memory. Throws RequestError `unknown_result`, `candles_missing`. */
  runStrategy(id: string, again: boolean): Promise<StrategyRun>;
  /** In sample, scored as the search scores. Throws RequestError `unknown_result`, `candles_missing`. */
  neighbours(id: string): Promise<NeighboursView>;
  /** Throws RequestError `unknown_result`, `candles_missing`. */
  indicators(id: string, query: WindowQuery): Promise<IndicatorsView>;
  /** Throws RequestError `candles_missing`. */
  candles(query: { dataset: string } & WindowQuery): Promise<CandleWindow>;
}
