// What networks do to a mesh, with real processes on hosts of their own: it falls into halves, one host is cut off, one flaps,
// all start again at once, one is closed like a lid. Entries are written on both sides meanwhile; after each, all are
// connected and hold the same within seconds, and nothing that was acknowledged is missing. `npm run storms`.
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import type { LedgerView } from '../../src/ui/api.ts';
import { agree, connectedTo } from '../support/connections.ts';
import { Lan, whyNoNamespaces } from '../support/namespaces.ts';
import { TestHome, type TestNode, until } from '../support/nodes.ts';

const rounds = Number(process.env.STRATMESH_STORMS ?? 0);
const skip = rounds === 0 ? 'takes minutes: npm run storms' : (whyNoNamespaces() ?? false);
const HOSTS = 4;
/** What the product promises after healing; the commands that ask whether all agree take some of it. */
const BACK_MS = 10_000;
const PORTS = ['--mesh-port', '22071', '--lobby-port', '22072'];

async function mesh(t: { teardown(handler: () => unknown): void }) {
  const lan = new Lan(HOSTS);
  const home = new TestHome();
  t.teardown(async () => {
    await home.close();
    lan.close();
  });
  const nodes = Array.from({ length: HOSTS }, (_, i) => home.node(`host-${i + 1}`, lan.on(i + 1)));
  const first = nodes[0]!;
  await first.start({ args: PORTS });
  const { ticket } = await first.command<{ ticket: string }>('invite', '--role', 'admin', '--uses', String(HOSTS));
  for (const node of nodes.slice(1)) await node.start({ args: PORTS, join: ticket });
  return { lan, nodes };
}

const entriesOf = async (node: TestNode): Promise<number> => (await node.command<LedgerView>('ledger', 'root')).entries;

t.test(`storms, ${rounds} rounds`, { skip, timeout: 0 }, async (t) => {
  const { lan, nodes } = await mesh(t);
  const others = HOSTS - 1;
  let written = 0;
  const write = async (on: readonly TestNode[]): Promise<void> => {
    for (const node of on) {
      await node.command('invite');
      written += 1;
    }
  };
  let since = nodes.map(() => 0);
  const isWhole = async (): Promise<boolean> => nodes.every((node, i) => connectedTo(node, since[i]) === others);
  const healed = async (what: string): Promise<void> => {
    const began = performance.now();
    await until(`all are connected after ${what}`, isWhole, 90_000);
    const took = Math.round(performance.now() - began);
    t.ok(took <= BACK_MS, `${what}: connected in ${took} ms`);
    await until(`all agree after ${what}`, () => agree(nodes), 30_000);
  };
  await healed('the start');
  const before = await entriesOf(nodes[0]!);
  const [a, b, c, d] = nodes as [TestNode, TestNode, TestNode, TestNode];
  for (let round = 0; round < rounds; round += 1) {
    for (const host of [3, 4]) lan.unplug(host);
    await until(
      'the halves are apart',
      async () => [2, 3].every((i) => connectedTo(nodes[i]!, since[i]) === 0),
      30_000,
    );
    await write([a, b, c, d]);
    await delay(20_000);
    for (const host of [3, 4]) lan.plugIn(host);
    await healed('halves');

    lan.cut(2);
    await write([a, b]);
    // Nobody is told: connections are dead and look alive.
    await delay(20_000);
    lan.join(2);
    await healed('one cut off without being told');

    for (let flap = 0; flap < 8; flap += 1) {
      lan.unplug(3);
      await delay(1500);
      lan.plugIn(3);
      await delay(1500);
    }
    await write([c]);
    await healed('flapping every 3 s');

    await Promise.all(nodes.map((node) => node.kill()));
    since = nodes.map((node) => node.log().length);
    await Promise.all(nodes.map((node) => node.start({ args: PORTS })));
    await healed('all started again at once');

    d.freeze();
    await write([a]);
    await delay(90_000);
    d.thaw();
    await healed('a lid that was closed for 90 s');
  }
  t.equal((await entriesOf(d)) - before, written, 'every entry that was acknowledged is there');
});
