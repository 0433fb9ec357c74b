// A strategy for TradingView, Pine Script version 6 (https://www.tradingview.com/pine-script-docs).
import { describeStrategy } from '../describe-strategy.ts';
import type { Condition, Distance, IndicatorOperand, Operand, Strategy, TrailingDistance } from '../strategy.ts';
import { fitTimeframe } from '../timeframes.ts';
import { commonLimits } from './limits.ts';
import { type ExportSubject, lossOf, oneLine, provenanceLines } from './subject.ts';

const LIMITS = [
  'A bar that touches stop and target takes the one that lies nearer to its open, not always the stop.',
  'On the bar of the fill, stop and target are counted from the close of the signal; from the next bar on from the fill.',
  'Averages begin with the first bar of the chart: take one that begins long before the first trade.',
  'Slippage, half the spread and fee stand together as commission.',
];

/** Helpers whose outputs are tuples in Pine. */
const HELPERS: Readonly<Record<string, string>> = {
  adx: `adxOf(simple int length, string output) =>
    [plus, minus, average] = ta.dmi(length, length)
    output == "plus_di" ? plus : output == "minus_di" ? minus : average`,
  bollinger: `bollingerOf(simple int length, float deviations, string output) =>
    middle = ta.sma(close, length)
    reach = deviations * ta.stdev(close, length)
    switch output
        "upper" => middle + reach
        "lower" => middle - reach
        "percent_b" => reach == 0 ? 0.5 : 0.5 + (close - middle) / (2 * reach)
        "width" => 2 * reach / middle
        => middle`,
  macd: `macdOf(simple int fast, simple int slow, simple int smoothing, string output) =>
    [line, trigger, histogram] = ta.macd(close, fast, slow, smoothing)
    output == "signal" ? trigger : output == "histogram" ? histogram : line`,
  stochastic: `stochasticOf(simple int length, simple int smoothing, simple int signal, string output) =>
    k = ta.sma(ta.stoch(close, high, low, length), smoothing)
    d = ta.sma(k, signal)
    output == "d" ? d : k`,
  donchian: `donchianOf(simple int length, string output) =>
    top = ta.highest(high, length)
    bottom = ta.lowest(low, length)
    output == "upper" ? top : output == "lower" ? bottom : (top + bottom) / 2`,
  vwap: `vwapOf(simple int length) =>
    math.sum(hlc3 * volume, length) / math.sum(volume, length)`,
};
const SEEN = `// A larger bar is seen once it has closed.
seen(float value, string frame) =>
    var float kept = na
    if time_close == time_close(frame)
        kept := value
    kept`;

const CALLS: Readonly<Record<string, (p: IndicatorOperand) => string>> = {
  sma: ({ period }) => `ta.sma(close, ${period})`,
  ema: ({ period }) => `ta.ema(close, ${period})`,
  rsi: ({ period }) => `ta.rsi(close, ${period})`,
  atr: ({ period }) => `ta.atr(${period})`,
  roc: ({ period }) => `ta.roc(close, ${period})`,
  cci: ({ period }) => `ta.cci(hlc3, ${period})`,
  williams_r: ({ period }) => `ta.wpr(${period})`,
  volume_sma: ({ period }) => `ta.sma(volume, ${period})`,
  obv: () => 'ta.obv',
  vwap_day: () => 'ta.vwap(hlc3)',
  vwap: ({ period }) => `vwapOf(${period})`,
  macd: ({ fast, slow, signal, output }) => `macdOf(${fast}, ${slow}, ${signal}, "${output}")`,
  bollinger: ({ period, deviations, output }) => `bollingerOf(${period}, ${deviations}, "${output}")`,
  stochastic: ({ period, smooth, signal, output }) => `stochasticOf(${period}, ${smooth}, ${signal}, "${output}")`,
  donchian: ({ period, output }) => `donchianOf(${period}, "${output}")`,
  adx: ({ period, output }) => `adxOf(${period}, "${output}")`,
};

/** `60`, `1D`: the names that TradingView has for time frames. */
function frameName(timeframe: string): string {
  const ms = fitTimeframe(timeframe, 1, 'timeframe');
  if (ms % 86_400_000 === 0) return `${ms / 86_400_000}D`;
  return ms % 60_000 === 0 ? String(ms / 60_000) : `${ms / 1000}S`;
}

class PineWriter {
  readonly lines: string[] = [];
  readonly helpers = new Set<string>();
  readonly #names = new Map<string, string>();

  /** A line of its own, so that what keeps a history is computed on every bar. */
  #named(prefix: string, expression: string): string {
    let name = this.#names.get(expression);
    if (name === undefined) {
      name = `${prefix}${this.#names.size + 1}`;
      this.#names.set(expression, name);
      this.lines.push(`${name} = ${expression}`);
    }
    return name;
  }

  #operand(operand: Operand): string {
    if ('value' in operand) return String(operand.value);
    let expression: string;
    if ('field' in operand) expression = operand.field;
    else {
      const helper = HELPERS[operand.indicator];
      if (helper !== undefined) this.helpers.add(helper);
      expression = CALLS[operand.indicator]!(operand);
    }
    const { barsAgo, times, timeframe } = operand;
    const ago = barsAgo === undefined ? '' : `[${barsAgo}]`;
    if (timeframe !== undefined) {
      this.helpers.add(SEEN);
      const frame = frameName(timeframe);
      const inner = ago === '' ? expression : `(${expression})${ago}`;
      const asked = this.#named('asked', `request.security(syminfo.tickerid, "${frame}", ${inner})`);
      expression = this.#named('seen', `seen(${asked}, "${frame}")`);
    } else if ('indicator' in operand) expression = `${this.#named('value', expression)}${ago}`;
    else expression += ago;
    return times === undefined ? expression : this.#named('scaled', `${expression} * ${times}`);
  }

  condition({ left, op, right }: Condition): string {
    const [a, b] = [this.#operand(left), this.#operand(right)];
    if (op === '>' || op === '<') return this.#named('when', `${a} ${op} ${b}`);
    return this.#named('when', `${op === 'crosses_above' ? 'ta.crossover' : 'ta.crossunder'}(${a}, ${b})`);
  }

  /** The name of an ATR's column. */
  atr(period: number): string {
    return this.#named('atr', `ta.atr(${period})`);
  }

  /** How far a distance reaches from `base`. */
  reach(distance: Distance | TrailingDistance, base: string, ago: string): string {
    if ('percent' in distance) return `${base} * ${distance.percent} / 100`;
    return `${distance.atr} * ${this.atr(distance.period)}${ago}`;
  }
}

function quantityOf({ size }: Strategy): string {
  if ('percentOfEquity' in size) return `strategy.equity * ${size.percentOfEquity} / 100 / close`;
  return 'quote' in size ? `${size.quote} / close` : String(size.units);
}

/** Levels of a position: counted from `base`, with the ATR of the signal bar. */
function levelLines(strategy: Strategy, writer: PineWriter): { stop: string; target: string; lines: string[] } {
  const { stopLoss, takeProfit, side } = strategy;
  const [down, up] = side === 'long' ? ['-', '+'] : ['+', '-'];
  const of = (distance: Distance | undefined) => (distance?.of === 'signal' ? 'signalClose' : 'paid');
  const level = (distance: Distance | undefined, sign: string) => {
    if (distance === undefined) return 'na';
    const base = of(distance);
    return 'percent' in distance
      ? `${base} ${sign} ${base} * ${distance.percent} / 100`
      : `${base} ${sign} ${distance.atr} * ${distance === stopLoss ? 'stopAtr' : 'targetAtr'}`;
  };
  const atrs = [
    ['stopAtr', stopLoss],
    ['targetAtr', takeProfit],
  ] as const;
  const lines = atrs.flatMap(([name, distance]) =>
    distance !== undefined && 'atr' in distance ? [`${name} = ${writer.atr(distance.period)}`] : [],
  );
  return { stop: level(stopLoss, down), target: level(takeProfit, up), lines };
}

const indent = (lines: readonly string[], depth: number): string[] =>
  lines.map((line) => `${'    '.repeat(depth)}${line}`);

/** Once a bar for each open trade: its stops by this close, its orders, its time. */
function manageLines(strategy: Strategy, writer: PineWriter): string[] {
  const { side, trailing, breakEven, maxBars } = strategy;
  const long = side === 'long';
  const [max, min, down, up] = long ? ['math.max', '>', '-', '+'] : ['math.min', '<', '+', '-'];
  const lines = [
    'entryBar = strategy.opentrades.entry_bar_index(n)',
    'paid = strategy.opentrades.entry_price(n)',
    'id = strategy.opentrades.entry_id(n)',
    'ago = bar_index - entryBar + 1',
    'signalClose = close[ago]',
  ];
  const { stop, target, lines: atrs } = levelLines(strategy, writer);
  lines.push(...atrs.map((line) => `${line}[ago]`), `stop = ${stop}`, `target = ${target}`);
  if (breakEven !== undefined || trailing !== undefined) lines.push('float raised = stop');
  const raise = (level: string) => `raised := na(raised) ? ${level} : ${max}(raised, ${level})`;
  if (breakEven !== undefined || trailing !== undefined) {
    const inner: string[] = [];
    if (breakEven !== undefined) {
      const base = breakEven.of === 'signal' ? 'signalClose' : 'paid';
      inner.push(`if close[k] ${min}= ${base} ${up} ${writer.reach(breakEven, base, '[ago]')}`, `    ${raise('paid')}`);
    }
    if (trailing !== undefined) inner.push(raise(`close[k] ${down} ${writer.reach(trailing, 'close[k]', '[ago]')}`));
    lines.push('for k = 0 to bar_index - entryBar', ...indent(inner, 1));
  }
  const used = breakEven !== undefined || trailing !== undefined ? 'raised' : 'stop';
  lines.push(`strategy.exit("out " + id, from_entry = id, stop = ${used}, limit = target)`);
  const time = maxBars === undefined ? '' : ` or bar_index - entryBar == ${maxBars}`;
  lines.push(`if exit${time}`, '    strategy.close(id)', 'else', '    staying += 1');
  return lines;
}

/** A Pine Script. */
export function exportPine(subject: ExportSubject): string {
  const { strategy, account } = subject;
  const writer = new PineWriter();
  const groups = strategy.entry.map((group) => `(${group.map((each) => writer.condition(each)).join(' and ')})`);
  const exits = strategy.exit.map((each) => writer.condition(each));
  const manage = manageLines(strategy, writer);
  const { stop, target, lines: atrs } = levelLines(strategy, writer);
  const commission = Math.floor((account.costs.fee + lossOf(account)) * 1e8 + 0.5) / 1e6;
  const side = strategy.side === 'long' ? 'strategy.long' : 'strategy.short';
  const title = `stratmesh ${oneLine(strategy.name ?? subject.candles.meta.symbol).replace(/["\\]/g, '')}`;
  const head = [
    oneLine(describeStrategy(strategy)),
    ...provenanceLines(subject),
    '',
    'What differs here:',
    ...[...LIMITS, ...commonLimits(subject)].map((line) => `- ${line}`),
  ];
  return `${[
    '//@version=6',
    ...head.map((line) => `// ${line}`.trimEnd()),
    `strategy("${title}", overlay = true, pyramiding = ${strategy.maxPositions}, initial_capital = ${account.equity}, commission_type = strategy.commission.percent, commission_value = ${commission}, calc_on_every_tick = false, process_orders_on_close = false, close_entries_rule = "ANY", max_bars_back = 5000)`,
    '',
    ...[...writer.helpers].flatMap((helper) => [helper, '']),
    ...writer.lines,
    `entry = ${groups.join(' or ')}`,
    `exit = ${exits.length === 0 ? 'false' : exits.join(' or ')}`,
    '',
    'var int count = 0',
    'int staying = 0',
    'if strategy.opentrades > 0',
    ...indent(['for n = 0 to strategy.opentrades - 1', ...indent(manage, 1)], 1),
    `if entry and barstate.isconfirmed and staying < ${strategy.maxPositions}`,
    ...indent(
      [
        'count += 1',
        'id = str.tostring(count)',
        `strategy.entry(id, ${side}, qty = ${quantityOf(strategy)})`,
        'paid = close',
        'signalClose = close',
        ...atrs,
        `strategy.exit("out " + id, from_entry = id, stop = ${stop}, limit = ${target})`,
      ],
      1,
    ),
  ].join('\n')}\n`;
}
