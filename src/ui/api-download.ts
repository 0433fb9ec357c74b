// Downloads of candles from exchanges, as this node does them.

export interface ExchangeView {
  /** As a download names it: `binance-perp`. */
  name: string;
  title: string;
  /** Lengths of bars that it serves, ms. */
  bars: number[];
  /** It serves its newest bars only, so many; null: all. */
  newest: number | null;
}

export interface DownloadInput {
  exchange: string;
  /** As the exchange calls it: `BTC-USD`, `BTCUSDT`. */
  market: string;
  /** Length of a bar: `5m`. */
  bars: string;
  /** First and last bar, UTC: `2025-01-01`; without `to` up to the newest that has closed. */
  from: string;
  to?: string | undefined;
}

export type DownloadState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export interface DownloadView {
  id: string;
  exchange: string;
  market: string;
  barMs: number;
  from: string;
  to: string | null;
  /** The data set that it brings up to date; null where it makes a new one. */
  updates: string | null;
  /** One at a time of each exchange; the others are queued. */
  state: DownloadState;
  bars: number;
  /** Of the span, 0 to 1; null until there is a page. */
  share: number | null;
  leftMs: number | null;
  /** What it waits for, or why it has failed; one sentence. */
  reason: string | null;
  /** Of the failure (docs/operating.md). */
  code: string | null;
  /** The data set, once it is here. */
  dataset: string | null;
  /** What is worth a word besides, a sentence each. */
  notes: string[];
  at: string;
}

export interface DownloadPort {
  exchanges(): ExchangeView[];
  /** Under way, and the last ones that have ended; newest first. */
  downloads(): DownloadView[];
  /** The same order again goes on where it was. Throws RequestError as the command line refuses it. */
  startDownload(input: DownloadInput): DownloadView;
  /** What has come since, as a new data set. `hash`: in full. Throws RequestError `dataset_missing`, `bad_value`. */
  updateData(hash: string): DownloadView;
  /** What has come stays until it is asked for again. Throws RequestError `download_unknown`. */
  cancelDownload(id: string): DownloadView;
}
