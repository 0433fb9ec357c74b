// The normal distribution against 20 digits of mpmath; the tests of Sharpe ratios against the numbers printed in their
// papers; pooling and multiple tests against their definitions.
import fc from 'fast-check';
import t from 'tap';
import { benjaminiHochberg, benjaminiYekutieli, holm } from '../../../src/engine/statistics/multiple-tests.ts';
import { normalCdf, normalQuantile, normalUpper } from '../../../src/engine/statistics/normal.ts';
import { shapeOf } from '../../../src/engine/statistics/return-shape.ts';
import {
  deflatedSharpe,
  expectedMaximum,
  luckySharpe,
  maxTrials,
  maxTrialsAboveLuck,
  minBacktestYears,
  minReturnsAboveLuck,
  minTrackRecord,
  probabilisticSharpe,
} from '../../../src/engine/statistics/sharpe-tests.ts';
import { poolTrials } from '../../../src/engine/statistics/trial-pool.ts';

const within = (mine: number, theirs: number, relative: number): boolean =>
  Math.abs(mine - theirs) <= relative * Math.abs(theirs);
/** To as many decimals as a paper prints. */
const printed = (x: number, decimals: number): number => Number(x.toFixed(decimals));

/** x, 1 − Φ(x). */
const UPPER: [number, number][] = [
  [-8.5, 1.0],
  [-2.25, 0.9877755273449553],
  [-0.5, 0.6914624612740131],
  [-0.03125, 0.5124649174343772],
  [0, 0.5],
  [0.25, 0.4012936743170763],
  [0.65625, 0.2558316413479339],
  [1, 0.15865525393145705],
  [1.959963984540054, 0.025000000000000015],
  [3.75, 8.841728520080387e-5],
  [5.65625, 7.735803169490264e-9],
  [6, 9.86587645037698e-10],
  [9.5, 1.0494515075362608e-21],
  [20, 2.7536241186062337e-89],
  [36.5, 5.544725713074845e-292],
];
/** p, Φ⁻¹(p). */
const QUANTILES: [number, number][] = [
  [0.975, 1.9599639845400538],
  [0.07421875, -1.4450725798180744],
  [0.925, 1.4395314709384561],
  [0.9999, 3.7190164854557084],
  [0.625, 0.31863936396437514],
  [0.03125, -1.8627318674216515],
  [9.094947017729282e-13, -7.047700256664409],
  [1e-100, -21.273453560965326],
  [1e-300, -37.0470962993612],
];

t.test('the normal distribution is within 2e-15 of itself', async (t) => {
  for (const [x, upper] of UPPER) {
    t.ok(within(normalUpper(x), upper, 2e-15), `1 − Φ(${x})`);
    t.ok(within(normalCdf(-x), upper, 2e-15), `Φ(${-x})`);
  }
  for (const [p, x] of QUANTILES) t.ok(within(normalQuantile(p), x, 2e-15), `Φ⁻¹(${p})`);
  t.equal(normalQuantile(0.5), 0);
  t.equal(normalUpper(40), 0);
  t.equal(normalUpper(Number.NEGATIVE_INFINITY), 1);
  t.equal(normalCdf(Number.NEGATIVE_INFINITY), 0);
  t.ok(Number.isNaN(normalUpper(Number.NaN)));
  t.equal(normalQuantile(0), Number.NEGATIVE_INFINITY);
  t.equal(normalQuantile(1), Number.POSITIVE_INFINITY);
  for (const p of [-0.1, 1.1, Number.NaN]) t.ok(Number.isNaN(normalQuantile(p)));
});

t.test('distribution and quantile undo each other and know no seams (seed 1)', async () => {
  fc.assert(
    fc.property(fc.double({ min: -6, max: 36, noNaN: true }), (x) => {
      const back = -normalQuantile(normalUpper(x));
      // Near 1 a probability holds its complement to 1e-16 only; the quantile's slope there is 1 / density.
      const allowed = 1e-13 + (2e-16 * Math.sqrt(2 * Math.PI)) / Math.exp((-x * x) / 2);
      return Math.abs(back - x) <= (x > 0 ? 1e-13 : allowed) && normalUpper(x) >= normalUpper(x + 1e-6);
    }),
    { seed: 1, numRuns: 5000 },
  );
});

t.test('moments of a series', async (t) => {
  // By scipy 1.17: mean, std(ddof=1), skew, kurtosis(fisher=False).
  const shape = shapeOf(new Float64Array([0.01, -0.02, 0.03, 0, 0, 0.015, -0.04, 0.02, 0.005, -0.001, 0.1]));
  t.ok(within(shape.mean, 0.010818181818181817, 1e-14));
  t.ok(within(shape.deviation, 0.0351619629196613, 1e-14));
  t.ok(within(shape.skewness, 1.3324917482280807, 1e-13));
  t.ok(within(shape.kurtosis, 5.1106088040657465, 1e-13));
  t.equal(shape.sharpe, shape.mean / shape.deviation);
  const flat = { deviation: 0, sharpe: 0, skewness: 0, kurtosis: 3 };
  t.same(shapeOf(new Float64Array([0.5, 0.5, 0.5])), { count: 3, mean: 0.5, ...flat });
  t.same(shapeOf(new Float64Array([0.5])), { count: 1, mean: 0.5, ...flat });
  t.same(shapeOf(new Float64Array(0)), { count: 0, mean: 0, ...flat });
});

t.test('PSR and MinTRL as printed by Bailey & López de Prado 2012', async (t) => {
  // Two years of months, SR 0.458, skewness −2.448, kurtosis 10.164: 0.913; were they normal: 0.982.
  const fund = { count: 24, sharpe: 0.458, skewness: -2.448, kurtosis: 10.164 };
  t.equal(printed(probabilisticSharpe(fund, 0), 3), 0.913);
  t.equal(printed(probabilisticSharpe({ ...fund, skewness: 0, kurtosis: 3 }, 0), 3), 0.982);
  // Years to believe in an annual 1 having seen 2, at 95 %: from days, weeks, months; months of a hedge fund index.
  const years = (periods: number, skewness = 0, kurtosis = 3) =>
    minTrackRecord({ sharpe: 2 / Math.sqrt(periods), skewness, kurtosis }, 1 / Math.sqrt(periods), 0.95) / periods;
  t.equal(printed(years(252), 2), 2.73);
  t.equal(printed(years(52), 2), 2.83);
  t.equal(printed(years(12), 2), 3.24);
  t.equal(printed(years(12, -0.72, 5.78), 2), 4.99);
  t.equal(minTrackRecord({ sharpe: 0.1, skewness: 0, kurtosis: 3 }, 0.1, 0.95), Number.POSITIVE_INFINITY);
  t.equal(probabilisticSharpe({ count: 1, sharpe: 9, skewness: 0, kurtosis: 3 }, 0), 0.5, 'one return says nothing');
  t.equal(probabilisticSharpe({ count: 99, sharpe: 0, skewness: 0, kurtosis: 3 }, 0), 0.5);
});

t.test('a track record of the minimum length has the confidence asked for (seed 2)', async () => {
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  fc.assert(
    fc.property(number(0.01, 0.5), number(-1, 1), number(3, 9), number(0.6, 0.999), (sharpe, skewness, spare, c) => {
      const measured = { sharpe, skewness, kurtosis: spare + skewness * skewness };
      const count = minTrackRecord(measured, 0, c);
      return Math.abs(probabilisticSharpe({ ...measured, count: Math.max(2, count) }, 0) - c) < 1e-9 || count < 2;
    }),
    { seed: 2, numRuns: 1000 },
  );
});

t.test('DSR as printed by Bailey & López de Prado 2014', async (t) => {
  // Annual 2.5 over 1250 days of 250 a year; V of annual ratios ½; skewness −3, kurtosis 10.
  const measured = { count: 1250, sharpe: 2.5 / Math.sqrt(250), skewness: -3, kurtosis: 10 };
  const variance = 0.5 / 250;
  t.equal(printed(luckySharpe({ count: 100, variance }), 4), 0.1132);
  t.equal(printed(deflatedSharpe(measured, { count: 100, variance }), 4), 0.9004);
  t.equal(printed(deflatedSharpe(measured, { count: 46, variance }), 4), 0.9505);
  t.equal(printed(deflatedSharpe({ ...measured, skewness: 0, kurtosis: 3 }, { count: 88, variance }), 4), 0.9505);
  t.equal(
    deflatedSharpe(measured, { count: 1, variance }),
    probabilisticSharpe(measured, 0),
    'one trial deflates nothing',
  );
});

t.test('expected maximum and MinBTL as printed by Bailey, Borwein, López de Prado & Zhu 2014', async (t) => {
  t.equal(printed(expectedMaximum(10), 2), 1.57);
  t.equal(maxTrials(5, 1), 45, 'five years bear no more than 45 trials');
  t.ok(minBacktestYears(45, 1) <= 5 && minBacktestYears(46, 1) > 5);
  t.equal(maxTrials(0.1, 1), 1);
  t.equal(maxTrials(1e6, 1), 1e15);
  t.equal(expectedMaximum(1), 0);
});

t.test('what would be needed to stand above luck has just the confidence asked for (seed 5)', async () => {
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const shape = fc.tuple(number(0.02, 0.3), number(-1, 1), number(1.5, 9), number(0.6, 0.999));
  fc.assert(
    fc.property(shape, fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 50, max: 5000 }), (drawn, trials, count) => {
      const [sharpe, skewness, spare, confidence] = drawn;
      const measured = { sharpe, skewness, kurtosis: 1 + spare + skewness * skewness };
      const above = (n: number, N: number) =>
        deflatedSharpe({ ...measured, count: n }, { count: N, variance: 1 / (n - 1) });
      const enough = Math.max(2, minReturnsAboveLuck(measured, trials, confidence));
      const most = maxTrialsAboveLuck({ ...measured, count }, confidence);
      const history = enough === 2 || Math.abs(above(enough, trials) - confidence) < 1e-9;
      // Between one and two trials the approximation of the expected maximum has a step.
      const bearable = most === 0 ? above(count, 1) < confidence : above(count, most) >= confidence - 1e-9;
      const another = most === 1e15 || above(count, most + 1) < confidence + 1e-9;
      return history && bearable && another;
    }),
    { seed: 5, numRuns: 1000 },
  );
});

/** E of the largest of n standard normals: ∫ x d Φ(x)^n, by the trapezium rule. */
function slowMaximum(n: number): number {
  let sum = 0;
  const step = 1 / 512;
  for (let x = -9; x < 9; x += step) sum += (x > 0 ? 1 : 0) * step - (1 - normalUpper(x + step / 2)) ** n * step;
  return sum;
}

t.test('the expected maximum is that of the exact integral, to the error that its docstring gives', async (t) => {
  for (const [n, error] of [
    [5, 0.03],
    [10, 0.03],
    [100, 0.01],
    [1000, 0.006],
    [100_000, 0.003],
  ] as const) {
    t.ok(within(expectedMaximum(n), slowMaximum(n), error), `${n}: ${expectedMaximum(n)}, ${slowMaximum(n)}`);
  }
});

t.test('pooled trials are those of all trials together, in any order to the last bit (seed 3)', async () => {
  const unit = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { maxLength: 12 });
  const trialsOf = (values: number[]) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    return {
      count: values.length,
      meanSharpe: values.length === 0 ? null : mean,
      varianceSharpe: values.length < 2 ? null : squares / (values.length - 1),
    };
  };
  const near = (a: number | null, b: number | null) =>
    a === null || b === null ? a === b : Math.abs(a - b) <= 1e-10 * Math.max(1, Math.abs(b));
  fc.assert(
    fc.property(
      fc.array(unit, { maxLength: 8 }),
      fc.array(fc.nat(1000), { minLength: 8, maxLength: 8 }),
      (all, keys) => {
        const parts = all.map(trialsOf);
        const shuffled = parts.map((part, i) => ({ part, key: keys[i]! })).sort((a, b) => a.key - b.key);
        const pooled = poolTrials(parts);
        const whole = trialsOf(all.flat());
        const again = poolTrials(shuffled.map(({ part }) => part));
        const same = JSON.stringify(pooled) === JSON.stringify(again);
        const right = near(pooled.meanSharpe, whole.meanSharpe) && near(pooled.varianceSharpe, whole.varianceSharpe);
        return pooled.count === whole.count && right && same;
      },
    ),
    { seed: 3, numRuns: 500 },
  );
});

/** The 15 p-values of Benjamini & Hochberg 1995, section 4. */
const PAPER = [
  0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
];

t.test('multiple tests: the example of Benjamini & Hochberg, adjusted as by statsmodels 0.15', async (t) => {
  const rejected = (adjusted: number[]) => adjusted.filter((p) => p <= 0.05).length;
  t.equal(rejected(benjaminiHochberg(PAPER)), 4, 'the paper rejects four');
  t.equal(rejected(holm(PAPER)), 3, 'family-wise: three');
  t.equal(rejected(benjaminiYekutieli(PAPER)), 3);
  const check = (mine: number[], theirs: number[]) => mine.every((p, i) => Math.abs(p - theirs[i]!) < 1e-9);
  const ones = [1, 1, 1, 1, 1, 1];
  t.ok(check(holm(PAPER), [0.0015, 0.0056, 0.0247, 0.114, 0.2211, 0.278, 0.278, 0.278, 0.3213, ...ones]));
  const bh = [0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.06385714286, 0.06385714286, 0.0645, 0.0765, 0.486];
  t.ok(check(benjaminiHochberg(PAPER), [...bh, 0.5811818182, 0.714875, 0.7532307692, 0.8132142857, 1]));
  const by = [0.00497734349, 0.00995468698, 0.03152317544, 0.1182119079, 0.2000892083, 0.2118926229, 0.2118926229];
  t.ok(check(benjaminiYekutieli(PAPER), [...by, 0.2140257701, 0.253844518, ...ones]));
  t.same(holm([]), []);
});

t.test('multiple tests reject what their step procedures reject, whatever the order (seed 4)', async () => {
  const p = fc.array(fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(0.01)), { maxLength: 9 });
  const level = 0.05;
  /** Ranks (from 1) rejected when going up from the smallest until the first failure, or down from the largest until a pass. */
  const byHolm = (values: number[]) => {
    const sorted = [...values].sort((a, b) => a - b);
    const first = sorted.findIndex((x, i) => x > level / (sorted.length - i));
    return first < 0 ? sorted.length : first;
  };
  const byHochberg = (values: number[], factor: number) => {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted.findLastIndex((x, i) => x <= ((i + 1) * level) / (sorted.length * factor)) + 1;
  };
  const count = (adjusted: number[]) => adjusted.filter((x) => x <= level).length;
  fc.assert(
    fc.property(p, (values) => {
      const harmonic = values.reduce((sum, _, i) => sum + 1 / (i + 1), 0);
      const backwards = holm([...values].reverse()).reverse();
      return (
        count(holm(values)) === byHolm(values) &&
        count(benjaminiHochberg(values)) === byHochberg(values, 1) &&
        count(benjaminiYekutieli(values)) === byHochberg(values, harmonic) &&
        holm(values).every((x, i) => x === backwards[i])
      );
    }),
    { seed: 4, numRuns: 1000 },
  );
});
