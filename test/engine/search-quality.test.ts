// Whether the search searches: better than chance where there is something to find, and no evaluation spent twice.
import t from 'tap';
import { Evaluator } from '../../src/engine/fast/evaluator.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { advance, proposeGeneration, type SearchState, startState } from '../../src/engine/search/evolve.ts';
import { presetSpec } from '../../src/engine/search-spec.ts';
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

t.test('little that is new brings more mutants and more newcomers', async (t) => {
  const task = taskOf('novelty');
  const state = step(task, startState());
  // Children of one parent that never differs: what is not its like came from elsewhere.
  const twins = { ...state, population: state.population.map(() => state.population[0]!) };
  const near = (novelty: number) => {
    const entry = JSON.stringify(state.population[0]!.strategy.entry);
    const proposed = proposeGeneration(task, { ...twins, novelty }, CANDLES);
    return proposed.filter((strategy) => JSON.stringify(strategy.entry) === entry).length;
  };
  t.ok(near(1) > near(0) * 1.3, `${near(1)} with the same entry when all is new, ${near(0)} when nothing is`);
});
