// The candles of a search in the kernel's memory, and the size of a tick.
import type { CandleColumns } from '../candles.ts';
import { type Layout, planLayout, type ShelfLimits, type Span } from './layout.ts';

/** Largest price in ticks: room for sums and differences in 32 bits. */
const TICKS_MAX = 1_073_741_824;
const DECIMALS = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/** What threads share: plain values, and memory that is not copied when it is sent to one. */
export interface Market {
  memory: WebAssembly.Memory;
  layout: Layout;
  /** Ticks per unit of price. */
  ticks: number;
  /** Whether every price is a whole number of ticks. */
  exact: boolean;
}

function isWhole(column: Float64Array, ticks: number): boolean {
  for (let i = 0; i < column.length; i++) {
    const price = column[i]!;
    if (Math.floor(price * ticks + 0.5) / ticks !== price) return false;
  }
  return true;
}

/** The decimal tick of which every price is a multiple; otherwise a fine one of which they are not. */
export function findTicks(candles: CandleColumns): { ticks: number; exact: boolean } {
  const { open, high, low, close } = candles;
  let top = 0;
  for (let i = 0; i < high.length; i++) top = Math.max(top, high[i]!);
  for (const ticks of DECIMALS) {
    if (top * ticks >= TICKS_MAX) break;
    if ([close, open, high, low].every((column) => isWhole(column, ticks))) return { ticks, exact: true };
  }
  let ticks = 1;
  while (top * ticks * 2 < TICKS_MAX) ticks *= 2;
  while (top * ticks >= TICKS_MAX) ticks /= 2;
  return { ticks, exact: false };
}

/** Joins the spans of `candles` in one memory. Throws InvalidInput (`too_many_bars`). */
export function createMarket(candles: CandleColumns, spans: readonly Span[], limits?: ShelfLimits): Market {
  const layout = planLayout(spans, limits);
  const memory = new WebAssembly.Memory({ initial: layout.pages, maximum: layout.pages, shared: true });
  const column = (address: number) => new Float64Array(memory.buffer, address, layout.bars);
  new Float64Array(memory.buffer, layout.ones, 2).fill(1);
  const squares = column(layout.squares);
  const closes = column(layout.close);
  for (const { start, from, to } of layout.spans) {
    for (const name of ['open', 'high', 'low', 'close', 'volume'] as const) {
      column(layout[name]).set(candles[name].subarray(from, to), start);
    }
    for (let i = start + 1; i < start + to - from; i++) {
      const change = closes[i]! - closes[i - 1]!;
      squares[i] = squares[i - 1]! + change * change;
    }
  }
  new Uint32Array(memory.buffer, layout.pyramidTable, 4).set(layout.pyramids);
  return { memory, layout, ...findTicks(candles) };
}
