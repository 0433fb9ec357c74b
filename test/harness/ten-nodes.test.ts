// Ten real nodes on one machine: how long a new entry takes to all of them, and what an idle mesh costs. Figures, so it runs
// when asked for (npm run measure) and not with every test; STRATMESH_MEASURE_ROUNDS and …_MINUTES say how much.
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import type { JobView } from '../../src/ui/api.ts';
import { TestHome, type TestNode, until } from '../support/nodes.ts';
import { addSample, call, pidOf } from './api.ts';
import { memoryOf, percentile } from './figures.ts';
import { LogFollower } from './log-follower.ts';
import { startCounted, trafficOf } from './traffic.ts';

const NODES = 10;
const ROUNDS = Number(process.env.STRATMESH_MEASURE_ROUNDS ?? 0);
const IDLE_MINUTES = Number(process.env.STRATMESH_MEASURE_MINUTES ?? 3);
const LEDGER_BYTES_MAX = 5000;
const VISIBLE_MS_MAX = 300;

/** All connected to all, nobody at work, the same entries everywhere. */
async function startTen(home: TestHome): Promise<TestNode[]> {
  const nodes = Array.from({ length: NODES }, (_, i) => home.node(`n${i}`));
  const [first, ...others] = nodes as [TestNode, ...TestNode[]];
  await startCounted(first);
  const { ticket } = await first.invite(NODES - 1);
  const bootstrap = home.bootstrapFile('bootstrap.json', { ticket, peers: first.ready.mesh });
  for (const node of others) await startCounted(node, bootstrap);
  for (const node of nodes) await call(node, 'POST', 'node/pause');
  const areOne = async (): Promise<boolean> => {
    const all = await Promise.all(nodes.map((node) => node.status()));
    const roots = new Set(all.map(({ ledger }) => ledger.root));
    return roots.size === 1 && all.every(({ mesh }) => mesh.connected === NODES - 1);
  };
  await until('ten nodes are one mesh', areOne, 180_000);
  return nodes;
}

/** Ms from the API's answer to the author until the last of the nodes has the entry, for each of `ROUNDS` entries. */
async function measureSpread(nodes: readonly TestNode[]): Promise<number[]> {
  const jobs: JobView[] = [];
  for (const node of nodes) {
    const { hash } = await addSample(node);
    jobs.push(await call<JobView>(node, 'POST', 'jobs', { dataset: hash, preset: 'quick', permutations: 0 }));
  }
  const logs = nodes.map((node) => new LogFollower(node));
  let { entries } = await nodes[0]!.ledger();
  const spread: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const author = round % NODES;
    const action = Math.floor(round / NODES) % 2 === 0 ? 'pause' : 'resume';
    await call(nodes[author]!, 'PATCH', `jobs/${jobs[author]!.id}`, { action });
    const acknowledgedAt = Date.now();
    entries += 1;
    const times = await until('the entry is everywhere', async () => {
      const held = logs.map((log) => log.heldAt(entries));
      return held.every((at) => at !== undefined) && (held as number[]);
    });
    spread.push(Math.max(0, Math.max(...times) - acknowledgedAt));
  }
  return spread;
}

/** Bytes a minute and node, in and out, by protocol. */
async function measureIdle(nodes: readonly TestNode[]): Promise<Map<string, number>> {
  const before = nodes.map(trafficOf);
  const start = performance.now();
  // What is measured is that nothing happens.
  await delay(IDLE_MINUTES * 60_000);
  const minutes = (performance.now() - start) / 60_000;
  const sums = new Map<string, number>();
  for (const [i, node] of nodes.entries()) {
    for (const [protocol, { sent, received }] of Object.entries(trafficOf(node))) {
      const old = before[i]![protocol] ?? { sent: 0, received: 0 };
      const bytes = sent + received - old.sent - old.received;
      sums.set(protocol, (sums.get(protocol) ?? 0) + bytes / minutes / nodes.length);
    }
  }
  return sums;
}

t.test('ten nodes', { skip: ROUNDS === 0 && 'figures: npm run measure' }, async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const nodes = await startTen(home);
  const spread = await measureSpread(nodes);
  const [p50, p99] = [percentile(spread, 0.5), percentile(spread, 0.99)];
  t.comment(
    `entry to all ${NODES} nodes: p50 ${p50} ms, p99 ${p99} ms, most ${percentile(spread, 1)} ms (${ROUNDS} entries)`,
  );
  t.ok(p99 <= VISIBLE_MS_MAX, `p99 ${p99} ms`);
  const idle = await measureIdle(nodes);
  for (const [protocol, bytes] of idle) t.comment(`idle, a node and minute: ${protocol} ${Math.round(bytes)} bytes`);
  const sync = idle.get('/stratmesh/sync/1') ?? 0;
  t.ok(sync > 0 && sync <= LEDGER_BYTES_MAX, `an idle node's ledger traffic is ${Math.round(sync)} bytes a minute`);
  t.comment(`memory: ${nodes.map((node) => Math.round(memoryOf(pidOf(node)).nowMb)).join(' ')} MB`);
});
