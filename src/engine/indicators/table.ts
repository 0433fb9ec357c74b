// Every indicator is one entry here; parser, columns, search, sentence and command line all read this table.
// To add one: its formula in a file beside this one, its entry below, its reference and vectors in test/engine/, a line
// in docs/engine.md. Changing a formula changes the engine fingerprint, so old results are not compared with new ones.
import type { CandleColumns } from '../candles.ts';
import { InvalidInput } from '../errors.ts';
import { type NumberRule, ObjectReader } from '../reader.ts';
import { ema, sma } from './averages.ts';
import { adx } from './directional.ts';
import { atr, bollinger, donchian, macd, rsi, stochastic } from './formulas.ts';
import { cci, roc, williamsR } from './momentum.ts';
import { obv, vwap, vwapDay } from './volume.ts';

export const PARAMETER_NAMES = ['period', 'deviations', 'fast', 'slow', 'signal', 'smooth'] as const;
export type ParameterName = (typeof PARAMETER_NAMES)[number];
export type IndicatorParameters = Partial<Record<ParameterName, number>>;

/** What an output can be compared with: only outputs, fields and constants of the same scale. */
export type Scale =
  | 'price'
  | 'hundred'
  | 'minus_hundred'
  | 'share'
  | 'width'
  | 'momentum'
  | 'deviation'
  | 'change'
  | 'trend'
  | 'range'
  | 'volume'
  | 'balance';

interface Parameter extends NumberRule {
  name: ParameterName;
  /** Used when the strategy does not give the parameter; without it the parameter must be given. */
  fallback?: number;
}

interface Output {
  /** `value` for a single output. */
  name: string;
  scale: Scale;
  /** Constants within the output's own range that the search may compare it with. */
  constants: readonly number[];
}

export interface Indicator {
  /** As sentences print it. */
  label: string;
  /** In Spanish, where that is another name. */
  labelEs?: string;
  parameters: readonly Parameter[];
  outputs: readonly Output[];
  /** Parameter sets that the search draws from. */
  choices: readonly IndicatorParameters[];
  /** A rule between parameters that is broken, or undefined. */
  findFault?(parameters: IndicatorParameters): { name: ParameterName; message: string } | undefined;
  /** Writes every bar of one column an output, in the order of `outputs`; NaN before the first defined bar. */
  compute(candles: CandleColumns, parameters: Required<IndicatorParameters>, out: readonly Float64Array[]): void;
}

const PERIOD_MAX = 1000;
const whole = (name: ParameterName, fallback?: number, min = 1): Parameter => ({
  name,
  min,
  max: PERIOD_MAX,
  integer: true,
  ...(fallback === undefined ? {} : { fallback }),
});
const single = (scale: Scale, constants: readonly number[] = []): Output[] => [{ name: 'value', scale, constants }];
const periods = (...values: number[]): IndicatorParameters[] => values.map((period) => ({ period }));
const steps = (from: number, to: number, by: number): number[] =>
  Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, i) => from + i * by);

const AVERAGE_PERIODS = periods(5, 8, 10, 13, 20, 30, 50, 80, 100, 150, 200);

const TABLE: Record<string, Indicator> = {
  sma: {
    label: 'SMA',
    parameters: [whole('period')],
    outputs: single('price'),
    choices: AVERAGE_PERIODS,
    compute: ({ close }, { period }, [out]) => sma(close, period, out!),
  },
  ema: {
    label: 'EMA',
    parameters: [whole('period')],
    outputs: single('price'),
    choices: AVERAGE_PERIODS,
    compute: ({ close }, { period }, [out]) => ema(close, 0, period, out!),
  },
  rsi: {
    label: 'RSI',
    parameters: [whole('period')],
    outputs: single('hundred', steps(15, 85, 5)),
    choices: periods(2, 5, 7, 9, 14, 21, 28),
    compute: (candles, { period }, [out]) => rsi(candles, period, out!),
  },
  atr: {
    label: 'ATR',
    parameters: [whole('period', 14)],
    outputs: single('range'),
    choices: periods(5, 14, 30, 50, 100),
    compute: (candles, { period }, [out]) => atr(candles, period, out!),
  },
  macd: {
    label: 'MACD',
    parameters: [whole('fast', 12), whole('slow', 26), whole('signal', 9)],
    outputs: [
      { name: 'macd', scale: 'momentum', constants: [0] },
      { name: 'signal', scale: 'momentum', constants: [0] },
      { name: 'histogram', scale: 'momentum', constants: [0] },
    ],
    choices: [
      { fast: 12, slow: 26, signal: 9 },
      { fast: 5, slow: 35, signal: 5 },
      { fast: 8, slow: 17, signal: 9 },
      { fast: 24, slow: 52, signal: 18 },
    ],
    findFault: ({ fast, slow }) =>
      fast! < slow! ? undefined : { name: 'fast', message: `must be less than slow (${slow})` },
    compute: (candles, { fast, slow, signal }, out) => macd(candles, fast, slow, signal, out),
  },
  bollinger: {
    label: 'Bollinger',
    parameters: [whole('period', 20, 2), { name: 'deviations', min: 0, max: 10, aboveMin: true, fallback: 2 }],
    outputs: [
      { name: 'upper', scale: 'price', constants: [] },
      { name: 'middle', scale: 'price', constants: [] },
      { name: 'lower', scale: 'price', constants: [] },
      { name: 'percent_b', scale: 'share', constants: [-0.25, -0.1, 0, 0.1, 0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.25] },
      { name: 'width', scale: 'width', constants: [0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.08] },
    ],
    choices: [10, 20, 30, 50].flatMap((period) => [1.5, 2, 2.5, 3].map((deviations) => ({ period, deviations }))),
    compute: (candles, { period, deviations }, out) => bollinger(candles, period, deviations, out),
  },
  stochastic: {
    label: 'Stochastic',
    labelEs: 'Estocástico',
    parameters: [whole('period', 14), whole('smooth', 3), whole('signal', 3)],
    outputs: [
      { name: 'k', scale: 'hundred', constants: steps(10, 90, 10) },
      { name: 'd', scale: 'hundred', constants: steps(10, 90, 10) },
    ],
    choices: [5, 9, 14, 21].map((period) => ({ period, smooth: 3, signal: 3 })),
    compute: (candles, { period, smooth, signal }, out) => stochastic(candles, period, smooth, signal, out),
  },
  donchian: {
    label: 'Donchian',
    parameters: [whole('period')],
    outputs: [
      { name: 'upper', scale: 'price', constants: [] },
      { name: 'lower', scale: 'price', constants: [] },
      { name: 'middle', scale: 'price', constants: [] },
    ],
    choices: periods(10, 20, 30, 48, 55, 100),
    compute: (candles, { period }, out) => donchian(candles, period, out),
  },
  volume_sma: {
    label: 'volume SMA',
    labelEs: 'SMA del volumen',
    parameters: [whole('period')],
    outputs: single('volume'),
    choices: periods(10, 20, 50, 100),
    compute: ({ volume }, { period }, [out]) => sma(volume, period, out!),
  },
  roc: {
    label: 'ROC',
    parameters: [whole('period')],
    outputs: single('change', [-8, -5, -3, -2, -1, -0.5, 0, 0.5, 1, 2, 3, 5, 8]),
    choices: periods(3, 6, 12, 24, 48),
    compute: (candles, { period }, [out]) => roc(candles, period, out!),
  },
  cci: {
    label: 'CCI',
    parameters: [whole('period')],
    outputs: single('deviation', steps(-200, 200, 50)),
    choices: periods(10, 14, 20, 40),
    compute: (candles, { period }, [out]) => cci(candles, period, out!),
  },
  williams_r: {
    label: 'Williams %R',
    parameters: [whole('period')],
    outputs: single('minus_hundred', steps(-90, -10, 10)),
    choices: periods(5, 10, 14, 21, 50),
    compute: (candles, { period }, [out]) => williamsR(candles, period, out!),
  },
  adx: {
    label: 'ADX',
    parameters: [whole('period', 14)],
    outputs: [
      { name: 'adx', scale: 'trend', constants: steps(15, 50, 5) },
      { name: 'plus_di', scale: 'trend', constants: steps(10, 40, 5) },
      { name: 'minus_di', scale: 'trend', constants: steps(10, 40, 5) },
    ],
    choices: periods(7, 14, 28),
    compute: (candles, { period }, out) => adx(candles, period, out),
  },
  obv: {
    label: 'OBV',
    parameters: [],
    outputs: single('balance'),
    choices: [{}],
    compute: (candles, _, [out]) => obv(candles, out!),
  },
  vwap: {
    label: 'VWAP',
    parameters: [whole('period')],
    outputs: single('price'),
    choices: periods(10, 20, 50, 100),
    compute: (candles, { period }, [out]) => vwap(candles, period, out!),
  },
  vwap_day: {
    label: 'day VWAP',
    labelEs: 'VWAP del día',
    parameters: [],
    outputs: single('price'),
    choices: [{}],
    compute: (candles, _, [out]) => vwapDay(candles, out!),
  },
};

/** All names, in the order of the table. */
export const INDICATOR_NAMES: readonly string[] = Object.keys(TABLE);

/** The entry of an indicator that must exist. Throws `unknown_indicator` at `path`. */
export function getIndicator(name: string, path: string): Indicator {
  const found = Object.hasOwn(TABLE, name) ? TABLE[name] : undefined;
  if (found !== undefined) return found;
  const message = `${path}: "${name.slice(0, 40)}" is not an indicator; known are ${INDICATOR_NAMES.join(', ')}`;
  throw new InvalidInput('unknown_indicator', message, path);
}

/** Takes an indicator's parameters from `reader`, its defaults filled in. Throws InvalidInput naming the parameter. */
export function takeParameters(reader: ObjectReader, indicator: Indicator): IndicatorParameters {
  const parameters: IndicatorParameters = {};
  for (const rule of indicator.parameters) {
    const given = reader.has(rule.name) || rule.fallback === undefined;
    parameters[rule.name] = given ? reader.number(rule.name, rule) : rule.fallback!;
  }
  const fault = indicator.findFault?.(parameters);
  if (fault !== undefined) {
    throw new InvalidInput('out_of_range', `${reader.at(fault.name)} ${fault.message}`, reader.at(fault.name));
  }
  return parameters;
}

/**
 * All outputs of an indicator, in the order of the table, written to `out` or to new columns. `parameters` must hold what
 * `takeParameters` returns; the candles must not change afterwards, since sums over them are kept.
 */
export function computeIndicator(
  candles: CandleColumns,
  indicator: Indicator,
  parameters: IndicatorParameters,
  out: readonly Float64Array[] = indicator.outputs.map(() => new Float64Array(candles.length)),
): readonly Float64Array[] {
  indicator.compute(candles, parameters as Required<IndicatorParameters>, out);
  return out;
}

/** Parameters from outside, as an object with nothing else in it. */
export function parseParameters(indicator: Indicator, input: unknown): IndicatorParameters {
  const reader = new ObjectReader(input, '');
  const parameters = takeParameters(reader, indicator);
  reader.end();
  return parameters;
}
