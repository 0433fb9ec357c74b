// The conditions of a strategy as a Python function: bars in, entry and exit at each close out.
import type { Condition, IndicatorOperand, Operand, Strategy } from '../strategy.ts';
import { fitTimeframe } from '../timeframes.ts';
import { PYTHON_BASE, pythonPieces } from './python-library.ts';

/** How each indicator is called; `volume_sma` and the averages take a column. */
const CALLS: Readonly<Record<string, (bars: string, p: IndicatorOperand) => string>> = {
  sma: (bars, { period }) => `sma(${bars}.close, ${period})`,
  ema: (bars, { period }) => `ema(${bars}.close, ${period})`,
  volume_sma: (bars, { period }) => `sma(${bars}.volume, ${period})`,
  macd: (bars, { fast, slow, signal, output }) => `macd(${bars}, ${fast}, ${slow}, ${signal}, "${output}")`,
  bollinger: (bars, { period, deviations, output }) => `bollinger(${bars}, ${period}, ${deviations}, "${output}")`,
  stochastic: (bars, { period, smooth, signal, output }) =>
    `stochastic(${bars}, ${period}, ${smooth}, ${signal}, "${output}")`,
  donchian: (bars, { period, output }) => `donchian(${bars}, ${period}, "${output}")`,
  adx: (bars, { period, output }) => `adx(${bars}, ${period}, "${output}")`,
  obv: (bars) => `obv(${bars})`,
  vwap_day: (bars) => `vwap_day(${bars})`,
};
const byPeriod = (name: string, bars: string, { period }: IndicatorOperand): string => `${name}(${bars}, ${period})`;

class SignalWriter {
  readonly lines: string[] = [];
  readonly pieces = new Set<string>();
  readonly #columns = new Map<string, string>();
  readonly #barMs: number;

  constructor(barMs: number) {
    this.#barMs = barMs;
  }

  /** The name of a line with this right side; equal ones are written once. */
  #named(prefix: string, expression: string): string {
    let name = this.#columns.get(expression);
    if (name === undefined) {
      name = `${prefix}${this.#columns.size + 1}`;
      this.#columns.set(expression, name);
      this.lines.push(`${name} = ${expression}`);
    }
    return name;
  }

  #frame(timeframe: string): string {
    this.pieces.add('larger');
    const ms = fitTimeframe(timeframe, this.#barMs, 'timeframe');
    const name = `bars_${timeframe}`;
    const line = `${name}, closed_${timeframe} = larger(bars, ${this.#barMs}, ${ms})`;
    if (!this.lines.includes(line)) this.lines.push(line);
    return name;
  }

  #operand(operand: Operand): string {
    if ('value' in operand) return this.#named('value_', `[${operand.value}] * len(bars.close)`);
    const bars = operand.timeframe === undefined ? 'bars' : this.#frame(operand.timeframe);
    let column: string;
    if ('field' in operand) column = `${bars}.${operand.field}`;
    else {
      this.pieces.add(operand.indicator === 'volume_sma' ? 'sma' : operand.indicator);
      const call = CALLS[operand.indicator];
      column = this.#named(
        'column_',
        call === undefined ? byPeriod(operand.indicator, bars, operand) : call(bars, operand),
      );
    }
    const { barsAgo = 0, times = 1 } = operand;
    if (operand.timeframe !== undefined) {
      return this.#named('seen_', `seen(${column}, closed_${operand.timeframe}, ${barsAgo}, ${times})`);
    }
    return barsAgo === 0 && times === 1 ? column : this.#named('column_', `at(${column}, ${barsAgo}, ${times})`);
  }

  condition({ left, op, right }: Condition): string {
    const [a, b] = [this.#operand(left), this.#operand(right)];
    const [first, second] = op === '>' || op === 'crosses_above' ? [a, b] : [b, a];
    return this.#named('when_', `${op === '>' || op === '<' ? 'above' : 'crosses'}(${first}, ${second})`);
  }
}

/** `def signals(bars)` with all that it calls; `also`: further pieces of the library that the caller uses. */
export function pythonSignals(strategy: Strategy, barMs: number, also: readonly string[]): string {
  const writer = new SignalWriter(barMs);
  const groups = strategy.entry.map(
    (group) => `all_of(${group.map((condition) => writer.condition(condition)).join(', ')})`,
  );
  const exits = strategy.exit.map((condition) => writer.condition(condition));
  const exit = exits.length === 0 ? '[False] * len(bars.close)' : `any_of(${exits.join(', ')})`;
  const body = [...writer.lines, `return any_of(${groups.join(', ')}), ${exit}`];
  const library = pythonPieces([...writer.pieces, ...also]);
  const head = 'def signals(bars):\n    """Entry and exit as they are read at the close of each bar."""';
  return [
    PYTHON_BASE,
    ...(library === '' ? [] : [library]),
    [head, ...body.map((line) => `    ${line}`)].join('\n'),
  ].join('\n\n\n');
}
