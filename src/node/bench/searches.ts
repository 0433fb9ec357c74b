// The engine at work: generations, whole units, threads.
import { type Candles, viewColumns } from '../../engine/candles.ts';
import { proposeGeneration, startState } from '../../engine/search/evolve.ts';
import { type MineDeps, mineUnit } from '../mine-unit.ts';
import { startPool } from '../pool.ts';
import type { BenchRow } from './engines.ts';
import { measureClock } from './measure.ts';
import { benchTask, type GenerationTimes, runSearch } from './workloads.ts';

/** Bars of the walk-forward that the earlier system was measured on. */
const WALK_FORWARD_BARS = 53_000;
/** The first generations make columns that the others find ready. */
const SETTLED_FROM = 10;

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;

/** Generations of a search of 100 on one thread, from proposing to ranking. */
export function benchGenerations(candles: Candles): BenchRow[] {
  const bars = Math.min(WALK_FORWARD_BARS, candles.length);
  const times: GenerationTimes[] = [];
  runSearch(viewColumns(candles, 0, bars), benchTask(100, 60), (generation, each) => {
    if (generation >= SETTLED_FROM) times.push(each);
  });
  const row = (what: string, msOf: (each: GenerationTimes) => number): BenchRow => ({
    part: 'search',
    what,
    bars,
    strategies: 100,
    ms: median(times.map(msOf)),
  });
  return [
    row('a generation of 100, 5 folds', (each) => each.proposeMs + each.evaluateMs + each.advanceMs),
    row('… proposing', ({ proposeMs }) => proposeMs),
    row('… scoring', ({ evaluateMs }) => evaluateMs),
    row('… ranking and digest', ({ advanceMs }) => advanceMs),
  ];
}

/** A whole unit, from the first generation to its champions, on a pool. */
export async function benchUnit(candles: Candles, threads: number, signal: AbortSignal): Promise<BenchRow> {
  const task = { ...benchTask(200, 100), dataset: candles.hash };
  const pool = startPool({ threads });
  const deps: MineDeps = {
    pool,
    candles,
    checkpoint: { load: async () => undefined, save: async () => undefined },
    onGeneration: () => undefined,
    signal,
  };
  try {
    const start = performance.now();
    const { trials } = await mineUnit(deps, task);
    const ms = performance.now() - start;
    const perSecond = (trials.count / ms) * 1000;
    return { part: 'search', what: `a unit of 200 × 100, ${threads} thread(s)`, bars: candles.length, ms, perSecond };
  } finally {
    await pool.stop();
  }
}

/** The same batch on one thread and on two. */
export async function benchThreads(candles: Candles): Promise<BenchRow[]> {
  const { spec } = benchTask(4000, 1);
  const strategies = proposeGeneration(benchTask(4000, 1), startState(), candles);
  const times: number[] = [];
  for (const threads of [1, 2]) {
    const pool = startPool({ threads });
    try {
      const { medianMs } = await measureClock(() => pool.evaluate({ candles, spec }, strategies));
      times.push(medianMs);
    } finally {
      await pool.stop();
    }
  }
  return times.map((ms, i) => ({
    part: 'threads',
    what: `4,000 strategies on ${i + 1} thread(s)`,
    bars: candles.length,
    strategies: 4000,
    ms,
    ...(i === 0 ? {} : { ratio: times[0]! / ms, ratioTo: 'one thread' }),
  }));
}
