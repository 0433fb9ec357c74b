import type { Candles } from '../../engine/candles.ts';
import { ColumnStore } from '../../engine/column-store.ts';
import {
  getIndicator,
  INDICATOR_NAMES,
  type Indicator,
  type IndicatorParameters,
  PARAMETER_NAMES,
  parseParameters,
} from '../../engine/indicators/table.ts';
import { fitTimeframe, parseTimeframe } from '../../engine/timeframes.ts';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import { DATA_OPTION, findNumber, findText, getText, loadCandles, refusing } from './flags.ts';

function givenParameters(context: VerbContext): Record<string, number> {
  const given: Record<string, number> = {};
  for (const name of PARAMETER_NAMES) {
    const value = findNumber(context, name);
    if (value !== undefined) given[name] = value;
  }
  return given;
}

function printText(context: VerbContext, candles: Candles, indicator: Indicator, columns: Float64Array[]): void {
  context.print(['time', ...indicator.outputs.map(({ name }) => name)].join(','));
  for (let i = 0; i < candles.length; i++) {
    const values = columns.map((column) => (Number.isNaN(column[i]!) ? '' : String(column[i]!)));
    context.print([new Date(candles.time[i]!).toISOString(), ...values].join(','));
  }
}

function givenTimeframe(context: VerbContext): { timeframe?: string } {
  const text = findText(context, 'timeframe');
  return text === undefined ? {} : { timeframe: parseTimeframe(text, 'timeframe') };
}

/** One column an output, one value a bar of the candles: of a larger time frame, the last bar that has closed. */
function columnsOf(candles: Candles, name: string, rest: IndicatorParameters & { timeframe?: string }): Float64Array[] {
  if (rest.timeframe !== undefined) fitTimeframe(rest.timeframe, candles.barMs, 'timeframe');
  const store = new ColumnStore(candles);
  return getIndicator(name, 'indicator').outputs.map(({ name: output }) =>
    store.values({ indicator: name, output, ...rest }, new Float64Array(candles.length)),
  );
}

async function run(context: VerbContext): Promise<number> {
  const [name] = context.positionals;
  if (name === undefined) throw new UsageError('missing_argument', 'name an indicator', 'NAME');
  const indicator = await refusing(() => getIndicator(name, 'indicator'));
  const parameters = await refusing(() => parseParameters(indicator, givenParameters(context)));
  const timeframe = await refusing(() => givenTimeframe(context));
  const candles = await loadCandles(context, getText(context, 'data'));
  const columns = await refusing(() => columnsOf(candles, name, { ...parameters, ...timeframe }));
  if (!context.json) {
    printText(context, candles, indicator, columns);
    return 0;
  }
  const outputs = indicator.outputs.map(({ name: output }, i) => [
    output,
    Array.from(columns[i]!, (value) => (Number.isNaN(value) ? null : value)),
  ]);
  context.document({ indicator: name, parameters, ...timeframe, outputs: Object.fromEntries(outputs) });
  return 0;
}

const parameterOption = (value: string, help: string) => ({ type: 'string' as const, value, help });

export const indicatorVerb: Verb = {
  name: 'indicator',
  summary: `one indicator's values on candles: ${INDICATOR_NAMES.join(', ')}`,
  positionals: ['<NAME>'],
  options: {
    ...DATA_OPTION,
    period: parameterOption('BARS', 'look-back'),
    deviations: parameterOption('N', 'width of the bands in standard deviations (default 2)'),
    fast: parameterOption('BARS', 'fast average of macd (default 12)'),
    slow: parameterOption('BARS', 'slow average of macd (default 26)'),
    signal: parameterOption('BARS', 'signal average of macd (default 9) and stochastic (default 3)'),
    smooth: parameterOption('BARS', 'smoothing of stochastic (default 3)'),
    timeframe: parameterOption('T', 'larger bars, like 1h: at each bar the value of the last one that has closed'),
  },
  run,
};
