// What somebody wants of an exchange, as an order: names and times read, and refused where the exchange does not serve that.
import { parseTextTime } from '../../engine/civil-time.ts';
import { InvalidInput } from '../../engine/errors.ts';
import type { FileMeta } from '../../engine/import/import-candles.ts';
import { fitTimeframe, parseTimeframe } from '../../engine/timeframes.ts';
import type { DatasetInfo } from '../data-store.ts';
import { metaOfFile } from '../import/file-meta.ts';
import type { Order } from './download.ts';
import type { Exchange } from './exchange.ts';
import { EXCHANGES } from './exchanges.ts';

export interface Wanted {
  exchange: string;
  /** As the exchange calls it. */
  market: string;
  /** Length of a bar: `5m`. */
  bars: string;
  /** First and last bar, UTC; absent: up to the newest that has closed. */
  from: string;
  to?: string | undefined;
  /** Another address of the same API. */
  base?: string | undefined;
}

/** Throws InvalidInput whose field is the one of `Wanted`. */
export function orderOf({ exchange: name, market, bars, from, to, base }: Wanted): Order {
  const exchange = findExchange(name);
  const barMs = barMsOf(bars, exchange);
  const first = timeOf(from, 'from');
  const last = to === undefined ? undefined : timeOf(to, 'to');
  if (last !== undefined && last <= first) throw new InvalidInput('out_of_range', 'to must lie after from', 'to');
  const order: Order = { exchange, symbol: market, barMs, from: first, base: baseOf(base, exchange) };
  return last === undefined ? order : { ...order, to: last };
}

/** What has come since, and the last page again: young bars may have been mended. Throws InvalidInput (`bad_value`, `base`). */
export function updateOf(info: DatasetInfo, base?: string): Order {
  const { exchange, market } = exchangeOf(info);
  const from = Math.max(info.from, info.to - (exchange.pageBars - 1) * info.barMs);
  return { exchange, symbol: market, barMs: info.barMs, from, base: baseOf(base, exchange) };
}

/** Of a data set that is new. */
export function metaOf({ exchange, symbol }: Order): FileMeta {
  return metaOfFile('', { symbol: symbol.replaceAll('/', '') + exchange.suffix, source: exchange.source });
}

function findExchange(name: string): Exchange {
  const found = EXCHANGES.find((exchange) => exchange.name === name.toLowerCase());
  if (found !== undefined) return found;
  const names = EXCHANGES.map((exchange) => exchange.name).join(', ');
  throw new InvalidInput('bad_value', `exchanges are ${names}, not "${name.slice(0, 40)}"`, 'exchange');
}

function barMsOf(name: string, exchange: Exchange): number {
  const barMs = fitTimeframe(parseTimeframe(name, 'bars'), 1, 'bars');
  if (exchange.bars.includes(barMs)) return barMs;
  const served = exchange.bars.map((ms) => `${ms / 60_000}m`).join(', ');
  throw new InvalidInput('bad_value', `${exchange.title} serves bars of ${served}, not ${name}`, 'bars');
}

function timeOf(text: string, field: string): number {
  const time = parseTextTime(text);
  if (time !== undefined) return time;
  const message = `${field} is a time in UTC such as 2025-01-01 or 2025-01-01T08:00Z, not "${text.slice(0, 40)}"`;
  throw new InvalidInput('bad_time', message, field);
}

function baseOf(given: string | undefined, exchange: Exchange): string {
  const base = given ?? exchange.base;
  if (/^https?:\/\/[^/]/.test(base)) return base.replace(/\/$/, '');
  throw new InvalidInput(
    'bad_value',
    `base is an address such as ${exchange.base}, not "${base.slice(0, 80)}"`,
    'base',
  );
}

function exchangeOf({ symbol, source }: DatasetInfo): { exchange: Exchange; market: string } {
  const fitting = EXCHANGES.filter((each) => each.source === source && symbol.endsWith(each.suffix));
  // The suffix tells futures from spot; the empty one fits everything.
  const exchange = fitting.sort((a, b) => b.suffix.length - a.suffix.length)[0];
  if (exchange !== undefined) return { exchange, market: symbol.slice(0, symbol.length - exchange.suffix.length) };
  const message = `candles from ${source} cannot be brought up to date: no exchange of that name is known`;
  throw new InvalidInput('bad_value', message, 'hash');
}
