// Candles of the invented node: who has them, what may go, and a download that goes on for ever.
import { RequestError } from '../../src/ui/api.ts';
import type { DataPort } from '../../src/ui/api-data.ts';
import type { DownloadView } from '../../src/ui/api-download.ts';
import type { FixtureNode } from './fixture-node.ts';

const DOWNLOAD: DownloadView = {
  ...{ id: 'd0', exchange: 'coinbase', market: 'BTC-USD', barMs: 300_000, updates: null, state: 'running' },
  ...{ from: '2025-01-01T00:00:00.000Z', to: null, at: '2026-07-01T12:00:00.000Z' },
  ...{ bars: 1200, share: 0.25, leftMs: 9000, reason: null, code: null, dataset: null, notes: [] },
};

type Parts = Pick<FixtureNode, 'calls' | 'change' | 'snapshot'>;

/** One of the members has what this node has, one has it not, one does not answer. */
const HELD = [true, false, null];

export function fixtureDownloads({ calls, change, snapshot }: Parts): Omit<DataPort, 'previewData'> {
  return {
    async holders(hash) {
      const { datasets, jobs } = snapshot();
      if (!datasets.some((each) => each.hash === hash) && !jobs.some(({ datasetHash }) => datasetHash === hash))
        throw new RequestError('dataset_missing', 'This node does not hold that data set.', { status: 404 });
      const others = snapshot().members.filter(({ self, connected }) => !self && connected);
      return { items: others.map(({ peerId, name }, i) => ({ peerId, name, has: HELD[i % 3]! })), next: null };
    },
    async fetchData(hash) {
      calls.push('fetchData');
      return { hash };
    },
    async removeData(hash) {
      calls.push('removeData');
      if (hash === snapshot().datasets[0]?.hash)
        throw new RequestError('dataset_needed', '“J-0031” needs these candles and is not done: stop it first.', {
          status: 409,
        });
      change(({ datasets }) =>
        datasets.splice(
          datasets.findIndex((each) => each.hash === hash),
          1,
        ),
      );
      return { hash };
    },
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
