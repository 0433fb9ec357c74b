// The figures of the unseen segment as cells of a row, the same wherever strategies are listed.
import type { VNode } from 'preact';
import type { SegmentMetrics } from '../api.ts';
import { count, decimal, drop, gain, share } from './format.ts';
import { FEW_TRADES } from './overview/best.tsx';
import { words } from './words/words.ts';

export function UnseenCells({ of: figures }: { of: SegmentMetrics }): VNode {
  const few = figures.trades < FEW_TRADES;
  return (
    <>
      <td class={`number strong ${figures.return > 0 ? 'accent' : 'red'}`}>{gain(figures.return)}</td>
      <td class="number low">{decimal(figures.sharpe)}</td>
      <td class="number low">{drop(figures.maxDrawdown)}</td>
      <td class={`number low${few ? ' amber' : ''}`} title={few ? words.value.fewTrades : undefined}>
        {count(figures.trades)}
        {few ? ' ▲' : ''}
      </td>
      <td class="number lower">{share(figures.winRate)}</td>
      <td class="number lower">{decimal(figures.profitFactor)}</td>
    </>
  );
}
