// The parts of the engine on one thread: indicator columns, bitsets, plain and fast backtests.
import { RunRecord } from '../../engine/book.ts';
import type { CandleColumns } from '../../engine/candles.ts';
import { ColumnStore } from '../../engine/column-store.ts';
import { fillBatch } from '../../engine/fast/evaluator.ts';
import { createMarket, type Market } from '../../engine/fast/market.ts';
import { type Batch, Planner } from '../../engine/fast/plan.ts';
import { Runner } from '../../engine/fast/runner.ts';
import { computeIndicator, getIndicator, INDICATOR_NAMES } from '../../engine/indicators/table.ts';
import { prefixSquares, scoreSums } from '../../engine/score-moments.ts';
import { DEFAULT_EQUITY, defaultCosts } from '../../engine/search-spec.ts';
import { simulate } from '../../engine/simulate.ts';
import type { Strategy } from '../../engine/strategy.ts';
import { measureCpu, measureOnce } from './measure.ts';

/** One line of the bench. What does not apply is absent. */
export interface BenchRow {
  part: string;
  what: string;
  bars?: number;
  strategies?: number;
  /** Milliseconds for all of it. */
  ms: number;
  perSecond?: number;
  nsPerCandle?: number;
  tradesPerStrategy?: number;
  nsPerTrade?: number;
  /** Most memory that the process has had in use so far. */
  memoryMb?: number;
  /** How many times as fast as what `ratioTo` names, in this run. */
  ratio?: number;
  ratioTo?: string;
}

const COSTS = defaultCosts(undefined);
const FIRST_SIGNAL = 250;
/** Strategies that the plain engine runs, since it takes so much longer. */
const PLAIN_STRATEGIES = 40;

/** The averages that a search asks for most: SMA, EMA and RSI over many periods. */
export function benchIndicators(candles: CandleColumns, columns: number): BenchRow[] {
  const bars = candles.length;
  const names = ['sma', 'ema', 'rsi'];
  const places = Array.from({ length: columns }, () => [new Float64Array(bars)]);
  const { medianMs } = measureCpu(() => {
    for (const [c, place] of places.entries()) {
      const indicator = getIndicator(names[c % 3]!, 'indicator');
      computeIndicator(candles, indicator, { period: 3 + Math.floor(c / 3) * 3 }, place);
    }
  });
  const rows: BenchRow[] = [
    {
      part: 'indicators',
      what: `${columns} columns: SMA, EMA, RSI`,
      bars,
      ms: medianMs,
      nsPerCandle: (medianMs * 1e6) / bars / columns,
    },
  ];
  for (const name of INDICATOR_NAMES) {
    const indicator = getIndicator(name, 'indicator');
    const place = indicator.outputs.map(() => new Float64Array(bars));
    const { medianMs: ms } = measureCpu(() => computeIndicator(candles, indicator, indicator.choices[0]!, place));
    rows.push({
      part: 'indicators',
      what: `${indicator.label}, all outputs`,
      bars,
      ms,
      nsPerCandle: (ms * 1e6) / bars,
    });
  }
  return rows;
}

function countTrades({ memory, layout }: Market, count: number): number {
  let trades = 0;
  for (let i = 0; i < count; i++) {
    const row = new Float64Array(memory.buffer, layout.results + i * layout.resultBytes, layout.resultBytes / 8);
    trades += row[4]!;
  }
  return trades;
}

interface FastTimes {
  fillMs: number;
  rules: number;
  runMs: number;
  trades: number;
}

const rulesOf = ({ rounds }: Batch): number => rounds.reduce((sum, { rules }) => sum + rules.length, 0);

/** Fills and runs all strategies, batch after batch, over one window. `again` measures runs more than once. */
function timeFast(candles: CandleColumns, strategies: readonly Strategy[], again: boolean): FastTimes {
  const market = createMarket(candles, [{ from: 0, first: FIRST_SIGNAL, to: candles.length }]);
  const planner = new Planner(market);
  const runner = new Runner(market, candles, COSTS);
  const times: FastTimes = { fillMs: 0, rules: 0, runMs: 0, trades: 0 };
  for (let from = 0; from < strategies.length; ) {
    let batch: Batch | undefined;
    times.fillMs += measureOnce(() => {
      batch = planner.planBatch(strategies, from);
      fillBatch(runner, batch);
    });
    const { count } = batch!;
    times.rules += rulesOf(batch!);
    const run = () => runner.run(0, count, DEFAULT_EQUITY);
    times.runMs += again ? measureCpu(run).medianMs : measureOnce(run);
    times.trades += countTrades(market, count);
    from += count;
  }
  return times;
}

/** Time of the plain engine for the same work: the same trades and the same score. */
function timePlain(candles: CandleColumns, strategies: readonly Strategy[]): number {
  const store = new ColumnStore(candles);
  const record = new RunRecord(candles.length);
  const squares = prefixSquares(candles.close);
  const window = { from: FIRST_SIGNAL, to: candles.length };
  const account = { equity: DEFAULT_EQUITY, costs: COSTS, closeAtEnd: true };
  const runAll = () => {
    for (const strategy of strategies) {
      simulate(store, strategy, window, account, record);
      scoreSums(record, FIRST_SIGNAL, squares);
    }
  };
  return measureCpu(runAll).medianMs;
}

/** The same strategies on both engines; rules and columns are there before the clock starts, on both. */
export function benchBacktests(candles: CandleColumns, strategies: readonly Strategy[], name: string): BenchRow[] {
  const bars = candles.length;
  const count = strategies.length;
  const fast = timeFast(candles, strategies, true);
  const few = strategies.filter((_, i) => i % Math.ceil(count / PLAIN_STRATEGIES) === 0);
  const fewFast = timeFast(candles, few, true);
  const plainMs = timePlain(candles, few);
  const perCandle = (ms: number, n: number) => (ms * 1e6) / bars / n;
  return [
    {
      part: 'rules',
      what: `${fast.rules} bitsets with their columns, for ${name}`,
      bars,
      ms: fast.fillMs,
      nsPerCandle: perCandle(fast.fillMs, fast.rules),
    },
    {
      part: 'backtests',
      what: `fast, ${name}`,
      bars,
      strategies: count,
      ms: fast.runMs,
      perSecond: (count / fast.runMs) * 1000,
      nsPerCandle: perCandle(fast.runMs, count),
      tradesPerStrategy: fast.trades / count,
      nsPerTrade: (fast.runMs * 1e6) / fast.trades,
    },
    {
      part: 'backtests',
      what: `plain, some of ${name}`,
      bars,
      strategies: few.length,
      ms: plainMs,
      perSecond: (few.length / plainMs) * 1000,
      nsPerCandle: perCandle(plainMs, few.length),
    },
    {
      part: 'backtests',
      what: `fast, the same few of ${name}`,
      bars,
      strategies: few.length,
      ms: fewFast.runMs,
      nsPerCandle: perCandle(fewFast.runMs, few.length),
      ratio: plainMs / fewFast.runMs,
      ratioTo: 'plain',
    },
  ];
}

/** Many bars: each batch of strategies runs once, and the plain engine not at all. */
export function benchLong(candles: CandleColumns, strategies: readonly Strategy[], name: string): BenchRow[] {
  const bars = candles.length;
  const count = strategies.length;
  const { fillMs, rules, runMs, trades } = timeFast(candles, strategies, false);
  return [
    {
      part: 'rules',
      what: `${rules} bitsets with their columns, for ${name}`,
      bars,
      ms: fillMs,
      nsPerCandle: (fillMs * 1e6) / bars / rules,
    },
    {
      part: 'backtests',
      what: `fast, ${name}`,
      bars,
      strategies: count,
      ms: runMs,
      perSecond: (count / runMs) * 1000,
      nsPerCandle: (runMs * 1e6) / bars / count,
      tradesPerStrategy: trades / count,
      nsPerTrade: (runMs * 1e6) / trades,
      memoryMb: process.resourceUsage().maxRSS / 1024,
    },
  ];
}

/** Share of strategies that the fast engine hands to the plain one. */
export function handedOver(candles: CandleColumns, strategies: readonly Strategy[]): number {
  const market = createMarket(candles, [{ from: 0, first: FIRST_SIGNAL, to: candles.length }]);
  const planner = new Planner(market);
  return strategies.filter((strategy) => !planner.covers(strategy, COSTS)).length / strategies.length;
}
