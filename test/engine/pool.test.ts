// The pool and the mining of a unit: the same results on any number of threads, through pauses, deaths and resumes.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { type Evaluation, PlainEvaluator } from '../../src/engine/fitness.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { proposeGeneration, startState } from '../../src/engine/search/evolve.ts';
import { presetSpec } from '../../src/engine/search-spec.ts';
import type { Strategy } from '../../src/engine/strategy.ts';
import type { UnitTask } from '../../src/engine/unit-task.ts';
import { openFileCheckpoint } from '../../src/node/file-checkpoint.ts';
import { type GenerationReport, type MineDeps, mineUnit } from '../../src/node/mine-unit.ts';
import { startPool } from '../../src/node/pool.ts';
import type { PoolOptions } from '../../src/node/thread-pool.ts';

const WORKER = new URL('../../dist/node/pool-worker.js', import.meta.url);
const CRASHING = new URL('./crashing-worker.mjs', import.meta.url);
const ENGINE = 'ab'.repeat(32);
const needsBuild = existsSync(WORKER) ? false : 'dist/ is not built';

const candles = sampleCandles('pool', 1500);
const overrides = { population: 60, generations: 5, folds: 3, minTrades: 6, warmup: 60, embargo: 20 };
const spec = presetSpec({ preset: 'quick', risk: 'medium', overrides });
const task: UnitTask = { dataset: candles.hash, seed: 'pool', spec, unit: 0 };
const context = { candles, spec };
const strategies: Strategy[] = proposeGeneration(task, startState(), candles);
const evaluator = new PlainEvaluator(candles, spec);
const expected: Evaluation[] = strategies.map((strategy) => evaluator.evaluate(strategy));

function open(t: { teardown(handler: () => unknown): void }, options: PoolOptions = {}) {
  const pool = startPool({ workerUrl: WORKER, threads: 2, ...options });
  t.teardown(() => pool.stop());
  return pool;
}

/** A batch long enough that something can happen meanwhile. */
const many = Array.from({ length: 100 }, () => strategies).flat();
const manyExpected = Array.from({ length: 100 }, () => expected).flat();

t.test('results do not depend on the number of threads', { skip: needsBuild }, async (t) => {
  for (const threads of [1, 2, 5]) {
    const pool = open(t, { threads });
    t.same(await pool.evaluate(context, strategies), expected, `${threads} threads`);
    const other = { candles, spec: { ...spec, costs: { ...spec.costs, fee: 0 } } };
    const [mixed, again] = await Promise.all([pool.evaluate(other, strategies), pool.evaluate(context, strategies)]);
    t.notSame(mixed, expected, 'another context gives other results');
    t.same(again, expected, 'and does not disturb this one');
    t.equal(pool.backtests, 3 * strategies.length);
    t.same(await pool.evaluate(context, []), []);
    t.ok(pool.loads().length <= threads && pool.loads().every((load) => load >= 0 && load <= 1));
  }
});

t.test('what the fast engine does not cover goes to the plain one', { skip: needsBuild }, async (t) => {
  const third = (column: Float64Array) => column.map((price) => price / 3);
  const { open: opens, high, low, close } = candles;
  const offTick = { ...candles, open: third(opens), high: third(high), low: third(low), close: third(close) };
  const plain = new PlainEvaluator(offTick, spec);
  t.ok(strategies.some(({ trailing }) => trailing !== undefined));
  t.same(
    await open(t).evaluate({ candles: offTick, spec }, strategies),
    strategies.map((strategy) => plain.evaluate(strategy)),
  );
});

t.test('threads come and go while a batch is running; pausing finishes what runs', { skip: needsBuild }, async (t) => {
  const pool = open(t, { threads: 1 });
  const batch = pool.evaluate(context, many);
  pool.setThreads(3);
  while (pool.backtests === 0) await delay(5);
  t.equal(pool.loads().length, 3);
  await pool.pause();
  const done = pool.backtests;
  t.ok(pool.paused && done < many.length, `${done} of ${many.length} done when paused`);
  await delay(50);
  t.equal(pool.backtests, done, 'nothing runs while paused');
  pool.setThreads(1);
  t.equal(pool.loads().length, 1, 'idle threads end at once');
  pool.resume();
  t.same(await batch, manyExpected);
  for (const bad of [0, 1.5, 1000, Number.NaN]) t.throws(() => pool.setThreads(bad), { code: 'bad_threads' });
});

t.test('a thread that is lent is not there until it is given back', { skip: needsBuild }, async (t) => {
  const pool = open(t, { threads: 2 });
  const giveBack = pool.lendThread();
  const batch = pool.evaluate(context, many);
  while (pool.backtests === 0) await delay(5);
  t.equal(pool.loads().length, 1);
  const last = pool.lendThread();
  await pool.pause();
  pool.resume();
  t.equal(pool.loads().length, 0, 'none is left');
  const done = pool.backtests;
  await delay(50);
  t.equal(pool.backtests, done);
  t.ok(done < many.length);
  giveBack();
  giveBack();
  t.equal(pool.loads().length, 1, 'given back once');
  last();
  t.same(await batch, manyExpected);
  pool.setThreads(1);
  const only = pool.lendThread();
  const waiting = pool.evaluate(context, strategies);
  await delay(50);
  t.equal(pool.loads().length, 0);
  only();
  t.equal((await waiting).length, strategies.length);
});

t.test('a share of the time: the same results, with rests between', { skip: needsBuild }, async (t) => {
  const pool = open(t, { threads: 2 });
  const timed = async (): Promise<number> => {
    const began = performance.now();
    const evaluations = await pool.evaluate(context, many);
    const took = performance.now() - began;
    t.same(evaluations, manyExpected);
    return took;
  };
  // The quickest of some: what else runs on the machine must not pass for a rest.
  const full = Math.min(await timed(), await timed(), await timed(), await timed());
  pool.setShare(0.1);
  const tenth = await timed();
  t.ok(tenth > 3 * full, `${Math.round(tenth)} ms at a tenth, ${Math.round(full)} ms at full speed`);
  const slow = pool.evaluate(context, [...many, ...many, ...many]);
  pool.setShare(1);
  t.equal((await slow).length, 3 * many.length, 'and without rests again, while it runs');
});

t.test('threads of the lowest priority', { skip: needsBuild || process.platform !== 'linux' }, async (t) => {
  const niceOf = (thread: string): number =>
    Number(readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ')[1]!.split(' ')[16]);
  const lowest = (): number => readdirSync('/proc/self/task').filter((thread) => niceOf(thread) === 19).length;
  const before = lowest();
  await open(t, { threads: 2 }).evaluate(context, strategies);
  t.equal(lowest(), before, 'unless asked for, as the process');
  await open(t, { threads: 2, lowestPriority: true }).evaluate(context, strategies);
  t.ok(lowest() > before, `${lowest()} threads`);
  t.equal(niceOf(String(process.pid)), getPriority(), 'the main thread keeps its own');
});

t.test('a thread that dies is replaced and its task done again', { skip: needsBuild }, async (t) => {
  const file = join(t.testdir(), 'deaths');
  process.env.CRASH_FILE = file;
  process.env.REAL_WORKER = WORKER.href;
  writeFileSync(file, '..');
  const pool = open(t, { workerUrl: CRASHING });
  t.same(await pool.evaluate(context, strategies), expected, 'two deaths');
  t.equal(readFileSync(file, 'utf8'), '', 'both happened');
  writeFileSync(file, '.'.repeat(1000));
  const doomed = open(t, { workerUrl: CRASHING });
  await t.rejects(doomed.evaluate(context, strategies), { name: 'PoolError', code: 'worker_failed' });
  writeFileSync(file, '');
  t.same(await doomed.evaluate(context, strategies), expected, 'the next batch is served');
});

t.test('a batch can be aborted, and can fail, without harm to the next', { skip: needsBuild }, async (t) => {
  const pool = open(t);
  const controller = new AbortController();
  const aborted = pool.evaluate(context, many, controller.signal);
  controller.abort();
  await t.rejects(aborted, { name: 'AbortError', code: 'aborted' });
  await t.rejects(pool.evaluate(context, many, controller.signal), { name: 'AbortError' });
  const unknown = { ...strategies[0]!, exit: [{ left: { indicator: 'no', period: 3 }, op: '>', right: { value: 1 } }] };
  await t.rejects(pool.evaluate(context, [unknown as Strategy]), { code: 'evaluation_failed' });
  t.same(await pool.evaluate(context, strategies), expected);
  const unfinished = pool.evaluate(context, many);
  const stopped = pool.stop();
  await t.rejects(unfinished, { code: 'pool_stopped' });
  await stopped;
  await t.rejects(pool.evaluate(context, strategies), { code: 'pool_stopped' });
});

function memoryCheckpoint(start?: Uint8Array) {
  const saves: Uint8Array[] = [];
  return {
    saves,
    load: async () => saves.at(-1) ?? start,
    save: async (bytes: Uint8Array) => void saves.push(bytes),
  };
}

t.test('a unit gives the same outcome however often it is interrupted', { skip: needsBuild }, async (t) => {
  const reports: GenerationReport[] = [];
  const pool = open(t);
  const deps = (changes: Partial<MineDeps>): MineDeps => ({
    pool,
    candles,
    checkpoint: memoryCheckpoint(),
    onGeneration: (report) => void reports.push(report),
    signal: new AbortController().signal,
    ...changes,
  });
  const whole = await mineUnit(deps({}), task);
  t.same(
    reports.map(({ generation }) => generation),
    [1, 2, 3, 4, 5],
  );
  t.equal(reports.at(-1)!.backtests, whole.trials.count);
  t.same(await mineUnit(deps({ pool: open(t, { threads: 1 }) }), task), whole, 'one thread');
  const checkpoint = memoryCheckpoint();
  for (let round = 0; round < spec.generations; round++) {
    const controller = new AbortController();
    const interrupted = mineUnit(
      deps({ checkpoint, signal: controller.signal, onGeneration: () => controller.abort() }),
      task,
    );
    await t.rejects(interrupted, { name: 'AbortError', code: 'aborted' }, `interrupted after generation ${round + 1}`);
    t.equal(checkpoint.saves.length, round + 1, 'one generation further each time');
  }
  t.same(await mineUnit(deps({ checkpoint }), task), whole, 'interrupted after every generation');
  for (const [name, bad] of [
    ['damaged', checkpoint.saves[2]!.slice(0, -1)],
    ['of another unit', checkpoint.saves[2]!],
  ] as const) {
    const refused: Error[] = [];
    const other = name === 'damaged' ? task : { ...task, unit: 7 };
    const outcome = await mineUnit(
      deps({ checkpoint: memoryCheckpoint(bad), onCheckpointRefused: (error) => void refused.push(error) }),
      other,
    );
    t.match(refused, [{ code: name === 'damaged' ? 'damaged_checkpoint' : 'foreign_checkpoint' }], name);
    t.equal(outcome.digest === whole.digest, other === task, 'mined from scratch');
  }
  await t.rejects(mineUnit(deps({}), { ...task, dataset: '0'.repeat(64) }), { code: 'wrong_dataset' });
});

t.test('a checkpoint file is replaced in one step, and belongs to one engine', { skip: needsBuild }, async (t) => {
  const folder = t.testdir();
  const checkpoint = openFileCheckpoint(join(folder, 'deep', 'unit.checkpoint'), ENGINE);
  t.equal(await checkpoint.load(), undefined);
  await Promise.all([1, 2, 3].map((byte) => checkpoint.save(new Uint8Array(100_000).fill(byte))));
  const bytes = (await checkpoint.load())!;
  t.ok(bytes.length === 100_000 && bytes.every((byte) => byte === bytes[0]), 'one of them, whole');
  t.same(readdirSync(join(folder, 'deep')), ['unit.checkpoint'], 'nothing is left over');
  const updated = openFileCheckpoint(join(folder, 'deep', 'unit.checkpoint'), 'cd'.repeat(32));
  await t.rejects(updated.load(), { code: 'unknown_checkpoint' }, 'what another engine left is not gone on with');
  const refused: Error[] = [];
  const pool = open(t);
  const deps = { pool, candles, onGeneration: () => undefined, signal: new AbortController().signal };
  const whole = await mineUnit({ ...deps, checkpoint: memoryCheckpoint() }, task);
  const onCheckpointRefused = (error: Error) => void refused.push(error);
  t.same(await mineUnit({ ...deps, checkpoint: updated, onCheckpointRefused }, task), whole, 'mined from scratch');
  t.match(refused, [{ code: 'unknown_checkpoint' }]);
});
