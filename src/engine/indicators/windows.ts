// Sliding extremes and deviations.
import { undefinedColumn } from './averages.ts';

/**
 * Highest (or lowest) of the last `period` values, the current one included, from bar period − 1 on. A queue holds the
 * bars that can still become the extreme, best first, so each bar enters and leaves once.
 */
function slidingExtreme(source: Float64Array, period: number, sign: 1 | -1): Float64Array {
  const length = source.length;
  const out = undefinedColumn(length);
  const queue = new Int32Array(length);
  let head = 0;
  let tail = 0;
  for (let i = 0; i < length; i++) {
    const value = source[i]! * sign;
    while (tail > head && source[queue[tail - 1]!]! * sign <= value) tail--;
    queue[tail++] = i;
    if (queue[head]! <= i - period) head++;
    if (i >= period - 1) out[i] = source[queue[head]!]!;
  }
  return out;
}

export function slidingMax(source: Float64Array, period: number): Float64Array {
  return slidingExtreme(source, period, 1);
}

export function slidingMin(source: Float64Array, period: number): Float64Array {
  return slidingExtreme(source, period, -1);
}

/**
 * Population standard deviation of the last `period` values, from bar period − 1 on. Two passes over each window, on
 * differences from the current value: nothing drifts, and a window of equal values gives exactly 0.
 */
export function deviation(source: Float64Array, period: number): Float64Array {
  const out = undefinedColumn(source.length);
  for (let i = period - 1; i < source.length; i++) {
    const base = source[i]!;
    let sum = 0;
    for (let j = i - period + 1; j <= i; j++) sum += source[j]! - base;
    const mean = sum / period;
    let squares = 0;
    for (let j = i - period + 1; j <= i; j++) {
      const off = source[j]! - base - mean;
      squares += off * off;
    }
    out[i] = Math.sqrt(squares / period);
  }
  return out;
}
