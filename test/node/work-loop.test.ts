// The worker: what it takes, when it gives up, what it writes, and that it neither rests beside open work nor runs in
// circles when something fails.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { RETRY_LADDER_MS } from '../../src/node/failed-jobs.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import { unitId } from '../../src/protocol/entry.ts';
import { hash, hexOf, job as jobData, keyOf } from '../ledger/support/people.ts';
import { openBench, SEARCH, SELF, until } from './support/worker.ts';

const self = hexOf(keyOf(SELF));

t.test('takes one unit after the other, answers each once, and says why it rests', async (t) => {
  const bench = await openBench(t);
  const loop = bench.start();
  t.match(loop.reason, /There is no open work/);
  const job = await bench.createJob({ units: 3, validation: { mode: 'replicate', replicas: 2, quorum: 2, most: 5 } });
  const order: number[] = [];
  for (let i = 0; i < 3; i += 1) {
    const search = await until('a search', () => bench.searches[i]);
    order.push(search.task.unit);
    t.equal(loop.current?.index, search.task.unit);
    t.equal(loop.claim()?.index, search.task.unit, 'the claim says what it does');
    t.equal(loop.reason, undefined);
    await search.generation(1);
    t.same(loop.claim()?.generation, 1);
    t.ok(existsSync(join(bench.checkpoints, `${bench.unit(job, search.task.unit)}.checkpoint`)));
    search.finish();
    await until('its answer', () => loop.finished === i + 1);
  }
  t.same(
    order.sort((a, b) => a - b),
    [0, 1, 2],
  );
  await until('the reason', () =>
    /3 units have this machine’s answer and wait for another machine/.test(loop.reason ?? ''),
  );
  t.equal(loop.claim(), undefined);
  const units = [...bench.ledger.state().units.values()];
  t.same(
    units.map(({ votes }) => votes.map(({ author }) => author)),
    [[self], [self], [self]],
  );
  t.ok(
    units.every(({ votes }) => votes[0]?.result.backtests === 60),
    'with what it cost',
  );
  t.same(readdirSync(bench.checkpoints), [], 'nothing is left of what is done');
  for (const index of [0, 1, 2]) await bench.answer('bob', job, index);
  await until('that all is done', () => loop.reason === 'All work is done.');
  t.equal(bench.searches.length, 3);
});

t.test('a unit that this machine began comes first, however far down the list it is', async (t) => {
  const bench = await openBench(t);
  const job = await bench.createJob({ units: 30 });
  const far = unitId(fromHex(job), 21);
  writeFileSync(join(bench.checkpoints, `${far}.checkpoint`), Buffer.concat([hash('engine'), Buffer.from('saved')]));
  writeFileSync(join(bench.checkpoints, `${far}.checkpoint.1234.tmp`), 'half writ');
  const loop = bench.start();
  const search = await until('a search', () => bench.searches[0]);
  t.equal(search.task.unit, 21);
  t.notOk(
    readdirSync(bench.checkpoints).some((name) => name.endsWith('.tmp')),
    'what a crash left is gone',
  );
  t.equal(Buffer.from((await search.deps.checkpoint.load()) ?? []).toString(), 'saved');
  search.deps.onResumed?.({ generation: 6, generations: 20, bestInSample: 0.01, backtests: 360 });
  t.equal(loop.claim()?.generation, 6, 'it says at once where it stands');
  t.equal(loop.remainingMs(), undefined, 'and how long it takes only when it has measured it');
  await search.generation(7);
  t.equal(loop.current?.resumedFrom, 6);
  bench.clock.skew += 10_000;
  await search.generation(8);
  t.ok((loop.remainingMs() ?? 0) >= 12 * 4900, 'the time left is measured on this run’s own generations');
});

t.test('pause, resume', async (t) => {
  const bench = await openBench(t);
  await bench.createJob();
  const loop = bench.start();
  const first = await until('a search', () => bench.searches[0]);
  bench.allowance = { run: 'pause', reason: 'Paused by you.' };
  loop.nudge();
  t.ok(first.aborted, 'at once');
  await until('that it is over', () => loop.current === undefined);
  t.same([loop.reason, loop.claim()], ['Paused by you.', undefined]);
  for (let i = 0; i < 20; i += 1) loop.nudge();
  await bench.createJob();
  t.equal(bench.searches.length, 1, 'whatever happens');
  t.equal(loop.reason, 'Paused by you.');
  t.same([...bench.problems], [], 'and a pause is no failure');
  bench.allowance = { run: 'run', reason: '' };
  loop.nudge();
  const again = await until('it goes on', () => bench.searches[1]);
  t.equal(again.task.unit, first.task.unit);
});

t.test('gives up what others have decided, and what its owner stopped', async (t) => {
  const bench = await openBench(t);
  const one = await bench.createJob({ units: 1, validation: { mode: 'replicate', replicas: 1, quorum: 1, most: 4 } });
  const loop = bench.start();
  const first = await until('a search', () => bench.searches[0]);
  await first.generation(5);
  await bench.answer('bob', one, 0);
  t.ok(first.aborted, 'decided by another');
  await until('that nothing is left of it', () => readdirSync(bench.checkpoints).length === 0);
  t.equal(loop.finished, 0);

  const two = await bench.createJob({ units: 1 });
  for (const [i, action] of (['pause', 'stop'] as const).entries()) {
    const search = await until('a search', () => bench.searches[1 + i]);
    await search.generation(5);
    await bench.ledger.append('control', { job: fromHex(two), action, turn: 2 * i + 1 });
    t.ok(search.aborted, action);
    await until('that it is over', () => loop.current === undefined);
    t.equal(readdirSync(bench.checkpoints).length, 1, `${action} keeps what is saved`);
    if (action === 'pause') await bench.ledger.append('control', { job: fromHex(two), action: 'resume', turn: 2 });
  }
  t.equal(bench.searches.length, 3);
});

t.test('checkpoints of units that were decided while the machine was away are cleared', async (t) => {
  const bench = await openBench(t);
  const job = await bench.createJob({ units: 2, validation: { mode: 'replicate', replicas: 1, quorum: 1, most: 4 } });
  const files = [0, 1].map((index) => join(bench.checkpoints, `${bench.unit(job, index)}.checkpoint`));
  for (const file of files) writeFileSync(file, 'saved');
  await bench.answer('bob', job, 0);
  bench.start();
  await until('the decided one to go', () => !existsSync(files[0]!));
  t.ok(existsSync(files[1]!), 'the other one is used');
});

t.test('one claimant too many: who has the higher lot gives way, as long as little is lost', async (t) => {
  for (const generations of [0, 1, 2]) {
    const bench = await openBench(t);
    const job = await bench.createJob({
      units: 12,
      validation: { mode: 'replicate', replicas: 1, quorum: 1, most: 4 },
    });
    const loop = bench.start();
    const search = await until('a search', () => bench.searches[0]);
    const { index, unit } = loop.current!;
    for (let n = 1; n <= generations; n += 1) await search.generation(n);
    const loses = lot(unit, 'bob') < lot(unit, SELF);
    bench.claim('bob', job, index);
    loop.nudge();
    t.equal(search.aborted, loses && generations <= 1, `${generations} generations, ${loses ? 'higher' : 'lower'} lot`);
    if (!search.aborted) continue;
    const next = await until('another unit', () => bench.searches[1]);
    t.not(next.task.unit, index, 'there is other work');
  }
});

/** hash(unit ‖ key) */
function lot(unit: string, name: string): string {
  return createHash('sha256').update(Buffer.from(unit, 'hex')).update(keyOf(name)).digest('hex');
}

t.test('claims of silent machines do not keep a machine idle', async (t) => {
  const bench = await openBench(t);
  const job = await bench.createJob({ units: 20, validation: { mode: 'replicate', replicas: 1, quorum: 1, most: 4 } });
  for (const [index, name] of ['bob', 'cy'].entries()) bench.claim(name, job, index);
  bench.clock.skew += 60_000;
  const loop = bench.start();
  for (let i = 0; i < 6; i += 1) {
    const search = await until(`search ${i + 1}`, () => bench.searches[i]);
    t.ok(search.task.unit >= 2, 'what they hold is left to them');
    search.finish();
    await until('its answer', () => loop.finished === i + 1);
  }
});

t.test('what a machine had claimed is free as soon as it is removed', async (t) => {
  const bench = await openBench(t);
  const job = await bench.createJob({ units: 1, validation: { mode: 'replicate', replicas: 1, quorum: 1, most: 4 } });
  bench.claim('bob', job, 0);
  const loop = bench.start();
  await until('that it waits', () => loop.reason === 'Other machines are working on all units that are open.');
  await bench.ledger.append('revoke', { member: keyOf('bob'), pinned: [] });
  const search = await until('a search', () => bench.searches[0]);
  t.equal(search.task.unit, 0);
});

t.test('a search that fails is told, left alone for a while, and keeps nobody from other work', async (t) => {
  const bench = await openBench(t);
  const bad = await bench.createJob({ name: 'bad', seed: 'bad', units: 5, priority: 9 });
  const loop = bench.start();
  (await until('a search', () => bench.searches[0])).fail(new Error('too few bars'));
  await until('the problem', () =>
    /Unit \d of “bad” failed: too few bars/.test(bench.problems.get('mining_failed') ?? ''),
  );
  for (let i = 0; i < 50; i += 1) {
    loop.nudge();
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.equal(bench.searches.length, 1, 'not again and again, whatever news comes in');
  t.match(loop.reason, /too few bars It is tried again/);

  await bench.createJob({ name: 'good', seed: 'good', units: 1, priority: 1 });
  const good = await until('another search', () => bench.searches[1]);
  t.equal(good.task.seed, 'good', 'the other job gets its turn');
  good.finish();
  await until('its answer', () => loop.finished === 1);
  t.ok(bench.problems.has('mining_failed'), 'what does not work is still told');

  for (const [i, pause] of [...RETRY_LADDER_MS, RETRY_LADDER_MS.at(-1)!].entries()) {
    bench.clock.skew += pause - 1500;
    loop.nudge();
    await new Promise((resolve) => setImmediate(resolve));
    t.equal(bench.searches.length, 2 + i, `not before ${pause} ms`);
    bench.clock.skew += 1500;
    loop.nudge();
    (await until('another try', () => bench.searches[2 + i])).fail(new Error('too few bars'));
    await until('that it is over', () => loop.current === undefined);
  }
  await bench.ledger.append('control', { job: fromHex(bad), action: 'stop', turn: 1 });
  await until('that the problem goes with the job', () => !bench.problems.has('mining_failed'));
});

t.test('candles that turn out to be of no use end in no circle', async (t) => {
  const bench = await openBench(t);
  await bench.createJob();
  bench.has.usable = false;
  const loop = bench.start();
  await until('the problem', () => /its data set cannot be used/.test(bench.problems.get('mining_failed') ?? ''));
  bench.has.usable = true;
  bench.clock.skew += RETRY_LADDER_MS[0];
  loop.nudge();
  (await until('a search', () => bench.searches[0])).finish();
  await until('that it is solved', () => !bench.problems.has('mining_failed'));
});

t.test('what this machine cannot do it says, in one sentence', async (t) => {
  const bench = await openBench(t);
  const loop = bench.start();
  bench.has.candles = false;
  await bench.createJob({ name: 'no candles' });
  await until('why', () => /“no candles” needs the BTC data set/.test(loop.reason ?? ''));
  t.match(bench.problems.get('job_out_of_reach'), /import the same file here/);
  bench.has.candles = true;
  await bench.createJob({ name: 'newer', fingerprint: hash('another engine'), priority: 9 });
  await bench.say('bob', 'job', jobData({ name: 'odd', search: { ...SEARCH, population: 1e12 }, priority: 9 }));
  await bench.say(
    'bob',
    'job',
    jobData({ name: 'odder', search: { population: { valueOf: 1 } } as never, priority: 9 }),
  );
  const search = await until('the one that it can do', () => bench.searches[0]);
  t.equal(search.task.seed, 'seed');
  t.match(bench.problems.get('job_out_of_reach'), /made for engine|does not know/);
});

t.test('stops at once, in whatever it is', async (t) => {
  const bench = await openBench(t);
  const idle = bench.start();
  const began = performance.now();
  await idle.stop();
  await bench.createJob();
  const busy = bench.start();
  const search = await until('a search', () => bench.searches[0]);
  await busy.stop();
  t.ok(search.aborted);
  t.ok(performance.now() - began < 3000);
  const failing = bench.start();
  const last = await until('a search', () => bench.searches[1]);
  const stopped = failing.stop();
  last.fail(new Error('the pool has ended'));
  await stopped;
  t.equal(bench.searches.length, 2);
  t.notOk(bench.told.includes('finished 0'));
});
