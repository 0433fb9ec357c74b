// Perpetual futures: margin, funding and liquidation, each rule of docs/engine.md by hand.
import t from 'tap';
import { allocateColumns } from '../../src/engine/candles.ts';
import { Evaluator } from '../../src/engine/fast/evaluator.ts';
import { PlainEvaluator } from '../../src/engine/fitness.ts';
import { checkFunding, DEFAULT_PERPETUAL, type Perpetual } from '../../src/engine/perpetual.ts';
import { openStream } from '../../src/engine/random.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { defaultCosts, parseCosts, parseSearchSpec, presetSpec } from '../../src/engine/search-spec.ts';
import type { Account } from '../../src/engine/simulate.ts';
import { BAR_MS, flat, run } from './run-strategy.ts';
import { drawStrategy } from './search-rules.ts';
import type { Bar } from './slow-simulator.ts';

const HOUR = 3_600_000;
const TERMS: Perpetual = { leverage: 10, fundingRate: 0, fundingHours: 8, maintenance: 0.01, liquidationFee: 0 };
const account = (terms: Partial<Perpetual> = {}, costs: object = {}): Account => ({
  equity: 1000,
  costs: { fee: 0, slippage: 0, spread: 0, ...costs, perpetual: { ...TERMS, ...terms } },
});
const near = (a: number | undefined, b: number) => a !== undefined && Math.abs(a - b) < 1e-9;
/** Bars of 20 minutes from this hour of a day on. */
const from = (hour: number, count: number) => Array.from({ length: count }, (_, i) => hour * HOUR + i * BAR_MS);

t.test('a position ties up its value / leverage, long and short; more than that is refused or cut', async (t) => {
  const bars = [flat(100, 1), flat(), flat()];
  for (const side of ['long', 'short']) {
    const entered = (size: object, leverage: number) =>
      run(bars, { side, size }, account({ leverage }, { fee: 0.001 })).trades[0]?.units;
    t.equal(entered({ units: 39 }, 4), 39, '3900 / 4 and a fee of 3.9 are less than 1000');
    t.equal(entered({ units: 40 }, 4), undefined, '4000 / 4 leave nothing for the fee');
    t.equal(entered({ units: 40 }, 5), 40);
    t.equal(
      entered({ percentOfEquity: 100 }, 2),
      10,
      'a percentage is the value of the position, whatever the leverage',
    );
  }
  const both = run(
    [flat(100, 1), flat(100, 1), flat(), flat()],
    { size: { quote: 2400 }, maxPositions: 2 },
    account({ leverage: 4 }),
  );
  t.equal(both.record.refusedEntries, 1, '600 of 1000 are tied up, 400 are less than another 600');
});

t.test('funding is paid at each funding time that a position is held through', async (t) => {
  const terms = { fundingRate: 0.001 };
  // Entry fills at 07:20. At 08:00 the open is 110.
  const bars: Bar[] = [flat(100, 1), flat(100), flat(105), [110, 111, 105, 108], flat(120), flat(120, 2), flat(120)];
  const long = run(bars, {}, account(terms), undefined, from(7, 7));
  t.ok(near(long.trades[0]!.funding, 0.11), 'units × open of the bar at 08:00 × rate');
  t.ok(near(long.trades[0]!.pnl, 20 - 0.11));
  t.ok(near(long.equity[3], 1000 + 8 - 0.11), 'out of equity from then on');
  t.ok(near(long.metrics.fundingPaid, 0.11));
  t.equal(long.metrics.feesPaid, 0, 'it is no fee');
  const short = run(bars, { side: 'short' }, account(terms), undefined, from(7, 7));
  t.ok(near(short.trades[0]!.funding, -0.11), 'a short receives');
  t.ok(near(run(bars, {}, account({ fundingRate: -0.001 }), undefined, from(7, 7)).trades[0]!.funding, -0.11));
  const held = (first: number, exitAt: number, times = from(first, 7)) => {
    const signals = Array.from({ length: 7 }, (_, i) => flat(100, i === 0 ? 1 : i === exitAt ? 2 : 0));
    return run(signals, {}, account(terms), undefined, times).trades[0]!.funding;
  };
  t.ok(near(held(7, 2), 0.1), 'closed at the open of 08:00: it was held until then');
  t.equal(held(7, 1), 0, 'closed at 07:40');
  const late = from(7, 7).map((time) => time + 2 * BAR_MS);
  t.equal(held(7, 3, late), 0, 'opened at the open of 08:00');
  // After 07:20 nothing until 12:00 of the next day: 08:00, 16:00, 00:00 and 08:00 lie between.
  const gap = from(7, 7).map((time, i) => (i < 2 ? time : time + 29 * HOUR));
  t.ok(near(held(7, 3, gap), 0.4), 'a gap in the candles is none in time');
  const hourly = run(
    Array.from({ length: 7 }, (_, i) => flat(100, i === 0 ? 1 : 0)),
    {},
    account({ ...terms, fundingHours: 1 }),
    undefined,
    from(7, 7),
  );
  t.ok(near(hourly.record.fundingPaid, 0.2), 'at 08:00 and 09:00; what is open has paid as well');
  t.ok(near(hourly.trades[0]!.pnl, -0.2));
});

t.test('liquidated where margin and gain are worth the maintenance margin, not before', async (t) => {
  // (100 − 10) / (1 − 0.01)
  const level = 90 / 0.99;
  const fall = (low: number, orders = {}) => run([flat(100, 1), flat(), [95, 96, low, 95], flat()], orders, account());
  t.same(fall(level + 0.01).short, [[1, 3, 100, 'end']]);
  const hit = fall(level - 0.01);
  t.equal(hit.trades[0]!.reason, 'liquidation');
  t.ok(near(hit.trades[0]!.exitPrice, level));
  t.ok(near(hit.metrics.finalEquity, 1000 - (100 - level)), 'what is left of the margin stays');
  t.equal(hit.metrics.liquidations, 1);
  const up = run([flat(100, 1), flat(), [100, 109, 99, 100], flat()], { side: 'short' }, account());
  t.ok(
    near(up.trades[0]!.exitPrice, 110 / 1.01) && up.trades[0]!.reason === 'liquidation',
    'a short: (100 + 10) / (1 + 0.01)',
  );
  t.same(
    run([flat(100, 1), flat(), [50, 60, 1, 40], flat(40)], {}, account({ leverage: 1 })).short,
    [[1, 3, 40, 'end']],
    'whole collateral is never used up',
  );
});

t.test('of stop and liquidation the nearer comes first; a bar that opens beyond the liquidation is one', async (t) => {
  const shape = (bar: Bar, orders: object) =>
    run([flat(100, 1), flat(), bar, flat()], orders, account()).trades.map(({ exitPrice, reason }) => [
      reason,
      exitPrice,
    ]);
  t.same(shape([99, 99, 50, 60], { stopLoss: { percent: 5 } }), [['stop', 95]], 'on the way down it is met before');
  t.same(shape([92, 93, 50, 60], { stopLoss: { percent: 5 } }), [['stop', 92]], 'opened between the two');
  t.same(shape([80, 81, 50, 60], { stopLoss: { percent: 5 } }), [['liquidation', 90]], 'opened beyond both');
  const [[reason, price] = []] = shape([99, 99, 50, 60], { stopLoss: { percent: 30 } });
  t.ok(reason === 'liquidation' && near(price as number, 90 / 0.99));
  const wide = run([flat(100, 1), flat(), [99, 120, 90, 100], flat()], { takeProfit: { percent: 10 } }, account());
  t.equal(wide.trades[0]!.reason, 'liquidation');
  t.equal(wide.metrics.ambiguousBars, 1, 'the target was touched as well');
  const ordered = run([flat(100, 1), flat(100, 2), [80, 99, 79, 99], flat()], {}, account());
  t.same(ordered.short, [[1, 2, 90, 'liquidation']], 'also where a close was ordered for that open');
});

t.test('a position loses no more than its margin and the fee that it was opened with', async (t) => {
  const gap: Bar[] = [flat(100, 1), flat(), [40, 41, 39, 40], flat(40)];
  const costs = { fee: 0.001, slippage: 0.002 };
  const { trades, metrics } = run(gap, {}, account({ liquidationFee: 0.01 }, costs));
  const entry = 100.2;
  t.ok(near(trades[0]!.pnl, -entry / 10 - entry * 0.001));
  t.ok(near(trades[0]!.exitPrice, entry * 0.9), 'taken over at the price that uses up the margin');
  t.ok(near(metrics.feesPaid, entry * 0.001), 'nothing was left for another fee');
  const level = (entry * 0.9) / 0.99;
  const touch = run([flat(100, 1), flat(), [95, 95, 91, 91], flat(91)], {}, account({ liquidationFee: 0.001 }, costs));
  const filled = level * 0.998;
  t.ok(near(touch.trades[0]!.fees, entry * 0.001 + filled * 0.002), 'else the taker’s fee and the one for liquidating');
  t.ok(near(touch.trades[0]!.pnl, filled - entry - touch.trades[0]!.fees));
});

t.test('funding comes out of the margin, so it draws the liquidation nearer', async (t) => {
  const bars = Array.from({ length: 30 }, (_, i): Bar => [100, 100, 99, 100, i === 0 ? 1 : 0]);
  const { trades, metrics } = run(bars, {}, account({ fundingRate: 0.01, fundingHours: 1 }), undefined, from(0, 30));
  // After k payments the level is (100 − 10 + k) / 0.99: below the lows of 99 for k = 8, beyond the open of 100 for k = 9.
  t.same(
    trades.map(({ exitBar, exitPrice, reason }) => [exitBar, exitPrice, reason]),
    [[27, 100, 'liquidation']],
  );
  t.ok(near(metrics.fundingPaid, trades[0]!.funding));
});

t.test('terms that cannot be are refused by name', async (t) => {
  const cases: [object, string, string][] = [
    [{ leverage: 0.5 }, 'out_of_range', 'costs.perpetual.leverage'],
    [{ leverage: 126 }, 'out_of_range', 'costs.perpetual.leverage'],
    [{ leverage: '3' }, 'bad_value', 'costs.perpetual.leverage'],
    [{ fundingRate: 0.02 }, 'out_of_range', 'costs.perpetual.fundingRate'],
    [{ fundingHours: 5 }, 'bad_value', 'costs.perpetual.fundingHours'],
    [{ fundingHours: 48 }, 'out_of_range', 'costs.perpetual.fundingHours'],
    [{ maintenance: -0.1 }, 'out_of_range', 'costs.perpetual.maintenance'],
    [{ leverage: 100, maintenance: 0.01 }, 'out_of_range', 'costs.perpetual.maintenance'],
    [{ liquidationFee: 0.2 }, 'out_of_range', 'costs.perpetual.liquidationFee'],
    [{ margin: 3 }, 'unknown_key', 'costs.perpetual.margin'],
  ];
  for (const [perpetual, code, field] of cases) {
    t.throws(
      () => parseCosts({ perpetual }, 'costs', defaultCosts(undefined)),
      { code, field },
      JSON.stringify(perpetual),
    );
  }
  t.same(parseCosts({ perpetual: { leverage: 5 } }, 'costs', defaultCosts(undefined)).perpetual, {
    ...DEFAULT_PERPETUAL,
    leverage: 5,
  });
  const spec = presetSpec({ preset: 'quick', risk: 'low', overrides: { costs: { perpetual: DEFAULT_PERPETUAL } } });
  t.same(spec.costs.perpetual, DEFAULT_PERPETUAL);
  t.same([spec.costs.fee, spec.costs.makerFee], [0.0005, 0.0002], 'with the fees of such markets');
  const own = presetSpec({
    preset: 'quick',
    risk: 'low',
    overrides: { costs: { perpetual: DEFAULT_PERPETUAL, fee: 0.001 } },
  });
  t.same([own.costs.fee, own.costs.makerFee], [0.001, undefined], 'a fee of one’s own is that of targets, too');
  t.throws(() => parseSearchSpec({ ...spec, costs: { ...spec.costs, perpetual: { leverage: 3 } } }), {
    code: 'missing_key',
    field: 'costs.perpetual.fundingRate',
  });
});

t.test('candles on which funding has no bar of its own are refused', async (t) => {
  const candles = (barMs: number, first = 0) => {
    const columns = allocateColumns(2, barMs);
    columns.time.set([first, first + barMs]);
    return columns;
  };
  const refused = { code: 'bad_funding', field: 'fundingHours' };
  t.doesNotThrow(() => checkFunding(candles(8 * HOUR), TERMS));
  t.doesNotThrow(() => checkFunding(candles(24 * HOUR), { ...TERMS, fundingHours: 24 }));
  t.throws(() => checkFunding(candles(24 * HOUR), TERMS), refused, 'three times within a bar');
  t.throws(() => checkFunding(candles(7 * 60_000), TERMS), refused, 'not at an opening time');
  t.throws(() => checkFunding(candles(HOUR, HOUR / 2), TERMS), refused, 'half an hour beside it');
  t.throws(
    () => run([flat(), flat()], {}, account({ fundingHours: 8 }), undefined, [60_000, 60_000 + BAR_MS]),
    refused,
  );
});

t.test('a search on perpetual futures scores what the plain simulator says', async (t) => {
  const candles = sampleCandles('perpetual', 900);
  const scores = (costs: object) => {
    const overrides = { folds: 2, minTrades: 1, allowShort: true, population: 10, generations: 1, costs };
    const spec = presetSpec({ preset: 'quick', risk: 'high', overrides });
    const random = openStream(new Uint8Array([7]));
    const strategies = Array.from({ length: 25 }, () => drawStrategy(random));
    const plain = new PlainEvaluator(candles, spec);
    const fast = new Evaluator(candles, spec).evaluate(strategies);
    t.same(
      fast,
      strategies.map((strategy) => plain.evaluate(strategy)),
    );
    return fast.map(({ fitness }) => fitness);
  };
  const rates = { fee: 0.0005, makerFee: 0.0005, slippage: 0.0005 };
  t.notSame(scores({ ...rates, perpetual: { ...DEFAULT_PERPETUAL, leverage: 40 } }), scores(rates));
});
