// A node is killed in the middle of writing, again and again. Whatever its API had acknowledged is there afterwards, and
// its database opens every time. STRATMESH_ROUNDS (npm run crashes) says how often; STRATMESH_CRASH_SEED repeats the
// moments.
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import type { JobView } from '../../src/ui/api.ts';
import { Chance } from '../fuzz/chance.ts';
import { TestHome, type TestNode, until } from '../support/nodes.ts';
import { addSample, allJobs, call, tryCall } from './api.ts';

const ROUNDS = Number(process.env.STRATMESH_ROUNDS ?? 10);
const SEED = Number(process.env.STRATMESH_CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Calls under way at once. */
const WRITERS = 4;
const MS_BEFORE_KILL_MAX = 400;

/** What one job must be: as acknowledged last, or as the call said that was cut off. */
interface Expected {
  action: 'pause' | 'resume' | null;
  cutOff: 'pause' | 'resume' | null;
}

interface Promised {
  jobs: Map<string, Expected>;
  /** Entries that the node said it had written, and those that it may have. */
  acknowledged: number;
  asked: number;
}

/** Creates one job, then pauses and resumes it, until the node is gone. */
async function keepWriting(node: TestNode, dataset: string, name: string, promised: Promised): Promise<void> {
  promised.asked += 1;
  const job = await tryCall<JobView>(node, 'POST', 'jobs', { dataset, name, preset: 'quick', permutations: 0 });
  if (job === undefined) return;
  const expected: Expected = { action: null, cutOff: null };
  promised.jobs.set(job.id, expected);
  promised.acknowledged += 1;
  for (let i = 0; ; i += 1) {
    const action = i % 2 === 0 ? 'pause' : 'resume';
    expected.cutOff = action;
    promised.asked += 1;
    if ((await tryCall(node, 'PATCH', `jobs/${job.id}`, { action })) === undefined) return;
    expected.action = action;
    expected.cutOff = null;
    promised.acknowledged += 1;
  }
}

const isPaused = (action: Expected['action']): boolean => action === 'pause';

/** What was promised and is not there. What was cut off is settled by this: it came to be or it did not. */
async function findLost(node: TestNode, { jobs }: Promised): Promise<string[]> {
  const held = new Map((await allJobs(node)).map((job) => [job.id, job]));
  const lost: string[] = [];
  for (const [id, expected] of jobs) {
    const { action, cutOff } = expected;
    const job = held.get(id);
    const may = [isPaused(action), ...(cutOff === null ? [] : [isPaused(cutOff)])];
    if (job === undefined) lost.push(`job ${id} is gone`);
    else if (!may.includes(job.state === 'paused'))
      lost.push(`job ${id} is ${job.state} after ${action}, then ${cutOff}`);
    else jobs.set(id, { action: job.state === 'paused' ? 'pause' : 'resume', cutOff: null });
  }
  return lost;
}

t.test(`${ROUNDS} times killed in mid-write (STRATMESH_CRASH_SEED=${SEED})`, async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const node = home.node('crashing');
  await node.start();
  await call(node, 'POST', 'node/pause');
  const { hash } = await addSample(node);
  // The genesis entry.
  const promised: Promised = { jobs: new Map(), acknowledged: 1, asked: 1 };
  let killedInMidCall = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = promised.acknowledged;
    const writers = Array.from({ length: WRITERS }, (_, i) => keepWriting(node, hash, `${round}.${i}`, promised));
    await until('something is acknowledged', async () => promised.acknowledged > before);
    await delay(new Chance(SEED, round).below(MS_BEFORE_KILL_MAX));
    await node.kill();
    await Promise.all(writers);
    killedInMidCall += [...promised.jobs.values()].some(({ cutOff }) => cutOff !== null) ? 1 : 0;
    await node.start();
    const { ledger, problems } = await node.status();
    const { acknowledged, asked } = promised;
    const counts = `${acknowledged} acknowledged, ${ledger.entries} there, ${asked} asked for`;
    t.ok(acknowledged <= ledger.entries && ledger.entries <= asked, `round ${round}: ${counts}`);
    promised.acknowledged = promised.asked = ledger.entries;
    t.strictSame(await findLost(node, promised), [], `round ${round}: every job is as it was said to be`);
    t.strictSame(problems, [], `round ${round}: and nothing is wrong`);
  }
  const { ok, entries, faults } = await node.verify();
  t.ok(ok, JSON.stringify(faults));
  t.equal(entries, promised.acknowledged, 'and no other entry is there');
  t.ok(killedInMidCall > ROUNDS / 2, `${killedInMidCall} kills came in the middle of a call`);
});
