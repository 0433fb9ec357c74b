// The canonical binary form of a data set. Layout, little-endian:
//   8 bytes  magic "SMCANDLE"
//   u32      version (1)
//   u32      length of the header in bytes
//   header   canonical JSON {barMs, bars, quote, sample, source, symbol}, UTF-8
//   zeros    up to the next multiple of 8
//   columns  time, open, high, low, close, volume: `bars` float64 each
// One data set has exactly one such form; its SHA-256 is the data set's name. Gaps follow from the times.
import {
  allocateColumns,
  BARS_MAX,
  BARS_MIN,
  type CandleColumns,
  type CandleMeta,
  type Candles,
  findBarFault,
  findGaps,
  findTimeFault,
} from './candles.ts';
import { canonicalJson } from './canonical-json.ts';
import { InvalidInput } from './errors.ts';
import { hashBytes, toHex, toUtf8 } from './hash.ts';
import { ObjectReader } from './reader.ts';

const MAGIC = 'SMCANDLE';
const VERSION = 1;
const PREFIX_BYTES = 16;
const HEADER_BYTES_MAX = 1024;
const BAR_MS_MAX = 366 * 86_400_000;

const columnsInOrder = (columns: CandleColumns): Float64Array[] => [
  columns.time,
  columns.open,
  columns.high,
  columns.low,
  columns.close,
  columns.volume,
];

function checkMeta(reader: ObjectReader): CandleMeta {
  return {
    symbol: reader.text('symbol', 40),
    quote: reader.text('quote', 20),
    source: reader.text('source', 40),
    sample: reader.boolean('sample'),
    barMs: reader.number('barMs', { min: 1, max: BAR_MS_MAX, integer: true }),
  };
}

function encodeColumns(columns: CandleColumns, meta: CandleMeta): Uint8Array {
  const header = toUtf8(canonicalJson({ ...meta, bars: columns.length }));
  const start = Math.ceil((PREFIX_BYTES + header.length) / 8) * 8;
  const bytes = new Uint8Array(start + columns.length * 48);
  const view = new DataView(bytes.buffer);
  bytes.set(toUtf8(MAGIC), 0);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, header.length, true);
  bytes.set(header, PREFIX_BYTES);
  let at = start;
  for (const column of columnsInOrder(columns)) {
    for (let i = 0; i < column.length; i++, at += 8) view.setFloat64(at, column[i]!, true);
  }
  return bytes;
}

/**
 * Checks columns and metadata and names the data set by its hash. `columns` are kept, not copied.
 * Throws InvalidInput (`bad_candle`, with `bar N, COLUMN` as field) for a bar that cannot be.
 */
export function makeCandles(columns: CandleColumns, meta: CandleMeta): Candles {
  checkCandles(columns);
  const checked = checkMeta(new ObjectReader(meta, 'meta'));
  const hash = toHex(hashBytes(encodeColumns(columns, checked)));
  return { ...columns, meta: checked, gaps: findGaps(columns.time, columns.barMs), hash };
}

function checkCandles(columns: CandleColumns): void {
  for (let i = 0; i < columns.length; i++) {
    const message = findTimeFault(columns.time[i]!, columns.time[i - 1], columns.time[0]!, columns.barMs);
    if (message !== undefined) throw new InvalidInput('bad_candle', `bar ${i}: ${message}`, `bar ${i}, time`);
    const fault = findBarFault(columns, i);
    if (fault !== undefined) {
      throw new InvalidInput('bad_candle', `bar ${i}: ${fault.message}`, `bar ${i}, ${fault.column}`);
    }
    // A canonical column has no negative zero; only a volume can be zero.
    if (columns.volume[i] === 0) columns.volume[i] = 0;
  }
}

/** The canonical bytes; their SHA-256 is `candles.hash`. */
export function encodeCandles(candles: Candles): Uint8Array {
  return encodeColumns(candles, candles.meta);
}

function refuse(message: string): never {
  throw new InvalidInput('bad_candle_file', message);
}

/** Metadata and number of bars from the first bytes of a canonical file (at most 1,040 are needed). */
export function decodeCandleHeader(bytes: Uint8Array): { meta: CandleMeta; bars: number; start: number } {
  if (bytes.length < PREFIX_BYTES) refuse('the file is too short to be candles');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = toUtf8(MAGIC);
  if (magic.some((byte, i) => bytes[i] !== byte)) refuse('the file does not begin like candles');
  const version = view.getUint32(8, true);
  if (version !== VERSION) refuse(`candle file version ${version} is not known here`);
  const size = view.getUint32(12, true);
  if (size > HEADER_BYTES_MAX || PREFIX_BYTES + size > bytes.length) refuse('the header of the candle file is cut off');
  const text = new TextDecoder().decode(bytes.slice(PREFIX_BYTES, PREFIX_BYTES + size));
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    refuse('the header of the candle file is not JSON');
  }
  const reader = new ObjectReader(parsed, 'header');
  const meta = checkMeta(reader);
  const bars = reader.number('bars', { min: BARS_MIN, max: BARS_MAX, integer: true });
  reader.end();
  if (canonicalJson({ ...meta, bars }) !== text) refuse('the header of the candle file is not canonical');
  return { meta, bars, start: Math.ceil((PREFIX_BYTES + size) / 8) * 8 };
}

/**
 * Reads the canonical form. Accepts exactly the bytes that `encodeCandles` writes: anything else throws InvalidInput
 * (`bad_candle_file`, `bad_candle`). The columns are copied into shared memory.
 */
export function decodeCandles(bytes: Uint8Array): Candles {
  const { meta, bars, start } = decodeCandleHeader(bytes);
  if (bytes.length !== start + bars * 48) refuse(`the candle file has ${bytes.length} bytes, not ${start + bars * 48}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const columns = allocateColumns(bars, meta.barMs);
  let at = start;
  for (const column of columnsInOrder(columns)) {
    for (let i = 0; i < bars; i++, at += 8) column[i] = view.getFloat64(at, true);
  }
  const candles = makeCandles(columns, meta);
  // Catches what the checks above cannot see: padding that is not zero, a negative zero.
  if (candles.hash !== toHex(hashBytes(bytes))) refuse('the candle file is not in canonical form');
  return candles;
}
