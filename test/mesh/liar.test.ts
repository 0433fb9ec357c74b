// A member that falsifies its answers: they never validate, and a third replica decides.
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { allValidated, TestHome, type TestNode, until } from '../support/nodes.ts';

const WRONG_NODE = fileURLToPath(new URL('../support/wrong-node.mjs', import.meta.url));
const UNITS = 2;

for (const lie of ['metrics', 'digest'] as const) {
  t.test(`a member that falsifies its ${lie}`, async (t) => {
    const home = new TestHome();
    t.teardown(() => home.close());
    const [honest, liar, third] = ['honest', 'liar', 'third'].map((name) => home.node(name)) as [
      TestNode,
      TestNode,
      TestNode,
    ];
    for (const node of [honest, liar, third]) await node.command('data', 'sample');
    const first = await honest.start();
    const { ticket } = await honest.invite(2);
    const bootstrap = home.bootstrapFile('bootstrap.json', { ticket, peers: first.mesh });
    await liar.start({ bootstrap, program: WRONG_NODE, environment: { WRONG: lie } });
    const [{ hash }] = await honest.command<[{ hash: string }]>('data', 'list');
    const search = { preset: 'quick', generations: 8, units: UNITS, seed: 'liar', permutations: 0 } as const;
    const job = await honest.createJob({ dataset: hash, ...search });

    const disputed = await until('both have answered and differ', async () => {
      const units = await honest.units(job.id);
      return units.every((unit) => unit.state === 'disputed') && units;
    });
    for (const unit of disputed) {
      t.equal(unit.results.length, 2, 'two answers');
      t.match(unit.reason, /Machines disagree \(1 of 2 replicas agree\); one more replica decides/);
    }
    const views = [...(await honest.results()), ...(await liar.results())];
    t.notOk(
      views.some((result) => result.state === 'validated'),
      'nothing is shown as validated by anybody',
    );

    await third.start({ bootstrap });
    const units = await until('the third replica decides', () => allValidated(honest, job.id, UNITS));
    for (const unit of units) {
      t.equal(unit.results.length, 3, 'one more replica, no more');
      for (const result of unit.results) {
        t.equal(result.agrees, result.peerId !== liar.ready.peerId, `${result.name}: the honest two make the verdict`);
      }
    }
    const root = (await honest.status()).ledger.root;
    await until('the third holds the same to be true', async () => (await third.status()).ledger.root === root);
    await until('even the liar holds the same to be true', async () => (await liar.status()).ledger.root === root);
    const shown = await until('the third has checked the champions', async () => {
      const results = await third.results();
      return results.length > 0 && results;
    });
    t.ok(
      shown.every((result) => result.state === 'validated' && result.votes === 2),
      'what is shown is the honest answer',
    );
    const blamed = (await honest.members()).find((member) => member.peerId === liar.ready.peerId);
    t.equal(blamed?.agreement, 0, 'its agreement is 0 %');
  });
}
