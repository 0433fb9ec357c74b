// Parts of a strategy's file in short words.
import { money, plain, share } from '../format.ts';
import { strategyWords } from './words.ts';

export type Loose = Record<string, unknown>;

export const isLoose = (value: unknown): value is Loose => typeof value === 'object' && value !== null;
export const list = (value: unknown): Loose[] => (Array.isArray(value) ? value.filter(isLoose) : []);
const numeral = (value: unknown): string => (typeof value === 'number' ? plain(value) : '?');
const percent = (value: unknown): string => (typeof value === 'number' ? share(value / 100, 2) : '?');

const PARAMETERS = ['period', 'deviations', 'fast', 'slow', 'signal', 'smooth'] as const;

function operandText(operand: unknown): string {
  if (!isLoose(operand)) return '?';
  if ('value' in operand) return numeral(operand.value);
  const given = PARAMETERS.filter((name) => operand[name] !== undefined).map((name) => numeral(operand[name]));
  const called = given.length === 0 ? '' : `(${given.join(', ')})`;
  const name = 'field' in operand ? String(operand.field) : `${String(operand.indicator).toUpperCase()}${called}`;
  const output = operand.output === undefined ? '' : `.${String(operand.output)}`;
  const frame = operand.timeframe === undefined ? '' : ` ${String(operand.timeframe)}`;
  const times = operand.times === undefined ? '' : `${numeral(operand.times)} × `;
  const ago = operand.barsAgo === undefined ? '' : ` ${strategyWords.value.barsAgo(numeral(operand.barsAgo))}`;
  return `${times}${name}${output}${frame}${ago}`;
}

export function conditionText({ left, op, right }: Loose): string {
  const w = strategyWords.value;
  const words: Record<string, string> = { crosses_above: w.above, crosses_below: w.below };
  return `${operandText(left)} ${words[String(op)] ?? String(op)} ${operandText(right)}`;
}

function distanceText(distance: unknown): string {
  if (!isLoose(distance)) return '?';
  return 'percent' in distance
    ? percent(distance.percent)
    : strategyWords.value.atr(numeral(distance.atr), numeral(distance.period));
}

/** Orders at a distance, in the order in which they are shown. */
const levels = (): [key: string, text: string][] => {
  const w = strategyWords.value;
  return [
    ['stopLoss', w.stop],
    ['takeProfit', w.target],
    ['trailing', w.trailing],
    ['breakEven', w.breakEven],
  ];
};

/** The part of the rules in which a number stands; `path`: keys and places in the strategy's file. */
export function placeText(strategy: unknown, path: readonly string[]): string {
  const step = (node: unknown, key: string): unknown => (isLoose(node) ? node[key] : undefined);
  const holder = path.slice(0, -1).reduce(step, strategy);
  const level = levels().find(([key]) => key === path[0]);
  if (level !== undefined) return `${level[1]} ${distanceText(holder)}`;
  if (!isLoose(holder)) return path.join('.');
  if ('maxBars' in holder) return strategyWords.value.maxBars(numeral(holder.maxBars));
  if (!('value' in holder)) return operandText(holder);
  const condition = path.slice(0, -2).reduce(step, strategy);
  return isLoose(condition) ? conditionText(condition) : numeral(holder.value);
}

export function exitTexts(strategy: Loose): string[] {
  const w = strategyWords.value;
  return [
    ...list(strategy.exit).map(conditionText),
    ...levels()
      .filter(([key]) => strategy[key] !== undefined)
      .map(([key, text]) => `${text} ${distanceText(strategy[key])}`),
    ...(strategy.maxBars === undefined ? [] : [w.maxBars(numeral(strategy.maxBars))]),
  ];
}

export function sizeText({ size, maxPositions }: Loose): string {
  const w = strategyWords.value;
  const positions = w.positions(Number(maxPositions ?? 1), numeral(maxPositions ?? 1));
  if (!isLoose(size)) return positions;
  if ('percentOfEquity' in size) return `${w.ofEquity(percent(size.percentOfEquity))}, ${positions}`;
  if ('quote' in size) return `${w.money(money(Number(size.quote)).replace('+', ''))}, ${positions}`;
  return `${w.units(numeral(size.units))}, ${positions}`;
}
