// Metrics by hand, and the logarithm and exponential that they need.
import fc from 'fast-check';
import t from 'tap';
import { RunRecord } from '../../src/engine/book.ts';
import { allocateColumns } from '../../src/engine/candles.ts';
import { exp, ln } from '../../src/engine/math.ts';
import { DrawdownMeter, mergeMoments, metricsOf, momentsOf, sharpeOf } from '../../src/engine/metrics.ts';
import { curveFormulas, tradeFormulas } from './metric-formulas.ts';

const near = (a: number | null, b: number, tolerance = 1e-12) =>
  a !== null && Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
const HOUR = 3_600_000;

/** A finished run with given equity marks and closed trades (pnl, bars held). */
function recordOf(equity: number[], trades: [number, number][], open = 0) {
  const record = new RunRecord(equity.length);
  record.equity.set(equity);
  record.bars = equity.length;
  record.initialEquity = equity[0]!;
  record.finalEquity = equity.at(-1)!;
  record.openPositions = open;
  for (const [pnl, held] of trades) {
    const row = record.trades.add();
    record.trades.pnl[row] = pnl;
    record.trades.entryBar[row] = 1;
    record.trades.exitBar[row] = 1 + held;
  }
  const candles = allocateColumns(equity.length, HOUR);
  equity.forEach((_, i) => {
    candles.time[i] = i * HOUR;
    candles.open[i] = 50;
    candles.close[i] = 60;
  });
  return metricsOf(record, candles, { from: 0, to: equity.length });
}

t.test('ln and exp are within two units in the last place of the machine’s own', async (t) => {
  const close = (mine: number, theirs: number, scale = Math.abs(theirs)) =>
    Math.abs(mine - theirs) <= 4 * Number.EPSILON * scale;
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) =>
      close(ln(x), Math.log(x), Math.max(Math.abs(Math.log(x)), 0.25)),
    ),
    { seed: 1, numRuns: 20_000 },
  );
  fc.assert(
    fc.property(fc.double({ min: 0.5, max: 2, noNaN: true }), (x) => Math.abs(ln(x) - Math.log(x)) <= 4e-16),
    { seed: 2, numRuns: 20_000 },
  );
  fc.assert(
    fc.property(fc.double({ min: -690, max: 690, noNaN: true }), (x) => close(exp(x), Math.exp(x))),
    {
      seed: 3,
      numRuns: 20_000,
    },
  );
  t.equal(ln(1), 0);
  t.equal(exp(0), 1);
  t.equal(exp(1000), Number.POSITIVE_INFINITY);
  t.equal(exp(-1000), 0);
  for (const x of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) t.ok(Number.isNaN(ln(x)), `ln ${x}`);
});

t.test('ratios from bar returns, flat bars included', async (t) => {
  const metrics = recordOf([100, 100, 110, 99, 99], []);
  // Returns 0, 0.1, −0.1, 0: mean 0, sample variance 0.02 / 3.
  t.ok(near(metrics.sharpe, 0, 1e-9));
  const rising = recordOf([100, 110, 110, 121], []);
  // Returns 0.1, 0, 0.1: mean 0.2/3, sample variance 2 × (1/30)² + (2/30)² over 2 = 1/300.
  t.ok(near(rising.sharpe, (0.2 / 3 / Math.sqrt(1 / 300)) * Math.sqrt(365 * 24), 1e-12));
  t.equal(rising.sortino, null, 'no negative return');
  // Returns −0.5, 1: mean 0.25, downside √(0.25 / 2).
  t.ok(near(recordOf([100, 50, 100], []).sortino, (0.25 / Math.sqrt(0.125)) * Math.sqrt(365 * 24)));
  t.equal(recordOf([100, 100, 100], []).sharpe, null, 'no spread');
});

t.test('drawdown, growth, exposure', async (t) => {
  const metrics = recordOf([100, 120, 90, 96, 120, 130, 117], []);
  t.equal(metrics.maxDrawdown, 0.25);
  t.equal(metrics.maxDrawdownBars, 2, 'two marks below 120');
  t.ok(near(metrics.return, 0.17));
  t.ok(near(metrics.cagr, 1.17 ** ((365 * 24) / 7) - 1, 1e-9));
  t.ok(near(metrics.calmar, metrics.cagr! / 0.25));
  t.ok(near(metrics.buyAndHoldReturn, 0.2));
  t.equal(recordOf([100, 0, -5], []).cagr, null, 'nothing left to grow');
  const meter = new DrawdownMeter(100);
  meter.add(new Float64Array([110, 104.5]), 2);
  meter.add(new Float64Array([99, 105]), 2);
  t.ok(near(meter.depth, 0.1), 'one curve over both parts');
  t.equal(meter.length, 3);
});

t.test('trades', async (t) => {
  const metrics = recordOf(
    [100, 130],
    [
      [30, 2],
      [-10, 4],
      [20, 1],
      [0, 1],
      [99, 9],
    ],
    1,
  );
  t.equal(metrics.trades, 4, 'the last row is an open position');
  t.equal(metrics.wins, 2, 'nothing gained is not won');
  t.equal(metrics.winRate, 0.5);
  t.equal(metrics.profitFactor, 5);
  t.equal(metrics.expectancy, 10);
  t.equal(metrics.averageWin, 25);
  t.equal(metrics.averageLoss, -5);
  t.equal(metrics.largestWin, 30);
  t.equal(metrics.largestLoss, -10);
  t.equal(metrics.averageBarsHeld, 2);
  // Mean 10, squares 400 + 400 + 100 + 100 = 1000 over 3.
  t.ok(near(metrics.sqn, (2 * 10) / Math.sqrt(1000 / 3)));
  const none = recordOf([100, 100], []);
  for (const key of [
    'winRate',
    'profitFactor',
    'expectancy',
    'averageWin',
    'largestLoss',
    'sqn',
    'averageBarsHeld',
  ] as const) {
    t.equal(none[key], null, key);
  }
});

t.test('moments of two parts merge to those of the whole (seed 5)', async (_t) => {
  const curve = fc.array(fc.double({ min: 50, max: 150, noNaN: true }), { minLength: 4, maxLength: 40 });
  fc.assert(
    fc.property(curve, fc.nat(38), (values, cut) => {
      const at = Math.min(1 + cut, values.length - 2);
      const whole = momentsOf(new Float64Array(values), values.length);
      const first = momentsOf(new Float64Array(values.slice(0, at + 1)), at + 1);
      const second = momentsOf(new Float64Array(values.slice(at)), values.length - at);
      const merged = mergeMoments(first, second);
      const [a, b] = [sharpeOf(whole, HOUR), sharpeOf(merged, HOUR)];
      return merged.count === whole.count && (a === null || b === null ? a === b : near(a, b, 1e-9));
    }),
    { seed: 5, numRuns: 300 },
  );
});

t.test('every metric is what its formula in docs/engine.md says (seed 6)', async () => {
  const curve = fc.array(fc.double({ min: 20, max: 300, noNaN: true }), { minLength: 2, maxLength: 40, size: 'max' });
  const profit = fc.integer({ min: -5000, max: 5000 }).map((cents) => cents / 100);
  const profits = fc.array(fc.tuple(profit, fc.nat(20)), { maxLength: 12 });
  fc.assert(
    fc.property(curve, profits, fc.nat(2), (equity, trades, wanted) => {
      const open = Math.min(wanted, trades.length);
      const metrics = recordOf(equity, trades, open);
      const expected = { ...curveFormulas(equity, HOUR), ...tradeFormulas(trades.slice(0, trades.length - open)) };
      for (const [name, want] of Object.entries(expected)) {
        const got = metrics[name as keyof typeof metrics];
        const same = want === null ? got === null : near(got, want, 1e-9);
        if (!same) throw new Error(`${name} is ${got}, by its formula ${want}`);
      }
    }),
    { seed: 6, numRuns: 400 },
  );
});

t.test('trades of equal profit have no SQN, whatever their number', async (t) => {
  for (const count of [2, 3, 7, 1000]) {
    t.equal(
      recordOf(
        [100, 130],
        Array.from({ length: count }, (): [number, number] => [3.3, 1]),
      ).sqn,
      null,
    );
  }
});
