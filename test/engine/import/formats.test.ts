// One market, written by each maker of files in his own way, is one data set.
import fc from 'fast-check';
import t from 'tap';
import { parseTextTime } from '../../../src/engine/civil-time.ts';
import { parseNumber } from '../../../src/engine/import/cells.ts';
import { fault, read } from './table.ts';

interface Bar {
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

/** 2025-07-01 00:00 UTC. */
const START = 1_751_328_000;
const HOUR = 3600;

/** Hourly bars that go on where the one before has closed. */
const BARS: Bar[] = Array.from({ length: 30 }, (_, i) => {
  const open = 100 + ((i * 7) % 13);
  const close = 100 + (((i + 1) * 7) % 13);
  return {
    time: START + i * HOUR,
    open,
    high: Math.max(open, close) + 1.5,
    low: Math.min(open, close) - 0.25,
    close,
    volume: i + 0.125,
  };
});
const iso = (time: number) => new Date(time * 1000).toISOString();
const rows = (row: (bar: Bar) => (string | number)[]) => BARS.map((bar) => row(bar).join(','));
const OWN = [
  'timestamp,open,high,low,close,volume',
  ...rows(({ time, open, high, low, close, volume }) => [time, open, high, low, close, volume]),
];
const HASH = read(OWN).candles.hash;

const klines = ({ time, open, high, low, close, volume }: Bar, scale: number) => [
  time * scale,
  open,
  high,
  low,
  close,
  volume,
  (time + HOUR) * scale - 1,
  volume * close,
  17,
  volume / 2,
  (volume * close) / 2,
  0,
];
const KLINES_HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore';

const FILES: [string, string, string[], string][] = [
  [
    'the owner’s own, with a byte order mark and CR LF',
    'CSV',
    OWN.map((line, i) => `${i === 0 ? '\ufeff' : ''}${line}\r`),
    'seconds',
  ],
  [
    'semicolons, quotes, other names',
    'CSV',
    OWN.map((line) =>
      line
        .replace('timestamp', 'Date Time')
        .split(',')
        .map((cell) => `"${cell}"`)
        .join(';'),
    ),
    'seconds',
  ],
  [
    'Coinbase, low first, newest first',
    'Coinbase',
    rows((b) => [b.time, b.low, b.high, b.open, b.close, b.volume]).reverse(),
    'seconds',
  ],
  [
    'Coinbase with its header',
    'Coinbase',
    ['time,low,high,open,close,volume', ...rows((b) => [b.time, b.low, b.high, b.open, b.close, b.volume])],
    'seconds',
  ],
  ['Binance klines in milliseconds', 'Binance klines', rows((bar) => klines(bar, 1000)), 'milliseconds'],
  ['Binance klines in microseconds', 'Binance klines', rows((bar) => klines(bar, 1_000_000)), 'microseconds'],
  ['Binance USD-M archive', 'Binance klines', [KLINES_HEADER, ...rows((bar) => klines(bar, 1000))], 'milliseconds'],
  ['Kraken OHLCVT', 'Kraken OHLCVT', rows((b) => [b.time, b.open, b.high, b.low, b.close, b.volume, 5]), 'seconds'],
  [
    'CryptoDataDownload',
    'CryptoDataDownload',
    [
      'https://www.CryptoDataDownload.com',
      'unix,date,symbol,open,high,low,close,Volume BTC,Volume USD,tradecount',
      ...rows((b) => [
        b.time * 1000,
        iso(b.time).slice(0, 19).replace('T', ' '),
        'BTC/USD',
        b.open,
        b.high,
        b.low,
        b.close,
        b.volume,
        b.volume * b.close,
        3,
      ]).reverse(),
    ],
    'milliseconds',
  ],
  [
    'TradingView in local time with an overlay',
    'TradingView',
    [
      'time,open,high,low,close,MA 20,Volume',
      ...rows((b) => [`${iso(b.time + 2 * HOUR).slice(0, 19)}+02:00`, b.open, b.high, b.low, b.close, 'NaN', b.volume]),
    ],
    'text',
  ],
  [
    'nanoseconds',
    'CSV',
    OWN.map((line, i) => (i === 0 ? line : line.replace(/^\d+/, (digits) => `${digits}000000000`))),
    'nanoseconds',
  ],
];

t.test('formats', async (t) => {
  for (const [name, format, lines, unit] of FILES) {
    const { candles, report } = read(lines);
    t.equal(candles.hash, HASH, name);
    t.equal(report.format, format, name);
    t.same(report.timeUnits, [unit], name);
    t.same([report.rows, report.faults.count, report.gaps.length, report.datesApart.count], [30, 0, 0, 0], name);
  }
});

t.test('without a header the relations tell which column is which, in any order', async () => {
  const seed = 20261122;
  fc.assert(
    fc.property(
      fc.shuffledSubarray(['open', 'high', 'low', 'close'] as const, { minLength: 4 }),
      fc.boolean(),
      (order, reverse) => {
        const lines = rows((bar) => [bar.time, ...order.map((name) => bar[name]), bar.volume]);
        return read(reverse ? lines.reverse() : lines).candles.hash === HASH;
      },
    ),
    { seed },
  );
});

t.test('a header that the rows contradict is refused, and overruled by the owner', async (t) => {
  const lines = ['time,open,low,high,close,volume', ...OWN.slice(1)];
  t.match(
    fault(() => read(lines)),
    { code: 'bad_columns', field: 'columns' },
  );
  t.equal(read(lines, { columns: ['time', 'open', 'high', 'low', 'close', 'volume'] }).candles.hash, HASH);
  t.equal(read(lines, { columns: ['time', 'open', 'high', 'low', 'close', '-'] }).candles.volume[1], 0, 'no volume');
  for (const columns of [
    ['time', 'open'],
    ['time', 'time', 'high', 'low', 'close'],
    ['when', 'open', 'high', 'low', 'close'],
  ]) {
    t.match(
      fault(() => read(lines, { columns })),
      { code: 'bad_value', field: 'columns' },
      columns.join(),
    );
  }
  t.equal(fault(() => read(['time,open,high,low,volume', '1751328000,1,1,1,1'])).code, 'bad_header', 'no close');
  t.equal(fault(() => read(['hello', 'world'])).code, 'bad_header');
  t.equal(fault(() => read(['time,open,high,low,close'])).code, 'too_few_rows');
});

t.test('numbers are the nearest float64, whatever their length', async (t) => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const parse = (text: string) => parseNumber(bytes(text), 0, text.length);
  const seed = 3;
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 24 });
  fc.assert(
    fc.property(
      fc.constantFrom('', '-', '+'),
      digits,
      fc.option(digits),
      fc.option(fc.integer({ min: -30, max: 30 })),
      (sign, whole, part, power) => {
        const text = `${sign}${whole}${part === null ? '' : `.${part}`}${power === null ? '' : `e${power}`}`;
        return parse(text) === Number(text);
      },
    ),
    { seed, numRuns: 3000 },
  );
  t.ok(Object.is(parse('-0.00'), 0), 'no negative zero');
  for (const text of ['', ' ', '.', '-', '1.2.3', '0x10', '1_000', 'NaN', 'Infinity', '1,5', '--1'])
    t.ok(Number.isNaN(parse(text)), text);
  t.equal(parse(' "12.5" '), 12.5);
});

t.test('dates as text', async (t) => {
  const noon = Date.UTC(2020, 10, 20, 12);
  for (const text of [
    '2020-11-20 12:00:00',
    '2020-11-20T12:00Z',
    '2020-11-20 12-PM',
    '2020/11/20 12:00',
    '2020-11-20T13:30:00+01:30',
    '2020-11-20 12:00:00.000 UTC',
    '2020-11-20T07:00:00-0500',
  ]) {
    t.equal(parseTextTime(text), noon, text);
  }
  t.equal(parseTextTime('2020-11-20'), Date.UTC(2020, 10, 20));
  t.equal(parseTextTime('2020-11-20 12-AM'), Date.UTC(2020, 10, 20), 'twelve in the morning is midnight');
  t.equal(parseTextTime('2024-02-29 23:59:59.250'), Date.UTC(2024, 1, 29, 23, 59, 59, 250));
  for (const text of [
    '2023-02-29',
    '20.11.2020',
    '11/20/2020',
    '2020-11-20 24:00',
    '2020-11-20 13-PM',
    '2020-11-20T',
    '2020-11-20X12:00',
    '2020-11/20',
    '2020-11-20 12:00 CET',
  ]) {
    t.equal(parseTextTime(text), undefined, text);
  }
});
