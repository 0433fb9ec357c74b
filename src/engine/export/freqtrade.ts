// A strategy for freqtrade (interface version 3, https://www.freqtrade.io). Its backtest fills at the next open and tests the
// stop before the target as this engine does; what its stop loss and return table cannot hold is refused.

import type { Strategy } from '../strategy.ts';
import { signalStop, stopColumns, stopLines } from './freqtrade-stop.ts';
import { checkFreqtrade } from './limits.ts';
import { pythonHead } from './python-file.ts';
import { pythonSignals } from './python-signals.ts';
import type { ExportSubject } from './subject.ts';

const LIMITS = [
  'Where a position closes at an open, another opens only with --enable-position-stacking, max_open_trades 2 and money for both.',
  'It counts no slippage and no spread: give --fee with them in it to compare money. Levels are of a fill without them.',
  'Its return table is net of fees: the target is met at the price of the rules when it runs with --fee FEE.',
  'Where a bar opens beyond a level and comes back to it, the level counts there, not the open; prices are in whole ticks.',
  'Missing bars are filled in there with the close before them, and count; equity is its tradable balance.',
  'It asks for `startup_candle_count` bars before the first signal.',
];

/** Five downloads of 500 bars: freqtrade refuses a strategy that asks for more. */
const MOST_STARTUP_BARS = 2499;

const SHORT_LIMIT = 'It sells short in futures only (trading_mode), and counts their funding.';

const STOP_LIMIT =
  'Its stop is set after the fill: it needs a freqtrade that asks custom_stoploss then, as 2024.6 does.';

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

/** As the rules have it: a share of equity is cut to what pays for itself and its fee, an amount is bought whole or not at all. */
function stakeLines({ strategy }: ExportSubject): string[] {
  const { size } = strategy;
  const stake =
    'percentOfEquity' in size
      ? [
          '        # What is held here is left at this very open (confirm_trade_entry): its profit counts.',
          '        held = Trade.get_trades_proxy(pair=pair, is_open=True)',
          '        equity = self.wallets.get_total_stake_amount()',
          '        equity += sum(trade.calculate_profit(current_rate).profit_abs for trade in held)',
          `        stake = equity * ${size.percentOfEquity} / 100`,
          '        if stake * (1 + FEE) <= max_stake:',
          '            return stake',
          '        return max_stake / (1 + FEE) if max_stake >= stake / 2 else 0',
        ]
      : [
          `        stake = ${'quote' in size ? size.quote : `${size.units} * current_rate`}`,
          '        return stake if stake * (1 + FEE) <= max_stake else 0',
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
  const reasons: string[] = [];
  if (strategy.exit.length > 0) {
    reasons.push(
      '        last = self.dp.get_analyzed_dataframe(pair, self.timeframe)[0].iloc[-1]',
      `        # Read at a close after the fill; a bar is ${candles.meta.barMs / 1000} seconds long.`,
      `        if last["rule_exit"] and (trade.open_date_utc - last["date"]).total_seconds() < ${candles.meta.barMs / 1000}:`,
      '            return "signal"',
    );
  }
  if (strategy.maxBars !== undefined) {
    const seconds = ((strategy.maxBars + 1) * candles.meta.barMs) / 1000;
    reasons.push(
      `        # Ordered at the close of bar ${strategy.maxBars} after the fill bar, filled at the next open.`,
      `        if (current_time - trade.open_date_utc).total_seconds() >= ${seconds}:`,
      '            return "time"',
    );
  }
  const hasTarget = strategy.takeProfit !== undefined;
  return [
    '    def leaves(self, pair, trade, current_time):',
    '        """Why it closes at this open, or None."""',
    ...reasons,
    '        return None',
    '',
    ...(hasTarget
      ? [`    def bot_loop_start(self, current_time, ${KEYWORDS}):`, '        self.minimal_roi = {0: REACHED}', '']
      : []),
    `    def custom_exit(self, pair, trade, current_time, current_rate, current_profit, ${KEYWORDS}):`,
    '        reason = self.leaves(pair, trade, current_time)',
    ...(hasTarget
      ? [
          '        if reason is None:  # asked between the look at the bar and the price of a target',
          '            self.minimal_roi = {0: PAID}',
        ]
      : []),
    '        return reason',
    '',
    `    def confirm_trade_entry(self, pair, order_type, amount, rate, time_in_force, current_time, ${KEYWORDS}):`,
    '        # With position stacking too, one at a time: the one before closes at this very open.',
    '        held = Trade.get_trades_proxy(pair=pair, is_open=True)',
    '        return all(self.leaves(pair, trade, current_time) for trade in held)',
    '',
  ];
}

/**
 * The net gain at the target in both ways in which freqtrade counts it: as a share of what was paid with the fee (eight
 * digits) where it looks whether a bar reaches it, as a share of the fill where it takes the price from it.
 */
function targetLines({ strategy: { side, takeProfit } }: ExportSubject): string[] {
  if (takeProfit === undefined || !('percent' in takeProfit)) return [];
  const [target, got, paid] =
    side === 'long'
      ? [`(1 + ${takeProfit.percent} / 100)`, '(1 - FEE)', '(1 + FEE)']
      : [`(1 - ${takeProfit.percent} / 100)`, '(1 + FEE)', '(1 - FEE)'];
  const sign = side === 'long' ? '' : '-';
  return [
    `REACHED = ${sign}(${target} * ${got} / ${paid} - 1) - 1e-8  # of the target, net of fees, of what was paid`,
    `PAID = ${sign}(${target} * ${got} - ${paid})  # of the fill`,
  ];
}

function limitsOf(strategy: Strategy, startup: number): string[] {
  const limits = [...LIMITS];
  if (strategy.side === 'short') limits.push(SHORT_LIMIT);
  if (signalStop(strategy) !== undefined) limits.push(STOP_LIMIT);
  if (startup > MOST_STARTUP_BARS) {
    limits.push(`Live it has too few bars for these rules, which want ${startup}; a backtest has all bars before.`);
  }
  return limits;
}

/** A Python file for `user_data/strategies`. Throws InvalidInput `not_expressible`. */
export function exportFreqtrade(subject: ExportSubject): string {
  const { strategy, account, candles } = subject;
  checkFreqtrade(strategy);
  const { stopLoss, takeProfit, side } = strategy;
  const later = signalStop(strategy);
  const stop = stopLoss !== undefined && later === undefined && 'percent' in stopLoss ? stopLoss.percent : undefined;
  const noStop = `-0.99  # ${later === undefined ? 'the rules have none' : 'until the entry has filled: custom_stoploss'}`;
  const startup = startupBars(subject);
  const body = [
    'class Exported(IStrategy):',
    '    INTERFACE_VERSION = 3',
    `    timeframe = "${timeframeName(candles.meta.barMs)}"`,
    `    can_short = ${side === 'short' ? 'True' : 'False'}`,
    `    startup_candle_count = ${Math.min(startup, MOST_STARTUP_BARS)}`,
    `    stoploss = ${stop === undefined ? noStop : `-${stop} / 100`}`,
    `    minimal_roi = ${takeProfit === undefined ? '{}' : '{"0": REACHED}'}`,
    '    process_only_new_candles = True',
    '    use_exit_signal = True',
    '    exit_profit_only = False',
    '    ignore_roi_if_entry_signal = False',
    '',
    '    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:',
    '        times = [int(time.timestamp() * 1000) for time in dataframe["date"]]',
    '        columns = (dataframe[name] for name in ("open", "high", "low", "close", "volume"))',
    '        bars = Bars(times, *columns)',
    '        entry, exit_ = signals(bars)',
    ...stopColumns(strategy),
    '        dataframe["rule_entry"], dataframe["rule_exit"] = entry, exit_',
    '        return dataframe',
    '',
    '    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:',
    `        dataframe.loc[dataframe["rule_entry"], "enter_${side}"] = 1`,
    '        return dataframe',
    '',
    '    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:',
    '        return dataframe  # see custom_exit',
    '',
    ...stopLines(strategy, KEYWORDS),
    ...exitLines(subject),
    ...stakeLines(subject),
  ];
  return `${[
    pythonHead(subject, limitsOf(strategy, startup)),
    'import math\n\nfrom freqtrade.persistence import Trade\nfrom freqtrade.strategy import IStrategy\nfrom pandas import DataFrame',
    [`FEE = ${account.costs.fee}`, ...targetLines(subject)].join('\n'),
    pythonSignals(strategy, candles.meta.barMs, later !== undefined && 'atr' in later ? ['atr'] : []),
    body.join('\n').trimEnd(),
  ].join('\n\n\n')}\n`;
}
