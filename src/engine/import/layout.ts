// Which column of a file is which: by its header, by the relations that opens, highs, lows and closes keep, or as told.
import { InvalidInput } from '../errors.ts';
import { parseNumber, TimeReader, textOf } from './cells.ts';
import { COLUMN_ROLES, type ColumnRole } from './report.ts';

const [NEWLINE, COMMA, SEMICOLON, TAB] = [10, 44, 59, 9];
const DELIMITERS = [COMMA, SEMICOLON, TAB];
const PRICES = ['open', 'high', 'low', 'close'] as const;
/** Lines above the header, such as a banner. */
const BANNER_LINES_MAX = 5;
const SAMPLE_ROWS = 500;
/** Share of sampled rows that must keep open, high, low and close in order. */
const FITTING_SHARE = 0.5;

/** Names that headers use, the surest first. */
const NAMES: Record<ColumnRole, readonly string[]> = {
  time: [
    'timestamp',
    'unix',
    'unix timestamp',
    'unix time',
    'time',
    'open time',
    'opentime',
    'datetime',
    'date time',
    'start',
    'date',
  ],
  open: ['open', 'open price', 'o'],
  high: ['high', 'high price', 'h'],
  low: ['low', 'low price', 'l'],
  close: ['close', 'close price', 'c'],
  volume: ['volume', 'vol', 'base volume', 'v'],
  date: ['date', 'datetime', 'date time'],
  symbol: ['symbol', 'pair', 'product'],
};

export interface Layout {
  format: string;
  delimiter: number;
  /** 0-based column of each role that the file has. */
  columns: Partial<Record<ColumnRole, number>>;
  /** Names as the header writes them; undefined without a header. */
  header: string[] | undefined;
  /** Columns of a row. */
  width: number;
  /** Where the rows begin: byte, and 1-based line. */
  start: number;
  line: number;
}

interface Line {
  from: number;
  to: number;
  line: number;
  cells: string[];
}

export function lineEnd(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(NEWLINE, from);
  return end === -1 ? bytes.length : end;
}

/** The cells of the line that begins at `from`, as text. */
function cellsOf(bytes: Uint8Array, from: number, to: number, delimiter: number): string[] {
  const cells: string[] = [];
  let start = from;
  for (let i = from; i <= to; i++) {
    if (i < to && bytes[i] !== delimiter) continue;
    cells.push(textOf(bytes, start, i));
    start = i + 1;
  }
  return cells;
}

function linesFrom(bytes: Uint8Array, from: number, line: number, delimiter: number, most: number): Line[] {
  const lines: Line[] = [];
  for (let at = from; at < bytes.length && lines.length < most; line++) {
    const to = lineEnd(bytes, at);
    if (to > at + 1 || (to > at && bytes[at] !== 13))
      lines.push({ from: at, to, line, cells: cellsOf(bytes, at, to, delimiter) });
    at = to + 1;
  }
  return lines;
}

/** Times that a market can have: from 2001 to 2100. */
const [TIME_MIN, TIME_MAX] = [978_307_200_000, 4_102_444_800_000];

const isTime = (text: string): boolean => {
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const time = new TimeReader().read(bytes, 0, bytes.length);
  return time >= TIME_MIN && time < TIME_MAX;
};
const numberOf = (text: string | undefined): number => {
  const bytes = Uint8Array.from(text ?? '', (letter) => letter.charCodeAt(0));
  return parseNumber(bytes, 0, bytes.length);
};

/** The first line that is a header or a row, with the delimiter that cuts it into most cells. */
function findTable(bytes: Uint8Array): { first: Line; delimiter: number; banner: string } {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const lines = linesFrom(bytes, start, 1, NEWLINE, BANNER_LINES_MAX + 1);
  for (const [i, line] of lines.entries()) {
    const cuts = DELIMITERS.map((delimiter) => ({ delimiter, cells: cellsOf(bytes, line.from, line.to, delimiter) }));
    const best = cuts.reduce((a, b) => (b.cells.length > a.cells.length ? b : a));
    if (best.cells.length < 5) continue;
    const banner = lines.slice(0, i).map(({ cells }) => cells.join(' '));
    return { first: { ...line, cells: best.cells }, delimiter: best.delimiter, banner: banner.join(' ').toLowerCase() };
  }
  const seen = lines[0] === undefined ? '' : lines[0].cells.join(' ').slice(0, 80);
  throw new InvalidInput('bad_header', `line 1: no table of candles begins here: "${seen}"`, 'line 1');
}

const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[_\s]+/g, ' ')
    .trim();

function columnsByHeader(header: readonly string[], line: number): Layout['columns'] {
  const names = header.map(plain);
  const columns: Layout['columns'] = {};
  for (const role of COLUMN_ROLES) {
    const name = NAMES[role].find((each) => names.includes(each));
    if (name !== undefined) columns[role] = names.indexOf(name);
  }
  const inMoney = names.findIndex((name) => name.startsWith('volume ') || name.startsWith('volume('));
  if (columns.volume === undefined && inMoney !== -1) columns.volume = inMoney;
  if (columns.date === columns.time) delete columns.date;
  const missing = (['time', ...PRICES] as const).find((role) => columns[role] === undefined);
  if (missing === undefined) return columns;
  const message = `line ${line}: the header names no column for the ${missing}: "${header.join(',').slice(0, 80)}"`;
  throw new InvalidInput('bad_header', message, `line ${line}`);
}

/** Columns as a person names them, in the order of the file; `-` passes one over. Throws `bad_value`. */
function columnsAsTold(told: readonly string[]): Layout['columns'] {
  const columns: Layout['columns'] = {};
  for (const [i, name] of told.entries()) {
    if (name === '-') continue;
    const role = COLUMN_ROLES.find((each) => each === name.trim().toLowerCase());
    if (role === undefined || columns[role] !== undefined) {
      const message = `columns are each of ${COLUMN_ROLES.join(', ')} once at most, or "-", not "${name.slice(0, 20)}"`;
      throw new InvalidInput('bad_value', message, 'columns');
    }
    columns[role] = i;
  }
  const missing = (['time', ...PRICES] as const).find((role) => columns[role] === undefined);
  if (missing === undefined) return columns;
  throw new InvalidInput('bad_value', `columns must name the ${missing}`, 'columns');
}

type Rows = readonly (readonly string[])[];

/** Share of rows whose high is the highest of the four prices and whose low is the lowest. */
function fittingShare(rows: Rows, columns: Layout['columns']): number {
  const fitting = rows.filter((cells) => {
    const [open, high, low, close] = PRICES.map((role) => numberOf(cells[columns[role]!])) as [
      number,
      number,
      number,
      number,
    ];
    return high >= Math.max(open, low, close) && low <= Math.min(open, close);
  });
  return rows.length === 0 ? 0 : fitting.length / rows.length;
}

/** Σ |open of the bar after − close of the bar before|: small when open and close are not mixed up. */
function jumps(rows: Rows, time: number, open: number, close: number): number {
  let sum = 0;
  const newestFirst = numberOf(rows[0]?.[time]) > numberOf(rows.at(-1)?.[time]);
  for (let i = 1; i < rows.length; i++) {
    const [before, after] = newestFirst ? [rows[i]!, rows[i - 1]!] : [rows[i - 1]!, rows[i]!];
    sum += Math.abs(numberOf(after[open]) - numberOf(before[close]));
  }
  return sum;
}

/**
 * The four columns after the time by their relations: the one that is the highest in most rows is the high, the lowest the
 * low, and of the other two the open is the one that goes on where the bar before has closed.
 */
function columnsByRelations(rows: Rows, width: number): Layout['columns'] {
  const time = rows[0]!.findIndex((_, i) => rows.every((cells) => isTime(cells[i] ?? '')));
  const four = [1, 2, 3, 4].map((step) => time + step);
  if (time === -1 || time + 4 >= width) return { time };
  const wins = (column: number, best: (...values: number[]) => number) =>
    rows.filter((cells) => numberOf(cells[column]) === best(...four.map((each) => numberOf(cells[each])))).length;
  const most = (candidates: readonly number[], best: (...values: number[]) => number) =>
    candidates.reduce((a, b) => (wins(b, best) > wins(a, best) ? b : a));
  const high = most(four, Math.max);
  const low = most(
    four.filter((column) => column !== high),
    Math.min,
  );
  const [one, two] = four.filter((column) => column !== high && column !== low) as [number, number];
  const inOrder = jumps(rows, time, one, two) <= jumps(rows, time, two, one);
  const [open, close] = inOrder ? [one, two] : [two, one];
  return { time, open, high, low, close, ...(time + 5 < width ? { volume: time + 5 } : {}) };
}

function formatOf({ header, columns, width }: Omit<Layout, 'format'>, banner: string): string {
  const names = header?.map(plain) ?? [];
  if (banner.includes('cryptodatadownload') || (names.includes('unix') && names.includes('date')))
    return 'CryptoDataDownload';
  const lowFirst = columns.time === 0 && columns.low === 1 && columns.high === 2 && columns.open === 3;
  if (width === 6 && lowFirst) return 'Coinbase';
  if (names.includes('close time') || (header === undefined && width === 12)) return 'Binance klines';
  if (header === undefined && width === 7) return 'Kraken OHLCVT';
  return names[0] === 'time' && columns.open === 1 ? 'TradingView' : 'CSV';
}

/**
 * How to read a table of candles. `told` names the columns instead of the header. Throws InvalidInput: `bad_header` (no
 * table, or a header that lacks a column), `bad_columns` (the rows contradict it), `too_few_rows`.
 */
export function findLayout(bytes: Uint8Array, told?: readonly string[]): Layout {
  const { first, delimiter, banner } = findTable(bytes);
  const isRow = first.cells.some(isTime) && first.cells.filter((cell) => !Number.isNaN(numberOf(cell))).length >= 4;
  const start = isRow ? first.from : first.to + 1;
  const line = isRow ? first.line : first.line + 1;
  const header = isRow ? undefined : first.cells;
  const width = first.cells.length;
  const rows = linesFrom(bytes, start, line, delimiter, SAMPLE_ROWS)
    .map(({ cells }) => cells)
    .filter((cells) => cells.length === width);
  if (rows.length === 0) throw new InvalidInput('too_few_rows', 'the file has no rows of candles');
  let columns: Layout['columns'];
  if (told !== undefined) columns = columnsAsTold(told);
  else columns = header === undefined ? columnsByRelations(rows, width) : columnsByHeader(header, first.line);
  if (!(fittingShare(rows, columns) > FITTING_SHARE)) {
    const said =
      header === undefined ? 'no four columns after the time can' : 'the columns that the header names cannot';
    const message = `${said} be open, high, low and close: in most rows the high is not the highest or the low not the lowest. --columns says which is which`;
    throw new InvalidInput('bad_columns', message, 'columns');
  }
  const layout = { delimiter, columns, header, width, start, line };
  return { format: formatOf(layout, banner), ...layout };
}
