// Two machines on one LAN, without any address written down, find each other by multicast DNS.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { InviteView } from '../../src/ui/api-members.ts';
import { agree } from '../support/connections.ts';
import { Lan, whyNoNamespaces } from '../support/namespaces.ts';
import { TestHome, until } from '../support/nodes.ts';
import { allDone, giveWork } from '../support/work.ts';

const skip = whyNoNamespaces();
/** What the product promises. */
const BACK_MS = 10_000;
const UNITS = 4;
const ANY_PORT = ['--mesh-port', '0', '--lobby-port', '0'];

t.test('members without bootstrap addresses', { skip: skip ?? false }, async (t) => {
  const lan = new Lan(2);
  const home = new TestHome();
  t.teardown(async () => {
    await home.close();
    lan.close();
  });
  const one = home.node('one', lan.on(1));
  const two = home.node('two', lan.on(2));
  await one.start({ args: ANY_PORT });
  const { ticket, addresses } = await one.command<InviteView>('invite');
  t.ok(
    addresses.some((address) => address.startsWith('/ip4/10.77.0.1/')),
    'the ticket names the LAN address of the door',
  );
  t.notOk(
    addresses.some((address) => address.includes('/127.0.0.1/')),
    'and not the loopback one',
  );
  await two.start({ args: ANY_PORT, join: ticket });
  const peersOf = async (node: typeof one): Promise<number> => (await node.status()).mesh.connected;
  await until(
    'they are connected after the admission',
    async () => (await peersOf(one)) === 1 && (await peersOf(two)) === 1,
  );
  await allDone(t, [one, two], await giveWork(one, UNITS), UNITS);

  // All that is left to know each other by is the ledger, which holds no addresses; the ports are new ones.
  for (const node of [one, two]) {
    await node.stop();
    rmSync(join(node.dataDir, 'peers.json'), { force: true });
  }
  await one.start({ args: ANY_PORT });
  await one.invite(1);
  await two.start({ args: ANY_PORT });
  const began = performance.now();
  await until('they find each other again', async () => (await peersOf(one)) === 1 && (await peersOf(two)) === 1);
  await until('they agree', () => agree([one, two]));
  const took = Math.round(performance.now() - began);
  t.ok(took <= BACK_MS, `equal roots after ${took} ms`);
  await allDone(t, [one, two], await giveWork(two, UNITS), UNITS);

  for (const node of [one, two]) {
    await node.stop();
    rmSync(join(node.dataDir, 'peers.json'), { force: true });
  }
  await one.start({ args: [...ANY_PORT, '--no-mdns'] });
  await two.start({ args: [...ANY_PORT, '--no-mdns'] });
  await t.rejects(
    until('a connection', async () => (await peersOf(two)) === 1, 8000),
    /not within/,
    'with --no-mdns they do not: it was multicast that brought them together',
  );
});
