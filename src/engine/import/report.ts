// What an import says of a file: how it was read, what is odd about it, what would have to be mended.
import type { Gap } from '../candles.ts';

export const COLUMN_ROLES = ['time', 'open', 'high', 'low', 'close', 'volume', 'date', 'symbol'] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];
export type TimeUnit = 'text' | 'seconds' | 'milliseconds' | 'microseconds' | 'nanoseconds';

/** A list that stays short, with how many there were. */
export interface Found<T> {
  count: number;
  /** The first of them: in the order of the file where it was read, of time where bars were compared. */
  first: T[];
}

/** What cannot be, and what `repair` does about it. */
export interface Fault {
  line: number;
  column: string;
  code: 'bad_row' | 'bad_number' | 'bad_time' | 'bad_candle';
  message: string;
  /** A high is raised, a low lowered to enclose open and close; any other row is left out. */
  remedy: 'raised' | 'lowered' | 'left out';
  from?: number;
  to?: number;
}

/** Two rows for one time that differ. */
export interface Conflict {
  /** ms UTC. */
  time: number;
  /** Line of the row that was kept, and of the other. */
  kept: number;
  dropped: number;
}

/** A price far from the closes before and after it. */
export interface BadTick {
  line: number;
  time: number;
  column: 'open' | 'high' | 'low' | 'close';
  value: number;
}

export interface FileReport {
  /** `CSV`, `Coinbase`, `Binance klines`, `Kraken OHLCVT`, `CryptoDataDownload`, `TradingView`. */
  format: string;
  /** 1-based columns of the file, and what its header calls them. */
  columns: { role: ColumnRole; column: number; name: string | null }[];
  timeUnits: TimeUnit[];
  order: 'oldest first' | 'newest first' | 'mixed';
  /** As the file's own symbol column says; null without one. */
  symbol: string | null;
  /** Rows below the header. */
  rows: number;
  /** Rows that repeat another exactly, and that repeat it with fewer digits; dropped. */
  duplicates: number;
  rounded: number;
  /** Times with rows that differ: the one with the greater volume is kept, of equal ones the first in the file. */
  conflicts: Found<Conflict>;
  /** Rows whose two columns of time disagree; `time` counts. */
  datesApart: Found<number>;
  gaps: readonly Gap[];
  badTicks: Found<BadTick>;
  /** Lines of bars without volume. */
  zeroVolume: Found<number>;
  faults: Found<Fault>;
}

const LISTED_MAX = 100;

export const noneFound = <T>(): Found<T> => ({ count: 0, first: [] });

export function note<T>(found: Found<T>, item: T): void {
  found.count++;
  if (found.first.length < LISTED_MAX) found.first.push(item);
}
