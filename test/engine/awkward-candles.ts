// Candles that are hard on an engine: gaps in time, flat bars, ties, jumps through every level, prices off any tick.
import fc from 'fast-check';
import { allocateColumns, type CandleColumns } from '../../src/engine/candles.ts';
import { openStream, type RandomStream } from '../../src/engine/random.ts';

export interface Weather {
  bars: number;
  /** Smallest price step; 0: none. */
  tick: number;
  start: number;
  /** Largest relative move of an ordinary bar. */
  range: number;
  /** Shares of bars: without movement, with a jump before them, after missing bars. */
  flat: number;
  jump: number;
  gap: number;
}

function makeCandles(weather: Weather, random: RandomStream): CandleColumns {
  const { bars, tick, start, range, flat, jump, gap } = weather;
  const columns = allocateColumns(bars, 60_000 * 5);
  const snap = (price: number) => {
    const positive = Math.max(price, Math.max(tick, start / 100));
    return tick === 0 ? positive : Math.max(1, Math.round(positive / tick)) / Math.round(1 / tick);
  };
  const move = (size: number) => 1 + (random.below(2001) / 1000 - 1) * size;
  let time = Date.UTC(2024, 0, 1);
  let price = snap(start);
  for (let i = 0; i < bars; i++) {
    if (random.chance(gap)) time += columns.barMs * (1 + random.below(40));
    const still = random.chance(flat);
    const reach = still ? 0 : range;
    const open = random.chance(jump) ? snap(price * move(0.2)) : price;
    const close = snap(open * move(reach));
    const high = Math.max(open, close, snap(Math.max(open, close) * (1 + (random.below(1000) * reach) / 1000)));
    const low = Math.min(open, close, snap(Math.min(open, close) * (1 - (random.below(1000) * reach) / 1000)));
    columns.time[i] = time;
    columns.open[i] = open;
    columns.high[i] = high;
    columns.low[i] = low;
    columns.close[i] = close;
    columns.volume[i] = still ? 0 : random.below(10_000) / 10;
    // A market that ran away comes back, so that prices keep their digits.
    price = close > start * 20 || close < start / 20 ? snap(start) : close;
    time += columns.barMs;
  }
  return columns;
}

/** Between 5 and 900 bars of five minutes, of every kind; prices are above 0, highs and lows enclose. */
export const awkwardCandles: fc.Arbitrary<CandleColumns> = fc
  .record({
    bars: fc.integer({ min: 5, max: 900 }),
    tick: fc.constantFrom(0.01, 0.5, 1, 0),
    start: fc.constantFrom(3, 100, 90_000),
    range: fc.constantFrom(0.001, 0.01, 0.06),
    flat: fc.constantFrom(0, 0.05, 0.6),
    jump: fc.constantFrom(0, 0.02, 0.3),
    gap: fc.constantFrom(0, 0.02),
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
  })
  .map(({ seed, ...weather }) => makeCandles(weather, openStream(new Uint8Array([1]), 'awkward', seed, 0)));
