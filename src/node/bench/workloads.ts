// What the bench works on: candles, as long as wanted, and populations of strategies.
import { allocateColumns, type CandleColumns } from '../../engine/candles.ts';
import { Evaluator } from '../../engine/fast/evaluator.ts';
import { openStream } from '../../engine/random.ts';
import { advance, proposeGeneration, type SearchState, startState } from '../../engine/search/evolve.ts';
import { presetSpec } from '../../engine/search-spec.ts';
import type { Strategy } from '../../engine/strategy.ts';
import type { UnitTask } from '../../engine/unit-task.ts';

const CONDITIONS_MAX = 3;
const STOPS = [1, 1.5, 2, 3, 4, 5, 6];
const TARGETS = [1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15];
const SIZES = [10, 20, 30, 50];

/** `bars` bars: the candles forwards, then backwards, and so on, so that every price goes on where the last one ended. */
export function mirrorCandles(candles: CandleColumns, bars: number): CandleColumns {
  const columns = allocateColumns(bars, candles.barMs);
  const { length } = candles;
  for (let i = 0; i < bars; i++) {
    const back = Math.floor(i / length) % 2 === 1;
    const from = back ? length - 1 - (i % length) : i % length;
    columns.time[i] = candles.time[0]! + i * candles.barMs;
    columns.open[i] = back ? candles.close[from]! : candles.open[from]!;
    columns.close[i] = back ? candles.open[from]! : candles.close[from]!;
    columns.high[i] = candles.high[from]!;
    columns.low[i] = candles.low[from]!;
    columns.volume[i] = candles.volume[from]!;
  }
  return columns;
}

/** A task that only the bench has. */
export function benchTask(population: number, generations: number): UnitTask {
  const overrides = { population, generations };
  const spec = presetSpec({ preset: 'quick', risk: 'low', overrides });
  return { dataset: '0'.repeat(64), seed: 'bench', spec, unit: 0 };
}

/** Long, one to three conditions, stop, target and trailing stop in percent, size in percent, one position. */
export function simpleStrategies(grid: CandleColumns, count: number): Strategy[] {
  const task = benchTask(count, 1);
  return proposeGeneration(task, startState(), grid).map(({ entry }, i): Strategy => {
    const random = openStream(new Uint8Array(0), 'bench', i);
    return {
      v: 1,
      side: 'long',
      entry: [entry[0]!.slice(0, CONDITIONS_MAX)],
      exit: [],
      stopLoss: { percent: random.pick(STOPS) },
      takeProfit: { percent: random.pick(TARGETS) },
      trailing: { percent: random.pick(STOPS) },
      size: { percentOfEquity: random.pick(SIZES) },
      maxPositions: 1,
    };
  });
}

export interface GenerationTimes {
  proposeMs: number;
  evaluateMs: number;
  advanceMs: number;
}

/** A search on one thread; `visit` hears how long each generation's parts took on the clock. */
export function runSearch(
  candles: CandleColumns,
  task: UnitTask,
  visit?: (generation: number, times: GenerationTimes) => void,
): SearchState {
  const evaluator = new Evaluator(candles, task.spec);
  let state = startState();
  for (let g = 0; g < task.spec.generations; g++) {
    const start = performance.now();
    const proposed = proposeGeneration(task, state, candles);
    const drawn = performance.now();
    const evaluations = evaluator.evaluate(proposed);
    const scored = performance.now();
    state = advance(task, state, proposed, evaluations);
    const end = performance.now();
    visit?.(g, { proposeMs: drawn - start, evaluateMs: scored - drawn, advanceMs: end - scored });
  }
  return state;
}

/** The last population of a search with long positions, as it is. */
export function convergedStrategies(candles: CandleColumns, population: number, generations: number): Strategy[] {
  return runSearch(candles, benchTask(population, generations)).population.map(({ strategy }) => strategy);
}
