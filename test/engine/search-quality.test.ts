// Whether the search searches: better than chance where there is something to find, and no evaluation spent twice.
import t from 'tap';
import { canonicalJson } from '../../src/engine/canonical-json.ts';
import { Evaluator } from '../../src/engine/fast/evaluator.ts';
import { parseStrategy } from '../../src/engine/parse-strategy.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import type { CandleGrid } from '../../src/engine/search/embargo.ts';
import { advance, proposeGeneration, type SearchState, startState } from '../../src/engine/search/evolve.ts';
import { decodeSearchState, encodeSearchState } from '../../src/engine/search/state-codec.ts';
import { presetSpec } from '../../src/engine/search-spec.ts';
import type { Condition, Side, Strategy } from '../../src/engine/strategy.ts';
import { canonicalStrategy } from '../../src/engine/strategy-hash.ts';
import type { UnitTask } from '../../src/engine/unit-task.ts';

const CANDLES = sampleCandles();
const SPEC = presetSpec({ preset: 'quick', risk: 'medium', overrides: { generations: 12, allowShort: true } });
const taskOf = (seed: string, population = SPEC.population): UnitTask => ({
  ...{ dataset: CANDLES.hash, seed, unit: 0 },
  spec: { ...SPEC, population },
});
const evaluator = new Evaluator(CANDLES, SPEC);

const bestOf = ({ population }: SearchState) => population[0]!.evaluation.fitness;

function step(task: UnitTask, state: SearchState): SearchState {
  const proposed = proposeGeneration(task, state, CANDLES);
  return advance(task, state, proposed, evaluator.evaluate(proposed));
}

t.test('on a planted edge the search beats random search with as many evaluations (seeds edge 0–3)', async (t) => {
  const leads: number[] = [];
  for (const seed of ['edge 0', 'edge 1', 'edge 2', 'edge 3']) {
    const task = taskOf(seed);
    let state = startState();
    while (state.generation < SPEC.generations) state = step(task, state);
    // One first generation as large as all generations together.
    const random = step(taskOf(`random ${seed}`, state.trials.count), startState());
    t.equal(random.trials.count, state.trials.count);
    leads.push(bestOf(state) - bestOf(random));
  }
  t.ok(leads.filter((lead) => lead >= 0).length >= 3, `fitness ahead by ${leads}`);
  t.ok(leads.reduce((sum, lead) => sum + lead, 0) / leads.length > 2, 'by 2 and more on average');
});

t.test('no child is in the old population, none comes twice, most trade in a new way (seed twins)', async (t) => {
  const task = taskOf('twins');
  let state = startState();
  while (state.generation < SPEC.generations) {
    const proposed = proposeGeneration(task, state, CANDLES);
    const texts = proposed.map(canonicalStrategy);
    const old = new Set(state.population.map(({ text }) => text));
    t.equal(new Set(texts).size, texts.length, `generation ${state.generation}: each once`);
    t.notOk(
      texts.some((text) => old.has(text)),
      'and none of the parents again',
    );
    const evaluations = evaluator.evaluate(proposed);
    const known = new Set(state.population.map(({ evaluation }) => evaluation.behaviour));
    const fresh = new Set(evaluations.map(({ behaviour }) => behaviour).filter((each) => !known.has(each)));
    state = advance(task, state, proposed, evaluations);
    t.equal(state.novelty, fresh.size / proposed.length);
    t.ok(state.novelty > 0.6, `novelty ${state.novelty}`);
  }
});

const dip = (period: number): Condition => ({
  left: { field: 'close' },
  op: '<',
  right: { indicator: 'sma', period, times: 0.97 },
});
const strategyWith = (side: Side, entry: Condition[]): Strategy =>
  parseStrategy({ v: 1, side, entry: [entry], stopLoss: { percent: 3 }, maxBars: 9, size: { percentOfEquity: 20 } });

/** The children of a population of these strategies in rank order, when the last generation had that novelty. */
function childrenOf(strategies: readonly Strategy[], novelty: number): Strategy[] {
  const task = taskOf('children', strategies.length);
  const [individual] = step(task, startState()).population;
  const population = strategies.map((strategy) => ({ ...individual!, strategy, text: canonicalStrategy(strategy) }));
  return proposeGeneration(task, { ...startState(), generation: 1, population, novelty }, CANDLES);
}

t.test('little that is new brings more mutants and more newcomers', async (t) => {
  const parents = new Array<Strategy>(500).fill(strategyWith('long', [dip(20), dip(50), dip(100)]));
  const rules = parents[0]!.entry[0]!.map((condition) => canonicalJson(condition));
  const orders = ['"stopLoss":{"percent":3}', '"maxBars":9,', '{"percentOfEquity":20}'];
  const shared = (strategy: Strategy, texts: readonly string[]) =>
    texts.filter((text) => canonicalStrategy(strategy).includes(text)).length;
  const [much, little] = [childrenOf(parents, 1), childrenOf(parents, 0)];
  const strangers = (children: Strategy[]) =>
    children.filter((each) => shared(each, [...rules, ...orders]) <= 1).length;
  const likenesses = (children: Strategy[]) => children.filter((each) => shared(each, rules) === 3).length;
  t.ok(strangers(little) > 8 * strangers(much), `of 450, ${strangers(much)} strangers, or ${strangers(little)}`);
  t.ok(
    likenesses(much) > 1.3 * likenesses(little),
    `${likenesses(much)} share all conditions, or ${likenesses(little)}`,
  );
});

t.test('the better half has nearly all children', async (t) => {
  const [better, worse] = [strategyWith('long', [dip(20)]), strategyWith('short', [dip(50)])];
  const parents = Array.from({ length: 200 }, (_, i) => (i < 100 ? better : worse));
  const has = (text: string) =>
    childrenOf(parents, 1).filter((child) => canonicalStrategy(child).includes(text)).length;
  const [of20, of50] = [has(canonicalJson(dip(20))), has(canonicalJson(dip(50)))];
  // A tournament of five picks the worse half one time in 32.
  t.ok(of20 > 8 * of50, `${of20} against ${of50}`);
});

t.test('a digest covers every part of every strategy and every bit of its scores', async (t) => {
  const task = taskOf('digest');
  const proposed = proposeGeneration(task, startState(), CANDLES);
  const evaluations = evaluator.evaluate(proposed);
  const digest = (strategies: Strategy[], scores: typeof evaluations) =>
    Buffer.from(advance(task, startState(), strategies, scores).digests.at(-1)!).toString('hex');
  const file = { ...strategyWith('long', [dip(20)]), trailing: { atr: 2, period: 14 } };
  const strategies = [
    file,
    { ...file, side: 'short' },
    { ...file, entry: [[dip(50)]] },
    { ...file, entry: [[dip(20)], [dip(50)]] },
    { ...file, exit: [dip(50)] },
    { ...file, size: { percentOfEquity: 21 } },
    { ...file, maxPositions: 2 },
    { ...file, maxBars: 10 },
    { ...file, stopLoss: { percent: 4 } },
    { ...file, takeProfit: { percent: 3 } },
    { ...file, breakEven: { percent: 3 } },
    { ...file, trailing: { atr: 2, period: 15 } },
  ].map(parseStrategy);
  const withFirst = strategies.map((strategy) => digest([strategy, ...proposed.slice(1)], evaluations));
  const [score] = evaluations;
  const withScore = [
    { fitness: score!.fitness + 1e-9 },
    { sharpe: score!.sharpe + 1e-9 },
    { return: score!.return + 1e-9 },
    { trades: score!.trades + 1 },
    { behaviour: 'f'.repeat(16) },
  ].map((change) => digest(proposed, [{ ...score!, ...change }, ...evaluations.slice(1)]));
  const all = [digest(proposed, evaluations), ...withFirst, ...withScore];
  t.equal(new Set(all).size, all.length);
  t.equal(digest(proposed, evaluations), all[0]);
});

t.test('proposals do not depend on what was proposed for other candles before', async (t) => {
  const task = taskOf('grids');
  const state = step(task, startState());
  const quarters = { length: CANDLES.length, barMs: 900_000 };
  const texts = (from: SearchState, grid: CandleGrid) => proposeGeneration(task, from, grid).map(canonicalStrategy);
  const hours = texts(state, CANDLES);
  const read = decodeSearchState(task, encodeSearchState(task, state));
  t.same(texts(state, quarters), texts(read, quarters));
  t.same(texts(state, CANDLES), hours);
});
