// Real processes: an unchanged `mine` command prints the same digest on any number of threads, killed and resumed or not.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { sampleCandles } from '../../src/engine/sample.ts';
import { embargoFor } from '../../src/engine/search/embargo.ts';
import { presetSpec } from '../../src/engine/search-spec.ts';
import type { Verb } from '../../src/node/cli/verb.ts';
import { backtestVerb } from '../../src/node/verbs/backtest.ts';
import { indicatorVerb } from '../../src/node/verbs/indicator.ts';
import { mineVerb } from '../../src/node/verbs/mine.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/node.js', import.meta.url));
const REAL = fileURLToPath(new URL('../../../shared/data/BTC-USD_5m_coinbase.csv.gz', import.meta.url));
/** Data directory of all programs here, empty at the start. */
const DATA_DIR = t.testdir();
const needsBuild = existsSync(PROGRAM) ? false : 'dist/ is not built';

interface Answer {
  code: number;
  stderr: string;
  // biome-ignore lint/suspicious/noExplicitAny: documents of several verbs, looked into field by field
  document: any;
}

function program(...parameters: string[]): Promise<Answer> {
  const words = [PROGRAM, ...parameters, '--json', '--data-dir', DATA_DIR];
  return new Promise((resolve) => {
    execFile(process.execPath, words, { maxBuffer: 1e8 }, (error, stdout, stderr) => {
      resolve({
        code: error === null ? 0 : Number(error.code),
        stderr,
        document: stdout === '' ? null : JSON.parse(stdout),
      });
    });
  });
}

/** What a person reads of it. */
function reading(...parameters: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...parameters, '--data-dir', DATA_DIR], (_, stdout) => resolve(stdout));
  });
}

const TRADE_KEYS = 'entryBar exitBar side units entryPrice exitPrice pnl fees reason';
const MINE = ['mine', '--data', 'sample', '--population', '30', '--generations', '7', '--units', '2'];

/** Kills the process once its checkpoint has been replaced `times` times. */
async function killAfterSaves(child: ChildProcess, file: string, times: number): Promise<void> {
  let seen = 0;
  let last = -1;
  const ended = new Promise<void>((resolve) => void child.on('exit', () => resolve()));
  const deadline = Date.now() + 60_000;
  while (seen < times && Date.now() < deadline && child.exitCode === null) {
    const inode = existsSync(file) ? statSync(file).ino : -1;
    if (inode !== last) seen++;
    last = inode;
    await delay(2);
  }
  child.kill('SIGKILL');
  await ended;
}

t.test('mine repeats: threads, kill −9', { skip: needsBuild }, async (t) => {
  const folder = t.testdir();
  const one = await program(...MINE, '--threads', '1');
  t.equal(one.code, 0, one.stderr);
  t.match(one.document, { seed: 'stratmesh', spec: { population: 30 }, trials: { count: 2 * (30 + 6 * 27) } });
  t.match(one.document.digest, /^[0-9a-f]{64}$/);
  const { judgement, champions } = one.document;
  t.match(judgement, { trials: one.document.trials, permutation: null, summary: { en: [/./], es: [/./] } });
  t.match(judgement.verdict, /^(significant|promising|not_significant)$/);
  const judged = judgement.strategies.map(({ hash }: { hash: string }) => hash);
  t.ok(
    judged.length > 0 && judged.every((hash: string) => champions.some((each: { hash: string }) => each.hash === hash)),
  );
  const two = await program(...MINE, '--threads', '2');
  t.same(two.document, one.document, 'two threads');
  const file = join(folder, 'mine.checkpoint');
  for (const saves of [2, 3]) {
    const child = spawn(process.execPath, [PROGRAM, ...MINE, '--checkpoint', file, '--data-dir', folder], {
      stdio: 'ignore',
    });
    await killAfterSaves(child, file, saves);
  }
  t.ok(existsSync(file), 'killed with a checkpoint behind it');
  const resumed = await program(...MINE, '--checkpoint', file);
  t.same(resumed.document, one.document, 'killed twice and resumed');
  t.notMatch(resumed.stderr, 'scratch');
  const before = readFileSync(file);
  const other = await program(...MINE, '--seed', 'other', '--checkpoint', file);
  t.same([other.code, other.document.error.code, other.document.error.field], [2, 'foreign_checkpoint', 'checkpoint']);
  t.ok(readFileSync(file).equals(before), 'what another search saved is not written over');
});

t.test('backtest and indicator keep their contract', { skip: needsBuild }, async (t) => {
  const strategy = {
    v: 1,
    side: 'long',
    entry: [[{ left: { indicator: 'rsi', period: 14 }, op: '<', right: { value: 30 } }]],
    takeProfit: { percent: 2 },
    stopLoss: { percent: 2 },
    size: { percentOfEquity: 20 },
  };
  const folder = t.testdir({ 's.json': JSON.stringify(strategy) });
  const file = join(folder, 's.json');
  const { code, document } = await program(
    'backtest',
    '--data',
    'sample',
    '--strategy',
    file,
    '--trades',
    '--from',
    '1000',
    '--to',
    '3000',
  );
  t.equal(code, 0);
  const keys =
    'strategy dataset bars costs initialEquity finalEquity netProfit trades wins winRate profitFactor maxDrawdown sharpe sortino exposure feesPaid openPositions ambiguousBars';
  for (const key of keys.split(' ')) t.ok(key in document, key);
  t.same(document.costs, { fee: 0.004, slippage: 0.0005, spread: 0 });
  t.equal(document.bars, 2000);
  t.equal(document.tradeList.length, document.trades + document.openPositions);
  for (const trade of document.tradeList) {
    t.ok(trade.entryBar > 1000 && trade.exitBar < 3000 && trade.exitBar >= trade.entryBar);
    t.same(new Set(Object.keys(trade)), new Set(TRADE_KEYS.split(' ')));
  }
  const profit = document.tradeList.reduce((sum: number, { pnl }: { pnl: number }) => sum + pnl, 0);
  t.ok(Math.abs(profit - document.netProfit) < 1e-6, 'the trades add up to the profit');
  const rsi = await program('indicator', 'rsi', '--period', '14', '--data', 'sample');
  t.same(Object.keys(rsi.document), ['indicator', 'parameters', 'outputs']);
  t.equal(rsi.document.outputs.value.length, 7000);
  t.equal(rsi.document.outputs.value[13], null);
  t.type(rsi.document.outputs.value[14], 'number');
  const bands = await program('indicator', 'bollinger', '--data', 'sample');
  t.same(bands.document.parameters, { period: 20, deviations: 2 });
  t.same(Object.keys(bands.document.outputs), ['upper', 'middle', 'lower', 'percent_b', 'width']);
  const daily = await program('indicator', 'obv', '--timeframe', '24h', '--data', 'sample');
  t.equal(daily.document.timeframe, '1d');
  const { value } = daily.document.outputs;
  t.equal(value.length, 7000, 'one a bar of the candles');
  t.same(value.slice(21, 25), [null, null, 0, 0], 'the first day is known at the close of its last hour');
  t.ok(value[47] !== 0 && value[46] === 0);
  const onMargin = ['backtest', '--data', 'sample', '--strategy', file, '--trades', '--market', 'perpetual'];
  const perpetual = await program(...onMargin, '--leverage', '20', '--maker-fee', '0.0001');
  t.match(perpetual.document.costs, { fee: 0.0005, makerFee: 0.0001, perpetual: { leverage: 20, fundingHours: 8 } });
  t.ok(perpetual.document.fundingPaid > 0 && 'liquidations' in perpetual.document);
  const paid = perpetual.document.tradeList.reduce((sum: number, { funding }: { funding: number }) => sum + funding, 0);
  t.ok(Math.abs(paid - perpetual.document.fundingPaid) < 1e-9, 'each trade tells its own');
});

t.test('mine says how the candles are divided', { skip: needsBuild }, async (t) => {
  const small = ['mine', '--data', 'sample', '--population', '20', '--generations', '1', '--threads', '1'];
  const lineOf = async (...flags: string[]) =>
    (await reading(...small, ...flags)).split('\n').find((line) => line.startsWith('folds'));
  const preset = presetSpec({ preset: 'quick', risk: 'medium', overrides: { population: 20, generations: 1 } });
  const worked = embargoFor(sampleCandles(), preset);
  t.equal(await lineOf(), `folds     ${preset.folds}, rolling, embargo of ${worked} bars at most`, 'worked out');
  const asked = await lineOf('--folds', '2', '--anchored', '--embargo', '40');
  t.equal(asked, 'folds     2, anchored, embargo of 40 bars at most', 'as asked for');
});

t.test('wrong input ends with 2 and says what and where', { skip: needsBuild }, async (t) => {
  const { code, document } = await program('mine', '--data', 'sample', '--population', '9');
  t.equal(code, 2);
  t.match(document, { error: { code: 'out_of_range', field: 'population' } });
});

/** A verb run in this process; `flags` are options, `_` a positional. */
function runVerb(verb: Verb, { _, ...values }: Record<string, string>): Promise<number> {
  const nothing = () => {};
  const positionals = _ === undefined ? [] : [_];
  const signal = new AbortController().signal;
  const context = { positionals, values, json: true, dataDir: DATA_DIR, signal };
  return verb.run({ ...context, print: nothing, document: nothing, note: nothing });
}

t.test('a reader that has seen enough is no failure', { skip: needsBuild }, async (t) => {
  const child = spawn(process.execPath, [PROGRAM, 'indicator', 'sma', '--data', 'sample', '--period', '5', '--json']);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  // Closed before the first word, so that writing must fail.
  child.stdout.destroy();
  t.equal(await new Promise((resolve) => child.once('exit', resolve)), 0);
  t.equal(stderr, '');
});

/** A strategy that needs smaller bars than the sample's. */
const FAST = JSON.stringify({
  v: 1,
  side: 'long',
  entry: [[{ left: { field: 'close', timeframe: '30m' }, op: '>', right: { value: 1 } }]],
  size: { units: 1 },
});

t.test('what the verbs refuse', async (t) => {
  const folder = t.testdir({
    'bad.json': '{"v":1,"side":"long","entry":[[]]}',
    'x.json': '{',
    'fast.json': FAST,
    'loose.json': '{"level":0.9}',
  });
  const data = 'sample';
  const cases: [Verb, Record<string, string>, string, string][] = [
    [mineVerb, {}, 'missing_flag', 'data'],
    [mineVerb, { data, fee: 'cheap' }, 'bad_number', 'fee'],
    [mineVerb, { data, threads: '0' }, 'out_of_range', 'threads'],
    [mineVerb, { data, permutations: '-1' }, 'out_of_range', 'permutations'],
    [mineVerb, { data, thresholds: join(folder, 'none.json') }, 'file_missing', 'thresholds'],
    [mineVerb, { data, thresholds: join(folder, 'loose.json') }, 'out_of_range', 'level'],
    [mineVerb, { data, preset: 'huge' }, 'bad_value', 'preset'],
    [mineVerb, { data: 'none.csv' }, 'file_missing', 'data'],
    [mineVerb, { data: 'abcdef0123' }, 'dataset_missing', 'data'],
    [mineVerb, { data, market: 'futures' }, 'bad_value', 'market'],
    [mineVerb, { data, leverage: '5' }, 'bad_value', 'leverage'],
    [mineVerb, { data, market: 'perpetual', 'funding-hours': '5' }, 'bad_value', 'fundingHours'],
    [mineVerb, { data, folds: '20', 'min-trades': '0' }, 'out_of_range', 'minTrades'],
    [backtestVerb, { data }, 'missing_flag', 'strategy'],
    [backtestVerb, { data, strategy: join(folder, 'bad.json') }, 'out_of_range', 'entry[0]'],
    [backtestVerb, { data, strategy: join(folder, 'x.json') }, 'bad_json', 'strategy'],
    [backtestVerb, { data, strategy: join(folder, 'x.json'), equity: '0' }, 'out_of_range', 'equity'],
    [indicatorVerb, { data }, 'missing_argument', 'NAME'],
    [backtestVerb, { data, strategy: join(folder, 'fast.json') }, 'bad_timeframe', 'entry[0][0].left.timeframe'],
    [backtestVerb, { data, strategy: join(folder, 'fast.json'), fee: '0.5' }, 'out_of_range', 'fee'],
    [backtestVerb, { data, strategy: join(folder, 'fast.json'), maintenance: '0.1' }, 'bad_value', 'maintenance'],
    [indicatorVerb, { _: 'kst', data }, 'unknown_indicator', 'indicator'],
    [indicatorVerb, { _: 'obv', data, timeframe: '90m' }, 'bad_timeframe', 'timeframe'],
    [indicatorVerb, { _: 'obv', data, timeframe: '7m' }, 'bad_timeframe', 'timeframe'],
    [indicatorVerb, { _: 'sma', data }, 'missing_key', 'period'],
    [indicatorVerb, { _: 'sma', data, period: '5', fast: '3' }, 'unknown_key', 'fast'],
  ];
  for (const [verb, flags, code, field] of cases) {
    await t.rejects(runVerb(verb, flags), { name: 'UsageError', code, field }, `${verb.name} ${JSON.stringify(flags)}`);
  }
});

t.test(
  'data import, list and use by hash',
  { skip: needsBuild || (existsSync(REAL) ? false : 'no ../shared/data here') },
  async (t) => {
    const imported = await program('data', 'import', REAL);
    t.match(imported.document, { symbol: 'BTC-USD', bars: 59_206, from: '2025-07-01T00:00:00.000Z', added: true });
    t.equal(imported.document.gaps.length, 2);
    const listed = await program('data', 'list');
    t.equal(listed.document[0].hash, imported.document.hash);
    const prefix = imported.document.hash.slice(0, 12);
    const average = await program('indicator', 'sma', '--period', '5', '--data', prefix);
    t.equal(average.document.outputs.value.length, 59_206);
  },
);
