// Candles from an exchange: `data download` for a new data set, `data update` for what has come since.
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { duration, progressBar } from '../cli/text.ts';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import type { Order } from '../download/download.ts';
import { createHttp, proxyOf } from '../download/http.ts';
import { orderOf, updateOf } from '../download/order.ts';
import { downloadNew, downloadSince, type StoreDeps, type Stored } from '../download/to-store.ts';
import { reportAdded } from './data.ts';
import { dataFolder, findHash, findText, getText, loadCandles, openStore, refusing } from './flags.ts';

const BASE_OPTION: Verb['options'] = {
  base: { type: 'string', value: 'URL', help: 'another address of the same API, such as a mirror' },
};

async function run(context: VerbContext, order: Order, work: (deps: StoreDeps) => Promise<Stored>): Promise<number> {
  const environment = context.environment ?? {};
  const proxy = proxyOf(order.base, environment);
  if (proxy !== undefined) context.note(`through the proxy ${new URL(proxy).host}`);
  const http = createHttp(environment);
  const store = await openStore(context);
  try {
    const { report, origin, notes } = await work({
      get: http.get,
      now: () => Date.now(),
      sleep: (ms) => setTimeout(ms, undefined, { signal: context.signal }),
      random: Math.random,
      signal: context.signal,
      folders: { downloads: join(context.dataDir, 'downloads'), data: dataFolder(context) },
      addCandles: (candles) => store.addCandles(candles),
      onWait: (ms, reason) => context.note(`${reason}; going on in ${duration(ms)}`),
      onProgress: ({ bars, share, leftMs }) =>
        context.note(`${progressBar(share)}  ${bars} bars, ${duration(leftMs ?? null)} left`, { transient: true }),
    });
    for (const line of notes) context.note(line);
    return reportAdded(context, report, origin);
  } finally {
    await http.close();
  }
}

export const dataDownloadVerb: Verb = {
  name: 'data download',
  summary: 'candles from an exchange; called again, an interrupted download goes on',
  positionals: ['<EXCHANGE>', '<MARKET>'],
  options: {
    bars: { type: 'string', value: 'LENGTH', help: 'length of a bar: 1m, 5m, 15m, 1h, 1d …' },
    from: { type: 'string', value: 'TIME', help: 'first bar, UTC: 2025-01-01 or 2025-01-01T08:00Z' },
    to: { type: 'string', value: 'TIME', help: 'last bar (default: the newest that has closed)' },
    ...BASE_OPTION,
  },
  async run(context) {
    const from = findText(context, 'from');
    if (from === undefined) throw new UsageError('missing_flag', '--from is needed', 'from');
    const [exchange, market] = context.positionals as [string, string];
    const [bars, to, base] = [getText(context, 'bars'), findText(context, 'to'), findText(context, 'base')];
    const order = await refusing(() => orderOf({ exchange, market, bars, from, to, base }));
    return run(context, order, (deps) => downloadNew(deps, order));
  },
};

export const dataUpdateVerb: Verb = {
  name: 'data update',
  summary: 'fetch what has come since: a new data set that names this one as its parent',
  positionals: ['<HASH>'],
  options: BASE_OPTION,
  async run(context) {
    const store = await openStore(context);
    const hash = await findHash(store, context.positionals[0]!);
    const info = (await store.list()).find((each) => each.hash === hash)!;
    const order = await refusing(() => updateOf(info, findText(context, 'base')));
    const parent = await loadCandles(context, hash);
    return run(context, order, (deps) => downloadSince(deps, order, parent));
  },
};
