// The exchanges that candles can be downloaded from, by their public documentation.
import { AnswerError, type Exchange, readBars, textIn } from './exchange.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** Coinbase Exchange, `GET /products/{id}/candles`: newest first, [time, low, high, open, close, volume], 300 a call. */
const coinbase: Exchange = {
  name: 'coinbase',
  title: 'Coinbase Exchange',
  base: 'https://api.exchange.coinbase.com',
  source: 'coinbase',
  suffix: '',
  bars: [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY],
  pageBars: 300,
  // 10 calls a second are allowed; its documentation asks not to poll it often.
  pauseMs: 250,
  path(symbol, barMs, { from, to }) {
    const [start, end] = [from, to].map((ms) => new Date(ms).toISOString());
    return `/products/${encodeURIComponent(symbol)}/candles?granularity=${barMs / 1000}&start=${start}&end=${end}`;
  },
  read: (answer) => readBars(answer, [0, 3, 2, 1, 4, 5], 1000),
  complaint: (answer) => textIn(answer, 'message'),
};

const BINANCE_INTERVALS: readonly [number, string][] = [
  [MINUTE, '1m'],
  [3 * MINUTE, '3m'],
  [5 * MINUTE, '5m'],
  [15 * MINUTE, '15m'],
  [30 * MINUTE, '30m'],
  [HOUR, '1h'],
  [2 * HOUR, '2h'],
  [4 * HOUR, '4h'],
  [6 * HOUR, '6h'],
  [8 * HOUR, '8h'],
  [12 * HOUR, '12h'],
  [DAY, '1d'],
];

/** Binance klines: oldest first, [open time, open, high, low, close, volume, …] as texts, 1,000 a call. */
function binance(parts: Pick<Exchange, 'name' | 'title' | 'base' | 'suffix'> & { klines: string }): Exchange {
  const { klines, ...rest } = parts;
  return {
    ...rest,
    source: 'binance',
    bars: BINANCE_INTERVALS.map(([ms]) => ms),
    pageBars: 1000,
    // A call weighs 2 to 5 of 2,400 (USD-M) or 6,000 (spot) a minute.
    pauseMs: 150,
    path(symbol, barMs, { from, to }) {
      const interval = BINANCE_INTERVALS.find(([ms]) => ms === barMs)![1];
      const query = `interval=${interval}&startTime=${from}&endTime=${to}&limit=1000`;
      return `${klines}?symbol=${encodeURIComponent(symbol)}&${query}`;
    },
    read: (answer) => readBars(answer, [0, 1, 2, 3, 4, 5], 1),
    complaint: (answer) => textIn(answer, 'msg'),
  };
}

function krakenErrors(answer: unknown): string[] {
  const errors = (answer as { error?: unknown } | null)?.error;
  return Array.isArray(errors) ? errors.map(String) : [];
}

/**
 * Kraken, `GET /0/public/OHLC`: [time, open, high, low, close, vwap, volume, count] of the newest 720 intervals whatever is
 * asked for, the last of them still open. Its errors come with status 200.
 */
const kraken: Exchange = {
  name: 'kraken',
  title: 'Kraken',
  base: 'https://api.kraken.com',
  source: 'kraken',
  suffix: '',
  bars: [MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 4 * HOUR, DAY],
  pageBars: 720,
  reachBars: 719,
  // About one public call a second.
  pauseMs: 1000,
  path: (symbol, barMs, { from }) =>
    `/0/public/OHLC?pair=${encodeURIComponent(symbol)}&interval=${barMs / MINUTE}&since=${from / 1000 - 1}`,
  read(answer) {
    const [error] = krakenErrors(answer);
    if (error !== undefined) {
      const limited = /Too many requests|Rate limit/i.test(error);
      throw new AnswerError(error, { retry: limited || error.startsWith('EService'), limited });
    }
    const result = (answer as { result?: unknown } | null)?.result ?? {};
    const pair = Object.entries(result).find(([key]) => key !== 'last');
    return readBars(pair?.[1], [0, 1, 2, 3, 4, 6], 1000);
  },
  complaint: (answer) => krakenErrors(answer)[0],
};

export const EXCHANGES: readonly Exchange[] = [
  coinbase,
  binance({
    name: 'binance',
    title: 'Binance spot',
    base: 'https://api.binance.com',
    suffix: '',
    klines: '/api/v3/klines',
  }),
  binance({
    name: 'binance-perp',
    title: 'Binance USD-M futures',
    base: 'https://fapi.binance.com',
    suffix: '-perp',
    klines: '/fapi/v1/klines',
  }),
  kraken,
];
