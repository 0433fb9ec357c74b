// `data preview`, `import`, `show`, `remove`: what a person sees of a file, and archives.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import t from 'tap';
import { readCandleFile } from '../../../src/node/candle-file.ts';
import { stratmesh } from './run.ts';

const START = 1_751_328_000;
const rows = (count: number, scale = 1) =>
  Array.from({ length: count }, (_, i) => `${(START + i * 60) * scale},10,11,9,${10 + (i % 3) / 4},${i + 1}`);
const CSV = ['timestamp,open,high,low,close,volume', ...rows(6)];
const FAULTY = [...CSV, `${START + 360},10,9.5,9,10,1`, `${START + 420},10,11,9,ten,1`].join('\n');

interface Packed {
  name: string;
  content: string;
  stored?: boolean;
}

/** A ZIP archive by its specification (APPNOTE 4.3.7, 4.3.12, 4.3.16). */
function zip(files: readonly Packed[], comment = ''): Buffer {
  const parts: Buffer[] = [];
  const list: Buffer[] = [];
  let at = 0;
  for (const { name, content, stored } of files) {
    const raw = Buffer.from(content);
    const packed = stored === true ? raw : deflateRawSync(raw);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(stored === true ? 0 : 8, 4);
    common.writeUInt32LE(typeof crc32 === 'function' ? crc32(raw) : 0, 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(raw.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    list.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, tail, Buffer.from(name)]));
    parts.push(local);
    at += local.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(Buffer.concat(list).length, 8);
  end.writeUInt32LE(at, 12);
  end.writeUInt16LE(comment.length, 16);
  return Buffer.concat([...parts, ...list, Buffer.from('PK\x05\x06'), end, Buffer.from(comment)]);
}

t.test('a preview says what an import would do, and stores nothing', async (t) => {
  const { folder, run } = stratmesh(t);
  const file = join(folder, 'BTC-USD_1m_coinbase.csv');
  writeFileSync(file, FAULTY);
  const said = await run('data', 'preview', file);
  t.equal(said.code, 0);
  t.match(said.out, 'BTC-USD in USD from coinbase: 7 bars of 60 s');
  t.match(said.out, 'line 8, high: the high lies below another price, raised from 9.5 to 10');
  t.match(said.out, 'line 9, close: "ten" is not a number, left out');
  t.match(said.out, 'data import --repair');
  const shown = (await run('data', 'preview', file, '--json')).document();
  t.match(shown, { acceptable: false, rows: 8, bars: 7, faults: { count: 2 }, sampleBars: { length: 4 } });
  t.same(readdirSync(folder), ['BTC-USD_1m_coinbase.csv'], 'nothing was stored');
  const refused = await run('data', 'import', file, '--json');
  t.equal(refused.code, 2);
  t.match(refused.document(), { error: { code: 'bad_number', field: 'line 9, close' } });
  const repaired = (await run('data', 'import', file, '--repair', '--json')).document();
  t.match(repaired, { hash: shown.hash, added: true, file: { faults: { count: 2 } } });
  t.match((await run('data', 'show', String(shown.hash).slice(0, 8))).out, `imported from ${file}, 2 repairs`);
  t.equal((await run('data', 'remove', String(shown.hash))).code, 2, 'asked for twice');
  t.equal((await run('data', 'remove', String(shown.hash), '--yes')).code, 0);
  t.same(
    readdirSync(join(folder, 'data')),
    [`${shown.hash}.removed`],
    'its note goes with it; that it is not wanted stays',
  );
});

t.test('a long file shows how far it is', async (t) => {
  const { folder, run } = stratmesh(t);
  const file = join(folder, 'long.csv');
  writeFileSync(file, [CSV[0], ...rows(120_000)].join('\n'));
  const said = await run('data', 'import', file);
  t.equal(said.code, 0);
  const shares = [...said.err.matchAll(/[█░]{30} (\d+) %/g)].map(([, share]) => Number(share));
  t.ok(shares.length >= 2 && shares[0]! < shares[1]!, `it showed ${shares.join()}`);
});

t.test('archives', async (t) => {
  const folder = t.testdir();
  const write = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const klines = rows(6, 1000)
    .map((row) => `${row},${START + 59},1,1,1,1,0`)
    .join('\n');
  const { candles } = await readCandleFile(write('own.csv', Buffer.from(CSV.join('\n'))), {
    symbol: 'BTCUSDT',
    quote: 'USDT',
    source: 'binance',
  });
  for (const stored of [false, true]) {
    const path = write(
      'BTCUSDT-1m-2025-07.zip',
      zip([{ name: 'BTCUSDT-1m-2025-07.csv', content: klines, stored }], 'a comment'),
    );
    const read = await readCandleFile(path);
    t.equal(read.report.format, 'Binance klines');
    t.equal(read.candles.hash, candles.hash, 'market and maker are told by name and format');
  }
  const two = write(
    'two.zip',
    zip([
      { name: 'a.csv', content: klines },
      { name: 'b.csv', content: 'x' },
    ]),
  );
  await t.rejects(readCandleFile(two), { code: 'bad_zip', field: 'member', message: /a\.csv, b\.csv/ });
  t.equal(
    (await readCandleFile(two, { symbol: 'BTCUSDT', quote: 'USDT' }, { member: 'a.csv' })).candles.hash,
    candles.hash,
  );
  const whole = zip([{ name: 'a.csv', content: klines }]);
  for (const cut of [4, 60, whole.length - 10]) {
    await t.rejects(readCandleFile(write('cut.zip', whole.subarray(0, cut))), { code: 'bad_zip' }, `cut at ${cut}`);
  }
  const damaged = Buffer.from(whole);
  damaged[60]! ^= 0xff;
  await t.rejects(readCandleFile(write('damaged.zip', damaged)), { name: 'InvalidInput' }, 'damaged');
});

t.test('months of an archive become one data set, each with its own unit of time', async (t) => {
  const { folder, run } = stratmesh(t);
  const kline = (i: number, scale: number, volume = i + 1): string => {
    const open = (START + i * 60) * scale;
    const close = (n: number): number => 10 + (n % 3) / 4;
    return `${open},${close(i + 2)},11,9,${close(i)},${volume},${open + 60 * scale - 1},1,1,1,1,0`;
  };
  const span = (from: number, to: number, scale: number): string[] =>
    Array.from({ length: to - from }, (_, i) => kline(from + i, scale));
  const put = (name: string, lines: readonly string[]): string => {
    const file = join(folder, name);
    writeFileSync(
      file,
      name.endsWith('.zip') ? zip([{ name: name.replace('zip', 'csv'), content: lines.join('\n') }]) : lines.join('\n'),
    );
    return file;
  };
  // Milliseconds, then microseconds; two bars of both, one of them with less volume in the later file; a hole before the third.
  const june = put('BTCUSDT-1m-2025-06.zip', span(0, 10, 1000));
  const july = put('BTCUSDT-1m-2025-07.zip', [kline(8, 1_000_000), kline(9, 1_000_000, 3), ...span(10, 20, 1_000_000)]);
  const later = put('BTCUSDT-1m-2025-08.zip', span(25, 30, 1_000_000));
  const joined = (await run('data', 'import', later, june, july, '--json')).document();
  t.match(joined, { symbol: 'BTCUSDT', source: 'binance', bars: 25, duplicates: 1, added: true });
  t.match(joined.conflicts, {
    count: 1,
    first: [{ kept: 'BTCUSDT-1m-2025-06.zip', dropped: 'BTCUSDT-1m-2025-07.zip' }],
  });
  t.match(joined.gaps, [{ missing: 5 }]);
  t.equal((joined.files as unknown[]).length, 3);
  const whole = put('BTCUSDT_1m_binance.csv', [...span(0, 20, 1000), ...span(25, 30, 1000)]);
  const alone = (await run('data', 'import', whole, '--json')).document();
  t.equal(alone.hash, joined.hash, 'the same as if it had been one file');
  const words = await run('data', 'import', june, july);
  t.match(words.out, '1 bars of one file repeat those of another exactly');
  t.match(words.out, 'of BTCUSDT-1m-2025-06.zip, not of BTCUSDT-1m-2025-07.zip');
  t.match((await run('data', 'show', String(joined.hash))).out, 'BTCUSDT-1m-2025-08.zip and 2 more');
  const eth = put('ETHUSDT-1m-2025-07.zip', span(10, 20, 1000));
  t.match(
    (await run('data', 'import', june, eth)).err,
    /ETHUSDT-1m-2025-07.zip has symbol ETHUSDT, BTCUSDT-1m-2025-06.zip has/,
  );
  const hours = put(
    'BTCUSDT-1h-2025-07.zip',
    Array.from({ length: 5 }, (_, i) => kline(i * 60, 1000)),
  );
  t.match((await run('data', 'import', june, hours)).err, /bars of 3600000 ms/);
  const off = put(
    'BTCUSDT-1m-2025-09.zip',
    span(10, 20, 1000).map((line) => line.replace(/^(\d+)/, (time) => String(Number(time) + 7000))),
  );
  t.match(await run('data', 'import', june, off), { code: 2, err: /do not lie on the grid/ });
  const bad = put('BTCUSDT-1m-2025-10.zip', [...span(40, 45, 1000), 'x']);
  t.match(
    await run('data', 'import', june, bad),
    { code: 2, err: /BTCUSDT-1m-2025-10.zip: line 6/ },
    'which file it was',
  );
  const mended = (await run('data', 'import', june, bad, '--repair', '--json')).document();
  t.match(mended, { bars: 15 });
});
