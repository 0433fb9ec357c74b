// Candles that never were: made of real ones to ask what a search finds where nothing is left to be found, or of chance alone.
import { makeCandles } from '../candle-codec.ts';
import { allocateColumns, type CandleColumns, type Candles } from '../candles.ts';
import { ColumnStore } from '../column-store.ts';
import { findTicks } from '../fast/market.ts';
import { toUtf8 } from '../hash.ts';
import { openStream, type RandomStream } from '../random.ts';
import type { Window } from '../simulate.ts';
import { shuffle } from './trade-order.ts';

const HOUR_MS = 3_600_000;
/** 2024-01-01 00:00 UTC. */
const FIRST_TIME = 1_704_067_200_000;

/** Rounds to whole ticks, one at least. Keeps order, so that highs stay highs. */
const toTick = (price: number, ticks: number): number => Math.max(1, Math.floor(price * ticks + 0.5)) / ticks;

function writeBar(columns: CandleColumns, i: number, prices: [number, number, number, number], ticks: number): void {
  const [open, high, low, close] = prices;
  columns.open[i] = toTick(open, ticks);
  columns.high[i] = toTick(high, ticks);
  columns.low[i] = toTick(low, ticks);
  columns.close[i] = toTick(close, ticks);
}

function copyOf(candles: CandleColumns): CandleColumns {
  const copy = allocateColumns(candles.length, candles.barMs);
  for (const name of ['time', 'open', 'high', 'low', 'close', 'volume'] as const) copy[name].set(candles[name]);
  return copy;
}

const label = (candles: Candles, columns: CandleColumns, source: string): Candles =>
  makeCandles(columns, { ...candles.meta, source, sample: true });

/**
 * The candles with bars from first + 1 on put together anew: bar first + 1 + k takes its move from the close before it from bar
 * gaps[k], and its body (high, low and close relative to the open, and volume) from bar bodies[k]. Times stay. Moves are kept
 * as ratios, prices rounded to the tick of the candles.
 */
function rebuild(candles: CandleColumns, first: number, gaps: Int32Array, bodies: Int32Array): CandleColumns {
  const columns = copyOf(candles);
  const { open, high, low, close, volume } = candles;
  const { ticks } = findTicks(candles);
  let price = close[first]!;
  for (let k = 0; k < gaps.length; k++) {
    const [gap, body] = [gaps[k]!, bodies[k]!];
    const from = price * (open[gap]! / close[gap - 1]!);
    const scale = from / open[body]!;
    price = close[body]! * scale;
    writeBar(columns, first + 1 + k, [from, high[body]! * scale, low[body]! * scale, price], ticks);
    columns.volume[first + 1 + k] = volume[body]!;
  }
  return columns;
}

/**
 * The bars of `window` in random order, moves between bars and bodies of bars apart, all others as they are (Masters 2018,
 * "Permutation and randomization tests for trading system development", chapter 3). The window's first bar stays, and so
 * does its last close but for rounding: drift and distribution of moves are kept, their order is not. Marked as a sample,
 * source PERMUTED.
 */
export function permuteBars(candles: Candles, { from, to }: Window, random: RandomStream): Candles {
  const places = Int32Array.from({ length: to - from - 1 }, (_, k) => from + 1 + k);
  const gaps = shuffle(places.slice(), random);
  return label(candles, rebuild(candles, from, gaps, shuffle(places, random)), 'PERMUTED');
}

/**
 * All bars but the first in blocks of `blockBars`, the blocks in random order: what a market does within a block is kept, what
 * one block says of the next is not. Marked as a sample, source SHUFFLED.
 */
export function shuffleBlocks(candles: Candles, blockBars: number, random: RandomStream): Candles {
  const bars = candles.length - 1;
  const order = shuffle(
    Int32Array.from({ length: Math.ceil(bars / blockBars) }, (_, b) => b),
    random,
  );
  const places = new Int32Array(bars);
  let at = 0;
  for (const block of order) {
    const end = Math.min((block + 1) * blockBars, bars);
    for (let i = block * blockBars; i < end; i++) places[at++] = 1 + i;
  }
  return label(candles, rebuild(candles, 0, places, places), 'SHUFFLED');
}

/**
 * Each price of each bar moved by an independent uniform share of ±`share` × ATR(14) of the bar; the high and low enclose what
 * comes out, all in whole ticks. Bars before the first ATR stay. Marked as a sample, source NOISE.
 */
export function addNoise(candles: Candles, share: number, random: RandomStream): Candles {
  const columns = copyOf(candles);
  const atr = new ColumnStore(candles).indicator({ indicator: 'atr', period: 14 });
  const { ticks } = findTicks(candles);
  const moved = (price: number, i: number) => price + share * atr[i]! * (2 * random.unit() - 1);
  for (let i = 0; i < candles.length; i++) {
    if (Number.isNaN(atr[i])) continue;
    const open = moved(candles.open[i]!, i);
    const close = moved(candles.close[i]!, i);
    const high = Math.max(open, close, moved(candles.high[i]!, i));
    const low = Math.min(open, close, moved(candles.low[i]!, i));
    writeBar(columns, i, [open, high, low, close], ticks);
  }
  return label(candles, columns, 'NOISE');
}

/** Steps of a bar of a random walk. So fine that a stop is filled where it lies, but for less than the usual slippage. */
const STEPS = 64;

/**
 * A series without an edge: a geometric random walk of `bars` hourly bars, 64 steps of ± volatility / 8 each with equal odds
 * (deviation of a bar: `volatility`), so that no rule has an expectation but for its costs. Volume is as random. Marked as a
 * sample, source WALK.
 */
export function randomWalk(seed: string, bars: number, volatility = 0.006): Candles {
  const random = openStream(toUtf8(seed), 'random walk');
  const columns = allocateColumns(bars, HOUR_MS);
  const step = volatility / 8;
  let price = 20_000;
  for (let i = 0; i < bars; i++) {
    const open = price;
    let high = open;
    let low = open;
    let coins = 0;
    for (let k = 0; k < STEPS; k++) {
      if (k % 32 === 0) coins = random.next();
      price *= ((coins >>> (k % 32)) & 1) === 1 ? 1 + step : 1 - step;
      high = Math.max(high, price);
      low = Math.min(low, price);
    }
    columns.time[i] = FIRST_TIME + i * HOUR_MS;
    writeBar(columns, i, [open, high, low, price], 100);
    columns.volume[i] = 10 + random.below(1000) / 10;
  }
  return makeCandles(columns, { symbol: 'WALK-USD', quote: 'USD', source: 'WALK', sample: true, barMs: HOUR_MS });
}
