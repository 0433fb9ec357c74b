import type { CandleMeta, Candles, Gap } from '../engine/candles.ts';

/** A data set on disk, as its header tells. */
export interface DatasetInfo extends CandleMeta {
  hash: string;
  bars: number;
  /** Opening times of the first and last bar, ms UTC. */
  from: number;
  to: number;
  gaps: readonly Gap[];
  /** Size of the file. */
  bytes: number;
}

export interface ImportReport {
  info: DatasetInfo;
  /** Rows that repeated the row before them exactly and were dropped. */
  duplicates: number;
  /** False when the same data set was there already. */
  added: boolean;
}

export interface DataStore {
  /** A .csv or .csv.gz file. Without them, symbol, quote and source come from the file's name. */
  importFile(path: string, meta?: Partial<Pick<CandleMeta, 'symbol' | 'quote' | 'source'>>): Promise<ImportReport>;
  /** The canonical binary form, as members ship it. Throws when it does not hash to `hash`. */
  importBytes(hash: string, bytes: Uint8Array): Promise<DatasetInfo>;
  addSample(): Promise<ImportReport>;
  list(): Promise<DatasetInfo[]>;
  has(hash: string): Promise<boolean>;
  /** Rejects with code `dataset_missing` or `dataset_damaged`. */
  load(hash: string): Promise<Candles>;
  /** The canonical bytes, for shipping; hash checked as by `load`. */
  loadBytes(hash: string): Promise<Uint8Array>;
  remove(hash: string): Promise<boolean>;
}
