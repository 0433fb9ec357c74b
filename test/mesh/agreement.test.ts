// The product's main job with real processes: three machines mine, agree bit for bit, and go on through a crash and a
// late joiner to the very same digests.
import { existsSync } from 'node:fs';
import t from 'tap';
import { allValidated, BTC_5M, digestsOf, TestHome, type TestNode, until } from '../support/nodes.ts';

const UNITS = 6;
const SEED = 'agreement';
const REAL = existsSync(BTC_5M);
/** Risk and seed are fixed, so that both histories below search the very same thing. */
const JOB = { preset: 'quick', risk: 'medium', units: UNITS, replicas: 2, seed: SEED, permutations: 0 } as const;

async function addCandles(node: TestNode): Promise<string> {
  const args = REAL ? ['data', 'import', BTC_5M, '--symbol', 'BTC-USD', '--source', 'coinbase'] : ['data', 'sample'];
  return (await node.command<{ hash: string }>(...args)).hash;
}

async function rootsOf(nodes: readonly TestNode[]): Promise<Set<string>> {
  return new Set(await Promise.all(nodes.map(async (node) => (await node.status()).ledger.root)));
}

let reference: Record<number, string> = {};

t.test(`three machines, candles on one of them at first (${REAL ? 'real BTC-USD' : 'SAMPLE'})`, async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const [a, b, c] = ['alpha', 'beta', 'gamma'].map((name) => home.node(name)) as [TestNode, TestNode, TestNode];
  const all = [a, b, c];
  const first = await a.start();
  const { ticket } = await a.invite(2);
  const bootstrap = home.bootstrapFile('bootstrap.json', { ticket, peers: first.mesh });
  await Promise.all([b.start({ bootstrap }), c.start({ bootstrap })]);
  await until('all are connected', async () =>
    (await Promise.all(all.map((node) => node.status()))).every((s) => s.mesh.connected === 2),
  );

  const dataset = await addCandles(a);
  const job = await a.createJob({ dataset, ...JOB });
  for (const node of [b, c]) {
    await until('the candles have come from the member that holds them', async () => {
      const held = await node.command<{ hash: string }[]>('data', 'list');
      return held.some(({ hash }) => hash === dataset);
    });
  }
  const units = await until(
    'all units are validated on all machines',
    async () => {
      const lists = await Promise.all(all.map((node) => allValidated(node, job.id, UNITS)));
      return lists.every((list) => list !== undefined) && (lists as NonNullable<(typeof lists)[number]>[]);
    },
    180_000,
  );
  reference = digestsOf(units[0]!);
  t.equal(new Set(Object.values(reference)).size, UNITS, 'each unit is a search of its own');
  for (const list of units) t.same(digestsOf(list), reference, 'equal digests on each machine');
  for (const unit of units[0]!) {
    t.equal(new Set(unit.results.map((result) => result.peerId)).size, 2, `unit ${unit.index}: two distinct machines`);
    t.equal(unit.results.length, 2, `unit ${unit.index}: no third run`);
  }
  await until('all roots are equal', async () => (await rootsOf(all)).size === 1);
  const results = await until('all machines have checked the champions', async () => {
    const lists = await Promise.all(all.map((node) => node.results()));
    return lists.every((list) => list.length > 0 && list.length === lists[0]!.length) && lists;
  });
  const facts = results.map((list) =>
    list.map(({ id, inSample, outOfSample, holdout, votes, state }) => ({
      id,
      inSample,
      outOfSample,
      holdout,
      votes,
      state,
    })),
  );
  t.same(facts[1], facts[0], 'the same results, to the last bit, on beta');
  t.same(facts[2], facts[0], 'the same results, to the last bit, on gamma');

  const { root } = await c.verify();
  await c.command('pause');
  t.equal(await c.stop(), 0, 'a node stops cleanly');
  await c.start({ bootstrap });
  t.equal((await c.status()).mode, 'paused', 'a restart does not undo a pause');
  await c.command('resume');
  t.equal((await c.ledger()).root, root, 'what was validated survives a restart');
  t.same(digestsOf(await c.units(job.id)), reference, 'with the same digests');
  t.equal((await c.status()).mode, 'idle');
});

t.test('a crash in the middle of a unit and a late joiner change nothing', async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const [a, b, c] = ['alpha', 'beta', 'gamma'].map((name) => home.node(name)) as [TestNode, TestNode, TestNode];
  const all = [a, b, c];
  for (const node of all) await addCandles(node);
  const first = await a.start();
  const { ticket } = await a.invite(2);
  const bootstrap = home.bootstrapFile('bootstrap.json', { ticket, peers: first.mesh });
  await b.start({ bootstrap });
  const [{ hash }] = await a.command<[{ hash: string }]>('data', 'list');
  const job = await a.createJob({ dataset: hash, ...JOB });

  const struck = await until('beta is in the middle of a unit', async () => {
    const { unit } = await b.status();
    return unit !== null && (unit.savedGeneration ?? 0) >= 3 && unit.generation < unit.generations - 3 && unit;
  });
  await b.kill();
  const entriesOf = async (node: TestNode): Promise<number> =>
    (await node.ledger()).logs.find((log) => log.author === b.ready.peerId)?.entries ?? 0;
  const before = await entriesOf(a);
  await b.start({ bootstrap });
  const resumed = await until('beta works on its unit again', async () => {
    const { unit } = await b.status();
    return unit?.unitId === struck.unitId && unit.generation > 0 && unit;
  });
  t.ok(
    resumed.generation >= struck.savedGeneration!,
    `it goes on from generation ${struck.savedGeneration}, not from scratch`,
  );
  t.ok((await entriesOf(b)) >= before, 'nothing that it had told is lost');

  await until(
    'half of the units are done',
    async () => Object.keys(digestsOf(await a.units(job.id))).length >= UNITS / 2,
    180_000,
  );
  await c.start({ bootstrap });
  await until(
    'all units are validated on all machines',
    async () => {
      const lists = await Promise.all(all.map((node) => allValidated(node, job.id, UNITS)));
      return lists.every((list) => list !== undefined);
    },
    180_000,
  );
  for (const node of all) {
    const units = await node.units(job.id);
    t.same(digestsOf(units), reference, `${node.name}: the same digests as without crash and late joiner`);
    t.ok(
      units.every((unit) => unit.results.length === 2),
      `${node.name}: no unit is lost and none is done a third time`,
    );
  }
  await until('all roots are equal', async () => (await rootsOf(all)).size === 1);
  for (const node of all) t.ok((await node.verify()).ok, `${node.name}: the ledger verifies from scratch`);
});
