// Cross-validation and resampling against slow and obvious versions of themselves.
import fc from 'fast-check';
import t from 'tap';
import { openStream } from '../../../src/engine/random.ts';
import { purgedPlan } from '../../../src/engine/statistics/cpcv.ts';
import { combinations, overfittingOf } from '../../../src/engine/statistics/cscv.ts';
import { correlationOf, groupByCorrelation, mergeDuplicates } from '../../../src/engine/statistics/groups.ts';
import { BlockSampler, blockLengthOf } from '../../../src/engine/statistics/stationary-bootstrap.ts';
import { superiorAbility } from '../../../src/engine/statistics/superior-ability.ts';
import { drawdownRisk, orderFan } from '../../../src/engine/statistics/trade-order.ts';
import { walkForwardOf } from '../../../src/engine/statistics/walk-forward.ts';

const SEED = new Uint8Array([7]);
const near = (a: number, b: number, error = 1e-9) => Math.abs(a - b) <= error * Math.max(1, Math.abs(a));
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const sharpe = (values: readonly number[]) => {
  const middle = mean(values);
  const squares = values.reduce((sum, x) => sum + (x - middle) ** 2, 0);
  return squares === 0 ? 0 : middle / Math.sqrt(squares / (values.length - 1));
};
/** Whole numbers, so that equal means are equal to the last bit: ties are ties. */
const matrix = (bars: number) =>
  fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: bars, maxLength: bars }), {
    minLength: 2,
    maxLength: 5,
  });

/** CSCV as the paper tells it: matrices put together, ranked by sorting, one split after the other by bit patterns. */
function slowCscv(rows: number[][], blocks: number) {
  const bars = rows[0]!.length;
  const blockOf = (bar: number) => {
    let block = 0;
    while (Math.floor(((block + 1) * bars) / blocks) <= bar) block++;
    return block;
  };
  const logits: number[] = [];
  const pairs: [number, number][] = [];
  for (let mask = 0; mask < 1 << blocks; mask++) {
    if (mask.toString(2).replaceAll('0', '').length !== blocks / 2) continue;
    const part = (row: number[], inside: boolean) =>
      row.filter((_, bar) => ((mask >> blockOf(bar)) & 1) === Number(inside));
    const before = rows.map((row) => sharpe(part(row, true)));
    const after = rows.map((row) => sharpe(part(row, false)));
    const top = before.reduce((a, b) => (b > a + 1e-9 ? b : a), Number.NEGATIVE_INFINITY);
    const best = before.findIndex((x) => near(x, top));
    const ranks = after.flatMap((x) => (near(x, after[best]!) ? [1 + after.filter((y) => y < x - 1e-9).length] : []));
    const rank = mean(ranks.map((first, i) => first + i));
    const omega = rank / (rows.length + 1);
    logits.push(Math.log(omega / (1 - omega)));
    pairs.push([before[best]!, after[best]!]);
  }
  const [mx, my] = [mean(pairs.map(([x]) => x)), mean(pairs.map(([, y]) => y))];
  const spread = pairs.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  const common = pairs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  return {
    splits: logits.length,
    pbo: mean(logits.map((x) => Number(x <= 1e-9))),
    lossProbability: mean(pairs.map(([, y]) => Number(y < -1e-12))),
    slope: spread > 1e-9 ? common / spread : null,
    sumOfLogits: logits.reduce((a, b) => a + b, 0),
  };
}

t.test('CSCV is what the paper tells, ties and uneven blocks included (seed 11)', async () => {
  const shape = fc.tuple(fc.constantFrom(2, 4, 6), fc.integer({ min: 13, max: 30 }));
  const input = shape.chain(([blocks, bars]) => fc.tuple(fc.constant(blocks), matrix(bars)));
  fc.assert(
    fc.property(input, ([blocks, rows]) => {
      const fast = overfittingOf(
        rows.map((row) => new Float64Array(row)),
        blocks,
      );
      const slow = slowCscv(rows, blocks);
      // The slope of what barely varies is not compared.
      const slopes = slow.slope === null || fast.slope === null || near(fast.slope, slow.slope, 1e-6);
      const logits = fast.logits.reduce((a, b) => a + b, 0);
      return (
        fast.splits === slow.splits &&
        near(fast.pbo, slow.pbo) &&
        near(fast.lossProbability, slow.lossProbability) &&
        near(logits, slow.sumOfLogits) &&
        slopes
      );
    }),
    { seed: 11, numRuns: 300 },
  );
});

t.test('CSCV knows skill from luck', async (t) => {
  const random = openStream(SEED, 'noise');
  const noise = Array.from({ length: 20 }, () => Float64Array.from({ length: 800 }, () => random.unit() - 0.5));
  const skilled = noise.map((row, s) => (s === 4 ? row.map((x) => x + 0.15) : row));
  const report = overfittingOf(skilled);
  t.equal(report.splits, 12_870, 'the paper’s number for 16 blocks');
  t.equal(report.pbo, 0);
  t.equal(report.lossProbability, 0);
  const { pbo, slope } = overfittingOf(noise);
  t.ok(pbo > 0.3, `${pbo}`);
  t.ok(slope! < 0, 'whoever won by luck in one half has less of it in the other');
  t.throws(() => overfittingOf([noise[0]!]), 'one strategy cannot be ranked');
  t.throws(() => overfittingOf(noise, 7));
});

t.test('combinations come in lexicographic order, the complement of the first last', async (t) => {
  t.same(combinations(4, 2), [
    [0, 1],
    [0, 2],
    [0, 3],
    [1, 2],
    [1, 3],
    [2, 3],
  ]);
  const halves = combinations(8, 4);
  halves.forEach((half, c) => {
    const other = halves[halves.length - 1 - c]!;
    t.same(
      [...half, ...other].sort((a, b) => a - b),
      [0, 1, 2, 3, 4, 5, 6, 7],
    );
  });
});

t.test('CPCV: the paths of figure 12.1 of the book', async (t) => {
  const { splits, paths } = purgedPlan(60, { groups: 6, tested: 2, purge: 0, embargo: 0 });
  t.equal(splits.length, 15);
  // Path of each split S1 … S15 that tests the group: rows of the figure.
  t.same(paths, [
    [0, 0, 1, 2, 3, 4],
    [1, 5, 5, 6, 7, 8],
    [2, 6, 9, 9, 10, 11],
    [3, 7, 10, 12, 12, 13],
    [4, 8, 11, 13, 14, 14],
  ]);
});

t.test('CPCV: no bar is learnt from that purge, embargo or a test forbids, all others are (seed 12)', async () => {
  const options = fc
    .tuple(fc.integer({ min: 2, max: 6 }), fc.nat(10), fc.nat(10), fc.nat(10), fc.integer({ min: 12, max: 90 }))
    .map(([groups, tested, purge, embargo, bars]) => ({
      groups,
      tested: 1 + (tested % (groups - 1)),
      purge,
      embargo,
      bars,
    }));
  fc.assert(
    fc.property(options, ({ bars, ...rest }) => {
      const { splits, paths } = purgedPlan(bars, rest);
      const has = (windows: { from: number; to: number }[], bar: number) =>
        windows.filter(({ from, to }) => from <= bar && bar < to).length;
      const right = splits.every(({ train, test }) =>
        Array.from({ length: bars }, (_, bar) => bar).every((bar) => {
          const forbidden = test.some(({ from, to }) => from - rest.purge <= bar && bar < to + rest.embargo);
          return has(train, bar) === Number(!forbidden) && train.every(({ from, to }) => from < to);
        }),
      );
      const count = (splits.length * rest.tested) / rest.groups;
      const whole = paths.every((path) => {
        const tests = path.map((split, g) => splits[split]!.test[splits[split]!.testGroups.indexOf(g)]!);
        return (
          tests.length === rest.groups && Array.from({ length: bars }, (_, i) => i).every((i) => has(tests, i) === 1)
        );
      });
      return right && whole && paths.length === count;
    }),
    { seed: 12, numRuns: 300 },
  );
});

t.test('the sampler’s blocks: length, mean, geometric tail, uniform starts', async (t) => {
  const sampler = new BlockSampler(5000, 8, openStream(SEED, 'blocks'));
  const lengths: number[] = [];
  let early = 0;
  for (let round = 0; round < 100; round++) {
    sampler.draw();
    const drawn = [...sampler.lengths.subarray(0, sampler.count)];
    t.equal(
      drawn.reduce((a, b) => a + b, 0),
      5000,
    );
    lengths.push(...drawn.slice(0, -1));
    early += sampler.starts.subarray(0, sampler.count).filter((start) => start < 1250).length / sampler.count;
  }
  // About 62,400 blocks: mean 8 ± 0.03, P(length > 8) = (7/8)^8 = 0.3436 ± 0.0019.
  t.ok(near(mean(lengths), 8, 0.015), `${mean(lengths)}`);
  t.ok(Math.abs(mean(lengths.map((x) => Number(x > 8))) - (7 / 8) ** 8) < 0.008);
  t.ok(Math.abs(early / 100 - 0.25) < 0.008);
  const single = new BlockSampler(50, 1, openStream(SEED, 'single'));
  single.draw();
  t.equal(single.count, 50);
});

/** Politis & White's rule, step by step, with the machine's own functions. */
function slowBlockLength(x: number[]): number {
  const n = x.length;
  const middle = mean(x);
  const R = (k: number) => x.slice(k).reduce((sum, value, i) => sum + (value - middle) * (x[i]! - middle), 0) / n;
  const K = Math.max(5, Math.ceil(Math.sqrt(Math.log10(n))));
  const lags = Math.min(Math.ceil(Math.sqrt(n)) + K, n - 1);
  const small = (k: number) => Math.abs(R(k) / R(0)) < 2 * Math.sqrt(Math.log10(n) / n);
  let m = 0;
  while (m + K <= lags && !Array.from({ length: K }, (_, k) => small(m + k + 1)).every(Boolean)) m++;
  if (m + K > lags) {
    m = lags;
    while (m > 0 && small(m)) m--;
  }
  const M = Math.min(2 * Math.max(m, 1), lags);
  let G = 0;
  let g0 = 0;
  for (let k = -M; k <= M; k++) {
    const window = Math.abs(k / M) <= 0.5 ? 1 : 2 * (1 - Math.abs(k / M));
    G += window * Math.abs(k) * R(Math.abs(k));
    g0 += window * R(Math.abs(k));
  }
  const length = Math.cbrt((2 * G * G) / (2 * g0 * g0)) * Math.cbrt(n);
  return Math.max(1, Math.min(length, 3 * Math.sqrt(n), n / 3));
}

function autoregressive(phi: number, bars: number, name: string): number[] {
  const random = openStream(SEED, name);
  const x = [0];
  while (x.length < bars) x.push(phi * x.at(-1)! + random.unit() + random.unit() - 1);
  return x;
}

t.test('block length: Politis & White’s rule, and longer for longer memory', async (t) => {
  for (const phi of [-0.6, 0, 0.2, 0.5, 0.8, 0.95]) {
    for (const bars of [40, 333, 1500]) {
      const x = autoregressive(phi, bars, `${phi} ${bars}`);
      const [fast, slow] = [blockLengthOf(new Float64Array(x)), slowBlockLength(x)];
      t.ok(near(fast, slow, 1e-9), `${phi}, ${bars}: ${fast}, ${slow}`);
    }
  }
  // Nothing at lags 1 to 5, something at lag 6: the search for the last lag ends before it.
  const pulse = autoregressive(0, 1500, 'pulse');
  const echo = pulse.map((x, i) => x + (pulse[i - 6] ?? 0));
  t.ok(near(blockLengthOf(new Float64Array(echo)), slowBlockLength(echo)), 'an echo after six bars');
  // Exact for an AR(1) with known spectrum: G / g(0) = 2φ/(1 − φ²), so b = (2φ/(1 − φ²))^(2/3) n^(1/3).
  const theory = (1 / 0.75) ** (2 / 3) * Math.cbrt(20_000);
  t.ok(near(blockLengthOf(new Float64Array(autoregressive(0.5, 20_000, 'long'))), theory, 0.25));
  t.equal(blockLengthOf(new Float64Array(100)), 1, 'a constant has no memory');
  t.equal(blockLengthOf(new Float64Array(5)), 1);
});

/** Both tests with every bar of every resample looked up. */
function slowAbility(rows: number[][], resamples: number, blockLength: number) {
  const bars = rows[0]!.length;
  const sampler = new BlockSampler(bars, blockLength, openStream(SEED, 'ability'));
  const root = Math.sqrt(bars);
  const means = rows.map(mean);
  const drawn = Array.from({ length: resamples }, () => {
    sampler.draw();
    const places: number[] = [];
    for (let b = 0; b < sampler.count; b++) {
      for (let i = 0; i < sampler.lengths[b]!; i++) places.push((sampler.starts[b]! + i) % bars);
    }
    return rows.map((row) => mean(places.map((place) => row[place]!)));
  });
  const omega = rows.map((_, s) => root * Math.sqrt(mean(drawn.map((m) => (m[s]! - means[s]!) ** 2))));
  const T = Math.max(0, ...rows.map((_, s) => (root * means[s]!) / omega[s]!));
  const p = (recentre: (s: number) => number) => {
    const reached = drawn.filter(
      (m) => Math.max(0, ...m.map((value, s) => (root * (value - recentre(s))) / omega[s]!)) >= T - 1e-12,
    );
    return (1 + reached.length) / (resamples + 1);
  };
  const threshold = -Math.sqrt(2 * Math.log(Math.log(bars)));
  const V = Math.max(...means);
  const beyond = drawn.filter((m) => Math.max(...m.map((value, s) => value - means[s]!)) >= V - 1e-15);
  return {
    realityCheck: (1 + beyond.length) / (resamples + 1),
    lower: p((s) => Math.max(0, means[s]!)),
    consistent: p((s) => ((root * means[s]!) / omega[s]! >= threshold ? means[s]! : 0)),
    upper: p((s) => means[s]!),
  };
}

t.test('reality check and SPA are what their papers say, bar by bar (seed 13)', async () => {
  const rows = fc.array(fc.array(fc.integer({ min: -1000, max: 1200 }), { minLength: 60, maxLength: 60 }), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(rows, fc.constantFrom(1, 3, 20), fc.nat(3), (values, blockLength, worse) => {
      const shifted = values.map((row, s) => (s === worse ? row.map((x) => x - 600) : row));
      if (shifted.some((row) => new Set(row).size < 10)) return true;
      const slow = slowAbility(shifted, 99, blockLength);
      const fast = superiorAbility(
        shifted.map((row) => new Float64Array(row)),
        { resamples: 99, random: openStream(SEED, 'ability'), blockLength },
      );
      return (
        near(fast.realityCheck, slow.realityCheck) &&
        near(fast.lower, slow.lower) &&
        near(fast.consistent, slow.consistent) &&
        near(fast.upper, slow.upper) &&
        fast.lower <= fast.consistent &&
        fast.consistent <= fast.upper
      );
    }),
    { seed: 13, numRuns: 150 },
  );
});

t.test('SPA rejects one time in twenty where nothing is to be found, and finds what is', async (t) => {
  const random = openStream(SEED, 'size');
  const runs = 300;
  let rejected = 0;
  let found = 0;
  for (let run = 0; run < runs; run++) {
    const rows = Array.from({ length: 5 }, () => Float64Array.from({ length: 250 }, () => random.unit() - 0.5));
    rejected += Number(superiorAbility(rows, { resamples: 199, random }).consistent <= 0.05);
    const lifted = rows.map((row, s) => (s === 0 ? row.map((x) => x + 0.1) : row));
    found += Number(superiorAbility(lifted, { resamples: 199, random }).consistent <= 0.05);
  }
  // Binomial: 15 ± 3.8 of 300 by chance; √250 × 0.1 / 0.289 = 5.5 deviations are hard to miss.
  t.ok(rejected >= 4 && rejected <= 30, `${rejected} of ${runs}`);
  t.ok(found >= 290, `${found} of ${runs}`);
  const flat = superiorAbility([new Float64Array(50)], { resamples: 99, random });
  t.equal(flat.consistent, 1, 'who does nothing does not beat doing nothing');
  t.equal(flat.realityCheck, 1);
});

t.test('walk-forward efficiency and t', async (t) => {
  const result = walkForwardOf(new Float64Array([0.02, 0.04]), new Float64Array([0.01, 0.02, 0.03, 0]));
  t.ok(near(result.efficiency!, 0.5));
  t.ok(near(result.t, (0.015 / Math.sqrt(0.0005 / 3)) * 2));
  t.equal(walkForwardOf(new Float64Array([-0.02, 0.01]), new Float64Array([1, 2])).efficiency, null);
});

t.test('order of trades: all orders of three, and the sum untouched', async (t) => {
  // Of +100 %, −50 %, −50 % the losses in a row cost 75 %; with the gain between them 50 %. Orders with them in a row: 2 of 3.
  const risk = drawdownRisk(new Float64Array([1, -0.5, -0.5]), 3000, openStream(SEED, 'orders'));
  t.same(risk, { shuffles: 3000, median: 0.75, oneIn20: 0.75, oneIn100: 0.75 });
  const mild = drawdownRisk(new Float64Array([1, 1, 1, 1, -0.5, -0.5]), 4000, openStream(SEED, 'mild'));
  t.same([mild.median, mild.oneIn20], [0.5, 0.75], 'in a row: 1 of 3 orders');
  t.same(drawdownRisk(new Float64Array(0), 10, openStream(SEED, '')).median, 0);
});

t.test('order of trades: the lines of all orders of three, worked out by hand', async (t) => {
  const returns = new Float64Array([1, -0.5, -0.5]);
  const fan = orderFan(returns, 3000, 60, openStream(SEED, 'orders'));
  t.same(fan.done, [0, 1, 2, 3]);
  t.same(fan.own, [1, 2, 1, 0.5]);
  // One order of three begins with the gain; one of three ends with it, after both losses.
  t.same(fan.lines, [
    [1, 0.5, 0.25, 0.5],
    [1, 0.5, 0.25, 0.5],
    [1, 0.5, 1, 0.5],
    [1, 2, 1, 0.5],
    [1, 2, 1, 0.5],
  ]);
  t.same(fan.risk, drawdownRisk(returns, 3000, openStream(SEED, 'orders')), 'of the same orders');
  t.same(orderFan(new Float64Array(0), 10, 60, openStream(SEED, '')).lines, [[1], [1], [1], [1], [1]]);
});

t.test('order of trades: lines never cross, and end where the trades end', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -0.9, max: 2, noNaN: true }), { minLength: 1, maxLength: 90 }),
      fc.integer({ min: 1, max: 60 }),
      (trades, points) => {
        const { done, lines, own } = orderFan(new Float64Array(trades), 50, points, openStream(SEED, 'fan'));
        const end = trades.reduce((equity, each) => equity * (1 + each), 1);
        return (
          done.at(-1) === trades.length &&
          done.length === Math.min(points, trades.length) + 1 &&
          done.every((each, i) => i === 0 || each > done[i - 1]!) &&
          [...lines, own].every((line) => near(line.at(-1)!, end)) &&
          done.every((_, i) => lines.every((line, l) => l === 0 || line[i]! >= lines[l - 1]![i]!))
        );
      },
    ),
    { seed: 33, numRuns: 100 },
  );
});

t.test('correlation and groups', async (t) => {
  const a = new Float64Array([1, 2, 3, 4, 6]);
  const b = a.map((x) => 3 - 2 * x);
  t.ok(near(correlationOf(a, a), 1) && near(correlationOf(a, b), -1));
  t.equal(correlationOf(a, new Float64Array(5)), 0);
  // Deviations −2.2 −1.2 −0.2 0.8 2.8 and −1 0 1 0 0: 2.0 / √(14.8 × 2).
  t.ok(near(correlationOf(a, new Float64Array([0, 1, 2, 1, 1])), 2 / Math.sqrt(14.8 * 2)));
  const c = new Float64Array([1, 2, 3, 4, 5]);
  t.same(groupByCorrelation([a, b, c, b, new Float64Array(5)], 0.7), [0, 1, 0, 1, 2]);
  t.same(groupByCorrelation([a, c], 0.999), [0, 1], 'below the threshold they stay apart');
  t.same(
    mergeDuplicates(['x1', 'y1', 'x2'], (name) => name[0]!),
    ['x1', 'y1'],
  );
});
