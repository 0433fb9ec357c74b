// A judgement on the terminal: of what one machine mined, and of a job of the mesh.
import { nameVerdict } from '../../engine/statistics/verdict-words.ts';
import type { Judgement } from '../../ui/api-verdict.ts';
import { decimal, percent } from '../cli/text.ts';
import type { VerbContext } from '../cli/verb.ts';

export function printJudgement(context: VerbContext, { strategies, groups, verdict, summary }: Judgement): void {
  for (const strategy of strategies) {
    const { hash, group, unseenSharpe, deflatedSharpe, minTrackYears, unseenTrades, probabilisticSharpe } = strategy;
    context.print(`judged    ${hash.slice(0, 16)}  ${nameVerdict(strategy.verdict)}, group ${group + 1} of ${groups}`);
    context.print(
      `          unseen: Sharpe ${decimal(unseenSharpe)} a year, ${unseenTrades} trades, PSR ${decimal(probabilisticSharpe, 4)}, enough after ${decimal(minTrackYears)} years; DSR in sample ${decimal(deflatedSharpe, 4)}`,
    );
    for (const { symbol, return: gained, sharpe, trades } of strategy.others) {
      context.print(`          on ${symbol}: ${percent(gained)}, Sharpe ${decimal(sharpe)} a year, ${trades} trades`);
    }
    const { en: reasons } = strategy.reasons;
    if (reasons.length > 0) context.print(`          ${reasons.join('; ')}`);
  }
  context.print(`verdict   ${nameVerdict(verdict)}`);
  for (const sentence of summary.en) context.print(`          ${sentence}`);
}
