// Larger time frames: names, how they fit the data, and that at no bar more is known than what has closed.
import fc from 'fast-check';
import t from 'tap';
import { allocateColumns, type CandleColumns, viewColumns } from '../../src/engine/candles.ts';
import { ColumnStore } from '../../src/engine/column-store.ts';
import { computeIndicator, getIndicator, INDICATOR_NAMES } from '../../src/engine/indicators/table.ts';
import { parseStrategy } from '../../src/engine/parse-strategy.ts';
import type { FieldOperand, IndicatorOperand } from '../../src/engine/strategy.ts';
import { strategyHash } from '../../src/engine/strategy-hash.ts';
import { aggregate, fitStrategy, parseTimeframe } from '../../src/engine/timeframes.ts';

const MINUTE = 60_000;

/** Bars of `barMs` at the given times; prices count up, so that every bar can be told from the others. */
function candlesAt(times: readonly number[], barMs: number): CandleColumns {
  const columns = allocateColumns(times.length, barMs);
  times.forEach((time, i) => {
    const wobble = (i * 7919) % 13;
    columns.time[i] = time;
    columns.open[i] = 100 + i;
    columns.high[i] = 103 + i + wobble;
    columns.low[i] = 98 + i - wobble;
    columns.close[i] = 101 + i - wobble / 2;
    columns.volume[i] = 1 + (i % 5);
  });
  return columns;
}

const withOperand = (left: object) => ({
  v: 1,
  side: 'long',
  entry: [[{ left, op: '>', right: { value: 1 } }]],
  size: { units: 1 },
});

t.test('a time frame divides a day and has one name', async (t) => {
  for (const [written, name] of [
    ['60m', '1h'],
    ['24h', '1d'],
    ['90m', '90m'],
    ['3600s', '1h'],
    ['15m', '15m'],
  ] as const)
    t.equal(parseTimeframe(written, 'x'), name);
  for (const wrong of ['7m', '48h', '2d', '0m', '1w', 'h', '1.5h', '-1h', '01h', '1H', '']) {
    t.throws(() => parseTimeframe(wrong, 'left.timeframe'), { code: 'bad_timeframe', field: 'left.timeframe' }, wrong);
  }
  const hash = (timeframe: string) => strategyHash(parseStrategy(withOperand({ field: 'close', timeframe })));
  t.equal(hash('60m'), hash('1h'), 'so equal strategies have equal names');
  t.throws(() => parseStrategy(withOperand({ field: 'close', timeframe: 60 })), {
    code: 'bad_value',
    field: 'entry[0][0].left.timeframe',
  });
});

t.test('it must be a multiple of the bars it meets; equal to them it is left out', async (t) => {
  const strategy = parseStrategy({
    ...withOperand({ field: 'close' }),
    exit: [{ left: { value: 3 }, op: '<', right: { indicator: 'rsi', period: 5, timeframe: '1h' } }],
  });
  t.throws(() => fitStrategy(strategy, 7 * MINUTE), { code: 'bad_timeframe', field: 'exit[0].right.timeframe' });
  t.throws(() => fitStrategy(strategy, 120 * MINUTE), { code: 'bad_timeframe' }, 'a smaller one cannot be made');
  t.same(fitStrategy(strategy, 5 * MINUTE), strategy);
  t.same(fitStrategy(strategy, 60 * MINUTE).exit[0]!.right, { indicator: 'rsi', period: 5 });
  const store = new ColumnStore(candlesAt([0, MINUTE, 2 * MINUTE], MINUTE));
  const scratch = new Float64Array(3);
  t.same([...store.values({ field: 'close', timeframe: '1m' }, scratch)], [...store.candles.close]);
  t.throws(() => store.values({ field: 'close', timeframe: '90s' }, scratch), { code: 'bad_timeframe' });
});

t.test('larger bars by hand: a part of a bar at either end, a gap across a boundary, a bar without bars', async (t) => {
  // Minutes: the bar of 0 begins before the data; 5 lacks its last bars, 10 its first; nothing in 15; 20 is not over.
  const base = candlesAt(
    [3, 4, 5, 6, 7, 12, 13, 14, 20, 21, 22].map((minute) => minute * MINUTE),
    MINUTE,
  );
  const { candles, closed } = aggregate(base, 5 * MINUTE);
  t.same([...candles.time], [5 * MINUTE, 10 * MINUTE]);
  t.same([...candles.open], [base.open[2], base.open[5]]);
  t.same([...candles.close], [base.close[4], base.close[7]]);
  t.same(
    [...candles.high],
    [2, 5].map((from) => Math.max(...base.high.subarray(from, from + 3))),
  );
  t.same(
    [...candles.low],
    [2, 5].map((from) => Math.min(...base.low.subarray(from, from + 3))),
  );
  t.same([...candles.volume], [3 + 4 + 5, 1 + 2 + 3]);
  // The bar of 5 is known at the close of minute 12, that of 10 at the close of minute 14.
  t.same([...closed], [-1, -1, -1, -1, -1, 0, 0, 1, 1, 1, 1]);
});

/** The larger bars that are over at the close of base bar i, from bars 0 to i alone, by filtering. */
function closedBars(base: CandleColumns, i: number, frameMs: number): CandleColumns {
  const known = Array.from({ length: i + 1 }, (_, j) => j);
  const frameOf = (j: number) => Math.floor(base.time[j]! / frameMs);
  const now = base.time[i]! + base.barMs;
  const frames = [...new Set(known.map(frameOf))]
    .filter((frame) => (frame + 1) * frameMs <= now)
    .filter((frame) => base.time[0]! < frame * frameMs + base.barMs);
  const out = allocateColumns(frames.length, frameMs);
  frames.forEach((frame, k) => {
    const members = known.filter((j) => frameOf(j) === frame);
    out.time[k] = frame * frameMs;
    out.open[k] = base.open[members[0]!]!;
    out.high[k] = Math.max(...members.map((j) => base.high[j]!));
    out.low[k] = Math.min(...members.map((j) => base.low[j]!));
    out.close[k] = base.close[members.at(-1)!]!;
    out.volume[k] = members.reduce((sum, j) => sum + base.volume[j]!, 0);
  });
  return out;
}

const seriesArbitrary = fc
  .record({
    first: fc.integer({ min: 0, max: 3000 }),
    steps: fc.array(fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 9, 40), {
      minLength: 1,
      maxLength: 120,
      size: 'max',
    }),
    barMinutes: fc.constantFrom(1, 5, 5),
  })
  .map(({ first, steps, barMinutes }) => {
    const barMs = barMinutes * MINUTE;
    let time = first * barMs;
    return candlesAt([time, ...steps.map((step) => (time += step * barMs))], barMs);
  });
const operandArbitrary: fc.Arbitrary<FieldOperand | IndicatorOperand> = fc
  .record({
    what: fc.constantFrom<object[]>(
      { field: 'open' },
      { field: 'high' },
      { field: 'volume' },
      ...INDICATOR_NAMES.map((indicator) => {
        const { outputs, parameters } = getIndicator(indicator, 'indicator');
        const small = Object.fromEntries(
          parameters.map(({ name }) => [name, name === 'slow' ? 4 : name === 'fast' || name === 'smooth' ? 2 : 3]),
        );
        return { indicator, output: outputs.at(-1)!.name, ...small };
      }),
    ),
    timeframe: fc.constantFrom('10m', '10m', '15m', '30m', '1h', '1d'),
    barsAgo: fc.nat(3),
    times: fc.constantFrom(1, 0.5),
  })
  .map(({ what, ...rest }) => ({ ...what, ...rest }) as FieldOperand | IndicatorOperand);

const same = (a: number, b: number) => Object.is(a, b) || Math.abs(a - b) <= 1e-9 * Math.abs(b);

t.test(
  'at each bar a value is that of the larger bars closed by then, counted back in larger bars (seed 77)',
  async (t) => {
    let defined = 0;
    fc.assert(
      fc.property(seriesArbitrary, operandArbitrary, (base, operand) => {
        const values = new ColumnStore(base).values(operand, new Float64Array(base.length));
        return values.every((value, i) => {
          const frameMs = { '10m': 10, '15m': 15, '30m': 30, '1h': 60, '1d': 1440 }[operand.timeframe!]! * MINUTE;
          const larger = closedBars(base, i, frameMs);
          const at = larger.length - 1 - operand.barsAgo!;
          if (at < 0) return Number.isNaN(value);
          let column: Float64Array;
          if ('field' in operand) column = larger[operand.field];
          else {
            const indicator = getIndicator(operand.indicator, 'indicator');
            const place = indicator.outputs.findIndex(({ name }) => name === operand.output);
            column = computeIndicator(larger, indicator, operand)[place]!;
          }
          if (!Number.isNaN(value)) defined++;
          return same(value, column[at]! * operand.times!);
        });
      }),
      { seed: 77, numRuns: 250 },
    );
    t.ok(defined > 5000, `${defined} values compared`);
  },
);

t.test('what comes later changes nothing (seed 78)', async () => {
  fc.assert(
    fc.property(seriesArbitrary, operandArbitrary, fc.double({ min: 0, max: 1, noNaN: true }), (base, operand, cut) => {
      const length = 1 + Math.floor(cut * (base.length - 1));
      const all = new ColumnStore(base).values(operand, new Float64Array(base.length));
      const part = new ColumnStore(viewColumns(base, 0, length)).values(operand, new Float64Array(length));
      return part.every((value, i) => Object.is(value, all[i]));
    }),
    { seed: 78, numRuns: 400 },
  );
});

t.test('columns written to the caller are those that are kept (seed 79)', async () => {
  fc.assert(
    fc.property(seriesArbitrary, fc.array(operandArbitrary, { minLength: 1, maxLength: 8 }), (base, operands) => {
      const [store, fresh] = [new ColumnStore(base), new ColumnStore(base)];
      // As they are; on the candles' own bars under the name of a time frame; and there, one output after another.
      return operands
        .flatMap((operand) => {
          const { timeframe: _, ...plain } = { ...operand, barsAgo: 0, times: 1 };
          if ('field' in plain) return [operand, plain];
          const outputs = getIndicator(plain.indicator, '').outputs.map(({ name }) => ({ ...plain, output: name }));
          const longer = { ...outputs[0]!, period: (plain.period ?? 4) + 1, fast: 2 };
          return [operand, { ...plain, timeframe: '5m' }, ...outputs, longer, outputs[0]!];
        })
        .every((operand) => {
          const out = new Float64Array(base.length).fill(7e77);
          store.write(operand, out);
          const kept = fresh.values(operand, new Float64Array(base.length));
          return out.every((value, i) => Object.is(value, kept[i]));
        });
    }),
    { seed: 79, numRuns: 100 },
  );
});

t.test(
  'a condition mixes time frames: the cross of a larger series is seen once, when its bar has closed',
  async (t) => {
    const base = candlesAt(
      Array.from({ length: 20 }, (_, i) => i * MINUTE),
      MINUTE,
    );
    base.close.set(Array.from({ length: 20 }, (_, i) => (i < 8 ? 10 : 20)));
    const store = new ColumnStore(base);
    const bits = store.condition({
      left: { field: 'close', timeframe: '5m' },
      op: 'crosses_above',
      right: { field: 'high', times: 0.14 },
    });
    // The highs lie around 110, a seventh of them between the closes 10 and 20 of minutes 0–4 and 5–9.
    t.same(
      [...bits].map((bit, i) => (bit === 1 ? i : -1)).filter((i) => i >= 0),
      [9],
    );
  },
);
