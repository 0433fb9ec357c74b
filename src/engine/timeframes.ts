// Larger bars, made of the base bars by UTC boundaries. A larger bar can be seen only once it has closed, so a strategy
// can mix time frames without looking ahead.
import { allocateColumns, type CandleColumns } from './candles.ts';
import { InvalidInput } from './errors.ts';
import type { Operand, Strategy } from './strategy.ts';

const DAY_MS = 86_400_000;
const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS } as const;
type Unit = keyof typeof UNITS_MS;
const UNITS: readonly Unit[] = ['d', 'h', 'm', 's'];

/** `15m`, `4h`, `1d`: in the largest unit that divides it, so equal time frames have equal names. */
function nameTimeframe(ms: number): string {
  const unit = UNITS.find((each) => ms % UNITS_MS[each] === 0);
  return unit === undefined ? `${ms} ms` : `${ms / UNITS_MS[unit]}${unit}`;
}

/** Milliseconds of a name like `90m`, or undefined when it is none or does not divide a UTC day. */
function timeframeMs(name: string): number | undefined {
  const match = /^([1-9]\d{0,4})([smhd])$/.exec(name);
  if (match === null) return undefined;
  const ms = Number(match[1]) * UNITS_MS[match[2] as Unit];
  return DAY_MS % ms === 0 ? ms : undefined;
}

/** The name in its canonical form: `60m` is `1h`. Throws `bad_timeframe` at `path`. */
export function parseTimeframe(name: string, path: string): string {
  const ms = timeframeMs(name);
  if (ms !== undefined) return nameTimeframe(ms);
  const message = `${path} must be a time frame that divides a day, like 15m, 1h, 4h or 1d, not "${name.slice(0, 40)}"`;
  throw new InvalidInput('bad_timeframe', message, path);
}

/** Milliseconds of a time frame on bars of `barMs`. Throws `bad_timeframe` at `path` unless it is a multiple of them. */
export function fitTimeframe(name: string, barMs: number, path: string): number {
  const ms = timeframeMs(name);
  if (ms !== undefined && ms % barMs === 0) return ms;
  const message = `${path}: ${name} is not a multiple of these candles' bars of ${nameTimeframe(barMs)}`;
  throw new InvalidInput('bad_timeframe', message, path);
}

function fitOperand<T extends Operand>(operand: T, barMs: number, path: string): T {
  if ('value' in operand || operand.timeframe === undefined) return operand;
  if (fitTimeframe(operand.timeframe, barMs, `${path}.timeframe`) !== barMs) return operand;
  const { timeframe: _, ...rest } = operand;
  return rest as T;
}

/**
 * The strategy as it is on bars of `barMs`: a time frame equal to them is left out. Throws InvalidInput
 * (`bad_timeframe`, the path as field) when one is not a multiple of them.
 */
export function fitStrategy(strategy: Strategy, barMs: number): Strategy {
  const fit = (condition: Strategy['exit'][number], path: string) => ({
    ...condition,
    left: fitOperand(condition.left, barMs, `${path}.left`),
    right: fitOperand(condition.right, barMs, `${path}.right`),
  });
  return {
    ...strategy,
    entry: strategy.entry.map((group, g) => group.map((condition, c) => fit(condition, `entry[${g}][${c}]`))),
    exit: strategy.exit.map((condition, c) => fit(condition, `exit[${c}]`)),
  };
}

export interface Timeframe {
  /** The larger bars that close within the data, in order; `time` is where each begins. */
  candles: CandleColumns;
  /** For each base bar the last larger bar that has closed at its close, −1 before the first. */
  closed: Int32Array;
}

/** The first base bar of each larger bar; the base bar after the last of them comes last. */
function cut(time: Float64Array, frameMs: number): number[] {
  const starts: number[] = [];
  let current = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < time.length; i++) {
    const frame = Math.floor(time[i]! / frameMs);
    if (frame !== current) starts.push(i);
    current = frame;
  }
  starts.push(time.length);
  return starts;
}

function writeBar(base: CandleColumns, from: number, to: number, out: CandleColumns, k: number): void {
  let [high, low, volume] = [base.high[from]!, base.low[from]!, 0];
  for (let i = from; i < to; i++) {
    high = Math.max(high, base.high[i]!);
    low = Math.min(low, base.low[i]!);
    volume += base.volume[i]!;
  }
  out.time[k] = Math.floor(base.time[from]! / out.barMs) * out.barMs;
  out.open[k] = base.open[from]!;
  out.high[k] = high;
  out.low[k] = low;
  out.close[k] = base.close[to - 1]!;
  out.volume[k] = volume;
}

/**
 * Bars of `frameMs`, a multiple of the base bar that divides a day. One is made of the base bars that begin within it,
 * gaps or not; where there are none, there is no bar. It has closed at base bar i when time[i] + barMs has reached its
 * end. A first bar whose beginning is not in the data is dropped, and one that has not closed at the last base bar.
 */
export function aggregate(base: CandleColumns, frameMs: number): Timeframe {
  const { time, barMs, length } = base;
  const starts = cut(time, frameMs);
  if (length > 0 && time[0]! - Math.floor(time[0]! / frameMs) * frameMs >= barMs) starts.shift();
  const end = length === 0 ? 0 : time[length - 1]! + barMs;
  const endOf = (k: number) => (Math.floor(time[starts[k]!]! / frameMs) + 1) * frameMs;
  let count = starts.length - 1;
  if (count > 0 && endOf(count - 1) > end) count--;
  const candles = allocateColumns(Math.max(0, count), frameMs);
  for (let k = 0; k < count; k++) writeBar(base, starts[k]!, starts[k + 1]!, candles, k);
  const closed = new Int32Array(length);
  let last = -1;
  for (let i = 0; i < length; i++) {
    while (last + 1 < count && candles.time[last + 1]! + frameMs <= time[i]! + barMs) last++;
    closed[i] = last;
  }
  return { candles, closed };
}
