// Candles: the binary form, the sample series, a real file.
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { decodeCandles, encodeCandles } from '../../src/engine/candle-codec.ts';
import { daysFromCivil } from '../../src/engine/civil-time.ts';
import { InvalidInput } from '../../src/engine/errors.ts';
import { hashBytes, toHex } from '../../src/engine/hash.ts';
import { importAll } from '../../src/engine/import/import-candles.ts';
import { sampleCandles } from '../../src/engine/sample.ts';

const META = { symbol: 'BTC-USD', quote: 'USD', source: 'test' };
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

t.test('civil dates agree with the calendar of JavaScript', async () => {
  const seed = 20261121;
  fc.assert(
    fc.property(fc.integer({ min: -30_000_000, max: 200_000 }), (days) => {
      const date = new Date(days * 86_400_000);
      const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
      return daysFromCivil(year, month, day) === days;
    }),
    { seed, numRuns: 2000 },
  );
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
  const bytes = gunzipSync(readFileSync(REAL));
  const started = process.cpuUsage();
  const { candles, report } = importAll(bytes, () => META);
  const { user } = process.cpuUsage(started);
  t.equal(candles.length, 59_206);
  t.equal(candles.meta.barMs, 300_000);
  t.equal(report.duplicates, 0);
  t.same(
    candles.gaps.map(({ missing }) => missing),
    [1, 69],
    'the two gaps that its README names',
  );
  t.equal(candles.time[0], Date.UTC(2025, 6, 1));
  t.ok(user < 1_500_000, `imported in ${Math.round(user / 1000)} ms of CPU`);
});
