// Downloads of the invented node: one that goes on for ever.
import type { DownloadPort, DownloadView } from '../../src/ui/api-download.ts';

const DOWNLOAD: DownloadView = {
  ...{ id: 'd0', exchange: 'coinbase', market: 'BTC-USD', barMs: 300_000, updates: null, state: 'running' },
  ...{ from: '2025-01-01T00:00:00.000Z', to: null, at: '2026-07-01T12:00:00.000Z' },
  ...{ bars: 1200, share: 0.25, leftMs: 9000, reason: null, code: null, dataset: null, notes: [] },
};

export function fixtureDownloads(calls: string[]): DownloadPort {
  return {
    exchanges: () => [{ name: 'coinbase', title: 'Coinbase Exchange', bars: [60_000, 300_000], newest: null }],
    downloads: () => [DOWNLOAD],
    startDownload(input) {
      calls.push(`startDownload ${input.market}`);
      return {
        ...DOWNLOAD,
        ...{ exchange: input.exchange, market: input.market, state: 'queued', share: null, bars: 0 },
      };
    },
    updateData: (hash) => ({ ...DOWNLOAD, updates: hash }),
    cancelDownload: () => ({ ...DOWNLOAD, state: 'cancelled' }),
  };
}
