// Jobs that run a search again on permuted bars: what their units are, which of them count for a verdict, that nothing of what
// they find is shown or counted elsewhere, and that they come after all other work.
import t from 'tap';
import { parseStrategy } from '../../src/engine/parse-strategy.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { presetSpec } from '../../src/engine/search-spec.ts';
import { fitnessOf, permutedFor } from '../../src/engine/statistics/permutation.ts';
import { DEFAULT_THRESHOLDS } from '../../src/engine/statistics/thresholds.ts';
import { deriveState } from '../../src/ledger/derive.ts';
import { findOpenWork } from '../../src/node/open-work.ts';
import { actionOf, permutationsOf, readSearch, reRunsOf, taskOf } from '../../src/node/permutations.ts';
import type { Check } from '../../src/node/recheck.ts';
import { resultViews } from '../../src/node/result-views.ts';
import { judge } from '../../src/node/verdicts/judge.ts';
import { jobViews, type World } from '../../src/node/views.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import type { Job } from '../../src/protocol/kinds.ts';
import { GENESIS, MESH } from '../ledger/support/history.ts';
import { hash, hexOf, job, keyOf, result, scribe } from '../ledger/support/people.ts';
import { restsIn } from './support/verdicts.ts';
import { openBench, SEARCH, until } from './support/worker.ts';

const spec = presetSpec({ preset: 'quick', risk: 'medium' });
const candles = sampleCandles('permutations', 3000);
const ONE = { mode: 'replicate', replicas: 1, quorum: 1, most: 2 } as const;
const STRATEGY = {
  v: 1,
  side: 'long',
  entry: [[{ left: { indicator: 'roc', period: 4 }, op: '<', right: { value: -2 } }]],
  maxBars: 12,
  size: { percentOfEquity: 50 },
};

t.test('a unit is the search of the first one, on a permutation of its own', async (t) => {
  const base = job({ search: { ...spec }, units: 4, seed: 'one' });
  const again = permutationsOf({ id: hexOf(hash('base')), job: base }, 19);
  t.match(again, { units: 19, priority: 0, seed: 'one', name: 'Permutations of job', validation: base.validation });
  for (const index of [0, 7]) {
    const { task, candles: on } = taskOf(again, index, candles);
    t.equal(on.hash, permutedFor(candles, spec, 'one', index).hash);
    t.same(task, { dataset: on.hash, seed: 'one', spec, unit: 0 });
  }
  const plain = taskOf(base, 3, candles);
  t.equal(plain.candles, candles);
  t.same(plain.task, { dataset: hexOf(base.dataset), seed: 'one', spec, unit: 3 });
  t.throws(() => readSearch({ search: { ...spec, permutes: 'nobody' } }), { code: 'bad_value', field: 'permutes' });
  t.throws(() => readSearch({ search: { ...spec, permutes: hexOf(hash('x')), more: 1 } }), {
    code: 'unknown_key',
    field: 'more',
  });
  t.equal(permutationsOf({ id: 'ab', job: { ...base, name: 'n'.repeat(40) } }, 1).name.length, 40);
});

/** Ada has a job of two units and 3 re-runs of it; bob answers. */
function scene(changes: Partial<Job> = {}) {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const bob = scribe(MESH, 'bob');
  const admit = ada('admit', { member: keyOf('bob'), name: 'bob', role: 'member' });
  const data = job({ units: 2, validation: ONE, search: { ...spec } });
  const base = ada('job', data);
  const again = ada('job', { ...permutationsOf({ id: base.id, job: data }, 3), ...changes });
  const say = (to: Entry, index: number, count = 10, digest = `${index}`): Entry =>
    bob(
      'result',
      result(to.id, index, digest, {
        champions: [
          { ...result(to.id, 0, 'x').champions[0]!, strategy: to === base ? STRATEGY : { ...STRATEGY, maxBars: 9 } },
        ],
        trials: { count, meanSharpe: 0.5, varianceSharpe: 0.25 },
      }),
    );
  return { ada, bob, ground: [GENESIS, admit, base, again], base, again, data, say };
}

const stateOf = (entries: readonly Entry[]) => deriveState(MESH, entries);

t.test('re-runs count once each, however many jobs ask for them, and only those that are what they say', async (t) => {
  const { ada, ground, base, again, data, say } = scene();
  const more = ada('job', permutationsOf({ id: base.id, job: data }, 5));
  const runs = (entries: readonly Entry[]) => {
    const state = stateOf([...ground, ...entries]);
    const { validated, failed, asked } = reRunsOf(state, state.jobs.get(base.id)!);
    return { validated: validated.map(({ index }) => index), failed, asked };
  };
  t.same(runs([]), { validated: [], failed: 0, asked: 3 });
  t.same(runs([say(again, 2), say(again, 0)]), { validated: [0, 2], failed: 0, asked: 3 });
  t.same(runs([more, say(again, 1), say(more, 1), say(more, 4)]), { validated: [1, 4], failed: 0, asked: 5 });
  const odd: Partial<Job>[] = [
    { dataset: hash('other candles') },
    { seed: 'another' },
    { fingerprint: hash('another engine') },
    { search: { ...spec, population: 30, preset: 'custom', permutes: base.id } },
    { search: { ...spec, permutes: hexOf(hash('another job')) } },
    { validation: { ...ONE, most: 1 } },
    { units: 1000 },
  ];
  for (const changes of odd) {
    const { ground: other, again: theirs, base: own, say: tell } = scene(changes);
    const state = stateOf([...other, tell(theirs, 0)]);
    t.same(reRunsOf(state, state.jobs.get(own.id)!), { validated: [], failed: 0, asked: 0 }, Object.keys(changes)[0]!);
  }
  const two = { ...ONE, replicas: 2, quorum: 2, most: 2 };
  const split = scene();
  const base2 = split.ada('job', { ...split.data, validation: two });
  const again2 = split.ada('job', permutationsOf({ id: base2.id, job: { ...split.data, validation: two } }, 2));
  const cy = split.ada('admit', { member: keyOf('cy'), name: 'cy', role: 'member' });
  const differs = scribe(MESH, 'cy')('result', result(again2.id, 0, 'another answer'));
  const state = stateOf([...split.ground, base2, again2, cy, split.say(again2, 0), differs]);
  t.match(reRunsOf(state, state.jobs.get(base2.id)!), { validated: [], failed: 1, asked: 2 }, 'no verdict, no figure');
});

t.test('what was tried on permuted bars counts as nothing but re-runs', async (t) => {
  const { ground, base, again, say } = scene();
  const before = await restsIn([...ground, say(base, 0, 40)], base);
  t.match(before.basis.permutations, { done: 0, pending: 3 });
  t.match(before.findings.permutations, { runs: [], pending: 3, base: STRATEGY });
  const entries = [...ground, say(base, 0, 40), say(again, 1, 1000)];
  const { basis, findings } = await restsIn(entries, base);
  t.same(
    basis.searched.map(({ count }) => count),
    [40],
    'no trials of these candles',
  );
  t.match(basis, { jobs: 1, openings: 1, validated: 1, trials: 40, permutations: { done: 1, pending: 2 } });
  t.match(findings.permutations, { runs: [{ index: 1 }], pending: 2 });
  t.equal(findings.champions.length, 1);
  t.not(basis.key, before.basis.key, 'but the verdict rests on them');
  const own = await restsIn(entries, again);
  t.match(own.basis, { units: 3, validated: 1, trials: 0, jobs: 1 }, 'of the re-runs themselves');
});

t.test('nothing that was found on permuted bars is shown', async (t) => {
  const { ground, base, again, say } = scene();
  const state = stateOf([...ground, say(base, 0), say(again, 0)]);
  const world: World = {
    self: hexOf(keyOf('ada')),
    state,
    claims: [],
    news: () => undefined,
    connection: () => undefined,
    hasDataset: () => true,
    // Whatever was run here, and held.
    check: () => ({ state: 'holds', champions: [{ hash: 'x', equity: [1] }] }) as Check,
    version: '',
    checked: () => [...state.units],
  };
  t.same(
    resultViews(world).map(({ jobId }) => jobId),
    [base.id],
  );
  const [own, permuted] = [base, again].map(({ id }) => jobViews(world).find((view) => view.id === id)!);
  t.match(own, { permutes: null, trials: 10, bestOutOfSample: Number });
  t.match(permuted, { permutes: base.id, trials: null, bestOutOfSample: null, counts: { validated: 1 } });
});

t.test('whoever pauses or stops a job does so with its re-runs', async (t) => {
  const { ada, ground, base, again } = scene();
  const open = (entries: readonly Entry[]): string[] => {
    const state = stateOf([...ground, ...entries]);
    const claims = new Map();
    const work = findOpenWork({
      ...{ self: hexOf(keyOf('bob')), state, claims, windowUnits: 64 },
      isBarred: () => false,
      obstacle: () => undefined,
    });
    t.equal(actionOf(state, state.jobs.get(again.id)!), state.jobs.get(base.id)!.action);
    return work.units.map(({ job, last }) => `${job.id === base.id ? 'base' : 'again'} ${last}`);
  };
  t.same(open([]), ['base false', 'base false', 'again true', 'again true', 'again true'], 'and they come last');
  const pause = ada('control', { job: fromHex(base.id), action: 'pause', turn: 1 });
  t.same(open([pause]), []);
  const resume = ada('control', { job: fromHex(base.id), action: 'resume', turn: 2 });
  t.equal(open([pause, resume]).length, 5);
  const stop = ada('control', { job: fromHex(base.id), action: 'stop', turn: 3 });
  t.same(open([pause, resume, stop]), []);
});

t.test('a mesh judges re-runs as the machine does that has their scores', async (t) => {
  const rise = { left: { indicator: 'roc', period: 10 }, op: '>', right: { value: 0 } };
  const champion = parseStrategy({ ...STRATEGY, entry: [[rise]], maxBars: 20 });
  const task = {
    ...{ candles, spec, champions: [], thresholds: DEFAULT_THRESHOLDS },
    trials: [{ count: 10, meanSharpe: 0, varianceSharpe: 1 }],
  };
  const runs = [{ index: 0, champion: undefined }, ...[3, 4, 5, 6, 7, 8, 9].map((index) => ({ index, champion }))];
  const { permutations } = await judge({ ...task, permuted: { seed: 's', base: champion, runs, pending: 1 } });
  const best = fitnessOf(candles, spec, champion)!;
  const reached = [3, 4, 5, 6, 7, 8, 9].filter(
    (index) => fitnessOf(permutedFor(candles, spec, 's', index), spec, champion)! >= best,
  );
  t.ok(reached.length > 0 && reached.length < 7, 'some do and some do not');
  t.same(permutations, { done: 8, pending: 1, reached: reached.length });
  for (const run of runs.slice(1)) {
    const alone = await judge({ ...task, permuted: { seed: 's', base: champion, runs: [run], pending: 0 } });
    t.equal(alone.permutations!.reached, Number(reached.includes(run.index)), `permutation ${run.index}`);
  }
  const none = await judge({ ...task, permuted: { seed: 's', base: undefined, runs, pending: 0 } });
  t.equal(none.permutation, 1, 'a search without a champion is beaten by all');
});

t.test(
  'a machine takes re-runs when nothing else is left, leaves them for other work, and goes on with them',
  async (t) => {
    const bench = await openBench(t);
    bench.candles = candles;
    const search = { ...SEARCH };
    const first = await bench.createJob({ units: 1, validation: ONE, search });
    const permuted = await bench.ledger.append(
      'job',
      permutationsOf({ id: first, job: bench.ledger.state().jobs.get(first)!.job }, 1),
    );
    const loop = bench.start();
    const base = await until('a search', () => bench.searches[0]);
    t.equal(loop.current?.job.id, first);
    base.finish();
    const again = await until('a re-run', () => bench.searches[1]);
    t.equal(loop.current?.job.id, permuted.id);
    t.equal(again.task.dataset, permutedFor(candles, spec, again.task.seed, 0).hash, 'on permuted bars');
    t.equal(again.deps.candles.hash, again.task.dataset);
    await again.generation(1);
    await again.generation(2);
    const second = await bench.createJob({ name: 'second', seed: 'second', units: 1, validation: ONE, search });
    const other = await until('the search that came in', () => bench.searches[2]);
    t.ok(again.aborted, 'the re-run gives way');
    t.equal(loop.current?.job.id, second);
    await other.generation(1);
    loop.nudge();
    t.notOk(other.aborted);
    other.finish();
    const back = await until('the re-run once more', () => bench.searches[3]);
    t.equal(loop.current?.job.id, permuted.id);
    t.ok(await back.deps.checkpoint.load(), 'from where it was left');
    back.finish();
    await until('that all is done', () => loop.reason === 'All work is done.');
  },
);
