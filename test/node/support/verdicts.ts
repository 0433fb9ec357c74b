// A mesh with two jobs on the same candles and one on others, and a node that judges them when the test says so.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Candles } from '../../../src/engine/candles.ts';
import { sampleCandles } from '../../../src/engine/sample.ts';
import { presetSpec } from '../../../src/engine/search-spec.ts';
import type { JobReport } from '../../../src/engine/statistics/judge-job.ts';
import { DEFAULT_THRESHOLDS } from '../../../src/engine/statistics/thresholds.ts';
import { deriveState, type State } from '../../../src/ledger/derive.ts';
import { createEvents } from '../../../src/node/events.ts';
import { basisOf, findingsOf } from '../../../src/node/verdicts/basis.ts';
import { JobVerdicts, type VerdictDeps } from '../../../src/node/verdicts/job-verdicts.ts';
import type { JudgeTask } from '../../../src/node/verdicts/judge.ts';
import { Searches } from '../../../src/node/verdicts/searches.ts';
import { toHex } from '../../../src/protocol/bytes.ts';
import type { Entry } from '../../../src/protocol/entry.ts';
import { GENESIS, MESH } from '../../ledger/support/history.ts';
import { admitPlain, hash, job, result, scribe } from '../../ledger/support/people.ts';

export const spec = presetSpec({ preset: 'quick', risk: 'medium' });
const STRATEGY = {
  v: 1,
  side: 'long',
  entry: [[{ left: { indicator: 'roc', period: 4 }, op: '<', right: { value: -2 } }]],
  maxBars: 12,
  size: { percentOfEquity: 50 },
};

/** Ada and bob, two jobs on the same candles and one on others; one vote is enough. */
export function scene() {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const bob = scribe(MESH, 'bob');
  const validation = { mode: 'replicate', replicas: 1, quorum: 1, most: 2 } as const;
  const search = { ...spec };
  const admitBob = ada('admit', admitPlain('bob', 'member'));
  const data = job({ seed: 'one', units: 2, validation, search });
  const one = ada('job', data);
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
  return { ground: [GENESIS, admitBob, one, two, far], ada, data, one, two, far, say };
}

/** What the verdict on a job rests on. */
export async function restsIn(entries: readonly Entry[], { id }: Entry) {
  const state = deriveState(MESH, entries);
  const record = state.jobs.get(id)!;
  const { searched } = await new Searches(() => state).on(toHex(record.job.dataset));
  return { basis: basisOf(state, record, searched), findings: findingsOf(state, record) };
}

export const candles = sampleCandles('verdicts', 3000);

const home = mkdtempSync(join(tmpdir(), 'stratmesh-verdicts-'));
t.teardown(() => rmSync(home, { recursive: true, force: true }));
let folders = 0;

function newFolder(): string {
  folders += 1;
  return join(home, String(folders));
}

/** A judge that waits to be told. */
export function setUp(entries: readonly Entry[], { folder = newFolder(), thresholds = DEFAULT_THRESHOLDS } = {}) {
  let state: State = deriveState(MESH, entries);
  const tasks: JudgeTask[] = [];
  const answers: ((report: JobReport) => void)[] = [];
  /** `others`: data sets besides that of the jobs; undefined: not here. */
  const here = { candles: true, others: new Map<string, Candles | undefined>(), now: 1_800_000_000_000 };
  const allowance: ReturnType<VerdictDeps['allowance']> = { run: 'run', reason: '' };
  const events = createEvents({ info() {}, warn() {}, debug() {} }, () => 0);
  const verdicts = new JobVerdicts({
    ledger: { state: () => state },
    candles: async (dataset) => {
      if (here.others.has(dataset)) return here.others.get(dataset);
      return here.candles ? candles : undefined;
    },
    data: { has: (dataset) => here.others.get(dataset) !== undefined },
    judge: (task, signal) =>
      new Promise((resolve, reject) => {
        tasks.push(task);
        answers.push(resolve);
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
    ...{ events, config: { thresholds }, directory: { verdicts: folder } },
    allowance: () => allowance,
    now: () => here.now,
  });
  const become = (next: readonly Entry[]): void => {
    const votes = new Map([...state.units].map((unit) => [unit.id, unit.votes.length]));
    state = deriveState(MESH, next);
    const touched = new Map<string, Set<number>>();
    for (const unit of state.units) {
      if (votes.get(unit.id) === unit.votes.length) continue;
      touched.set(unit.job, (touched.get(unit.job) ?? new Set()).add(unit.index));
    }
    verdicts.lookAt(touched);
  };
  /** Until `done` holds; each turn of the event loop is a look. */
  const until = async (done: () => boolean | Promise<boolean>): Promise<void> => {
    const deadline = performance.now() + 20_000;
    while (!(await done())) {
      if (performance.now() > deadline) throw new Error('it never happened');
      await new Promise(setImmediate);
    }
  };
  return { verdicts, tasks, answers, here, events, allowance, folder, become, until };
}
