// The built-in series: synthetic, seeded, labelled `sample`. It exists so that a fresh node has something to mine.
//
// Model. Every bar has four steps of relative size drift + volatility × z, z a sum of twelve uniforms minus six (mean 0,
// variance 1, Irwin-Hall). Regimes of 150–400 bars follow one another at random: rising, falling, quiet, stormy and
// sideways (pulled back to the price at which it began). PLANTED EDGE: in any regime about one bar in 70 begins a panic
// of four bars (−0.9 % each) that the next fourteen bars win back (+0.3 % each). It is there on purpose, from the first
// bar to the last: a search that works finds "buy after a sharp fall". It says nothing about any real market.
import { makeCandles } from './candle-codec.ts';
import { allocateColumns, type CandleColumns, type Candles } from './candles.ts';
import { toUtf8 } from './hash.ts';
import { openStream, type RandomStream } from './random.ts';

const BARS = 7000;
const BAR_MS = 3_600_000;
/** 2024-01-01 00:00 UTC. */
const FIRST_TIME = 1_704_067_200_000;
const FIRST_PRICE = 20_000;
const STEPS = 4;
const PANIC_BARS = 4;
const PANIC_DRIFT = -0.009;
const REBOUND_BARS = 14;
const REBOUND_DRIFT = 0.003;
const PANIC_ONE_IN = 70;
/** Prices stay within these by drift, so that they keep their two decimals' worth of precision. */
const PRICE_LOW = 8_000;
const PRICE_HIGH = 60_000;

const REGIMES = [
  { drift: 0.0003, volatility: 0.004, pull: 0 },
  { drift: -0.0003, volatility: 0.004, pull: 0 },
  { drift: 0, volatility: 0.002, pull: 0 },
  { drift: 0, volatility: 0.008, pull: 0 },
  { drift: 0, volatility: 0.004, pull: 0.02 },
] as const;

interface Weather {
  regime: (typeof REGIMES)[number];
  barsLeft: number;
  /** Price at the regime's start. */
  anchor: number;
  /** Bars since a panic began; REBOUND and later mean none. */
  sincePanic: number;
}

function drawNormal(random: RandomStream): number {
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += random.unit();
  return sum - 6;
}

const roundCents = (price: number) => Math.floor(price * 100 + 0.5) / 100;

function driftOfBar(weather: Weather, price: number): number {
  const pull = weather.regime.pull * ((weather.anchor - price) / price);
  if (weather.sincePanic < PANIC_BARS) return PANIC_DRIFT;
  if (weather.sincePanic < PANIC_BARS + REBOUND_BARS) return REBOUND_DRIFT;
  if (price < PRICE_LOW) return 0.001;
  return price > PRICE_HIGH ? -0.001 : weather.regime.drift + pull;
}

function nextWeather(weather: Weather, random: RandomStream, price: number): void {
  weather.sincePanic++;
  const calm = weather.sincePanic >= PANIC_BARS + REBOUND_BARS;
  if (calm && random.below(PANIC_ONE_IN) === 0) weather.sincePanic = 0;
  if (--weather.barsLeft > 0) return;
  weather.regime = random.pick(REGIMES);
  weather.barsLeft = 150 + random.below(251);
  weather.anchor = price;
}

function writeBar(columns: CandleColumns, i: number, open: number, random: RandomStream, weather: Weather): number {
  const drift = driftOfBar(weather, open) / STEPS;
  const volatility = weather.regime.volatility / 2;
  let price = open;
  let high = open;
  let low = open;
  for (let step = 0; step < STEPS; step++) {
    price *= 1 + drift + volatility * drawNormal(random);
    high = Math.max(high, price);
    low = Math.min(low, price);
  }
  columns.time[i] = FIRST_TIME + i * BAR_MS;
  columns.open[i] = open;
  columns.high[i] = roundCents(high);
  columns.low[i] = roundCents(low);
  columns.close[i] = roundCents(price);
  const range = (high - low) / open;
  columns.volume[i] = roundCents((20 + random.below(4000) / 100) * (1 + 100 * range));
  return columns.close[i]!;
}

/** The sample series of a seed: `bars` hourly bars of SAMPLE-USD, prices rounded to two decimals. */
export function sampleCandles(seed = 'sample', bars = BARS): Candles {
  const random = openStream(toUtf8(seed), 'sample candles');
  const columns = allocateColumns(bars, BAR_MS);
  const weather: Weather = { regime: REGIMES[2], barsLeft: 200, anchor: FIRST_PRICE, sincePanic: 1000 };
  let price = FIRST_PRICE;
  for (let i = 0; i < bars; i++) {
    price = writeBar(columns, i, price, random, weather);
    nextWeather(weather, random, price);
  }
  return makeCandles(columns, { symbol: 'SAMPLE-USD', quote: 'USD', source: 'SAMPLE', sample: true, barMs: BAR_MS });
}
