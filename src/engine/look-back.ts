// How far back a strategy looks, in bars of the candles. A moving average of n bars counts as n; averages that remember for
// ever (EMA, RSI, ATR, ADX, MACD) count as their periods too: what is older weighs little and less and less. OBV counts
// from its first bar, and only its moves are compared.
import type { IndicatorParameters } from './indicators/table.ts';
import type { Distance, IndicatorOperand, Operand, Strategy } from './strategy.ts';
import { fitTimeframe } from './timeframes.ts';

const DAY_MS = 86_400_000;

/** Bars before a value means something, roughly: all periods one after the other. */
export const lengthOf = ({ deviations: _, ...lengths }: IndicatorParameters): number =>
  Object.values(lengths).reduce((sum, length) => sum + length, 0);

/**
 * Bars between a bar and the oldest one that a series of it reads: `length` and `lag` in bars of its time frame, each of `ratio`
 * base bars. The last larger bar is seen until the next one closes, and a cross looks one bar further back.
 */
export function seriesLookBack(length: number, lag: number, ratio: number): number {
  return (length + lag + 1) * ratio;
}

/** What a series reads besides its periods: the day's average price begins with the UTC day. In bars. */
export const dayOf = (indicator: string | undefined, barMs: number): number =>
  indicator === 'vwap_day' ? Math.ceil(DAY_MS / barMs) : 0;

function operandLookBack(operand: Operand, barMs: number, path: string): number {
  if ('value' in operand) return 0;
  const { timeframe, barsAgo = 0 } = operand;
  const ratio = timeframe === undefined ? 1 : fitTimeframe(timeframe, barMs, path) / barMs;
  const { indicator, period, fast, slow, signal, smooth } = operand as Partial<IndicatorOperand>;
  const lengths = [period, fast, slow, signal, smooth].map((length) => length ?? 0);
  const length = lengths.reduce((sum, each) => sum + each, 0);
  return seriesLookBack(length, barsAgo, ratio) + dayOf(indicator, barMs);
}

const atrPeriod = (distance: Pick<Distance, never> | undefined): number =>
  distance !== undefined && 'period' in distance ? (distance.period as number) : 0;

/** The longest look-back of rules and orders on bars of `barMs`. Throws InvalidInput (`bad_timeframe`). */
export function lookBackOf(
  { entry, exit, ...orders }: Pick<Strategy, 'entry' | 'exit'> & Partial<Strategy>,
  barMs: number,
): number {
  const { stopLoss, takeProfit, trailing, breakEven } = orders;
  const operands = [...entry.flat(), ...exit].flatMap(({ left, right }) => [left, right]);
  const rules = operands.map((operand) => operandLookBack(operand, barMs, 'timeframe'));
  const distances = [stopLoss, takeProfit, trailing, breakEven].map(atrPeriod);
  return [...rules, ...distances].reduce((most, bars) => Math.max(most, bars), 0);
}

/** Bars from a signal to the open at which a time stop closes what it opened: the fill, `maxBars` and the next open. */
export const holdingOf = (maxBars: number): number => maxBars + 2;
