// Sums without error. Prices and volumes are decimals: in whole ticks every sum below 2⁵³ is exact, in whatever order.
import type { CandleColumns } from '../candles.ts';

/** Sums stay below 2⁵²: half of the range in which whole numbers are exact, so differences of their multiples are too. */
export const SUM_MAX = 4_503_599_627_370_496;
/** Ticks per unit that are tried: up to eight decimals. */
const SCALE_MAX = 100_000_000;
/**
 * A stretch of bars [from, to) whose finest tick so far is 1 / scale. What stands here for a bar depends on no later one.
 */
export interface Sums {
  from: number;
  to: number;
  scale: number;
  /** sums[i] = sum in ticks of the bars before i, from bar 0 on, for 0 ≤ i ≤ to. */
  sums: Float64Array;
}

/** `value`, not negative, in whole ticks; −1 when it is not a whole number of them. */
function ticksOf(value: number, scale: number): number {
  const ticks = Math.floor(value * scale + 0.5);
  return ticks / scale === value ? ticks : -1;
}

/** Sum of the columns' values at bar i in ticks; −1 when one is not a whole number of them. */
function ticksAt(columns: readonly Float64Array[], i: number, scale: number): number {
  let sum = 0;
  for (let c = 0; c < columns.length; c++) {
    const ticks = ticksOf(columns[c]![i]!, scale);
    if (ticks < 0) return -1;
    sum += ticks;
  }
  return sum;
}

/** The first bar in [from, length) that is not a whole number of ticks, or where the sum leaves the exact range. */
function extend(columns: readonly Float64Array[], from: number, scale: number, sums: Float64Array): number {
  const { length } = columns[0]!;
  let sum = sums[from]!;
  for (let i = from; i < length; i++) {
    const ticks = ticksAt(columns, i, scale);
    sum += ticks;
    if (ticks < 0 || sum >= SUM_MAX) return i;
    sums[i + 1] = sum;
  }
  return length;
}

/**
 * Stretches of the sum of `columns`, from bar 0 on without a gap, each with a finer tick than the one before. They end
 * where a value has more than eight decimals or the sum grows beyond 2⁵² ticks.
 */
function findSums(columns: readonly Float64Array[]): Sums[] {
  const { length } = columns[0]!;
  const found: Sums[] = [];
  const sums = new Float64Array(length + 1);
  let from = 0;
  for (let scale = 1; scale <= SCALE_MAX && from < length; scale *= 10) {
    const to = extend(columns, from, scale, sums);
    if (to > from) found.push({ from, to, scale, sums: to === length ? sums : sums.slice(0, to + 1) });
    from = to;
    if (from < length) for (let i = 0; i <= from; i++) sums[i]! *= 10;
  }
  return found;
}

const ofOne = new WeakMap<Float64Array, Sums[]>();
const ofTypical = new WeakMap<Float64Array, Sums[]>();

function remember(cache: WeakMap<Float64Array, Sums[]>, columns: readonly Float64Array[]): Sums[] {
  let found = cache.get(columns[0]!);
  if (found === undefined) {
    found = findSums(columns);
    cache.set(columns[0]!, found);
  }
  return found;
}

/** Stretches of a column of candles. Computed once: it must not change. */
export function sumsOf(column: Float64Array): Sums[] {
  return remember(ofOne, [column]);
}

/** Stretches of high + low + close. Computed once: the candles must not change. */
export function typicalSumsOf({ high, low, close }: CandleColumns): Sums[] {
  return remember(ofTypical, [high, low, close]);
}
