// Indicators that weigh prices or moves with the volume traded. Every bar of `out` is written.
import type { CandleColumns } from '../candles.ts';

const DAY_MS = 86_400_000;

/**
 * On-Balance Volume (Granville 1963): 0 on the first bar; then the bar's volume is added after a higher close, taken off
 * after a lower one. Only its changes mean something: libraries that start with the first volume differ by a constant.
 * Defined from bar 0 on. The error of each addition is kept (TwoSum: Knuth, TAOCP 2, §4.2.2): a sum that grows without
 * bound loses no digits.
 */
export function obv({ close, volume, length }: CandleColumns, out: Float64Array): void {
  let high = 0;
  let low = 0;
  if (length > 0) out[0] = 0;
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
}

const typical = ({ high, low, close }: CandleColumns, i: number) => (high[i]! + low[i]! + close[i]!) / 3;

/** Volumes and mean prices of the ends of the block [from, to): place k is the end that begins at its bar k, k > 0. */
function writeEnds(
  candles: CandleColumns,
  from: number,
  to: number,
  volumes: Float64Array,
  prices: Float64Array,
): void {
  let sum = 0;
  let price = 0;
  for (let i = to - 1; i > from; i--) {
    const traded = candles.volume[i]!;
    if (traded !== 0) {
      sum += traded;
      price += (typical(candles, i) - price) * (traded / sum);
    }
    volumes[i - from] = sum;
    prices[i - from] = price;
  }
}

/** The price of two parts together, NaN when nothing was traded in either. */
function joinParts(volume: number, price: number, otherVolume: number, otherPrice: number): number {
  const all = volume + otherVolume;
  if (all === 0) return Number.NaN;
  return otherVolume === 0 ? price : price + (otherPrice - price) * (otherVolume / all);
}

/**
 * Rolling volume-weighted average price: sum of T × volume / sum of volume over the last `period` bars,
 * T = (high + low + close) / 3. Defined from bar period − 1 on, wherever one of these bars has volume. The bars are cut
 * into blocks of `period`: each window is the end of one block and the beginning of the next (van Herk, Pattern
 * Recognition Letters 13, 1992), so nothing is ever subtracted and nothing drifts. A mean moves by the share of the new
 * volume, so neither huge nor tiny volumes lose digits.
 */
export function vwap(candles: CandleColumns, period: number, out: Float64Array): void {
  const { volume, length } = candles;
  out.fill(Number.NaN, 0, period - 1);
  // The block before; place `period` stays empty.
  const endVolumes = new Float64Array(period + 1);
  const endPrices = new Float64Array(period + 1);
  for (let block = 0; block < length; block += period) {
    const next = Math.min(block + period, length);
    let sum = 0;
    let price = 0;
    for (let i = block; i < next; i++) {
      const traded = volume[i]!;
      if (traded !== 0) {
        sum += traded;
        price += (typical(candles, i) - price) * (traded / sum);
      }
      const place = i - block + 1;
      if (i >= period - 1) out[i] = joinParts(sum, price, endVolumes[place]!, endPrices[place]!);
    }
    writeEnds(candles, block, next, endVolumes, endPrices);
  }
}

/**
 * Volume-weighted average price of the UTC day so far: as `vwap`, over the bars from the day's first one to this one (the
 * first day may be cut short by the beginning of the data). Defined from the day's first bar with volume on.
 */
export function vwapDay(candles: CandleColumns, out: Float64Array): void {
  const { time, volume, length } = candles;
  let sum = 0;
  let price = 0;
  let midnight = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < length; i++) {
    if (time[i]! >= midnight) {
      midnight = (Math.floor(time[i]! / DAY_MS) + 1) * DAY_MS;
      sum = 0;
      price = 0;
    }
    const traded = volume[i]!;
    if (traded !== 0) {
      sum += traded;
      price += (typical(candles, i) - price) * (traded / sum);
    }
    out[i] = sum > 0 ? price : Number.NaN;
  }
}
