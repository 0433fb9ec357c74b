// A strategy as one English sentence.
import { getIndicator } from './indicators/table.ts';
import type { Condition, Distance, Operand, Operator, Size, Strategy, TrailingDistance } from './strategy.ts';

const WORDS: Record<Operator, string> = {
  '>': 'is above',
  '<': 'is below',
  crosses_above: 'crosses above',
  crosses_below: 'crosses below',
};

function describeBase(operand: Operand): string {
  if ('value' in operand) return String(operand.value);
  if ('field' in operand) return operand.field;
  const indicator = getIndicator(operand.indicator, 'indicator');
  const parameters = indicator.parameters.map((rule) => operand[rule.name]).join(', ');
  const output = operand.output === undefined ? '' : ` ${operand.output.replace('percent_b', '%B')}`;
  return `${indicator.label}${parameters === '' ? '' : `(${parameters})`}${output}`;
}

function describeOperand(operand: Operand): string {
  const base = describeBase(operand);
  if ('value' in operand) return base;
  const times = operand.times === undefined ? '' : `${operand.times} × `;
  if (operand.barsAgo === undefined) return times + base;
  return `${times}${base} ${operand.barsAgo} ${operand.barsAgo === 1 ? 'bar' : 'bars'} ago`;
}

const describeCondition = ({ left, op, right }: Condition) =>
  `${describeOperand(left)} ${WORDS[op]} ${describeOperand(right)}`;

function describeDistance(distance: Distance | TrailingDistance): string {
  const base = 'of' in distance && distance.of === 'signal' ? ' from the signal close' : '';
  if ('percent' in distance) return `${distance.percent} %${base}`;
  return `${distance.atr} × ATR(${distance.period})${base}`;
}

function describeSize(size: Size): string {
  if ('percentOfEquity' in size) return `${size.percentOfEquity} % of equity`;
  return 'quote' in size ? `${size.quote} in quote currency` : `${size.units} units`;
}

function describeExits(strategy: Strategy): string[] {
  const parts: string[] = [];
  if (strategy.exit.length > 0) parts.push(`exit when ${strategy.exit.map(describeCondition).join(' or ')}`);
  if (strategy.stopLoss !== undefined) parts.push(`stop ${describeDistance(strategy.stopLoss)}`);
  if (strategy.takeProfit !== undefined) parts.push(`target ${describeDistance(strategy.takeProfit)}`);
  if (strategy.trailing !== undefined) parts.push(`trailing stop ${describeDistance(strategy.trailing)}`);
  if (strategy.breakEven !== undefined) parts.push(`break-even after ${describeDistance(strategy.breakEven)}`);
  if (strategy.maxBars !== undefined)
    parts.push(`at most ${strategy.maxBars} ${strategy.maxBars === 1 ? 'bar' : 'bars'}`);
  return parts;
}

/**
 * One sentence: `Buy when RSI(14) crosses above 30 and close is above EMA(200); stop 2 %, target 4 %; size 20 % of
 * equity.` A parsed strategy in, nothing left out.
 */
export function describeStrategy(strategy: Strategy): string {
  const verb = strategy.side === 'long' ? 'Buy' : 'Sell short';
  const groups = strategy.entry.map((group) => group.map(describeCondition).join(' and '));
  const exits = describeExits(strategy);
  const size = `size ${describeSize(strategy.size)}`;
  const slots = strategy.maxPositions === 1 ? '' : `, up to ${strategy.maxPositions} positions`;
  const orders = exits.length === 0 ? '' : `; ${exits.join(', ')}`;
  return `${verb} when ${groups.join(', or when ')}${orders}; ${size}${slots}.`;
}
