// Where everything lies in the kernel's memory. The stretches of a search are joined end to end, each starting at a
// multiple of 64 bars, so that one bitset serves all of them. src/engine/kernel/memory.ts knows the same records from inside.
import { InvalidInput } from '../errors.ts';

/** Bars [from, to) of the candles; the first signal is read at `first`. Nothing outside is seen, not even by indicators. */
export interface Span {
  from: number;
  first: number;
  to: number;
}

/** A span in its place among the joined bars. */
export interface PlacedSpan extends Span {
  start: number;
}

export const STRATEGY_BYTES = 144;
export const STATE_BYTES = 256;
export const RESULT_HEAD_BYTES = 16;
export const RESULT_SPAN_BYTES = 24;
export const TRADE_BYTES = 56;
/** Trades that a trace has room for. */
const TRACE_TRADES_MAX = 10_000;
/** Bars that all strategies pass through before any goes on: what they read of them stays in the processor's cache. */
export const TILE_BARS = 4096;
/** One bit a bar of a tile, and a little more since two words are written at a time. */
export const ENTRIES_BYTES = TILE_BARS / 8 + 32;
/** Strategies that run at a time. */
export const BATCH_MAX = 2048;

/** Room before the first column: a value up to 1,000 bars earlier may be read (and is then masked out). */
const HEAD_BYTES = 64 * 1024;
const LEVEL_TABLE = 1024;
const PYRAMID_TABLE = 1152;
/** Two float64 of 1: what constants are multiples of. */
const ONES = 1280;
const LEVELS_MAX = 10;
const GROUP_BYTES = 384;
const PAGE_BYTES = 65_536;
/** Addresses have 32 bits. */
const PAGES_MAX = 65_536;

/** Bytes meant for bitsets and for indicator columns, and how many of each are ever useful. */
const BITSET_BYTES = 128 * 1024 * 1024;
const COLUMN_BYTES = 192 * 1024 * 1024;
const SHELF_LIMITS = { bitsets: 16_384, columns: 512 };
/** Fewer would not hold what one strategy needs. */
const BITSETS_MIN = 16;
const COLUMNS_MIN = 8;

export interface Shelf {
  address: number;
  /** Bytes of one place. */
  bytes: number;
  places: number;
}

export interface Layout {
  pages: number;
  /** Joined bars, with the gaps between spans. */
  bars: number;
  spans: PlacedSpan[];
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  squares: number;
  levelTable: number;
  pyramidTable: number;
  ones: number;
  /** Long and short, each for falls relative to the close and in ticks. */
  pyramids: [number, number, number, number];
  columns: Shelf;
  bitsets: Shelf;
  strategies: number;
  states: number;
  results: number;
  resultBytes: number;
  /** For each strategy that a task may start with: the entry signals of one tile. */
  entries: number;
  trace: number;
}

const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;

function pyramidBytes(bars: number): number {
  let bytes = 0;
  let groups = Math.ceil(bars / 8);
  for (let level = 0; level < LEVELS_MAX; level++) {
    bytes += groups * GROUP_BYTES;
    if (groups === 1) break;
    groups = Math.ceil(groups / 8);
  }
  return bytes;
}

/** Most places for bitsets and columns; the defaults fit a search on any machine. */
export interface ShelfLimits {
  bitsets: number;
  columns: number;
}

/** The layout for these spans. Untouched memory costs nothing until it is used. Throws InvalidInput (`too_many_bars`). */
export function planLayout(spans: readonly Span[], limits: ShelfLimits = SHELF_LIMITS): Layout {
  let bars = 0;
  const placed = spans.map((span): PlacedSpan => {
    const start = bars;
    bars = roundUp(start + span.to - span.from, 64);
    return { ...span, start };
  });
  let end = HEAD_BYTES;
  const reserve = (bytes: number): number => {
    const address = end;
    end = roundUp(end + bytes, 128);
    return address;
  };
  const shelf = (bytes: number, places: number): Shelf => ({ address: reserve(bytes * places), bytes, places });
  const column = () => reserve(bars * 8);
  const pyramid = () => reserve(pyramidBytes(bars));
  const bitsetBytes = bars / 8;
  const bitsets = Math.max(BITSETS_MIN, Math.min(limits.bitsets, Math.floor(BITSET_BYTES / bitsetBytes)));
  const columns = Math.max(COLUMNS_MIN, Math.min(limits.columns, Math.floor(COLUMN_BYTES / (bars * 8))));
  const resultBytes = RESULT_HEAD_BYTES + RESULT_SPAN_BYTES * spans.length;
  const layout = {
    bars,
    spans: placed,
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
    squares: column(),
    levelTable: LEVEL_TABLE,
    pyramidTable: PYRAMID_TABLE,
    ones: ONES,
    pyramids: [pyramid(), pyramid(), pyramid(), pyramid()] as [number, number, number, number],
    columns: shelf(bars * 8, columns),
    bitsets: shelf(bitsetBytes, bitsets),
    strategies: reserve(STRATEGY_BYTES * BATCH_MAX),
    states: reserve(STATE_BYTES * BATCH_MAX),
    results: reserve(resultBytes * BATCH_MAX),
    resultBytes,
    entries: reserve(ENTRIES_BYTES * BATCH_MAX),
    trace: reserve(TRADE_BYTES * TRACE_TRADES_MAX),
  };
  const pages = Math.ceil(end / PAGE_BYTES);
  if (pages <= PAGES_MAX) return { ...layout, pages };
  throw new InvalidInput('too_many_bars', `a search over ${bars} bars does not fit into 4 GiB of memory`, 'dataset');
}
