// A strategy for freqtrade (interface version 3, https://www.freqtrade.io). Its backtest fills at the next open and tests the
// stop before the target as this engine does; what its stop loss and return table cannot hold is refused.
import { checkFreqtrade } from './limits.ts';
import { pythonHead } from './python-file.ts';
import { pythonSignals } from './python-signals.ts';
import type { ExportSubject } from './subject.ts';

const LIMITS = [
  'Nothing opens there at the open at which a position closes: an entry read at the close that closes it is left out.',
  'It counts no slippage and no spread: give --fee with them in it to compare money. Levels are of a fill without them.',
  'Its return table is net of fees: the target is met at the price of the rules when it runs with --fee FEE, when it is passed.',
  'Where a bar opens beyond a level and comes back to it, the level counts there, not the open; prices are in whole ticks.',
  'Missing bars are filled in there with the close before them, and count; equity is its tradable balance.',
  'It asks for `startup_candle_count` bars before the first signal.',
];

const SHORT_LIMIT = 'It sells short in futures only (trading_mode), and counts their funding.';

/** Python's name for whatever else it is called with. */
const KEYWORDS = ['*', '*kwargs'].join('');
const DAY_MINUTES = 1440;

function timeframeName(barMs: number): string {
  const minutes = barMs / 60_000;
  if (minutes % DAY_MINUTES === 0) return `${minutes / DAY_MINUTES}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}

/** Longest look-back of the rules, in bars, at least 1. */
function startupBars({ strategy, candles }: ExportSubject): number {
  let most = 1;
  const visit = (value: unknown, frames: number): void => {
    if (typeof value !== 'object' || value === null) return;
    const operand = value as { timeframe?: string };
    const minutes = { s: 1 / 60, m: 1, h: 60, d: DAY_MINUTES }[operand.timeframe?.at(-1) ?? 'm']!;
    const frame =
      operand.timeframe === undefined
        ? frames
        : (Number.parseInt(operand.timeframe, 10) * minutes * 60_000) / candles.meta.barMs;
    for (const [key, each] of Object.entries(value)) {
      if (typeof each === 'number' && ['period', 'slow', 'barsAgo'].includes(key))
        most = Math.max(most, Math.ceil(each * 4 * frame));
      else visit(each, frame);
    }
  };
  visit(strategy, 1);
  return most;
}

function stakeLines({ strategy }: ExportSubject): string[] {
  const { size } = strategy;
  const stake =
    'percentOfEquity' in size
      ? [`        return min(self.wallets.get_total_stake_amount() * ${size.percentOfEquity} / 100, max_stake)`]
      : [
          `        stake = ${'quote' in size ? size.quote : `${size.units} * current_rate`}`,
          '        return stake if stake <= max_stake else 0',
        ];
  return [
    `    def custom_stake_amount(self, pair, current_time, current_rate, proposed_stake, min_stake, max_stake, ${KEYWORDS}):`,
    ...stake,
    '',
  ];
}

/**
 * Exits of conditions and of time. Not by a column: where entry and exit are read at one close, freqtrade takes neither from
 * its columns, while the rules close what is held and open what is not.
 */
function exitLines({ strategy, candles }: ExportSubject): string[] {
  const lines = [`    def custom_exit(self, pair, trade, current_time, current_rate, current_profit, ${KEYWORDS}):`];
  if (strategy.exit.length > 0) {
    lines.push(
      '        last = self.dp.get_analyzed_dataframe(pair, self.timeframe)[0].iloc[-1]',
      `        # Read at a close after the fill; a bar is ${candles.meta.barMs / 1000} seconds long.`,
      `        if last["rule_exit"] and (trade.open_date_utc - last["date"]).total_seconds() < ${candles.meta.barMs / 1000}:`,
      '            return "signal"',
    );
  }
  if (strategy.maxBars !== undefined) {
    const seconds = ((strategy.maxBars + 1) * candles.meta.barMs) / 1000;
    lines.push(
      `        # Ordered at the close of bar ${strategy.maxBars} after the fill bar, filled at the next open.`,
      `        if (current_time - trade.open_date_utc).total_seconds() >= ${seconds}:`,
      '            return "time"',
    );
  }
  return lines.length === 1 ? [] : [...lines, '        return None', ''];
}

/** A Python file for `user_data/strategies`. Throws InvalidInput `not_expressible`. */
export function exportFreqtrade(subject: ExportSubject): string {
  const { strategy, account, candles } = subject;
  checkFreqtrade(strategy);
  const { stopLoss, takeProfit, side } = strategy;
  const stop = stopLoss !== undefined && 'percent' in stopLoss ? `-${stopLoss.percent} / 100` : '-0.99';
  const towards = side === 'long' ? 1 : -1;
  const percent = takeProfit !== undefined && 'percent' in takeProfit ? takeProfit.percent : undefined;
  const target =
    percent === undefined
      ? '{}'
      : `{"0": ${towards} * ((1 + ${towards * percent} / 100) * (1 - ${towards} * FEE) - (1 + ${towards} * FEE))}`;
  const body = [
    'class Exported(IStrategy):',
    '    INTERFACE_VERSION = 3',
    `    timeframe = "${timeframeName(candles.meta.barMs)}"`,
    `    can_short = ${side === 'short' ? 'True' : 'False'}`,
    `    startup_candle_count = ${startupBars(subject)}`,
    `    stoploss = ${stop}${stopLoss === undefined ? '  # the rules have none' : ''}`,
    `    minimal_roi = ${target}`,
    '    process_only_new_candles = True',
    `    use_exit_signal = ${strategy.exit.length > 0 || strategy.maxBars !== undefined ? 'True' : 'False'}`,
    '    exit_profit_only = False',
    '    ignore_roi_if_entry_signal = False',
    '',
    '    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:',
    '        times = [int(time.timestamp() * 1000) for time in dataframe["date"]]',
    '        columns = (dataframe[name] for name in ("open", "high", "low", "close", "volume"))',
    '        dataframe["rule_entry"], dataframe["rule_exit"] = signals(Bars(times, *columns))',
    '        return dataframe',
    '',
    '    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:',
    `        dataframe.loc[dataframe["rule_entry"], "enter_${side}"] = 1`,
    '        return dataframe',
    '',
    '    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:',
    '        return dataframe  # see custom_exit',
    '',
    ...exitLines(subject),
    ...stakeLines(subject),
  ];
  return `${[
    pythonHead(subject, side === 'long' ? LIMITS : [...LIMITS, SHORT_LIMIT]),
    'import math\n\nfrom freqtrade.strategy import IStrategy\nfrom pandas import DataFrame',
    `FEE = ${account.costs.fee}`,
    pythonSignals(strategy, candles.meta.barMs, []),
    body.join('\n').trimEnd(),
  ].join('\n\n\n')}\n`;
}
