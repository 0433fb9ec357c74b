// A download from its first page to the data set: page by page, each kept on disk, the last ones asked for again before the
// candles are sealed by their hash. Bars that are still open are never taken; the exchange's clock says which are.
import { makeCandles } from '../../engine/candle-codec.ts';
import {
  allocateColumns,
  BARS_MAX,
  BARS_MIN,
  type CandleMeta,
  type Candles,
  findBarFault,
} from '../../engine/candles.ts';
import { type AskDeps, ask, DownloadError, pause } from './ask.ts';
import type { Bar, Exchange, Span } from './exchange.ts';
import type { PagesFile } from './pages-file.ts';

/** Pages at the end that are asked for again: exchanges still mend young bars. */
const PAGES_AGAIN = 2;
/** A clock that is further off is worth a word. */
const CLOCK_APART_MS = 30_000;

export interface Order {
  exchange: Exchange;
  /** As the exchange calls the market. */
  symbol: string;
  barMs: number;
  /** Opening time of the first bar that is wanted, and of the last; absent: up to the newest that has closed. */
  from: number;
  to?: number;
  base: string;
}

export interface Progress {
  bars: number;
  /** Share of the span, 0 to 1. */
  share: number;
  /** Undefined before it can be told. */
  leftMs: number | undefined;
}

export interface Downloaded {
  /** By opening time. */
  bars: Map<number, Bar>;
  /** Bars that a second look found changed. */
  revised: number;
  /** Bars that cannot be, and were left out. */
  impossible: number;
  /** The exchange's clock less ours when it is worth a word, else 0. */
  clockMs: number;
  /** First bar that the exchange still serves, where that is later than asked for. */
  servedFrom: number | undefined;
}

export interface DownloadDeps extends AskDeps {
  file: PagesFile;
  onProgress(progress: Progress): void;
}

const onGrid = (ms: number, barMs: number, round: (x: number) => number): number => round(ms / barMs) * barMs;

function isPossible([, open, high, low, close, volume]: Bar): boolean {
  const columns = allocateColumns(1, 1);
  for (const [name, value] of Object.entries({ open, high, low, close, volume })) {
    columns[name as 'open' | 'high' | 'low' | 'close' | 'volume'][0] = value;
  }
  return findBarFault(columns, 0) === undefined;
}

class Download {
  readonly result: Downloaded = { bars: new Map(), revised: 0, impossible: 0, clockMs: 0, servedFrom: undefined };
  readonly #deps: DownloadDeps;
  readonly #order: Order;
  #from: number;
  #clockMs = 0;
  #startedAt: number;
  /** Where this run began; what was on disk says nothing about its speed. */
  #startedFrom = 0;
  readonly #impossible = new Set<number>();
  #calls = 0;

  constructor(deps: DownloadDeps, order: Order) {
    this.#deps = deps;
    this.#order = order;
    this.#from = onGrid(order.from, order.barMs, Math.ceil);
    this.#startedAt = deps.now();
  }

  /** Opening time of the last bar that has closed by the exchange's clock, or that is wanted. */
  #end(): number {
    const { barMs, to } = this.#order;
    const closed = onGrid(this.#deps.now() + this.#clockMs, barMs, Math.floor) - barMs;
    return to === undefined ? closed : Math.min(closed, onGrid(to, barMs, Math.floor));
  }

  /** An exchange that serves its newest bars only is asked for those. */
  #limitReach(): void {
    const { reachBars } = this.#order.exchange;
    if (reachBars === undefined) return;
    const served = this.#end() - (reachBars - 1) * this.#order.barMs;
    if (served <= this.#from) return;
    this.#from = served;
    this.result.servedFrom = served;
  }

  async run(): Promise<Downloaded> {
    let next = await this.#resume();
    this.#startedFrom = next;
    for (let first = true; first || next <= this.#end(); first = false) {
      const span = this.#page(next);
      const bars = await this.#fetchWhole(span);
      // The answer may have told that the end lies earlier than our clock says.
      const to = Math.min(span.to, Math.max(this.#end(), span.from - this.#order.barMs));
      if (to >= span.from) await this.#deps.file.add({ from: span.from, to, bars });
      next = to + this.#order.barMs;
      this.#tell(next);
    }
    await this.#lookAgain();
    return this.result;
  }

  /** Takes what is on disk; returns where to go on. */
  async #resume(): Promise<number> {
    const pages = await this.#deps.file.open();
    this.#limitReach();
    let next = this.#from;
    for (const { from, to, bars } of pages) {
      if (from > next) break;
      this.#keep({ from, to }, bars);
      next = Math.max(next, to + this.#order.barMs);
    }
    return next;
  }

  #page(from: number): Span {
    const { barMs, exchange } = this.#order;
    return { from, to: Math.max(from, Math.min(from + (exchange.pageBars - 1) * barMs, this.#end())) };
  }

  async #fetch(span: Span): Promise<Bar[]> {
    const { exchange, symbol, barMs, base } = this.#order;
    if (this.#calls++ > 0) await pause(this.#deps, exchange);
    const { bars, clockMs } = await ask(this.#deps, exchange, `${base}${exchange.path(symbol, barMs, span)}`);
    this.#clockMs = clockMs ?? 0;
    if (Math.abs(this.#clockMs) > CLOCK_APART_MS) this.result.clockMs = this.#clockMs;
    return this.#keep(span, bars);
  }

  /** Keeps the bars of `span` that have closed; returns them. */
  #keep({ from, to }: Span, bars: readonly Bar[]): Bar[] {
    const { barMs } = this.#order;
    const last = Math.min(to, this.#end());
    const wanted = bars.filter(([time]) => time >= from && time <= last && time % barMs === 0);
    const possible = wanted.filter(isPossible);
    for (const bar of wanted) if (!possible.includes(bar)) this.#impossible.add(bar[0]);
    this.result.impossible = this.#impossible.size;
    for (const bar of possible) {
      const known = this.result.bars.get(bar[0]);
      if (known?.some((value, i) => value !== bar[i]) === true) this.result.revised++;
      this.result.bars.set(bar[0], bar);
    }
    return possible;
  }

  /** A page in which bars are missing is asked for twice: half an answer is no gap. */
  async #fetchWhole(span: Span): Promise<Bar[]> {
    const { barMs } = this.#order;
    const bars = await this.#fetch(span);
    const last = Math.min(span.to, this.#end());
    const missing = Array.from(
      { length: Math.max(0, (last - span.from) / barMs + 1) },
      (_, i) => span.from + i * barMs,
    ).some((time) => !this.result.bars.has(time));
    return missing ? [...bars, ...(await this.#fetch(span))] : bars;
  }

  async #lookAgain(): Promise<void> {
    const { barMs, exchange } = this.#order;
    const end = this.#end();
    const first = Math.max(this.#from, end - (PAGES_AGAIN * exchange.pageBars - 1) * barMs);
    for (let from = first; from <= end; from += exchange.pageBars * barMs) await this.#fetch(this.#page(from));
  }

  #tell(next: number): void {
    const whole = this.#end() + this.#order.barMs - this.#from;
    const share = whole <= 0 ? 1 : Math.min(1, (next - this.#from) / whole);
    const done = next - this.#startedFrom;
    const left = this.#end() + this.#order.barMs - next;
    const speed = done / Math.max(1, this.#deps.now() - this.#startedAt);
    this.#deps.onProgress({
      bars: this.result.bars.size,
      share,
      leftMs: done > 0 ? Math.max(0, left) / speed : undefined,
    });
  }
}

/**
 * All bars of an order that have closed. Goes on from what `deps.file` holds of the same order, and leaves it there; whoever
 * has stored the candles removes it. Throws DownloadError: `offline`, `rate_limited`, `download_refused`, `download_failed`.
 */
export async function download(deps: DownloadDeps, order: Order): Promise<Downloaded> {
  const bars = ((order.to ?? deps.now()) - order.from) / order.barMs;
  if (bars > BARS_MAX) throw new DownloadError('download_refused', `that is more than ${BARS_MAX} bars; begin later`);
  return new Download(deps, order).run();
}

/** Bars in the order of time as candles. Throws DownloadError where there are too few. */
export function sealBars(bars: ReadonlyMap<number, Bar>, meta: Omit<CandleMeta, 'sample'>): Candles {
  if (bars.size < BARS_MIN) throw new DownloadError('download_refused', 'the exchange has no bars in that span');
  const columns = allocateColumns(bars.size, meta.barMs);
  const sorted = [...bars.values()].sort((a, b) => a[0] - b[0]);
  for (const [i, [time, open, high, low, close, volume]] of sorted.entries()) {
    columns.time[i] = time;
    columns.open[i] = open;
    columns.high[i] = high;
    columns.low[i] = low;
    columns.close[i] = close;
    columns.volume[i] = volume;
  }
  return makeCandles(columns, { ...meta, sample: false });
}
