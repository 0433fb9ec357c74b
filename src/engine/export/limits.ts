// What a foreign format cannot say of a strategy. Whoever exports is told, and what cannot be said at all is refused.
import { InvalidInput } from '../errors.ts';
import type { Distance, Strategy } from '../strategy.ts';
import type { ExportSubject } from './subject.ts';

const isPercentOfFill = (distance: Distance | undefined): boolean =>
  distance === undefined || ('percent' in distance && distance.of !== 'signal');

/**
 * Parts of the rules that freqtrade's stop loss and return table cannot hold. A stop that closes raise is none of it: where a bar
 * goes through the stop before, its backtest does not raise it, and it looks at the target before a stop that was raised.
 */
function freqtradeGaps(strategy: Strategy): string[] {
  const gaps: string[] = [];
  if (!isPercentOfFill(strategy.takeProfit)) gaps.push('takeProfit (only a percentage of the fill)');
  if (strategy.trailing !== undefined) gaps.push('trailing');
  if (strategy.breakEven !== undefined) gaps.push('breakEven');
  if (strategy.maxPositions > 1) gaps.push('maxPositions (one position a market)');
  return gaps;
}

/** Throws InvalidInput `not_expressible`, naming the parts, where freqtrade would trade another strategy. */
export function checkFreqtrade(strategy: Strategy): void {
  const gaps = freqtradeGaps(strategy);
  if (gaps.length === 0) return;
  const message = `freqtrade cannot say: ${gaps.join(', ')}; export it for backtesting instead`;
  throw new InvalidInput('not_expressible', message, gaps[0]!.split(' ')[0]);
}

/** What differs there from the figures of this program, whatever the format. */
export function commonLimits({ account }: ExportSubject): string[] {
  const { makerFee, impact, perpetual } = account.costs;
  const lines: string[] = [];
  if (makerFee !== undefined) lines.push(`Targets pay the common fee there, not ${makerFee}.`);
  if (impact !== undefined) lines.push('Orders do not move the price there, however large.');
  if (perpetual !== undefined) lines.push('There is no funding and no liquidation there.');
  return lines;
}
