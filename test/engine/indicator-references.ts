// Every indicator once more, from its definition, in arithmetic with 80 decimals: slow, obvious and exact.
import type { CandleColumns } from '../../src/engine/candles.ts';
import type { IndicatorParameters } from '../../src/engine/indicators/table.ts';
import { divide, type Fixed, fixed, multiply, squareRoot, toNumber, whole } from './fixed-point.ts';

type Column = (Fixed | undefined)[];
const exactColumn = (values: Float64Array): Fixed[] => Array.from(values, fixed);

/** Mean of the last `period` values, undefined where one of them is missing. */
export function meanOf(values: Column, i: number, period: number): Fixed | undefined {
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

const typicalExact = ({ high, low, close }: CandleColumns): Fixed[] =>
  exactColumn(high).map((top, i) => (top + fixed(low[i]!) + fixed(close[i]!)) / 3n);

/** Volume-weighted mean of the typical prices of bars `from` to `to`, both included. */
function vwapExact(candles: CandleColumns, from: number, to: number): Fixed | undefined {
  let [amount, traded] = [0n, 0n];
  for (let i = from; i <= to; i++) {
    const volume = fixed(candles.volume[i]!);
    amount += multiply(volume, (fixed(candles.high[i]!) + fixed(candles.low[i]!) + fixed(candles.close[i]!)) / 3n);
    traded += volume;
  }
  return traded === 0n ? undefined : divide(amount, traded);
}

type Reference = (candles: CandleColumns, p: Required<IndicatorParameters>) => Column[];
export const REFERENCES: Record<string, Reference> = {
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
  roc: ({ close }, { period }) => {
    const prices = exactColumn(close);
    return [
      prices.map((price, i) => (i < period ? undefined : divide(100n * price, prices[i - period]!) - whole(100))),
    ];
  },
  cci: (candles, { period }) => {
    const prices = typicalExact(candles);
    const middle = smaExact(prices, period);
    const values = middle.map((mean, i) => {
      if (mean === undefined) return undefined;
      const off = windowOf(prices, i, period)!.map((price) => (price > mean ? price - mean : mean - price));
      const deviation = off.reduce((a, b) => a + b) / BigInt(period);
      // Thirds are cut after 80 decimals: what is left of equal prices is not a deviation.
      return deviation < 10n ? 0n : divide(1000n * (prices[i]! - mean), 15n * deviation);
    });
    return [values];
  },
  williams_r: ({ high, low, close }, { period }) => {
    const [h, l, c] = [exactColumn(high), exactColumn(low), exactColumn(close)];
    const values = c.map((price, i) => {
      const tops = windowOf(h, i, period);
      if (tops === undefined) return undefined;
      const [top, bottom] = [largest(tops), smallest(windowOf(l, i, period)!)];
      return top === bottom ? whole(-50) : divide(-100n * (top - price), top - bottom);
    });
    return [values];
  },
  adx: ({ high, low, close }, { period }) => {
    const [h, l, c] = [exactColumn(high), exactColumn(low), exactColumn(close)];
    const moves = (wanted: 'plus' | 'minus'): Column =>
      h.map((top, i) => {
        if (i === 0) return undefined;
        const [up, down] = [top - h[i - 1]!, l[i - 1]! - l[i]!];
        const [own, other] = wanted === 'plus' ? [up, down] : [down, up];
        return own > other && own > 0n ? own : 0n;
      });
    const ranges: Column = h.map((top, i) =>
      i === 0 ? undefined : largest([top - l[i]!, top - c[i - 1]!, c[i - 1]! - l[i]!]),
    );
    const range = wilderExact(ranges, period);
    const share = (part: Fixed, all: Fixed) => (all === 0n ? 0n : divide(100n * part, all));
    const plus = combine(wilderExact(moves('plus'), period), range, share);
    const minus = combine(wilderExact(moves('minus'), period), range, share);
    const directions = combine(plus, minus, (p, m) => share(p > m ? p - m : m - p, p + m));
    return [wilderExact(directions, period), plus, minus];
  },
  obv: ({ close, volume }) => {
    let sum = 0n;
    return [
      exactColumn(close).map((price, i, prices) => {
        const traded = fixed(volume[i]!);
        if (i > 0 && price > prices[i - 1]!) sum += traded;
        if (i > 0 && price < prices[i - 1]!) sum -= traded;
        return sum;
      }),
    ];
  },
  vwap: (candles, { period }) => [
    exactColumn(candles.volume).map((_, i) => (i + 1 < period ? undefined : vwapExact(candles, i - period + 1, i))),
  ],
  vwap_day: (candles) => {
    const dayOf = (i: number) => new Date(candles.time[i]!).toISOString().slice(0, 10);
    return [
      exactColumn(candles.volume).map((_, i) => {
        let from = i;
        while (from > 0 && dayOf(from - 1) === dayOf(i)) from--;
        return vwapExact(candles, from, i);
      }),
    ];
  },
};

/** Largest difference relative to the largest value of the column; infinite when one is defined and the other not. */
export function worstError(column: Float64Array, reference: Column): number {
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
