// Combinatorial purged cross-validation: López de Prado (2018), "Advances in financial machine learning", chapter 12, with
// purging and embargo of chapter 7.
import type { Window } from '../simulate.ts';
import { combinations } from './cscv.ts';

export interface PurgedSplit {
  /** Groups of bars that are tested, ascending. */
  testGroups: number[];
  /** Bars that may be learnt from: the others, less purge and embargo; in order, none empty, none adjacent. */
  train: Window[];
  /** Bars that are tested: one window a group. */
  test: Window[];
}

export interface PurgedPlan {
  /** C(groups, tested) splits in lexicographic order of their test groups. */
  splits: PurgedSplit[];
  /** paths[p][g]: the split whose test of group g belongs to path p; C(groups, tested) × tested / groups paths. */
  paths: number[][];
}

export interface PurgedOptions {
  /** Consecutive groups of bars, lengths different by one at most. */
  groups: number;
  /** Groups tested in each split: 1 ≤ tested < groups. */
  tested: number;
  /** Bars before a test window that are not learnt from: at least the longest holding time, whose outcome lies in the test. */
  purge: number;
  /** Bars after it that are not learnt from either: at least the longest look-back and holding time. */
  embargo: number;
}

/** What is left of [0, bars) once the test windows, `purge` bars before and `embargo` bars after each are taken out. */
function trainWindows(bars: number, test: readonly Window[], { purge, embargo }: PurgedOptions): Window[] {
  const train: Window[] = [];
  let from = 0;
  for (const window of test) {
    const to = window.from - purge;
    if (to > from) train.push({ from, to });
    from = Math.max(from, window.to + embargo);
  }
  if (bars > from) train.push({ from, to: bars });
  return train;
}

/**
 * Splits of `bars` bars and the paths through them: each path tests every group once, so that it is a whole history out of
 * sample. Path p takes, for each group, the p-th split that tests it (the book's figure 12.1).
 */
export function purgedPlan(bars: number, options: PurgedOptions): PurgedPlan {
  const { groups, tested } = options;
  const windows = Array.from({ length: groups }, (_, g) => ({
    from: Math.floor((g * bars) / groups),
    to: Math.floor(((g + 1) * bars) / groups),
  }));
  const paths: number[][] = [];
  const used = windows.map(() => 0);
  const splits = combinations(groups, tested).map((testGroups, split): PurgedSplit => {
    for (const g of testGroups) {
      const path = used[g]!++;
      paths[path] ??= [];
      paths[path][g] = split;
    }
    const test = testGroups.map((g) => windows[g]!);
    return { testGroups, train: trainWindows(bars, test, options), test };
  });
  return { splits, paths };
}
