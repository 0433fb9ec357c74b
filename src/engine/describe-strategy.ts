// A strategy as one sentence, in English and in Spanish. Nothing is left out: different strategies have different sentences.
import { getIndicator } from './indicators/table.ts';
import type { Condition, Distance, Field, Operand, Operator, Size, Strategy, TrailingDistance } from './strategy.ts';

export type Language = 'en' | 'es';

interface Phrases {
  number(value: number): string;
  /** Between the parameters of an indicator. */
  separator: string;
  operators: Record<Operator, string>;
  fields: Record<Field, string>;
  /** Outputs that are not called by their names. */
  outputs: Record<string, string>;
  barsAgo(n: number, text: string): string;
  on: string;
  and: string;
  or: string;
  orWhen: string;
  fromSignal: string;
  percentOfEquity(share: string): string;
  quote(amount: string): string;
  units(amount: string): string;
  buy: string;
  sell: string;
  exit: string;
  stop: string;
  target: string;
  trailing: string;
  breakEven: string;
  atMost(n: number, text: string): string;
  size: string;
  positions(n: string): string;
}

const SYMBOLS = { percent_b: '%B', k: '%K', d: '%D', adx: '', plus_di: '+DI', minus_di: '−DI' };

const ENGLISH: Phrases = {
  number: String,
  separator: ', ',
  operators: {
    '>': 'is above',
    '<': 'is below',
    crosses_above: 'crosses above',
    crosses_below: 'crosses below',
  },
  fields: { open: 'open', high: 'high', low: 'low', close: 'close', volume: 'volume' },
  outputs: { ...SYMBOLS, macd: 'line' },
  barsAgo: (n, text) => `${text} ${n === 1 ? 'bar' : 'bars'} ago`,
  on: 'on',
  and: ' and ',
  or: ' or ',
  orWhen: ', or when ',
  fromSignal: 'from the signal close',
  percentOfEquity: (share) => `${share} % of equity`,
  quote: (amount) => `${amount} in quote currency`,
  units: (amount) => `${amount} ${amount === '1' ? 'unit' : 'units'}`,
  buy: 'Buy when',
  sell: 'Sell short when',
  exit: 'exit when',
  stop: 'stop',
  target: 'target',
  trailing: 'trailing stop',
  breakEven: 'break-even after',
  atMost: (n, text) => `at most ${text} ${n === 1 ? 'bar' : 'bars'}`,
  size: 'size',
  positions: (n) => `up to ${n} positions`,
};

const SPANISH: Phrases = {
  number: (value) => String(value).replace('.', ','),
  separator: '; ',
  operators: {
    '>': 'es mayor que',
    '<': 'es menor que',
    crosses_above: 'cruza al alza',
    crosses_below: 'cruza a la baja',
  },
  fields: { open: 'la apertura', high: 'el máximo', low: 'el mínimo', close: 'el cierre', volume: 'el volumen' },
  outputs: {
    ...SYMBOLS,
    macd: 'línea',
    signal: 'señal',
    histogram: 'histograma',
    upper: 'superior',
    middle: 'central',
    lower: 'inferior',
    width: 'anchura',
  },
  barsAgo: (n, text) => `de hace ${text} ${n === 1 ? 'vela' : 'velas'}`,
  on: 'en',
  and: ' y ',
  or: ' o cuando ',
  orWhen: ', o bien cuando ',
  fromSignal: 'desde el cierre de la señal',
  percentOfEquity: (share) => `${share} % del capital`,
  quote: (amount) => `${amount} en moneda de cotización`,
  units: (amount) => `${amount} ${amount === '1' ? 'unidad' : 'unidades'}`,
  buy: 'Comprar cuando',
  sell: 'Vender en corto cuando',
  exit: 'salir cuando',
  stop: 'stop',
  target: 'objetivo',
  trailing: 'stop dinámico',
  breakEven: 'stop en la entrada tras',
  atMost: (n, text) => `como máximo ${text} ${n === 1 ? 'vela' : 'velas'}`,
  size: 'tamaño',
  positions: (n) => `hasta ${n} posiciones`,
};

class Describer {
  readonly #say: Phrases;
  readonly #language: Language;

  constructor(language: Language) {
    this.#say = language === 'en' ? ENGLISH : SPANISH;
    this.#language = language;
  }

  #base(operand: Exclude<Operand, { value: number }>): string {
    if ('field' in operand) return this.#say.fields[operand.field];
    const { label, labelEs, parameters } = getIndicator(operand.indicator, 'indicator');
    const values = parameters.map((rule) => this.#say.number(operand[rule.name]!)).join(this.#say.separator);
    const output = operand.output === undefined ? '' : (this.#say.outputs[operand.output] ?? operand.output);
    const named = this.#language === 'es' && labelEs !== undefined ? labelEs : label;
    return `${named}${values === '' ? '' : `(${values})`}${output === '' ? '' : ` ${output}`}`;
  }

  operand(operand: Operand): string {
    if ('value' in operand) return this.#say.number(operand.value);
    const { times, barsAgo, timeframe } = operand;
    const parts = [this.#base(operand)];
    if (times !== undefined) parts.unshift(`${this.#say.number(times)} ×`);
    if (barsAgo !== undefined) parts.push(this.#say.barsAgo(barsAgo, this.#say.number(barsAgo)));
    if (timeframe !== undefined) parts.push(`${this.#say.on} ${timeframe}`);
    return parts.join(' ');
  }

  #condition({ left, op, right }: Condition): string {
    return `${this.operand(left)} ${this.#say.operators[op]} ${this.operand(right)}`;
  }

  #conditions(conditions: readonly Condition[], joint: string): string {
    return conditions.map((condition) => this.#condition(condition)).join(joint);
  }

  #distance(distance: Distance | TrailingDistance): string {
    const { number, fromSignal } = this.#say;
    const reach =
      'percent' in distance
        ? `${number(distance.percent)} %`
        : `${number(distance.atr)} × ATR(${number(distance.period)})`;
    return 'of' in distance && distance.of === 'signal' ? `${reach} ${fromSignal}` : reach;
  }

  #orders({ exit, stopLoss, takeProfit, trailing, breakEven, maxBars }: Strategy): string {
    const say = this.#say;
    const parts: string[] = [];
    if (exit.length > 0) parts.push(`${say.exit} ${this.#conditions(exit, say.or)}`);
    if (stopLoss !== undefined) parts.push(`${say.stop} ${this.#distance(stopLoss)}`);
    if (takeProfit !== undefined) parts.push(`${say.target} ${this.#distance(takeProfit)}`);
    if (trailing !== undefined) parts.push(`${say.trailing} ${this.#distance(trailing)}`);
    if (breakEven !== undefined) parts.push(`${say.breakEven} ${this.#distance(breakEven)}`);
    if (maxBars !== undefined) parts.push(say.atMost(maxBars, say.number(maxBars)));
    return parts.join(', ');
  }

  #size(size: Size): string {
    const say = this.#say;
    if ('percentOfEquity' in size) return say.percentOfEquity(say.number(size.percentOfEquity));
    return 'quote' in size ? say.quote(say.number(size.quote)) : say.units(say.number(size.units));
  }

  describe(strategy: Strategy): string {
    const say = this.#say;
    const verb = strategy.side === 'long' ? say.buy : say.sell;
    const groups = strategy.entry.map((group) => this.#conditions(group, say.and));
    const orders = this.#orders(strategy);
    const slots = strategy.maxPositions === 1 ? '' : `, ${say.positions(say.number(strategy.maxPositions))}`;
    const size = `${say.size} ${this.#size(strategy.size)}`;
    return `${verb} ${groups.join(say.orWhen)}${orders === '' ? '' : `; ${orders}`}; ${size}${slots}.`;
  }
}

/**
 * One sentence: `Buy when RSI(14) crosses above 30 and close is above EMA(200) on 1h; stop 2 %, target 4 %; size 20 % of
 * equity.` A parsed strategy in; its name alone is left out.
 */
export function describeStrategy(strategy: Strategy, language: Language = 'en'): string {
  return new Describer(language).describe(strategy);
}

/** A side of a condition alone: `1.02 × EMA(200) on 1h`. */
export const describeOperand = (operand: Operand, language: Language): string =>
  new Describer(language).operand(operand);
