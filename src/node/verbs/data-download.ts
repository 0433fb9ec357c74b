// Candles from an exchange: `data download` for a new data set, `data update` for what has come since.
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseTextTime } from '../../engine/civil-time.ts';
import { fitTimeframe, parseTimeframe } from '../../engine/timeframes.ts';
import { duration, progressBar } from '../cli/text.ts';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import type { DatasetInfo } from '../data-store.ts';
import { type Downloaded, download, type Order, sealBars } from '../download/download.ts';
import type { Bar, Exchange } from '../download/exchange.ts';
import { EXCHANGES } from '../download/exchanges.ts';
import { createHttp, proxyOf } from '../download/http.ts';
import { PagesFile } from '../download/pages-file.ts';
import { metaOfFile } from '../import/file-meta.ts';
import { type DatasetOrigin, saveOrigin } from '../import/origin.ts';
import { reportAdded } from './data.ts';
import { dataFolder, findHash, findText, getText, loadCandles, openStore, refusing } from './flags.ts';

const BASE_OPTION: Verb['options'] = {
  base: { type: 'string', value: 'URL', help: 'another address of the same API, such as a mirror' },
};

function findExchange(name: string): Exchange {
  const found = EXCHANGES.find((exchange) => exchange.name === name.toLowerCase());
  if (found !== undefined) return found;
  const names = EXCHANGES.map((exchange) => exchange.name).join(', ');
  throw new UsageError('bad_value', `exchanges are ${names}, not "${name.slice(0, 40)}"`, 'EXCHANGE');
}

function timeOf(context: VerbContext, flag: string): number | undefined {
  const text = findText(context, flag);
  if (text === undefined) return undefined;
  const time = parseTextTime(text);
  if (time !== undefined) return time;
  throw new UsageError(
    'bad_time',
    `--${flag} is a time in UTC such as 2025-01-01 or 2025-01-01T08:00Z, not "${text}"`,
    flag,
  );
}

function baseOf(context: VerbContext, exchange: Exchange): string {
  const base = findText(context, 'base') ?? exchange.base;
  if (/^https?:\/\/[^/]/.test(base)) return base.replace(/\/$/, '');
  throw new UsageError(
    'bad_value',
    `--base is an address such as ${exchange.base}, not "${base.slice(0, 80)}"`,
    'base',
  );
}

function barMsOf(context: VerbContext, exchange: Exchange): number {
  const name = getText(context, 'bars');
  const barMs = fitTimeframe(parseTimeframe(name, 'bars'), 1, 'bars');
  if (exchange.bars.includes(barMs)) return barMs;
  const served = exchange.bars.map((ms) => `${ms / 60_000}m`).join(', ');
  throw new UsageError('bad_value', `${exchange.title} serves bars of ${served}, not ${name}`, 'bars');
}

/** The state of a download that can go on: one file for each order. */
function pagesFile(context: VerbContext, { exchange, symbol, barMs, from, to, base }: Order): PagesFile {
  const name = [exchange.name, symbol.replace(/[^A-Za-z0-9-]/g, ''), barMs / 1000, from, to ?? 'now'].join('_');
  const request = { v: 1, exchange: exchange.name, symbol, barMs, from, to: to ?? null, base };
  return new PagesFile(join(context.dataDir, 'downloads', `${name}.jsonl`), request);
}

async function run(context: VerbContext, order: Order, file: PagesFile): Promise<Downloaded> {
  const environment = context.environment ?? {};
  const proxy = proxyOf(order.base, environment);
  if (proxy !== undefined) context.note(`through the proxy ${new URL(proxy).host}`);
  const http = createHttp(environment);
  try {
    return await download(
      {
        get: http.get,
        now: () => Date.now(),
        sleep: (ms) => setTimeout(ms, undefined, { signal: context.signal }),
        random: Math.random,
        signal: context.signal,
        file,
        onWait: (ms, reason) => context.note(`${reason}; going on in ${duration(ms)}`),
        onProgress: ({ bars, share, leftMs }) =>
          context.note(`${progressBar(share)}  ${bars} bars, ${duration(leftMs ?? null)} left`, { transient: true }),
      },
      order,
    );
  } finally {
    await http.close();
  }
}

/** What is worth a word besides the data set. */
function tellOddities(context: VerbContext, { exchange }: Order, done: Downloaded): void {
  const say = (line: string) => context.note(line);
  if (done.servedFrom !== undefined) {
    say(
      `${exchange.title} serves only its newest ${exchange.reachBars} bars: from ${new Date(done.servedFrom).toISOString()} on. Import its archive for what is older.`,
    );
  }
  if (done.revised > 0) say(`${done.revised} bars were served differently a second time; the last answer counts`);
  if (done.impossible > 0) say(`${done.impossible} bars cannot be and were left out; they are gaps`);
  if (done.clockMs !== 0) {
    say(
      `the clock of this machine is ${duration(Math.abs(done.clockMs))} ${done.clockMs > 0 ? 'slow' : 'fast'} by that of ${exchange.title}, which counts`,
    );
  }
}

interface Sealing {
  order: Order;
  bars: ReadonlyMap<number, Bar>;
  meta: { symbol: string; quote: string; source: string };
  parent?: string;
}

async function seal(context: VerbContext, { order, bars, meta, parent }: Sealing): Promise<number> {
  const candles = sealBars(bars, { ...meta, barMs: order.barMs });
  const report = await (await openStore(context)).addCandles(candles);
  const at = new Date().toISOString();
  const origin: DatasetOrigin = {
    kind: 'download',
    exchange: order.exchange.name,
    at,
    ...(parent === undefined ? {} : { parent }),
  };
  if (report.added) await saveOrigin(dataFolder(context), report.info.hash, origin);
  return reportAdded(context, report, report.added ? origin : undefined);
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
    const exchange = findExchange(context.positionals[0]!);
    const symbol = context.positionals[1]!;
    const barMs = await refusing(() => barMsOf(context, exchange));
    const [from, to] = [timeOf(context, 'from'), timeOf(context, 'to')];
    if (from === undefined) throw new UsageError('missing_flag', '--from is needed', 'from');
    if (to !== undefined && to <= from) throw new UsageError('out_of_range', '--to must lie after --from', 'to');
    const order: Order = {
      exchange,
      symbol,
      barMs,
      from,
      base: baseOf(context, exchange),
      ...(to === undefined ? {} : { to }),
    };
    const file = pagesFile(context, order);
    const done = await run(context, order, file);
    tellOddities(context, order, done);
    const meta = metaOfFile('', { symbol: symbol.replaceAll('/', '') + exchange.suffix, source: exchange.source });
    const code = await seal(context, { order, bars: done.bars, meta });
    await file.remove();
    return code;
  },
};

function exchangeOf({ symbol, source }: DatasetInfo): { exchange: Exchange; market: string } {
  const fitting = EXCHANGES.filter((each) => each.source === source && symbol.endsWith(each.suffix));
  // The suffix tells futures from spot; the empty one fits everything.
  const exchange = fitting.sort((a, b) => b.suffix.length - a.suffix.length)[0];
  if (exchange !== undefined) return { exchange, market: symbol.slice(0, symbol.length - exchange.suffix.length) };
  throw new UsageError(
    'bad_value',
    `candles from ${source} cannot be brought up to date: no exchange of that name is known`,
    'HASH',
  );
}

export const dataUpdateVerb: Verb = {
  name: 'data update',
  summary: 'fetch what has come since: a new data set that names this one as its parent',
  positionals: ['<HASH>'],
  options: BASE_OPTION,
  async run(context) {
    const store = await openStore(context);
    const parent = await findHash(store, context.positionals[0]!);
    const info = (await store.list()).find((each) => each.hash === parent)!;
    const { exchange, market } = exchangeOf(info);
    const { barMs, symbol, quote, source } = info;
    // The last page again: young bars may have been mended since.
    const from = Math.max(info.from, info.to - (exchange.pageBars - 1) * barMs);
    const order: Order = { exchange, symbol: market, barMs, from, base: baseOf(context, exchange) };
    const file = pagesFile(context, order);
    const done = await run(context, order, file);
    const old = await loadCandles(context, parent);
    const bars = new Map<number, Bar>();
    for (let i = 0; i < old.length; i++) {
      bars.set(old.time[i]!, [old.time[i]!, old.open[i]!, old.high[i]!, old.low[i]!, old.close[i]!, old.volume[i]!]);
    }
    const changed = [...done.bars].filter(
      ([time, bar]) => bars.get(time)?.some((value, i) => value !== bar[i]) === true,
    );
    for (const [time, bar] of done.bars) bars.set(time, bar);
    tellOddities(context, order, done);
    if (changed.length > 0)
      context.note(`${changed.length} bars that were here are served differently now; the new ones count`);
    const code = await seal(context, { order, bars, meta: { symbol, quote, source }, parent });
    await file.remove();
    return code;
  },
};
