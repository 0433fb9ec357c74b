// The fast engine against the plain one: the same trades, the same money, the same bits.
// STRATMESH_PAIRS sets how many strategy × window pairs are compared, STRATMESH_SEED with which seed.
import fc from 'fast-check';
import t from 'tap';
import { BehaviourHash } from '../../src/engine/behaviour.ts';
import { RunRecord } from '../../src/engine/book.ts';
import { type CandleColumns, viewColumns } from '../../src/engine/candles.ts';
import { ColumnStore } from '../../src/engine/column-store.ts';
import { fillBatch } from '../../src/engine/fast/evaluator.ts';
import { planLayout, type ShelfLimits, type Span } from '../../src/engine/fast/layout.ts';
import { createMarket } from '../../src/engine/fast/market.ts';
import { Planner } from '../../src/engine/fast/plan.ts';
import { ResultReader } from '../../src/engine/fast/results.ts';
import { Runner, type TracedTrade } from '../../src/engine/fast/runner.ts';
import { type FoldRun, Judge } from '../../src/engine/fitness.ts';
import { parseStrategy } from '../../src/engine/parse-strategy.ts';
import { prefixSquares, scoreSums } from '../../src/engine/score-moments.ts';
import { type Costs, presetSpec } from '../../src/engine/search-spec.ts';
import { simulate } from '../../src/engine/simulate.ts';
import type { Strategy } from '../../src/engine/strategy.ts';
import { awkwardCandles } from './awkward-candles.ts';
import { strategyArbitrary } from './random-strategies.ts';

const STRATEGIES_PER_CASE = 8;
const PAIRS = Number(process.env.STRATMESH_PAIRS ?? 4_000);
const SEED = Number(process.env.STRATMESH_SEED ?? Math.floor(Math.random() * 2 ** 31));

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

interface Run {
  finalEquity: number;
  folds: FoldRun[];
  behaviour: string;
  trades: Omit<TracedTrade, 'cash'>[];
}

/** The plain engine, span after span, as the search runs it. */
function runPlainly(candles: CandleColumns, spans: readonly Span[], strategy: Strategy, equity: number, costs: Costs) {
  const behaviour = new BehaviourHash(strategy.side);
  const run: Run = { finalEquity: equity, folds: [], behaviour: '', trades: [] };
  /** Equity at the close of bars that ended flat, by span and bar: what is realised then. */
  const flat: Map<number, number>[] = [];
  spans.forEach(({ from, first, to }, part) => {
    const view = viewColumns(candles, from, to);
    const record = new RunRecord(to - from);
    const window = { from: first - from, to: to - from };
    simulate(new ColumnStore(view), strategy, window, { equity: run.finalEquity, costs, closeAtEnd: true }, record);
    run.finalEquity = record.finalEquity;
    behaviour.add(part, record.trades);
    const sums = scoreSums(record, window.from, prefixSquares(view.close));
    run.folds.push({ ...sums, trades: record.trades.length });
    for (const { entryBar, exitBar, units, entryPrice, exitPrice, pnl, reason } of record.trades.list()) {
      run.trades.push({ entryBar, exitBar, units, entryPrice, exitPrice, pnl, reason });
    }
    const ended = record.fillBars.filter((_, k) => record.heldUnits[k] === 0);
    flat.push(new Map(ended.map((bar) => [bar, record.equity[bar - window.from]!])));
  });
  return { run: { ...run, behaviour: behaviour.finish() }, flat };
}

interface Case {
  candles: CandleColumns;
  spans: Span[];
  strategies: Strategy[];
  costs: Costs;
  equity: number;
  tile: number;
  limits: ShelfLimits;
}

const spansOf = (bars: number, cuts: readonly number[]): Span[] => {
  const edges = [0, ...cuts.map((cut) => Math.floor(cut * bars)), bars].sort((a, b) => a - b);
  return edges.slice(1).flatMap((to, i) => {
    const from = edges[i]!;
    // Some read signals from their first bar on, where little is defined yet.
    const first = i % 2 === 0 ? from : from + Math.floor((to - from) / 5);
    return to - from < 4 ? [] : [{ from, first, to }];
  });
};

const rate = fc.constantFrom(0, 0.0005, 0.004, 0.05);
const costs = fc.record(
  { fee: rate, slippage: rate, spread: rate, makerFee: rate, impact: fc.constantFrom(0.01, 1) },
  { requiredKeys: ['fee', 'slippage', 'spread'] },
) as fc.Arbitrary<Costs>;
const cases: fc.Arbitrary<Case> = fc
  .record({
    candles: awkwardCandles,
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
    strategies: fc.array(strategyArbitrary, { minLength: 1, maxLength: STRATEGIES_PER_CASE }),
    costs,
    equity: fc.constantFrom(50, 10_000, 3_000_000),
    tile: fc.constantFrom(64, 128, 4096),
    limits: fc.constantFrom({ bitsets: 16_384, columns: 512 }, { bitsets: 20, columns: 8 }),
  })
  .map(({ cuts, strategies, candles, ...rest }) => ({
    ...rest,
    candles,
    spans: spansOf(candles.length, cuts),
    strategies: strategies.map((input) => parseStrategy(input)),
  }));

/** How often the fast engine ran a strategy itself, and how many trades were compared. */
const seen = { fast: 0, plain: 0, trades: 0, reasons: new Set<string>() };

/** What differs between both engines, in words; undefined when nothing does. */
function findDifference({ candles, spans, strategies, costs, equity, tile, limits }: Case): string | undefined {
  if (spans.length === 0) return undefined;
  const market = createMarket(candles, spans, limits);
  const planner = new Planner(market);
  const runner = new Runner(market, candles, costs, tile);
  const reader = new ResultReader(market);
  const covered = strategies.filter((strategy) => planner.covers(strategy, costs));
  seen.plain += (strategies.length - covered.length) * spans.length;
  const spec = presetSpec({ preset: 'quick', risk: 'high', overrides: { minTrades: 2, equity, folds: 5 } });
  const judge = new Judge({ ...spec, folds: spans.length }, candles.barMs);
  for (let from = 0; from < covered.length; ) {
    const batch = planner.planBatch(covered, from);
    fillBatch(runner, batch);
    runner.run(0, batch.count, equity);
    const evaluations = Array.from({ length: batch.count }, (_, i) => reader.evaluation(i, judge));
    for (let i = 0; i < batch.count; i++) {
      const strategy = covered[from + i]!;
      const { run, flat } = runPlainly(candles, spans, strategy, equity, costs);
      const evaluation = judge.evaluate(run.folds, run.finalEquity, run.behaviour);
      if (!isSame(evaluation, evaluations[i]!)) return say('evaluation', strategy, evaluation, evaluations[i]);
      const difference = compareTrades(strategy, run, flat, runner.trace(i, equity));
      if (difference !== undefined) return difference;
      seen.fast += spans.length;
    }
    from += batch.count;
  }
  return undefined;
}

function compareTrades(strategy: Strategy, run: Run, flat: Map<number, number>[], traced: TracedTrade[]) {
  if (run.trades.length !== traced.length) return say('trades', strategy, run.trades.length, traced.length);
  let at = 0;
  for (const [part, { trades }] of run.folds.entries()) {
    for (let n = 0; n < trades; n++, at++) {
      const { cash, ...trade } = traced[at]!;
      if (!isSame(run.trades[at]!, trade)) return say(`trade ${at}`, strategy, run.trades[at], trade);
      seen.trades++;
      seen.reasons.add(trade.reason);
      const last = n === trades - 1 || traced[at + 1]!.exitBar > trade.exitBar;
      const realised = flat[part]!.get(trade.exitBar);
      const alone = strategy.maxPositions === 1 && last && traced[at + 1]?.entryBar !== trade.exitBar;
      if (alone && realised !== undefined && !Object.is(realised, cash)) return say('cash', strategy, realised, cash);
    }
  }
  return undefined;
}

function isSame(a: object, b: object): boolean {
  const left = Object.entries(a);
  return (
    left.length === Object.keys(b).length &&
    left.every(([key, value]) => Object.is(value, (b as Record<string, unknown>)[key]))
  );
}

const say = (what: string, strategy: Strategy, plain: unknown, fast: unknown): string =>
  `${what}: plain ${JSON.stringify(plain)}, fast ${JSON.stringify(fast)} for ${JSON.stringify(strategy)}`;

t.test(`fast = plain over ${PAIRS} strategy × window pairs, seed ${SEED}`, async (t) => {
  fc.assert(
    fc.property(cases, (each) => {
      const difference = findDifference(each);
      if (difference !== undefined) t.comment(difference);
      return difference === undefined;
    }),
    { seed: SEED, numRuns: Math.ceil(PAIRS / 3) },
  );
  t.comment(`${seen.fast} pairs fast, ${seen.plain} handed over, ${seen.trades} trades`);
  t.ok(seen.fast >= PAIRS, 'as many pairs as promised');
  t.ok(seen.fast > seen.plain * 2, 'most of all were run by the fast engine');
  t.ok(seen.trades > PAIRS * 2, 'and traded');
  t.same([...seen.reasons].sort(byText), ['break_even', 'end', 'signal', 'stop', 'target', 'time', 'trailing']);
});

t.test("what does not fit into the kernel's memory is refused with a word", async (t) => {
  t.throws(() => planLayout([{ from: 0, first: 0, to: 30_000_000 }]), { code: 'too_many_bars', field: 'dataset' });
  t.ok(planLayout([{ from: 0, first: 0, to: 8_000_000 }]).pages <= 65_536);
});
