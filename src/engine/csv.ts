// Reads candles from CSV with the header `timestamp,open,high,low,close,volume`. Nothing is repaired: a row that cannot
// be is an error that names line and field. Only exact repetitions of the row before are dropped, and counted.
import { makeCandles } from './candle-codec.ts';
import {
  allocateColumns,
  BARS_MAX,
  BARS_MIN,
  type CandleColumns,
  type CandleMeta,
  type Candles,
  findBarFault,
  findTimeFault,
} from './candles.ts';
import { detectTimeForm, parseTime, type TimeForm } from './civil-time.ts';
import { InvalidInput } from './errors.ts';

const HEADER = 'timestamp,open,high,low,close,volume';
const NAMES = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

export interface CsvImport {
  candles: Candles;
  /** Rows that repeated the row before them exactly. */
  duplicates: number;
}

/** What is known of the file besides its rows; the bar length comes from them. */
export type CsvMeta = Omit<CandleMeta, 'barMs' | 'sample'>;

interface Rows {
  /** Six values a row, in the order of the header. */
  values: Float64Array;
  /** 1-based line of the file of each row. */
  lines: Uint32Array;
  count: number;
}

function fail(code: string, line: number, name: string, message: string): never {
  const field = `line ${line}, ${name}`;
  throw new InvalidInput(code, `${field}: ${message}`, field);
}

function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

function parseField(text: string, line: number, name: string): number {
  if (!NUMBER.test(text)) fail('bad_number', line, name, `"${text.slice(0, 40)}" is not a number`);
  const value = Number(text);
  return value === 0 ? 0 : value;
}

/** Writes the six values of one row at `at`. */
function parseRow(row: string, line: number, form: TimeForm, values: Float64Array, at: number): void {
  let start = 0;
  for (let column = 0; column < 6; column++) {
    const comma = row.indexOf(',', start);
    if (comma === -1 ? column < 5 : column === 5) {
      fail('bad_row', line, 'row', `has ${row.split(',').length} fields, not 6`);
    }
    const text = row.slice(start, comma === -1 ? row.length : comma).trim();
    const name = NAMES[column]!;
    values[at + column] =
      column === 0 ? parseTime(text, form, `line ${line}, timestamp`) : parseField(text, line, name);
    start = comma + 1;
  }
}

function readRows(text: string): Rows {
  const capacity = countLines(text);
  if (capacity > BARS_MAX) throw new InvalidInput('too_many_rows', `the file has more than ${BARS_MAX} rows`);
  const rows: Rows = { values: new Float64Array(capacity * 6), lines: new Uint32Array(capacity), count: 0 };
  let form: TimeForm | undefined;
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (let line = 1; start < text.length; line++) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const row = text.slice(start, end).trimEnd();
    start = end + 1;
    if (line === 1) checkHeader(row);
    else if (row !== '') {
      form ??= detectTimeForm(row.slice(0, Math.max(row.indexOf(','), 0)).trim());
      parseRow(row, line, form, rows.values, rows.count * 6);
      rows.lines[rows.count++] = line;
    }
  }
  if (rows.count < BARS_MIN) throw new InvalidInput('too_few_rows', `the file has ${rows.count} rows of candles`);
  return rows;
}

function checkHeader(row: string): void {
  const seen = row
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .join(',');
  if (seen !== HEADER) {
    throw new InvalidInput('bad_header', `line 1: the header must be "${HEADER}", not "${row.slice(0, 80)}"`, 'line 1');
  }
}

function isRepetition(values: Float64Array, at: number): boolean {
  for (let column = 0; column < 6; column++) {
    if (values[at + column] !== values[at - 6 + column]) return false;
  }
  return true;
}

/** Drops exact repetitions in place; returns how many. */
function dropRepetitions(rows: Rows): number {
  let kept = 1;
  for (let i = 1; i < rows.count; i++) {
    rows.values.copyWithin(kept * 6, i * 6, i * 6 + 6);
    rows.lines[kept] = rows.lines[i]!;
    if (!isRepetition(rows.values, kept * 6)) kept++;
  }
  const dropped = rows.count - kept;
  rows.count = kept;
  return dropped;
}

/** The most common step between rows; the shorter one of two equally common. */
function detectBarMs(rows: Rows): number {
  const counts = new Map<number, number>();
  for (let i = 1; i < rows.count; i++) {
    const step = rows.values[i * 6]! - rows.values[i * 6 - 6]!;
    if (step <= 0) fail('bad_time', rows.lines[i]!, 'timestamp', 'the time is not later than that of the row before');
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  let best = 0;
  let bestCount = 0;
  for (const [step, count] of counts) {
    if (count < bestCount || (count === bestCount && step > best)) continue;
    best = step;
    bestCount = count;
  }
  if (best === 0) throw new InvalidInput('too_few_rows', 'the file has fewer than two different rows');
  return best;
}

function fillColumns(rows: Rows, columns: CandleColumns): void {
  const first = rows.values[0]!;
  for (let i = 0; i < rows.count; i++) {
    const at = i * 6;
    columns.time[i] = rows.values[at]!;
    columns.open[i] = rows.values[at + 1]!;
    columns.high[i] = rows.values[at + 2]!;
    columns.low[i] = rows.values[at + 3]!;
    columns.close[i] = rows.values[at + 4]!;
    columns.volume[i] = rows.values[at + 5]!;
    const message = findTimeFault(columns.time[i]!, columns.time[i - 1], first, columns.barMs);
    if (message !== undefined) fail('bad_time', rows.lines[i]!, 'timestamp', message);
    const fault = findBarFault(columns, i);
    if (fault !== undefined) fail('bad_candle', rows.lines[i]!, fault.column, fault.message);
  }
}

/**
 * Candles of a CSV text. Time stamps: `YYYY-MM-DD HH:MM:SS` (UTC), ISO 8601 in UTC, or whole seconds or milliseconds,
 * one form in the whole file. Times must increase; the bar length is the most common step, every time must lie on its
 * grid, and missing bars become gaps. Throws InvalidInput whose `field` is `line N, COLUMN`.
 */
export function parseCandlesCsv(text: string, meta: CsvMeta): CsvImport {
  const rows = readRows(text);
  const duplicates = dropRepetitions(rows);
  const barMs = detectBarMs(rows);
  const columns = allocateColumns(rows.count, barMs);
  fillColumns(rows, columns);
  return { candles: makeCandles(columns, { ...meta, sample: false, barMs }), duplicates };
}
