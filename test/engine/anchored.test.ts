// Anchored folds: all begin with the first bar, and what is out of sample comes after them.
import t from 'tap';
import { Evaluator } from '../../src/engine/fast/evaluator.ts';
import { Judge, PlainEvaluator } from '../../src/engine/fitness.ts';
import type { UnitOutcome } from '../../src/engine/outcome.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { concludeUnit } from '../../src/engine/search/conclude.ts';
import { advance, proposeGeneration, startState } from '../../src/engine/search/evolve.ts';
import { parseSearchSpec, presetSpec, type SearchSpec } from '../../src/engine/search-spec.ts';
import { divideTime } from '../../src/engine/time-line.ts';
import type { UnitTask } from '../../src/engine/unit-task.ts';

const CANDLES = sampleCandles('anchored', 1600);
const ROLLING = presetSpec({
  preset: 'quick',
  risk: 'high',
  overrides: { population: 24, generations: 8, folds: 3, minTrades: 8, warmup: 60, embargo: 20, allowShort: true },
});

function conclude(task: UnitTask): UnitOutcome {
  const evaluator = new Evaluator(CANDLES, task.spec);
  let state = startState();
  while (state.generation < task.spec.generations) {
    const proposed = proposeGeneration(task, state, CANDLES);
    state = advance(task, state, proposed, evaluator.evaluate(proposed));
  }
  return concludeUnit(CANDLES, task, state);
}

t.test('anchored folds begin with the first bar and grow by a part each', async (t) => {
  const spec = presetSpec({ preset: 'quick', risk: 'low', overrides: { anchored: true, embargo: 200 } });
  const { folds, outOfSample, holdout } = divideTime(10_000, spec);
  // Of 8,000 bars, 200 are left out before the holdout; of 7,800 less 250 of warm-up and 200 of embargo, 70 % are five parts.
  t.same(
    folds.map(({ inSample }) => inSample),
    [0, 1, 2, 3, 4].map((f) => ({ from: 250 + 1029 * f, to: 250 + 1029 * (f + 1) })),
  );
  t.same(folds[3]!.warmup, { from: 250 + 1029 * 3 - 250, to: 250 + 1029 * 3 });
  t.same([outOfSample, holdout], [[{ from: 5395 + 200, to: 7800 }], { from: 8000, to: 10_000 }]);
  const { anchored: _, ...rolling } = spec;
  t.same(parseSearchSpec({ ...spec, anchored: false }), rolling, 'not anchored is written one way only');
  t.same(parseSearchSpec(JSON.parse(JSON.stringify(spec))), spec);
  t.throws(() => parseSearchSpec({ ...spec, anchored: 1 }), { code: 'bad_value', field: 'anchored' });
  // A fold is all parts up to its own; each bar and trade counts once in what is reported.
  const [a, b, c] = [
    { count: 900, sum: 0.4, squares: 0.02, trades: 9 },
    { count: 800, sum: -0.3, squares: 0.05, trades: 2 },
    { count: 700, sum: 0.1, squares: 0.01, trades: 30 },
  ];
  const add = (x: typeof a, y: typeof a) => ({
    ...{ count: x.count + y.count, sum: x.sum + y.sum },
    ...{ squares: x.squares + y.squares, trades: x.trades + y.trades },
  });
  const three = { ...rolling, folds: 3 };
  const found = new Judge({ ...three, anchored: true }, 3_600_000).evaluate([a, b, c], 10_500, 'x');
  const grown = new Judge(three, 3_600_000).evaluate([a, add(a, b), add(add(a, b), c)], 10_500, 'x');
  const once = new Judge(three, 3_600_000).evaluate([a, b, c], 10_500, 'x');
  t.equal(found.fitness, grown.fitness);
  t.not(found.fitness, once.fitness);
  t.same({ ...found, fitness: 0 }, { ...once, fitness: 0 });
});

t.test('both engines score anchored folds alike, and champions have the figures of all bars but once', async (t) => {
  const spec: SearchSpec = { ...ROLLING, anchored: true };
  const task: UnitTask = { dataset: CANDLES.hash, seed: 'seed', spec, unit: 0 };
  const proposed = proposeGeneration(task, startState(), CANDLES);
  const plain = new PlainEvaluator(CANDLES, spec);
  t.same(
    new Evaluator(CANDLES, spec).evaluate(proposed),
    proposed.map((strategy) => plain.evaluate(strategy)),
  );
  const { champions, digest } = conclude(task);
  t.not(digest, conclude({ ...task, spec: ROLLING }).digest);
  for (const { strategy, inSample } of champions) t.equal(plain.evaluate(strategy).trades, inSample.trades);
});
