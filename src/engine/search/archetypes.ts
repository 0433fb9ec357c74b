// Ideas that traders know, as starting points of a search. Each is written for a long; a short gets its mirror image.
import type { RandomStream } from '../random.ts';
import type { Condition, Operand, Operator, Side, Strategy } from '../strategy.ts';

const close: Operand = { field: 'close' };
const sma = (period: number): Operand => ({ indicator: 'sma', period });
const ema = (period: number): Operand => ({ indicator: 'ema', period });
const rsi = (period: number): Operand => ({ indicator: 'rsi', period });
const percentB: Operand = { indicator: 'bollinger', output: 'percent_b', period: 20, deviations: 2 };
const middle: Operand = { indicator: 'bollinger', output: 'middle', period: 20, deviations: 2 };
const macd = (output: string): Operand => ({ indicator: 'macd', output, fast: 12, slow: 26, signal: 9 });
const stochastic = (output: string): Operand => ({ indicator: 'stochastic', output, period: 14, smooth: 3, signal: 3 });

const MIRRORED: Record<Operator, Operator> = {
  '>': '<',
  '<': '>',
  crosses_above: 'crosses_below',
  crosses_below: 'crosses_above',
};

/** Helpers that already know the side: `up` means up for a long and down for a short. */
function rulesFor(side: Side) {
  const long = side === 'long';
  const when = (left: Operand, op: Operator, right: Operand): Condition => ({
    left,
    op: long ? op : MIRRORED[op],
    right,
  });
  /** A level of a 0–100 oscillator, mirrored around 50. */
  const level = (value: number): Operand => ({ value: long ? value : 100 - value });
  const share = (value: number): Operand => ({ value: long ? value : 1 - value });
  const channel = (period: number, up: boolean): Operand => ({
    indicator: 'donchian',
    output: up === long ? 'upper' : 'lower',
    period,
    barsAgo: 1,
  });
  return { when, level, share, channel };
}

type Archetype = (side: Side) => Pick<Strategy, 'entry' | 'exit'>;

const ARCHETYPES: readonly Archetype[] = [
  // Moving-average cross.
  (side) => {
    const { when } = rulesFor(side);
    return { entry: [[when(sma(20), 'crosses_above', sma(50))]], exit: [when(sma(20), 'crosses_below', sma(50))] };
  },
  // A dip in a trend.
  (side) => {
    const { when, level } = rulesFor(side);
    return {
      entry: [[when(close, '>', ema(200)), when(rsi(14), '<', level(35))]],
      exit: [when(rsi(14), '>', level(60))],
    };
  },
  // Oversold, turning.
  (side) => {
    const { when, level } = rulesFor(side);
    return { entry: [[when(rsi(14), 'crosses_above', level(30))]], exit: [when(rsi(14), '>', level(65))] };
  },
  // Below the lower band, back to the middle.
  (side) => {
    const { when, share } = rulesFor(side);
    return { entry: [[when(percentB, '<', share(0))]], exit: [when(close, '>', middle)] };
  },
  // A fast sell-off.
  (side) => {
    const { when, level } = rulesFor(side);
    return {
      entry: [[when(rsi(2), '<', level(15)), when(close, '>', sma(200))]],
      exit: [when(rsi(2), '>', level(75))],
    };
  },
  // Channel breakout.
  (side) => {
    const { when, channel } = rulesFor(side);
    return { entry: [[when(close, '>', channel(20, true))]], exit: [when(close, '<', channel(10, false))] };
  },
  // Breakout on volume.
  (side) => {
    const { when, channel } = rulesFor(side);
    const volume: Condition = {
      left: { field: 'volume' },
      op: '>',
      right: { indicator: 'volume_sma', period: 20, times: 1.5 },
    };
    return { entry: [[when(close, '>', channel(55, true)), volume]], exit: [when(close, '<', ema(50))] };
  },
  // MACD cross.
  (side) => {
    const { when } = rulesFor(side);
    return {
      entry: [[when(macd('macd'), 'crosses_above', macd('signal'))]],
      exit: [when(macd('macd'), 'crosses_below', macd('signal'))],
    };
  },
  // Stochastic turn.
  (side) => {
    const { when, level } = rulesFor(side);
    return {
      entry: [[when(stochastic('k'), 'crosses_above', stochastic('d')), when(stochastic('k'), '<', level(20))]],
      exit: [when(stochastic('k'), '>', level(80))],
    };
  },
  // Momentum over a day of hourly bars.
  (side) => {
    const { when } = rulesFor(side);
    const before: Operand = { field: 'close', barsAgo: 24, times: side === 'long' ? 1.02 : 0.98 };
    return { entry: [[when(close, '>', before)]], exit: [when(close, '<', ema(20))] };
  },
];

/** The rules of all archetypes; those of the other side look as far back. */
export const archetypeRules = (side: Side): Pick<Strategy, 'entry' | 'exit'>[] =>
  ARCHETYPES.map((archetype) => archetype(side));

/** The rules of one archetype, drawn at random. */
export function drawArchetype(side: Side, random: RandomStream): Pick<Strategy, 'side' | 'entry' | 'exit'> {
  return { side, ...random.pick(ARCHETYPES)(side) };
}
