// Random strategies on random bars against a slow simulator that is written from the rules of docs/engine.md alone.
import fc from 'fast-check';
import t from 'tap';
import { parseStrategy } from '../../src/engine/parse-strategy.ts';
import type { Costs } from '../../src/engine/search-spec.ts';
import type { Trade } from '../../src/engine/trade-log.ts';
import { BAR_MS, run, SIGNALS } from './run-strategy.ts';
import { type Bar, slowRun } from './slow-simulator.ts';

const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

const barArbitrary = fc.tuple(
  fc.integer({ min: -600, max: 600 }),
  fc.nat(500),
  fc.nat(500),
  fc.integer({ min: -400, max: 400 }),
  fc.constantFrom(0, 0, 0, 1, 1, 2, 3),
);
const barsArbitrary = fc.array(barArbitrary, { minLength: 3, maxLength: 60, size: 'max' }).map((steps) => {
  let before = 100;
  return steps.map(([gap, up, down, move, signal]): Bar => {
    // Gaps are rare but wide; prices have two decimals, so that levels are met exactly now and then.
    const open = Math.max(1, Math.round(before * 100 + (Math.abs(gap) > 450 ? gap : 0)) / 100);
    const close = Math.max(1, Math.round(open * 100 + move) / 100);
    const high = Math.round(Math.max(open, close) * 100 + up) / 100;
    const low = Math.max(0.5, Math.round(Math.min(open, close) * 100 - down) / 100);
    before = close;
    return [open, high, low, close, signal];
  });
});
const distanceArbitrary = fc.oneof(
  fc.record({ percent: fc.constantFrom(1, 2, 3.5, 6), of: fc.constantFrom('fill', 'signal') }),
  fc.record({
    atr: fc.constantFrom(0.5, 1, 2.5),
    period: fc.constantFrom(1, 3),
    of: fc.constantFrom('fill', 'signal'),
  }),
);
const trailingArbitrary = fc.oneof(
  fc.record({ percent: fc.constantFrom(1, 2, 5) }),
  fc.record({ atr: fc.constantFrom(0.5, 2), period: fc.constantFrom(1, 3) }),
);
const strategyArbitrary = fc.record(
  {
    side: fc.constantFrom('long', 'short'),
    exit: fc.constantFrom([], SIGNALS.exit),
    stopLoss: distanceArbitrary,
    takeProfit: distanceArbitrary,
    breakEven: distanceArbitrary,
    trailing: trailingArbitrary,
    maxBars: fc.integer({ min: 1, max: 6 }),
    size: fc.constantFrom(
      { units: 3 },
      { quote: 400 },
      { quote: 4000 },
      { percentOfEquity: 60 },
      { percentOfEquity: 100 },
    ),
    maxPositions: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: ['side', 'exit', 'size'] },
);

function agrees(fast: ReturnType<typeof run>, slow: ReturnType<typeof slowRun>): boolean {
  const { record } = fast;
  const closed = fast.trades.slice(0, fast.trades.length - record.openPositions);
  const sameTrade = (a: Trade, b: Omit<Trade, 'reason'> & { reason: string }) => {
    const sameBars = a.entryBar === b.entryBar && a.exitBar === b.exitBar && a.reason === b.reason;
    const numbers = ['units', 'entryPrice', 'exitPrice', 'pnl', 'fees', 'funding'] as const;
    return sameBars && numbers.every((name) => near(a[name], b[name]));
  };
  return (
    record.ambiguousBars === slow.ambiguous &&
    near(record.fundingPaid, slow.funding) &&
    record.openPositions === slow.held.length &&
    closed.length === slow.trades.length &&
    fast.equity.every((value, i) => near(value, slow.equity[i]!)) &&
    closed.every((trade, i) => sameTrade(trade, slow.trades[i]!))
  );
}

/** Opening times: most bars follow one another, some after a gap of up to two days. */
const timesArbitrary = fc
  .record({
    first: fc.nat(100),
    steps: fc.array(fc.constantFrom(1, 1, 1, 1, 1, 2, 7, 30, 144), { minLength: 60, maxLength: 60 }),
  })
  .map(({ first, steps }) => {
    let time = first * BAR_MS;
    return steps.map((step) => (time += step * BAR_MS));
  });
const rate = fc.constantFrom(0, 0.001, 0.004);
const spotCosts: fc.Arbitrary<Costs> = fc.record(
  {
    fee: rate,
    makerFee: fc.constantFrom(0, 0.002),
    slippage: rate,
    impact: fc.constantFrom(0.5, 20),
    spread: fc.constantFrom(0, 0.002),
  },
  { requiredKeys: ['fee', 'slippage', 'spread'] },
);
const perpetualCosts: fc.Arbitrary<Costs> = fc
  .tuple(
    spotCosts,
    fc.record({
      leverage: fc.constantFrom(1, 3, 10, 25, 50),
      fundingRate: fc.constantFrom(0, 0.0001, -0.0005, 0.003),
      fundingHours: fc.constantFrom(1, 2, 4, 8),
      maintenance: fc.constantFrom(0, 0.005, 0.015),
      liquidationFee: fc.constantFrom(0, 0.005, 0.02),
    }),
  )
  .map(([costs, perpetual]) => ({ ...costs, perpetual }));

for (const [market, costsArbitrary] of [
  ['spot', spotCosts],
  ['perpetual', perpetualCosts],
] as const) {
  t.test(`${market}: random strategies trade as the slow reference does (seed 4711)`, async (t) => {
    const reasons = new Map<string, number>();
    let ambiguous = 0;
    let funded = 0;
    let ruined = 0;
    fc.assert(
      fc.property(
        barsArbitrary,
        timesArbitrary,
        strategyArbitrary,
        costsArbitrary,
        fc.nat(4),
        fc.boolean(),
        (bars, times, changes, costs, from, closeAtEnd) => {
          const account = { equity: 1000, costs, closeAtEnd };
          const window = { from: Math.min(from, bars.length - 2), to: bars.length };
          const slow = slowRun(bars, times, parseStrategy({ ...SIGNALS, ...changes }), account, window);
          for (const { reason, pnl, units, entryPrice, funding } of slow.trades) {
            reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
            if (funding !== 0) funded++;
            const leverage = costs.perpetual?.leverage ?? 1;
            if (pnl < 0 && -pnl >= ((units * entryPrice) / leverage) * 0.999_999) ruined++;
          }
          ambiguous += slow.ambiguous;
          return agrees(run(bars, changes, account, window, times), slow);
        },
      ),
      { seed: 4711, numRuns: 1200 },
    );
    t.ok(ambiguous > 100, `${ambiguous} ambiguous bars were compared`);
    const wanted = ['signal', 'stop', 'target', 'trailing', 'break_even', 'time', 'end'];
    if (market === 'perpetual') wanted.push('liquidation');
    for (const reason of wanted) t.ok((reasons.get(reason) ?? 0) > 100, `${reasons.get(reason)} × ${reason}`);
    if (market === 'perpetual')
      t.ok(funded > 500 && ruined > 20, `${funded} trades with funding, ${ruined} lost it all`);
  });
}
