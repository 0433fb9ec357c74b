// The filters as the address holds them, and what of them goes to the node.
import type { BoardFilter, BoardSort } from '../../api-results.ts';
import { BOARD_SORTS, type Range, readRange } from '../../api-results.ts';
import { barSize, gain, plain, share } from '../format.ts';
import { riskWord } from '../parts.tsx';
import { query, setQuery } from '../router.ts';
import { words } from '../words/words.ts';
import { resultsWords } from './words.ts';

const FILTER_KEYS = [
  'find',
  'job',
  'market',
  'barMs',
  'risk',
  'minTrades',
  'maxDrawdown',
  'inSample',
  'outOfSample',
  'validated',
] as const satisfies readonly (keyof BoardFilter)[];
type FilterKey = (typeof FILTER_KEYS)[number];

export const valueIn = (key: string): string => query.value.get(key) ?? '';

export const RANGE_KEYS = ['inSample', 'outOfSample'] as const;
export type RangeKey = (typeof RANGE_KEYS)[number];

/** A filter changes what there is to page through. */
export const setFilters = (values: Partial<Record<FilterKey, string>>): void =>
  setQuery({ ...values, page: undefined });
export const setFilter = (key: FilterKey, value: string): void => setFilters({ [key]: value });

export const rangeIn = (key: RangeKey): Range => readRange(valueIn(key));

export const clearFilters = (): void =>
  setQuery(Object.fromEntries([...FILTER_KEYS, 'page'].map((key) => [key, undefined])));

export const isFiltered = (): boolean => FILTER_KEYS.some((key) => valueIn(key) !== '');

/** The part of the query that both routes take. */
export function filterQuery(): string {
  const parts = FILTER_KEYS.filter((key) => valueIn(key) !== '');
  return parts.map((key) => `${key}=${encodeURIComponent(valueIn(key))}`).join('&');
}

export const sortNow = (): BoardSort => BOARD_SORTS.find((each) => each === valueIn('sort')) ?? 'outOfSample';
export const isUp = (): boolean => valueIn('up') === 'true';
const pageNow = (): number => Math.max(1, Math.floor(Number(valueIn('page')) || 1));

export function boardQuery(limit?: number): string {
  const rest = [`sort=${sortNow()}`, `up=${isUp()}`, limit === undefined ? `page=${pageNow()}` : `limit=${limit}`];
  return [filterQuery(), ...rest].filter((part) => part !== '').join('&');
}

/** Descending first, ascending at the second click. */
export function sortBy(sort: BoardSort): void {
  const up = sortNow() === sort && !isUp();
  setQuery({ sort: sort === 'outOfSample' ? undefined : sort, up: up ? 'true' : undefined, page: undefined });
}

/** With as many digits as it takes. */
const exactly = (ratio: number): string =>
  gain(
    ratio,
    [1, 2, 3].find((places) => Number((ratio * 100).toFixed(places)) === Number((ratio * 100).toFixed(4))) ?? 4,
  );

function rangeWords(name: string, { least, most }: Range): string {
  const w = resultsWords.value;
  if (least === undefined) return `${name} ${w.atMost(most === undefined ? '—' : exactly(most))}`;
  return `${name} ${most === undefined ? w.atLeast(exactly(least)) : w.fromTo(exactly(least), exactly(most))}`;
}

/** A filter and its value as the reader knows them. */
export function filterText(key: FilterKey): string {
  const w = resultsWords.value;
  const value = valueIn(key);
  const texts: Record<FilterKey, () => string> = {
    find: () => `${w.find} ${value}`,
    job: () => words.value.job,
    market: () => value,
    barMs: () => barSize(Number(value)),
    risk: () => riskWord(value as 'low'),
    minTrades: () => `${w.minTrades} ${plain(Number(value))}`,
    maxDrawdown: () => `${w.maxDrawdown} ${share(Number(value), 0)}`,
    inSample: () => rangeWords(words.value.inSample, rangeIn('inSample')),
    outOfSample: () => rangeWords(words.value.outOfSample, rangeIn('outOfSample')),
    validated: () => w.validatedOnly,
  };
  return texts[key]();
}
