// How many bars a search must leave out between what it sees and what it is judged on: its longest look-back and its longest
// time stop. Worked out once, where a job is made; the job carries the number.
import type { CandleColumns } from '../candles.ts';
import { dayOf, holdingOf, lengthOf, lookBackOf, seriesLookBack } from '../look-back.ts';
import { EMBARGO_MAX, type SearchSpec } from '../search-spec.ts';
import type { IndicatorOperand } from '../strategy.ts';
import { divideTime } from '../time-line.ts';
import { archetypeRules } from './archetypes.ts';
import { MAX_BARS } from './orders.ts';
import { poolFor, type TermPool } from './pool.ts';
import { fitSeeds } from './seeds.ts';
import { LAGS } from './terms.ts';

/** What a search needs to know of the candles before any price: what fits into a fold. */
export type CandleGrid = Pick<CandleColumns, 'length' | 'barMs'>;

/** Everything that the conditions of a search can look at. Throws InvalidInput (`too_few_bars`). */
export function poolIn({ length, barMs }: CandleGrid, spec: SearchSpec): TermPool {
  const { warmup, inSample } = divideTime(length, spec).folds[0]!;
  return poolFor(barMs, warmup.to - warmup.from + Math.floor((inSample.to - inSample.from) / 4));
}

/** The longest look-back of all series that the search draws from a pool, in bars; archetypes bring their own. */
function longestIn(pool: TermPool, barMs: number): number {
  const ratios = [1, ...pool.larger.map(({ ratio }) => ratio)];
  let longest = 0;
  for (const { operand } of pool.families.flat().flatMap(({ bases }) => bases)) {
    const { indicator, output: _, ...parameters } = operand as Partial<IndicatorOperand>;
    const length = 'field' in operand ? 0 : lengthOf(parameters);
    for (const ratio of ratios) {
      for (const lag of [0, ...LAGS]) {
        if ((length + lag) * ratio > pool.reachMax) break;
        longest = Math.max(longest, seriesLookBack(length, lag, ratio) + dayOf(indicator, barMs));
      }
    }
  }
  return longest;
}

/**
 * The embargo of a search, whatever `spec` says of it, in bars: the longest look-back of anything that it can draw on these
 * candles or was given as a seed, and the longest time stop. So the first decision on unseen bars rests on no bar that the
 * last one in sample could still have been paid by. Throws InvalidInput (`too_few_bars`; `bad_timeframe` for a seed).
 */
export function embargoFor(grid: CandleGrid, spec: SearchSpec): number {
  const { barMs } = grid;
  const seeds = fitSeeds(spec.seeds, barMs);
  // Without an embargo the folds are longest, and with them what can be drawn.
  const drawn = longestIn(poolIn(grid, { ...spec, embargo: 0 }), barMs);
  const given = [...seeds, ...archetypeRules('long')];
  const lookBack = given.reduce((most, rules) => Math.max(most, lookBackOf(rules, barMs)), drawn);
  const stop = seeds.reduce((most, { maxBars = 0 }) => Math.max(most, maxBars), MAX_BARS.at(-1)!);
  return Math.min(EMBARGO_MAX, lookBack + holdingOf(stop));
}
