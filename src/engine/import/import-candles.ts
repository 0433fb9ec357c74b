// Candles from the bytes of a CSV file: read, sorted, checked, and told about. Nothing is mended unless the caller says so,
// and nothing is mended in silence.
import { makeCandles } from '../candle-codec.ts';
import { type CandleMeta, type Candles, findGaps } from '../candles.ts';
import { InvalidInput } from '../errors.ts';
import { findLayout, type Layout } from './layout.ts';
import { findBadTicks, findZeroVolume } from './oddities.ts';
import type { ColumnRole, Fault, FileReport } from './report.ts';
import { RowReader } from './rows.ts';
import { dropRepeats, fitGrid, mendBars, shareBars, sortRows } from './settle.ts';

/** What is known of the file besides its rows; the bar length comes from them. */
export type FileMeta = Omit<CandleMeta, 'barMs' | 'sample'>;

export interface ImportOptions {
  /** Names of the file's columns in order, `-` for one that is not needed; absent: by header and relations. */
  columns?: readonly string[];
  /** Mends what can be mended and leaves out the rest; otherwise a file with a fault is refused. */
  repair?: boolean;
}

/** What the rows say about the market. */
export type Told = Pick<FileReport, 'symbol' | 'format'>;

export interface CandleImport {
  candles: Candles;
  report: FileReport;
}

/** A file in which more rows than this share are left out is not of candles, or not read as it is meant. */
const LEFT_OUT_MAX = 0.5;

function describeColumns({ columns, header }: Layout): FileReport['columns'] {
  return (Object.entries(columns) as [ColumnRole, number][])
    .map(([role, column]) => ({ role, column: column + 1, name: header?.[column] ?? null }))
    .sort((a, b) => a.column - b.column);
}

/** The first fault as an error. */
function refuse(report: FileReport): never {
  const [fault] = report.faults.first as [Fault];
  const field = `line ${fault.line}, ${fault.column}`;
  const more = report.faults.count - 1;
  const others = more === 0 ? '' : ` (and ${more} more)`;
  const repair = '; "data preview" lists what is wrong, --repair mends it or leaves it out';
  throw new InvalidInput(fault.code, `${field}: ${fault.message}${others}${repair}`, field);
}

function checkFaults(report: FileReport, left: number, options: ImportOptions): void {
  if (report.faults.count === 0) return;
  if (options.repair !== true || left < report.rows * LEFT_OUT_MAX) refuse(report);
}

/**
 * Candles of a CSV file and what is to be said of it. A generator: yields the share of the file that has been read, so that
 * whoever drives it can show it and let other work go on. Time stamps are seconds, milliseconds, microseconds or nanoseconds
 * by their size, or text in UTC or with an offset, also mixed; the bar length is the most common step. Throws InvalidInput:
 * `bad_header`, `bad_columns`, `bad_value` (`columns`), `too_few_rows`, `too_many_rows`, and without `repair` the first
 * fault's code with `line N, COLUMN` as field.
 */
export function* importCandles(
  bytes: Uint8Array,
  metaOf: (told: Told) => FileMeta,
  options: ImportOptions = {},
): Generator<number, CandleImport, undefined> {
  const layout = findLayout(bytes, options.columns);
  const reader = new RowReader(bytes, layout);
  yield* reader.read();
  const { rows, faults, datesApart, times } = reader;
  const order = sortRows(rows);
  const repeats = dropRepeats(rows);
  const barMs = fitGrid(rows, faults);
  mendBars(rows, barMs, faults);
  const report: FileReport = {
    format: layout.format,
    columns: describeColumns(layout),
    timeUnits: [...times.units],
    order,
    symbol: reader.symbol,
    rows: reader.seen,
    ...repeats,
    datesApart,
    gaps: findGaps(rows.time.subarray(0, rows.count), barMs),
    badTicks: findBadTicks(rows),
    zeroVolume: findZeroVolume(rows),
    faults,
  };
  checkFaults(report, rows.count, options);
  const columns = shareBars(rows, barMs);
  return { candles: makeCandles(columns, { ...metaOf(report), sample: false, barMs }), report };
}

/** The same in one go. */
export function importAll(
  bytes: Uint8Array,
  metaOf: (told: Told) => FileMeta,
  options: ImportOptions = {},
): CandleImport {
  const work = importCandles(bytes, metaOf, options);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
