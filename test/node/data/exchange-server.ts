// Exchanges on this machine: the documented formats, limits and order of each, and the faults that a test asks for.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

export const MINUTE = 60_000;
/** 2025-07-01 00:00 UTC. */
export const START = 1_751_328_000_000;

/** What the market did in the minute that begins at `time`, by arithmetic alone. */
export function truthAt(time: number): { open: number; high: number; low: number; close: number; volume: number } {
  const n = time / MINUTE;
  const level = (k: number) => 1000 + ((k * 37) % 101) / 4;
  const [open, close] = [level(n), level(n + 1)];
  return {
    open,
    high: Math.max(open, close) + 0.5,
    low: Math.min(open, close) - 0.25,
    close,
    volume: ((n * 13) % 29) + 0.125,
  };
}

type Fault = (request: { count: number; url: URL }, response: ServerResponse) => boolean;

export interface ServerState {
  /** The exchange's clock. */
  now: number;
  /** Minutes in which nothing was traded: no bar. */
  silent: Set<number>;
  /** First of them answers, if it returns true. */
  fault: Fault | undefined;
  requests: URL[];
  /** Bars that are dropped from the next answers, once each. */
  halves: number;
}

type Row = (string | number)[];
type Answer = (state: ServerState, url: URL) => { status?: number; body: unknown };

function barsBetween(state: ServerState, from: number, to: number, most: number): number[] {
  const times: number[] = [];
  for (
    let time = Math.ceil(from / MINUTE) * MINUTE;
    time <= to && time <= state.now && times.length < most;
    time += MINUTE
  ) {
    if (!state.silent.has(time)) times.push(time);
  }
  return times;
}

/** The bar under way has seen a part of its minute only. */
const volumeAt = (state: ServerState, time: number): number =>
  time + MINUTE > state.now ? truthAt(time).volume / 4 : truthAt(time).volume;

const coinbase: Answer = (state, { searchParams }) => {
  const [start, end] = ['start', 'end'].map((name) => Date.parse(searchParams.get(name)!)) as [number, number];
  if ((end - start) / MINUTE > 300) {
    return {
      status: 400,
      body: {
        message: 'granularity too small for the requested time range. Count of aggregations requested exceeds 300',
      },
    };
  }
  // Some may precede the declared start.
  const times = barsBetween(state, start - 2 * MINUTE, end, 400).slice(-300);
  const rows: Row[] = times.map((time) => {
    const { low, high, open, close } = truthAt(time);
    return [time / 1000, low, high, open, close, volumeAt(state, time)];
  });
  return { body: rows.reverse() };
};

const binance: Answer = (state, { searchParams }) => {
  if (searchParams.get('symbol') !== 'BTCUSDT') return { status: 400, body: { code: -1121, msg: 'Invalid symbol.' } };
  const [from, to, limit] = ['startTime', 'endTime', 'limit'].map((name) => Number(searchParams.get(name))) as [
    number,
    number,
    number,
  ];
  const rows: Row[] = barsBetween(state, from, to, Math.min(limit, 1000)).map((time) => {
    const { open, high, low, close } = truthAt(time);
    const texts = [open, high, low, close, volumeAt(state, time)].map((value) => value.toFixed(8));
    return [time, ...texts, time + MINUTE - 1, '1.0', 5, '1.0', '1.0', '0'];
  });
  return { body: rows };
};

const kraken: Answer = (state, { searchParams }) => {
  if (searchParams.get('pair') !== 'XBTUSD') return { body: { error: ['EQuery:Unknown asset pair'] } };
  const newest = Math.floor(state.now / MINUTE) * MINUTE;
  const since = Number(searchParams.get('since')) * 1000;
  const times = barsBetween(state, newest - 719 * MINUTE, newest, 720).filter((time) => time > since);
  const rows: Row[] = times.map((time) => {
    const { open, high, low, close } = truthAt(time);
    const texts = [open, high, low, close, close].map((value) => value.toFixed(1 + 2));
    return [time / 1000, ...texts, volumeAt(state, time).toFixed(8), 7];
  });
  return { body: { error: [], result: { XXBTZUSD: rows, last: newest / 1000 - 60 } } };
};

const ANSWERS: [RegExp, Answer][] = [
  [/^\/products\/BTC-USD\/candles$/, coinbase],
  [/^\/products\//, () => ({ status: 404, body: { message: 'NotFound' } })],
  [/^\/(api\/v3|fapi\/v1)\/klines$/, binance],
  [/^\/0\/public\/OHLC$/, kraken],
];

function respond(state: ServerState, incoming: IncomingMessage, response: ServerResponse): void {
  const url = new URL(incoming.url!, 'http://exchange');
  state.requests.push(url);
  if (state.fault?.({ count: state.requests.length, url }, response) === true) return;
  const [, answer] = ANSWERS.find(([pattern]) => pattern.test(url.pathname))!;
  const { status = 200, body } = answer(state, url);
  const isRows = status === 200 && Array.isArray(body) && body.length > 1 && state.halves > 0;
  if (isRows) state.halves--;
  const sent = isRows ? (body as Row[]).slice(0, Math.floor((body as Row[]).length / 2)) : body;
  response.writeHead(status, { 'content-type': 'application/json', date: new Date(state.now).toUTCString() });
  response.end(JSON.stringify(sent));
}

export async function startExchange(t: Test): Promise<{ state: ServerState; base: string }> {
  const state: ServerState = {
    now: START + 2500 * MINUTE + 20_000,
    silent: new Set(),
    fault: undefined,
    requests: [],
    halves: 0,
  };
  const server = createServer((incoming, response) => respond(state, incoming, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { state, base: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
