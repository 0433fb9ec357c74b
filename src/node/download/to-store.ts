// A download from its order to a data set of this machine: a new one, or what has come since one that is here.
import { join } from 'node:path';
import type { Candles } from '../../engine/candles.ts';
import type { FileMeta } from '../../engine/import/import-candles.ts';
import { duration } from '../cli/text.ts';
import type { ImportReport } from '../data-store.ts';
import { type DatasetOrigin, saveOrigin } from '../import/origin.ts';
import { type DownloadDeps, type Downloaded, download, type Order, sealBars } from './download.ts';
import type { Bar } from './exchange.ts';
import { metaOf } from './order.ts';
import { PagesFile } from './pages-file.ts';

export interface StoreDeps extends Omit<DownloadDeps, 'file'> {
  /** Where pages are kept until the candles are stored, and where data sets lie. */
  folders: { downloads: string; data: string };
  addCandles(candles: Candles): Promise<ImportReport>;
}

export interface Stored {
  report: ImportReport;
  /** Undefined where the same data set was here already. */
  origin: DatasetOrigin | undefined;
  /** What is worth a word besides the data set, a sentence each. */
  notes: string[];
}

/** The state of a download that can go on: one file for each order. */
function pagesFile(folder: string, { exchange, symbol, barMs, from, to, base }: Order): PagesFile {
  const name = [exchange.name, symbol.replace(/[^A-Za-z0-9-]/g, ''), barMs / 1000, from, to ?? 'now'].join('_');
  const request = { v: 1, exchange: exchange.name, symbol, barMs, from, to: to ?? null, base };
  return new PagesFile(join(folder, `${name}.jsonl`), request);
}

/** Throws DownloadError, and as `deps.sleep` and `deps.signal` say. */
export async function downloadNew(deps: StoreDeps, order: Order): Promise<Stored> {
  return fetchAndSeal(deps, order, (done) => ({ bars: done.bars, meta: metaOf(order), notes: [] }));
}

/** `parent`: the candles that are brought up to date; they stay. Throws as `downloadNew` does. */
export async function downloadSince(deps: StoreDeps, order: Order, parent: Candles): Promise<Stored> {
  return fetchAndSeal(deps, order, (done) => {
    const { symbol, quote, source } = parent.meta;
    const bars = barsOf(parent);
    const differs = ([time, bar]: [number, Bar]): boolean =>
      bars.get(time)?.some((value, i) => value !== bar[i]) === true;
    const changed = [...done.bars].filter(differs).length;
    for (const [time, bar] of done.bars) bars.set(time, bar);
    const note = `${changed} bars that were here are served differently now; the new ones count`;
    return { bars, meta: { symbol, quote, source }, parent: parent.hash, notes: changed > 0 ? [note] : [] };
  });
}

interface Sealing {
  bars: ReadonlyMap<number, Bar>;
  meta: FileMeta;
  parent?: string;
  notes: string[];
}

async function fetchAndSeal(deps: StoreDeps, order: Order, seal: (done: Downloaded) => Sealing): Promise<Stored> {
  const file = pagesFile(deps.folders.downloads, order);
  const done = await download({ ...deps, file }, order);
  const { bars, meta, parent, notes } = seal(done);
  const report = await deps.addCandles(sealBars(bars, { ...meta, barMs: order.barMs }));
  const at = new Date(deps.now()).toISOString();
  const from = parent === undefined ? {} : { parent };
  const origin: DatasetOrigin = { kind: 'download', exchange: order.exchange.name, at, ...from };
  if (report.added) await saveOrigin(deps.folders.data, report.info.hash, origin);
  await file.remove();
  return { report, origin: report.added ? origin : undefined, notes: [...odditiesOf(order, done), ...notes] };
}

function barsOf({ length, time, open, high, low, close, volume }: Candles): Map<number, Bar> {
  const bars = new Map<number, Bar>();
  for (let i = 0; i < length; i++) {
    bars.set(time[i]!, [time[i]!, open[i]!, high[i]!, low[i]!, close[i]!, volume[i]!]);
  }
  return bars;
}

function odditiesOf({ exchange }: Order, { servedFrom, revised, impossible, clockMs }: Downloaded): string[] {
  const said: string[] = [];
  if (servedFrom !== undefined) {
    const first = new Date(servedFrom).toISOString();
    said.push(
      `${exchange.title} serves only its newest ${exchange.reachBars} bars: from ${first} on. Import its archive for what is older.`,
    );
  }
  if (revised > 0) said.push(`${revised} bars were served differently a second time; the last answer counts`);
  if (impossible > 0) said.push(`${impossible} bars cannot be and were left out; they are gaps`);
  if (clockMs !== 0) {
    const apart = `${duration(Math.abs(clockMs))} ${clockMs > 0 ? 'slow' : 'fast'}`;
    said.push(`the clock of this machine is ${apart} by that of ${exchange.title}, which counts`);
  }
  return said;
}
