// Re-runs of a search on permuted bars, as they enter the verdict: nothing is significant while some are still to come, and
// what a re-run found is known from its first champion alone.
import t from 'tap';
import type { Candles } from '../../../src/engine/candles.ts';
import { Evaluator } from '../../../src/engine/fast/evaluator.ts';
import type { UnitOutcome } from '../../../src/engine/outcome.ts';
import { parseStrategy } from '../../../src/engine/parse-strategy.ts';
import { sampleCandles } from '../../../src/engine/sample.ts';
import { concludeUnit } from '../../../src/engine/search/conclude.ts';
import { advance, proposeGeneration, startState } from '../../../src/engine/search/evolve.ts';
import { presetSpec } from '../../../src/engine/search-spec.ts';
import { type JobToJudge, judgeJob } from '../../../src/engine/statistics/judge-job.ts';
import { fitnessOf, type Permutations, permutedFor } from '../../../src/engine/statistics/permutation.ts';
import { DEFAULT_THRESHOLDS, parseThresholds } from '../../../src/engine/statistics/thresholds.ts';
import { describeJob, reasonsFor } from '../../../src/engine/statistics/verdict-words.ts';

const spec = presetSpec({ preset: 'quick', risk: 'medium' });

function search(candles: Candles, generations: number): UnitOutcome {
  const small = presetSpec({ preset: 'quick', risk: 'medium', overrides: { generations } });
  const task = { dataset: candles.hash, seed: 'again', spec: small, unit: 0 };
  const evaluator = new Evaluator(candles, small);
  let state = startState();
  while (state.generation < generations) {
    const proposed = proposeGeneration(task, state, candles);
    state = advance(task, state, proposed, evaluator.evaluate(proposed));
  }
  return concludeUnit(candles, task, state);
}

t.test('what a re-run found is known from its first champion, to the last bit', async (t) => {
  const candles = sampleCandles('re-runs', 3000);
  for (const index of [0, 1, 2]) {
    const permuted = permutedFor(candles, spec, 'seed', index);
    const { champions, score } = search(permuted, 4);
    t.not(score, null);
    t.equal(fitnessOf(permuted, spec, champions[0]!.strategy), score);
    t.not(fitnessOf(candles, spec, champions[0]!.strategy), score, 'on other candles it is another');
  }
  t.equal(fitnessOf(candles, spec, undefined), null);
});

const candles = sampleCandles('judge', 14_000);
const evaluator = new Evaluator(candles, spec);
/** Buys after a sharp fall, as is planted in the sample. */
const planted = parseStrategy({
  v: 1,
  side: 'long',
  entry: [[{ left: { indicator: 'roc', period: 4 }, op: '<', right: { value: -3 } }]],
  maxBars: 14,
  size: { percentOfEquity: 50 },
});
const job: JobToJudge = {
  candles,
  spec,
  champions: [planted],
  trials: [{ count: 1200, meanSharpe: 0, varianceSharpe: 2 }],
};
const judge = (permutations?: Permutations, thresholds = DEFAULT_THRESHOLDS) =>
  judgeJob(permutations === undefined ? job : { ...job, permutations }, thresholds, async (strategies) =>
    evaluator.evaluate(strategies),
  );
const worse = (count: number): number[] => Array.from({ length: count }, (_, i) => -i);

t.test('nothing is significant before all re-runs are done, and how many are is said', async (t) => {
  t.equal((await judge()).verdict, 'significant', 'it would be without any');
  for (const done of [0, 3, 18]) {
    const report = await judge({ best: 2, scores: worse(done), pending: 19 - done });
    t.equal(report.verdict, 'promising', `${done} of 19`);
    t.equal(report.permutation, null);
    t.same(report.permutations, { done, pending: 19 - done, reached: 0 });
    const [en, es] = [describeJob(report).join(' '), describeJob(report, 'es').join(' ')];
    t.match(en, `Of 19 re-runs of the search on permuted bars ${done} are done`);
    t.match(es, `De 19 repeticiones de la búsqueda con velas barajadas van ${done}`);
    t.notMatch(en + es, /unknown|desconocido|null|NaN/);
    t.match(reasonsFor(report.strategies[0]!)[0], /is not known yet/);
    t.match(reasonsFor(report.strategies[0]!, 'es')[0], /aún no se sabe/);
  }
});

t.test('all done, p is (1 + those that reached it) / (re-runs + 1)', async (t) => {
  const none = await judge({ best: 2, scores: worse(19), pending: 0 });
  t.equal(none.permutation, 0.05);
  t.equal(none.verdict, 'significant');
  t.match(describeJob(none).join(' '), /finds less where bars are shuffled \(p = 0\.050\)/);
  const one = await judge({ best: 2, scores: [...worse(18), 2], pending: 0 });
  t.equal(one.permutation, 0.1);
  t.same(one.permutations, { done: 19, pending: 0, reached: 1 }, 'an equal one counts against it');
  t.equal(one.verdict, 'promising');
  const few = await judge({ best: 2, scores: worse(18), pending: 0 });
  t.equal(few.verdict, 'promising', 'with fewer than 19 no p is as low as 0.05');
  const lost = await judge({ best: null, scores: [null, 1], pending: 0 });
  t.same([lost.permutation, lost.permutations!.reached], [1, 2], 'a search without a champion is beaten by all');
});

t.test('thresholds that are not the defaults are said, in both languages, and only they', async (t) => {
  const own = await judge(undefined, parseThresholds({ level: 0.1, unseenTrades: 5 }));
  t.match(
    describeJob(own).join(' '),
    'These thresholds are not the defaults: level 0.1 instead of 0.05, unseenTrades 5 instead of 20.',
  );
  t.match(
    describeJob(own, 'es').join(' '),
    'Estos umbrales no son los habituales: level 0,1 en vez de 0,05, unseenTrades 5 en vez de 20.',
  );
  t.notMatch(describeJob(await judge()).join(' '), /thresholds/);
  const thresholds = parseThresholds({ sameBet: 0.9 });
  const nothing = await judgeJob({ ...job, champions: [] }, thresholds, async () => []);
  t.match(describeJob(nothing).at(-1), 'sameBet 0.9 instead of 0.7', 'where nothing was found too');
});
