// Downloads that this node does while it does everything else: one at a time of each exchange, so that its limits are kept.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { InvalidInput } from '../engine/errors.ts';
import type { Hex } from '../protocol/bytes.ts';
import { RequestError } from '../ui/api.ts';
import type { DownloadPort, DownloadView } from '../ui/api-download.ts';
import type { CandleCache } from './candle-cache.ts';
import { duration } from './cli/text.ts';
import type { DataDirectory } from './data-directory.ts';
import type { DatasetInfo } from './data-store.ts';
import type { Order } from './download/download.ts';
import { EXCHANGES } from './download/exchanges.ts';
import { createHttp, proxyOf } from './download/http.ts';
import { orderOf, updateOf } from './download/order.ts';
import { downloadNew, downloadSince, type StoreDeps, type Stored } from './download/to-store.ts';

export interface DownloadsDeps {
  directory: Pick<DataDirectory, 'path' | 'data'>;
  data: Pick<CandleCache, 'list' | 'candles' | 'addCandles'>;
  /** Proxies, by their names in the environment. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Another address of an exchange's API; undefined: its own. */
  base?: string;
  onData(info: DatasetInfo): void;
  /** ms since 1970. */
  now(): number;
  random(): number;
  randomId(): string;
}

/** Ended ones that are remembered. */
const ENDED_MAX = 20;

interface Running {
  order: Order;
  view: DownloadView;
  controller: AbortController;
  work(deps: StoreDeps): Promise<Stored>;
}

const isEnded = ({ state }: DownloadView): boolean => state !== 'queued' && state !== 'running';

export class Downloads implements DownloadPort {
  readonly #deps: DownloadsDeps;
  /** Oldest first. */
  #all: Running[] = [];
  /** What each exchange is busy with, and all that is queued behind it. */
  readonly #queues = new Map<string, Promise<void>>();

  constructor(deps: DownloadsDeps) {
    this.#deps = deps;
  }

  exchanges(): ReturnType<DownloadPort['exchanges']> {
    return EXCHANGES.map(({ name, title, bars, reachBars }) => ({
      name,
      title,
      bars: [...bars],
      newest: reachBars ?? null,
    }));
  }

  downloads(): DownloadView[] {
    return this.#all.map(({ view }) => ({ ...view })).reverse();
  }

  startDownload(input: Parameters<DownloadPort['startDownload']>[0]): DownloadView {
    const order = refusing(() => orderOf({ ...input, base: this.#deps.base }));
    return this.#start(order, null, (deps) => downloadNew(deps, order));
  }

  updateData(hash: Hex): DownloadView {
    const info = this.#deps.data.list().find((each) => each.hash === hash);
    const missing = new RequestError('dataset_missing', `No data set here has the hash ${hash}.`, { status: 404 });
    if (info === undefined) throw missing;
    const order = refusing(() => updateOf(info, this.#deps.base));
    return this.#start(order, hash, async (deps) => {
      const parent = await this.#deps.data.candles(hash);
      if (parent === undefined) throw missing;
      return downloadSince(deps, order, parent);
    });
  }

  cancelDownload(id: string): DownloadView {
    const found = this.#all.find(({ view }) => view.id === id);
    if (found === undefined) throw new RequestError('download_unknown', `There is no download ${id}.`, { status: 404 });
    if (!isEnded(found.view)) {
      found.view.state = 'cancelled';
      found.controller.abort();
    }
    return { ...found.view };
  }

  async stop(): Promise<void> {
    for (const { controller } of this.#all) controller.abort();
    await Promise.all(this.#queues.values());
  }

  #start(order: Order, updates: Hex | null, work: Running['work']): DownloadView {
    const same = this.#all.find((each) => !isEnded(each.view) && isSame(each, order, updates));
    if (same !== undefined) return { ...same.view };
    const { exchange, symbol, barMs, from, to } = order;
    const view: DownloadView = {
      ...{ id: this.#deps.randomId(), exchange: exchange.name, market: symbol, barMs, updates },
      ...{ from: new Date(from).toISOString(), to: to === undefined ? null : new Date(to).toISOString() },
      ...{ state: 'queued', bars: 0, share: null, leftMs: null, reason: null, code: null, dataset: null, notes: [] },
      at: new Date(this.#deps.now()).toISOString(),
    };
    const running: Running = { order, view, controller: new AbortController(), work };
    const ended = this.#all.filter((each) => isEnded(each.view)).slice(0, -ENDED_MAX + 1);
    this.#all = [...this.#all.filter((each) => !ended.includes(each)), running];
    const before = this.#queues.get(exchange.name) ?? Promise.resolve();
    this.#queues.set(
      exchange.name,
      before.then(() => this.#run(running)),
    );
    return { ...view };
  }

  /** Never rejects. */
  async #run({ order, view, controller, work }: Running): Promise<void> {
    if (controller.signal.aborted) return;
    view.state = 'running';
    const http = createHttp(this.#deps.environment);
    try {
      const { report, notes } = await work(this.#storeDeps(http.get, order, view, controller.signal));
      Object.assign(view, { state: 'done', dataset: report.info.hash, notes, reason: null, share: 1, leftMs: 0 });
      if (report.added) this.#deps.onData(report.info);
    } catch (error) {
      if (controller.signal.aborted) view.state = 'cancelled';
      else {
        const { code, message } = error as { code?: string; message: string };
        Object.assign(view, { state: 'failed', reason: message, code: code ?? 'download_failed', leftMs: null });
      }
    } finally {
      await http.close();
    }
  }

  #storeDeps(get: StoreDeps['get'], order: Order, view: DownloadView, signal: AbortSignal): StoreDeps {
    const { directory, data, environment, now, random } = this.#deps;
    const proxy = proxyOf(order.base, environment);
    const way = proxy === undefined ? '' : ` (through the proxy ${new URL(proxy).host})`;
    return {
      ...{ get, now, random, signal },
      sleep: (ms) => delay(ms, undefined, { signal }),
      folders: { downloads: join(directory.path, 'downloads'), data: directory.data },
      addCandles: (candles) => data.addCandles(candles),
      onWait(ms, reason) {
        view.reason = `${reason}${way}; going on in ${duration(ms)}`;
      },
      onProgress({ bars, share, leftMs }) {
        Object.assign(view, { bars, share, leftMs: leftMs === undefined ? null : Math.round(leftMs), reason: null });
      },
    };
  }
}

function isSame({ order, view }: Running, { exchange, symbol, barMs, from, to }: Order, updates: Hex | null): boolean {
  const isSpan = order.from === from && order.to === to;
  return (
    view.updates === updates &&
    isSpan &&
    order.exchange === exchange &&
    order.symbol === symbol &&
    order.barMs === barMs
  );
}

function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const field = error.field === undefined ? {} : { field: error.field };
    throw new RequestError(error.code, error.message, { status: 422, ...field });
  }
}
