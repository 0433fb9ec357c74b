// Verdicts on jobs of the mesh: what they rest on, when a job is judged, and what is kept of it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { makeCandles } from '../../src/engine/candle-codec.ts';
import type { Candles } from '../../src/engine/candles.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { parseThresholds } from '../../src/engine/statistics/thresholds.ts';
import { permutationsOf, readSearch } from '../../src/node/permutations.ts';
import { judge } from '../../src/node/verdicts/judge.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { GENESIS, MESH } from '../ledger/support/history.ts';
import { admitPlain, job, result, scribe } from '../ledger/support/people.ts';
import { restsIn, scene, setUp, spec } from './support/verdicts.ts';

t.test('a verdict rests on validated answers, and on all that was tried on the same candles', async (t) => {
  const { ground, one, two, far, say } = scene();
  const entries = [...ground, say(one, 1, 100), say(one, 0, 40, false), say(two, 0, 7), say(far, 0, 1000)];
  const { basis, findings } = await restsIn(entries, one);
  t.match(basis, { units: 2, validated: 2, failed: 0, jobs: 2, openings: 2 });
  t.same(
    findings.trials.map(({ count }) => count),
    [40, 100],
    'in the order of the units',
  );
  const counts = basis.searched.map(({ count }) => count).sort((a, b) => a - b);
  t.same(counts, [7, 140], 'the other job too, other candles not');
  t.equal(findings.champions.length, 1);
  t.equal((await restsIn([...entries].reverse(), one)).basis.key, basis.key, 'however the entries came');
  const more = say(two, 1, 3);
  t.not((await restsIn([...entries, more], one)).basis.key, basis.key, 'another search of these candles changes it');
  t.equal((await restsIn([...entries, say(far, 1, 3)], one)).basis.key, basis.key, 'one of others does not');
});

t.test('a job is judged once when its last unit is decided, and again when something changes', async (t) => {
  const { ground, one, two, say } = scene();
  const first = [...ground, say(one, 0, 40)];
  const { verdicts, tasks, answers, here, events, become, until } = setUp(ground);
  t.match(await verdicts.view(one.id), { state: 'waiting', why: /validated yet/, judgement: null, judgedAt: null });
  become(first);
  t.equal(verdicts.judged(one.id), undefined);
  await new Promise(setImmediate);
  t.equal(tasks.length, 0, 'one unit is still open, and nothing was asked for');
  const second = [...first, say(one, 1, 100)];
  become(second);
  await until(() => tasks.length === 1);
  t.match(await verdicts.view(one.id), { state: 'judging', judgement: null });
  t.same([tasks[0]!.champions.length, tasks[0]!.trials.length], [2, 2]);
  const report = await judge(tasks[0]!);
  answers[0]!(report);
  await until(async () => (await verdicts.view(one.id)).state === 'judged');
  const view = await verdicts.view(one.id);
  t.match(view, {
    judgedAt: '2027-01-15T08:00:00.000Z',
    basis: { validated: 2, trials: 140, searched: 140, openings: 2 },
  });
  t.equal(view.judgement!.verdict, report.verdict);
  t.equal(verdicts.judged(one.id), view.judgement);
  t.match(view.judgement!.summary.es[0], /No se encontró nada/);
  const said = events.recent(10).filter(({ type }) => type === 'job.judged');
  t.match(said, [{ message: /nothing significant was found.*140 trials/, data: { job: one.id } }]);
  t.equal(tasks.length, 1, 'asked for again and again, judged once');
  // Somebody searches the same candles: this verdict rests on more trials now.
  become([...second, say(two, 0, 1_000_000)]);
  t.match(
    await verdicts.view(one.id),
    { state: 'judged', basis: { searched: 1_000_140 } },
    'not again within a minute',
  );
  here.now += 60_000;
  await verdicts.view(one.id);
  t.match(await verdicts.view(one.id), { state: 'judging', basis: { searched: 1_000_140, trials: 140, jobs: 2 } });
  t.equal(
    (await verdicts.view(one.id)).judgement!.searched.count,
    140,
    'the last judgement stays until the new one is there',
  );
  await until(() => tasks.length === 2);
  answers[1]!(await judge(tasks[1]!));
  await until(async () => (await verdicts.view(one.id)).state === 'judged');
  t.equal((await verdicts.view(one.id)).judgement!.searched.count, 1_000_140);
  await t.rejects(verdicts.view('00'), { code: 'job_unknown' });
});

t.test('why there is no verdict is said, and candles that come make one', async (t) => {
  const { ground, one, say } = scene();
  const entries = [...ground, say(one, 0, 40)];
  const { verdicts, tasks, here, until } = setUp(entries);
  here.candles = false;
  await verdicts.view(one.id);
  await until(async () => (await verdicts.view(one.id)).state === 'waiting');
  t.match((await verdicts.view(one.id)).why, /without its candles/);
  here.candles = true;
  await until(async () => (await verdicts.view(one.id)).job === one.id && tasks.length === 1);
  await verdicts.stop();
  t.equal(tasks.length, 1, 'a stop ends the one under way');
  const ada = scribe(MESH, 'ada', 'odd');
  const odd = ada(
    'job',
    job({ search: { from: 'the future' }, validation: { mode: 'replicate', replicas: 1, quorum: 1, most: 1 } }),
  );
  const strange = setUp([...ground, odd, say(odd, 0, 1)]);
  await strange.verdicts.view(odd.id);
  await strange.until(async () => (await strange.verdicts.view(odd.id)).state === 'failed');
  t.match((await strange.verdicts.view(odd.id)).why, /could not be judged/);
});

/** Long enough for all that has begun. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
}

t.test('a unit with one answer of two is not decided, and its job not judged', async (t) => {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const admits = ['bob', 'cy'].map((name) => ada('admit', admitPlain(name, 'member')));
  const two = { mode: 'replicate', replicas: 2, quorum: 2, most: 4 } as const;
  const work = ada('job', job({ units: 2, validation: two, search: { ...spec } }));
  const ground = [GENESIS, ...admits, work];
  const [ofBob, ofCy] = ['bob', 'cy'].map((name) => {
    const say = scribe(MESH, name);
    return [0, 1].map((index) => say('result', result(work.id, index, `${index}`, { champions: [] })));
  });
  const { verdicts, tasks, become, until } = setUp(ground);
  become([...ground, ...ofBob!]);
  await settle();
  t.equal(tasks.length, 0, 'one answer each');
  become([...ground, ...ofBob!, ofCy![0]!]);
  await settle();
  t.equal(tasks.length, 0, 'one unit is decided, the other not');
  become([...ground, ...ofBob!, ...ofCy!]);
  await until(() => tasks.length === 1);
  await verdicts.stop();
});

t.test('a job is judged once more when the last re-run on permuted bars is decided', async (t) => {
  const { ground, ada, one, data, say } = scene();
  const again = ada('job', permutationsOf({ id: one.id, job: data }, 2));
  const base = [...ground, again, say(one, 0, 40), say(one, 1, 100)];
  const { verdicts, tasks, answers, events, become, until } = setUp([...ground, again]);
  become(base);
  await until(() => tasks.length === 1);
  t.match(tasks[0]!.permuted, { seed: 'one', runs: [], pending: 2 });
  answers[0]!(await judge(tasks[0]!));
  await until(async () => (await verdicts.view(one.id)).state === 'judged');
  const before = await verdicts.view(one.id);
  t.match(before, { basis: { permutations: { done: 0, pending: 2 } }, judgement: { permutation: null } });
  const [first, last] = [say(again, 1, 5), say(again, 0, 5)];
  become([...base, first]);
  await settle();
  t.equal(tasks.length, 1, 'not at each of them');
  become([...base, first, last]);
  await until(() => tasks.length === 2);
  t.same(
    tasks[1]!.permuted!.runs.map(({ index }) => index),
    [0, 1],
  );
  answers[1]!(await judge(tasks[1]!));
  await until(async () => (await verdicts.view(one.id)).judgement!.permutations!.pending === 0);
  t.equal(typeof (await verdicts.view(one.id)).judgement!.permutation, 'number');
  const said = events.recent(10).filter(({ type }) => type === 'job.judged');
  t.same(
    said.map(({ message }) => /of 2 re-runs on permuted bars 0 are done/.test(message)),
    [false, true],
    'newest first',
  );
  t.match(await verdicts.view(again.id), {
    state: 'waiting',
    why: /run the search of another job again/,
    judgement: null,
  });
});

t.test('what was judged is kept over a restart, for the same basis, thresholds and program', async (t) => {
  const { ground, one, two, say } = scene();
  const entries = [...ground, say(one, 0, 40), say(one, 1, 100)];
  const before = setUp(entries);
  await before.verdicts.view(one.id);
  await before.until(() => before.tasks.length === 1);
  before.answers[0]!(await judge(before.tasks[0]!));
  await before.until(async () => (await before.verdicts.view(one.id)).state === 'judged');
  await before.verdicts.stop();
  const { folder } = before;
  const after = setUp(entries, { folder });
  t.same(after.verdicts.judged(one.id), before.verdicts.judged(one.id));
  t.same(await after.verdicts.view(one.id), await before.verdicts.view(one.id));
  await settle();
  t.equal(after.tasks.length, 0, 'not judged again');
  const asks = async (options: Parameters<typeof setUp>[1], list: readonly Entry[] = entries): Promise<number> => {
    const node = setUp(list, options);
    node.here.now += 60_000;
    await node.verdicts.view(one.id);
    await settle();
    await node.verdicts.stop();
    return node.tasks.length;
  };
  t.equal(await asks({ folder }), 0);
  t.equal(await asks({ folder, thresholds: parseThresholds({ level: 0.01 }) }), 1, 'under other thresholds');
  t.equal(await asks({ folder }, [...entries, say(two, 0, 9)]), 1, 'on another basis');
  const [file] = readdirSync(folder).map((name) => join(folder, name));
  const text = readFileSync(file!, 'utf8');
  for (const other of [
    text.slice(0, -9),
    '[]',
    text.replace(/"program":"[^"]*"/, '"program":"0.0.1"'),
    text.replace(/"judgement":.*/, '"judgement":null}'),
  ]) {
    writeFileSync(file!, other);
    t.equal(await asks({ folder }), 1, other.slice(0, 40));
  }
});

t.test('a machine that may not work judges later, and says why', async (t) => {
  const { ground, one, say } = scene();
  const { verdicts, allowance, tasks, answers, until } = setUp([...ground, say(one, 0, 40)]);
  Object.assign(allowance, { run: 'pause', reason: 'Paused by you.' });
  await verdicts.view(one.id);
  t.match(await verdicts.view(one.id), {
    state: 'waiting',
    why: /judged when this machine works again. Paused by you./,
  });
  allowance.run = 'run';
  t.match(await verdicts.view(one.id), { state: 'judging', why: null });
  await until(() => tasks.length === 1);
  answers[0]!(await judge(tasks[0]!));
  await until(async () => (await verdicts.view(one.id)).state === 'judged');
});

t.test(
  'other markets that a job names: reported where they are, and the verdict is the same where they are not',
  async (t) => {
    const { ground, ada, data, say } = scene();
    const [near, far, odd] = [sampleCandles('near', 2000), sampleCandles('far', 2000), hourless('odd')];
    const others = [near, far, odd].map(({ hash }) => hash);
    const named = ada('job', { ...data, units: 1, search: { ...spec, others } });
    const { verdicts, tasks, answers, here, until } = setUp([...ground, named, say(named, 0, 40)]);
    for (const hash of others) here.others.set(hash, undefined);
    here.others.set(near.hash, near);
    here.others.set(odd.hash, odd);
    const judged = async () => {
      const count = answers.length;
      await verdicts.view(named.id);
      await until(async () => answers.length > count);
      answers.at(-1)!(await judge(tasks.at(-1)!));
      await until(async () => (await verdicts.view(named.id)).state === 'judged');
      return (await verdicts.view(named.id)).judgement!;
    };
    const first = await judged();
    t.same(first.othersMissing, [far.hash, odd.hash], 'not here, or of other bars');
    t.same(
      first.strategies[0]!.others.map(({ dataset }) => dataset),
      [near.hash],
    );
    t.match(first.summary.en.join(' '), /On other candles of SAMPLE-USD, [01] of 1 gain/);
    t.match(
      first.summary.en.join(' '),
      new RegExp(`cannot run it on: ${far.hash.slice(0, 8)}, ${odd.hash.slice(0, 8)}\\.`),
    );
    t.match(first.summary.es.join(' '), /En otras velas, de SAMPLE-USD, ganan [01] de 1 .* no depende de ellos/);
    here.others.set(far.hash, far);
    here.now += 60_000;
    const second = await judged();
    t.same(second.othersMissing, [odd.hash], 'what came since is asked too');
    t.equal(second.strategies[0]!.others.length, 2);
    const without = ({ others: _, ...rest }: (typeof first.strategies)[number]) => rest;
    t.same(second.strategies.map(without), first.strategies.map(without), 'and changes no verdict');
    t.equal(second.verdict, first.verdict);
  },
);

/** Candles of half an hour: not those of the job. */
function hourless(seed: string): Candles {
  const { meta, ...columns } = sampleCandles(seed, 2000);
  const time = columns.time.map((at) => at / 2);
  return makeCandles({ ...columns, time, barMs: meta.barMs / 2 }, { ...meta, barMs: meta.barMs / 2 });
}

t.test('a job names other data sets by their hashes, each once', async (t) => {
  const hash = 'ab'.repeat(32);
  t.same(readSearch({ search: { ...spec, others: [hash] } }).others, [hash]);
  t.same(readSearch({ search: { ...spec } }).others, []);
  t.same(readSearch({ search: { ...spec, others: [hash] } }).spec, spec, 'which no unit knows of');
  for (const others of ['x', [1], [hash.slice(1)], [hash, hash], Array(5).fill(hash)]) {
    t.throws(
      () => readSearch({ search: { ...spec, others } }),
      { name: 'InvalidInput', field: 'others' },
      JSON.stringify(others),
    );
  }
});
