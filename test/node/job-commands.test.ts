// Creating jobs as page, API and command line do: each with its re-runs on permuted bars, unless somebody says otherwise.
import t, { type Test } from 'tap';
import type { DatasetInfo } from '../../src/node/data-store.ts';
import { jobCommands } from '../../src/node/job-commands.ts';
import type { PortDeps } from '../../src/node/node-port.ts';
import { readSearch, reRunsOf } from '../../src/node/permutations.ts';
import type { Session } from '../../src/node/session.ts';
import type { World } from '../../src/node/views.ts';
import { hash, hexOf, keyOf, person } from '../ledger/support/people.ts';
import { openBench, SELF } from './support/worker.ts';

const DATASET = hexOf(hash('dataset'));
const INFO = {
  ...{ hash: DATASET, symbol: 'BTC-USD', quote: 'USD', source: 'x', sample: false, barMs: 60_000 },
  ...{ bars: 5000, from: 0, to: 4999 * 60_000, gaps: [], bytes: 1 },
} as DatasetInfo;

async function setUp(t: Test) {
  const { ledger } = await openBench(t);
  const world = (): World => ({
    ...{ self: hexOf(keyOf(SELF)), state: ledger.state(), claims: [] },
    ...{ news: () => undefined, connection: () => undefined, hasDataset: () => true, check: () => undefined },
    version: '',
    checked: () => [],
  });
  const deps = {
    ...{ fingerprint: hexOf(hash('engine')), signer: person(SELF), lookForData: async () => undefined },
    ...{ data: { list: () => [INFO] }, randomBytes: (length: number) => new Uint8Array(length).fill(7) },
  } as unknown as PortDeps;
  const commands = jobCommands(deps, () => ({ ledger, world }) as unknown as Session);
  const jobs = () => [...ledger.state().jobs.values()];
  const reRuns = (id: string) => reRunsOf(ledger.state(), ledger.state().jobs.get(id)!);
  return { commands, jobs, reRuns };
}

t.test('a job comes with 19 re-runs, or as many as were asked for, or none', async (t) => {
  const { commands, jobs, reRuns } = await setUp(t);
  const first = await commands.createJob({ dataset: DATASET, preset: 'quick', units: 3, replicas: 3 });
  t.match(first, { units: 3, permutes: null });
  const again = jobs().find(({ job }) => job.search.permutes === first.id)!;
  t.match(again.job, { units: 19, priority: 0, seed: first.seed, validation: { quorum: 3 } });
  t.same(readSearch(again.job).spec, readSearch(jobs().find(({ id }) => id === first.id)!.job).spec);
  t.match(reRuns(first.id), { asked: 19 });
  const none = await commands.createJob({ dataset: DATASET, permutations: 0 });
  t.match(reRuns(none.id), { asked: 0 });
  t.equal(jobs().length, 3);
  const few = await commands.createJob({ dataset: DATASET, permutations: 2 });
  t.match(reRuns(few.id), { asked: 2 });
  const more = await commands.permuteJob(few.id, 99);
  t.match(more, { units: 99, permutes: few.id });
  t.match(reRuns(few.id), { asked: 99 }, 'it goes on where the other ends');
});

t.test('what cannot be is refused before anything is written', async (t) => {
  const { commands, jobs } = await setUp(t);
  for (const permutations of [-1, 1.5, 1000]) {
    const refused = { code: 'out_of_range', field: 'permutations', status: 422 };
    await t.rejects(commands.createJob({ dataset: DATASET, permutations }), refused, `${permutations}`);
  }
  t.equal(jobs().length, 0);
  const { id } = await commands.createJob({ dataset: DATASET, permutations: 1 });
  const again = jobs().find(({ job }) => job.search.permutes === id)!;
  await t.rejects(commands.permuteJob(id, 0), { code: 'out_of_range' });
  await t.rejects(commands.permuteJob(again.id, 5), { code: 'is_permutation', status: 409 });
  await t.rejects(commands.permuteJob('ab', 5), { code: 'job_unknown', status: 404 });
  t.equal(jobs().length, 2);
  t.equal((await commands.setJob(id, 'pause')).state, 'paused');
});
