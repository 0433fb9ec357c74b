// What networks do to a mesh at work, with real processes on hosts of their own: it falls into halves, one host is cut off, one
// flaps, one gets another address, all start again at once, one is closed like a lid, twenty come at once. Work and entries go on
// meanwhile, on all sides; after each, all are connected and hold the same within seconds, and no unit and no entry is lost.
// `npm run storms`.
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { agree, connectedTo } from '../support/connections.ts';
import { Lan, whyNoNamespaces } from '../support/namespaces.ts';
import { TestHome, type TestNode, until } from '../support/nodes.ts';
import { allDone, giveWork } from '../support/work.ts';

const rounds = Number(process.env.STRATMESH_STORMS ?? 0);
const skip = rounds === 0 ? 'takes minutes: npm run storms' : (whyNoNamespaces() ?? false);
const HOSTS = 4;
const CROWD = 20;
/** As long as one storm lasts, and what is left of it afterwards. */
const UNITS = 12;
/** What the product promises after healing. */
const BACK_MS = 10_000;
const PORTS = ['--mesh-port', '22071', '--lobby-port', '22072'];

class Weather {
  readonly lan: Lan;
  readonly home = new TestHome();
  readonly nodes: readonly TestNode[];
  /** Lengths of the logs when the nodes were last started. */
  since: number[];
  /** Entries that were acknowledged. */
  written = 0;
  readonly #t: Test;

  constructor(t: Test, hosts: number) {
    this.#t = t;
    this.lan = new Lan(hosts);
    this.nodes = Array.from({ length: hosts }, (_, i) => this.home.node(`host-${i + 1}`, this.lan.on(i + 1)));
    this.since = this.nodes.map(() => 0);
    t.teardown(async () => {
      await this.home.close();
      this.lan.close();
    });
  }

  async write(...on: readonly TestNode[]): Promise<void> {
    for (const node of on) {
      await node.invite(1);
      this.written += 1;
    }
  }

  async isWhole(): Promise<boolean> {
    return this.nodes.every((node, i) => connectedTo(node, this.since[i]) === this.nodes.length - 1);
  }

  /** Work goes on before and during the storm; while it is measured how soon all hold the same, nobody writes. */
  async storm(what: string, blow: () => Promise<void>, heal: () => unknown): Promise<void> {
    const job = await giveWork(this.nodes[0]!, UNITS);
    await until('work has begun', async () =>
      (await this.nodes[1]!.units(job)).some(({ results }) => results.length > 0),
    );
    await blow();
    await Promise.all(this.nodes.map((node) => node.post('node/pause', {}).catch(() => undefined)));
    await heal();
    const began = performance.now();
    await this.healed(what, began);
    await Promise.all(this.nodes.map((node) => node.post('node/resume', {})));
    await allDone(this.#t, this.nodes, job, UNITS);
  }

  async healed(what: string, began = performance.now()): Promise<void> {
    const passed = (): number => Math.round(performance.now() - began);
    await until(`all are connected after ${what}`, () => this.isWhole(), 90_000);
    const connected = passed();
    await until(`all agree after ${what}`, () => agree(this.nodes), 30_000);
    this.#t.ok(passed() <= BACK_MS, `${what}: connected after ${connected} ms, equal roots after ${passed()} ms`);
  }
}

async function invitesOf(node: TestNode): Promise<number> {
  return (await node.ledger()).byKind.invite ?? 0;
}

t.test(`storms, ${rounds} rounds`, { skip, timeout: 0 }, async (t) => {
  const weather = new Weather(t, HOSTS);
  const { lan, nodes } = weather;
  const [a, b, c, d] = nodes as [TestNode, TestNode, TestNode, TestNode];
  await a.start({ args: PORTS });
  const { ticket } = await a.post<{ ticket: string }>('invites', { role: 'admin', uses: HOSTS });
  for (const node of nodes.slice(1)) await node.start({ args: PORTS, join: ticket });
  await agree(nodes);
  await weather.healed('the start');
  const before = await invitesOf(a);
  const isApart = (...hosts: number[]) =>
    until(
      'nobody hears them',
      async () => hosts.every((host) => connectedTo(nodes[host - 1]!, weather.since[host - 1]) <= hosts.length - 1),
      60_000,
    );
  for (let round = 0; round < rounds; round += 1) {
    await weather.storm(
      'halves',
      async () => {
        for (const host of [3, 4]) lan.unplug(host);
        await isApart(3, 4);
        await weather.write(a, b, c, d);
        await delay(20_000);
      },
      () => [3, 4].forEach((host) => void lan.plugIn(host)),
    );
    await weather.storm(
      'one cut off without being told',
      async () => {
        lan.cut(2);
        await weather.write(a, b);
        // Connections are dead and look alive.
        await delay(20_000);
      },
      () => lan.join(2),
    );
    await weather.storm(
      'flapping every 3 s',
      async () => {
        for (let flap = 0; flap < 8; flap += 1) {
          lan.unplug(3);
          await delay(1500);
          lan.plugIn(3);
          await delay(1500);
        }
        await weather.write(c);
      },
      () => undefined,
    );
    await weather.storm(
      'another address for one',
      () => delay(1000),
      async () => {
        lan.readdress(3, `10.77.0.${round % 2 === 0 ? 30 : 3}/24`);
        await weather.write(a, c);
      },
    );
    await weather.storm(
      'all started again at once',
      async () => {
        await Promise.all(nodes.map((node) => node.kill()));
        weather.since = nodes.map((node) => node.log().length);
      },
      () => Promise.all(nodes.map((node) => node.start({ args: PORTS }))),
    );
    await weather.storm(
      'a lid that was closed for 90 s',
      async () => {
        d.freeze();
        await weather.write(a);
        await delay(90_000);
      },
      () => d.thaw(),
    );
  }
  for (const node of nodes) {
    t.equal(
      (await invitesOf(node)) - before,
      weather.written,
      `${node.name}: every entry that was acknowledged is there`,
    );
    t.match(await node.verify(), { ok: true });
  }
});

t.test(`${CROWD} machines at once`, { skip, timeout: 0 }, async (t) => {
  const weather = new Weather(t, CROWD + 1);
  const [founder, ...crowd] = weather.nodes;
  await founder!.start({ args: PORTS });
  const { ticket } = await founder!.invite(CROWD);
  const bootstrap = weather.home.bootstrapFile('bootstrap.json', { ticket, peers: ['/ip4/10.77.0.1/tcp/22071'] });
  const job = await giveWork(founder!, UNITS);
  const began = performance.now();
  await Promise.all(crowd.map((node) => node.start({ args: PORTS, bootstrap })));
  t.comment(`all are in after ${Math.round(performance.now() - began)} ms`);
  await until('all are connected with all', () => weather.isWhole(), 120_000);
  t.comment(`all are connected with all after ${Math.round(performance.now() - began)} ms`);
  await allDone(t, weather.nodes, job, UNITS);
  const quiet = performance.now();
  await until('all agree', () => agree(weather.nodes), 60_000);
  t.ok(
    performance.now() - quiet <= BACK_MS,
    `equal roots ${Math.round(performance.now() - quiet)} ms after the last unit`,
  );
  t.equal((await founder!.ledger()).byKind.admit, CROWD, 'each was let in once');
  t.match(await crowd.at(-1)!.verify(), { ok: true });
});
