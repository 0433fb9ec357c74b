// Fills and accounting: each rule of docs/engine.md by hand.
import t from 'tap';
import { FREE, flat, run } from './run-strategy.ts';
import type { Bar } from './slow-simulator.ts';

t.test('a signal at a close fills at the next open, both ways', async (t) => {
  const { trades, equity, metrics } = run(
    [flat(100, 1), [101, 105, 100, 104], flat(104, 2), [106, 107, 103, 103], flat(99)],
    {},
  );
  t.same(trades, [
    {
      entryBar: 1,
      exitBar: 3,
      units: 1,
      entryPrice: 101,
      exitPrice: 106,
      pnl: 5,
      fees: 0,
      funding: 0,
      reason: 'signal',
    },
  ]);
  t.same(equity, [1000, 1003, 1003, 1005, 1005], 'marked at every close');
  t.equal(metrics.finalEquity, 1005);
  t.equal(metrics.exposure, 2 / 5, 'in the market during bars 1 and 2');
});

t.test('fee, slippage and half the spread on both sides', async (t) => {
  const costs = { fee: 0.01, slippage: 0.002, spread: 0.006 };
  const { trades, metrics } = run(
    [flat(100, 1), flat(100, 2), flat(200)],
    { size: { units: 2 } },
    { equity: 1000, costs },
  );
  const [entry, exit] = [100 * 1.005, 200 * 0.995];
  const fees = 2 * entry * 0.01 + 2 * exit * 0.01;
  const [trade] = trades;
  t.equal(trade!.entryPrice, entry);
  t.equal(trade!.exitPrice, exit);
  t.ok(Math.abs(trade!.fees - fees) < 1e-12);
  t.ok(Math.abs(trade!.pnl - (2 * (exit - entry) - fees)) < 1e-12);
  t.ok(Math.abs(metrics.finalEquity - 1000 - trade!.pnl) < 1e-12, 'every fee leaves the account once');
  t.ok(Math.abs(metrics.feesPaid - fees) < 1e-12);
});

t.test('a target pays the maker’s fee, everything else the taker’s', async (t) => {
  const costs = { fee: 0.01, makerFee: 0.002, slippage: 0, spread: 0 };
  const orders = { stopLoss: { percent: 5 }, takeProfit: { percent: 10 } };
  const fees = (bar: Bar, signal = 0) =>
    run([flat(100, 1), flat(100, signal), bar, flat()], orders, { equity: 1000, costs }).trades[0]!.fees;
  t.equal(fees([100, 111, 99, 105]), 1 + 110 * 0.002);
  t.equal(fees([120, 121, 119, 120]), 1 + 120 * 0.002, 'also beyond its level');
  t.equal(fees([100, 101, 94, 100]), 1 + 95 * 0.01);
  t.equal(fees([100, 100, 100, 100], 2), 1 + 100 * 0.01);
});

t.test('impact: an order moves its own price in proportion to its value', async (t) => {
  const costs = { fee: 0, slippage: 0.001, spread: 0, impact: 0.02 };
  const trade = (changes: object, equity = 2_000_000) =>
    run([flat(100, 1), flat(100, 2), flat(50), flat(50)], changes, { equity, costs });
  const near = (a: number, b: number) => Math.abs(a - b) < 1e-9;
  const half = trade({ size: { units: 5000 } }).trades[0]!;
  t.ok(near(half.entryPrice, 100 * (1 + 0.001 + 0.02 * 0.5)), 'half a million at the open');
  t.ok(near(half.exitPrice, 50 * (1 - 0.001 - 0.02 * 0.25)), 'a quarter at the exit');
  t.ok(near(trade({ size: { quote: 1_000_000 } }).trades[0]!.entryPrice, 102.1));
  t.ok(near(trade({ size: { percentOfEquity: 50 }, side: 'short' }).trades[0]!.entryPrice, 97.9));
  const flood = trade({ size: { percentOfEquity: 100 }, side: 'short' }, 50_000_000);
  t.same([flood.trades.length, flood.record.refusedEntries], [0, 1], 'no buyer at any price');
  const [dumped] = run(
    [flat(100, 1), flat(100, 2), flat(100_000), flat()],
    { size: { units: 5000 } },
    { equity: 1e6, costs },
  ).trades;
  t.equal(dumped!.exitPrice, 0, 'a sale brings no less than nothing');
});

t.test('stop and target live from the fill bar on', async (t) => {
  const orders = { stopLoss: { percent: 5 }, takeProfit: { percent: 10 } };
  t.same(run([flat(100, 1), [100, 101, 94, 96], flat(96)], orders).short, [[1, 1, 95, 'stop']]);
  t.same(run([flat(100, 1), [100, 111, 99, 105], flat(96)], orders).short, [[1, 1, 110, 'target']]);
  const touch = run([flat(100, 1), [100, 109, 95.5, 105], [105, 105, 95, 105], flat()], orders);
  t.same(touch.short, [[1, 2, 95, 'stop']], 'touching the level is enough');
});

t.test('the stop is tested first; a bar that touches both is ambiguous', async (t) => {
  const { short, metrics } = run([flat(100, 1), flat(), [100, 112, 94, 100], flat()], {
    stopLoss: { percent: 5 },
    takeProfit: { percent: 10 },
  });
  t.same(short, [[1, 2, 95, 'stop']]);
  t.equal(metrics.ambiguousBars, 1);
});

t.test('a gap through the level fills at the open', async (t) => {
  const orders = { stopLoss: { percent: 5 }, takeProfit: { percent: 10 } };
  t.same(run([flat(100, 1), flat(), [90, 96, 88, 92], flat()], orders).short, [[1, 2, 90, 'stop']]);
  t.same(run([flat(100, 1), flat(), [115, 116, 114, 115], flat()], orders).short, [[1, 2, 115, 'target']]);
  const signalBased = { stopLoss: { percent: 1, of: 'signal' } };
  t.same(run([flat(100, 1), [98, 99, 97, 98], flat()], signalBased).short, [[1, 1, 98, 'stop']], 'on the fill bar too');
});

t.test('a trailing stop is raised at the close and counts from the next bar', async (t) => {
  const bars: Bar[] = [flat(100, 1), [100, 120, 99, 120], [120, 121, 109, 112], [112, 113, 107, 112], flat()];
  const { short } = run(bars, { trailing: { percent: 10 } });
  t.same(short, [[1, 3, 108, 'trailing']], '10 % below the close 120; the low 99 of bar 1 did not meet it');
  const falling = run([flat(100, 1), [100, 101, 95, 96], [96, 97, 87, 90], [90, 90, 86, 86], flat()], {
    trailing: { percent: 10 },
  });
  t.same(falling.short, [[1, 3, 86.4, 'trailing']], 'it follows closes, the first being that of the fill bar');
});

t.test('break-even moves the stop to the entry price', async (t) => {
  const orders = { stopLoss: { percent: 8 }, breakEven: { percent: 5 } };
  const bars: Bar[] = [flat(100, 1), [100, 106, 97, 105], [105, 105, 101, 104], [103, 104, 96, 97], flat()];
  t.same(run(bars, orders).short, [[1, 3, 100, 'break_even']]);
  const high: Bar[] = [flat(100, 1), [100, 106, 97, 104], [104, 105, 93, 94], [94, 94, 91, 92], flat()];
  t.same(run(high, orders).short, [[1, 3, 92, 'stop']], 'a high without a close does not arm it');
});

t.test('a pending close fills before a pending entry at the same open', async (t) => {
  const { short } = run([flat(100, 1), flat(101, 3), flat(103, 0), flat(104, 2), flat(105)], {});
  t.same(short, [
    [1, 2, 103, 'signal'],
    [2, 4, 105, 'signal'],
  ]);
});

t.test('entries are ignored while the position limit is reached', async (t) => {
  const bars = [flat(100, 1), flat(101, 1), flat(102, 1), flat(103, 1), flat(104)];
  t.same(run(bars, {}).short, [[1, 4, 104, 'end']]);
  const two = run(bars, { maxPositions: 2 });
  t.same(two.short, [
    [1, 4, 104, 'end'],
    [2, 4, 104, 'end'],
  ]);
  t.equal(two.metrics.openPositions, 2);
  t.equal(two.metrics.trades, 0, 'open positions are not closed trades');
  t.equal(two.metrics.netProfit, 3 + 2, 'but they are marked');
});

t.test('a position closed by its stop may be re-entered on a signal at that close', async (t) => {
  const bars: Bar[] = [flat(100, 1), flat(), [100, 100, 90, 92, 1], [93, 94, 93, 94], flat(95)];
  t.same(run(bars, { stopLoss: { percent: 5 } }).short, [
    [1, 2, 95, 'stop'],
    [3, 4, 95, 'end'],
  ]);
});

t.test('maxBars orders the exit at the close of the n-th bar after the fill bar', async (t) => {
  const bars = [flat(100, 1), flat(101), flat(102), flat(103), flat(104), flat(105)];
  t.same(run(bars, { maxBars: 2 }).short, [[1, 4, 104, 'time']]);
  t.same(run(bars, { maxBars: 1 }).short, [[1, 3, 103, 'time']]);
});

t.test('nothing is filled after the window, nothing read before it', async (t) => {
  const bars = [flat(100, 1), flat(101, 0), flat(102, 1), flat(103), flat(104, 1)];
  t.same(run(bars, {}, FREE, { from: 1, to: 4 }).short, [[3, 3, 103, 'end']]);
  t.same(run(bars, {}, FREE, { from: 3, to: 5 }).short, [], 'the signal of the last bar has no open to fill at');
});

t.test('sizes: percent of equity at the fill, money, units', async (t) => {
  const bars = [flat(100, 1), flat(50, 2), flat(80, 1), flat(40), flat(40)];
  const percent = run(bars, { size: { percentOfEquity: 50 } }).trades;
  t.equal(percent[0]!.units, 10, '500 at 50');
  t.equal(percent[1]!.units, 16.25, 'equity is 1300 after the first trade: 650 at 40');
  t.equal(run(bars, { size: { quote: 200 } }).trades[0]!.units, 4);
});

t.test('what if money is not enough', async (t) => {
  const costs = { fee: 0.01, slippage: 0, spread: 0 };
  const all = run([flat(100, 1), flat(100), flat(100)], { size: { percentOfEquity: 100 } }, { equity: 1010, costs });
  t.equal(all.trades[0]!.units, 10, 'percent is cut so that the fee is paid as well');
  t.equal(all.metrics.reducedEntries, 1);
  const fixedSize = run([flat(100, 1), flat(100), flat(100)], { size: { quote: 1005 } }, { equity: 1010, costs });
  t.same(fixedSize.trades, [], 'an amount in money or units is bought whole or not at all');
  t.equal(fixedSize.metrics.refusedEntries, 1);
  const dust = run([flat(100, 1), flat(100, 1), flat(100)], { size: { percentOfEquity: 70 }, maxPositions: 2 });
  t.equal(dust.trades.length, 1, 'less than half of what is wanted is not bought');
  const second = run([flat(100, 1), flat(100, 1), flat(100)], { size: { units: 6 }, maxPositions: 2 });
  t.equal(second.trades.length, 1, 'money in a position is not free');
});

t.test('a short is the mirror image', async (t) => {
  const orders = { side: 'short', stopLoss: { percent: 5 }, takeProfit: { percent: 10 } };
  t.same(run([flat(100, 1), [100, 106, 99, 100], flat()], orders).short, [[1, 1, 105, 'stop']]);
  t.same(run([flat(100, 1), [100, 101, 89, 92], flat()], orders).short, [[1, 1, 90, 'target']]);
  t.same(run([flat(100, 1), flat(), [110, 111, 109, 110], flat()], orders).short, [[1, 2, 110, 'stop']]);
  const costs = { fee: 0, slippage: 0.01, spread: 0 };
  const [trade] = run([flat(100, 1), flat(100, 2), flat(80)], { side: 'short' }, { equity: 1000, costs }).trades;
  t.equal(trade!.entryPrice, 99);
  t.equal(trade!.exitPrice, 80.8);
  t.ok(Math.abs(trade!.pnl - 18.2) < 1e-12);
  const trailing = run([flat(100, 1), [100, 100, 80, 80], [80, 87, 79, 86], [86, 89, 85, 88], flat()], {
    side: 'short',
    trailing: { percent: 10 },
  });
  t.same(trailing.short, [[1, 3, 88, 'trailing']]);
});

t.test('distances in ATR are those of the signal bar; an undefined one is no entry', async (t) => {
  const bars: Bar[] = [
    [100, 102, 98, 100, 1],
    [100, 106, 96, 100, 1],
    [100, 101, 99, 100],
    [100, 100, 92, 93],
    flat(93),
  ];
  // True ranges 4 and 10: ATR(2) of bar 1 is 7, of bar 0 undefined. Stop 100 − 7 = 93.
  t.same(run(bars, { stopLoss: { atr: 1, period: 2 } }).short, [[2, 3, 93, 'stop']]);
});

t.test('a cross looks at the bar before; barsAgo and times shift and scale', async (t) => {
  const close = { field: 'close' };
  const cross = { entry: [[{ left: close, op: 'crosses_above', right: { value: 100 } }]], exit: [] };
  t.same(run([flat(101), flat(100), flat(101), flat(102), flat(103)], cross).short, [[3, 4, 103, 'end']]);
  const below = { entry: [[{ left: close, op: 'crosses_below', right: { value: 100 } }]], exit: [] };
  t.same(run([flat(99), flat(100), flat(99), flat(98), flat(97)], below).short, [[3, 4, 97, 'end']]);
  const lag = { entry: [[{ left: close, op: '>', right: { field: 'close', barsAgo: 2, times: 1.1 } }]], exit: [] };
  t.same(run([flat(100), flat(120), flat(110), flat(133), flat(1)], lag).short, [[4, 4, 1, 'end']]);
});

t.test('a part of a search ends flat: what is open pays for its exit and is a trade', async (t) => {
  const bars = [flat(100, 1), flat(100), flat(110)];
  const account = { equity: 1000, costs: { fee: 0.01, slippage: 0, spread: 0 } };
  const marked = run(bars, {}, account);
  t.same([marked.record.openPositions, marked.metrics.trades], [1, 0], 'a backtest reports it as open');
  t.equal(marked.record.finalEquity, 1009, '1000 + 10 gained − 1 for the entry');
  const { record, trades, metrics, equity } = run(bars, {}, { ...account, closeAtEnd: true });
  t.same([record.openPositions, metrics.trades], [0, 1]);
  t.ok(Math.abs(record.finalEquity - 1007.9) < 1e-9, 'and 1.1 for the exit at 110');
  t.ok(Math.abs(equity[2]! - 1007.9) < 1e-9, 'which the last mark shows');
  t.ok(Math.abs(trades[0]!.pnl - 7.9) < 1e-9 && trades[0]!.reason === 'end' && trades[0]!.exitBar === 2);
});
