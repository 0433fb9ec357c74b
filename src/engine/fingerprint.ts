// The engine's self-test: a digest of what this engine computes on a small built-in series. Two nodes compare results
// only when their fingerprints are equal, so it must touch everything that reaches a result.
import { RunRecord } from './book.ts';
import { ByteWriter } from './bytes.ts';
import type { Candles } from './candles.ts';
import { ColumnStore } from './column-store.ts';
import { Evaluator } from './fast/evaluator.ts';
import { type Evaluation, PlainEvaluator } from './fitness.ts';
import { hashWithDomain, toHex } from './hash.ts';
import { computeIndicator, getIndicator, INDICATOR_NAMES } from './indicators/table.ts';
import { type Metrics, metricsOf } from './metrics.ts';
import { parseStrategy } from './parse-strategy.ts';
import { sampleCandles } from './sample.ts';
import { concludeUnit } from './search/conclude.ts';
import { advance, proposeGeneration, startState } from './search/evolve.ts';
import { encodeSearchState } from './search/state-codec.ts';
import { type Costs, presetSpec } from './search-spec.ts';
import { simulate } from './simulate.ts';
import { permutedFor } from './statistics/permutation.ts';

const BARS = 700;
const SPOT: Costs = { fee: 0.001, makerFee: 0.0004, slippage: 0.0005, impact: 0.05, spread: 0.0002 };
/** So much leverage that positions are liquidated, and funding at every bar. */
const PERPETUAL: Costs = {
  ...SPOT,
  perpetual: { leverage: 50, fundingRate: 0.0003, fundingHours: 1, maintenance: 0.005, liquidationFee: 0.002 },
};
const rsi = { indicator: 'rsi', period: 5 };

/** Between them: both sides, all operators, every order, every kind of distance and size, a larger time frame. */
const STRATEGIES: readonly unknown[] = [
  {
    v: 1,
    side: 'long',
    entry: [[{ left: rsi, op: 'crosses_above', right: { value: 40 } }]],
    exit: [{ left: { field: 'close' }, op: '>', right: { indicator: 'bollinger', output: 'upper', timeframe: '3h' } }],
    stopLoss: { percent: 2 },
    takeProfit: { atr: 4, of: 'signal' },
    size: { percentOfEquity: 100 },
  },
  {
    v: 1,
    side: 'short',
    entry: [[{ left: { field: 'close' }, op: '<', right: { field: 'close', barsAgo: 3, times: 1.01 } }]],
    stopLoss: { atr: 3, period: 7, of: 'signal' },
    trailing: { percent: 1.5 },
    breakEven: { percent: 0.5 },
    maxBars: 12,
    size: { quote: 4000 },
    maxPositions: 3,
  },
  {
    v: 1,
    side: 'long',
    entry: [
      [{ left: { field: 'volume' }, op: '>', right: { indicator: 'volume_sma', period: 20, times: 1.2 } }],
      [
        {
          left: { indicator: 'macd', output: 'macd' },
          op: 'crosses_below',
          right: { indicator: 'macd', output: 'signal' },
        },
      ],
    ],
    takeProfit: { percent: 1 },
    trailing: { atr: 2 },
    breakEven: { atr: 1 },
    maxBars: 30,
    size: { units: 0.2 },
    maxPositions: 2,
  },
];

function writeIndicators(writer: ByteWriter, candles: Candles): void {
  for (const name of INDICATOR_NAMES) {
    const indicator = getIndicator(name, 'indicator');
    writer.text(name);
    for (const column of computeIndicator(candles, indicator, indicator.choices[0]!)) {
      for (let i = 0; i < column.length; i++) writer.f64(column[i]!);
    }
  }
}

function writeMetrics(writer: ByteWriter, metrics: Metrics): void {
  for (const value of Object.values(metrics) as (number | null)[]) writer.optional(value);
}

function writeRuns(writer: ByteWriter, candles: Candles): void {
  const store = new ColumnStore(candles);
  const record = new RunRecord(candles.length);
  const window = { from: 50, to: candles.length };
  for (const input of STRATEGIES) {
    for (const costs of [SPOT, PERPETUAL]) {
      simulate(store, parseStrategy(input), window, { equity: 10_000, costs }, record);
      writeMetrics(writer, metricsOf(record, candles, window));
      for (const trade of record.trades.list()) {
        writer.u32(trade.entryBar).u32(trade.exitBar).f64(trade.units).f64(trade.pnl).text(trade.reason);
      }
    }
  }
}

function writeEvaluation(writer: ByteWriter, { fitness, sharpe, return: net, trades, behaviour }: Evaluation): void {
  writer.f64(fitness).f64(sharpe).f64(net).u32(trades).text(behaviour);
}

/** A small search, and candles to run it again on; and both engines on the same strategies: where they disagree, a machine is alone with its fingerprint. */
function writeSearch(writer: ByteWriter, candles: Candles): void {
  const overrides = { population: 12, generations: 3, folds: 2, minTrades: 2, allowShort: true, costs: SPOT };
  const spec = presetSpec({ preset: 'quick', risk: 'high', overrides });
  const task = { dataset: candles.hash, seed: 'fingerprint', spec, unit: 0 };
  const evaluator = new Evaluator(candles, spec);
  const plain = new PlainEvaluator(candles, spec);
  const strategies = STRATEGIES.map((input) => parseStrategy(input));
  for (const evaluation of evaluator.evaluate(strategies)) writeEvaluation(writer, evaluation);
  for (const strategy of strategies) writeEvaluation(writer, plain.evaluate(strategy));
  let state = startState();
  for (let g = 0; g < spec.generations; g++) {
    const proposed = proposeGeneration(task, state, candles);
    state = advance(task, state, proposed, evaluator.evaluate(proposed));
  }
  writer.raw(encodeSearchState(task, state)).text(concludeUnit(candles, task, state).digest);
  writer.text(permutedFor(candles, spec, task.seed, 0).hash);
}

let known: string | undefined;

/** SHA-256, hex, over the self-test's numbers; a fraction of a second the first time, then remembered. */
export function engineFingerprint(): string {
  if (known !== undefined) return known;
  const candles = sampleCandles('fingerprint', BARS);
  const writer = new ByteWriter().text(candles.hash);
  writeIndicators(writer, candles);
  writeRuns(writer, candles);
  writeSearch(writer, candles);
  known = toHex(hashWithDomain('stratmesh/engine/fingerprint/1', writer.finish()));
  return known;
}
