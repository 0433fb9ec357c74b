// A strategy for backtesting.py 0.6 or later (https://kernc.github.io/backtesting.py). Its broker fills market orders at the
// next open, tests a stop loss before a take profit from the fill bar on, and fills gaps at the open, as this engine does.
import type { Distance, Strategy, TrailingDistance } from '../strategy.ts';
import { pythonHead } from './python-file.ts';
import { pythonSignals } from './python-signals.ts';
import { type ExportSubject, lossOf } from './subject.ts';

const LIMITS = [
  'A signal on the very first bar is not read: the library begins with the second one.',
  'Units are whole there, so sizes, cash and all amounts of money are multiplied by SCALE; bars and prices are not.',
  'Where nearly all money is bound, several positions differ in size: it counts what is free with the close of the fill bar.',
  'Entries pay slippage and half the spread in their price; exits pay them as commission, half of it on each side.',
  'A stop or target not beyond the close of the signal, the loss of an entry counted, is taken there one bar late.',
];

/** `level(base, …)` of a distance as a Python expression; `column` is where its ATR stands. */
function reach(distance: Distance | TrailingDistance, column: string): string {
  return 'percent' in distance ? `abs(base) * ${distance.percent} / 100` : `${distance.atr} * self.${column}[signal]`;
}

interface Order {
  name: string;
  column: string;
  distance: Distance | TrailingDistance | undefined;
}

function ordersOf({ stopLoss, takeProfit, breakEven, trailing }: Strategy): Order[] {
  return [
    { name: 'stop', column: 'stop_atr', distance: stopLoss },
    { name: 'target', column: 'target_atr', distance: takeProfit },
    { name: 'break_even', column: 'break_even_atr', distance: breakEven },
    { name: 'trailing', column: 'trailing_atr', distance: trailing },
  ];
}

function levelMethods(strategy: Strategy): string[] {
  const [stop, target, breakEven] = ordersOf(strategy) as [Order, Order, Order, Order];
  return [stop, target, breakEven].flatMap(({ name, column, distance }) => {
    if (distance === undefined) return [];
    const base = 'of' in distance && distance.of === 'signal' ? 'SIDE * self.closes[signal]' : 'fill';
    const sign = name === 'stop' ? '-' : '+';
    return [
      `    def ${name}_level(self, fill, signal):`,
      `        base = ${base}`,
      `        return base ${sign} ${reach(distance, column)}`,
      '',
    ];
  });
}

function initLines(strategy: Strategy): string[] {
  const atrs = ordersOf(strategy).flatMap(({ column, distance }) =>
    distance !== undefined && 'atr' in distance ? [`        self.${column} = atr(bars, ${distance.period})`] : [],
  );
  return [
    '    def init(self):',
    '        data = self.data',
    '        times = [int(time.timestamp() * 1000) for time in data.index]',
    '        bars = Bars(times, data.Open, data.High, data.Low, data.Close, data.Volume)',
    '        self.entries, self.exits = signals(bars)',
    '        self.opens, self.closes = bars.open, bars.close',
    '        self.best = {}  # by entry bar: the best close since, oriented',
    ...atrs,
    '',
  ];
}

function raiseLines({ breakEven, trailing }: Strategy): string[] {
  if (breakEven === undefined && trailing === undefined) return [];
  const lines = [
    '    def raise_stops(self, i):',
    '        """With this close; in force from the next bar on."""',
    '        close = SIDE * self.closes[i]',
    '        for trade in self.trades:',
    '            signal, fill = trade.entry_bar - 1, SIDE * trade.entry_price',
    '            stop = -math.inf if trade.sl is None else SIDE * trade.sl',
    '            raised = stop',
  ];
  if (breakEven !== undefined) {
    lines.push(
      '            if close >= self.break_even_level(fill, signal):',
      '                raised = max(raised, fill)',
    );
  }
  if (trailing !== undefined) {
    lines.push(
      '            if close > self.best.get(trade.entry_bar, -math.inf):',
      '                self.best[trade.entry_bar] = base = close',
      `                raised = max(raised, close - ${reach(trailing, 'trailing_atr')})`,
    );
  }
  lines.push('            if raised > stop:', '                self.place(trade, "sl", SIDE * raised)', '');
  return lines;
}

/** `size` of an order: a share of what is free there, cut as the rules cut it, or whole units, which the library cuts never. */
function sizeLines({ size }: Strategy): string[] {
  const head = [
    '    def order_size(self, opening, price, staying):',
    '        """By the money at that open, once what closes there is closed; 0: too little is free."""',
    '        cash = self.equity - sum(trade.pl for trade in self.trades)',
    '        for trade in self.trades:',
    '            if trade not in staying:',
    '                cash += trade.size * (opening - trade.entry_price) - abs(trade.size) * opening * COMMISSION',
    '        free = cash - sum(abs(trade.size) * trade.entry_price for trade in staying) / LEVERAGE',
    '        rate = 1 / LEVERAGE + FEE',
  ];
  if ('percentOfEquity' in size) {
    return [
      ...head,
      '        equity = cash + sum(trade.size * (opening - trade.entry_price) for trade in staying)',
      `        amount = equity * ${size.percentOfEquity} / 100`,
      '        if amount * rate > free:',
      '            if free < amount / 2 / LEVERAGE:',
      '                return 0',
      '            amount = free / rate',
      '        bound = sum(abs(trade.size) for trade in staying) * opening / LEVERAGE',
      '        most = (equity - bound) * LEVERAGE / (price + opening * COMMISSION)',
      '        units = int(amount / price)',
      '        if units < most * 0.9:',
      '            return units',
      '        # Nearly all that is free: as a share of it, which the library cuts where it would refuse whole units.',
      '        return min(1 - sys.float_info.epsilon, units / most) if most > 0 else 0',
      '',
    ];
  }
  const units = 'quote' in size ? `${size.quote} * SCALE / price` : `${size.units} * SCALE`;
  return [...head, `        units = int(${units})`, '        return units if units * price * rate <= free else 0', ''];
}

/** Distances that must be known at the signal bar. */
function knownCheck(strategy: Strategy): string {
  const columns = ordersOf(strategy).flatMap(({ column, distance }) =>
    distance !== undefined && 'atr' in distance ? [`self.${column}[i]`] : [],
  );
  return columns.length === 0 ? '' : columns.map((column) => ` and ${column} == ${column}`).join('');
}

function nextLines(strategy: Strategy): string[] {
  const raises = strategy.breakEven !== undefined || strategy.trailing !== undefined;
  const late = strategy.stopLoss !== undefined || strategy.takeProfit !== undefined;
  const time = strategy.maxBars === undefined ? '' : ` or i - trade.entry_bar == ${strategy.maxBars}`;
  return [
    '    def next(self):',
    '        i = len(self.data) - 1',
    ...(late ? ['        self.set_late(i)'] : []),
    ...(raises ? ['        self.raise_stops(i)'] : []),
    '        staying = []',
    '        for trade in self.trades:',
    `            if self.exits[i]${time}:`,
    '                trade.close()',
    '            else:',
    '                staying.append(trade)',
    '        if i + 1 == len(self.opens) or not self.entries[i]:',
    '            return',
    `        if len(staying) < ${strategy.maxPositions}${knownCheck(strategy)}:`,
    '            self.enter(i, staying)',
    '',
  ];
}

function enterLines(strategy: Strategy): string[] {
  const { stopLoss, takeProfit } = strategy;
  const levels = [
    ...(stopLoss === undefined ? [] : ['        orders["sl"] = SIDE * self.stop_level(fill, i)']),
    ...(takeProfit === undefined ? [] : ['        orders["tp"] = SIDE * self.target_level(fill, i)']),
  ];
  const lines = [
    '    def enter(self, i, staying):',
    '        # Where the order will fill is known here only to size it and to place its stop and target, as brokers do at the fill.',
    '        opening = self.opens[i + 1]',
    '        fill = SIDE * opening * (1 + SIDE * LOSS)',
    '        size = self.order_size(opening, abs(fill), staying)',
    '        if size <= 0:',
    '            return',
    '        orders = {}',
    ...levels,
    '        price = self.closes[i] * (1 + SIDE * LOSS)',
    '        for name, worse in (("sl", -1), ("tp", 1)):',
    '            if name in orders and (orders[name] <= 0 or (orders[name] - price) * SIDE * worse <= 0):',
    '                del orders[name]',
    '        (self.buy if SIDE == 1 else self.sell)(size=size, sl=orders.get("sl"), tp=orders.get("tp"))',
    '',
  ];
  if (ordersOf(strategy).every(({ distance }) => distance === undefined)) return lines;
  lines.push(
    '    def place(self, trade, name, level):',
    '        """No price reaches a level at or below zero, and the library takes none there."""',
    '        if level > 0:',
    '            setattr(trade, name, level)',
    '',
  );
  if (stopLoss === undefined && takeProfit === undefined) return lines;
  const late = [
    '    def set_late(self, i):',
    '        """Levels that the order could not have since the open lay beyond them."""',
    '        for trade in self.trades:',
    '            if trade.entry_bar != i:',
    '                continue',
    '            signal, fill = i - 1, SIDE * trade.entry_price',
    ...(stopLoss === undefined
      ? []
      : [
          '            if trade.sl is None:',
          '                self.place(trade, "sl", SIDE * self.stop_level(fill, signal))',
        ]),
    ...(takeProfit === undefined
      ? []
      : [
          '            if trade.tp is None:',
          '                self.place(trade, "tp", SIDE * self.target_level(fill, signal))',
        ]),
    '',
  ];
  return [...lines, ...late];
}

/** A Python file: `python FILE CANDLES.csv` runs it. */
export function exportBacktesting(subject: ExportSubject): string {
  const { strategy, account, candles } = subject;
  const usesAtr = ordersOf(strategy).some(({ distance }) => distance !== undefined && 'atr' in distance);
  const loss = lossOf(account);
  const strategyLines = [
    'class Exported(Strategy):',
    ...initLines(strategy),
    ...levelMethods(strategy),
    ...raiseLines(strategy),
    ...nextLines(strategy),
    ...sizeLines(strategy),
    ...enterLines(strategy),
  ];
  return `${[
    pythonHead(subject, LIMITS),
    'import math\nimport sys\n\nfrom backtesting import Backtest, Strategy',
    [
      `SIDE = ${strategy.side === 'long' ? 1 : -1}`,
      `FEE = ${account.costs.fee}`,
      `LOSS = ${loss}  # slippage and half the spread`,
      'COMMISSION = FEE + LOSS / 2',
      `LEVERAGE = ${account.costs.perpetual?.leverage ?? 1}`,
      `EQUITY = ${account.equity}`,
      'SCALE = 1_000_000_000',
    ].join('\n'),
    pythonSignals(strategy, candles.meta.barMs, usesAtr ? ['atr'] : []),
    `${strategyLines.join('\n').trimEnd()}`,
    [
      'def backtest(data):',
      '    """data: a DataFrame of Open, High, Low, Close, Volume by opening time in UTC."""',
      '    return Backtest(',
      '        data, Exported, cash=EQUITY * SCALE, spread=LOSS, commission=COMMISSION, margin=1 / LEVERAGE,',
      '        trade_on_close=False, hedging=False, exclusive_orders=False,',
      '    )',
    ].join('\n'),
    [
      'if __name__ == "__main__":',
      '    import pandas as pd',
      '',
      '    candles = pd.read_csv(sys.argv[1], index_col=0)',
      '    numeric = pd.api.types.is_numeric_dtype(candles.index)',
      '    candles.index = pd.to_datetime(candles.index, utc=True, unit="ms" if numeric else None)',
      '    candles.columns = [name.capitalize() for name in candles.columns]',
      '    stats = backtest(candles).run()',
      '    print(stats)',
      '    print(stats["_trades"].to_string())',
    ].join('\n'),
  ].join('\n\n\n')}\n`;
}
