// Data sets on disk: named by their hash, never used when damaged.
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { encodeCandles } from '../../src/engine/candle-codec.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { openDataStore } from '../../src/node/data-store.ts';
import { metaOfFile } from '../../src/node/import/file-meta.ts';

const CSV = `timestamp,open,high,low,close,volume
2025-07-01 00:00:00,10,12,9,11,5
2025-07-01 00:05:00,11,12,9,10,6
2025-07-01 00:05:00,11,12,9,10,6
2025-07-01 00:10:00,10,12,9,11,7
2025-07-01 00:20:00,11,13,10,12,8
`;

t.test('import, list, load, remove', async (t) => {
  const folder = t.testdir({ 'BTC-USD_5m_coinbase.csv': CSV });
  writeFileSync(join(folder, 'packed_5m_x.csv.gz'), gzipSync(CSV));
  const store = await openDataStore(join(folder, 'data'));
  const report = await store.importFile(join(folder, 'BTC-USD_5m_coinbase.csv'));
  t.match(report, { file: { duplicates: 1 }, added: true });
  t.match(report.info, { symbol: 'BTC-USD', quote: 'USD', source: 'coinbase', bars: 4, barMs: 300_000, sample: false });
  t.same(report.info.gaps, [{ from: Date.UTC(2025, 6, 1, 0, 15), to: Date.UTC(2025, 6, 1, 0, 15), missing: 1 }]);
  const meta = { symbol: 'BTC-USD', quote: 'USD', source: 'coinbase' };
  const packed = await store.importFile(join(folder, 'packed_5m_x.csv.gz'), meta);
  t.equal(packed.info.hash, report.info.hash, 'gzip changes nothing');
  t.equal(packed.added, false);
  await store.addSample();
  t.same(
    (await store.list()).map(({ symbol }) => symbol),
    ['BTC-USD', 'SAMPLE-USD'],
  );
  t.same((await store.list())[0], report.info, 'the list knows what the import knew');
  const candles = await store.load(report.info.hash);
  t.same([...candles.volume], [5, 6, 7, 8]);
  t.equal(candles.hash, report.info.hash);
  t.equal(await store.remove(report.info.hash), true);
  t.equal(await store.remove(report.info.hash), false);
  await t.rejects(store.load(report.info.hash), { name: 'DataError', code: 'dataset_missing' });
});

t.test('a damaged file is never used, and mended by adding the data again', async (t) => {
  const store = await openDataStore(t.testdir());
  const { info } = await store.addSample();
  const [name] = readdirSync(t.testdirName);
  const file = join(t.testdirName, name!);
  const bytes = readFileSync(file);
  bytes[bytes.length - 3]! ^= 1;
  writeFileSync(file, bytes);
  await t.rejects(store.load(info.hash), { code: 'dataset_damaged', hash: info.hash });
  t.equal((await store.addSample()).added, true, 'written again');
  t.equal((await store.load(info.hash)).length, 7000);
  truncateSync(file, 1000);
  await t.rejects(store.loadBytes(info.hash), { code: 'dataset_damaged' });
  t.same(await store.list(), [], 'a file of the wrong size is not listed');
});

t.test('bytes from another member must hash to their name', async (t) => {
  const store = await openDataStore(t.testdir());
  const candles = sampleCandles('shipped', 50);
  const bytes = encodeCandles(candles);
  await t.rejects(store.importBytes('0'.repeat(64), bytes), { code: 'wrong_hash' });
  await t.rejects(store.importBytes(candles.hash, bytes.slice(1)), { code: 'bad_candle_file' });
  t.same(await store.list(), []);
  t.equal((await store.importBytes(candles.hash, bytes)).hash, candles.hash);
  t.same(new Uint8Array(await store.loadBytes(candles.hash)), bytes);
  for (const bad of ['../../etc/passwd', 'ABC', '']) await t.rejects(store.load(bad), { code: 'bad_hash' }, bad);
});

t.test('bad files are refused', async (t) => {
  const folder = t.testdir({ 'bad.csv.gz': '\x1f\x8bnonsense', 'bad.csv': 'a,b\n1,2\n' });
  writeFileSync(join(folder, 'bad.csv.gz'), new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3]));
  const store = await openDataStore(join(folder, 'data'));
  await t.rejects(store.importFile(join(folder, 'bad.csv.gz')), { code: 'bad_gzip' });
  await t.rejects(store.importFile(join(folder, 'bad.csv')), { code: 'bad_header' });
  await t.rejects(store.importFile(join(folder, 'none.csv')), { code: 'file_missing' });
  t.same(readdirSync(join(folder, 'data')), []);
});

t.test('what a file name tells', async (t) => {
  const cases: [string, string, string, string][] = [
    ['BTC-USD_5m_coinbase.csv.gz', 'BTC-USD', 'USD', 'coinbase'],
    ['/x/ETHUSDT-perp_5m_binance.csv', 'ETHUSDT-perp', 'USDT', 'binance'],
    ['candles.csv', 'candles', 'unknown', 'unknown'],
    ['Binance_BTCUSDT_1h.csv', 'BTCUSDT', 'USDT', 'binance'],
    ['BTCUSDT-1m-2025-01.zip', 'BTCUSDT', 'USDT', 'unknown'],
    ['COINBASE_BTCUSD, 60.csv', 'BTCUSD', 'USD', 'coinbase'],
    ['XBTUSD_60.csv', 'XBTUSD', 'USD', 'unknown'],
  ];
  for (const [path, symbol, quote, source] of cases) t.same(metaOfFile(path), { symbol, quote, source }, path);
  t.same(
    metaOfFile('XBTEUR_60.csv', {}, { format: 'Kraken OHLCVT' }).source,
    'kraken',
    'only Kraken writes such files',
  );
  t.same(metaOfFile('x.csv', { quote: 'USD' }, { symbol: 'BTC/USDT' }), {
    symbol: 'BTC-USDT',
    quote: 'USD',
    source: 'unknown',
  });
  t.same(metaOfFile('candles.csv', { symbol: 'BTC-EUR', source: 'kraken' }), {
    symbol: 'BTC-EUR',
    quote: 'EUR',
    source: 'kraken',
  });
});
