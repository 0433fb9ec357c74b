// Candles as columns. Bars are never invented: what is missing is listed in `gaps`.

/** What a data set is; part of its hash. */
export interface CandleMeta {
  symbol: string;
  /** Currency of the prices. */
  quote: string;
  /** Who measured: an exchange, or `SAMPLE` for the built-in series. */
  source: string;
  /** True for synthetic candles only. */
  sample: boolean;
  /** Length of one bar in milliseconds. */
  barMs: number;
}

/** A stretch without bars: opening times of the first and last missing bar (ms UTC) and how many are missing. */
export interface Gap {
  from: number;
  to: number;
  missing: number;
}

/** One bar per index in every column; `time` is the opening time in ms UTC, strictly increasing by multiples of barMs. */
export interface CandleColumns {
  readonly length: number;
  readonly barMs: number;
  readonly time: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/** A whole data set. The columns lie in one SharedArrayBuffer, so worker threads share it without a copy. */
export interface Candles extends CandleColumns {
  readonly meta: CandleMeta;
  readonly gaps: readonly Gap[];
  /** SHA-256 of the canonical binary form, hex: the data set's name everywhere. */
  readonly hash: string;
}
