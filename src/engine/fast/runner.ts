// One thread's hands on the shared memory: fills columns, bitsets and pyramids, and runs strategies.

import { IMPACT_UNIT } from '../book.ts';
import { type CandleColumns, viewColumns } from '../candles.ts';
import { ColumnStore } from '../column-store.ts';
import type { Costs } from '../search-spec.ts';
import { REASONS, type Trade } from '../trade-log.ts';
import { type Kernel, startKernel } from './kernel.ts';
import { ENTRIES_BYTES, STATE_BYTES, STRATEGY_BYTES, TILE_BARS, TRADE_BYTES } from './layout.ts';
import type { Market } from './market.ts';
import type { ColumnTask, RuleTask, Source } from './plan.ts';

/** Bytes of the two float64 that one comparison reads. */
const PAIR_BYTES = 16;
/** Indicator outputs that are computed together, kept until their siblings are asked for. */
const STORE_BYTES = 16 * 1024 * 1024;

/** A trade as the fast engine saw it; bars of its span. */
export interface TracedTrade extends Omit<Trade, 'fees' | 'funding'> {
  /** Realised money after the trade. */
  cash: number;
}

export class Runner {
  readonly #market: Market;
  readonly #kernel: Kernel;
  readonly #stores: ColumnStore[];
  readonly #tileBars: number;

  /** `candles` are those that the market was made of. `tileBars`, at most TILE_BARS, changes speed only. */
  constructor(market: Market, candles: CandleColumns, costs: Costs, tileBars = TILE_BARS) {
    const { layout, memory } = market;
    const kernel = startKernel(memory);
    kernel.setMarket(layout.open, layout.high, layout.low, layout.close, layout.squares, market.ticks);
    kernel.setPyramids(layout.levelTable, layout.bars);
    kernel.setPyramidTable(layout.pyramidTable);
    const { fee, makerFee = fee, slippage, spread, impact = 0 } = costs;
    kernel.setCosts(fee, makerFee, slippage + spread / 2, impact / IMPACT_UNIT);
    this.#market = market;
    this.#tileBars = tileBars;
    this.#kernel = kernel;
    this.#stores = layout.spans.map(({ from, to }) => {
      return new ColumnStore(viewColumns(candles, from, to), STORE_BYTES / layout.spans.length);
    });
  }

  buildPyramid(index: number): void {
    const { layout } = this.#market;
    this.#kernel.buildPyramid(layout.pyramids[index]!, index >> 1, 1 - (index & 1), layout.bars);
  }

  /** Throws InvalidInput (`bad_timeframe`). */
  fillColumn({ address, operand }: ColumnTask): void {
    const { memory, layout } = this.#market;
    layout.spans.forEach(({ start, from, to }, s) => {
      this.#stores[s]!.write(operand, new Float64Array(memory.buffer, address + start * 8, to - from));
    });
  }

  fillRule({ address, crossing, high, low }: RuleTask): void {
    const { ones, spans } = this.#market.layout;
    const at = ({ column, lag }: Source, start: number) => (column === 0 ? ones : column + (start - lag) * 8);
    const stepOf = ({ column }: Source) => (column === 0 ? 0 : PAIR_BYTES);
    const first = Math.max(high.lag, low.lag);
    for (const { start, from, to } of spans) {
      this.#kernel.markAbove(
        crossing ? 1 : 0,
        at(high, start),
        stepOf(high),
        high.times,
        at(low, start),
        stepOf(low),
        low.times,
        first,
        to - from,
        address + start / 8,
      );
    }
  }

  /** Runs strategies [from, from + count) of the batch over all spans, each starting with `equity`. */
  run(from: number, count: number, equity: number): void {
    const { strategies, states, results, resultBytes, entries, spans } = this.#market.layout;
    const records = strategies + from * STRATEGY_BYTES;
    const state = states + from * STATE_BYTES;
    const result = results + from * resultBytes;
    const kernel = this.#kernel;
    kernel.startRuns(records, state, STATE_BYTES, STRATEGY_BYTES, count, equity);
    spans.forEach((span, part) => {
      const first = span.start + span.first - span.from;
      const to = span.start + span.to - span.from;
      kernel.runStretch(
        part,
        span.start,
        first,
        to,
        this.#tileBars,
        records,
        STRATEGY_BYTES,
        state,
        STATE_BYTES,
        result,
        resultBytes,
        count,
        entries + from * ENTRIES_BYTES,
      );
    });
  }

  /** Runs strategy `index` of the batch and writes down its trades over all spans, in the order in which they ended. */
  trace(index: number, equity: number): TracedTrade[] {
    const { trace, results, resultBytes, spans } = this.#market.layout;
    const { buffer } = this.#market.memory;
    this.#kernel.setTrace(trace);
    this.run(index, 1, equity);
    this.#kernel.setTrace(0);
    const view = new DataView(buffer, results + index * resultBytes, resultBytes);
    let count = 0;
    for (let part = 0; part < spans.length; part++) count += view.getFloat64(16 + 24 * part + 16, true);
    return Array.from({ length: count }, (_, row) => readTrade(new DataView(buffer, trace + row * TRADE_BYTES)));
  }
}

function readTrade(view: DataView): TracedTrade {
  return {
    entryBar: view.getInt32(0, true),
    exitBar: view.getInt32(4, true),
    units: view.getFloat64(8, true),
    entryPrice: view.getFloat64(16, true),
    exitPrice: view.getFloat64(24, true),
    pnl: view.getFloat64(32, true),
    cash: view.getFloat64(40, true),
    reason: REASONS[view.getInt32(48, true)]!,
  };
}
