// The strategy file of docs/engine.md as types. `parseStrategy` is the only way in from outside.

export type Side = 'long' | 'short';
export type Field = 'open' | 'high' | 'low' | 'close' | 'volume';
export type Operator = '>' | '<' | 'crosses_above' | 'crosses_below';

export interface FieldOperand {
  field: Field;
  /** Multiplies the value; absent means 1. */
  times?: number;
  /** Reads the value that many bars (of the operand's time frame) earlier; absent means 0. */
  barsAgo?: number;
  /** `15m`, `1h`, `1d`: larger bars, each visible once it has closed; absent means the candles' own. */
  timeframe?: string;
}
export interface ValueOperand {
  value: number;
}
/** An indicator's output; its parameters stand beside its name, all of them present once parsed. */
export interface IndicatorOperand {
  indicator: string;
  /** Absent where the indicator has a single output. */
  output?: string;
  times?: number;
  barsAgo?: number;
  timeframe?: string;
  period?: number;
  deviations?: number;
  fast?: number;
  slow?: number;
  signal?: number;
  smooth?: number;
}
export type Operand = FieldOperand | ValueOperand | IndicatorOperand;

export interface Condition {
  left: Operand;
  op: Operator;
  right: Operand;
}

/** Percent of the base price, or multiples of the ATR of the signal bar. Base: the fill, or the signal bar's close. */
export type Distance =
  | { percent: number; of?: 'fill' | 'signal' }
  | { atr: number; period: number; of?: 'fill' | 'signal' };
/** Distance below the highest close since entry (above the lowest for a short). */
export type TrailingDistance = { percent: number } | { atr: number; period: number };
export type Size = { percentOfEquity: number } | { quote: number } | { units: number };

export interface Strategy {
  v: 1;
  /** For people; not part of the hash. */
  name?: string;
  side: Side;
  /** OR of AND-groups: 1–2 groups of 1–4 conditions. */
  entry: Condition[][];
  /** Any of them closes: 0–3. */
  exit: Condition[];
  stopLoss?: Distance;
  takeProfit?: Distance;
  trailing?: TrailingDistance;
  breakEven?: Distance;
  /** Orders the exit at the close of the n-th bar after the fill bar. */
  maxBars?: number;
  size: Size;
  maxPositions: number;
}
