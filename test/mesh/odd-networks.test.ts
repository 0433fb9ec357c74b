// Networks and copies that are not as they should be, with real processes on hosts of their own: addresses from bootstrap.json
// alone, a link that carries one way only, a data directory that was copied to another machine. Work goes on meanwhile.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { agree, connectedTo } from '../support/connections.ts';
import { Lan, whyNoNamespaces } from '../support/namespaces.ts';
import { TestHome, type TestNode, until } from '../support/nodes.ts';
import { allDone, giveWork } from '../support/work.ts';

const skip = whyNoNamespaces() ?? false;
/** What the product promises. */
const BACK_MS = 10_000;
const PORTS = ['--mesh-port', '22071', '--lobby-port', '22072'];
const NO_MULTICAST = [...PORTS, '--no-mdns'];
const PEERS = [1, 2, 3].map((host) => `/ip4/10.77.0.${host}/tcp/22071`);
const UNITS = 6;

/** Three hosts; the first has founded a mesh and made a ticket for the two others. */
async function threeHosts(t: Test, args: readonly string[]) {
  const lan = new Lan(3);
  const home = new TestHome();
  t.teardown(async () => {
    await home.close();
    lan.close();
  });
  const nodes = ['one', 'two', 'three'].map((name, i) => home.node(name, lan.on(i + 1))) as [
    TestNode,
    TestNode,
    TestNode,
  ];
  await nodes[0].start({ args });
  const { ticket } = await nodes[0].invite(2);
  return { lan, home, nodes, ticket };
}

const isWhole = async (nodes: readonly TestNode[]): Promise<boolean> =>
  nodes.every((node) => connectedTo(node) === nodes.length - 1);

/** All hold the same within what is promised, counted from `began`. */
async function agreed(t: Test, nodes: readonly TestNode[], what: string, began = performance.now()): Promise<void> {
  await until(`all agree ${what}`, () => agree(nodes), 60_000);
  const took = Math.round(performance.now() - began);
  t.ok(took <= BACK_MS, `${what}: equal roots after ${took} ms`);
}

t.test('bootstrap.json alone', { skip, timeout: 300_000 }, async (t) => {
  const { home, nodes, ticket } = await threeHosts(t, NO_MULTICAST);
  const [one, two, three] = nodes;
  // The same file on each: the founder's own address and ticket are in it, too.
  const bootstrap = home.bootstrapFile('bootstrap.json', { ticket, peers: PEERS });
  await Promise.all([two, three].map((node) => node.start({ args: NO_MULTICAST, bootstrap })));
  await until('all are connected', () => isWhole(nodes));
  const job = await giveWork(two, UNITS);
  await allDone(t, nodes, job, UNITS);

  for (const node of nodes) {
    t.equal(await node.stop(), 0);
    // What it had learnt of where the others are.
    rmSync(join(node.dataDir, 'peers.json'), { force: true });
  }
  await Promise.all(nodes.map((node) => node.start({ args: NO_MULTICAST, bootstrap })));
  const began = performance.now();
  await until('they find each other again', async () => {
    const states = await Promise.all(nodes.map((node) => node.status()));
    return states.every(({ mesh }) => mesh.connected === 2);
  });
  await agreed(t, [one, two, three], 'after all were started again', began);
});

t.test('a link that carries one way only', { skip, timeout: 300_000 }, async (t) => {
  const { lan, nodes, ticket } = await threeHosts(t, PORTS);
  const [one, two, three] = nodes;
  await Promise.all([two, three].map((node) => node.start({ args: PORTS, join: ticket })));
  await until('all are connected', () => isWhole(nodes));
  lan.silence(1, 2);
  const job = await giveWork(one, UNITS);
  await allDone(t, nodes, job, UNITS);
  await agreed(t, nodes, 'while one cannot reach the other');
  t.equal(await one.stop(), 0);
  const since = one.log().length;
  await one.start({ args: PORTS });
  await until('one has found the third', async () => connectedTo(one, since) >= 1, 30_000);
  await one.invite(1);
  await agreed(t, nodes, 'with the third between the two');
  lan.unsilence(1, 2);
  const healed = performance.now();
  await agreed(t, nodes, 'after healing', healed);
  await until('the two are connected', async () => connectedTo(one, since) === 2, 90_000);
  t.comment(`connected ${Math.round(performance.now() - healed)} ms after healing`);
  const more = await giveWork(three, UNITS);
  await allDone(t, nodes, more, UNITS);
});

t.test('a data directory that was copied to another machine', { skip, timeout: 300_000 }, async (t) => {
  const { lan, home, nodes, ticket } = await threeHosts(t, PORTS);
  const [one, two] = nodes;
  await two.start({ args: PORTS, join: ticket });
  await until('both are connected', async () => connectedTo(one) === 1 && connectedTo(two) === 1);
  const first = await giveWork(two, 2);
  await allDone(t, [one, two], first, 2);
  t.equal(await two.stop(), 0);
  const copy = home.node('copy', lan.on(3));
  cpSync(two.dataDir, copy.dataDir, { recursive: true });
  await two.start({ args: PORTS });
  await until('two is back', async () => (await two.status()).mesh.connected === 1, 30_000);
  await copy.start({ args: PORTS });
  const told = await until(
    'somebody is told of the copy',
    async () => {
      const states = await Promise.all([one, copy].map((node) => node.status()));
      return states.flatMap(({ problems }) => problems).find(({ code }) => code === 'same_identity_twice');
    },
    60_000,
  );
  t.match(told.message, /a data directory was copied/);
  // Both write under one key: the copy, on a machine that is not the log's, in a log of its own.
  await giveWork(two, 1);
  await giveWork(copy, 1);
  const job = await giveWork(one, UNITS);
  await allDone(t, [one, two], job, UNITS);
  t.equal(await two.stop(), 0);
  await until(
    'the copy is let in when the other has gone',
    async () => {
      return (await copy.status()).mesh.connected === 1;
    },
    90_000,
  );
  await agreed(t, [one, copy], 'with the copy');
  t.equal(await copy.stop(), 0);
  await two.start({ args: PORTS });
  await until('two is back again', async () => (await two.status()).mesh.connected === 1, 30_000);
  await agreed(t, [one, two], 'without the copy');
  for (const node of [one, two]) {
    t.match(await node.verify(), { ok: true });
    const { logs } = await node.ledger();
    t.notOk(
      logs.some(({ frozenAt }) => frozenAt !== null),
      `${node.name}: no log has forked`,
    );
    t.equal(logs.filter(({ author }) => author === two.ready.peerId).length, 2, 'the copy wrote in a log of its own');
  }
});
