// The distribution of CPCV paths: against a slow and obvious version of itself, and as a report says it.
import fc from 'fast-check';
import t from 'tap';
import { Evaluator } from '../../../src/engine/fast/evaluator.ts';
import { lookBackOf } from '../../../src/engine/look-back.ts';
import { parseStrategy } from '../../../src/engine/parse-strategy.ts';
import { openStream } from '../../../src/engine/random.ts';
import { sampleCandles } from '../../../src/engine/sample.ts';
import { presetSpec } from '../../../src/engine/search-spec.ts';
import { judgeJob } from '../../../src/engine/statistics/judge-job.ts';
import { purgedPaths } from '../../../src/engine/statistics/purged-paths.ts';
import { shapeOf } from '../../../src/engine/statistics/return-shape.ts';
import { DEFAULT_THRESHOLDS } from '../../../src/engine/statistics/thresholds.ts';
import { Tracker } from '../../../src/engine/statistics/track.ts';
import { describeJob } from '../../../src/engine/statistics/verdict-words.ts';

const GROUPS = 16;
const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));
const sharpeOf = (values: readonly number[]) => shapeOf(Float64Array.from(values)).sharpe;

/** Bar by bar: pairs of tested groups, what is forbidden beside them, the best of the rest, and path after path. */
function slowly(rows: readonly number[][], purge: number, embargo: number) {
  const bars = rows[0]!.length;
  const edges = Array.from({ length: GROUPS + 1 }, (_, g) => Math.floor((g * bars) / GROUPS));
  const groupOf = Array.from({ length: bars }, (_, bar) =>
    edges.findIndex((to, g) => bar < edges[g + 1]! && bar >= to),
  );
  /** tests[g]: what was chosen in each split that tests group g, in the order of the splits. */
  const tests: number[][] = edges.slice(1).map(() => []);
  for (let a = 0; a < GROUPS; a++) {
    for (let b = a + 1; b < GROUPS; b++) {
      const learnt = groupOf.map((_, bar) =>
        [a, b].every((g) => bar < edges[g]! - purge || bar >= edges[g + 1]! + embargo),
      );
      const sharpes = rows.map((row) => sharpeOf(row.filter((_, bar) => learnt[bar])));
      const best = sharpes.findIndex((sharpe) => sharpes.every((other) => other <= sharpe));
      tests[a]!.push(best);
      tests[b]!.push(best);
    }
  }
  const paths = Array.from({ length: GROUPS - 1 }, (_, p) => groupOf.map((g, bar) => rows[tests[g]![p]!]![bar]!));
  return paths.map(sharpeOf).sort((a, b) => a - b);
}

t.test('paths and their middle, against a slow version (seed 16)', async (t) => {
  const random = openStream(new Uint8Array(1), 'returns');
  // No ties: what differs in the last digits only could be chosen either way.
  const rowsOf = (count: number, bars: number, drift: number) =>
    Array.from({ length: count }, () => Array.from({ length: bars }, () => random.below(2001) / 1e5 - 0.01 + drift));
  let [losing, all] = [0, 0];
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 4 }),
      fc.integer({ min: 150, max: 400 }),
      fc.nat(9),
      fc.nat(12),
      fc.constantFrom(-0.002, 0, 0.0005),
      (count, bars, held, lookBack, drift) => {
        const rows = rowsOf(count, bars, drift);
        const report = purgedPaths(
          rows.map((row) => Float64Array.from(row)),
          { held, lookBack },
        )!;
        const sharpes = slowly(rows, held, held + lookBack);
        losing += report.belowZero!;
        all += 1;
        return (
          report.splits === 120 &&
          report.paths === 15 &&
          near(report.medianSharpe!, sharpes[7]!) &&
          near(report.belowZero!, sharpes.filter((sharpe) => sharpe < 0).length / 15)
        );
      },
    ),
    { seed: 16, numRuns: 60 },
  );
  t.ok(losing > 5 && losing < all - 5, `${losing} of ${all}: both kinds were there`);
});

t.test('the best everywhere is followed everywhere; one alone, or too few bars, say nothing', async (t) => {
  const random = openStream(new Uint8Array(2), 'returns');
  const noise = Float64Array.from({ length: 480 }, () => random.below(1001) / 1e5 - 0.005);
  const better = noise.map((value) => value + 0.01);
  const report = purgedPaths([noise, better], { held: 4, lookBack: 20 })!;
  t.ok(near(report.medianSharpe!, shapeOf(better).sharpe));
  t.match(report, { belowZero: 0, groups: 16, tested: 2, purge: 4, embargo: 24 });
  t.equal(purgedPaths([noise], { held: 4, lookBack: 20 }), null);
  t.equal(purgedPaths([], { held: 4, lookBack: 20 }), null);
  // Groups of 30 bars; with the tests far apart each takes 3 × 30 bars and what is left out beside them.
  t.type(purgedPaths([noise, better], { held: 60, lookBack: 60 })!.medianSharpe, 'number');
  t.match(purgedPaths([noise, better], { held: 100, lookBack: 60 }), {
    ...{ splits: 120, paths: 15, purge: 100, embargo: 160, medianSharpe: null, belowZero: null },
  });
  const none = new Float64Array(0);
  t.match(purgedPaths([none, none], { held: 0, lookBack: 0 }), { medianSharpe: null });
  const flat = new Float64Array(480);
  t.match(purgedPaths([flat, flat], { held: 0, lookBack: 0 }), { medianSharpe: 0, belowZero: 0 });
});

t.test('a verdict reports it: over one strategy a group, with the longest holding and look-back of them', async (t) => {
  const candles = sampleCandles('paths', 9000);
  const spec = presetSpec({ preset: 'quick', risk: 'medium' });
  const evaluator = new Evaluator(candles, spec);
  const falls = (fall: number, period: number, maxBars: number) =>
    parseStrategy({
      ...{ v: 1, side: 'long', maxBars, size: { percentOfEquity: 50 } },
      entry: [[{ left: { indicator: 'roc', period }, op: '<', right: { value: -fall } }]],
    });
  const champions = [falls(3, 4, 14), falls(0.5, 2, 3), falls(1, 12, 30)];
  const trials = [{ count: 100, meanSharpe: 0, varianceSharpe: 1 }];
  const judged = (list: typeof champions) =>
    judgeJob({ candles, spec, champions: list, trials }, DEFAULT_THRESHOLDS, async (some) => evaluator.evaluate(some));
  const report = await judged(champions);
  t.equal(report.groups, 3, 'three bets');
  const tracker = new Tracker(candles, spec);
  const tracks = report.strategies.map(({ strategy }) => tracker.follow(strategy));
  t.same(
    new Set(tracks.map(({ held }) => held)),
    new Set([16, 5, 32]),
    'from the signal: the fill, so many bars, the next open',
  );
  const options = {
    held: 32,
    lookBack: Math.max(...champions.map((strategy) => lookBackOf(strategy, candles.barMs))),
  };
  const expected = purgedPaths(
    tracks.map(({ unseen }) => unseen),
    options,
  )!;
  const year = Math.sqrt(365 * 24);
  t.same(report.crossValidation, { ...expected, medianSharpe: expected.medianSharpe! * year });
  t.match(report.crossValidation, { purge: 32, embargo: 32 + 13 });
  t.match(describeJob(report).join(' '), /best on 14 of 16 .* makes 15 histories; .*32 bars purged, 45 under embargo/);
  t.match(
    describeJob(report, 'es').join(' '),
    /14 de 16 tramos .* da 15 historias; .*32 velas purgadas, 45 de embargo/,
  );
  const never = parseStrategy({ ...falls(1, 900, 500), maxPositions: 1 });
  const long = await judged([...champions, never]);
  t.match(long.crossValidation, { medianSharpe: null, purge: 502, embargo: 502 + 901 });
  t.match(describeJob(long).join(' '), /Not cross-validated .*502 bars would be purged and 1403 under embargo/);
  t.match(describeJob(long, 'es').join(' '), /Sin validación cruzada .*502 velas y dejar 1403 de embargo/);
  const alone = await judged(champions.slice(0, 1));
  t.equal(alone.crossValidation, null);
  t.notMatch(describeJob(alone).join(' '), /CPCV/);
});
