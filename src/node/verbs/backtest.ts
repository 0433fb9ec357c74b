import { RunRecord } from '../../engine/book.ts';
import type { Candles } from '../../engine/candles.ts';
import { ColumnStore } from '../../engine/column-store.ts';
import { describeStrategy } from '../../engine/describe-strategy.ts';
import { type Metrics, metricsOf } from '../../engine/metrics.ts';
import { parseStrategy } from '../../engine/parse-strategy.ts';
import { DEFAULT_EQUITY } from '../../engine/search-spec.ts';
import { type Account, simulate, type Window } from '../../engine/simulate.ts';
import type { Strategy } from '../../engine/strategy.ts';
import { strategyHash } from '../../engine/strategy-hash.ts';
import { fitStrategy } from '../../engine/timeframes.ts';
import type { Trade } from '../../engine/trade-log.ts';
import { decimal, percent, share } from '../cli/text.ts';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import { costsOf } from '../job-input.ts';
import {
  COST_OPTIONS,
  DATA_OPTION,
  findNumber,
  findWhole,
  getText,
  givenCosts,
  loadCandles,
  readJson,
  refusing,
} from './flags.ts';

/** Equity and costs that flags say. */
export function accountOf(context: VerbContext): Account {
  const equity = findNumber(context, 'equity') ?? DEFAULT_EQUITY;
  if (!(equity > 0 && equity <= 1e12)) {
    throw new UsageError('out_of_range', `--equity must be above 0 and at most 1e12, not ${equity}`, 'equity');
  }
  return { equity, costs: costsOf(givenCosts(context)) };
}

/** Bars [from, to) of the data set; all of it by default. */
function windowOf(context: VerbContext, candles: Candles): Window {
  const from = findWhole(context, 'from', 0, candles.length - 1) ?? 0;
  const to = findWhole(context, 'to', 1, candles.length) ?? candles.length;
  if (from >= to) throw new UsageError('out_of_range', `--to (${to}) must lie after --from (${from})`, 'to');
  return { from, to };
}

interface Report {
  candles: Candles;
  strategy: Strategy;
  window: Window;
  account: Account;
  metrics: Metrics;
  record: RunRecord;
}

function documentOf(context: VerbContext, report: Report): object {
  const { candles, strategy, window, account, metrics, record } = report;
  const { side } = strategy;
  /** Funding only where there is any to pay. */
  const tradeOf = ({ funding, ...trade }: Trade) =>
    account.costs.perpetual === undefined ? { side, ...trade } : { side, ...trade, funding };
  return {
    strategy: strategyHash(strategy),
    sentence: describeStrategy(strategy),
    dataset: candles.hash,
    from: window.from,
    to: window.to,
    bars: window.to - window.from,
    costs: account.costs,
    ...metrics,
    ...(context.values.trades === true ? { tradeList: record.trades.list().map(tradeOf) } : {}),
    ...(context.values.curve === true ? { equityCurve: Array.from(record.equity.subarray(0, record.bars)) } : {}),
  };
}

function printText(context: VerbContext, { candles, strategy, account, metrics, record }: Report): void {
  const { quote } = candles.meta;
  context.print(describeStrategy(strategy));
  context.print(`net profit     ${decimal(metrics.netProfit)} ${quote} (${percent(metrics.return)})`);
  context.print(`buy and hold   ${percent(metrics.buyAndHoldReturn)}`);
  context.print(`trades         ${metrics.trades}, won ${share(metrics.winRate)}, open ${metrics.openPositions}`);
  context.print(`profit factor  ${decimal(metrics.profitFactor)}`);
  context.print(`max drawdown   ${percent(-metrics.maxDrawdown)} over ${metrics.maxDrawdownBars} bars`);
  context.print(`sharpe         ${decimal(metrics.sharpe)}   sortino ${decimal(metrics.sortino)}`);
  context.print(`fees paid      ${decimal(metrics.feesPaid)} ${quote}`);
  if (account.costs.perpetual !== undefined) {
    context.print(`funding paid   ${decimal(metrics.fundingPaid)} ${quote}, liquidations ${metrics.liquidations}`);
  }
  if (context.values.trades === true) {
    for (const { entryBar, exitBar, units, entryPrice, exitPrice, pnl, reason } of record.trades.list()) {
      context.print(`${entryBar} → ${exitBar}  ${units} @ ${entryPrice} → ${exitPrice}  ${decimal(pnl)}  ${reason}`);
    }
  }
  if (context.values.curve === true) {
    for (const value of record.equity.subarray(0, record.bars)) context.print(String(value));
  }
}

async function run(context: VerbContext): Promise<number> {
  const account = await refusing(() => accountOf(context));
  const input = await readJson(getText(context, 'strategy'), 'strategy');
  const parsed = await refusing(() => parseStrategy(input));
  const candles = await loadCandles(context, getText(context, 'data'));
  const strategy = await refusing(() => fitStrategy(parsed, candles.barMs));
  const window = windowOf(context, candles);
  const record = new RunRecord(window.to - window.from);
  await refusing(() => simulate(new ColumnStore(candles), strategy, window, account, record));
  const report = { candles, strategy, window, account, metrics: metricsOf(record, candles, window), record };
  if (context.json) context.document(documentOf(context, report));
  else printText(context, report);
  return 0;
}

export const backtestVerb: Verb = {
  name: 'backtest',
  summary: 'run one strategy over candles',
  options: {
    ...DATA_OPTION,
    strategy: { type: 'string', value: 'FILE', help: 'strategy file (JSON)' },
    from: {
      type: 'string',
      value: 'BAR',
      help: 'first bar, from 0 (default 0); indicators are warm from the bars before',
    },
    to: { type: 'string', value: 'BAR', help: 'first bar no longer included (default: all)' },
    trades: { type: 'boolean', help: 'also list the trades ("tradeList")' },
    curve: { type: 'boolean', help: 'also list equity at each close ("equityCurve")' },
    ...COST_OPTIONS,
  },
  run,
};
