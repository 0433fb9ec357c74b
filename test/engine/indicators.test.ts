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
import { divide, type Fixed, fixed, multiply, squareRoot, toNumber, whole } from './fixed-point.ts';

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
  const rising = closes(Array.from({ length: 40 }, (_, i) => i + 1));
  t.equal(outputs('rsi', rising, { period: 14 }).value![30], 100);
});

// --- references in fixed point -------------------------------------------------------------------------------------

type Column = (Fixed | undefined)[];
const exactColumn = (values: Float64Array): Fixed[] => Array.from(values, fixed);

function meanOf(values: Column, i: number, period: number): Fixed | undefined {
  let sum = 0n;
  for (let j = i - period + 1; j <= i; j++) {
    const value = values[j];
    if (value === undefined) return undefined;
    sum += value;
  }
  return sum / BigInt(period);
}
const smaExact = (values: Column, period: number): Column => values.map((_, i) => meanOf(values, i, period));

function recursiveExact(values: Column, period: number, weight: Fixed): Column {
  const out: Column = [];
  values.forEach((value, i) => {
    const before = i === 0 ? undefined : out[i - 1];
    out[i] =
      before === undefined || value === undefined
        ? meanOf(values, i, period)
        : before + multiply(weight, value - before);
  });
  return out;
}
const emaExact = (values: Column, period: number) =>
  recursiveExact(values, period, divide(whole(2), whole(period + 1)));
const wilderExact = (values: Column, period: number) => recursiveExact(values, period, divide(whole(1), whole(period)));
/** `Math.max` does not take BigInt. */
const extreme = (values: Fixed[], better: (a: Fixed, b: Fixed) => boolean) => {
  let found = values[0]!;
  for (const value of values) if (better(value, found)) found = value;
  return found;
};
const largest = (values: Fixed[]) => extreme(values, (a, b) => a > b);
const smallest = (values: Fixed[]) => extreme(values, (a, b) => a < b);
const windowOf = (values: Fixed[], i: number, period: number) =>
  i + 1 < period ? undefined : values.slice(i - period + 1, i + 1);
const combine = (a: Column, b: Column, f: (x: Fixed, y: Fixed) => Fixed): Column =>
  a.map((x, i) => (x === undefined || b[i] === undefined ? undefined : f(x, b[i]!)));

type Reference = (candles: CandleColumns, p: Required<IndicatorParameters>) => Column[];
const REFERENCES: Record<string, Reference> = {
  sma: ({ close }, { period }) => [smaExact(exactColumn(close), period)],
  ema: ({ close }, { period }) => [emaExact(exactColumn(close), period)],
  volume_sma: ({ volume }, { period }) => [smaExact(exactColumn(volume), period)],
  rsi: ({ close }, { period }) => {
    const prices = exactColumn(close);
    const changes: Column = prices.map((price, i) => (i === 0 ? undefined : price - prices[i - 1]!));
    const rises = wilderExact(
      changes.map((c) => (c === undefined ? undefined : c > 0n ? c : 0n)),
      period,
    );
    const falls = wilderExact(
      changes.map((c) => (c === undefined ? undefined : c < 0n ? -c : 0n)),
      period,
    );
    return [combine(rises, falls, (g, l) => (g + l === 0n ? whole(50) : divide(100n * g, g + l)))];
  },
  atr: ({ high, low, close }, { period }) => {
    const [h, l, c] = [exactColumn(high), exactColumn(low), exactColumn(close)];
    const ranges = h.map((top, i) =>
      i === 0 ? top - l[i]! : largest([top - l[i]!, top - c[i - 1]!, c[i - 1]! - l[i]!]),
    );
    return [wilderExact(ranges, period)];
  },
  macd: ({ close }, { fast, slow, signal }) => {
    const prices = exactColumn(close);
    const line = combine(emaExact(prices, fast), emaExact(prices, slow), (a, b) => a - b);
    const trigger = emaExact(line, signal);
    return [line, trigger, combine(line, trigger, (a, b) => a - b)];
  },
  bollinger: ({ close }, { period, deviations }) => {
    const prices = exactColumn(close);
    const middle = smaExact(prices, period);
    const reach = middle.map((mean, i) => {
      if (mean === undefined) return undefined;
      const squares = windowOf(prices, i, period)!.map((x) => multiply(x - mean, x - mean));
      return multiply(fixed(deviations), squareRoot(squares.reduce((a, b) => a + b) / BigInt(period)));
    });
    const upper = combine(middle, reach, (m, r) => m + r);
    const lower = combine(middle, reach, (m, r) => m - r);
    const width = combine(middle, reach, (m, r) => divide(2n * r, m));
    const percentB = combine(lower, upper, (a, b) => b - a).map((span, i) =>
      span === undefined ? undefined : span === 0n ? whole(1) / 2n : divide(prices[i]! - lower[i]!, span),
    );
    return [upper, middle, lower, percentB, width];
  },
  stochastic: ({ high, low, close }, { period, smooth, signal }) => {
    const [h, l, c] = [exactColumn(high), exactColumn(low), exactColumn(close)];
    const raw: Column = c.map((price, i) => {
      const tops = windowOf(h, i, period);
      if (tops === undefined) return undefined;
      const [top, bottom] = [largest(tops), smallest(windowOf(l, i, period)!)];
      return top === bottom ? whole(50) : divide(100n * (price - bottom), top - bottom);
    });
    const k = smaExact(raw, smooth);
    return [k, smaExact(k, signal)];
  },
  donchian: ({ high, low }, { period }) => {
    const upper: Column = exactColumn(high).map((_, i, all) => {
      const window = windowOf(all, i, period);
      return window && largest(window);
    });
    const lower: Column = exactColumn(low).map((_, i, all) => {
      const window = windowOf(all, i, period);
      return window && smallest(window);
    });
    return [upper, lower, combine(upper, lower, (a, b) => (a + b) / 2n)];
  },
};

/** Largest difference relative to the largest value of the column; infinite when one is defined and the other not. */
function worstError(column: Float64Array, reference: Column): number {
  const scale = reference.reduce(
    (most, value) => Math.max(most, value === undefined ? 0 : Math.abs(toNumber(value))),
    0,
  );
  let worst = 0;
  reference.forEach((value, i) => {
    if ((value === undefined) !== Number.isNaN(column[i]!)) worst = Number.POSITIVE_INFINITY;
    else if (value !== undefined) worst = Math.max(worst, Math.abs(toNumber(fixed(column[i]!) - value)) / (scale || 1));
  });
  return worst;
}

const priceRow = fc
  .tuple(
    fc.integer({ min: 1, max: 1_000_000 }),
    fc.nat(5000),
    fc.nat(5000),
    fc.nat(100),
    fc.double({ min: 0, max: 1e6, noNaN: true }),
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
  for (const name of ['cci', 'constructor', 'SMA', '']) {
    t.throws(() => getIndicator(name, 'left.indicator'), { code: 'unknown_indicator', field: 'left.indicator' });
  }
  t.ok(new InvalidInput('bad_value', 'x') instanceof Error);
});
