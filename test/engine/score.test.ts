// The search's own measure of ups and downs: against its definition bar by bar, and beside the usual one.
import fc from 'fast-check';
import t from 'tap';
import { RunRecord } from '../../src/engine/book.ts';
import type { CandleColumns } from '../../src/engine/candles.ts';
import { ColumnStore } from '../../src/engine/column-store.ts';
import { momentsOf, periodsPerYear, sharpeOf } from '../../src/engine/metrics.ts';
import { parseStrategy } from '../../src/engine/parse-strategy.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { prefixSquares, type ScoreSums, scoreSharpe, scoreSums } from '../../src/engine/score-moments.ts';
import { proposeGeneration, startState } from '../../src/engine/search/evolve.ts';
import { presetSpec } from '../../src/engine/search-spec.ts';
import { simulate } from '../../src/engine/simulate.ts';
import type { Strategy } from '../../src/engine/strategy.ts';
import { awkwardCandles } from './awkward-candles.ts';
import { strategyArbitrary } from './random-strategies.ts';

const SEED = Number(process.env.STRATMESH_SEED ?? Math.floor(Math.random() * 2 ** 31));
const COSTS = { fee: 0.001, slippage: 0.0005, spread: 0.0002 };

function run(candles: CandleColumns, strategy: Strategy, from: number): RunRecord {
  const record = new RunRecord(candles.length);
  const account = { equity: 10_000, costs: COSTS, closeAtEnd: true };
  simulate(new ColumnStore(candles), strategy, { from, to: candles.length }, account, record);
  return record;
}

/** Decision 9 in its own words, one bar after the other. */
function sumBars({ equity, bars, fillBars }: RunRecord, from: number): ScoreSums {
  const filled = new Set(fillBars.map((bar) => bar - from));
  const sums = { count: bars - 1, sum: 0, squares: 0 };
  let base = equity[0]!;
  for (let i = 1; i < bars; i++) {
    const before = filled.has(i) ? equity[i - 1]! : base;
    const change = before > 0 ? (equity[i]! - equity[i - 1]!) / before : 0;
    sums.sum += change;
    sums.squares += change * change;
    if (filled.has(i)) base = equity[i]!;
  }
  return sums;
}

const isNear = (a: number, b: number, scale: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1e-6, scale);

t.test(`the sums are those of the definition, seed ${SEED}`, async (t) => {
  let trades = 0;
  fc.assert(
    fc.property(awkwardCandles, strategyArbitrary, (candles, input) => {
      const from = Math.floor(candles.length / 6);
      const record = run(candles, parseStrategy(input), from);
      trades += record.trades.length;
      const sums = scoreSums(record, from, prefixSquares(candles.close));
      const bars = sumBars(record, from);
      const scale = Math.max(Math.abs(bars.sum), bars.squares);
      return (
        sums.count === bars.count && isNear(sums.sum, bars.sum, scale) && isNear(sums.squares, bars.squares, scale)
      );
    }),
    { seed: SEED, numRuns: 600 },
  );
  t.ok(trades > 1_000, `${trades} trades`);
});

t.test('beside the usual Sharpe ratio', async (t) => {
  const candles = sampleCandles('score', 4_000);
  const spec = presetSpec({ preset: 'quick', risk: 'high', overrides: { population: 80, allowShort: true } });
  const task = { dataset: candles.hash, seed: 'score', spec, unit: 0 };
  const squares = prefixSquares(candles.close);
  let worst = 0;
  let compared = 0;
  for (const strategy of proposeGeneration(task, startState(), candles)) {
    const record = run(candles, strategy, 300);
    if (record.trades.length < 20) continue;
    const usual = sharpeOf(momentsOf(record.equity, record.bars), candles.barMs)!;
    const own = scoreSharpe(scoreSums(record, 300, squares), periodsPerYear(candles.barMs));
    worst = Math.max(worst, Math.abs(own - usual) / Math.max(1, Math.abs(usual)));
    compared++;
  }
  t.ok(compared > 30, `${compared} strategies`);
  t.ok(worst < 0.05, `at most ${(worst * 100).toFixed(2)} % apart`);
});
