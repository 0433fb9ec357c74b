// Nodes with many entries: start, memory, `ledger verify`, sync to an empty node. Figures, so it runs when asked for
// (npm run measure); STRATMESH_MEASURE_ENTRIES says how many.
import t, { type Test } from 'tap';
import { TestHome, type TestNode, until } from '../support/nodes.ts';
import { call, pidOf } from './api.ts';
import { memoryOf, processorSecondsOf } from './figures.ts';
import { type MadeLedger, makeLedger } from './ledger-maker.ts';
import { LogFollower } from './log-follower.ts';
import { SYNC, startCounted, trafficOf } from './traffic.ts';

const ENTRIES = Number(process.env.STRATMESH_MEASURE_ENTRIES ?? 0);
const LIMIT_MS = 1_800_000;

const secondsSince = (start: number): string => ((performance.now() - start) / 1000).toFixed(2);

function tellMemory(t: Test, node: TestNode, when: string): void {
  const { nowMb, mostMb } = memoryOf(pidOf(node));
  t.comment(`memory ${when}: ${nowMb.toFixed(0)} MB, at most ${mostMb.toFixed(0)} MB`);
}

async function measureStart(t: Test, node: TestNode): Promise<void> {
  const start = performance.now();
  await startCounted(node);
  const ready = secondsSince(start);
  const page = await fetch(node.ready.ui);
  await page.arrayBuffer();
  t.comment(`start with ${ENTRIES} entries: ready after ${ready} s, page served after ${secondsSince(start)} s`);
  t.equal(page.status, 200);
  t.comment(`… of processor time: ${processorSecondsOf(pidOf(node)).toFixed(2)} s`);
  tellMemory(t, node, 'after the start');
  await call(node, 'POST', 'node/pause');
}

async function measureVerify(t: Test, node: TestNode): Promise<void> {
  const [start, busy] = [performance.now(), processorSecondsOf(pidOf(node))];
  const { ok, entries } = await node.verify();
  const seconds = Number(secondsSince(start));
  const processor = processorSecondsOf(pidOf(node)) - busy;
  t.ok(ok);
  t.comment(`ledger verify: ${entries} entries in ${seconds} s, ${Math.round(entries / seconds)} a second`);
  t.comment(`… of processor time: ${processor.toFixed(2)} s, ${Math.round(entries / processor)} a second and core`);
  tellMemory(t, node, 'after verify');
}

async function measureSync(t: Test, home: TestHome, [from, to]: [TestNode, TestNode], made: MadeLedger): Promise<void> {
  // The invite is one more, and so is the admission.
  const expected = made.entries + 2;
  const { ticket } = await from.invite(1);
  await startCounted(to, home.bootstrapFile('bootstrap.json', { ticket, peers: from.ready.mesh }));
  const readyAt = Date.now();
  const busy = [from, to].map((node) => processorSecondsOf(pidOf(node)));
  const log = new LogFollower(to);
  const doneAt = await until('all entries have arrived', async () => log.heldAt(expected), LIMIT_MS);
  const firstAt = log.heldAt(2)!;
  const seconds = (doneAt - Math.min(readyAt, firstAt)) / 1000;
  t.comment(
    `sync to an empty node: ${expected} entries in ${seconds.toFixed(2)} s, ${Math.round(expected / seconds)} a second`,
  );
  const processor = [from, to].map((node, i) => (processorSecondsOf(pidOf(node)) - busy[i]!).toFixed(2));
  t.comment(`… of processor time: ${processor[0]} s of who gave, ${processor[1]} s of who got`);
  const received = await until('the counts are written', async () => {
    const bytes = trafficOf(to)[SYNC]?.received ?? 0;
    return bytes >= made.bytes && bytes;
  });
  t.comment(
    `received ${received} bytes for ${made.bytes} of entries: ${(received / made.bytes).toFixed(3)} times as many`,
  );
  t.ok(received <= 1.2 * made.bytes);
  tellMemory(t, from, 'of who gave');
  tellMemory(t, to, 'of who got');
  t.equal((await to.status()).ledger.root, (await from.status()).ledger.root);
}

t.test(`${ENTRIES} entries`, { skip: ENTRIES === 0 && 'figures: npm run measure' }, async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const [full, empty] = [home.node('full'), home.node('empty')];
  const start = performance.now();
  const made = await makeLedger(full.dataDir, ENTRIES);
  t.comment(
    `made ${made.entries} entries of ${Math.round(made.bytes / made.entries)} bytes in ${secondsSince(start)} s`,
  );
  await measureStart(t, full);
  await measureVerify(t, full);
  await measureSync(t, home, [full, empty], made);
});
