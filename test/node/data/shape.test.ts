// Larger bars as data sets of their own, and data sets side by side.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { stratmesh } from './run.ts';

/** 2025-07-01 00:10 UTC: an hour that has begun before the data. */
const START = 1_751_328_600;

t.test('larger bars', async (t) => {
  const { folder, run } = stratmesh(t);
  const file = join(folder, 'BTC-USD_10m_x.csv');
  // Seven bars of ten minutes are left after 01:00; the one of 01:30 is missing.
  const rows = [0, 10, 20, 30, 40, 50, 60, 70, 90, 100, 110, 120].map(
    (minute, i) => `${START + minute * 60},${20 + i},${30 + i},${10 - i / 10},${21 + i},${i + 1}`,
  );
  writeFileSync(file, ['timestamp,open,high,low,close,volume', ...rows].join('\n'));
  const base = (await run('data', 'import', file, '--json')).document();
  const said = await run('data', 'larger', String(base.hash), '--bars', '1h', '--json');
  t.equal(said.code, 2, 'one whole hour is no data set');
  const half = (await run('data', 'larger', String(base.hash), '--bars', '30m', '--json')).document();
  t.match(half, {
    barMs: 1_800_000,
    bars: 3,
    from: '2025-07-01T00:30:00.000Z',
    added: true,
    origin: { kind: 'larger', parent: base.hash },
  });
  const note = await run('data', 'larger', String(base.hash), '--bars', '30m');
  t.match(note.err, '1 of the larger bars lie at gaps');
  t.match((await run('data', 'show', String(half.hash))).out, `larger bars of ${base.hash}`);
  t.equal((await run('data', 'larger', String(base.hash), '--bars', '15m')).code, 2, 'no multiple');
  t.equal((await run('data', 'larger', String(base.hash), '--bars', '10m')).code, 2, 'no larger');
});

t.test('side by side', async (t) => {
  const { folder, run } = stratmesh(t);
  const write = (name: string, closes: readonly number[], from = 0) => {
    const path = join(folder, name);
    const rows = closes.map((close, i) => `${START + (from + i) * 60},${close},${close + 1},${close - 1},${close},5`);
    writeFileSync(path, ['timestamp,open,high,low,close,volume', ...rows].join('\n'));
    return path;
  };
  const a = write('BTC-USD_1m_a.csv', [100, 110, 99, 108.9, 100]);
  const same = write('BTC-USD_1m_b.csv', [110, 99, 108, 100, 120], 1);
  // +10 %, −10 %, +10 % as the first, then what the first does not have.
  const twin = write('ETH-USD_1m_c.csv', [50, 55, 49.5, 54.45], 0);
  const against = write('SOL-USD_1m_d.csv', [10, 9, 9.9, 8.91], 0);
  const { others } = (await run('data', 'compare', a, same, twin, against, '--json')).document() as {
    others: Record<string, number>[];
  };
  t.match(others[0], { common: 4, equal: 3, from: '2025-07-01T00:11:00.000Z', to: '2025-07-01T00:14:00.000Z' });
  t.match(others[1], { symbol: 'ETH-USD', common: 4, equal: 0 });
  t.ok(Math.abs(others[1]!.correlation! - 1) < 1e-9);
  t.ok(Math.abs(others[2]!.correlation! + 1) < 1e-9);
  const text = (await run('data', 'compare', a, same, twin)).out;
  t.match(text, /BTC-USD +b +5 .* 4 +3 /);
  t.match(text, /ETH-USD +c .* 4 +— +1\.00/, 'bars of another market are not expected to be equal');
  const larger = write('X_1h_e.csv', [1, 2, 3]);
  writeFileSync(larger, 'timestamp,open,high,low,close\n1751328000,1,1,1,1\n1751331600,1,1,1,1\n');
  t.equal((await run('data', 'compare', a, larger)).code, 2);
});
