// The rows of a file as numbers, in the order of the file. What cannot be read is noted with its line and left out.
import { allocateColumns, BARS_MAX } from '../candles.ts';
import { InvalidInput } from '../errors.ts';
import { parseNumber, TimeReader, textOf } from './cells.ts';
import { type Layout, lineEnd } from './layout.ts';
import { type ColumnRole, type Fault, type Found, noneFound, note } from './report.ts';

const NUMBER_ROLES = ['open', 'high', 'low', 'close', 'volume'] as const;
type NumberRole = (typeof NUMBER_ROLES)[number];
/** Rows between two looks at the world. */
const ROWS_PER_STEP = 50_000;

/** Columns of equal length, `count` rows of them in use. */
export interface Rows {
  count: number;
  time: Float64Array;
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
  volume: Float64Array;
  /** 1-based line of the file. */
  line: Uint32Array;
}

export const ROW_COLUMNS = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;

/** Lines from `from` on; the end of the last one begins no further line. */
function countLines(bytes: Uint8Array, from: number): number {
  let lines = bytes.at(-1) === 10 ? 0 : 1;
  for (let at = bytes.indexOf(10, from); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}

/** In shared memory, so that rows of which none is left out become candles without a copy. */
function allocateRows(capacity: number): Rows {
  const { time, open, high, low, close, volume } = allocateColumns(capacity, 1);
  return { count: 0, time, open, high, low, close, volume, line: new Uint32Array(capacity) };
}

export class RowReader {
  readonly rows: Rows;
  readonly faults: Found<Fault> = noneFound();
  readonly datesApart: Found<number> = noneFound();
  readonly times = new TimeReader();
  /** Rows below the header, read or not. */
  seen = 0;
  symbol: string | null = null;
  readonly #bytes: Uint8Array;
  readonly #layout: Layout;
  /** Where each cell of the line begins; the one after the last begins behind its end. */
  readonly #starts: Uint32Array;
  readonly #numbers: readonly [NumberRole, number][];
  readonly #dates = new TimeReader();

  constructor(bytes: Uint8Array, layout: Layout) {
    const capacity = countLines(bytes, layout.start);
    if (capacity > BARS_MAX) throw new InvalidInput('too_many_rows', `the file has more than ${BARS_MAX} rows`);
    this.rows = allocateRows(capacity);
    this.#bytes = bytes;
    this.#layout = layout;
    this.#starts = new Uint32Array(layout.width + 2);
    this.#numbers = NUMBER_ROLES.flatMap((role) => {
      const column = layout.columns[role];
      return column === undefined ? [] : [[role, column] as [NumberRole, number]];
    });
  }

  /** Reads all rows; yields the share of the file that is done, now and then. */
  *read(): Generator<number, void, undefined> {
    const bytes = this.#bytes;
    let { start, line } = this.#layout;
    for (; start < bytes.length; line++) {
      const end = lineEnd(bytes, start);
      const trimmed = end > start && bytes[end - 1] === 13 ? end - 1 : end;
      if (trimmed > start) this.#readRow(start, trimmed, line);
      start = end + 1;
      if (this.seen % ROWS_PER_STEP === ROWS_PER_STEP - 1) yield start / bytes.length;
    }
  }

  #leaveOut(line: number, column: string, code: Fault['code'], message: string): void {
    note(this.faults, { line, column, code, message, remedy: 'left out' });
  }

  /** Cuts the line into cells; returns how many. */
  #cut(from: number, to: number): number {
    const { delimiter, width } = this.#layout;
    const bytes = this.#bytes;
    const starts = this.#starts;
    let cells = 0;
    starts[0] = from;
    for (let i = from; i < to; i++) {
      if (bytes[i] !== delimiter) continue;
      cells++;
      if (cells <= width) starts[cells] = i + 1;
    }
    if (cells + 1 <= width) starts[cells + 1] = to + 1;
    return cells + 1;
  }

  #cell(column: number): string {
    return textOf(this.#bytes, this.#starts[column]!, this.#starts[column + 1]! - 1).slice(0, 40);
  }

  #readRow(from: number, to: number, line: number): void {
    this.seen++;
    const { columns, width } = this.#layout;
    const cells = this.#cut(from, to);
    if (cells !== width) {
      this.#leaveOut(line, 'row', 'bad_row', `has ${cells} fields, not ${width}`);
      return;
    }
    const time = this.#timeAt(columns.time!, this.times);
    if (!Number.isSafeInteger(time)) {
      this.#leaveOut(line, 'time', 'bad_time', `"${this.#cell(columns.time!)}" is not a time that this import knows`);
      return;
    }
    if (!this.#readNumbers(line)) return;
    const { rows } = this;
    rows.time[rows.count] = time;
    rows.line[rows.count] = line;
    rows.count++;
    this.#readAsides(columns, time, line);
  }

  #timeAt(column: number, reader: TimeReader): number {
    return reader.read(this.#bytes, this.#starts[column]!, this.#starts[column + 1]! - 1);
  }

  /** Writes the numbers of a row; false when one is none. */
  #readNumbers(line: number): boolean {
    const { rows } = this;
    for (const [role, column] of this.#numbers) {
      const value = parseNumber(this.#bytes, this.#starts[column]!, this.#starts[column + 1]! - 1);
      if (Number.isNaN(value)) {
        this.#leaveOut(line, role, 'bad_number', `"${this.#cell(column)}" is not a number`);
        return false;
      }
      rows[role][rows.count] = value;
    }
    return true;
  }

  /** Columns that no candle is made of: a second time to compare with, and the market's name. */
  #readAsides({ date, symbol }: Partial<Record<ColumnRole, number>>, time: number, line: number): void {
    if (date !== undefined && this.#timeAt(date, this.#dates) !== time) note(this.datesApart, line);
    if (symbol !== undefined && this.symbol === null) this.symbol = this.#cell(symbol);
  }
}
