// Runs a strategy over several stretches as if they were one: the equity at the end of one is the start of the next.
// Each stretch ends flat: what is still open is closed at its last close, with costs, and counts as a trade.
import type { ColumnStore } from './column-store.ts';
import {
  DrawdownMeter,
  mergeMoments,
  momentsOf,
  NO_RETURNS,
  type ReturnMoments,
  sharpeOf,
  TradeTally,
} from './metrics.ts';
import type { SegmentMetrics } from './outcome.ts';
import type { SearchSpec } from './search-spec.ts';
import { type RunRecord, simulate, type Window } from './simulate.ts';
import type { Strategy } from './strategy.ts';

/** A window and the candles (with warm indicators) that it lies in. */
export interface Stretch {
  store: ColumnStore;
  window: Window;
}

/** Called after each stretch while `record` holds its run. */
export type StretchVisitor = (part: number, record: RunRecord, moments: ReturnMoments) => void;

/** The figures of all stretches together. `record` needs room for the longest one. */
export function runSegment(
  stretches: readonly Stretch[],
  strategy: Strategy,
  spec: SearchSpec,
  record: RunRecord,
  visit?: StretchVisitor,
): SegmentMetrics {
  const tally = new TradeTally();
  const drawdown = new DrawdownMeter(spec.equity);
  let moments = NO_RETURNS;
  let equity = spec.equity;
  let barMs = 1;
  stretches.forEach(({ store, window }, part) => {
    simulate(store, strategy, window, { equity, costs: spec.costs, closeAtEnd: true }, record);
    const partMoments = momentsOf(record.equity, record.bars);
    moments = mergeMoments(moments, partMoments);
    tally.add(record);
    drawdown.add(record.equity, record.bars);
    equity = record.finalEquity;
    barMs = store.candles.barMs;
    visit?.(part, record, partMoments);
  });
  return {
    netProfit: equity - spec.equity,
    return: (equity - spec.equity) / spec.equity,
    sharpe: sharpeOf(moments, barMs),
    maxDrawdown: drawdown.depth,
    trades: tally.closed,
    winRate: tally.winRate,
    profitFactor: tally.profitFactor,
  };
}
