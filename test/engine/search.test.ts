// The search: what it may see, that it repeats, that it resumes, and that its outcome commits to all of it.
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { makeCandles } from '../../src/engine/candle-codec.ts';
import { allocateColumns, type Candles } from '../../src/engine/candles.ts';
import { canonicalJson } from '../../src/engine/canonical-json.ts';
import { evaluateChampion } from '../../src/engine/champion.ts';
import { engineFingerprint } from '../../src/engine/fingerprint.ts';
import { PlainEvaluator } from '../../src/engine/fitness.ts';
import { toUtf8 } from '../../src/engine/hash.ts';
import type { UnitOutcome } from '../../src/engine/outcome.ts';
import { parseStrategy } from '../../src/engine/parse-strategy.ts';
import { openStream, RandomStream } from '../../src/engine/random.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { concludeUnit } from '../../src/engine/search/conclude.ts';
import { advance, proposeGeneration, type SearchState, startState } from '../../src/engine/search/evolve.ts';
import { decodeSearchState, encodeSearchState } from '../../src/engine/search/state-codec.ts';
import { addTrial, NO_TRIALS, summariseTrials } from '../../src/engine/search/trials.ts';
import { parseSearchSpec, presetSpec, type SearchSpec } from '../../src/engine/search-spec.ts';
import type { Window } from '../../src/engine/simulate.ts';
import { strategyHash } from '../../src/engine/strategy-hash.ts';
import { divideTime, type TimeLine } from '../../src/engine/time-line.ts';
import type { UnitTask } from '../../src/engine/unit-task.ts';

const CANDLES = sampleCandles('search', 1600);
const OVERRIDES = {
  ...{ population: 24, generations: 8, folds: 3, minTrades: 8, warmup: 60, embargo: 20, allowShort: true },
};
const SPEC = presetSpec({ preset: 'quick', risk: 'high', overrides: OVERRIDES });
const taskOf = (candles: Candles, changes: Partial<UnitTask> = {}): UnitTask => ({
  dataset: candles.hash,
  seed: 'seed',
  spec: SPEC,
  unit: 0,
  ...changes,
});

function step(evaluator: PlainEvaluator, task: UnitTask, state: SearchState, candles: Candles): SearchState {
  const proposed = proposeGeneration(task, state, candles);
  return advance(
    task,
    state,
    proposed,
    proposed.map((strategy) => evaluator.evaluate(strategy)),
  );
}

/** The states after each generation. */
function history(candles: Candles, task: UnitTask): SearchState[] {
  const evaluator = new PlainEvaluator(candles, task.spec);
  const states: SearchState[] = [];
  let state = startState();
  while (state.generation < task.spec.generations) {
    state = step(evaluator, task, state, candles);
    states.push(state);
  }
  return states;
}

const outcomeOf = (candles: Candles, task: UnitTask): UnitOutcome =>
  concludeUnit(candles, task, history(candles, task).at(-1)!);

t.test('xoshiro128** gives the published sequence for the state 1, 2, 3, 4', async (t) => {
  const random = new RandomStream(1, 2, 3, 4);
  const published = [
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ];
  t.same(
    published.map(() => random.next()),
    published,
  );
  const seed = toUtf8('x');
  t.equal(openStream(seed, 'a', 1).next(), openStream(seed, 'a', 1).next());
  const firsts = [
    openStream(seed, 'a', 1),
    openStream(seed, 'a', 2),
    openStream(seed, 'a1'),
    openStream(toUtf8('y'), 'a', 1),
  ];
  t.equal(new Set(firsts.map((stream) => stream.next())).size, 4, 'streams differ by key and seed');
  const counts = new Array<number>(6).fill(0);
  for (let i = 0; i < 60_000; i++) counts[random.below(6)]!++;
  t.ok(
    counts.every((count) => Math.abs(count - 10_000) < 500),
    `below(6): ${counts}`,
  );
});

t.test('specifications: presets, limits, paths', async (t) => {
  t.same(
    [presetSpec({ preset: 'standard', risk: 'low' })].map(({ population, generations, preset }) => [
      preset,
      population,
      generations,
    ]),
    [['standard', 200, 100]],
  );
  t.equal(SPEC.preset, 'custom', 'another size is another preset');
  t.same(parseSearchSpec(JSON.parse(JSON.stringify(SPEC))), SPEC);
  const cases: [object, string, string][] = [
    [{ population: 9 }, 'out_of_range', 'population'],
    [{ population: 5001 }, 'out_of_range', 'population'],
    [{ generations: 0 }, 'out_of_range', 'generations'],
    [{ generations: 1001 }, 'out_of_range', 'generations'],
    [{ folds: 1 }, 'out_of_range', 'folds'],
    [{ holdout: 0.9 }, 'out_of_range', 'holdout'],
    [{ risk: 'extreme' }, 'bad_value', 'risk'],
    [{ preset: 'quick' }, 'bad_value', 'preset'],
    [{ costs: { fee: 0.001, slippage: 0 } }, 'missing_key', 'costs.spread'],
    [{ costs: { fee: -0.001, slippage: 0, spread: 0 } }, 'out_of_range', 'costs.fee'],
    [{ costs: { fee: 0.001, slippage: 0, spread: 0, tax: 1 } }, 'unknown_key', 'costs.tax'],
    [{ allowShort: 'yes' }, 'bad_value', 'allowShort'],
    [{ leverage: 3 }, 'unknown_key', 'leverage'],
  ];
  for (const [changes, code, field] of cases) {
    t.throws(() => parseSearchSpec({ ...SPEC, ...changes }), { code, field }, JSON.stringify(changes));
  }
  t.throws(() => presetSpec({ preset: 'quick', risk: 'low', overrides: { minTrades: 0 } }), {
    name: 'InvalidInput',
    field: 'minTrades',
  });
  t.throws(() => divideTime(499, SPEC), { code: 'too_few_bars' });
});

/** All parts of a time line in the order of time. Warm-up after the first anchored fold is of the part before. */
function partsOf({ folds, outOfSample }: TimeLine, isAnchored: boolean): Window[] {
  if (!isAnchored) return folds.flatMap(({ warmup, inSample }, f) => [warmup, inSample, outOfSample[f]!]);
  return [folds[0]!.warmup, ...folds.map(({ inSample }) => inSample), ...outOfSample];
}

t.test('the parts of the time line do not overlap and leave the holdout alone (seed 31)', async (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2000, max: 200_000 }),
      fc.record({
        folds: fc.integer({ min: 2, max: 8 }),
        embargo: fc.nat(2000),
        warmup: fc.nat(2000),
        holdout: fc.double({ min: 0.05, max: 0.5, noNaN: true }),
        anchored: fc.boolean(),
      }),
      (bars, changes) => {
        const spec = parseSearchSpec({ ...SPEC, ...changes });
        const timeLine = divideTime(bars, spec);
        const { folds, outOfSample, holdout } = timeLine;
        const ordered = [...partsOf(timeLine, changes.anchored), holdout].every(
          ({ from, to }, i, all) => from <= to && (i === 0 || from >= all[i - 1]!.to),
        );
        const filled =
          folds.length === changes.folds &&
          outOfSample.length === (changes.anchored ? 1 : changes.folds) &&
          outOfSample.every(({ from, to }) => to > from) &&
          folds.every(({ warmup, inSample }) => warmup.to === inSample.from && inSample.to - inSample.from >= 20);
        return (
          ordered && filled && holdout.to === bars && holdout.to - holdout.from === Math.floor(bars * spec.holdout)
        );
      },
    ),
    { seed: 31, numRuns: 500 },
  );
  const crowded = { ...SPEC, folds: 12 };
  t.throws(() => divideTime(500, crowded), { code: 'too_few_bars', field: 'folds' }, 'parts of a few bars are refused');
  t.ok(divideTime(500, presetSpec({ preset: 'quick', risk: 'low' })), '500 bars are enough for a preset');
});

/** The same candles with other prices wherever `spoil` says so; the task keeps its name. */
function spoiled(candles: Candles, spoil: (bar: number) => boolean): Candles {
  const columns = allocateColumns(candles.length, candles.barMs);
  for (const name of ['time', 'open', 'high', 'low', 'close', 'volume'] as const) columns[name].set(candles[name]);
  for (let i = 0; i < candles.length; i++) {
    if (!spoil(i)) continue;
    const price = 1 + ((i * 7919) % 1000);
    columns.open[i] = price;
    columns.high[i] = price * 3;
    columns.low[i] = price / 3;
    columns.close[i] = price * (i % 2 === 0 ? 2 : 0.5);
    columns.volume[i] = i;
  }
  return makeCandles(columns, candles.meta);
}

for (const anchored of [false, true]) {
  const SPEC_OF = presetSpec({ preset: 'quick', risk: 'high', overrides: { ...OVERRIDES, anchored } });
  t.test(
    `the search cannot see the holdout, nor what it is judged on out of sample${anchored ? ', anchored' : ''}`,
    (t) => cannotSee(t, SPEC_OF),
  );
}

async function cannotSee(t: Test, spec: SearchSpec): Promise<void> {
  const task = taskOf(CANDLES, { spec });
  const { folds, holdout } = divideTime(CANDLES.length, spec);
  const clean = history(CANDLES, task).map((state) => encodeSearchState(task, state));
  const isIn = (bar: number, { from, to }: { from: number; to: number }) => bar >= from && bar < to;
  const inHoldout = spoiled(CANDLES, (bar) => bar >= holdout.from);
  t.same(
    history(inHoldout, task).map((state) => encodeSearchState(task, state)),
    clean,
    'every holdout bar replaced',
  );
  const outside = spoiled(CANDLES, (bar) => !folds.some((fold) => isIn(bar, fold.warmup) || isIn(bar, fold.inSample)));
  t.same(
    history(outside, task).map((state) => encodeSearchState(task, state)),
    clean,
    'every bar outside warm-up and in-sample parts replaced',
  );
  const [last] = history(outside, task).slice(-1);
  const champion = concludeUnit(CANDLES, task, last!).champions[0]!;
  const judged = evaluateChampion(outside, task, champion.strategy);
  t.same(judged.inSample, champion.inSample);
  t.notSame(judged.outOfSample, champion.outOfSample, 'but the judgement changes');
  t.notSame(judged.holdout, champion.holdout);
  const inSample = spoiled(CANDLES, (bar) => isIn(bar, folds[1]!.inSample));
  t.notSame(encodeSearchState(task, history(inSample, task)[0]!), clean[0], 'an in-sample bar does matter');
}

t.test('equal tasks give equal outcomes; every part of a task matters', async (t) => {
  const task = taskOf(CANDLES);
  const outcome = outcomeOf(CANDLES, task);
  t.same(outcomeOf(CANDLES, task), outcome);
  const others = [
    taskOf(CANDLES, { seed: 'other' }),
    taskOf(CANDLES, { unit: 1 }),
    taskOf(CANDLES, { spec: { ...SPEC, minTrades: 9 } }),
    taskOf(CANDLES, { spec: { ...SPEC, costs: { ...SPEC.costs, fee: 0.001 } } }),
  ].map((other) => outcomeOf(CANDLES, other));
  t.equal(new Set([outcome, ...others].map(({ digest }) => digest)).size, 5);
  t.equal(new Set([outcome, ...others].map(({ secret }) => secret)).size, 5);
  t.not(outcome.digest, outcome.secret);
  t.equal(outcome.trials.count, 24 + 7 * 22, 'every strategy scored is counted: elites are not scored again');
  t.ok(toUtf8(canonicalJson(outcome.champions)).length <= 2800);
  t.ok(outcome.champions.length >= 1 && outcome.champions.length <= 3);
  t.equal(outcome.score, history(CANDLES, task).at(-1)!.population[0]!.evaluation.fitness);
  for (const champion of outcome.champions) {
    const { equity, ...check } = evaluateChampion(CANDLES, task, champion.strategy);
    const { strategy, ...claimed } = champion;
    t.same(check, claimed, 'a second node gets the same figures');
    t.equal(check.hash, strategyHash(strategy));
    t.ok(equity.length <= 40 && equity[0] === 1);
    t.ok(Math.abs(equity.at(-1)! - 1 - champion.outOfSample.return) < 1e-12, 'the curve ends at the return');
    t.ok(champion.inSample.trades >= SPEC.minTrades);
  }
});

t.test('resumed after any generation, the outcome is the same bits', async (t) => {
  const task = taskOf(CANDLES);
  const states = history(CANDLES, task);
  const want = concludeUnit(CANDLES, task, states.at(-1)!);
  const evaluator = new PlainEvaluator(CANDLES, SPEC);
  for (const saved of states) {
    let state = decodeSearchState(task, encodeSearchState(task, saved));
    while (state.generation < SPEC.generations) state = step(evaluator, task, state, CANDLES);
    const { digest, secret } = concludeUnit(CANDLES, task, state);
    t.same([digest, secret], [want.digest, want.secret], `from generation ${saved.generation}`);
  }
});

t.test('a checkpoint that is damaged or of another task is refused (seed 8)', async (t) => {
  const task = taskOf(CANDLES);
  const bytes = encodeSearchState(task, history(CANDLES, task)[1]!);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const damaged = bytes.slice();
      damaged[at]! ^= mask;
      try {
        decodeSearchState(task, damaged);
        return false;
      } catch (error) {
        return (error as { code?: string }).code === 'damaged_checkpoint';
      }
    }),
    { seed: 8, numRuns: 300 },
  );
  for (const size of [0, 3, 40, bytes.length - 1]) {
    t.throws(() => decodeSearchState(task, bytes.slice(0, size)), { code: 'damaged_checkpoint' }, `${size} bytes`);
  }
  for (const other of [
    { seed: 'other' },
    { unit: 1 },
    { dataset: 'f'.repeat(64) },
    { spec: { ...SPEC, minTrades: 9 } },
  ]) {
    t.throws(
      () => decodeSearchState(taskOf(CANDLES, other), bytes),
      { code: 'foreign_checkpoint' },
      Object.keys(other)[0]!,
    );
  }
});

t.test('populations keep their size, behaviours are unique while there are enough, order is by fitness', async (t) => {
  const states = history(CANDLES, taskOf(CANDLES));
  for (const { population } of states) {
    const fitness = population.map(({ evaluation }) => evaluation.fitness);
    t.equal(population.length, SPEC.population);
    t.same(
      fitness,
      [...fitness].sort((a, b) => b - a),
    );
  }
  const best = states.map(({ population }) => population[0]!.evaluation.fitness);
  t.same(
    best,
    [...best].sort((a, b) => a - b),
    'the best is never lost',
  );
  const last = states.at(-1)!.population;
  t.equal(new Set(last.map(({ evaluation }) => evaluation.behaviour)).size, SPEC.population);
});

t.test('trials are summed up (seed 12)', async (_t) => {
  const sharpes = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { maxLength: 20 });
  const near = (a: number | null, b: number | null) =>
    a === null || b === null ? a === b : Math.abs(a - b) < 1e-9 * (1 + Math.abs(a));
  fc.assert(
    fc.property(sharpes, (values) => {
      const { count, meanSharpe, varianceSharpe } = summariseTrials(values.reduce(addTrial, NO_TRIALS));
      const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
      const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
      return (
        count === values.length &&
        near(meanSharpe, values.length === 0 ? null : mean) &&
        near(varianceSharpe, values.length < 2 ? null : squares / (values.length - 1))
      );
    }),
    { seed: 12, numRuns: 300 },
  );
});

t.test('the search finds the planted edge of the sample series, and it holds in the sealed holdout', async (t) => {
  const candles = sampleCandles();
  const spec = presetSpec({ preset: 'quick', risk: 'medium' });
  for (const unit of [0, 1, 2]) {
    const [best] = outcomeOf(candles, taskOf(candles, { spec, seed: 'stratmesh', unit })).champions;
    t.ok(best!.inSample.netProfit > 0 && best!.holdout.netProfit > 0, `unit ${unit}: ${JSON.stringify(best)}`);
  }
});

t.test('every part of a search ends flat: a market that never moves costs one entry and one exit a part', async (t) => {
  const columns = allocateColumns(1600, 3_600_000);
  for (let i = 0; i < columns.length; i++) {
    columns.time[i] = i * 3_600_000;
    for (const column of [columns.open, columns.high, columns.low, columns.close]) column[i] = 100;
    columns.volume[i] = 1;
  }
  const candles = makeCandles(columns, {
    symbol: 'FLAT',
    quote: 'USD',
    source: 'test',
    sample: true,
    barMs: 3_600_000,
  });
  const fee = 0.01;
  const spec = presetSpec({
    preset: 'quick',
    risk: 'medium',
    overrides: { folds: 3, equity: 1000, costs: { fee, slippage: 0, spread: 0 } },
  });
  const always = parseStrategy({
    ...{ v: 1, side: 'long', exit: [], size: { percentOfEquity: 50 }, maxPositions: 1 },
    entry: [[{ left: { field: 'close' }, op: '>', right: { value: 1 } }]],
  });
  const { inSample, outOfSample, holdout } = evaluateChampion(candles, taskOf(candles, { spec }), always);
  // Half the equity is bought and sold again in each part, at a fee on each side: it loses the fee once.
  for (const [segment, parts] of [
    [inSample, 3],
    [outOfSample, 3],
    [holdout, 1],
  ] as const) {
    t.equal(segment.trades, parts, 'what was open at the end of a part is a trade');
    t.ok(Math.abs(segment.return - ((1 - fee) ** parts - 1)) < 1e-12, `${segment.return} over ${parts} parts`);
  }
});

t.test('fingerprint', async (t) => {
  const fingerprint = engineFingerprint();
  t.match(fingerprint, /^[0-9a-f]{64}$/);
  t.equal(engineFingerprint(), fingerprint, 'asked again, it is the same');
});
