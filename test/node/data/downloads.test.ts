// Downloads that a running node does: one of an exchange at a time, with how far they have come, and an end on request. The
// exchanges are those of exchange-server.ts.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openCandleCache } from '../../../src/node/candle-cache.ts';
import { openDataDirectory } from '../../../src/node/data-directory.ts';
import { openDataStore } from '../../../src/node/data-store.ts';
import { Downloads } from '../../../src/node/downloads.ts';
import type { DownloadView } from '../../../src/ui/api-download.ts';
import { until } from '../support/worker.ts';
import { MINUTE, START, startExchange } from './exchange-server.ts';

const FROM = '2025-07-01';
const at = (minutes: number): string => new Date(START + minutes * MINUTE).toISOString();

async function setUp(t: Test) {
  const home = mkdtempSync(join(tmpdir(), 'stratmesh-downloads-'));
  const directory = openDataDirectory(home);
  const data = await openCandleCache(await openDataStore(directory.data), () => undefined);
  const { state, base } = await startExchange(t);
  const arrived: string[] = [];
  let ids = 0;
  const open = (): Downloads =>
    new Downloads({
      ...{ directory, data, environment: {}, base },
      onData: ({ hash }) => void arrived.push(hash),
      now: () => state.now,
      random: () => 0,
      randomId: () => `d${ids++}`,
    });
  const downloads = open();
  t.teardown(async () => {
    await downloads.stop();
    rmSync(home, { recursive: true, force: true });
  });
  const view = (id: string): DownloadView => downloads.downloads().find((each) => each.id === id)!;
  const becomes = (id: string, wanted: DownloadView['state']): Promise<DownloadView> =>
    until(`${id} is ${wanted}`, () => view(id).state === wanted && view(id));
  return { downloads, open, data, state, arrived, view, becomes, home };
}

const order = (to: number, market = 'BTC-USD') => ({
  exchange: 'coinbase',
  market,
  bars: '1m',
  from: FROM,
  to: at(to),
});

t.test('a download becomes a data set, and what has come since another one', { timeout: 60_000 }, async (t) => {
  const { downloads, data, arrived, becomes, home } = await setUp(t);
  const first = downloads.startDownload(order(400));
  t.match(first, { state: 'queued', bars: 0, share: null, leftMs: null, dataset: null, updates: null, barMs: MINUTE });
  const done = await becomes(first.id, 'done');
  t.match(done, { bars: 401, share: 1, reason: null, code: null, dataset: String });
  t.same(arrived, [done.dataset]);
  t.match(data.list(), [{ hash: done.dataset, bars: 401, symbol: 'BTC-USD', source: 'coinbase' }], 'known at once');
  t.same(readdirSync(join(home, 'downloads')), [], 'its pages are not needed any more');
  const second = downloads.updateData(done.dataset!);
  t.equal(second.updates, done.dataset);
  const since = await becomes(second.id, 'done');
  t.equal(data.list().find(({ hash }) => hash === since.dataset)?.bars, 2500);
  const third = await becomes(downloads.updateData(since.dataset!).id, 'done');
  t.equal(third.dataset, since.dataset, 'nothing new is no new data set');
  t.equal(arrived.length, 2);
  t.same(
    downloads.downloads().map(({ id }) => id),
    [third.id, second.id, first.id],
    'newest first',
  );
  for (let i = 0; i < 25; i += 1) await becomes(downloads.updateData(since.dataset!).id, 'done');
  t.equal(downloads.downloads().length, 20, 'only so many are remembered');
});

t.test('one at a time of an exchange, the same one once', { timeout: 60_000 }, async (t) => {
  const { downloads, state, view, becomes } = await setUp(t);
  let isOpen = false;
  state.fault = (_, response) => {
    if (isOpen) return false;
    response.socket?.destroy();
    return true;
  };
  const first = downloads.startDownload(order(400));
  await until('it has asked', () => state.requests.length > 0);
  t.equal(downloads.startDownload(order(400)).id, first.id, 'the same again is the same');
  const second = downloads.startDownload(order(500));
  const other = downloads.startDownload({ ...order(300), exchange: 'binance', market: 'BTCUSDT' });
  await until('the other exchange is asked', () => view(other.id).state === 'running');
  t.equal(view(second.id).state, 'queued');
  await until('what it waits for', () => /going on in/.test(view(first.id).reason ?? ''));
  isOpen = true;
  await becomes(first.id, 'done');
  t.match(await becomes(second.id, 'done'), { bars: 501 });
  await becomes(other.id, 'done');
});

t.test('cancelled, it keeps what has come, and the same order goes on there', { timeout: 60_000 }, async (t) => {
  const { downloads, state, view, becomes, home } = await setUp(t);
  let most = 3;
  state.fault = ({ count }, response) => {
    if (count <= most) return false;
    // It never answers.
    response.on('close', () => undefined);
    return true;
  };
  const first = downloads.startDownload(order(2400));
  await until('some pages are there', () => state.requests.length > 3);
  t.ok(view(first.id).share! > 0 && view(first.id).share! < 1);
  const queued = downloads.startDownload(order(2300));
  t.equal(downloads.cancelDownload(queued.id).state, 'cancelled', 'before it has begun');
  t.equal(downloads.cancelDownload(first.id).state, 'cancelled');
  const pages = readdirSync(join(home, 'downloads'));
  t.equal(pages.length, 1, 'the queued one never began');
  most = Number.POSITIVE_INFINITY;
  const asked = state.requests.length;
  const again = downloads.startDownload(order(2400));
  t.not(again.id, first.id);
  t.match(await becomes(again.id, 'done'), { bars: 2401 });
  // 9 pages in all, and 2 of them twice.
  t.equal(state.requests.length - asked, 9 - 3 + 2, 'only what was missing was asked for');
  t.equal(view(first.id).state, 'cancelled');
  t.same(readdirSync(join(home, 'downloads')), [], 'nor was anything begun of the other');
  t.equal(downloads.cancelDownload(again.id).state, 'done', 'what is over stays as it is');
  t.throws(() => downloads.cancelDownload('nobody'), { code: 'download_unknown', status: 404 });
});

t.test('what cannot be is refused, and what fails says why', { timeout: 60_000 }, async (t) => {
  const { downloads, becomes, data } = await setUp(t);
  const refused: [object, string, string][] = [
    [{ exchange: 'nowhere' }, 'bad_value', 'exchange'],
    [{ bars: '3m' }, 'bad_value', 'bars'],
    [{ from: 'last week' }, 'bad_time', 'from'],
    [{ to: '2024-01-01' }, 'out_of_range', 'to'],
  ];
  for (const [changes, code, field] of refused) {
    t.throws(() => downloads.startDownload({ ...order(400), ...changes }), { code, field, status: 422 }, field);
  }
  t.throws(() => downloads.updateData('ab'), { code: 'dataset_missing', status: 404 });
  const { info } = await data.addSample();
  t.throws(() => downloads.updateData(info.hash), { code: 'bad_value', field: 'hash' }, 'SAMPLE is no exchange');
  const { id } = downloads.startDownload(order(400, 'ETH-NOTHING'));
  t.match(await becomes(id, 'failed'), { code: 'download_refused', reason: /NotFound/, dataset: null, leftMs: null });
  await becomes(downloads.startDownload(order(400)).id, 'done');
  t.same(
    downloads.exchanges().map(({ name, newest }) => [name, newest]),
    [
      ['coinbase', null],
      ['binance', null],
      ['binance-perp', null],
      ['kraken', 719],
    ],
  );
});

t.test('a node that stops ends them', async (t) => {
  const { open, state } = await setUp(t);
  state.fault = (_, response) => {
    response.on('close', () => undefined);
    return true;
  };
  const downloads = open();
  const { id } = downloads.startDownload(order(400));
  downloads.startDownload(order(500));
  await until('it has asked', () => state.requests.length > 0);
  await downloads.stop();
  t.equal(downloads.downloads().find((each) => each.id === id)?.state, 'cancelled');
});
