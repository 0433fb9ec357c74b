// Indicator columns and condition bits of one stretch of candles, computed once and kept while memory allows.
import type { CandleColumns } from './candles.ts';
import { canonicalJson } from './canonical-json.ts';
import { computeIndicator, getIndicator, PARAMETER_NAMES } from './indicators/table.ts';
import type { Condition, FieldOperand, IndicatorOperand, Operand, Operator } from './strategy.ts';
import { aggregate, fitTimeframe, type Timeframe } from './timeframes.ts';

const STORE_BYTES_DEFAULT = 96 * 1024 * 1024;

/** A map that forgets what was used least recently once its values exceed a number of bytes. */
class BoundedCache<T extends { byteLength: number }> {
  readonly #entries = new Map<string, T>();
  readonly #limit: number;
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  find(key: string): T | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  add(key: string, value: T): void {
    this.#entries.set(key, value);
    this.#bytes += value.byteLength;
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#limit || oldest === key) break;
      this.#entries.delete(oldest);
      this.#bytes -= entry.byteLength;
    }
  }
}

/** The part of an operand that names a column: without times and barsAgo. */
function columnKey(operand: IndicatorOperand, output: string): string {
  let key = `${operand.indicator} ${output} ${operand.timeframe}`;
  for (const name of PARAMETER_NAMES) key += ` ${operand[name]}`;
  return key;
}

/** Writes 1 where high is above low; NaN on either side makes it 0. */
function markAbove(high: Float64Array, low: Float64Array, out: Uint8Array): void {
  for (let i = 0; i < out.length; i++) out[i] = high[i]! > low[i]! ? 1 : 0;
}

/** Writes 1 where `rising` is above `other` and was not at the bar before; NaN in any of the four makes it 0. */
function markCross(rising: Float64Array, other: Float64Array, out: Uint8Array): void {
  for (let i = 1; i < out.length; i++) {
    out[i] = rising[i]! > other[i]! && rising[i - 1]! <= other[i - 1]! ? 1 : 0;
  }
}

function compare(left: Float64Array, right: Float64Array, op: Operator, out: Uint8Array): void {
  if (op === '>') markAbove(left, right, out);
  else if (op === '<') markAbove(right, left, out);
  else if (op === 'crosses_above') markCross(left, right, out);
  else markCross(right, left, out);
}

/** Writes column[i − lag] × times; NaN where that lies before the first bar. */
function shiftAndScale(column: Float64Array, lag: number, times: number, out: Float64Array): void {
  out.fill(Number.NaN, 0, Math.min(lag, out.length));
  for (let i = lag; i < out.length; i++) out[i] = column[i - lag]! * times;
}

/** The same for a column of larger bars: at each base bar the last one that has closed, less `lag`. */
function spread(column: Float64Array, closed: Int32Array, lag: number, times: number, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) {
    const at = closed[i]! - lag;
    out[i] = at < 0 ? Number.NaN : column[at]! * times;
  }
}

export class ColumnStore {
  readonly candles: CandleColumns;
  readonly #columns: BoundedCache<Float64Array>;
  readonly #bits: BoundedCache<Uint8Array>;
  readonly #timeframes = new Map<string, Timeframe>();
  readonly #leftScratch: Float64Array;
  readonly #rightScratch: Float64Array;
  /** Outputs of the indicator that `write` computed last, and which it was. */
  readonly #last: Float64Array[] = [];
  #lastKey = '';

  /** `bytes` bounds the memory of cached columns; results do not depend on it. */
  constructor(candles: CandleColumns, bytes = STORE_BYTES_DEFAULT) {
    this.candles = candles;
    this.#columns = new BoundedCache(bytes * 0.75);
    this.#bits = new BoundedCache(bytes * 0.25);
    this.#leftScratch = new Float64Array(candles.length);
    this.#rightScratch = new Float64Array(candles.length);
  }

  /** Larger bars, or undefined for the candles' own. Throws `bad_timeframe`. */
  #timeframe(name: string | undefined): Timeframe | undefined {
    if (name === undefined) return undefined;
    let found = this.#timeframes.get(name);
    if (found === undefined) {
      const ms = fitTimeframe(name, this.candles.barMs, 'timeframe');
      if (ms === this.candles.barMs) return undefined;
      found = aggregate(this.candles, ms);
      this.#timeframes.set(name, found);
    }
    return found;
  }

  /** An indicator's output on the bars of its time frame. */
  #indicator(operand: IndicatorOperand, candles: CandleColumns): Float64Array {
    const wanted = operand.output ?? 'value';
    const cached = this.#columns.find(columnKey(operand, wanted));
    if (cached !== undefined) return cached;
    const indicator = getIndicator(operand.indicator, 'indicator');
    const columns = computeIndicator(candles, indicator, operand);
    indicator.outputs.forEach((output, i) => {
      const outputKey = columnKey(operand, output.name);
      if (this.#columns.find(outputKey) === undefined) this.#columns.add(outputKey, columns[i]!);
    });
    return columns[indicator.outputs.findIndex(({ name }) => name === wanted)]!;
  }

  /**
   * The values of an operand, one a base bar, NaN where undefined: time frame, barsAgo and times applied. The column may be
   * shared, or is `scratch`: do not write to it. Throws InvalidInput (`bad_timeframe`).
   */
  values(operand: FieldOperand | IndicatorOperand, scratch: Float64Array): Float64Array {
    const timeframe = this.#timeframe(operand.timeframe);
    const candles = timeframe?.candles ?? this.candles;
    const column = 'field' in operand ? candles[operand.field] : this.#indicator(operand, candles);
    const { barsAgo = 0, times = 1 } = operand;
    if (timeframe !== undefined) spread(column, timeframe.closed, barsAgo, times, scratch);
    else if (barsAgo === 0 && times === 1) return column;
    else shiftAndScale(column, barsAgo, times, scratch);
    return scratch;
  }

  /**
   * Writes the values of an operand to `out`, which is the caller's. Nothing is kept but the other outputs of the indicator
   * that was last, as they are often asked for next. Throws InvalidInput (`bad_timeframe`).
   */
  write(operand: FieldOperand | IndicatorOperand, out: Float64Array): void {
    const { timeframe, barsAgo = 0, times = 1 } = operand;
    if ('indicator' in operand && timeframe === undefined && barsAgo === 0 && times === 1) {
      this.#writeIndicator(operand, out);
      return;
    }
    const values = this.values(operand, out);
    if (values !== out) out.set(values);
  }

  #writeIndicator(operand: IndicatorOperand, out: Float64Array): void {
    const indicator = getIndicator(operand.indicator, 'indicator');
    const { outputs } = indicator;
    if (outputs.length === 1) {
      computeIndicator(this.candles, indicator, operand, [out]);
      return;
    }
    const key = columnKey(operand, '');
    if (key !== this.#lastKey) {
      while (this.#last.length < outputs.length) this.#last.push(new Float64Array(this.candles.length));
      computeIndicator(this.candles, indicator, operand, this.#last);
      this.#lastKey = key;
    }
    out.set(this.#last[outputs.findIndex(({ name }) => name === operand.output)]!);
  }

  /** An indicator's output on the candles' own bars, NaN where undefined. The column is shared: do not write to it. */
  indicator(operand: Omit<IndicatorOperand, 'timeframe' | 'times' | 'barsAgo'>): Float64Array {
    return this.#indicator(operand, this.candles);
  }

  #operand(operand: Operand, scratch: Float64Array): Float64Array {
    return 'value' in operand ? scratch.fill(operand.value) : this.values(operand, scratch);
  }

  /** One byte a bar: 1 where the condition holds at that bar's close. Shared: do not write to it. */
  condition(condition: Condition): Uint8Array {
    const key = canonicalJson(condition);
    const cached = this.#bits.find(key);
    if (cached !== undefined) return cached;
    const bits = new Uint8Array(this.candles.length);
    const left = this.#operand(condition.left, this.#leftScratch);
    const right = this.#operand(condition.right, this.#rightScratch);
    compare(left, right, condition.op, bits);
    this.#bits.add(key, bits);
    return bits;
  }
}
