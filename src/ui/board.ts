// Filters, order and sums over the strategies of a node. Pure.
import type { JobView, ResultView } from './api.ts';
import {
  type BoardFilter,
  type BoardPoint,
  type BoardSort,
  type BoardView,
  type LandscapeView,
  type MarketSummary,
  readRange,
} from './api-results.ts';
import { funnelOf, type JudgementOf } from './funnel.ts';

const POINTS_MAX = 2_000;

type Test = (result: ResultView) => boolean;

/** Every number where there is no range. */
function within(text = ''): (value: number) => boolean {
  const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = readRange(text);
  return (value) => value >= least && value <= most;
}

/** One test for each filter that is set. */
function testsOf(filter: BoardFilter): [keyof BoardFilter, Test][] {
  const { find, job, market, barMs, risk, minTrades, maxDrawdown, validated } = filter;
  const [fitsInside, fitsOutside] = [within(filter.inSample), within(filter.outOfSample)];
  const wanted = find?.toLowerCase() ?? '';
  const all: [keyof BoardFilter, boolean, Test][] = [
    [
      'find',
      wanted !== '',
      (r) => [r.codeName, r.id, r.sentence, r.sentenceEs].some((text) => text.toLowerCase().includes(wanted)),
    ],
    ['job', job !== undefined, (r) => r.jobId === job],
    ['market', market !== undefined, (r) => r.market === market],
    ['barMs', barMs !== undefined, (r) => r.barMs === barMs],
    ['risk', risk !== undefined, (r) => r.risk === risk],
    ['minTrades', minTrades !== undefined, (r) => r.outOfSample.trades >= minTrades!],
    ['maxDrawdown', maxDrawdown !== undefined, (r) => r.outOfSample.maxDrawdown <= maxDrawdown!],
    ['inSample', filter.inSample !== undefined, (r) => fitsInside(r.inSample.return)],
    ['outOfSample', filter.outOfSample !== undefined, (r) => fitsOutside(r.outOfSample.return)],
    ['validated', validated === true, (r) => r.state === 'validated'],
  ];
  return all.filter(([, isSet]) => isSet).map(([name, , test]) => [name, test]);
}

const fitting = (results: readonly ResultView[], tests: readonly [unknown, Test][]): ResultView[] =>
  results.filter((result) => tests.every(([, test]) => test(result)));

function hidesMost(results: readonly ResultView[], tests: readonly [keyof BoardFilter, Test][]): BoardView['hides'] {
  const would = tests.map(([filter]) => ({
    filter,
    would: fitting(
      results,
      tests.filter(([name]) => name !== filter),
    ).length,
  }));
  would.sort((a, b) => b.would - a.would);
  const [most] = would;
  return most === undefined || most.would === 0 ? null : most;
}

function figureOf(result: ResultView, sort: BoardSort): number | null {
  const { inSample, outOfSample, holdout } = result;
  switch (sort) {
    case 'inSample':
      return inSample.return;
    case 'outOfSample':
      return outOfSample.return;
    case 'holdout':
      return holdout.return;
    case 'foundAt':
      return Date.parse(result.foundAt);
    default:
      return outOfSample[sort];
  }
}

/** Unknown values come last whichever way it goes; equal ones in the order of their hashes. */
function inOrder(sort: BoardSort, up: boolean): (a: ResultView, b: ResultView) => number {
  return (a, b) => {
    const [x, y] = [figureOf(a, sort), figureOf(b, sort)];
    if (x === y) return a.id < b.id ? -1 : 1;
    if (x === null || y === null) return x === null ? 1 : -1;
    return up ? x - y : y - x;
  };
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

interface BoardQuery extends BoardFilter {
  sort: BoardSort;
  up: boolean;
  limit: number;
  /** 1-based; one that is not there is the last. */
  page: number;
}

export function boardOf(results: readonly ResultView[], query: BoardQuery): BoardView {
  const tests = testsOf(query);
  const found = fitting(results, tests).sort(inOrder(query.sort, query.up));
  const pages = Math.max(1, Math.ceil(found.length / query.limit));
  const page = Math.min(query.page, pages);
  return {
    total: results.length,
    matching: found.length,
    page,
    pages,
    items: found.slice((page - 1) * query.limit, page * query.limit),
    markets: distinct(results.map(({ market }) => market)).sort(byText),
    barSizes: distinct(results.map(({ barMs }) => barMs)).sort((a, b) => a - b),
    hides: found.length === 0 ? hidesMost(results, tests) : null,
  };
}

function pointOf(result: ResultView, fits: boolean): BoardPoint {
  const { id, codeName, inSample, outOfSample, state, foundAt } = result;
  return {
    ...{ id, codeName, state, foundAt, fits },
    inSample: inSample.return,
    outOfSample: outOfSample.return,
    trades: outOfSample.trades,
  };
}

function median(sorted: readonly number[]): number {
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function summaryOf(results: readonly ResultView[]): MarketSummary {
  const { market, barMs, sample, leverage } = results[0]!;
  const returns = results.map(({ outOfSample }) => outOfSample.return).sort((a, b) => a - b);
  return {
    ...{ market, barMs, sample, leverage },
    jobs: distinct(results.map(({ jobId }) => jobId)).length,
    strategies: results.length,
    validated: results.filter(({ state }) => state === 'validated').length,
    best: returns.at(-1)!,
    median: median(returns),
    profitable: returns.filter((each) => each > 0).length / returns.length,
    lastAt: results
      .map(({ foundAt }) => foundAt)
      .sort(byText)
      .at(-1)!,
  };
}

function marketsOf(results: readonly ResultView[]): MarketSummary[] {
  const groups = new Map<string, ResultView[]>();
  for (const result of results) {
    const key = JSON.stringify([result.market, result.barMs, result.sample, result.leverage]);
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups.values()].map(summaryOf).sort((a, b) => b.best - a.best || byText(a.market, b.market));
}

export function landscapeOf(
  results: readonly ResultView[],
  jobs: readonly JobView[],
  judgementOf: JudgementOf,
  filter: BoardFilter,
): LandscapeView {
  const found = new Set(fitting(results, testsOf(filter)));
  const drawn = [...found, ...results.filter((result) => !found.has(result))].slice(0, POINTS_MAX);
  return {
    points: drawn.map((result) => pointOf(result, found.has(result))),
    total: results.length,
    funnel: funnelOf(results, jobs, judgementOf),
    markets: marketsOf([...found]),
  };
}
