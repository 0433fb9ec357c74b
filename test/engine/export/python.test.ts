// What is exported as Python makes the same trades, in stand-ins that do what the sources of both libraries do.
import fc from 'fast-check';
import t from 'tap';
import { ColumnStore } from '../../../src/engine/column-store.ts';
import { exportStrategy } from '../../../src/engine/export/export.ts';
import { type ExportSubject, lossOf } from '../../../src/engine/export/subject.ts';
import { getIndicator, INDICATOR_NAMES } from '../../../src/engine/indicators/table.ts';
import { fault } from '../import/table.ts';
import { strategyArbitrary } from '../random-strategies.ts';
import { jumpyBars, NO_PYTHON, runPython, subjectOf, tenMinuteBars } from './subjects.ts';

/** The parts of a strategy file that freqtrade can be refused for. */
interface Input {
  stopLoss?: { percent: number; of?: string } | { atr: number };
  takeProfit?: Input['stopLoss'];
  trailing?: object;
  breakEven?: object;
  maxPositions?: number;
}

interface PythonTrade {
  reason?: string;
  entryBar: number;
  exitBar: number;
  entryPrice: number;
  exitPrice: number;
  units: number;
  pnl: number;
}

const COSTS = { fee: 0.001, slippage: 0.0004, spread: 0.0002 };
const ACCOUNT = { equity: 10_000, costs: COSTS };
const near = (a: number, b: number, share: number) => Math.abs(a - b) <= share * Math.max(Math.abs(a), Math.abs(b));

/** The first difference between the trades of the engine and those of Python, in words; undefined: none. */
function difference(subject: ExportSubject, trades: readonly PythonTrade[]): string | undefined {
  const own = subject.trades.filter(({ reason }) => reason !== 'end').sort((a, b) => a.entryBar - b.entryBar);
  const others = [...trades].sort((a, b) => a.entryBar - b.entryBar);
  const side = subject.strategy.side === 'long' ? 1 : -1;
  const loss = 1 - side * lossOf(subject.account);
  for (const [i, trade] of own.entries()) {
    const other = others[i];
    if (other === undefined) return `trade ${i} of ${own.length} is missing`;
    const { entryBar, exitBar, entryPrice, exitPrice } = trade;
    const same = other.entryBar === entryBar && other.exitBar === exitBar;
    if (!same || !near(other.entryPrice, entryPrice, 1e-9) || !near(other.exitPrice * loss, exitPrice, 1e-9)) {
      return `trade ${i}: ${JSON.stringify({ entryBar, exitBar, entryPrice, exitPrice, reason: trade.reason, other })}`;
    }
    // Half the loss of an exit is paid on each side: what differs is of second order.
    const perUnit = [trade.pnl / trade.units, other.pnl / other.units] as const;
    if (Math.abs(perUnit[0] - perUnit[1]) > 1e-4 * entryPrice) return `trade ${i}: ${perUnit.join(' and ')} a unit`;
    if (!near(other.units, trade.units, 5e-3)) return `trade ${i}: ${trade.units} and ${other.units} units`;
  }
  return others.length > own.length ? `${others.length} trades, not ${own.length}` : undefined;
}

const candles = tenMinuteBars('export', 1500, [400, 401, 402, 900]);
const rsi = { indicator: 'rsi', period: 7 };
const when = (left: object, op: string, right: object) => ({ left, op, right });
const BASE = {
  v: 1,
  side: 'long',
  entry: [[when(rsi, 'crosses_above', { value: 40 })]],
  size: { percentOfEquity: 20 },
};

/** Each order, both sides, each kind of distance. */
const ORDERS: [string, object][] = [
  [
    'exit conditions',
    {
      exit: [
        when(rsi, '>', { value: 60 }),
        when({ field: 'close' }, '<', { indicator: 'sma', period: 20, times: 0.97 }),
      ],
    },
  ],
  ['stop and target of the fill', { stopLoss: { percent: 1 }, takeProfit: { percent: 1.5 } }],
  [
    'stop and target of the signal',
    { stopLoss: { percent: 1, of: 'signal' }, takeProfit: { percent: 1, of: 'signal' } },
  ],
  ['multiples of ATR', { stopLoss: { atr: 1.5, period: 14 }, takeProfit: { atr: 2.5, period: 9, of: 'signal' } }],
  ['trailing stop', { trailing: { percent: 1.2 } }],
  ['trailing stop by ATR, and a stop', { trailing: { atr: 2, period: 10 }, stopLoss: { percent: 1 } }],
  ['break-even', { breakEven: { percent: 0.8 }, stopLoss: { percent: 2 }, takeProfit: { percent: 3 } }],
  ['time', { maxBars: 7 }],
  ['three positions', { maxPositions: 3, stopLoss: { percent: 1.5 }, maxBars: 30 }],
  [
    'all at once',
    {
      maxPositions: 2,
      exit: [when(rsi, '>', { value: 75 })],
      stopLoss: { atr: 2, period: 14 },
      takeProfit: { percent: 2 },
      trailing: { percent: 1.4 },
      breakEven: { atr: 1, period: 14 },
      maxBars: 40,
    },
  ],
];
const mirrored = { side: 'short', entry: [[when(rsi, 'crosses_below', { value: 60 })]] };

t.test('every order makes the same trades', { skip: NO_PYTHON }, async (t) => {
  const cases = ORDERS.flatMap(([name, orders]) => [
    [`long, ${name}`, { ...BASE, ...orders }] as const,
    [`short, ${name}`, { ...BASE, ...mirrored, ...orders }] as const,
  ]);
  const subjects = cases.map(([, input]) => subjectOf(candles, input, ACCOUNT));
  const trades = runPython(
    t.testdir({}),
    'trades',
    candles,
    subjects.map((subject) => exportStrategy('backtesting', subject)),
  );
  for (const [i, [name]] of cases.entries()) {
    const subject = subjects[i]!;
    t.ok(subject.trades.length > 10, `${name}: ${subject.trades.length} trades`);
    t.equal(difference(subject, trades[i] as PythonTrade[]), undefined, name);
  }
});

t.test('so do sizes in money and in units, and other costs', { skip: NO_PYTHON }, async (t) => {
  const free = { equity: 1_000_000, costs: { fee: 0, slippage: 0, spread: 0 } };
  const cases = [
    subjectOf(candles, { ...BASE, maxBars: 5, size: { quote: 5000 } }, free),
    subjectOf(candles, { ...BASE, maxBars: 5, size: { units: 0.25 } }, free),
    subjectOf(candles, { ...BASE, maxBars: 5, size: { percentOfEquity: 100 } }, ACCOUNT),
  ];
  const trades = runPython(
    t.testdir({}),
    'trades',
    candles,
    cases.map((subject) => exportStrategy('backtesting', subject)),
  );
  for (const [i, subject] of cases.entries()) {
    t.equal(difference(subject, trades[i] as PythonTrade[]), undefined);
  }
});

t.test('what is not affordable is not bought, and what is nearly so is cut alike', { skip: NO_PYTHON }, async (t) => {
  // A position every bar for three bars each: some close at the very open at which the next one opens.
  const always = [[when({ field: 'close' }, '>', { value: 0 })]];
  const cases: [string, object][] = [
    ['dearer than all money', { size: { units: 100 } }],
    ['the third of 4000', { size: { quote: 4000 }, maxPositions: 3, maxBars: 2 }],
    ['the third of 40 %', { size: { percentOfEquity: 40 }, maxPositions: 3, maxBars: 2 }],
    [
      'a tenth, three at once',
      { size: { percentOfEquity: 10 }, maxPositions: 3, maxBars: 2, stopLoss: { percent: 0.4 } },
    ],
    ['all of it, again and again', { size: { percentOfEquity: 100 }, maxBars: 2 }],
  ];
  const subjects = cases.map(([, input]) => subjectOf(candles, { ...BASE, entry: always, ...input }, ACCOUNT));
  const trades = runPython(
    t.testdir({}),
    'trades',
    candles,
    subjects.map((subject) => exportStrategy('backtesting', subject)),
  );
  for (const [i, [name]] of cases.entries()) {
    t.equal(difference(subjects[i]!, trades[i] as PythonTrade[]), undefined, name);
  }
  t.equal(subjects[0]!.trades.length, 0);
});

t.test('levels that no price reaches are left out, which the library refuses', { skip: NO_PYTHON }, async (t) => {
  const far = { atr: 1000, period: 3 };
  const cases = [
    { ...BASE, stopLoss: far, maxBars: 9 },
    { ...BASE, stopLoss: { ...far, of: 'signal' }, trailing: far, maxBars: 9 },
    { ...BASE, ...mirrored, takeProfit: far, maxBars: 9 },
    { ...BASE, ...mirrored, takeProfit: { ...far, of: 'signal' }, breakEven: far, maxBars: 9 },
  ];
  const subjects = cases.map((input) => subjectOf(candles, input, ACCOUNT));
  const trades = runPython(
    t.testdir({}),
    'trades',
    candles,
    subjects.map((subject) => exportStrategy('backtesting', subject)),
  );
  for (const [i, subject] of subjects.entries()) {
    t.ok(subject.trades.length > 10, `${subject.trades.length} trades`);
    t.equal(difference(subject, trades[i] as PythonTrade[]), undefined, JSON.stringify(cases[i]));
  }
});

t.test('strategies of every kind make the same trades', { skip: NO_PYTHON }, async (t) => {
  const seed = 61;
  const short = tenMinuteBars('export', 800, [400, 401, 402]);
  const inputs = fc.sample(strategyArbitrary, { seed, numRuns: 120 });
  const subjects = inputs.map((input) => subjectOf(short, input, ACCOUNT));
  const trades = runPython(
    t.testdir({}),
    'trades',
    short,
    subjects.map((subject) => exportStrategy('backtesting', subject)),
  );
  for (const [i, subject] of subjects.entries()) {
    t.equal(difference(subject, trades[i] as PythonTrade[]), undefined, `seed ${seed}, ${JSON.stringify(inputs[i])}`);
  }
  const busy = subjects.filter((subject) => subject.trades.length > 3).length;
  t.ok(busy >= 15, `${busy} of them trade`);
});

t.test('every output of every indicator says the same', { skip: NO_PYTHON }, async (t) => {
  const conditions = INDICATOR_NAMES.flatMap((indicator) => {
    const { outputs, choices } = getIndicator(indicator, '');
    return outputs.map(({ name }) => {
      const operand = { indicator, ...choices[0], ...(outputs.length === 1 ? {} : { output: name }) };
      // Against itself one bar ago: every bar is a comparison, whatever the scale.
      return when(operand, '>', { ...operand, barsAgo: 1, times: 1.0001 });
    });
  });
  const subjects = conditions.map((condition) =>
    subjectOf(candles, { ...BASE, entry: [[condition]], exit: [condition] }, ACCOUNT),
  );
  const texts = subjects.map((subject) => exportStrategy('freqtrade', subject));
  const columns = runPython(t.testdir({}), 'columns', candles, texts) as { entry: number[]; exit: number[] }[];
  const store = new ColumnStore(candles);
  for (const [i, { strategy }] of subjects.entries()) {
    const expected = [...store.condition(strategy.entry[0]![0]!)];
    const name = JSON.stringify(conditions[i]!.left);
    t.ok(expected.includes(1) && expected.includes(0), name);
    t.same(columns[i]!.entry, expected, name);
    t.same(columns[i]!.exit, expected);
  }
});

/** `input` without what freqtrade is refused; one percent of equity each, so that two fit. */
function forFreqtrade({ takeProfit, trailing: _, breakEven: __, maxPositions: ___, ...rest }: Input): object {
  const ofFill = takeProfit !== undefined && 'percent' in takeProfit && takeProfit.of !== 'signal';
  return { ...rest, takeProfit: ofFill ? takeProfit : undefined, size: { percentOfEquity: 1 } };
}

/** Whether a position opens at the open at which another closes, which freqtrade does with stacked positions alone. */
const reopens = ({ trades }: ExportSubject) =>
  trades.some((trade) =>
    trades.some(
      ({ entryBar, reason }) => trade.exitBar === entryBar && ['signal', 'time'].includes(trade.reason) && reason,
    ),
  );

/** Without missing bars, which freqtrade fills in. */
const whole = tenMinuteBars('whole', 1500);

/** The first difference between the trades of the engine and those of freqtrade, which fills gaps at the level. */
function freqtradeDifference(
  { trades }: ExportSubject,
  others: readonly PythonTrade[],
  { open, length } = whole,
): string | undefined {
  const own = trades.filter(({ reason, entryBar }) => reason !== 'end' && entryBar < length - 1);
  for (const [i, { entryBar, exitBar, entryPrice, exitPrice, reason, units }] of own.entries()) {
    const other = others[i];
    const same = other?.entryBar === entryBar && other.exitBar === exitBar && near(other.entryPrice, entryPrice, 1e-12);
    const gap = exitPrice === open[exitBar] && ['stop', 'target'].includes(reason);
    if (!same || reason !== other.reason || !(gap || near(other.exitPrice, exitPrice, 1e-9))) {
      return `trade ${i}: ${JSON.stringify({ entryBar, exitBar, entryPrice, exitPrice, reason, other })}`;
    }
    if (!near(other.units, units, 1e-9)) return `trade ${i}: ${units} and ${other.units} units`;
  }
  return others.length > own.length ? `${others.length} trades, not ${own.length}` : undefined;
}

const FOR_FREQTRADE = { equity: 10_000, costs: { fee: 0.001, slippage: 0, spread: 0 } };

t.test('freqtrade in its order makes the same trades', { skip: NO_PYTHON }, async (t) => {
  const seed = 62;
  const both = { exit: [when(rsi, '>', { value: 39 })], maxBars: 12 };
  const fixed = [
    { ...BASE, stopLoss: { percent: 1 }, takeProfit: { percent: 1.5 } },
    { ...BASE, ...mirrored, stopLoss: { percent: 1 }, takeProfit: { percent: 1.5 } },
    { ...BASE, ...ORDERS[0]![1] },
    { ...BASE, maxBars: 7, stopLoss: { percent: 0.8 } },
    { ...BASE, stopLoss: { atr: 1.5, period: 14 }, takeProfit: { percent: 1.5 } },
    { ...BASE, ...mirrored, stopLoss: { atr: 1, period: 7, of: 'signal' }, maxBars: 20 },
    // Not known at the first signals, which open nothing.
    { ...BASE, entry: [[when({ field: 'close' }, '>', { value: 0 })]], stopLoss: { atr: 3, period: 100 }, maxBars: 5 },
    // Read at the close of every entry: what is flat is opened all the same, and closed at the next close.
    { ...BASE, ...both },
    { ...BASE, ...mirrored, exit: [when(rsi, '<', { value: 61 })] },
    // Open at nearly every open at which one closes.
    { ...BASE, entry: [[when(rsi, '>', { value: 30 })]], stopLoss: { percent: 0.7 }, maxBars: 3 },
    // Nothing but a stop: no other position may be stacked on one that stays.
    { ...BASE, entry: [[when(rsi, '>', { value: 30 })]], stopLoss: { percent: 0.7 } },
  ];
  const random = fc.sample(strategyArbitrary, { seed, numRuns: 200 }).map((input) => forFreqtrade(input as Input));
  const inputs = [...fixed, ...random];
  const subjects = inputs.map((input) => subjectOf(whole, input, FOR_FREQTRADE));
  const texts = subjects.map((subject) => exportStrategy('freqtrade', subject));
  const folder = t.testdir({});
  const alone = runPython(folder, 'freqtrade', whole, texts) as PythonTrade[][];
  const stacked = runPython(folder, 'stacked', whole, texts) as PythonTrade[][];
  let reopening = 0;
  let compared = 0;
  for (const [i, subject] of subjects.entries()) {
    const name = `seed ${seed}, ${JSON.stringify(inputs[i])}`;
    t.equal(freqtradeDifference(subject, stacked[i]!), undefined, `stacked, ${name}`);
    if (reopens(subject)) {
      reopening++;
      t.ok(freqtradeDifference(subject, alone[i]!), `not alone, ${name}`);
      continue;
    }
    if (subject.trades.length > 3) compared++;
    t.equal(freqtradeDifference(subject, alone[i]!), undefined, name);
  }
  t.ok(compared >= 12, `${compared} of them trade and open at no close`);
  t.ok(reopening >= 5, `${reopening} of them open at a close`);
});

t.test('stops for freqtrade begin where the rules say', { skip: NO_PYTHON }, async (t) => {
  const jumpy = jumpyBars('jumpy', 1500);
  const inputs = [
    { ...BASE, stopLoss: { percent: 0.5, of: 'signal' }, takeProfit: { percent: 1 } },
    { ...BASE, ...mirrored, stopLoss: { percent: 0.5, of: 'signal' }, maxBars: 20 },
    { ...BASE, stopLoss: { atr: 1, period: 7, of: 'signal' }, maxBars: 20 },
    { ...BASE, ...mirrored, stopLoss: { atr: 1, period: 7 }, maxBars: 20 },
    // Beyond many an open, and left there.
    { ...BASE, stopLoss: { percent: 0.02, of: 'signal' }, takeProfit: { percent: 0.5 } },
  ];
  const subjects = inputs.map((input) => subjectOf(jumpy, { ...input, size: { units: 0.01 } }, FOR_FREQTRADE));
  const texts = subjects.map((subject) => exportStrategy('freqtrade', subject));
  const trades = runPython(t.testdir({}), 'stacked', jumpy, texts) as PythonTrade[][];
  for (const [i, subject] of subjects.entries()) {
    t.ok(subject.trades.length > 20);
    t.equal(freqtradeDifference(subject, trades[i]!, jumpy), undefined, JSON.stringify(inputs[i]));
  }
  const atOpen = subjects.at(-1)!.trades.filter(({ entryBar, exitBar, exitPrice, reason }) => {
    return reason === 'stop' && entryBar === exitBar && exitPrice === jumpy.open[entryBar];
  });
  t.ok(atOpen.length > 5, `${atOpen.length} left at the open`);
});

t.test('freqtrade spends what the rules spend', { skip: NO_PYTHON }, async (t) => {
  const timed = { ...BASE, maxBars: 5 };
  const cases: [string, object][] = [
    ['all of it, cut by the fee', { size: { percentOfEquity: 100 } }],
    ['nearly all of it in money, while it pays for the fee', { size: { quote: 9900 } }],
    ['units, while they can be paid', { size: { units: 0.41 } }],
  ];
  const subjects = cases.map(([, size]) => subjectOf(whole, { ...timed, ...size }, FOR_FREQTRADE));
  const texts = subjects.map((subject) => exportStrategy('freqtrade', subject));
  const trades = runPython(t.testdir({}), 'freqtrade', whole, texts) as PythonTrade[][];
  for (const [i, [name]] of cases.entries()) {
    const own = subjects[i]!.trades.filter(({ reason }) => reason !== 'end');
    // Alone, what opens at a close is left out: what is before the first of these is the same.
    const until = own.findIndex(({ entryBar }, k) => own[k - 1]?.exitBar === entryBar);
    const first = { ...subjects[i]!, trades: own.slice(0, until === -1 ? own.length : until) };
    t.ok(first.trades.length > 5, `${name}: ${first.trades.length} trades`);
    t.equal(freqtradeDifference(first, trades[i]!.slice(0, first.trades.length)), undefined, name);
  }
});

t.test('freqtrade is never asked for more bars than it gives', async (t) => {
  const long = { indicator: 'ema', period: 200, timeframe: '4h' };
  const deep = subjectOf(candles, { ...BASE, entry: [[when(long, '>', { value: 0 })]], maxBars: 3 }, ACCOUNT);
  const text = exportStrategy('freqtrade', deep);
  t.match(text, 'startup_candle_count = 2499\n');
  t.match(text, `want ${200 * 4 * 24}`, 'what it would take is said');
  const short = exportStrategy('freqtrade', subjectOf(candles, { ...BASE, maxBars: 3 }, ACCOUNT));
  t.match(short, `startup_candle_count = ${7 * 4}\n`);
  t.notMatch(short, 'too few bars');
});

t.test('freqtrade is given what it can say, and refused the rest', async (t) => {
  const text = exportStrategy(
    'freqtrade',
    subjectOf(candles, { ...BASE, stopLoss: { percent: 2 }, takeProfit: { percent: 3 }, maxBars: 12 }, ACCOUNT),
  );
  t.match(text, 'stoploss = -2 / 100');
  t.match(text, 'timeframe = "10m"');
  t.match(text, `>= ${13 * 600}:`);
  t.match(text, 'minimal_roi = {"0": REACHED}');
  const value = (name: string) => {
    const [, expression] = new RegExp(`^${name} = (.*?)  #`, 'm').exec(text)!;
    return Number(new Function('FEE', `return ${expression}`)(COSTS.fee));
  };
  // Sold at 103 for each 100: what is left of it after both fees, of what was paid with the fee and of the fill.
  const got = 1.03 * (1 - 0.001);
  t.ok(near(value('PAID'), got - (1 + 0.001), 1e-12));
  t.ok(near(value('REACHED'), got / (1 + 0.001) - 1 - 1e-8, 1e-12));
  const dear = exportStrategy('freqtrade', subjectOf(candles, { ...BASE, size: { quote: 5000 } }, ACCOUNT));
  t.match(dear, 'return stake if stake * (1 + FEE) <= max_stake else 0', 'bought whole or not at all');
  const cases: [object, string][] = [
    [{ takeProfit: { atr: 2 } }, 'takeProfit'],
    [{ takeProfit: { percent: 2, of: 'signal' } }, 'takeProfit'],
    [{ trailing: { percent: 2 } }, 'trailing'],
    [{ breakEven: { percent: 2 } }, 'breakEven'],
    [{ maxPositions: 2 }, 'maxPositions'],
  ];
  for (const [orders, field] of cases) {
    t.match(
      fault(() => exportStrategy('freqtrade', subjectOf(candles, { ...BASE, ...orders }, ACCOUNT))),
      { code: 'not_expressible', field },
    );
  }
});
