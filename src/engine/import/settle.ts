// From rows in the order of a file to bars in the order of time: sorted, one a time, on a grid, each possible.
import { allocateColumns, BARS_MIN, type CandleColumns, findBarFault } from '../candles.ts';
import { InvalidInput } from '../errors.ts';
import { type Conflict, type Fault, type FileReport, type Found, noneFound, note } from './report.ts';
import { ROW_COLUMNS, type Rows } from './rows.ts';

const VALUES = ['open', 'high', 'low', 'close', 'volume'] as const;

function orderOf({ time, count }: Rows): FileReport['order'] {
  let rising = true;
  let falling = true;
  for (let i = 1; i < count; i++) {
    if (time[i]! < time[i - 1]!) rising = false;
    else if (time[i]! > time[i - 1]!) falling = false;
  }
  if (rising) return 'oldest first';
  return falling ? 'newest first' : 'mixed';
}

/** Sorts by time, rows of one time by line. Returns the order that the file had. */
export function sortRows(rows: Rows): FileReport['order'] {
  const order = orderOf(rows);
  const { time, line, count } = rows;
  if (order === 'oldest first') return order;
  const index = Uint32Array.from({ length: count }, (_, i) => i);
  if (order === 'newest first') index.reverse();
  // The lines of rows that were read in reverse and share a time are put right by the comparison.
  index.sort((a, b) => time[a]! - time[b]! || line[a]! - line[b]!);
  for (const name of [...ROW_COLUMNS, 'line'] as const) {
    const from = rows[name].slice(0, count);
    const to = rows[name];
    for (let i = 0; i < count; i++) to[i] = from[index[i]!]!;
  }
  return order;
}

/** Digits after the point of the shortest decimal that stands for a value. */
function decimalsOf(value: number): number {
  const [digits, exponent] = String(value).split('e') as [string, string?];
  return Math.max(0, (digits.split('.')[1]?.length ?? 0) - Number(exponent ?? 0));
}

const rowDecimals = (rows: Rows, i: number): number => Math.max(...VALUES.map((name) => decimalsOf(rows[name][i]!)));

/** Whether row `coarse` is row `fine`, written with fewer digits. */
function isRoundedFrom(rows: Rows, coarse: number, fine: number): boolean {
  const decimals = rowDecimals(rows, coarse);
  if (decimals >= rowDecimals(rows, fine)) return false;
  const half = Number(`0.5e-${decimals}`);
  return VALUES.every((name) => {
    const [a, b] = [rows[name][coarse]!, rows[name][fine]!];
    // What the subtraction itself may add.
    return Math.abs(a - b) <= half + Math.abs(a) * Number.EPSILON * 4;
  });
}

export interface Repeats {
  duplicates: number;
  rounded: number;
  conflicts: Found<Conflict>;
}

function copyRow(rows: Rows, from: number, to: number): void {
  for (const name of ROW_COLUMNS) rows[name][to] = rows[name][from]!;
  rows.line[to] = rows.line[from]!;
}

/** Row `next` has the time of the row kept so far: counts it, and keeps the better of the two at `kept`. */
function settlePair(rows: Rows, kept: number, next: number, repeats: Repeats): void {
  if (VALUES.every((name) => rows[name][kept] === rows[name][next])) {
    repeats.duplicates++;
    return;
  }
  if (isRoundedFrom(rows, next, kept)) {
    repeats.rounded++;
    return;
  }
  if (isRoundedFrom(rows, kept, next)) {
    repeats.rounded++;
    copyRow(rows, next, kept);
    return;
  }
  const [time, first, second] = [rows.time[kept]!, rows.line[kept]!, rows.line[next]!];
  // A bar that was measured before it had ended has seen less of its volume.
  if (rows.volume[next]! > rows.volume[kept]!) {
    copyRow(rows, next, kept);
    note(repeats.conflicts, { time, kept: second, dropped: first });
  } else note(repeats.conflicts, { time, kept: first, dropped: second });
}

/** One row a time, of sorted rows. */
export function dropRepeats(rows: Rows): Repeats {
  const repeats: Repeats = { duplicates: 0, rounded: 0, conflicts: noneFound() };
  let last = 0;
  for (let i = 1; i < rows.count; i++) {
    if (rows.time[i] === rows.time[last]) settlePair(rows, last, i, repeats);
    else {
      last++;
      if (last !== i) copyRow(rows, i, last);
    }
  }
  rows.count = Math.min(rows.count, last + 1);
  return repeats;
}

/** The most common of the values; of two equally common ones the smaller. Undefined of none. */
function mostCommon(count: number, valueAt: (i: number) => number): number | undefined {
  const counts = new Map<number, number>();
  for (let i = 0; i < count; i++) counts.set(valueAt(i), (counts.get(valueAt(i)) ?? 0) + 1);
  let best: number | undefined;
  for (const [value, times] of counts) {
    const most = best === undefined ? 0 : counts.get(best)!;
    if (times > most || (times === most && value < best!)) best = value;
  }
  return best;
}

/** Leaves rows out that do not lie on the grid of most others; returns the bar length in ms. */
export function fitGrid(rows: Rows, faults: Found<Fault>): number {
  const { time } = rows;
  const barMs = mostCommon(Math.max(0, rows.count - 1), (i) => time[i + 1]! - time[i]!);
  if (barMs === undefined) {
    throw new InvalidInput('too_few_rows', `the file has ${rows.count} bars; ${BARS_MIN} are the fewest`);
  }
  const phase = mostCommon(rows.count, (i) => time[i]! % barMs)!;
  let kept = 0;
  for (let i = 0; i < rows.count; i++) {
    if (time[i]! % barMs === phase) {
      if (kept !== i) copyRow(rows, i, kept);
      kept++;
      continue;
    }
    const message = `the time does not lie on the grid of the other bars (${barMs} ms)`;
    note(faults, { line: rows.line[i]!, column: 'time', code: 'bad_time', message, remedy: 'left out' });
  }
  rows.count = kept;
  return barMs;
}

/** The rows as candles have them; they share the memory. */
function columnsOf({ count, time, open, high, low, close, volume }: Rows, barMs: number): CandleColumns {
  return { length: count, barMs, time, open, high, low, close, volume };
}

/** Raises the high or lowers the low of row `i` to enclose all four prices. */
function encloseRow(rows: Rows, i: number, faults: Found<Fault>): void {
  const prices = [rows.open[i]!, rows.high[i]!, rows.low[i]!, rows.close[i]!];
  const line = rows.line[i]!;
  const top = Math.max(...prices);
  const bottom = Math.min(...prices);
  const code = 'bad_candle';
  if (rows.high[i]! < top) {
    const message = 'the high lies below another price';
    note(faults, { line, column: 'high', code, message, remedy: 'raised', from: rows.high[i]!, to: top });
    rows.high[i] = top;
  }
  if (rows.low[i]! > bottom) {
    const message = 'the low lies above another price';
    note(faults, { line, column: 'low', code, message, remedy: 'lowered', from: rows.low[i]!, to: bottom });
    rows.low[i] = bottom;
  }
}

/** Encloses what a high or low does not enclose, leaves out what no candle can be. */
export function mendBars(rows: Rows, barMs: number, faults: Found<Fault>): void {
  const columns = columnsOf(rows, barMs);
  let kept = 0;
  for (let i = 0; i < rows.count; i++) {
    let fault = findBarFault(columns, i);
    if (fault !== undefined && rows.low[i]! > 0 && Math.min(rows.open[i]!, rows.high[i]!, rows.close[i]!) > 0) {
      if (Math.max(rows.open[i]!, rows.high[i]!, rows.low[i]!, rows.close[i]!) < Number.POSITIVE_INFINITY) {
        encloseRow(rows, i, faults);
        fault = findBarFault(columns, i);
      }
    }
    if (fault === undefined) {
      if (kept !== i) copyRow(rows, i, kept);
      kept++;
      continue;
    }
    const { column, message } = fault;
    note(faults, { line: rows.line[i]!, column, code: 'bad_candle', message, remedy: 'left out' });
  }
  rows.count = kept;
}

/** The bars in shared memory. Throws `too_few_rows`. */
export function shareBars(rows: Rows, barMs: number): CandleColumns {
  if (rows.count < BARS_MIN) throw new InvalidInput('too_few_rows', `the file has ${rows.count} bars that can be`);
  if (rows.count === rows.time.length) return columnsOf(rows, barMs);
  const columns = allocateColumns(rows.count, barMs);
  for (const name of ROW_COLUMNS) columns[name].set(rows[name].subarray(0, rows.count));
  return columns;
}
