// Runs a strategy over several stretches as if they were one: the equity at the end of one is the start of the next.
// Each stretch ends flat: what is still open is closed at its last close, with costs, and counts as a trade.
import type { RunRecord } from './book.ts';
import type { ColumnStore } from './column-store.ts';
import { DrawdownMeter, mergeMoments, momentsOf, NO_RETURNS, sharpeOf, TradeTally } from './metrics.ts';
import type { SegmentMetrics } from './outcome.ts';
import type { SearchSpec } from './search-spec.ts';
import { simulate, type Window } from './simulate.ts';
import type { Strategy } from './strategy.ts';

/** A window and the candles (with warm indicators) that it lies in. */
export interface Stretch {
  store: ColumnStore;
  window: Window;
}

/** The figures of all stretches together. `record` needs room for the longest one; `visit` sees it after each of them. */
export function runSegment(
  stretches: readonly Stretch[],
  strategy: Strategy,
  spec: SearchSpec,
  record: RunRecord,
  visit?: (record: RunRecord) => void,
): SegmentMetrics {
  const tally = new TradeTally();
  const drawdown = new DrawdownMeter(spec.equity);
  let moments = NO_RETURNS;
  let equity = spec.equity;
  let barMs = 1;
  stretches.forEach(({ store, window }) => {
    simulate(store, strategy, window, { equity, costs: spec.costs, closeAtEnd: true }, record);
    moments = mergeMoments(moments, momentsOf(record.equity, record.bars));
    tally.add(record);
    drawdown.add(record.equity, record.bars);
    equity = record.finalEquity;
    barMs = store.candles.barMs;
    visit?.(record);
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
