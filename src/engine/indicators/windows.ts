// Sliding extremes and deviations. Each function writes every bar of `out`: NaN before bar period − 1.
import { SUM_MAX, type Sums, sumsOf } from './sums.ts';

/** Raises out[i] for the windows that end in the block [from, from + period) to the highest value of its beginning. */
function joinBeginnings(source: Float64Array, from: number, period: number, sign: number, out: Float64Array): void {
  const last = Math.min(from + period, source.length) - 1;
  let best = Number.NEGATIVE_INFINITY;
  for (let i = from; i <= last; i++) {
    const value = sign * source[i]!;
    if (value > best) best = value;
    if (!(sign * out[i]! >= best)) out[i] = sign * best;
  }
}

/** Writes the highest values of the ends of the block [from, from + period), each at the last bar of its window. */
function writeEnds(source: Float64Array, from: number, period: number, sign: number, out: Float64Array): void {
  let best = Number.NEGATIVE_INFINITY;
  const enough = Math.min(from + period, source.length - period + 1);
  for (let i = from + period - 1; i > from; i--) {
    const value = sign * source[i]!;
    if (value > best) best = value;
    if (i < enough) out[i + period - 1] = sign * best;
  }
}

/**
 * Highest (sign 1) or lowest (−1) of the last `period` values, the current one included. The bars are cut into blocks of
 * `period`: each window is the end of one block and the beginning of the next (van Herk, Pattern Recognition Letters 13,
 * 1992), so a bar costs three comparisons however long the period.
 */
function slidingExtreme(source: Float64Array, period: number, sign: 1 | -1, out: Float64Array): void {
  const { length } = source;
  // Beginnings alone fill the window that is a whole block.
  out.fill(Number.NaN);
  for (let from = 0; from < length; from += period) {
    joinBeginnings(source, from, period, sign, out);
    if (from + period < length) writeEnds(source, from, period, sign, out);
  }
  out.fill(Number.NaN, 0, period - 1);
}

export function slidingMax(source: Float64Array, period: number, out: Float64Array): void {
  slidingExtreme(source, period, 1, out);
}

export function slidingMin(source: Float64Array, period: number, out: Float64Array): void {
  slidingExtreme(source, period, -1, out);
}

/** Population standard deviation of the window that ends at bar `end`, in two passes over differences from its value. */
function deviationAt(source: Float64Array, end: number, period: number): number {
  const base = source[end]!;
  let sum = 0;
  for (let j = end - period + 1; j <= end; j++) sum += source[j]! - base;
  const mean = sum / period;
  let squares = 0;
  for (let j = end - period + 1; j <= end; j++) {
    const off = source[j]! - base - mean;
    squares += off * off;
  }
  return Math.sqrt(squares / period);
}

/** Sums over one window of ticks counted from a base near them. */
interface Window {
  base: number;
  sum: number;
  squares: number;
}

/** The window that ends at bar `end`, counted from its last value; undefined where a value lies `reach` ticks or more from it. */
function openWindow(sums: Float64Array, end: number, period: number, reach: number): Window | undefined {
  const window: Window = { base: sums[end + 1]! - sums[end]!, sum: 0, squares: 0 };
  for (let j = end - period + 1; j <= end; j++) {
    const off = sums[j + 1]! - sums[j]! - window.base;
    if (Math.abs(off) >= reach) return undefined;
    window.sum += off;
    window.squares += off * off;
  }
  return window;
}

/**
 * The deviations of a stretch from bar `from` on. In ticks period × Σ off² − (Σ off)² is a whole number, whatever the base
 * is; below 2⁵² it is kept from bar to bar without an error. The base moves when the price has left it too far behind; a
 * window too wide for any base takes two passes.
 */
function exactDeviations(
  source: Float64Array,
  { to, scale, sums }: Sums,
  from: number,
  period: number,
  out: Float64Array,
): void {
  const reach = Math.sqrt(SUM_MAX) / period;
  const unit = 1 / (period * scale);
  let i = from;
  while (i < to) {
    const window = openWindow(sums, i, period, reach);
    if (window === undefined) {
      out[i] = deviationAt(source, i, period);
      i++;
      continue;
    }
    const { base } = window;
    let { sum, squares } = window;
    out[i] = Math.sqrt(period * squares - sum * sum) * unit;
    for (i++; i < to; i++) {
      const off = sums[i + 1]! - sums[i]! - base;
      if (Math.abs(off) >= reach) break;
      const old = sums[i + 1 - period]! - sums[i - period]! - base;
      sum += off - old;
      squares += off * off - old * old;
      out[i] = Math.sqrt(period * squares - sum * sum) * unit;
    }
  }
}

/** Population standard deviation of the last `period` values of a column of candles; of equal values exactly 0. */
export function deviation(source: Float64Array, period: number, out: Float64Array): void {
  out.fill(Number.NaN, 0, period - 1);
  let done = period - 1;
  for (const stretch of sumsOf(source)) {
    exactDeviations(source, stretch, Math.max(done, stretch.from), period, out);
    done = Math.max(done, stretch.to);
  }
  for (let i = done; i < source.length; i++) out[i] = deviationAt(source, i, period);
}
