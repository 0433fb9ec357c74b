// Candles: the binary form, the CSV import, the sample series.
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { decodeCandles, encodeCandles } from '../../src/engine/candle-codec.ts';
import { daysFromCivil, parseTime } from '../../src/engine/civil-time.ts';
import { type CsvImport, parseCandlesCsv } from '../../src/engine/csv.ts';
import { InvalidInput } from '../../src/engine/errors.ts';
import { hashBytes, toHex } from '../../src/engine/hash.ts';
import { sampleCandles } from '../../src/engine/sample.ts';

const META = { symbol: 'BTC-USD', quote: 'USD', source: 'test' };
const HEADER = 'timestamp,open,high,low,close,volume';
const csv = (...rows: string[]) => parseCandlesCsv([HEADER, ...rows, ''].join('\n'), META);
const REAL = new URL('../../../shared/data/BTC-USD_5m_coinbase.csv.gz', import.meta.url);

function fault(run: () => unknown): InvalidInput {
  try {
    run();
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

t.test('civil dates agree with the calendar of JavaScript', async (t) => {
  const seed = 20261121;
  fc.assert(
    fc.property(fc.integer({ min: -30_000_000, max: 200_000 }), (days) => {
      const date = new Date(days * 86_400_000);
      const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
      return daysFromCivil(year, month, day) === days;
    }),
    { seed, numRuns: 2000 },
  );
  t.equal(parseTime('2024-02-29 23:59:59', 'text', ''), Date.UTC(2024, 1, 29, 23, 59, 59));
  t.equal(parseTime('2024-02-29T23:59:59.250Z', 'text', ''), Date.UTC(2024, 1, 29, 23, 59, 59, 250));
  for (const bad of [
    '2023-02-29 00:00:00',
    '2024-13-01 00:00:00',
    '2024-01-01 24:00:00',
    '2024-01-01T00:00:00+02:00',
  ]) {
    t.equal(fault(() => parseTime(bad, 'text', 'x')).code, 'bad_time', bad);
  }
});

t.test('three ways to write a time give the same data set', async (t) => {
  const rows = (times: string[]) => times.map((time, i) => `${time},${10 + i},${12 + i},9.5,${11 + i},${i}`);
  const text = csv(...rows(['2025-07-01 00:00:00', '2025-07-01 00:05:00', '2025-07-01 00:10:00']));
  const iso = csv(...rows(['2025-07-01T00:00:00Z', '2025-07-01T00:05:00Z', '2025-07-01T00:10:00Z']));
  const seconds = csv(...rows(['1751328000', '1751328300', '1751328600']));
  const milliseconds = csv(...rows(['1751328000000', '1751328300000', '1751328600000']));
  t.equal(text.candles.meta.barMs, 300_000);
  t.equal(text.candles.time[0], 1751328000000);
  for (const other of [iso, seconds, milliseconds]) t.equal(other.candles.hash, text.candles.hash);
  const windows = parseCandlesCsv(
    `\ufeff${HEADER}\r\n${rows(['1751328000', '1751328300', '1751328600']).join('\r\n')}\r\n`,
    META,
  );
  t.equal(windows.candles.hash, text.candles.hash, 'byte order mark and CR LF do not matter');
});

t.test('gaps are listed and repetitions dropped', async (t) => {
  const bar = (minute: number, close = 10) => `${1751328000 + minute * 60},10,11,9,${close},1`;
  const { candles, duplicates } = csv(bar(0), bar(1), bar(1), bar(2), bar(5), bar(6), bar(6), bar(7), bar(9), bar(10));
  t.equal(duplicates, 2);
  t.equal(candles.length, 8);
  const at = (minute: number) => (1751328000 + minute * 60) * 1000;
  t.same(candles.gaps, [
    { from: at(3), to: at(4), missing: 2 },
    { from: at(8), to: at(8), missing: 1 },
  ]);
});

t.test('what cannot be is refused, with line and field', async (t) => {
  const good = ['1751328000,10,11,9,10,1', '1751328060,10,11,9,10,1', '1751328120,10,11,9,10,1'];
  const cases: [string, string, string][] = [
    ['1751328180,10,11,9,ten,1', 'bad_number', 'line 5, close'],
    ['1751328180,10,11,9,,1', 'bad_number', 'line 5, close'],
    ['1751328180,10,11,9,0x10,1', 'bad_number', 'line 5, close'],
    ['1751328180,10,11,9,NaN,1', 'bad_number', 'line 5, close'],
    ['1751328180,10,9.9,9,10,1', 'bad_candle', 'line 5, high'],
    ['1751328180,10,11,10.1,10,1', 'bad_candle', 'line 5, low'],
    ['1751328180,0,11,0,10,1', 'bad_candle', 'line 5, open'],
    ['1751328180,-10,11,-11,10,1', 'bad_candle', 'line 5, open'],
    ['1751328180,10,1e999,9,10,1', 'bad_candle', 'line 5, high'],
    ['1751328180,10,11,9,10,-1', 'bad_candle', 'line 5, volume'],
    ['1751328120,10,11,9,10.5,1', 'bad_time', 'line 5, timestamp'],
    ['1751328060,10,11,9,10,1', 'bad_time', 'line 5, timestamp'],
    ['1751328190,10,11,9,10,1', 'bad_time', 'line 5, timestamp'],
    ['1751328180000,10,11,9,10,1', 'bad_time', 'line 5, timestamp'],
    ['yesterday,10,11,9,10,1', 'bad_time', 'line 5, timestamp'],
    ['1751328180,10,11,9,10', 'bad_row', 'line 5, row'],
    ['1751328180,10,11,9,10,1,7', 'bad_row', 'line 5, row'],
  ];
  for (const [row, code, field] of cases) {
    const error = fault(() => csv(...good, row));
    t.same([error.code, error.field], [code, field], row);
    t.match(error.message, field);
  }
  t.equal(fault(() => parseCandlesCsv('time,open\n1,2\n', META)).code, 'bad_header');
  t.equal(fault(() => csv()).code, 'too_few_rows');
  t.equal(fault(() => csv(good[0]!)).code, 'too_few_rows');
  t.equal(fault(() => csv(good[0]!, good[0]!)).code, 'too_few_rows');
});

t.test('the binary form is strict: what decodes is exactly what was encoded', async (t) => {
  const candles = sampleCandles('codec', 40);
  const bytes = encodeCandles(candles);
  t.equal(toHex(hashBytes(bytes)), candles.hash, 'the hash is that of the bytes');
  const again = decodeCandles(bytes);
  t.same(again.close, candles.close);
  t.same(again.meta, candles.meta);
  t.equal(again.hash, candles.hash);
  t.type(again.close.buffer, SharedArrayBuffer);
  const seed = 7;
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const damaged = bytes.slice();
      damaged[at]! ^= mask;
      try {
        return decodeCandles(damaged).hash !== candles.hash;
      } catch (error) {
        return error instanceof InvalidInput;
      }
    }),
    { seed, numRuns: 1500 },
  );
  for (const cut of [0, 7, 15, 60, bytes.length - 1]) {
    t.equal(fault(() => decodeCandles(bytes.slice(0, cut))).code, 'bad_candle_file', `cut at ${cut}`);
  }
  t.equal(fault(() => decodeCandles(new Uint8Array([...bytes, 0]))).code, 'bad_candle_file', 'longer');
  const negativeZero = sampleCandles('codec', 40);
  negativeZero.volume[3] = -0;
  t.equal(fault(() => decodeCandles(encodeCandles(negativeZero))).code, 'bad_candle_file', 'a negative zero');
});

t.test('the sample series says what it is and repeats', async (t) => {
  const candles = sampleCandles();
  t.equal(candles.meta.sample, true);
  t.equal(candles.meta.source, 'SAMPLE');
  t.equal(candles.length, 7000);
  t.equal(candles.gaps.length, 0);
  t.equal(sampleCandles().hash, candles.hash);
  t.not(sampleCandles('other').hash, candles.hash);
  t.ok(
    candles.close.every((price) => Math.abs(price * 100 - Math.round(price * 100)) < 1e-6),
    'two decimals',
  );
  t.equal(decodeCandles(encodeCandles(candles)).hash, candles.hash, 'it passes its own checks');
});

t.test('real candles', { skip: existsSync(REAL) ? false : 'no ../shared/data here' }, async (t) => {
  const text = gunzipSync(readFileSync(REAL)).toString();
  const started = process.cpuUsage();
  const { candles, duplicates }: CsvImport = parseCandlesCsv(text, META);
  const { user } = process.cpuUsage(started);
  t.equal(candles.length, 59_206);
  t.equal(candles.meta.barMs, 300_000);
  t.equal(duplicates, 0);
  t.same(
    candles.gaps.map(({ missing }) => missing),
    [1, 69],
    'the two gaps that its README names',
  );
  t.equal(candles.time[0], Date.UTC(2025, 6, 1));
  t.ok(user < 1_500_000, `imported in ${Math.round(user / 1000)} ms of CPU`);
});
