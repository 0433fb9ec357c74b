// The only way in for strategies from people, files and strangers: strict, complete, nothing clamped.
import { InvalidInput } from './errors.ts';
import { getIndicator, takeParameters } from './indicators/table.ts';
import { checkArray, ObjectReader } from './reader.ts';
import type {
  Condition,
  Distance,
  Field,
  FieldOperand,
  Operand,
  Operator,
  Side,
  Size,
  Strategy,
  TrailingDistance,
} from './strategy.ts';
import { parseTimeframe } from './timeframes.ts';

const FIELDS: readonly Field[] = ['open', 'high', 'low', 'close', 'volume'];
const OPERATORS: readonly Operator[] = ['>', '<', 'crosses_above', 'crosses_below'];
const BARS_AGO_MAX = 1000;
const MAX_BARS_MAX = 100_000;
const ATR_PERIOD_DEFAULT = 14;
const VALUE_LIMIT = 1e15;

type Modifiers = Pick<FieldOperand, 'times' | 'barsAgo' | 'timeframe'>;

/** Neutral values (`times` 1, `barsAgo` 0) are left out, so that equal operands have equal bytes. */
function takeModifiers(reader: ObjectReader): Modifiers {
  const modifiers: Modifiers = {};
  if (reader.has('times')) {
    const times = reader.number('times', { min: 0, max: 1e6, aboveMin: true });
    if (times !== 1) modifiers.times = times;
  }
  if (reader.has('barsAgo')) {
    const barsAgo = reader.number('barsAgo', { min: 0, max: BARS_AGO_MAX, integer: true });
    if (barsAgo !== 0) modifiers.barsAgo = barsAgo;
  }
  if (reader.has('timeframe')) {
    modifiers.timeframe = parseTimeframe(reader.text('timeframe', 40), reader.at('timeframe'));
  }
  return modifiers;
}

function takeIndicator(reader: ObjectReader): Operand {
  const name = reader.text('indicator', 40);
  const indicator = getIndicator(name, reader.at('indicator'));
  const parameters = takeParameters(reader, indicator);
  const names = indicator.outputs.map((output) => output.name);
  const single = names.length === 1;
  const output = single && !reader.has('output') ? names[0] : reader.choice('output', names, 'unknown_output');
  return { indicator: name, ...(single ? {} : { output: output! }), ...parameters, ...takeModifiers(reader) };
}

function parseOperand(input: unknown, path: string): Operand {
  const reader = new ObjectReader(input, path);
  let operand: Operand;
  if (reader.has('indicator')) operand = takeIndicator(reader);
  else if (reader.has('field')) operand = { field: reader.choice('field', FIELDS), ...takeModifiers(reader) };
  else if (reader.has('value')) operand = { value: reader.number('value', { min: -VALUE_LIMIT, max: VALUE_LIMIT }) };
  else throw new InvalidInput('missing_key', `${path} needs one of indicator, field, value`, path);
  reader.end();
  return operand;
}

function parseCondition(input: unknown, path: string): Condition {
  const reader = new ObjectReader(input, path);
  const condition: Condition = {
    left: parseOperand(reader.take('left'), reader.at('left')),
    op: reader.choice('op', OPERATORS, 'unknown_operator'),
    right: parseOperand(reader.take('right'), reader.at('right')),
  };
  reader.end();
  if ('value' in condition.left && 'value' in condition.right) {
    throw new InvalidInput('bad_value', `${path} compares two constants`, path);
  }
  return condition;
}

/** The part that all distances share. `percentLimit` is exclusive: a stop of a long cannot lie at zero. */
function takeDistance(reader: ObjectReader, percentLimit: number): TrailingDistance {
  if (!reader.has('atr'))
    return { percent: reader.number('percent', { min: 0, max: percentLimit, aboveMin: true, belowMax: true }) };
  const atr = reader.number('atr', { min: 0, max: 1000, aboveMin: true });
  const period = reader.has('period')
    ? reader.number('period', { min: 1, max: 1000, integer: true })
    : ATR_PERIOD_DEFAULT;
  return { atr, period };
}

function parseDistance(input: unknown, path: string, percentLimit: number): Distance {
  const reader = new ObjectReader(input, path);
  const distance: Distance = takeDistance(reader, percentLimit);
  if (reader.has('of') && reader.choice('of', ['fill', 'signal']) === 'signal') distance.of = 'signal';
  reader.end();
  return distance;
}

function parseTrailing(input: unknown, path: string, percentLimit: number): TrailingDistance {
  const reader = new ObjectReader(input, path);
  const distance = takeDistance(reader, percentLimit);
  reader.end();
  return distance;
}

function parseSize(input: unknown, path: string): Size {
  const reader = new ObjectReader(input, path);
  const amount = { min: 0, max: VALUE_LIMIT, aboveMin: true };
  let size: Size;
  if (reader.has('percentOfEquity')) {
    size = { percentOfEquity: reader.number('percentOfEquity', { min: 0, max: 100, aboveMin: true }) };
  } else if (reader.has('quote')) size = { quote: reader.number('quote', amount) };
  else if (reader.has('units')) size = { units: reader.number('units', amount) };
  else throw new InvalidInput('missing_key', `${path} needs one of percentOfEquity, quote, units`, path);
  reader.end();
  return size;
}

function parseEntry(input: unknown): Condition[][] {
  return checkArray(input, 'entry', 1, 2).map((group, g) =>
    checkArray(group, `entry[${g}]`, 1, 4).map((condition, c) => parseCondition(condition, `entry[${g}][${c}]`)),
  );
}

/** Distances towards zero must stay under 100 %; away from it, 1000 %. */
const limitToZero = (towardsZero: boolean) => (towardsZero ? 100 : 1000);

function takeOrders(reader: ObjectReader, side: Side): Partial<Strategy> {
  const orders: Partial<Strategy> = {};
  const long = side === 'long';
  if (reader.has('stopLoss')) orders.stopLoss = parseDistance(reader.take('stopLoss'), 'stopLoss', limitToZero(long));
  if (reader.has('takeProfit')) {
    orders.takeProfit = parseDistance(reader.take('takeProfit'), 'takeProfit', limitToZero(!long));
  }
  if (reader.has('trailing')) orders.trailing = parseTrailing(reader.take('trailing'), 'trailing', limitToZero(long));
  if (reader.has('breakEven')) {
    orders.breakEven = parseDistance(reader.take('breakEven'), 'breakEven', limitToZero(!long));
  }
  if (reader.has('maxBars')) orders.maxBars = reader.number('maxBars', { min: 1, max: MAX_BARS_MAX, integer: true });
  return orders;
}

/**
 * Validates a strategy file (version 1). Documented defaults are filled in (parameters of indicators, ATR period 14,
 * `exit` [], `maxPositions` 1) and neutral values left out, so equal strategies become equal objects.
 * Throws InvalidInput whose `field` is the path: `entry[0][1].left.period`.
 */
export function parseStrategy(input: unknown): Strategy {
  const reader = new ObjectReader(input, '');
  reader.number('v', { min: 1, max: 1, integer: true });
  const name = reader.has('name') ? reader.text('name', 120) : undefined;
  const side = reader.choice('side', ['long', 'short']);
  const strategy: Strategy = {
    v: 1,
    ...(name === undefined ? {} : { name }),
    side,
    entry: parseEntry(reader.take('entry')),
    exit: reader.has('exit')
      ? checkArray(reader.take('exit'), 'exit', 0, 3).map((condition, c) => parseCondition(condition, `exit[${c}]`))
      : [],
    ...takeOrders(reader, side),
    size: parseSize(reader.take('size'), 'size'),
    maxPositions: reader.has('maxPositions') ? reader.number('maxPositions', { min: 1, max: 3, integer: true }) : 1,
  };
  reader.end();
  return strategy;
}
