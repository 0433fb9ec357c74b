// Strategy files of every kind, for properties: each key that the format knows turns up.
import fc from 'fast-check';
import { getIndicator, INDICATOR_NAMES } from '../../src/engine/indicators/table.ts';

const modifiers = {
  times: fc.constantFrom(0.5, 0.985, 1.5),
  barsAgo: fc.integer({ min: 1, max: 5 }),
  timeframe: fc.constantFrom('10m', '30m', '1h', '4h'),
};
const fieldOperand = fc.record(
  { field: fc.constantFrom('open', 'high', 'low', 'close', 'volume'), ...modifiers },
  { requiredKeys: ['field'] },
);
const indicatorOperand = fc.constantFrom(...INDICATOR_NAMES).chain((indicator) => {
  const { outputs, choices } = getIndicator(indicator, 'indicator');
  const named = outputs.length === 1 ? [undefined] : outputs.map(({ name }) => name);
  const parts = { parameters: fc.constantFrom(...choices), output: fc.constantFrom(...named), ...modifiers };
  return fc
    .record(parts, { requiredKeys: ['parameters', 'output'] })
    .map(({ parameters, ...rest }) => ({ indicator, ...parameters, ...rest }));
});
const series = fc.oneof(fieldOperand, indicatorOperand);
const condition = fc.record({
  left: series,
  op: fc.constantFrom('>', '<', 'crosses_above', 'crosses_below'),
  right: fc.oneof(series, fc.record({ value: fc.constantFrom(-2.5, 0, 30, 55, 100_000) })),
});

const percent = fc.constantFrom(0.5, 1, 2.5, 7);
const multiple = { atr: fc.constantFrom(0.5, 2, 3.5), period: fc.constantFrom(3, 14) };
const of = fc.constantFrom('fill', 'signal');
const trailing = fc.oneof(fc.record({ percent }), fc.record(multiple));
const distance = fc.oneof(fc.record({ percent, of }), fc.record({ ...multiple, of }));

/** Input for `parseStrategy`, on bars of 10, 5 or 1 minutes. */
export const strategyArbitrary = fc.record(
  {
    v: fc.constant(1),
    side: fc.constantFrom('long', 'short'),
    entry: fc.array(fc.array(condition, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 2 }),
    exit: fc.array(condition, { maxLength: 3 }),
    stopLoss: distance,
    takeProfit: distance,
    trailing,
    breakEven: distance,
    maxBars: fc.integer({ min: 1, max: 60 }),
    size: fc.oneof(
      fc.record({ percentOfEquity: fc.constantFrom(2.5, 20, 100) }),
      fc.record({ quote: fc.constantFrom(1, 500) }),
      fc.record({ units: fc.constantFrom(0.25, 1) }),
    ),
    maxPositions: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: ['v', 'side', 'entry', 'size'] },
);
