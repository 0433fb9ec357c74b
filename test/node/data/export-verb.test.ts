// `export` of a strategy file and of a result: the same figures as `backtest`, the costs of the job, words for what cannot be.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseStrategy } from '../../../src/engine/parse-strategy.ts';
import { sampleCandles } from '../../../src/engine/sample.ts';
import { presetSpec } from '../../../src/engine/search-spec.ts';
import { strategyHash } from '../../../src/engine/strategy-hash.ts';
import { deriveState } from '../../../src/ledger/derive.ts';
import { exportResult } from '../../../src/node/export-strategy.ts';
import type { World } from '../../../src/node/views.ts';
import { fromHex } from '../../../src/protocol/bytes.ts';
import { GENESIS, MESH } from '../../ledger/support/history.ts';
import { admitPlain, champion, hexOf, job, keyOf, result, scribe } from '../../ledger/support/people.ts';
import { stratmesh } from './run.ts';

const STRATEGY = {
  v: 1,
  side: 'long',
  entry: [[{ left: { indicator: 'rsi', period: 7 }, op: 'crosses_above', right: { value: 40 } }]],
  exit: [],
  stopLoss: { percent: 2 },
  maxBars: 10,
  size: { percentOfEquity: 20 },
  maxPositions: 1,
} as const;

t.test('a strategy file', async (t) => {
  const { folder, run } = stratmesh(t);
  const file = join(folder, 'strategy.json');
  writeFileSync(file, JSON.stringify(STRATEGY));
  const flags = ['--data', 'sample', '--fee', '0.002'];
  const said = await run('export', file, '--as', 'json', ...flags);
  t.equal(said.code, 0);
  const exported = said.document() as { metrics: object; trades: object[]; provenance: object };
  const tested = (await run('backtest', '--strategy', file, ...flags, '--trades', '--json')).document() as {
    netProfit: number;
    tradeList: object[];
  };
  t.match(exported.metrics, { netProfit: tested.netProfit }, 'the figures are those of backtest');
  t.equal(exported.trades.length, tested.tradeList.length);
  t.match(exported.provenance, { costs: { fee: 0.002 }, candles: { hash: sampleCandles().hash, sample: true } });
  const out = join(folder, 'trades.csv');
  t.match((await run('export', file, '--as', 'csv', ...flags, '--out', out, '--json')).document(), {
    fileName: /^[a-z]+_[a-z]+_csv\.csv$/,
    out,
  });
  t.equal(
    readFileSync(out, 'utf8').trim().split('\n').length,
    1 +
      tested.tradeList.length +
      readFileSync(out, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('"#')).length,
  );
  t.match((await run('export', file, '--as', 'words', '--lang', 'es', ...flags)).out, 'Comprar cuando');
  for (const [argv, field] of [
    [[file, '--as', 'excel', ...flags], 'as'],
    [[file, ...flags], 'as'],
    [[file, '--as', 'csv'], 'data'],
  ] as const) {
    const refused = await run('export', ...argv, '--json');
    t.equal(refused.code, 2);
    t.match(refused.document(), { error: { field } });
  }
  writeFileSync(file, JSON.stringify({ ...STRATEGY, trailing: { percent: 1 } }));
  t.match((await run('export', file, '--as', 'freqtrade', ...flags, '--json')).document(), {
    error: { code: 'not_expressible', field: 'trailing' },
  });
  t.equal((await run('export', 'abcdef', '--as', 'csv')).code, 4, 'a result is asked of the node');
  t.match((await run('export', 'abcdef', '--as', 'csv', '--fee', '0.1', '--json')).document(), {
    error: { field: 'fee' },
  });
});

t.test('a result has the candles and costs of its job', async (t) => {
  const candles = sampleCandles('export', 900);
  const spec = presetSpec({
    preset: 'quick',
    risk: 'low',
    overrides: { costs: { fee: 0.0033, slippage: 0.0007, spread: 0 }, equity: 4321 },
  });
  const [ada, bob] = [scribe(MESH, 'ada', '1', GENESIS), scribe(MESH, 'bob')];
  const admitted = ada('admit', admitPlain('bob', 'member'));
  const work = ada('job', job({ dataset: fromHex(candles.hash), search: { ...spec }, units: 1 }));
  const champions = [{ ...champion(100, 50, 25), strategy: STRATEGY }];
  const votes = [ada, bob].map((say) => say('result', result(work.id, 0, 'same', { champions })));
  const state = deriveState(MESH, [GENESIS, admitted, work, ...votes]);
  const world = {
    self: hexOf(keyOf('ada')),
    state,
    claims: [],
    news: () => undefined,
    connection: () => undefined,
    hasDataset: () => true,
    check: () => ({ state: 'holds', champions: [] }),
    checked: () => state.units.values(),
  } as unknown as World;
  const id = strategyHash(parseStrategy(STRATEGY));
  const { fileName, lines } = await exportResult(world, { candles: async () => candles }, id, { as: 'json' });
  t.match(fileName, /_json\.json$/);
  t.match(JSON.parse(lines.join('\n')), {
    hash: id,
    provenance: {
      candles: { hash: candles.hash },
      costs: { fee: 0.0033, slippage: 0.0007 },
      equity: 4321,
      finding: { job: work.id, state: 'validated', votes: 2, trialsUnit: 10 },
    },
  });
  await t.rejects(exportResult(world, { candles: async () => undefined }, id, { as: 'csv' }), {
    code: 'dataset_missing',
    status: 409,
  });
  await t.rejects(exportResult(world, { candles: async () => candles }, 'f'.repeat(64), { as: 'csv' }), {
    code: 'unknown_result',
    status: 404,
  });
});
