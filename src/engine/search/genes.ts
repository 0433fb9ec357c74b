// Draws the parts of strategies at random. Every number comes from a short list, so that columns are shared between
// strategies and equal ideas have equal bytes. Operands meet only operands and constants of their own scale.
import { canonicalJson } from '../canonical-json.ts';
import { getIndicator, INDICATOR_NAMES, type IndicatorParameters, type Scale } from '../indicators/table.ts';
import type { RandomStream } from '../random.ts';
import type { Condition, Distance, Field, Operand, Operator, Side, Strategy, TrailingDistance } from '../strategy.ts';
import type { RiskProfile } from './risk.ts';

/** Something that has a value on every bar: a field, or one output of an indicator. */
interface Source {
  field?: Field;
  indicator?: string;
  output?: string;
  scale: Scale;
  constants: readonly number[];
  choices: readonly IndicatorParameters[];
}

const OPERATORS: readonly Operator[] = ['>', '<', 'crosses_above', 'crosses_below'];
const PRICE_TIMES = [0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 1.005, 1.01, 1.015, 1.02, 1.03, 1.04];
const VOLUME_TIMES = [0.5, 1.5, 2, 3];
const LAGS = [1, 2, 3, 5, 8, 13, 24];
const TARGET_PERCENTS = [1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15];
const TARGET_ATRS = [1.5, 2, 3, 4, 6, 8, 12];
const BREAK_EVEN_PERCENTS = [0.5, 1, 1.5, 2, 3];
const MAX_BARS = [6, 12, 18, 24, 36, 48, 72, 96, 144];

const fieldSource = (field: Field, scale: Scale): Source => ({ field, scale, constants: [], choices: [] });

const SOURCES: readonly Source[] = [
  fieldSource('close', 'price'),
  fieldSource('volume', 'volume'),
  ...INDICATOR_NAMES.flatMap((name) => {
    const { outputs, choices } = getIndicator(name, 'indicator');
    return outputs.map((output): Source => {
      const named = outputs.length === 1 ? {} : { output: output.name };
      return { indicator: name, ...named, scale: output.scale, constants: output.constants, choices };
    });
  }),
];
const SOURCE_GROUPS: readonly (readonly Source[])[] = [
  ...SOURCES.filter((source) => source.field !== undefined).map((source) => [source]),
  ...INDICATOR_NAMES.map((name) => SOURCES.filter((source) => source.indicator === name)),
];

/** A channel that includes the current bar can only be broken as it was a bar ago. */
const needsLag = (source: Source) => source.indicator === 'donchian';

function drawOperand(source: Source, random: RandomStream): Operand {
  const lag = needsLag(source) ? { barsAgo: 1 } : {};
  if (source.field !== undefined) return { field: source.field };
  const output = source.output === undefined ? {} : { output: source.output };
  return { indicator: source.indicator!, ...output, ...random.pick(source.choices), ...lag };
}

/** The right side's own twist: a factor for prices and volumes, or an earlier bar. */
function drawModifiers(operand: Operand, scale: Scale, random: RandomStream): Operand {
  if ('value' in operand) return operand;
  if (scale === 'price' && random.chance(0.25)) return { ...operand, times: random.pick(PRICE_TIMES) };
  if (scale === 'volume' && random.chance(0.5)) return { ...operand, times: random.pick(VOLUME_TIMES) };
  if (operand.barsAgo === undefined && random.chance(0.15)) return { ...operand, barsAgo: random.pick(LAGS) };
  return operand;
}

function drawRight(left: Source, random: RandomStream): Operand {
  if (left.constants.length > 0 && random.chance(0.75)) return { value: random.pick(left.constants) };
  const peers = SOURCES.filter((source) => source.scale === left.scale);
  return drawModifiers(drawOperand(random.pick(peers), random), left.scale, random);
}

/** Compared with itself at the same bar, whatever the factor, a series says nothing about the market. */
function isSameSeries(left: Operand, right: Operand): boolean {
  return canonicalJson({ ...left, times: 1 }) === canonicalJson({ ...right, times: 1 });
}

/** A random condition; its sides are different series. */
export function drawCondition(random: RandomStream): Condition {
  for (;;) {
    const source = random.pick(random.pick(SOURCE_GROUPS));
    const left = drawOperand(source, random);
    const right = drawRight(source, random);
    if (!isSameSeries(left, right)) return { left, op: random.pick(OPERATORS), right };
  }
}

function findSource(operand: Operand): Source | undefined {
  if ('value' in operand) return undefined;
  if ('field' in operand) return SOURCES.find((source) => source.field === operand.field);
  return SOURCES.find((source) => source.indicator === operand.indicator && source.output === operand.output);
}

/** A neighbour in the list of constants, or any constant when the value is not in it. */
function tweakValue(value: number, constants: readonly number[], random: RandomStream): number {
  const at = constants.indexOf(value);
  if (constants.length < 2 || at === -1) return constants.length === 0 ? value : random.pick(constants);
  const step = random.chance(0.5) ? 1 : -1;
  return constants[at + step] ?? constants[at - step]!;
}

function tweakOperand(operand: Operand, other: Operand, random: RandomStream): Operand {
  if ('value' in operand) {
    const constants = findSource(other)?.constants ?? [];
    return { value: tweakValue(operand.value, constants, random) };
  }
  const source = findSource(operand);
  if (source === undefined) return operand;
  return drawModifiers(drawOperand(source, random), source.scale, random);
}

/** The same condition with another operator or other numbers on one side; a new one where its sides would be one series. */
export function tweakCondition({ left, op, right }: Condition, random: RandomStream): Condition {
  const what = random.below(3);
  if (what === 0) return { left, op: random.pick(OPERATORS), right };
  const tweaked = what === 1 ? tweakOperand(left, right, random) : tweakOperand(right, left, random);
  if (isSameSeries(tweaked, what === 1 ? right : left)) return drawCondition(random);
  return what === 1 ? { left: tweaked, op, right } : { left, op, right: tweaked };
}

function drawDistance(percents: readonly number[], atrs: readonly number[], random: RandomStream): TrailingDistance {
  if (random.chance(0.5)) return { percent: random.pick(percents) };
  return { atr: random.pick(atrs), period: 14 };
}

/** For stop loss and trailing stop alike. */
export const drawStop = (profile: RiskProfile, random: RandomStream): TrailingDistance =>
  drawDistance(profile.stopPercents, profile.stopAtrs, random);
export const drawTarget = (random: RandomStream): Distance => drawDistance(TARGET_PERCENTS, TARGET_ATRS, random);
export const drawBreakEven = (random: RandomStream): Distance => ({ percent: random.pick(BREAK_EVEN_PERCENTS) });
export const drawMaxBars = (random: RandomStream): number => random.pick(MAX_BARS);

/** Orders and size around given rules. */
export function drawOrders(
  rules: { side: Side; entry: Condition[][]; exit: Condition[] },
  profile: RiskProfile,
  random: RandomStream,
): Strategy {
  const strategy: Strategy = {
    v: 1,
    ...rules,
    size: { percentOfEquity: random.pick(profile.sizes) },
    maxPositions: random.pick(profile.maxPositions),
  };
  if (profile.stopRequired || random.chance(0.7)) strategy.stopLoss = drawStop(profile, random);
  if (random.chance(0.6)) strategy.takeProfit = drawTarget(random);
  if (random.chance(0.25)) strategy.trailing = drawStop(profile, random);
  if (random.chance(0.15)) strategy.breakEven = drawBreakEven(random);
  const endless = strategy.exit.length === 0 && strategy.takeProfit === undefined && strategy.trailing === undefined;
  if (endless || random.chance(0.5)) strategy.maxBars = drawMaxBars(random);
  return strategy;
}

/** A strategy drawn from nothing: 1–3 entry conditions, 0–2 exit conditions. */
export function drawStrategy(profile: RiskProfile, allowShort: boolean, random: RandomStream): Strategy {
  const side = drawSide(profile, allowShort, random);
  const conditions = (count: number) => Array.from({ length: count }, () => drawCondition(random));
  return drawOrders(
    { side, entry: [conditions(1 + random.below(3))], exit: conditions(random.below(3)) },
    profile,
    random,
  );
}

export function drawSide(profile: RiskProfile, allowShort: boolean, random: RandomStream): Side {
  return allowShort && profile.shorts && random.chance(0.5) ? 'short' : 'long';
}
