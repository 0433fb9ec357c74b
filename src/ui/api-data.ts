// The part of the API about candles, in the same terms as api.ts: how a file would be taken, before anything is stored.
import type { DownloadPort } from './api-download.ts';

/** A list that stays short, with how many there were. */
export interface Listed<T> {
  count: number;
  first: T[];
}

export interface FileInput {
  /** A file on this machine: .csv, .csv.gz or .zip. */
  path: string;
  symbol?: string | undefined;
  quote?: string | undefined;
  source?: string | undefined;
  /** What each column of the file is, in order: `time`, `open`, `high`, `low`, `close`, `volume`, `date`, `symbol` or `-`. */
  columns?: string[] | undefined;
  /** Which file of an archive that holds several. */
  member?: string | undefined;
}

export interface PreviewView {
  hash: string;
  symbol: string;
  quote: string;
  source: string;
  barMs: number;
  bars: number;
  from: string;
  to: string;
  /** False: as it is the file is refused; `repair` does what `faults` say. */
  acceptable: boolean;
  /** `CSV`, `Coinbase`, `Binance klines`, `Kraken OHLCVT`, `CryptoDataDownload`, `TradingView`. */
  format: string;
  /** 1-based columns of the file, and what its header calls them. */
  columns: { role: string; column: number; name: string | null }[];
  timeUnits: string[];
  order: 'oldest first' | 'newest first' | 'mixed';
  rows: number;
  /** Rows that repeat another exactly, and with fewer digits. */
  duplicates: number;
  rounded: number;
  /** Times with rows that differ, and the lines that were kept and dropped. */
  conflicts: Listed<{ time: string; kept: number; dropped: number }>;
  /** Lines whose two columns of time disagree. */
  datesApart: Listed<number>;
  gaps: { from: string; to: string; missing: number }[];
  badTicks: Listed<{ line: number; time: string; column: string; value: number }>;
  /** Lines of bars without volume. */
  zeroVolume: Listed<number>;
  faults: Listed<{
    line: number;
    column: string;
    code: string;
    message: string;
    remedy: 'raised' | 'lowered' | 'left out';
    from: number | null;
    to: number | null;
  }>;
  /** The first and the last two bars. */
  sampleBars: { time: string; open: number; high: number; low: number; close: number; volume: number }[];
}

/** A member that is connected, as it answers now. */
export interface HolderView {
  peerId: string;
  name: string;
  /** It has the data set; null when it does not answer. */
  has: boolean | null;
}

export interface DataPort extends DownloadPort {
  /** Asks all members that are connected. Throws RequestError `dataset_missing` for one that is not here and no job names. */
  holders(hash: string): Promise<{ items: HolderView[]; next: null }>;
  /**
   * Asks for candles that a job names and that are not here, also where they were taken away: they come as soon as a member
   * has them. Throws RequestError `dataset_missing` as `holders` does.
   */
  fetchData(hash: string): Promise<{ hash: string }>;
  /**
   * Takes a data set off this machine; it is not fetched again but for a job that needs it. Throws RequestError
   * `dataset_missing`, `dataset_needed` naming a job that is not done.
   */
  removeData(hash: string): Promise<{ hash: string }>;
  /** Reads a file and stores nothing. Throws RequestError with what the import would say. */
  previewData(input: FileInput): Promise<PreviewView>;
}
