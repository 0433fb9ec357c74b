// Indicators that weigh prices or moves with the volume traded.
import type { CandleColumns } from '../candles.ts';
import { undefinedColumn } from './averages.ts';

const DAY_MS = 86_400_000;

/**
 * On-Balance Volume (Granville 1963): 0 on the first bar; then the bar's volume is added after a higher close, taken off
 * after a lower one. Only its changes mean something: libraries that start with the first volume differ by a constant.
 * Defined from bar 0 on. The error of each addition is kept (TwoSum: Knuth, TAOCP 2, §4.2.2): a sum that grows without
 * bound loses no digits.
 */
export function obv({ close, volume, length }: CandleColumns): Float64Array {
  const out = new Float64Array(length);
  let high = 0;
  let low = 0;
  for (let i = 1; i < length; i++) {
    const change = close[i]! - close[i - 1]!;
    if (change !== 0) {
      const value = change > 0 ? volume[i]! : -volume[i]!;
      const sum = high + value;
      const part = sum - high;
      low += high - (sum - part) + (value - part);
      high = sum;
    }
    out[i] = high + low;
  }
  return out;
}

/** A volume and the mean price that it was traded at; 0 and 0 for none. */
interface Traded {
  volume: number;
  price: number;
}

const typical = ({ high, low, close }: CandleColumns, i: number) => (high[i]! + low[i]! + close[i]!) / 3;

/** Adds volume at a price. The mean moves by the share of the new volume, so neither huge nor tiny volumes lose digits. */
function trade(sum: Traded, price: number, volume: number): void {
  if (volume === 0) return;
  sum.volume += volume;
  sum.price += (price - sum.price) * (volume / sum.volume);
}

/**
 * Rolling volume-weighted average price: sum of T × volume / sum of volume over the last `period` bars,
 * T = (high + low + close) / 3. Defined from bar period − 1 on, wherever one of these bars has volume. The bars are cut
 * into blocks of `period`: each window is the end of one block and the beginning of the next (van Herk 1992), so nothing
 * is ever subtracted and nothing drifts.
 */
export function vwap(candles: CandleColumns, period: number): Float64Array {
  const { volume, length } = candles;
  const out = undefinedColumn(length);
  const endVolume = new Float64Array(length + 1);
  const endPrice = new Float64Array(length + 1);
  for (let block = 0; block < length; block += period) {
    const end: Traded = { volume: 0, price: 0 };
    for (let i = Math.min(block + period, length) - 1; i >= block; i--) {
      trade(end, typical(candles, i), volume[i]!);
      endVolume[i] = end.volume;
      endPrice[i] = end.price;
    }
  }
  const begin: Traded = { volume: 0, price: 0 };
  for (let i = 0; i < length; i++) {
    if (i % period === 0) begin.volume = begin.price = 0;
    trade(begin, typical(candles, i), volume[i]!);
    if (i < period - 1) continue;
    const whole = { ...begin };
    const from = i - period + 1;
    if (from % period !== 0) trade(whole, endPrice[from]!, endVolume[from]!);
    if (whole.volume > 0) out[i] = whole.price;
  }
  return out;
}

/**
 * Volume-weighted average price of the UTC day so far: as `vwap`, over the bars from the day's first one to this one (the
 * first day may be cut short by the beginning of the data). Defined from the day's first bar with volume on.
 */
export function vwapDay(candles: CandleColumns): Float64Array {
  const { time, volume, length } = candles;
  const out = undefinedColumn(length);
  const sum: Traded = { volume: 0, price: 0 };
  let today = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < length; i++) {
    const day = Math.floor(time[i]! / DAY_MS);
    if (day !== today) sum.volume = sum.price = 0;
    today = day;
    trade(sum, typical(candles, i), volume[i]!);
    if (sum.volume > 0) out[i] = sum.price;
  }
  return out;
}
