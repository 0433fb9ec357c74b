// A strategy that is run again gives the figures of its checker bit for bit, trades and equity that add up to them, and
// tells when a figure of the ledger is another.
import fc from 'fast-check';
import t from 'tap';
import { evaluateChampion } from '../../src/engine/champion.ts';
import { parseStrategy } from '../../src/engine/parse-strategy.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { presetSpec } from '../../src/engine/search-spec.ts';
import { DEFAULT_THRESHOLDS } from '../../src/engine/statistics/thresholds.ts';
import { strategyHash } from '../../src/engine/strategy-hash.ts';
import { strategyLines } from '../../src/node/strategy-lines.ts';
import { neighboursView } from '../../src/node/strategy-neighbours.ts';
import { candleWindow, elapsedMs, runAgain } from '../../src/node/strategy-run.ts';
import { judge } from '../../src/node/verdicts/judge.ts';
import type { ResultView } from '../../src/ui/api.ts';
import type { SegmentName } from '../../src/ui/api-strategy.ts';

const candles = sampleCandles();
const spec = presetSpec({ preset: 'quick', risk: 'medium' });
const SEGMENTS: readonly SegmentName[] = ['inSample', 'outOfSample', 'holdout'];

const strategyOf = (fast: number, slow: number, stop: number) => ({
  v: 1,
  side: 'long',
  entry: [
    [{ left: { indicator: 'sma', period: fast }, op: 'crosses_above', right: { indicator: 'sma', period: slow } }],
  ],
  exit: [{ left: { indicator: 'rsi', period: 14 }, op: '>', right: { value: 60 } }],
  stopLoss: { percent: stop },
  size: { percentOfEquity: 50 },
  maxPositions: 1,
});

function resultFor(strategy: object): ResultView {
  const task = { dataset: candles.hash, seed: 'x', spec, unit: 0 };
  const { inSample, outOfSample, holdout } = evaluateChampion(candles, task, parseStrategy(strategy));
  return { id: strategyHash(parseStrategy(strategy)), strategy, inSample, outOfSample, holdout } as ResultView;
}

t.test('as the checker has it', async (t) => {
  let trades = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 20 }),
      fc.integer({ min: 25, max: 60 }),
      fc.integer({ min: 1, max: 5 }),
      (fast, slow, stop) => {
        const result = resultFor(strategyOf(fast, slow, stop));
        const run = runAgain({ result, search: { ...spec }, candles }, () => 0);
        trades += run.trades.total;
        return (
          run.here === run.ledger &&
          SEGMENTS.every((name) => {
            const own = run.trades.items.filter(({ segment }) => segment === name);
            const sum = own.reduce((total, { pnl }) => total + pnl, 0);
            const stretches = run.equity.filter(({ segment }) => segment === name);
            const last = stretches.at(-1)!.points.at(-1)!;
            const held = spec.equity * (1 + run.segments[name].buyAndHold);
            const { netProfit, trades: count } = result[name];
            const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-6 * spec.equity;
            return (
              own.length === count &&
              near(sum, netProfit) &&
              near(last[1], spec.equity + netProfit) &&
              near(stretches.at(-1)!.held.at(-1)!, held) &&
              stretches.every(({ points, held }) => points.length === held.length)
            );
          }) &&
          run.trades.items.every(({ entryAt, exitAt }) => entryAt <= exitAt)
        );
      },
    ),
    { numRuns: 12 },
  );
  t.ok(trades > 50, `${trades} trades were looked at`);
});

t.test('time goes by where candles are missing', async (t) => {
  const hour = 3_600_000;
  const time = new Float64Array([0, hour, 5 * hour, 6 * hour]);
  t.equal(elapsedMs({ time, barMs: hour }, { from: 0, to: 3 }), 6 * hour);
  t.equal(elapsedMs({ time, barMs: hour }, { from: 1, to: 2 }), hour);
  const { segments } = runAgain({ result: resultFor(strategyOf(5, 30, 2)), search: { ...spec }, candles }, () => 0);
  for (const name of SEGMENTS) {
    const { perDay, perYear } = segments[name];
    t.ok(Math.abs((1 + perDay!) ** 365 - 1 - perYear!) < 1e-9, `${name}: a year is 365 days`);
  }
});

t.test('the Sortino ratio is that of its equity', async (t) => {
  // So few that each is a point of the curve.
  const few = sampleCandles('sortino', 1500);
  const overrides = { folds: 3, minTrades: 6, warmup: 60, embargo: 20 };
  const search = { ...presetSpec({ preset: 'quick', risk: 'medium', overrides }) };
  const run = runAgain({ result: resultFor(strategyOf(5, 30, 2)), search, candles: few }, () => 0);
  for (const name of SEGMENTS) {
    const returns = run.equity
      .filter(({ segment }) => segment === name)
      .flatMap(({ points }) => points.slice(1).map(([, money], i) => money / points[i]![1] - 1));
    const mean = returns.reduce((sum, each) => sum + each, 0) / returns.length;
    const risk = Math.sqrt(returns.reduce((sum, each) => sum + Math.min(each, 0) ** 2, 0) / returns.length);
    const expected = (mean / risk) * Math.sqrt((365 * 86_400_000) / few.meta.barMs);
    t.ok(
      risk > 0 && Math.abs(run.segments[name].sortino! - expected) < 1e-9 * Math.abs(expected),
      `${name}: ${expected}`,
    );
  }
});

t.test('a figure that is another is told', async (t) => {
  const result = resultFor(strategyOf(5, 30, 2));
  const forged = { ...result, holdout: { ...result.holdout, netProfit: result.holdout.netProfit + 1e-9 } };
  const run = runAgain({ result: forged, search: { ...spec }, candles }, () => 0);
  t.not(run.here, run.ledger);
});

t.test('windows of candles', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 900 }), fc.option(fc.nat({ max: candles.length - 1 })), (bars, bar) => {
      const at = bar === null ? undefined : candles.time[bar]!;
      const { time, first, total, close } = candleWindow(candles, { at, bars });
      const place = bar === null ? candles.length - 1 : bar;
      return (
        time.length === Math.min(bars, total) &&
        place >= first &&
        place < first + time.length &&
        close.every((value, i) => value === candles.close[first + i])
      );
    }),
  );
});

t.test('orders of its trades and its neighbours are those of the verdict on its job', async (t) => {
  const strategy = strategyOf(5, 30, 2);
  const result = resultFor(strategy);
  const champions = [parseStrategy(strategy)];
  const { strategies } = await judge({ candles, spec, champions, trials: [], thresholds: DEFAULT_THRESHOLDS });
  const [judged] = strategies;
  const { orders } = runAgain({ result, search: { ...spec }, candles }, () => 0);
  const { shuffles, median, oneIn20, oneIn100 } = orders!;
  t.same({ shuffles, median, oneIn20, oneIn100 }, judged!.drawdown);
  t.equal(orders!.trades, judged!.unseenTrades);
  t.ok(orders!.trades > 5 && judged!.drawdown.median > 0, 'with something to see');

  const view = await neighboursView({ result, search: { ...spec }, candles });
  const found = view.settings.flatMap(({ neighbours }) => neighbours.filter((each) => each !== null));
  t.equal(found.length, judged!.neighbourhood.neighbours);
  t.equal(found.filter((each) => each.return > 0).length / found.length, judged!.neighbourhood.profitable);
  t.same(view.own.trades, result.inSample.trades);
  t.ok(Math.abs(view.own.return - result.inSample.return) < 1e-12, 'its own figure is that of the ledger');
  t.same(
    view.settings.map(({ path }) => path.join('.')),
    ['entry.0.0.left.period', 'entry.0.0.right.period', 'exit.0.left.period', 'exit.0.right.value', 'stopLoss.percent'],
  );
});

t.test('one trade has one order', async (t) => {
  const never = { ...strategyOf(5, 30, 2), entry: [[{ left: { field: 'close' }, op: '<', right: { value: 0 } }]] };
  t.equal(runAgain({ result: resultFor(never), search: { ...spec }, candles }, () => 0).orders, null);
});

t.test('what the rules look at, from the engine', async (t) => {
  const strategy = {
    ...strategyOf(5, 30, 2),
    exit: [
      { left: { indicator: 'rsi', period: 14 }, op: '>', right: { value: 60 } },
      { left: { indicator: 'rsi', period: 14 }, op: '<', right: { value: 20 } },
    ],
  };
  const { time, lines } = strategyLines(candles, strategy, { bars: 300 });
  t.same(time, [...candles.time.subarray(-300)], 'on the candles of the window');
  t.same(
    lines.map(({ name, scale, levels }) => [name, scale, levels]),
    [
      ['SMA(5)', 'price', []],
      ['SMA(30)', 'price', []],
      ['RSI(14)', 'hundred', [60, 20]],
    ],
    'each once, with all that it is compared with',
  );
  const { close } = candles;
  const mean = (end: number): number => close.subarray(end - 4, end + 1).reduce((sum, each) => sum + each, 0) / 5;
  lines[0]!.values.forEach((value, i) => {
    const at = candles.length - 300 + i;
    if (Math.abs(value! - mean(at)) > 1e-6 * mean(at)) t.fail(`bar ${at}: ${value}, not ${mean(at)}`);
  });
  const start = strategyLines(candles, strategy, { at: candles.time[0], bars: 40 });
  t.equal(
    start.lines[1]!.values.filter((value) => value === null).length,
    29,
    'undefined until there are thirty candles',
  );
});
