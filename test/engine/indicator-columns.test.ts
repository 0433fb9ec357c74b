// What makes indicator columns fast must not be seen in them: sums in ticks, four bars at a time, blocks, columns used again.
import fc from 'fast-check';
import t from 'tap';
import { allocateColumns, type CandleColumns, viewColumns } from '../../src/engine/candles.ts';
import {
  computeIndicator,
  getIndicator,
  INDICATOR_NAMES,
  type Indicator,
  type IndicatorParameters,
} from '../../src/engine/indicators/table.ts';
import { fixed, toNumber } from './fixed-point.ts';
import { meanOf, REFERENCES, worstError } from './indicator-references.ts';

interface Bar {
  low: number;
  high: number;
  close: number;
  volume: number;
}

function candlesOf(bars: readonly Bar[]): CandleColumns {
  const columns = allocateColumns(bars.length, 3_600_000);
  bars.forEach(({ low, high, close, volume }, i) => {
    columns.time[i] = i * 3_600_000;
    columns.open[i] = close;
    columns.high[i] = high;
    columns.low[i] = low;
    columns.close[i] = close;
    columns.volume[i] = volume;
  });
  return columns;
}
const closesOf = (values: readonly number[]) =>
  candlesOf(values.map((close) => ({ low: close, high: close, close, volume: 1 })));

/** Whole numbers, one to nine decimals, no decimal at all, tiny and huge: all that a price or a volume can be. */
const amount = fc
  .tuple(fc.integer({ min: 1, max: 1_000_000 }), fc.constantFrom(0, 0, 1, 2, 2, 2, 2, 8, 9), fc.nat(199))
  .map(([units, decimals, rare]) => {
    if (rare === 0) return units / 3;
    if (rare === 1) return units * 1e9;
    if (rare === 2) return units / 1e13;
    return units / [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9][decimals]!;
  });
/** Calm ones, so that a base lasts; and amounts of every kind. */
const barsArbitrary = fc.oneof(
  fc.array(
    fc.tuple(amount, amount, amount, amount).map(([a, b, c, volume]): Bar => {
      const [low, close, high] = [a, b, c].sort((x, y) => x - y);
      return { low: low!, close: close!, high: high!, volume };
    }),
    { maxLength: 60 },
  ),
  fc.array(
    fc.tuple(fc.nat(300), fc.nat(100), fc.nat(100), fc.nat(40)).map(([low, up, on, volume]): Bar => {
      return { low: (8000 + low) / 100, close: (8000 + low + up) / 100, high: (8000 + low + up + on) / 100, volume };
    }),
    { maxLength: 60 },
  ),
);

function parametersOf(indicator: Indicator, period: number): IndicatorParameters {
  const all = { period, deviations: 2, fast: period, slow: period + 3, signal: 4, smooth: 2 };
  const least = (name: string) => (name === 'period' && indicator.label === 'Bollinger' ? 2 : 1);
  return Object.fromEntries(indicator.parameters.map(({ name }) => [name, Math.max(least(name), all[name])]));
}
const periodArbitrary = fc.constantFrom(1, 2, 3, 7, 20, 50, 70);

const isSame = (a: Float64Array, b: Float64Array) => a.every((value, i) => Object.is(value, b[i]));

for (const name of INDICATOR_NAMES) {
  const indicator = getIndicator(name, 'indicator');
  t.test(`${name}: used columns, and what comes later, change no bit (seed 91)`, async () => {
    fc.assert(
      fc.property(barsArbitrary, periodArbitrary, fc.nat(60), (bars, period, cut) => {
        const candles = candlesOf(bars);
        const parameters = parametersOf(indicator, period);
        const whole = computeIndicator(candles, indicator, parameters);
        const used = indicator.outputs.map(() => new Float64Array(bars.length).fill(7e77));
        computeIndicator(candles, indicator, parameters, used);
        const part = computeIndicator(viewColumns(candles, 0, Math.min(cut, bars.length)), indicator, parameters);
        return whole.every((column, i) => isSame(used[i]!, column) && isSame(part[i]!, column.subarray(0, cut)));
      }),
      { seed: 91, numRuns: 300 },
    );
  });

  t.test(`${name} is exact where the size of the tick changes (seed 92)`, async (t) => {
    let worst = 0;
    fc.assert(
      fc.property(barsArbitrary, fc.constantFrom(1, 2, 5, 14), (bars, period) => {
        const candles = candlesOf(bars);
        const parameters = parametersOf(indicator, period);
        const exact = REFERENCES[name]!(candles, parameters as Required<IndicatorParameters>);
        computeIndicator(candles, indicator, parameters).forEach((column, i) => {
          worst = Math.max(worst, worstError(column, exact[i]!));
        });
        return worst < 1e-12;
      }),
      { seed: 92, numRuns: 60 },
    );
    t.ok(worst < 1e-12, `${worst}`);
  });
}

t.test('a mean of decimals is the number that is nearest to it', async (t) => {
  // In tenths the sums are whole: (1 + 3 + 2) / 30 and (3 + 2 + 2) / 30; floats would give 0.20000000000000004.
  const thirds = computeIndicator(closesOf([0.1, 0.3, 0.2, 0.2]), getIndicator('sma', ''), { period: 3 })[0]!;
  t.same([...thirds], [Number.NaN, Number.NaN, 0.2, 7 / 30]);
  // Cents come at bar 4, a price that is no decimal at bar 9.
  const values = [10, 11, 12, 13, 10.25, 10.5, 11, 11.75, 12, 100 / 3, 12, 13, 14, 15, 16];
  const mixed = computeIndicator(closesOf(values), getIndicator('sma', ''), { period: 4 })[0]!;
  for (let i = 3; i < values.length; i++) t.equal(mixed[i], toNumber(meanOf(values.map(fixed), i, 4)!), `bar ${i}`);
});

t.test('sums that leave the exact range leave no trace in what comes after', async (t) => {
  const values = Array.from({ length: 40 }, (_, i) => (i < 14 ? 90_000_000_000_000.5 + i : 0.3 + (i % 3) / 10));
  const sma = computeIndicator(closesOf(values), getIndicator('sma', ''), { period: 5 })[0]!;
  for (let i = 4; i < values.length; i++) t.equal(sma[i], toNumber(meanOf(values.map(fixed), i, 5)!), `bar ${i}`);
});

t.test('a market that never moved has its price for an average, and no momentum', async (t) => {
  const flat = closesOf(Array.from({ length: 70 }, () => 107_166.27));
  const ema = computeIndicator(flat, getIndicator('ema', ''), { period: 13 })[0]!;
  t.ok(ema.subarray(12).every((value) => value === 107_166.27));
  for (const column of computeIndicator(flat, getIndicator('macd', ''), { fast: 5, slow: 9, signal: 4 })) {
    t.ok(column.subarray(11).every((value) => value === 0));
  }
});

t.test('long periods keep their digits: 1,000 bars of memory over 2,000 bars', async (t) => {
  // Steps of up to 50 in a fixed walk (a linear congruence), then a jump and a quiet end.
  let [price, state] = [50_000, 7];
  const bars = Array.from({ length: 2000 }, (_, i): Bar => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const step = i > 1700 ? 0.01 * (state % 3) : ((state % 10_001) - 5000) / 100;
    price = Math.max(1000, Math.round((price + step + (i === 1200 ? 20_000 : 0)) * 100) / 100);
    return { low: price - 1.5, high: price + 2.25, close: price, volume: 1 + (state % 7) };
  });
  const candles = candlesOf(bars);
  for (const name of ['ema', 'rsi', 'atr', 'adx', 'sma', 'bollinger', 'vwap']) {
    const indicator = getIndicator(name, '');
    const parameters = { period: name === 'bollinger' ? 300 : 1000, deviations: 2 };
    const exact = REFERENCES[name]!(candles, parameters as Required<IndicatorParameters>);
    computeIndicator(candles, indicator, parameters).forEach((column, i) => {
      const worst = worstError(column, exact[i]!);
      t.ok(worst < 1e-12, `${name} ${indicator.outputs[i]!.name}: ${worst}`);
    });
  }
});
