// Every decoder under inputs that are nearly valid: it refuses in the way it says, in bounded time, and keeps nothing.
//
// An input follows from the seed and its number alone. STRATMESH_FUZZ_INPUTS and STRATMESH_FUZZ_SEED (npm run fuzz) say
// how many and which.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import t, { type Test } from 'tap';
import { decode, encode, utf8 } from '../../src/protocol/bytes.ts';
import { Chance } from './chance.ts';
import { fileTargets } from './file-targets.ts';
import { mutate, mutateValue } from './mutate.ts';
import type { Layer, Target } from './target.ts';
import { WIRE_TARGETS } from './wire-targets.ts';

const FIXED_SEED = 1;
const INPUTS = Number(process.env.STRATMESH_FUZZ_INPUTS ?? 12_000);
const SEED = Number(process.env.STRATMESH_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Processor time. An input has about 16 KiB at most, and the slowest decoder needs a few ms for that. */
const MS_MAX = 250;
const SILENT_MS_MAX = 30_000;
const GROWTH_BYTES_MAX = 24 * 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const folder = mkdtempSync(join(tmpdir(), 'stratmesh-fuzz-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const targets = [...WIRE_TARGETS, ...fileTargets(folder)];
const pools = targets.map(({ layers }) => layers.map(({ valid }) => valid));

/** Ends the process when no input has been finished for a while: nothing else could, from inside a loop without end. */
function watch(seed: number): { now(n: number): void; stop(): Promise<number> } {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const code = `
    const { workerData: { shared, seed, silentMs } } = require('node:worker_threads');
    let [last, since] = [-1, Date.now()];
    setInterval(() => {
      const n = Atomics.load(shared, 0);
      if (n !== last) [last, since] = [n, Date.now()];
      if (Date.now() - since < silentMs) return;
      require('node:fs').writeSync(2, 'input ' + n + ' of seed ' + seed + ' does not end\\n');
      process.kill(process.pid, 'SIGKILL');
    }, 500);`;
  const worker = new Worker(code, { eval: true, workerData: { shared, seed, silentMs: SILENT_MS_MAX }, execArgv: [] });
  return { now: (n) => void Atomics.store(shared, 0, n), stop: () => worker.terminate() };
}

function changedValue({ valid, form }: Layer, chance: Chance): Uint8Array {
  if (form === 'json') return utf8(JSON.stringify(mutateValue(JSON.parse(new TextDecoder().decode(valid)), chance)));
  try {
    return encode(mutateValue(decode(valid, 2 ** 20), chance));
  } catch {
    // A few of the values cannot be encoded.
    return valid;
  }
}

function makeInput(n: number, seed: number): { target: Target; bytes: Uint8Array } {
  const chance = new Chance(seed, n);
  const target = targets[n % targets.length]!;
  const layer = chance.pick(target.layers);
  const isValue = layer.form !== 'bytes' && chance.below(3) === 0;
  const changed = isValue ? changedValue(layer, chance) : mutate(layer.valid, chance, pools[n % targets.length]!);
  return { target, bytes: layer.wrap(changed) };
}

interface Tally {
  accepted: number;
  refused: number;
  /** Processor time. */
  slowestMs: number;
}

/** Undefined, or what was wrong. */
function tryInput({ target, bytes }: ReturnType<typeof makeInput>, tally: Tally): string | undefined {
  const start = process.cpuUsage();
  try {
    target.run(bytes);
    tally.accepted += 1;
  } catch (error) {
    if (!target.isRefusal(error)) return (error as Error).stack ?? String(error);
    tally.refused += 1;
  }
  const { user, system } = process.cpuUsage(start);
  tally.slowestMs = Math.max(tally.slowestMs, (user + system) / 1000);
  return undefined;
}

function heldBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function fuzz(t: Test, seed: number, inputs: number): Promise<void> {
  const tallies = new Map<string, Tally>(targets.map(({ name }) => [name, { accepted: 0, refused: 0, slowestMs: 0 }]));
  const seen = new Set<string>();
  const watchdog = watch(seed);
  let heldAtFirst = 0;
  for (let n = 0; n < inputs; n += 1) {
    // What is loaded and compiled once is there by now.
    if (n === Math.floor(inputs / 5)) heldAtFirst = heldBytes();
    watchdog.now(n);
    const input = makeInput(n, seed);
    const wrong = tryInput(input, tallies.get(input.target.name)!);
    const [what] = (wrong ?? '').split('\n');
    if (wrong === undefined || seen.has(`${input.target.name} ${what}`)) continue;
    seen.add(`${input.target.name} ${what}`);
    t.fail(`${input.target.name}: input ${n} of seed ${seed}: ${wrong}`);
  }
  const growth = heldBytes() - heldAtFirst;
  await watchdog.stop();
  for (const [name, { accepted, refused, slowestMs }] of tallies) {
    t.ok(accepted > 0 && refused > 0, `${name}: ${accepted} accepted, ${refused} refused`);
    t.ok(slowestMs < MS_MAX, `${name}: the slowest took ${slowestMs.toFixed(1)} ms`);
  }
  t.ok(growth < GROWTH_BYTES_MAX, `${(growth / 2 ** 20).toFixed(1)} MiB more in use at the end`);
}

t.test('what the inputs are made from is valid', async (t) => {
  for (const { name, layers, run } of targets) {
    for (const { valid, wrap } of layers) t.doesNotThrow(() => run(wrap(valid)), name);
  }
});

t.test(`the same inputs each time (seed ${FIXED_SEED})`, async (t) => {
  await fuzz(t, FIXED_SEED, Math.min(INPUTS, 12_000));
});

t.test(`${INPUTS} fresh inputs (seed ${SEED})`, async (t) => {
  await fuzz(t, SEED, INPUTS);
});
