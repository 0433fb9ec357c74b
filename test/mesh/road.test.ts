// A laptop on the road, with real processes on hosts of their own: it loses its network, gets another address, sleeps, and is
// back in the mesh within seconds. Members know each other by their address books alone; multicast is off.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import type { MemberView, Page } from '../../src/ui/api.ts';
import { agree, connectedTo } from '../support/connections.ts';
import { Lan, whyNoNamespaces } from '../support/namespaces.ts';
import { TestHome, type TestNode, until } from '../support/nodes.ts';

const skip = whyNoNamespaces() ?? false;
/** What the product promises. */
const BACK_MS = 10_000;
const PORTS = ['--mesh-port', '22071', '--lobby-port', '22072', '--no-mdns'];

const stateOf = async (node: TestNode, name: string): Promise<string | undefined> =>
  (await node.command<Page<MemberView>>('members')).items.find((member) => member.name === name)?.state;

/** The address book is written every half minute. */
const addressesKnown = async (node: TestNode): Promise<string> =>
  readFileSync(join(node.dataDir, 'peers.json'), 'utf8');

/** Three members, all connected; the third one travels. */
async function three(t: { teardown(handler: () => unknown): void }) {
  const lan = new Lan(3);
  const home = new TestHome();
  t.teardown(async () => {
    await home.close();
    lan.close();
  });
  const nodes = ['desk', 'shed', 'laptop'].map((name, i) => home.node(name, lan.on(i + 1))) as [
    TestNode,
    TestNode,
    TestNode,
  ];
  const [desk, shed, laptop] = nodes;
  await desk.start({ args: PORTS });
  const { ticket } = await desk.command<{ ticket: string }>('invite', '--uses', '2', '--role', 'admin');
  await Promise.all([shed, laptop].map((node) => node.start({ args: PORTS, join: ticket })));
  const isWhole = async (): Promise<boolean> => nodes.every((node) => connectedTo(node) === 2);
  await until('all are connected', isWhole);
  /** ms from then until all are connected again; soon they agree. */
  const back = async (what: string, began: number): Promise<number> => {
    await until(`back after ${what}`, isWhole);
    const took = Math.round(performance.now() - began);
    await until(`agreed after ${what}`, () => agree(nodes), BACK_MS);
    return took;
  };
  return { lan, desk, shed, laptop, back };
}

t.test('a network that goes and comes, another address, a closed lid', { skip, timeout: 300_000 }, async (t) => {
  const { lan, desk, shed, laptop, back } = await three(t);
  const measured: Record<string, number> = {};
  const measure = async (what: string, began = performance.now()): Promise<void> => {
    measured[what] = await back(what, began);
    t.ok(measured[what]! <= BACK_MS, `${what}: back in ${measured[what]} ms`);
  };

  /** Until all hold what was said on both sides after it had moved: old connections may look alive for a while. */
  const measureMove = async (what: string, move: () => void): Promise<void> => {
    move();
    const began = performance.now();
    await Promise.all([desk, laptop].map((node) => node.invite(1)));
    await until(`the news has arrived after ${what}`, () => agree([desk, shed, laptop]), 30_000);
    measured[what] = Math.round(performance.now() - began);
    t.ok(measured[what] <= BACK_MS, `${what}: back in ${measured[what]} ms`);
    await back(what, began);
    // When nobody compares ledgers any more: what is said over a connection that looks alive and is not does not arrive for long.
    await delay(6000);
    await desk.invite(1);
    await until(`and goes on arriving after ${what}`, () => agree([desk, shed, laptop]), BACK_MS);
  };

  lan.unplug(3);
  await until('the laptop knows that it is alone', async () => connectedTo(laptop) === 0, 20_000);
  // Long enough for the ladder to climb.
  await delay(20_000);
  await desk.command('invite');
  lan.plugIn(3);
  await measure('20 s without a network');

  await measureMove('another address', () => {
    // As behind a router: nobody says that the old address is gone.
    for (const host of [1, 2]) lan.silence(host, 3);
    lan.readdress(3, '10.77.0.30/24');
  });
  lan.addIpv6();
  await until('the others know of it', async () => /fd77::3/.test(await addressesKnown(desk)), 40_000);
  await measureMove('IPv6 alone', () => lan.readdress(3, undefined));

  laptop.freeze();
  await delay(20_000);
  await shed.command('invite').catch(() => undefined);
  const asleep = laptop.log().length;
  laptop.thaw();
  const began = performance.now();
  // It trusts no connection from before its sleep, as soon as it has noticed that it slept.
  await until('it has noticed', async () => /member\.disconnected/.test(laptop.log().slice(asleep)), 10_000);
  await measure('a lid that was closed for 20 s', began);

  t.equal(await laptop.stop(), 0);
  await until('who stops is asleep, not lost', async () => (await stateOf(desk, 'laptop')) === 'asleep', 5000);
  t.comment(JSON.stringify(measured));
});
