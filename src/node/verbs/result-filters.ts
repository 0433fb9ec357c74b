// What `results` is asked for: the filters of the page by the same names, and the way from tries to keepers.
import { fitTimeframe, parseTimeframe } from '../../engine/timeframes.ts';
import type { ResultView } from '../../ui/api.ts';
import type { BoardFilter, BoardView, FunnelStep, LandscapeView } from '../../ui/api-results.ts';
import type { Client } from '../cli/client.ts';
import { orUnknown } from '../cli/text.ts';
import { UsageError, type VerbContext, type VerbOption } from '../cli/verb.ts';
import { findNumber, findText, refusing } from './flags.ts';

export const RESULT_OPTIONS: Record<string, VerbOption> = {
  job: { type: 'string', value: 'JOB', help: 'of one job only' },
  find: { type: 'string', value: 'TEXT', help: 'in code name, hash or rules' },
  market: { type: 'string', value: 'SYMBOL', help: 'of one market only' },
  bars: { type: 'string', value: 'LENGTH', help: 'of one length of bars only: 5m, 1h …' },
  risk: { type: 'string', value: 'RISK', help: 'low, medium or high' },
  'min-trades': { type: 'string', value: 'N', help: 'trades out of sample' },
  'max-drawdown': { type: 'string', value: 'RATIO', help: 'out of sample, 0.1 = 10 %' },
  'in-sample': { type: 'string', value: 'RANGE', help: 'return after fees: 0.01..0.05, ..0.05, or =-0.02..' },
  'out-of-sample': { type: 'string', value: 'RANGE', help: 'the same on data that the search never saw' },
  validated: { type: 'boolean', help: 'only those that a quorum agrees on' },
  funnel: { type: 'boolean', help: 'how many were tried, kept and judged, instead of the list; of all strategies' },
};

type Asked = Partial<Record<keyof BoardFilter, string | number | boolean | undefined>>;

/** `job`: its whole id. */
function askedFor(context: VerbContext, job: string | undefined, barMs: number | undefined): [string, string][] {
  const asked: Asked = {
    ...{ job, barMs, find: findText(context, 'find'), market: findText(context, 'market') },
    ...{ risk: findText(context, 'risk'), minTrades: findNumber(context, 'min-trades') },
    ...{ maxDrawdown: findNumber(context, 'max-drawdown'), inSample: findText(context, 'in-sample') },
    ...{ outOfSample: findText(context, 'out-of-sample'), validated: context.values.validated === true || undefined },
  };
  return Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
}

const PAGE_LENGTH = 500;

/** Best out of sample first. Throws UsageError. */
export async function findResults(
  context: VerbContext,
  client: Client,
  job: string | undefined,
): Promise<ResultView[]> {
  const bars = findText(context, 'bars');
  const barMs =
    bars === undefined ? undefined : await refusing(() => fitTimeframe(parseTimeframe(bars, 'bars'), 1, 'bars'));
  const filters = askedFor(context, job, barMs);
  const found: ResultView[] = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const query = new URLSearchParams([...filters, ['limit', String(PAGE_LENGTH)], ['page', String(page)]]);
    const board = await client.get<BoardView>(`leaderboard?${query}`);
    found.push(...board.items);
    pages = board.pages;
  }
  return found;
}

function stepLine(name: string, step: FunnelStep | null): string {
  if (step === null) return `${name}${orUnknown(null)}`;
  const { hold, open } = step;
  return `${name}${orUnknown(hold === 0 && open > 0 ? null : hold)}${open === 0 ? '' : `; ${open} not known yet`}`;
}

/** Throws UsageError where a filter is given as well. */
export async function printFunnel(context: VerbContext, client: Client): Promise<void> {
  const other = Object.keys(RESULT_OPTIONS).find((flag) => flag !== 'funnel' && context.values[flag] !== undefined);
  if (other !== undefined)
    throw new UsageError('bad_value', `--funnel is of all strategies, without --${other}`, other);
  const { funnel } = await client.get<LandscapeView>('landscape');
  if (context.json) {
    context.document(funnel);
    return;
  }
  const { validated, judged } = funnel;
  context.print(`tried          ${orUnknown(funnel.tried)} strategies, by validated units`);
  context.print(`kept           ${funnel.kept}, run again on this machine`);
  context.print(`out of sample  ${funnel.outOfSample} made money there`);
  context.print(`holdout        ${funnel.holdout} there too`);
  context.print(`validated      ${validated}, by enough machines`);
  context.print(`judged         ${judged} of ${validated}; of those`);
  context.print(stepLine('costs          ', funnel.costs));
  context.print(stepLine('luck           ', funnel.luck));
  context.print(stepLine('neighbours     ', funnel.neighbours));
  context.note(
    'costs: gain at twice the costs too. luck: and more than chance. neighbours: and so do enough of those.',
  );
}
