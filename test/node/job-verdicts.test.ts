// Verdicts on jobs of the mesh: what they rest on, when a job is judged, and that a thread judges as the engine does.
import t from 'tap';
import { parseStrategy } from '../../src/engine/parse-strategy.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { presetSpec } from '../../src/engine/search-spec.ts';
import type { JobReport } from '../../src/engine/statistics/judge-job.ts';
import { DEFAULT_THRESHOLDS } from '../../src/engine/statistics/thresholds.ts';
import { deriveState, type State } from '../../src/ledger/derive.ts';
import { createEvents } from '../../src/node/events.ts';
import { basisOf } from '../../src/node/verdicts/basis.ts';
import { JobVerdicts } from '../../src/node/verdicts/job-verdicts.ts';
import { type JudgeTask, judge } from '../../src/node/verdicts/judge.ts';
import { judgeOnThread } from '../../src/node/verdicts/judge-thread.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { GENESIS, MESH } from '../ledger/support/history.ts';
import { admitPlain, hash, job, result, scribe } from '../ledger/support/people.ts';

const WORKER = new URL('../../dist/node/verdicts/judge-worker.js', import.meta.url);
const NEVER = new AbortController().signal;
const spec = presetSpec({ preset: 'quick', risk: 'medium' });
const STRATEGY = {
  v: 1,
  side: 'long',
  entry: [[{ left: { indicator: 'roc', period: 4 }, op: '<', right: { value: -2 } }]],
  maxBars: 12,
  size: { percentOfEquity: 50 },
};

/** Ada and bob, two jobs on the same candles and one on others; one vote is enough. */
function scene() {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const bob = scribe(MESH, 'bob');
  const validation = { mode: 'replicate', replicas: 1, quorum: 1, most: 2 } as const;
  const search = { ...spec };
  const admitBob = ada('admit', admitPlain('bob', 'member'));
  const one = ada('job', job({ seed: 'one', units: 2, validation, search }));
  const two = ada('job', job({ seed: 'two', units: 2, validation, search }));
  const far = ada('job', job({ seed: 'far', units: 2, validation, search, dataset: hash('other candles') }));
  const champions = [{ ...result(one.id, 0, 'x').champions[0]!, strategy: STRATEGY }];
  const say = (to: Entry, index: number, count: number, found = true): Entry =>
    bob(
      'result',
      result(to.id, index, `${to.id} ${index} ${count}`, {
        champions: found ? champions : [],
        trials: { count, meanSharpe: 0.5, varianceSharpe: 0.25 },
      }),
    );
  return { ground: [GENESIS, admitBob, one, two, far], one, two, far, say };
}

const basisIn = (entries: readonly Entry[], { id }: Entry) => {
  const state = deriveState(MESH, entries);
  return basisOf(state, state.jobs.get(id)!);
};

t.test('a verdict rests on validated answers, and on all that was tried on the same candles', async (t) => {
  const { ground, one, two, far, say } = scene();
  const entries = [...ground, say(one, 1, 100), say(one, 0, 40, false), say(two, 0, 7), say(far, 0, 1000)];
  const basis = basisIn(entries, one);
  t.match(basis, { units: 2, validated: 2, failed: 0, jobs: 2, openings: 2 });
  t.same(
    basis.trials.map(({ count }) => count),
    [40, 100],
    'in the order of the units',
  );
  t.same(basis.searched.map(({ count }) => count).sort(), [100, 40, 7], 'the other job too, other candles not');
  t.equal(basis.champions.length, 1);
  t.equal(basisIn([...entries].reverse(), one).key, basis.key, 'however the entries came');
  const more = say(two, 1, 3);
  t.not(basisIn([...entries, more], one).key, basis.key, 'another search of these candles changes it');
  t.equal(basisIn([...entries, say(far, 1, 3)], one).key, basis.key, 'one of others does not');
});

const candles = sampleCandles('verdicts', 3000);

/** A judge that waits to be told. */
function setUp(entries: readonly Entry[]) {
  let state: State = deriveState(MESH, entries);
  const tasks: JudgeTask[] = [];
  const answers: ((report: JobReport) => void)[] = [];
  const here = { candles: true, now: 1_800_000_000_000 };
  const events = createEvents({ info() {}, warn() {}, debug() {} }, () => 0);
  const verdicts = new JobVerdicts({
    ledger: { state: () => state },
    candles: async () => (here.candles ? candles : undefined),
    judge: (task, signal) =>
      new Promise((resolve, reject) => {
        tasks.push(task);
        answers.push(resolve);
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
    events,
    now: () => here.now,
  });
  const become = (next: readonly Entry[]): void => {
    const known = new Set([...state.units].map(({ id }) => id));
    state = deriveState(MESH, next);
    const touched = new Map<string, Set<number>>();
    for (const { id, job, index } of state.units) {
      if (!known.has(id)) touched.set(job, (touched.get(job) ?? new Set()).add(index));
    }
    verdicts.lookAt(touched);
  };
  /** Until `done` holds; each turn of the event loop is a look. */
  const until = async (done: () => boolean): Promise<void> => {
    for (let turn = 0; !done(); turn += 1) {
      if (turn > 1000) throw new Error('it never happened');
      await new Promise(setImmediate);
    }
  };
  return { verdicts, tasks, answers, here, events, become, until };
}

t.test('a job is judged once when its last unit is decided, and again when something changes', async (t) => {
  const { ground, one, two, say } = scene();
  const first = [...ground, say(one, 0, 40)];
  const { verdicts, tasks, answers, here, events, become, until } = setUp(ground);
  t.match(verdicts.view(one.id), { state: 'waiting', why: /validated yet/, judgement: null, judgedAt: null });
  become(first);
  await new Promise(setImmediate);
  t.equal(tasks.length, 0, 'one unit is still open');
  const second = [...first, say(one, 1, 100)];
  become(second);
  await until(() => tasks.length === 1);
  t.match(verdicts.view(one.id), { state: 'judging', judgement: null });
  t.same([tasks[0]!.champions.length, tasks[0]!.trials.length], [2, 2]);
  const report = await judge(tasks[0]!);
  answers[0]!(report);
  await until(() => verdicts.view(one.id).state === 'judged');
  const view = verdicts.view(one.id);
  t.match(view, {
    judgedAt: '2027-01-15T08:00:00.000Z',
    basis: { validated: 2, trials: 140, searched: 140, openings: 2 },
  });
  t.equal(view.judgement!.verdict, report.verdict);
  t.match(view.judgement!.summary.es[0], /No se encontró nada/);
  const said = events.recent(10).filter(({ type }) => type === 'job.judged');
  t.match(said, [{ message: /nothing significant was found.*140 trials/, data: { job: one.id } }]);
  t.equal(tasks.length, 1, 'asked for again and again, judged once');
  // Somebody searches the same candles: this verdict rests on more trials now.
  become([...second, say(two, 0, 1_000_000)]);
  t.match(verdicts.view(one.id), { state: 'judged', basis: { searched: 1_000_140 } }, 'not again within a minute');
  here.now += 60_000;
  verdicts.view(one.id);
  t.match(verdicts.view(one.id), { state: 'judging', basis: { searched: 1_000_140, trials: 140, jobs: 2 } });
  t.equal(verdicts.view(one.id).judgement!.searched.count, 140, 'the last judgement stays until the new one is there');
  await until(() => tasks.length === 2);
  answers[1]!(await judge(tasks[1]!));
  await until(() => verdicts.view(one.id).state === 'judged');
  t.equal(verdicts.view(one.id).judgement!.searched.count, 1_000_140);
  t.throws(() => verdicts.view('00'), { code: 'job_unknown' });
});

t.test('why there is no verdict is said, and candles that come make one', async (t) => {
  const { ground, one, say } = scene();
  const entries = [...ground, say(one, 0, 40)];
  const { verdicts, tasks, here, until } = setUp(entries);
  here.candles = false;
  verdicts.view(one.id);
  await until(() => verdicts.view(one.id).state === 'waiting');
  t.match(verdicts.view(one.id).why, /without its candles/);
  here.candles = true;
  await until(() => verdicts.view(one.id).job === one.id && tasks.length === 1);
  await verdicts.stop();
  t.equal(tasks.length, 1, 'a stop ends the one under way');
  const ada = scribe(MESH, 'ada', 'odd');
  const odd = ada(
    'job',
    job({ search: { from: 'the future' }, validation: { mode: 'replicate', replicas: 1, quorum: 1, most: 1 } }),
  );
  const strange = setUp([...ground, odd, say(odd, 0, 1)]);
  strange.verdicts.view(odd.id);
  await strange.until(() => strange.verdicts.view(odd.id).state === 'failed');
  t.match(strange.verdicts.view(odd.id).why, /could not be judged/);
});

t.test('a thread judges as the engine does, and says why it cannot', async (t) => {
  const { ground, one, say } = scene();
  const { champions, trials, searched } = basisIn([...ground, say(one, 0, 40), say(one, 1, 100)], one);
  const task = {
    candles,
    spec,
    champions: champions.map((each) => parseStrategy(each)),
    trials,
    searched,
    thresholds: DEFAULT_THRESHOLDS,
  };
  const there = judgeOnThread(WORKER, true);
  t.same(await there(task, NEVER), await judge(task));
  await t.rejects(there({ ...task, candles: sampleCandles('short', 10) }, NEVER), { code: 'judging_failed' });
  await t.rejects(there(task, AbortSignal.abort()), { name: 'AbortError' });
});
