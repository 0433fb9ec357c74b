// The indicators' formulas, one function each: candles and parameters in, one column an output out, every bar written:
// NaN before the first defined one. Where a quotient is 0/0 (a market that did not move) the value is the middle of the
// scale: RSI 50, %K 50, %B 0.5.
import type { CandleColumns } from '../candles.ts';
import { ema, sma, smooth, wilder } from './averages.ts';
import { movesOf } from './moves.ts';
import { deviation, slidingMax, slidingMin } from './windows.ts';

/** Wilder averages of the moves D and of the sizes of the moves S: 100 × G / (G + L) with G = (S + D) / 2 and L = (S − D) / 2. */
const balance = (moves: number, sizes: number) => (sizes === 0 ? 50 : 50 + (50 * moves) / sizes);

/**
 * Relative Strength Index (Wilder 1978): 100 × G / (G + L), which is 100 − 100 / (1 + G/L). G and L are Wilder averages
 * of the rises and falls of the close, seeded with the means of the first `period` changes: defined from bar `period` on.
 * Computed from the averages of the changes and of their sizes, four bars at a time as in `averages.ts`.
 */
export function rsi({ close, length }: CandleColumns, period: number, out: Float64Array): void {
  out.fill(Number.NaN, 0, period);
  if (period >= length) return;
  const keep = 1 - 1 / period;
  const take = 1 - keep;
  const keep2 = keep * keep;
  const keep3 = keep2 * keep;
  const keep4 = keep2 * keep2;
  let moves = 0;
  let sizes = 0;
  for (let i = 1; i <= period; i++) {
    moves += close[i]! - close[i - 1]!;
    sizes += Math.abs(close[i]! - close[i - 1]!);
  }
  moves /= period;
  sizes /= period;
  out[period] = balance(moves, sizes);
  let before = close[period]!;
  let i = period + 1;
  for (; i + 3 < length; i += 4) {
    const change1 = close[i]! - before;
    const change2 = close[i + 1]! - close[i]!;
    const change3 = close[i + 2]! - close[i + 1]!;
    before = close[i + 3]!;
    const change4 = before - close[i + 2]!;
    const move1 = take * change1;
    const move2 = take * change2 + keep * move1;
    const move3 = take * change3 + keep * move2;
    const move4 = take * change4 + keep * move3;
    const size1 = take * Math.abs(change1);
    const size2 = take * Math.abs(change2) + keep * size1;
    const size3 = take * Math.abs(change3) + keep * size2;
    const size4 = take * Math.abs(change4) + keep * size3;
    out[i] = balance(move1 + keep * moves, size1 + keep * sizes);
    out[i + 1] = balance(move2 + keep2 * moves, size2 + keep2 * sizes);
    out[i + 2] = balance(move3 + keep3 * moves, size3 + keep3 * sizes);
    moves = move4 + keep4 * moves;
    sizes = size4 + keep4 * sizes;
    out[i + 3] = balance(moves, sizes);
  }
  let move = 0;
  let size = 0;
  for (let kept = keep; i < length; i++) {
    const change = close[i]! - close[i - 1]!;
    move = take * change + keep * move;
    size = take * Math.abs(change) + keep * size;
    out[i] = balance(move + kept * moves, size + kept * sizes);
    kept = kept === keep ? keep2 : keep3;
  }
}

/**
 * Average True Range (Wilder 1978): the Wilder average of the true ranges, seeded with the mean of the first `period`
 * ones, that of bar 0 included: defined from bar period − 1 on.
 */
export function atr(candles: CandleColumns, period: number, out: Float64Array): void {
  wilder(movesOf(candles, 'ranges'), 0, period, out);
}

/**
 * MACD (Appel): EMA(fast) − EMA(slow) of the close, each seeded on its own; the signal is an EMA of that line, seeded
 * with its first `signal` values; the histogram is their difference. Line from bar slow − 1, the others from
 * bar slow + signal − 2 on.
 */
export function macd(
  { close, length }: CandleColumns,
  fast: number,
  slow: number,
  signal: number,
  out: readonly Float64Array[],
): void {
  const [line, trigger, histogram] = out as [Float64Array, Float64Array, Float64Array];
  ema(close, 0, fast, line);
  ema(close, 0, slow, trigger);
  line.fill(Number.NaN, 0, slow - 1);
  for (let i = slow - 1; i < length; i++) line[i]! -= trigger[i]!;
  ema(line, slow - 1, signal, trigger);
  for (let i = 0; i < length; i++) histogram[i] = line[i]! - trigger[i]!;
}

/**
 * Bollinger bands (Bollinger on Bollinger Bands, 2001): SMA ± deviations × population standard deviation of the close;
 * %B = (close − lower) / (upper − lower); width = (upper − lower) / middle, a ratio. Defined from bar period − 1 on.
 */
export function bollinger(
  { close, length }: CandleColumns,
  period: number,
  deviations: number,
  out: readonly Float64Array[],
): void {
  const [upper, middle, lower, percentB, width] = out as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  sma(close, period, middle);
  deviation(close, period, upper);
  for (const column of [lower, percentB, width]) column.fill(Number.NaN, 0, period - 1);
  for (let i = period - 1; i < length; i++) {
    const mean = middle[i]!;
    const reach = deviations * upper[i]!;
    upper[i] = mean + reach;
    lower[i] = mean - reach;
    percentB[i] = reach === 0 ? 0.5 : 0.5 + (close[i]! - mean) / (2 * reach);
    width[i] = (2 * reach) / mean;
  }
}

/**
 * Stochastic oscillator (Lane): raw %K = 100 × (close − lowest low) / (highest high − lowest low) over `period` bars;
 * k is its SMA over `smooth` bars (1 = the fast form), d the SMA of k over `signal` bars. k from bar
 * period + smooth − 2, d from bar period + smooth + signal − 3 on.
 */
export function stochastic(
  { high, low, close, length }: CandleColumns,
  period: number,
  smoothing: number,
  signal: number,
  out: readonly Float64Array[],
): void {
  const [k, d] = out as [Float64Array, Float64Array];
  slidingMax(high, period, d);
  slidingMin(low, period, k);
  // The raw %K takes the place of the tops.
  for (let i = period - 1; i < length; i++) {
    const range = d[i]! - k[i]!;
    d[i] = range === 0 ? 50 : (100 * (close[i]! - k[i]!)) / range;
  }
  smooth(d, period - 1, smoothing, k);
  smooth(k, period + smoothing - 2, signal, d);
}

/** Donchian channel: highest high and lowest low of `period` bars, the current bar included, and their mean. */
export function donchian({ high, low, length }: CandleColumns, period: number, out: readonly Float64Array[]): void {
  const [upper, lower, middle] = out as [Float64Array, Float64Array, Float64Array];
  slidingMax(high, period, upper);
  slidingMin(low, period, lower);
  for (let i = 0; i < length; i++) middle[i] = (upper[i]! + lower[i]!) / 2;
}
