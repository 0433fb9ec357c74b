import type { Candles } from '../../engine/candles.ts';
import {
  computeIndicator,
  getIndicator,
  INDICATOR_NAMES,
  type Indicator,
  PARAMETER_NAMES,
  parseParameters,
} from '../../engine/indicators/table.ts';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import { DATA_OPTION, findNumber, getText, loadCandles, refusing } from './flags.ts';

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

async function run(context: VerbContext): Promise<number> {
  const [name] = context.positionals;
  if (name === undefined) throw new UsageError('missing_argument', 'name an indicator', 'NAME');
  const indicator = await refusing(() => getIndicator(name, 'indicator'));
  const parameters = await refusing(() => parseParameters(indicator, givenParameters(context)));
  const candles = await loadCandles(context, getText(context, 'data'));
  const columns = computeIndicator(candles, indicator, parameters);
  if (!context.json) {
    printText(context, candles, indicator, columns);
    return 0;
  }
  const outputs = indicator.outputs.map(({ name: output }, i) => [
    output,
    Array.from(columns[i]!, (value) => (Number.isNaN(value) ? null : value)),
  ]);
  context.document({ indicator: name, parameters, outputs: Object.fromEntries(outputs) });
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
  },
  run,
};
