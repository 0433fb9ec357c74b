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

/** Fewest and most bars of a data set; a limit on memory, 48 bytes a bar. */
export const BARS_MIN = 2;
export const BARS_MAX = 20_000_000;

/** Columns of `length` bars in one shared block, all zero. */
export function allocateColumns(length: number, barMs: number): CandleColumns {
  const shared = new SharedArrayBuffer(length * 6 * 8);
  const column = (index: number) => new Float64Array(shared, index * length * 8, length);
  return {
    length,
    barMs,
    time: column(0),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
  };
}

/** The bars [from, to) as a view: same memory, nothing outside it reachable by index. */
export function viewColumns(columns: CandleColumns, from: number, to: number): CandleColumns {
  return {
    length: to - from,
    barMs: columns.barMs,
    time: columns.time.subarray(from, to),
    open: columns.open.subarray(from, to),
    high: columns.high.subarray(from, to),
    low: columns.low.subarray(from, to),
    close: columns.close.subarray(from, to),
    volume: columns.volume.subarray(from, to),
  };
}

/** Stretches without bars, in order. */
export function findGaps(time: Float64Array, barMs: number): Gap[] {
  const gaps: Gap[] = [];
  for (let i = 1; i < time.length; i++) {
    const step = time[i]! - time[i - 1]!;
    if (step === barMs) continue;
    gaps.push({ from: time[i - 1]! + barMs, to: time[i]! - barMs, missing: Math.floor(step / barMs) - 1 });
  }
  return gaps;
}

const isPrice = (value: number) => value > 0 && value < Number.POSITIVE_INFINITY;

/** The column of bar `i` that breaks a rule, or undefined. Prices are finite and above 0, the high and low enclose. */
export function findBarFault(columns: CandleColumns, i: number): BarFault | undefined {
  const open = columns.open[i]!;
  const high = columns.high[i]!;
  const low = columns.low[i]!;
  const close = columns.close[i]!;
  const volume = columns.volume[i]!;
  if (!isPrice(open)) return { column: 'open', message: 'a price must be finite and above 0' };
  if (!isPrice(high)) return { column: 'high', message: 'a price must be finite and above 0' };
  if (!isPrice(low)) return { column: 'low', message: 'a price must be finite and above 0' };
  if (!isPrice(close)) return { column: 'close', message: 'a price must be finite and above 0' };
  if (high < open || high < close) return { column: 'high', message: 'the high lies below the open or the close' };
  if (low > open || low > close) return { column: 'low', message: 'the low lies above the open or the close' };
  if (volume >= 0 && volume < Number.POSITIVE_INFINITY) return undefined;
  return { column: 'volume', message: 'the volume must be finite and not negative' };
}

interface BarFault {
  column: 'open' | 'high' | 'low' | 'close' | 'volume';
  message: string;
}

/** A fault of bar i's time against the bar before it, or undefined. `first` is the opening time of bar 0. */
export function findTimeFault(
  time: number,
  previous: number | undefined,
  first: number,
  barMs: number,
): string | undefined {
  if (!Number.isSafeInteger(time)) return 'the time is not a whole number of milliseconds';
  if (previous !== undefined && time <= previous) return 'the time is not later than that of the bar before';
  if ((time - first) % barMs !== 0)
    return `the time is not a multiple of the bar length (${barMs} ms) after the first bar`;
  return undefined;
}
