// What choosing the best would have brought: combinatorial purged cross-validation over champions. López de Prado (2018),
// "Advances in financial machine learning", sections 12.3 and 12.4: the backtest paths of CPCV have a distribution, where one
// walk-forward has a single figure.
import type { Window } from '../simulate.ts';
import { purgedPlan } from './cpcv.ts';
import { sharpeOfSums } from './return-shape.ts';

/** 14 of 16 groups are learnt from, the other two tested: 120 splits, 15 paths. */
const GROUPS = 16;
const TESTED = 2;

export interface PathsReport {
  /** Consecutive groups of the unseen bars, and how many of them are tested in each split. */
  groups: number;
  tested: number;
  splits: number;
  paths: number;
  /** Bars before a test that are not learnt from, and bars after it. */
  purge: number;
  embargo: number;
  /** Median of the paths' Sharpe ratios, not annualised; null where too few bars are left to learn from. */
  medianSharpe: number | null;
  /** Share of paths with a Sharpe ratio below 0; null as well. */
  belowZero: number | null;
}

/** Sums of returns and of their squares up to each bar. */
class PrefixSums {
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;

  constructor(returns: Float64Array) {
    this.#sums = new Float64Array(returns.length + 1);
    this.#squares = new Float64Array(returns.length + 1);
    for (let i = 0; i < returns.length; i++) {
      this.#sums[i + 1] = this.#sums[i]! + returns[i]!;
      this.#squares[i + 1] = this.#squares[i]! + returns[i]! * returns[i]!;
    }
  }

  sum({ from, to }: Window): number {
    return this.#sums[to]! - this.#sums[from]!;
  }

  squares({ from, to }: Window): number {
    return this.#squares[to]! - this.#squares[from]!;
  }
}

interface Part {
  row: PrefixSums;
  window: Window;
}

/** Sharpe ratio of several stretches put together, each of a strategy of its own. */
function sharpeOf(parts: readonly Part[]): number {
  let [sum, squares, count] = [0, 0, 0];
  for (const { row, window } of parts) {
    sum += row.sum(window);
    squares += row.squares(window);
    count += window.to - window.from;
  }
  return sharpeOfSums(sum, squares, count);
}

/** The first of the rows with the highest Sharpe ratio over `windows`. */
function bestOf(rows: readonly PrefixSums[], windows: readonly Window[]): PrefixSums {
  const sharpes = rows.map((row) => sharpeOf(windows.map((window) => ({ row, window }))));
  return rows[sharpes.indexOf(sharpes.reduce((most, sharpe) => Math.max(most, sharpe)))]!;
}

const middleOf = (sorted: Float64Array): number =>
  (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;

const lengthOf = (windows: readonly Window[]): number => windows.reduce((sum, { from, to }) => sum + to - from, 0);

/**
 * `returns`: one row a strategy, all of one length, one return a bar. In each split the strategy with the best Sharpe ratio
 * over the bars that may be learnt from is run on the tested groups; each path puts the tests of all groups together.
 * `held`: the longest holding time of any of them, the purge; the embargo is that and `lookBack`, the longest look-back,
 * all in bars. Where a split leaves less than one group to learn from there are no figures; null for a single strategy,
 * where nothing is chosen.
 */
export function purgedPaths(
  returns: readonly Float64Array[],
  { held, lookBack }: { held: number; lookBack: number },
): PathsReport | null {
  const bars = returns[0]?.length ?? 0;
  if (returns.length < 2) return null;
  const options = { groups: GROUPS, tested: TESTED, purge: held, embargo: held + lookBack };
  const { splits, paths } = purgedPlan(bars, options);
  const plan = { ...options, splits: splits.length, paths: paths.length };
  const isShort = splits.some(({ train }) => lengthOf(train) < Math.max(2, bars / GROUPS));
  if (isShort) return { ...plan, medianSharpe: null, belowZero: null };
  const rows = returns.map((row) => new PrefixSums(row));
  const chosen = splits.map(({ train }) => bestOf(rows, train));
  const sharpes = new Float64Array(paths.length);
  paths.forEach((path, p) => {
    const parts = path.map((split, group): Part => {
      const { test, testGroups } = splits[split]!;
      return { row: chosen[split]!, window: test[testGroups.indexOf(group)]! };
    });
    sharpes[p] = sharpeOf(parts);
  });
  return {
    ...plan,
    medianSharpe: middleOf(sharpes.sort((a, b) => a - b)),
    belowZero: sharpes.filter((sharpe) => sharpe < 0).length / paths.length,
  };
}
