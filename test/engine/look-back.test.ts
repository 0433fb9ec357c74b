// How far back strategies look, and the embargo that follows from it.
import fc from 'fast-check';
import t from 'tap';
import { allocateColumns, type CandleColumns } from '../../src/engine/candles.ts';
import { ColumnStore } from '../../src/engine/column-store.ts';
import { holdingOf, lookBackOf } from '../../src/engine/look-back.ts';
import { parseStrategy } from '../../src/engine/parse-strategy.ts';
import { openStream } from '../../src/engine/random.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { embargoFor } from '../../src/engine/search/embargo.ts';
import { advance, proposeGeneration, startState } from '../../src/engine/search/evolve.ts';
import { presetSpec } from '../../src/engine/search-spec.ts';
import type { IndicatorOperand, Operand, Strategy } from '../../src/engine/strategy.ts';
import { divideTime } from '../../src/engine/time-line.ts';
import type { UnitTask } from '../../src/engine/unit-task.ts';
import { strategyArbitrary } from './random-strategies.ts';

const TEN_MINUTES = 600_000;
const BARS = 9000;

/** A walk in cents, ten minutes a bar; bars before `from` are another market's. */
function walk(from: number): CandleColumns {
  const columns = allocateColumns(BARS, TEN_MINUTES);
  const streams = [openStream(new Uint8Array(1), 'other'), openStream(new Uint8Array(1), 'same')];
  let cents = 500_000;
  for (let i = 0; i < BARS; i++) {
    const [other, same] = streams.map((random) => [random.below(401), random.below(100), random.below(90)] as const);
    const [move, reach, volume] = i < from ? other! : same!;
    if (i === from) cents = 500_000;
    const close = cents + move - 200;
    columns.time[i] = i * TEN_MINUTES;
    columns.open[i] = cents / 100;
    columns.high[i] = (Math.max(cents, close) + reach) / 100;
    columns.low[i] = (Math.min(cents, close) - reach) / 100;
    columns.close[i] = close / 100;
    columns.volume[i] = volume + 1;
    cents = close;
  }
  return columns;
}

/** Averages without an end, and what is counted from the first bar on, are not of a window. */
const ENDLESS = new Set(['ema', 'rsi', 'atr', 'macd', 'adx', 'obv']);
const operandsOf = ({ entry, exit }: Strategy): Operand[] =>
  [...entry.flat(), ...exit].flatMap(({ left, right }) => [left, right]);
const isOfWindows = (strategy: Strategy): boolean =>
  operandsOf(strategy).every((operand) => !('indicator' in operand && ENDLESS.has(operand.indicator)));

t.test('nothing older than its look-back changes what a strategy sees (seed 6)', async () => {
  // On this bar a day and every larger bar are nearly over: their windows reach back furthest.
  const bar = BARS - 146;
  fc.assert(
    fc.property(strategyArbitrary, (input) => {
      const strategy = parseStrategy(input);
      fc.pre(isOfWindows(strategy));
      const lookBack = lookBackOf(strategy, TEN_MINUTES);
      fc.pre(lookBack < bar);
      const [whole, cut] = [walk(0), walk(bar - lookBack)].map((candles) => new ColumnStore(candles));
      return [...strategy.entry.flat(), ...strategy.exit].every(
        (condition) => whole!.condition(condition)[bar] === cut!.condition(condition)[bar],
      );
    }),
    { seed: 6, numRuns: 150 },
  );
});

t.test('look-backs by hand, in bars of the candles', async (t) => {
  const of = (left: object, changes: object = {}) =>
    lookBackOf(
      parseStrategy({
        ...{ v: 1, side: 'long', size: { quote: 1 }, stopLoss: { percent: 1 }, ...changes },
        entry: [[{ left, op: '>', right: { value: 1 } }]],
      }),
      TEN_MINUTES,
    );
  t.equal(of({ field: 'close' }), 1, 'a cross needs the bar before');
  t.equal(of({ indicator: 'sma', period: 20, barsAgo: 3 }), 24);
  t.equal(of({ indicator: 'sma', period: 20, timeframe: '1h' }), 21 * 6, 'the last whole hour is seen for an hour');
  t.equal(of({ indicator: 'macd', fast: 12, slow: 26, signal: 9, output: 'macd' }), 48);
  t.equal(of({ indicator: 'vwap_day' }), 1 + 144, 'a day of ten minutes');
  t.equal(of({ field: 'close' }, { takeProfit: { atr: 2, period: 50 } }), 50, 'distances look back too');
  t.equal(holdingOf(12), 14, 'the fill, twelve bars, the next open');
});

const CANDLES = sampleCandles('embargo', 3000);
const SPEC = presetSpec({ preset: 'quick', risk: 'medium', overrides: { population: 80, generations: 4 } });

/** All strategies that a few searches propose; their scores are drawn. */
function proposed(spec: typeof SPEC): Strategy[] {
  const found: Strategy[] = [];
  for (const seed of ['one', 'two', 'three']) {
    const task: UnitTask = { dataset: CANDLES.hash, seed, spec, unit: 0 };
    let state = startState();
    for (let g = 0; g < spec.generations; g++) {
      const next = proposeGeneration(task, state, CANDLES);
      found.push(...next);
      const scores = next.map((_, i) => ({ fitness: -i, sharpe: 0, return: 0, trades: 50, behaviour: `${g} ${i}` }));
      state = advance(task, state, next, scores);
    }
  }
  return found;
}

t.test('the embargo covers whatever a search proposes, and little more', async (t) => {
  const spec = { ...SPEC, embargo: embargoFor(CANDLES, SPEC) };
  const all = proposed(spec);
  const longest = (of: (strategy: Strategy) => number) => Math.max(...all.map(of));
  const lookBack = longest((strategy) => lookBackOf(strategy, CANDLES.barMs));
  const stop = longest(({ maxBars = 0 }) => maxBars);
  t.equal(stop, 288, 'the longest time stop is drawn');
  t.ok(lookBack + holdingOf(stop) <= spec.embargo, `${lookBack} + ${stop} of ${spec.embargo}`);
  t.ok(lookBack + holdingOf(stop) > spec.embargo * 0.75, `${lookBack} + ${stop} of ${spec.embargo}`);
  const periods = all.flatMap(operandsOf).map((operand) => (operand as IndicatorOperand).period ?? 0);
  t.ok(Math.max(...periods) >= 100, 'long averages among them');
});

t.test('the embargo depends on bars and seeds, not on what the specification says of it', async (t) => {
  const usual = embargoFor(CANDLES, SPEC);
  t.equal(embargoFor(CANDLES, { ...SPEC, embargo: 3 }), usual);
  t.equal(embargoFor({ length: 1_000_000, barMs: 3_600_000 }, SPEC), (200 + 24 + 1) * 24 + 290, 'SMA(200) on days');
  t.ok(embargoFor({ length: 6000, barMs: 3_600_000 }, SPEC) > usual, 'longer folds, longer averages');
  const seed = {
    ...{ v: 1, side: 'long', exit: [], stopLoss: { percent: 2 }, maxBars: 400, size: { percentOfEquity: 20 } },
    ...{ maxPositions: 1, entry: [[{ left: { indicator: 'sma', period: 900 }, op: '>', right: { value: 1 } }]] },
  } as unknown as Strategy;
  t.equal(embargoFor(CANDLES, { ...SPEC, seeds: [seed] }), 901 + 402, 'a seed may look and hold longer');
  t.throws(() => embargoFor({ length: 300, barMs: 60_000 }, SPEC), { code: 'too_few_bars' });
  const { outOfSample, holdout } = divideTime(7000, {
    ...SPEC,
    embargo: embargoFor({ length: 7000, barMs: 3_600_000 }, SPEC),
  });
  t.equal(holdout.from - outOfSample[4]!.to, 280, 'and where it does not fit, it is as long as there is room');
});
