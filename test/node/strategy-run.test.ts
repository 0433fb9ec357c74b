// A strategy that is run again gives the figures of its checker bit for bit, trades and equity that add up to them, and
// tells when a figure of the ledger is another.
import fc from 'fast-check';
import t from 'tap';
import { evaluateChampion } from '../../src/engine/champion.ts';
import { parseStrategy } from '../../src/engine/parse-strategy.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { presetSpec } from '../../src/engine/search-spec.ts';
import { candleWindow, runAgain } from '../../src/node/strategy-run.ts';
import type { ResultView } from '../../src/ui/api.ts';
import type { SegmentName } from '../../src/ui/api-strategy.ts';

const candles = sampleCandles();
const spec = presetSpec({ preset: 'quick', risk: 'medium' });
const SEGMENTS: readonly SegmentName[] = ['inSample', 'outOfSample', 'holdout'];

const strategyOf = (fast: number, slow: number, stop: number) => ({
  v: 1,
  side: 'long',
  entry: [
    [{ left: { indicator: 'sma', period: fast }, op: 'crosses_above', right: { indicator: 'sma', period: slow } }],
  ],
  exit: [{ left: { indicator: 'rsi', period: 14 }, op: '>', right: { value: 60 } }],
  stopLoss: { percent: stop },
  size: { percentOfEquity: 50 },
  maxPositions: 1,
});

function resultFor(strategy: object): ResultView {
  const task = { dataset: candles.hash, seed: 'x', spec, unit: 0 };
  const { inSample, outOfSample, holdout } = evaluateChampion(candles, task, parseStrategy(strategy));
  return { id: 'r', strategy, inSample, outOfSample, holdout } as ResultView;
}

t.test('as the checker has it', async (t) => {
  let trades = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 20 }),
      fc.integer({ min: 25, max: 60 }),
      fc.integer({ min: 1, max: 5 }),
      (fast, slow, stop) => {
        const result = resultFor(strategyOf(fast, slow, stop));
        const run = runAgain({ result, search: { ...spec }, candles }, () => 0);
        trades += run.trades.total;
        return (
          run.here === run.ledger &&
          SEGMENTS.every((name) => {
            const own = run.trades.items.filter(({ segment }) => segment === name);
            const sum = own.reduce((total, { pnl }) => total + pnl, 0);
            const stretches = run.equity.filter(({ segment }) => segment === name);
            const last = stretches.at(-1)!.points.at(-1)!;
            const held = spec.equity * (1 + run.segments[name].buyAndHold);
            const { netProfit, trades: count } = result[name];
            const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-6 * spec.equity;
            return (
              own.length === count &&
              near(sum, netProfit) &&
              near(last[1], spec.equity + netProfit) &&
              near(stretches.at(-1)!.held.at(-1)!, held) &&
              stretches.every(({ points, held }) => points.length === held.length)
            );
          }) &&
          run.trades.items.every(({ entryAt, exitAt }) => entryAt <= exitAt)
        );
      },
    ),
    { numRuns: 12 },
  );
  t.ok(trades > 50, `${trades} trades were looked at`);
});

t.test('a figure that is another is told', async (t) => {
  const result = resultFor(strategyOf(5, 30, 2));
  const forged = { ...result, holdout: { ...result.holdout, netProfit: result.holdout.netProfit + 1e-9 } };
  const run = runAgain({ result: forged, search: { ...spec }, candles }, () => 0);
  t.not(run.here, run.ledger);
});

t.test('windows of candles', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 900 }), fc.option(fc.nat({ max: candles.length - 1 })), (bars, bar) => {
      const at = bar === null ? undefined : candles.time[bar]!;
      const { time, first, total, close } = candleWindow(candles, at, bars);
      const place = bar === null ? candles.length - 1 : bar;
      return (
        time.length === Math.min(bars, total) &&
        place >= first &&
        place < first + time.length &&
        close.every((value, i) => value === candles.close[first + i])
      );
    }),
  );
});
