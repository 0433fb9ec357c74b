// The indicators' formulas, one function each: candles and parameters in, one column an output out.
// Where a quotient is 0/0 (a market that did not move) the value is the middle of the scale: RSI 50, %K 50, %B 0.5.
import type { CandleColumns } from '../candles.ts';
import { ema, sma, undefinedColumn, wilder } from './averages.ts';
import { deviation, slidingMax, slidingMin } from './windows.ts';

/**
 * Relative Strength Index (Wilder 1978): 100 × G / (G + L), which is 100 − 100 / (1 + G/L). G and L are Wilder averages
 * of the rises and falls of the close, seeded with the means of the first `period` changes: defined from bar `period` on.
 */
export function rsi({ close, length }: CandleColumns, period: number): Float64Array {
  const rises = new Float64Array(length);
  const falls = new Float64Array(length);
  for (let i = 1; i < length; i++) {
    const change = close[i]! - close[i - 1]!;
    if (change > 0) rises[i] = change;
    else falls[i] = 0 - change;
  }
  const gains = wilder(rises, 1, period);
  const losses = wilder(falls, 1, period);
  const out = undefinedColumn(length);
  for (let i = period; i < length; i++) {
    const total = gains[i]! + losses[i]!;
    out[i] = total === 0 ? 50 : (100 * gains[i]!) / total;
  }
  return out;
}

/** True ranges (Wilder 1978): max(high, previous close) − min(low, previous close), on the first bar high − low. */
export function trueRanges({ high, low, close, length }: CandleColumns): Float64Array {
  const ranges = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const before = i === 0 ? close[0]! : close[i - 1]!;
    const top = i === 0 ? high[0]! : Math.max(high[i]!, before);
    const bottom = i === 0 ? low[0]! : Math.min(low[i]!, before);
    ranges[i] = top - bottom;
  }
  return ranges;
}

/**
 * Average True Range (Wilder 1978): the Wilder average of the true ranges, seeded with the mean of the first `period`
 * ones, that of bar 0 included: defined from bar period − 1 on.
 */
export function atr(candles: CandleColumns, period: number): Float64Array {
  return wilder(trueRanges(candles), 0, period);
}

/**
 * MACD (Appel): EMA(fast) − EMA(slow) of the close, each seeded on its own; the signal is an EMA of that line, seeded
 * with its first `signal` values; the histogram is their difference. Line from bar slow − 1, the others from
 * bar slow + signal − 2 on.
 */
export function macd({ close, length }: CandleColumns, fast: number, slow: number, signal: number): Float64Array[] {
  const quick = ema(close, 0, fast);
  const calm = ema(close, 0, slow);
  const line = undefinedColumn(length);
  for (let i = slow - 1; i < length; i++) line[i] = quick[i]! - calm[i]!;
  const trigger = ema(line, slow - 1, signal);
  const histogram = undefinedColumn(length);
  for (let i = slow + signal - 2; i < length; i++) histogram[i] = line[i]! - trigger[i]!;
  return [line, trigger, histogram];
}

/**
 * Bollinger bands (Bollinger on Bollinger Bands, 2001): SMA ± deviations × population standard deviation of the close;
 * %B = (close − lower) / (upper − lower); width = (upper − lower) / middle, a ratio. Defined from bar period − 1 on.
 */
export function bollinger({ close, length }: CandleColumns, period: number, deviations: number): Float64Array[] {
  const middle = sma(close, 0, period);
  const spread = deviation(close, period);
  const upper = undefinedColumn(length);
  const lower = undefinedColumn(length);
  const percentB = undefinedColumn(length);
  const width = undefinedColumn(length);
  for (let i = period - 1; i < length; i++) {
    const reach = deviations * spread[i]!;
    upper[i] = middle[i]! + reach;
    lower[i] = middle[i]! - reach;
    percentB[i] = reach === 0 ? 0.5 : 0.5 + (close[i]! - middle[i]!) / (2 * reach);
    width[i] = (2 * reach) / middle[i]!;
  }
  return [upper, middle, lower, percentB, width];
}

/**
 * Stochastic oscillator (Lane): raw %K = 100 × (close − lowest low) / (highest high − lowest low) over `period` bars;
 * k is its SMA over `smooth` bars (1 = the fast form), d the SMA of k over `signal` bars. k from bar
 * period + smooth − 2, d from bar period + smooth + signal − 3 on.
 */
export function stochastic(candles: CandleColumns, period: number, smooth: number, signal: number): Float64Array[] {
  const { high, low, close, length } = candles;
  const tops = slidingMax(high, period);
  const bottoms = slidingMin(low, period);
  const raw = undefinedColumn(length);
  for (let i = period - 1; i < length; i++) {
    const range = tops[i]! - bottoms[i]!;
    raw[i] = range === 0 ? 50 : (100 * (close[i]! - bottoms[i]!)) / range;
  }
  const k = sma(raw, period - 1, smooth);
  return [k, sma(k, period + smooth - 2, signal)];
}

/** Donchian channel: highest high and lowest low of `period` bars, the current bar included, and their mean. */
export function donchian({ high, low, length }: CandleColumns, period: number): Float64Array[] {
  const upper = slidingMax(high, period);
  const lower = slidingMin(low, period);
  const middle = undefinedColumn(length);
  for (let i = period - 1; i < length; i++) middle[i] = (upper[i]! + lower[i]!) / 2;
  return [upper, lower, middle];
}
