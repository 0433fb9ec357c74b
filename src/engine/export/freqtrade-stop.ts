// The stop of a strategy for freqtrade: a share of the fill is its `stoploss`; one by ATR or from the signal is set when the
// entry has filled, which `custom_stoploss` is asked for then.
import type { Distance, Strategy } from '../strategy.ts';

/** Where the stop is not a share of the fill. */
export function signalStop({ stopLoss }: Strategy): Distance | undefined {
  const ofFill = stopLoss === undefined || ('percent' in stopLoss && stopLoss.of !== 'signal');
  return ofFill ? undefined : stopLoss;
}

/** The columns that it is read from, as lines of `populate_indicators`. */
export function stopColumns(strategy: Strategy): string[] {
  const stop = signalStop(strategy);
  if (stop === undefined || !('atr' in stop)) return [];
  return [
    `        reach = atr(bars, ${stop.period})`,
    '        dataframe["stop_reach"] = reach',
    '        entry = [value and known == known for value, known in zip(entry, reach)]',
  ];
}

/** `custom_stoploss`; `keywords`: Python's name for whatever else it is called with. */
export function stopLines(strategy: Strategy, keywords: string): string[] {
  const stop = signalStop(strategy);
  if (stop === undefined) return [];
  const base = 'of' in stop && stop.of === 'signal' ? 'signal["close"]' : 'trade.open_rate';
  const reach = 'percent' in stop ? `base * ${stop.percent} / 100` : `${stop.atr} * signal["stop_reach"]`;
  return [
    '    use_custom_stoploss = True',
    '',
    `    def custom_stoploss(self, pair, trade, current_time, current_rate, current_profit, after_fill, ${keywords}):`,
    '        if not after_fill:',
    '            return None',
    '        signal = self.dp.get_analyzed_dataframe(pair, self.timeframe)[0].iloc[-1]',
    `        base = ${base}`,
    `        level = base ${strategy.side === 'long' ? '-' : '+'} ${reach}`,
    '        # Of the price. Beyond it: so little that it is the price itself, since nothing is no stop at all there.',
    `        return max(${strategy.side === 'long' ? '1 - level / current_rate' : 'level / current_rate - 1'}, 1e-17)`,
    '',
  ];
}
