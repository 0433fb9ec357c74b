// Indicators against published examples, and against slow references in exact arithmetic.
import fc from 'fast-check';
import t from 'tap';
import { allocateColumns, type CandleColumns } from '../../src/engine/candles.ts';
import { InvalidInput } from '../../src/engine/errors.ts';
import {
  computeIndicator,
  getIndicator,
  INDICATOR_NAMES,
  type IndicatorParameters,
  parseParameters,
} from '../../src/engine/indicators/table.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { fixed, toNumber } from './fixed-point.ts';
import { meanOf, REFERENCES, worstError } from './indicator-references.ts';

function candlesOf(rows: { high: number; low: number; close: number; volume?: number }[]): CandleColumns {
  const columns = allocateColumns(rows.length, 60_000);
  rows.forEach(({ high, low, close, volume }, i) => {
    columns.time[i] = i * 60_000;
    columns.open[i] = close;
    columns.high[i] = high;
    columns.low[i] = low;
    columns.close[i] = close;
    columns.volume[i] = volume ?? 1;
  });
  return columns;
}
const closes = (values: number[]) => candlesOf(values.map((close) => ({ high: close, low: close, close })));

function outputs(name: string, candles: CandleColumns, parameters: IndicatorParameters): Record<string, Float64Array> {
  const indicator = getIndicator(name, 'indicator');
  const columns = computeIndicator(candles, indicator, parseParameters(indicator, parameters));
  return Object.fromEntries(indicator.outputs.map((output, i) => [output.name, columns[i]!]));
}

t.test('hand-computed values', async (t) => {
  const ramp = closes([1, 2, 4, 7, 11, 16]);
  t.same([...outputs('sma', ramp, { period: 3 }).value!].slice(2), [7 / 3, 13 / 3, 22 / 3, 34 / 3]);
  // Seed (1+2+4)/3, weight ½: 7/3, (7/3+7)/2 = 14/3, (14/3+11)/2 = 47/6, (47/6+16)/2 = 143/12.
  const ema = outputs('ema', ramp, { period: 3 }).value!;
  for (const [i, want] of [7 / 3, 14 / 3, 47 / 6, 143 / 12].entries())
    t.ok(Math.abs(ema[i + 2]! - want) < 1e-14, `ema ${i}`);
  // True ranges 2, 3 (high − previous close), 4 (previous close − low); seed over two bars, then Wilder.
  const gapped = candlesOf([
    { high: 11, low: 9, close: 10 },
    { high: 13, low: 12, close: 12.5 },
    { high: 9.5, low: 8.5, close: 9 },
  ]);
  const atr = outputs('atr', gapped, { period: 2 }).value!;
  t.ok(Number.isNaN(atr[0]!));
  t.equal(atr[1], 2.5);
  t.equal(atr[2], 3.25);
  // Mean 4, population variance (9+1+1+9)/4 = 5.
  const bands = outputs('bollinger', closes([1, 3, 5, 7]), { period: 4, deviations: 2 });
  t.equal(bands.middle![3], 4);
  t.equal(bands.upper![3], 4 + 2 * Math.sqrt(5));
  t.equal(bands.lower![3], 4 - 2 * Math.sqrt(5));
  t.ok(Math.abs(bands.percent_b![3]! - (7 - (4 - 2 * Math.sqrt(5))) / (4 * Math.sqrt(5))) < 1e-15);
  t.equal(bands.width![3], Math.sqrt(5));
  const walk = candlesOf([
    { high: 10, low: 8, close: 9 },
    { high: 12, low: 9, close: 11 },
    { high: 11, low: 7, close: 8 },
    { high: 15, low: 8, close: 15 },
  ]);
  // Raw %K over 2 bars: (11−8)/4, (8−7)/5, (15−7)/8.
  const { k, d } = outputs('stochastic', walk, { period: 2, smooth: 1, signal: 2 });
  t.same([...k!].slice(1), [75, 20, 100]);
  t.same([...d!].slice(2), [47.5, 60]);
  const channel = outputs('donchian', walk, { period: 3 });
  t.same([...channel.upper!].slice(2), [12, 15]);
  t.same([...channel.lower!].slice(2), [7, 7]);
  t.same([...channel.middle!].slice(2), [9.5, 11]);
});

t.test('RSI: the worked example of StockCharts (ChartSchool, RSI, 14 days)', async (t) => {
  const prices = [
    44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931, 46.0328, 45.614,
    46.282, 46.282, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122, 46.2521, 45.7137, 46.4515, 45.7835, 45.3548,
    44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314,
  ];
  const published = [
    70.53, 66.32, 66.55, 69.41, 66.36, 57.97, 62.93, 63.26, 56.06, 62.38, 54.71, 50.42, 39.99, 41.46, 41.87, 45.46,
    37.3, 33.08, 37.77,
  ];
  const rsi = outputs('rsi', closes(prices), { period: 14 }).value!;
  t.ok(Number.isNaN(rsi[13]!), 'needs 14 changes');
  published.forEach((value, i) => {
    t.ok(Math.abs(rsi[14 + i]! - value) < 0.011, `day ${15 + i}: ${rsi[14 + i]} is ${value}`);
  });
});

t.test('hand-computed values of oscillators, direction and volume', async (t) => {
  const near = (got: number | undefined, want: number, what: string) =>
    t.ok(got !== undefined && Math.abs(got - want) < 1e-12 * Math.max(1, Math.abs(want)), `${what}: ${got} is ${want}`);
  const walk = candlesOf([
    { high: 10, low: 8, close: 9, volume: 5 },
    { high: 12, low: 9, close: 12, volume: 1 },
    { high: 11, low: 7, close: 9, volume: 0 },
    { high: 15, low: 8, close: 13, volume: 3 },
    { high: 15, low: 10, close: 13, volume: 4 },
  ]);
  // Typical prices 9, 11, 9, 12, 38/3. Last three bars at bar 2: mean 29/3, mean deviation 8/9.
  near(outputs('cci', walk, { period: 3 }).value![2], (9 - 29 / 3) / (0.015 * (8 / 9)), 'cci');
  // Highest 12, 15, lowest 7 of the last three bars.
  const williams = outputs('williams_r', walk, { period: 3 }).value!;
  near(williams[2], (-100 * (12 - 9)) / 5, 'williams');
  near(williams[3], (-100 * (15 - 13)) / 8, 'williams');
  near(outputs('roc', walk, { period: 2 }).value![3], 100 * (13 / 12 - 1), 'roc');
  t.same([...outputs('obv', walk, {}).value!], [0, 1, 1, 4, 4], 'an equal close changes nothing');
  const vwap = outputs('vwap', walk, { period: 2 }).value!;
  for (const [i, want] of [(9 * 5 + 11) / 6, 11, 12, (12 * 3 + (38 / 3) * 4) / 7].entries())
    near(vwap[i + 1], want, 'vwap');
  // +DM 2 0 4 0, −DM 0 2 0 0, ranges 3 5 7 5. Means of two 1, 1, 4; then (x + new) / 2.
  const { adx, plus_di, minus_di } = outputs('adx', walk, { period: 2 });
  const outside = candlesOf([walk, walk].map((_, i) => ({ high: 10 + i, low: 8 - i, close: 9 })));
  t.same(
    ['plus_di', 'minus_di'].map((name) => outputs('adx', outside, { period: 1 })[name]![1]),
    [0, 0],
    'a bar that reaches out as far on both sides has no direction',
  );
  t.ok(Number.isNaN(plus_di![1]!) && Number.isNaN(adx![2]!), 'from bars period and 2 × period − 1 on');
  t.same([plus_di![2], minus_di![2]], [25, 25]);
  near(plus_di![3], (100 * 2.5) / 5.5, '+DI');
  near(minus_di![3], (100 * 0.5) / 5.5, '−DI');
  // DX: 0, 100 × 2 / 3, 100 × 2 / 3.
  near(adx![3], 100 / 3, 'adx');
  near(adx![4], (100 / 3 + 200 / 3) / 2, 'adx');
});

t.test('the VWAP of the day begins anew at midnight UTC, with or without a bar there', async (t) => {
  const rows = [1, 2, 3, 4].map((price) => ({ high: price, low: price, close: price, volume: price }));
  const candles = candlesOf(rows);
  const day = 86_400_000;
  candles.time.set([day - 2, day - 1, day + 60_000, 3 * day]);
  const byDay = outputs('vwap_day', candles, {}).value!;
  t.ok(Math.abs(byDay[1]! - 5 / 3) < 1e-15, 'two bars of the first day');
  t.same([byDay[0], byDay[2], byDay[3]], [1, 3, 4]);
});

t.test('nothing traded is no price', async (t) => {
  const idle = candlesOf([0, 0, 7, 0, 0].map((volume) => ({ high: 2, low: 2, close: 2, volume })));
  t.same([...outputs('vwap', idle, { period: 2 }).value!], [Number.NaN, Number.NaN, 2, 2, Number.NaN]);
  t.same([...outputs('vwap_day', idle, {}).value!], [Number.NaN, Number.NaN, 2, 2, 2]);
});

t.test('a running balance keeps the digits of small volumes beside huge ones', async (t) => {
  const rows = Array.from({ length: 40_001 }, (_, i) => ({
    high: 2,
    low: 1,
    close: i === 1 ? 1.9 : 1 + (i % 2) / 2,
    volume: i === 1 ? 1e17 : i % 2 === 1 ? 0.7 : 0.1,
  }));
  // Up by 1e17, down by 0.1 and up by 0.7 in turns; and down again by 1e17.
  rows.push({ high: 2, low: 1, close: 0.5, volume: 1e17 });
  const last = outputs('obv', candlesOf(rows), {}).value!.at(-1)!;
  t.ok(Math.abs(last - (19_999 * 0.7 - 20_000 * 0.1)) < 1e-8, `${last}`);
});

t.test('a market that does not move', async (t) => {
  const flat = closes(Array.from({ length: 60 }, () => 0.1));
  t.ok(
    outputs('sma', flat, { period: 49 })
      .value!.subarray(48)
      .every((value) => value === 0.1),
    'sma is the price',
  );
  const bands = outputs('bollinger', flat, {});
  t.equal(bands.upper![30], 0.1, 'no width');
  t.equal(bands.percent_b![30], 0.5);
  t.equal(outputs('rsi', flat, { period: 14 }).value![30], 50);
  t.equal(outputs('stochastic', flat, {}).d![30], 50);
  t.equal(outputs('williams_r', flat, { period: 14 }).value![30], -50);
  t.equal(outputs('cci', flat, { period: 14 }).value![30], 0);
  t.equal(outputs('roc', flat, { period: 14 }).value![30], 0);
  t.same(
    Object.values(outputs('adx', flat, {})).map((column) => column[30]),
    [0, 0, 0],
  );
  const rising = closes(Array.from({ length: 40 }, (_, i) => i + 1));
  t.equal(outputs('rsi', rising, { period: 14 }).value![30], 100);
});

const priceRow = fc
  .tuple(
    fc.integer({ min: 1, max: 1_000_000 }),
    fc.nat(5000),
    fc.nat(5000),
    fc.nat(100),
    fc.oneof(fc.constant(0), fc.double({ min: 1e-12, max: 1e6, noNaN: true })),
  )
  .map(([cents, up, down, at, volume]) => {
    const low = cents / 100;
    const high = (cents + up + down) / 100;
    return { high, low, close: Math.min(high, Math.max(low, low + ((high - low) * at) / 100)), volume };
  });

t.test('every indicator has a reference here', async (t) => {
  t.same(new Set(Object.keys(REFERENCES)), new Set(INDICATOR_NAMES));
});

for (const name of INDICATOR_NAMES) {
  t.test(`${name} agrees with exact arithmetic to 1e-12 of its scale (seed 42)`, async (t) => {
    const indicator = getIndicator(name, 'indicator');
    const small: IndicatorParameters[] = [{ period: 1 }, { period: 2 }, { period: 5 }, { period: 14 }].map(
      ({ period }) => ({
        period: Math.max(period, name === 'bollinger' ? 2 : 1),
        deviations: 2.5,
        fast: period,
        slow: period + 3,
        signal: 3,
        smooth: 2,
      }),
    );
    const choices = [...small, ...indicator.choices.slice(0, 3)];
    fc.assert(
      fc.property(fc.array(priceRow, { minLength: 1, maxLength: 45 }), fc.constantFrom(...choices), (rows, choice) => {
        const parameters = Object.fromEntries(
          indicator.parameters.map(({ name: key, fallback }) => [key, choice[key] ?? fallback!]),
        );
        const candles = candlesOf(rows);
        const columns = computeIndicator(candles, indicator, parameters);
        const exact = REFERENCES[name]!(candles, parameters as Required<IndicatorParameters>);
        return exact.every((column, i) => worstError(columns[i]!, column) < 1e-12);
      }),
      { seed: 42, numRuns: 60 },
    );
    const long = sampleCandles('indicators', 1200);
    const parameters = parseParameters(indicator, indicator.choices.at(-1));
    const columns = computeIndicator(long, indicator, parameters);
    const exact = REFERENCES[name]!(long, parameters as Required<IndicatorParameters>);
    exact.forEach((column, i) => {
      const worst = worstError(columns[i]!, column);
      t.ok(worst < 1e-12, `${indicator.outputs[i]!.name} ${JSON.stringify(parameters)} on 1,200 bars: ${worst}`);
    });
  });
}

t.test('sums do not drift over a long series with one huge value in it', async (t) => {
  const values = Array.from({ length: 50_000 }, (_, i) => (i === 10 ? 1e15 : 0.1 + (i % 7) / 1000));
  const sma = outputs('sma', closes(values), { period: 20 }).value!;
  for (const i of [40, 1000, 49_999]) {
    const exact = toNumber(meanOf(values.map(fixed).slice(i - 19, i + 1), 19, 20)!);
    t.equal(sma[i], exact, `bar ${i}`);
  }
});

t.test('wrong parameters are refused by name', async (t) => {
  const cases: [string, unknown, string, string][] = [
    ['sma', {}, 'missing_key', 'period'],
    ['sma', { period: 0 }, 'out_of_range', 'period'],
    ['sma', { period: 2.5 }, 'bad_value', 'period'],
    ['sma', { period: '20' }, 'bad_value', 'period'],
    ['sma', { period: 20, length: 3 }, 'unknown_key', 'length'],
    ['bollinger', { deviations: 0 }, 'out_of_range', 'deviations'],
    ['macd', { fast: 30 }, 'out_of_range', 'fast'],
  ];
  for (const [name, input, code, field] of cases) {
    t.throws(
      () => parseParameters(getIndicator(name, 'indicator'), input),
      { code, field },
      `${name} ${JSON.stringify(input)}`,
    );
  }
  for (const name of ['kst', 'constructor', 'SMA', '']) {
    t.throws(() => getIndicator(name, 'left.indicator'), { code: 'unknown_indicator', field: 'left.indicator' });
  }
  t.ok(new InvalidInput('bad_value', 'x') instanceof Error);
});
