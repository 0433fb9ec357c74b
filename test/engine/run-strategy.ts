// Runs a strategy over a few hand-made bars whose volume says what is signalled at their close.
import { RunRecord } from '../../src/engine/book.ts';
import { allocateColumns, type CandleColumns } from '../../src/engine/candles.ts';
import { ColumnStore } from '../../src/engine/column-store.ts';
import { metricsOf } from '../../src/engine/metrics.ts';
import { parseStrategy } from '../../src/engine/parse-strategy.ts';
import { type Account, simulate, type Window } from '../../src/engine/simulate.ts';
import type { Bar } from './slow-simulator.ts';

export const BAR_MS = 1_200_000;

function candlesOf(bars: readonly Bar[], times?: readonly number[]): CandleColumns {
  const columns = allocateColumns(bars.length, BAR_MS);
  bars.forEach(([open, high, low, close, signal], i) => {
    columns.time[i] = times?.[i] ?? i * BAR_MS;
    columns.open[i] = open;
    columns.high[i] = high;
    columns.low[i] = low;
    columns.close[i] = close;
    columns.volume[i] = signal ?? 0;
  });
  return columns;
}

const volume = { field: 'volume' };
export const SIGNALS = {
  v: 1,
  side: 'long',
  entry: [
    [
      { left: volume, op: '>', right: { value: 0.5 } },
      { left: volume, op: '<', right: { value: 1.5 } },
    ],
    [{ left: volume, op: '>', right: { value: 2.5 } }],
  ],
  exit: [{ left: volume, op: '>', right: { value: 1.5 } }],
  size: { units: 1 },
};
export const FREE: Account = { equity: 1000, costs: { fee: 0, slippage: 0, spread: 0 } };

export function run(
  bars: readonly Bar[],
  changes: object,
  account: Account = FREE,
  window?: Window,
  times?: readonly number[],
) {
  const candles = candlesOf(bars, times);
  const record = new RunRecord(bars.length);
  const span = window ?? { from: 0, to: bars.length };
  simulate(new ColumnStore(candles), parseStrategy({ ...SIGNALS, ...changes }), span, account, record);
  const trades = record.trades.list();
  return {
    trades,
    record,
    metrics: metricsOf(record, candles, span),
    equity: [...record.equity.subarray(0, record.bars)],
    /** entryBar, exitBar, exitPrice, reason */
    short: trades.map(({ entryBar, exitBar, exitPrice, reason }) => [entryBar, exitBar, exitPrice, reason]),
  };
}
export const flat = (price = 100, signal = 0): Bar => [price, price, price, price, signal];
