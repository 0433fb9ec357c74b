// A worker with a real ledger on a disk of its own, and searches that end when the test says so.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Candles } from '../../../src/engine/candles.ts';
import type { UnitOutcome } from '../../../src/engine/outcome.ts';
import { presetSpec } from '../../../src/engine/search-spec.ts';
import type { UnitTask } from '../../../src/engine/unit-task.ts';
import { foundMesh } from '../../../src/ledger/found.ts';
import { type Ledger, openLedger } from '../../../src/ledger/ledger.ts';
import { openStore } from '../../../src/ledger/store.ts';
import type { Missing } from '../../../src/node/data-fetch.ts';
import type { MineDeps } from '../../../src/node/mine-unit.ts';
import type { Pool } from '../../../src/node/pool.ts';
import { createPresenceBook, type PresenceBook } from '../../../src/node/presence-book.ts';
import type { SavedSearch } from '../../../src/node/saved-search.ts';
import type { Walk, Walked } from '../../../src/node/walk.ts';
import { type WorkDeps, WorkLoop } from '../../../src/node/work-loop.ts';
import { fromHex } from '../../../src/protocol/bytes.ts';
import { type Entry, unitId } from '../../../src/protocol/entry.ts';
import type { Job, Result } from '../../../src/protocol/kinds.ts';
import type { Presence } from '../../../src/protocol/messages.ts';
import { depsFor } from '../../ledger/support/disk.ts';
import { admitPlain, hash, hexOf, job, keyOf, person, result, scribe } from '../../ledger/support/people.ts';

export const SELF = 'ada';

export interface Search {
  task: UnitTask;
  deps: MineDeps;
  aborted: boolean;
  /** Ends it with an answer that depends on the unit alone. */
  finish(): void;
  fail(error: Error): void;
  generation(n: number): Promise<void>;
}

export interface Bench {
  ledger: Ledger;
  presences: PresenceBook;
  searches: Search[];
  problems: Map<string, string>;
  /** Events in order: `started 0`, `finished 0`, `changed: reason` … */
  told: string[];
  /** Added to the monotonic clock, ms. */
  clock: { skew: number };
  checkpoints: string;
  /** Listed, and loaded when asked for. */
  has: { candles: boolean; usable: boolean };
  /** What stands for the candles of every job. */
  candles: Candles;
  /** What is said of candles that are not listed. */
  missing: Missing;
  /** What others have of units, by unit, and what was published here. */
  walk: Walk & {
    found: Map<string, (Walked & { state: Uint8Array })[]>;
    published: [string, number, SavedSearch][];
    refused: string[];
  };
  /** How long it listens to newcomers first, ms. */
  settleMs: number;
  /** What the loop may do. */
  allowance: { run: 'run' | 'finish' | 'pause'; reason: string };
  start(): WorkLoop;
  createJob(changes?: Partial<Job>): Promise<string>;
  /** What another member says, as if it had come by gossip. */
  say(author: string, kind: string, data: unknown): Promise<Entry>;
  answer(author: string, jobId: string, index: number, changes?: Partial<Result>): Promise<Entry>;
  claim(author: string, jobId: string, index: number, changes?: Partial<Presence>): void;
  unit(jobId: string, index: number): string;
}

export async function until<T>(what: string, ask: () => T | undefined | false, limitMs = 20_000): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await delay(5);
  }
}

export const SEARCH = { ...presetSpec({ preset: 'quick', risk: 'medium' }) };

function abortError(): Error {
  return Object.assign(new Error('aborted'), { name: 'AbortError' });
}

function outcomeOf(task: UnitTask): UnitOutcome {
  const digest = hexOf(hash(`${task.seed} ${task.unit}`));
  return {
    digest,
    secret: hexOf(hash(`secret ${digest}`)),
    champions: [],
    trials: { count: 40, meanSharpe: null, varianceSharpe: null },
    score: null,
  };
}

/** `ada` founds the mesh; `bob` and `cy` are members. */
export async function openBench(t: { teardown(handler: () => unknown): void }): Promise<Bench> {
  const home = mkdtempSync(join(tmpdir(), 'stratmesh-work-'));
  const checkpoints = join(home, 'checkpoints');
  mkdirSync(checkpoints);
  const store = await openStore(join(home, 'ledger'));
  const ledgerDeps = depsFor(SELF, store);
  const mesh = await foundMesh(ledgerDeps, { name: 'home', firstName: SELF, root: keyOf('root') });
  const ledger = await openLedger(ledgerDeps);
  for (const name of ['bob', 'cy']) await ledger.append('admit', admitPlain(name, 'member'));
  const clock = { skew: 0 };
  const now = (): number => performance.now() + clock.skew;
  const presences = createPresenceBook(now);
  const loops: WorkLoop[] = [];
  t.teardown(async () => {
    for (const loop of loops) await loop.stop();
    await ledger.close();
    rmSync(home, { recursive: true, force: true });
  });
  const scribes = new Map<string, ReturnType<typeof scribe>>();
  const counts = new Map<string, number>();
  const bench: Bench = {
    ...{ ledger, presences, clock, checkpoints },
    searches: [],
    problems: new Map(),
    told: [],
    has: { candles: true, usable: true },
    candles: { hash: 'candles' } as Candles,
    missing: { clause: 'is not on this machine: import the same file here', isComing: false },
    walk: walkOf(),
    settleMs: 0,
    allowance: { run: 'run', reason: '' },
    start() {
      const loop = new WorkLoop(workDeps(bench, now));
      ledger.onChange(() => loop.nudge());
      loops.push(loop);
      return loop;
    },
    createJob: async (changes) => (await ledger.append('job', job({ search: SEARCH, ...changes }))).id,
    async say(author, kind, data) {
      const write = scribes.get(author) ?? scribe(mesh, author);
      scribes.set(author, write);
      const entry = write(kind, data);
      await ledger.ingest([entry.block]);
      return entry;
    },
    answer(author, jobId, index, changes) {
      const { digest } = outcomeOf({ seed: ledger.state().jobs.get(jobId)!.job.seed, unit: index } as UnitTask);
      const same = {
        digest: fromHex(digest),
        champions: [],
        trials: { count: 40, meanSharpe: null, varianceSharpe: null },
      };
      return bench.say(author, 'result', result(jobId, index, '', { ...same, ...changes }));
    },
    claim(author, jobId, index, changes) {
      const n = (counts.get(author) ?? 0) + 1;
      counts.set(author, n);
      presences.hear({ ...newsOf(author, n), claim: claimOn(jobId, index), ...changes });
    },
    unit: (jobId, index) => unitId(fromHex(jobId), index),
  };
  return bench;
}

/** What others have is what the test says. */
function walkOf(): Bench['walk'] {
  const walk: Bench['walk'] = {
    found: new Map(),
    published: [],
    refused: [],
    publish: (...said) => void walk.published.push(said),
    find: async (unit) => walk.found.get(unit) ?? [],
    fetch: async (walked) => (walked as Walked & { state: Uint8Array }).state,
    refuse: (blob) => void walk.refused.push(blob),
    lineageOf: (unit, member) =>
      walk.found
        .get(unit)
        ?.find(({ lineage }) => lineage.at(-1) === member)
        ?.lineage.slice(0, -1),
    tidy: () => undefined,
    stop: async () => undefined,
  };
  return walk;
}

function claimOn(jobId: string, index: number): Presence['claim'] {
  const place = { unit: fromHex(unitId(fromHex(jobId), index)), job: fromHex(jobId), index };
  return { ...place, generation: 0, generations: 20, remaining: null };
}

function newsOf(author: string, n: number): Presence {
  return {
    mesh: hash('mesh'),
    member: keyOf(author),
    boot: hash(author).subarray(0, 8),
    n,
    next: 5000,
    name: author,
    version: '1',
    os: 'linux',
    fingerprint: hash('engine'),
    state: 'working',
    reason: '',
    threads: [1, 1],
    loads: [],
    backtestsPerSecond: null,
    claim: null,
    frontier: hash('frontier'),
    root: hash('root'),
    addresses: [],
  };
}

function workDeps(bench: Bench, now: () => number): WorkDeps {
  const { told, problems } = bench;
  let loop: WorkLoop | undefined;
  return {
    publicKey: person(SELF).publicKey,
    ledger: bench.ledger,
    presences: bench.presences,
    pool: { threads: 1 } as Pool,
    fingerprint: hexOf(hash('engine')),
    checkpoints: bench.checkpoints,
    allowance: () => bench.allowance,
    candles: async () => (bench.has.usable ? bench.candles : undefined),
    hasCandles: () => bench.has.candles,
    missing: () => bench.missing,
    walk: bench.walk,
    settleMs: bench.settleMs,
    mine: (deps, task) => search(bench, deps, task),
    now,
    events: {
      changed: () => told.push(`changed: ${loop?.reason ?? ''}`),
      generation: () => told.push('generation'),
      started: ({ index }) => told.push(`started ${index}`),
      finished: ({ index }) => told.push(`finished ${index}`),
      problem: (code, message) => void problems.set(code, message),
      solved: (code) => void problems.delete(code),
    },
  };
}

function search(bench: Bench, deps: MineDeps, task: UnitTask): Promise<UnitOutcome> {
  return new Promise((resolve, reject) => {
    const one: Search = {
      ...{ task, deps },
      aborted: false,
      finish: () => resolve(outcomeOf(task)),
      fail: reject,
      async generation(n) {
        await deps.checkpoint.save(Uint8Array.of(n));
        deps.onGeneration({ generation: n, generations: 20, bestInSample: 0.01, backtests: 60 * n });
      },
    };
    bench.searches.push(one);
    deps.signal.addEventListener('abort', () => {
      one.aborted = true;
      reject(abortError());
    });
  });
}
