// Tracks, surrogates and stress: what they keep, what they change, and that they say the same as the reported figures.
import fc from 'fast-check';
import t from 'tap';
import { RunRecord } from '../../../src/engine/book.ts';
import type { CandleColumns } from '../../../src/engine/candles.ts';
import { evaluateChampion } from '../../../src/engine/champion.ts';
import { ColumnStore } from '../../../src/engine/column-store.ts';
import { Evaluator } from '../../../src/engine/fast/evaluator.ts';
import { parseStrategy } from '../../../src/engine/parse-strategy.ts';
import { openStream } from '../../../src/engine/random.ts';
import { sampleCandles } from '../../../src/engine/sample.ts';
import { presetSpec, type SearchSpec } from '../../../src/engine/search-spec.ts';
import { simulate } from '../../../src/engine/simulate.ts';
import { FACTORS, neighbourhoodOf, neighboursOf, settingsOf } from '../../../src/engine/statistics/neighbourhood.ts';
import { permutationP, permutedFor } from '../../../src/engine/statistics/permutation.ts';
import { noiseReturns, OtherMarket, returnOf, StressTest } from '../../../src/engine/statistics/stress.ts';
import { addNoise, permuteBars, randomWalk, shuffleBlocks } from '../../../src/engine/statistics/surrogates.ts';
import { Tracker } from '../../../src/engine/statistics/track.ts';
import type { Strategy } from '../../../src/engine/strategy.ts';
import { divideTime } from '../../../src/engine/time-line.ts';

const SEED = new Uint8Array([9]);
const BARS = 2400;
const candles = sampleCandles('stress', BARS);
const spec = presetSpec({ preset: 'quick', risk: 'medium' });
const near = (a: number, b: number, error = 1e-9) => Math.abs(a - b) <= error * Math.max(1, Math.abs(b));

const stressOf = (job: SearchSpec, tried: Strategy) =>
  new StressTest(candles, job).run(tried, returnOf(new Tracker(candles, job).follow(tried)));

const strategy: Strategy = parseStrategy({
  v: 1,
  side: 'long',
  entry: [[{ left: { indicator: 'rsi', period: 14 }, op: '<', right: { value: 35 } }]],
  exit: [{ left: { field: 'close' }, op: '>', right: { indicator: 'sma', period: 20, times: 1.01 } }],
  stopLoss: { percent: 4 },
  takeProfit: { atr: 3, period: 14 },
  maxBars: 24,
  size: { percentOfEquity: 30 },
});

t.test('a track has the figures that are reported, and the returns behind them', async (t) => {
  const track = new Tracker(candles, spec).follow(strategy);
  const task = { dataset: candles.hash, seed: 'x', spec, unit: 0 };
  const reported = evaluateChampion(candles, task, strategy);
  const { outOfSample, holdout } = divideTime(BARS, spec);
  for (const name of ['inSample', 'outOfSample', 'holdout'] as const) {
    t.same(track[name].metrics, reported[name], name);
    const grown = track[name].returns.reduce((equity, r) => equity * (1 + r), 1);
    t.ok(near(grown, 1 + reported[name].return), `${name}: returns compound to the reported one`);
    t.equal(track[name].trades.length, reported[name].trades);
    const wins = track[name].trades.filter((r) => r > 0).length;
    t.ok(near(wins / track[name].trades.length, reported[name].winRate!), 'and so do wins');
  }
  t.ok(track.holdout.trades.length > 3);
  const record = new RunRecord(BARS);
  const account = { equity: spec.equity, costs: spec.costs, closeAtEnd: true };
  simulate(new ColumnStore(candles), strategy, holdout, account, record);
  const atClose = (bar: number) => record.equity[bar - holdout.from]!;
  const shares = record.trades.list().map(({ pnl, entryBar }) => pnl / atClose(entryBar - 1));
  t.same([...track.holdout.trades], shares, 'each trade as a share of the equity before it');
  const bars = outOfSample.reduce((sum, { from, to }) => sum + to - from - 1, 0);
  t.equal(track.outOfSample.returns.length, bars);
  t.equal(track.holdout.returns.length, holdout.to - holdout.from - 1);
  t.same([...track.unseen], [...track.outOfSample.returns, ...track.holdout.returns]);
  const renamed = new Tracker(candles, spec).follow({ ...strategy, size: { percentOfEquity: 20 } });
  t.equal(renamed.behaviour, track.behaviour, 'the same trades are the same behaviour');
  t.not(new Tracker(candles, spec).follow({ ...strategy, maxBars: 10 }).behaviour, track.behaviour);
});

/** Moves between bars and bodies of bars as ratios, rounded so that ticks do not matter. */
function shapes(columns: CandleColumns, from: number, to: number) {
  const gaps: number[] = [];
  const bodies: string[] = [];
  for (let i = from + 1; i < to; i++) {
    const [open, high, low, close] = [columns.open[i]!, columns.high[i]!, columns.low[i]!, columns.close[i]!];
    gaps.push(open / columns.close[i - 1]! - 1);
    bodies.push(`${columns.volume[i]} ${[high, low, close].map((x) => (x / open - 1).toFixed(4)).join(' ')}`);
  }
  return { gaps: gaps.sort((a, b) => a - b), bodies };
}

t.test('permuted bars: the same moves in another order, between the same ends', async (t) => {
  const window = { from: 100, to: 2000 };
  // In the sample a bar opens where the one before closed; here it does not.
  const candles = addNoise(sampleCandles('gaps', BARS), 0.3, openStream(SEED, 'gaps'));
  const permuted = permuteBars(candles, window, openStream(SEED, 'permute'));
  for (const name of ['open', 'high', 'low', 'close', 'volume'] as const) {
    t.same(permuted[name].slice(0, 101), candles[name].slice(0, 101), `${name} before`);
    t.same(permuted[name].slice(2000), candles[name].slice(2000), `${name} after`);
  }
  t.same(permuted.time, candles.time);
  t.ok(near(permuted.close[1999]!, candles.close[1999]!, 1e-5), 'drift is kept');
  const [before, after] = [shapes(candles, 100, 2000), shapes(permuted, 100, 2000)];
  const volumes = (bodies: string[]) => bodies.map((text) => Number(text.split(' ')[0])).sort((a, b) => a - b);
  t.same(volumes(after.bodies), volumes(before.bodies));
  t.ok(
    after.gaps.every((gap, i) => Math.abs(gap - before.gaps[i]!) < 2e-6),
    'moves between bars',
  );
  let moved = 0;
  for (let i = 101; i < 2000; i++) moved += Number(permuted.volume[i] !== candles.volume[i]);
  t.ok(moved > 1850, 'hardly a bar stays in its place');
  t.equal(permuted.meta.sample, true);
  t.not(permuted.hash, candles.hash);
  const { holdout } = divideTime(BARS, spec);
  const one = permutedFor(candles, spec, 'seed', 0);
  t.same(one.close.slice(holdout.from), candles.close.slice(holdout.from), 'the holdout is not touched');
  t.not(one.hash, permutedFor(candles, spec, 'seed', 1).hash);
  t.equal(one.hash, permutedFor(candles, spec, 'seed', 0).hash);
});

t.test('shuffled blocks: bodies follow each other within a block as before', async (t) => {
  const block = 24;
  const shuffled = shuffleBlocks(candles, block, openStream(SEED, 'blocks'));
  const pair = (columns: CandleColumns, i: number) => `${columns.volume[i - 1]} ${columns.volume[i]}`;
  const pairs = new Set(Array.from({ length: BARS - 2 }, (_, i) => pair(candles, i + 2)));
  let kept = 0;
  for (let i = 2; i < BARS; i++) kept += Number(pairs.has(pair(shuffled, i)));
  const share = kept / (BARS - 2);
  t.ok(share > 1 - 1.5 / block && share < 1 - 0.5 / block, `${share}`);
  t.same(
    [...shuffled.volume].sort((a, b) => a - b),
    [...candles.volume].sort((a, b) => a - b),
  );
});

t.test('noise: every price within its share of ATR, bars still bars, ticks still ticks', async (t) => {
  const noisy = addNoise(candles, 0.5, openStream(SEED, 'noise'));
  const atr = new ColumnStore(candles).indicator({ indicator: 'atr', period: 14 });
  let largest = 0;
  for (let i = 0; i < BARS; i++) {
    const reach = Number.isNaN(atr[i]!) ? 0 : 0.5 * atr[i]! + 0.01;
    const off = Math.max(Math.abs(noisy.open[i]! - candles.open[i]!), Math.abs(noisy.close[i]! - candles.close[i]!));
    if (off > reach) t.fail(`bar ${i}: ${off} > ${reach}`);
    if (reach > 0) largest = Math.max(largest, off / reach);
    if (Math.floor(noisy.close[i]! * 100 + 0.5) / 100 !== noisy.close[i]) t.fail(`bar ${i}: not in cents`);
  }
  t.ok(largest > 0.95);
  t.same(addNoise(candles, 0, openStream(SEED, 'none')).close, candles.close);
});

t.test('a random walk: bars of the variance asked for, with nothing to be predicted', async (t) => {
  const walk = randomWalk('w', 20_000, 0.006);
  const moves = Array.from({ length: walk.length - 1 }, (_, i) => walk.close[i + 1]! / walk.close[i]! - 1);
  const mean = moves.reduce((a, b) => a + b, 0) / moves.length;
  const square = moves.reduce((sum, x) => sum + x * x, 0) / moves.length;
  // Standard errors: 0.006 / √20000 = 4.2e-5; relative 0.5 % of the deviation; 0.0071 of the correlation.
  t.ok(Math.abs(mean) < 1.7e-4, `${mean}`);
  t.ok(near(Math.sqrt(square) / 0.006, 1, 0.02), `${Math.sqrt(square)}`);
  const lag = moves.slice(1).reduce((sum, x, i) => sum + x * moves[i]!, 0) / moves.length / square;
  t.ok(Math.abs(lag) < 0.028, `${lag}`);
});

t.test('stress: dearer is never better, and the factors are the job’s own costs', async (t) => {
  const stress = stressOf(spec, strategy);
  const at = (factor: number) => {
    const dear = { fee: 0.004 * factor, slippage: 0.0005 * factor, spread: 0 };
    return returnOf(new Tracker(candles, { ...spec, costs: dear }).follow(strategy));
  };
  t.same([stress.once, stress.twice, stress.thrice], [at(1), at(2), at(3)]);
  t.ok(stress.once > stress.twice && stress.twice > stress.thrice);
  const rich = { fee: 0.004, makerFee: 0.001, impact: 0.5, slippage: 0, spread: 0.0001 };
  const free = stressOf({ ...spec, costs: rich }, strategy);
  const dear = { fee: 0.008, makerFee: 0.002, impact: 1, slippage: 0, spread: 0.0002 };
  t.equal(free.twice, stressOf({ ...spec, costs: dear }, strategy).once, 'every rate is doubled');
});

t.test('one bar late: the same signals, filled at the open after', async (t) => {
  // A condition on the bar before is the same signal one bar late, where nothing but signals opens and closes.
  const signals = (barsAgo: number) =>
    parseStrategy({
      v: 1,
      side: 'long',
      entry: [[{ left: { indicator: 'rsi', period: 14, barsAgo }, op: '<', right: { value: 35 } }]],
      exit: [{ left: { field: 'close', barsAgo }, op: '>', right: { indicator: 'sma', period: 20, barsAgo } }],
      size: { percentOfEquity: 30 },
    });
  t.equal(stressOf(spec, signals(0)).late, stressOf(spec, signals(1)).once);
  t.not(stressOf(spec, signals(0)).late, stressOf(spec, signals(0)).once);
});

t.test('noise and other markets', async (t) => {
  const options = { copies: 3, share: 0.1, random: openStream(SEED, 'copies') };
  const returns = noiseReturns(candles, spec, [strategy, { ...strategy, maxBars: 5 }], options);
  t.same(
    returns.map((each) => each.length),
    [3, 3],
  );
  t.equal(new Set(returns[0]).size, 3, 'each copy is another');
  const [same] = noiseReturns(candles, spec, [strategy], { ...options, copies: 1, share: 0 });
  t.equal(same![0], stressOf(spec, strategy).once, 'without noise it is the market itself');
  const other = sampleCandles('elsewhere', 1000);
  const record = new RunRecord(1000);
  const account = { equity: spec.equity, costs: spec.costs, closeAtEnd: true };
  simulate(new ColumnStore(other), strategy, { from: 0, to: 1000 }, account, record);
  const elsewhere = new OtherMarket(other, spec).run(strategy);
  t.equal(elsewhere.trades, record.trades.length);
  t.equal(elsewhere.netProfit, record.finalEquity - spec.equity);
});

t.test('neighbours: one number changed by 10 or 20 %, nothing else', async (t) => {
  const neighbours = neighboursOf(strategy);
  // rsi 14, 35, sma 20, times 1.01, stop 4, target 3, its ATR 14, 24 bars: eight numbers, four steps each.
  t.equal(neighbours.length, 32);
  const flat = (node: unknown): string[] => JSON.stringify(node).split(/[,:[\]{}]+/);
  const own = flat(strategy);
  for (const neighbour of neighbours) {
    const theirs = flat(neighbour);
    const changed = theirs.filter((text, i) => text !== own[i]);
    t.equal(changed.length, 1);
    const at = theirs.findIndex((text, i) => text !== own[i]);
    const ratio = Number(theirs[at]) / Number(own[at]);
    t.ok(
      [0.8, 0.9, 1.1, 1.2].some((factor) => Math.abs(ratio - factor) < 0.04),
      `${ratio}`,
    );
  }
  const tiny = parseStrategy({
    v: 1,
    side: 'long',
    entry: [[{ left: { indicator: 'sma', period: 1 }, op: '>', right: { value: 0 } }]],
    size: { units: 1 },
  });
  const periods = neighboursOf(tiny).map(({ entry }) => (entry[0]![0]!.left as { period: number }).period);
  t.same(periods, [2], 'a period of 0 is none; 0 has no neighbours; sizes stay');
});

t.test('each number says where it stands and what its neighbours are', async (t) => {
  const settings = settingsOf(strategy);
  for (const { path, value, neighbours } of settings) {
    const at = (root: unknown) => path.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], root);
    t.equal(at(strategy), value, path.join('.'));
    neighbours.forEach((each, i) => {
      t.equal(at(each!.strategy), each!.value);
      t.ok(Math.abs(each!.value / value - FACTORS[i]!) < 0.04, `${each!.value} of ${value}`);
    });
  }
  const short = settingsOf({ ...strategy, maxBars: 5 }).find(({ path }) => path.join() === 'maxBars')!;
  t.same(
    short.neighbours.map((each) => each?.value),
    [4, undefined, 6, undefined],
    'five less a tenth is four again',
  );
});

t.test('what neighbours say (seed 21)', async () => {
  const evaluation = fc.record({ sharpe: fc.integer({ min: -9, max: 9 }), return: fc.integer({ min: -2, max: 2 }) });
  fc.assert(
    fc.property(fc.array(evaluation, { minLength: 1, maxLength: 9 }), (found) => {
      const all = found.map((each) => ({ fitness: 0, trades: 40, behaviour: '', ...each }));
      const { neighbours, medianSharpe, profitable } = neighbourhoodOf(all);
      const above = found.filter(({ sharpe }) => sharpe > medianSharpe!).length;
      const below = found.filter(({ sharpe }) => sharpe < medianSharpe!).length;
      const gains = found.reduce((sum, each) => sum + Number(each.return > 0), 0);
      return (
        neighbours === found.length && 2 * Math.max(above, below) <= found.length && profitable === gains / found.length
      );
    }),
    { seed: 21, numRuns: 300 },
  );
});

t.test('neighbours are scored as the search scores', async (t) => {
  const evaluations = new Evaluator(candles, spec).evaluate(neighboursOf(strategy));
  const { neighbours, medianSharpe } = neighbourhoodOf(evaluations);
  t.equal(neighbours, 32);
  t.ok(Number.isFinite(medianSharpe));
  t.same(neighbourhoodOf([]), { neighbours: 0, medianSharpe: null, profitable: null });
});

t.test('p of permutations', async (t) => {
  t.equal(permutationP(2, [1, 2, 3, null]), 0.6, 'equal counts against it');
  t.equal(
    permutationP(
      9,
      Array.from({ length: 19 }, () => 1),
    ),
    0.05,
  );
  t.equal(permutationP(null, [1]), 1);
});
