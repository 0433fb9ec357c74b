// Machines of one local network, with nothing but multicast between them: digits on both screens, one click, a window for many.
// The screens are browsers on those machines (check 20 of the page).
import { existsSync, readdirSync } from 'node:fs';
import t, { type Test } from 'tap';
import type { NodeStatus } from '../../src/ui/api.ts';
import type { PairingView, PendingView } from '../../src/ui/api-members.ts';
import { PAGES, pathOf } from '../../src/ui/places.ts';
import { Lan, whyNoNamespaces } from '../support/namespaces.ts';
import { TestHome, type TestNode, until } from '../support/nodes.ts';
import { launchOn, noBrowser, shown, type Visit, visit } from '../ui/browser.ts';

const skip = whyNoNamespaces() ?? false;
const ANY_PORT = ['--mesh-port', '0', '--lobby-port', '0'];
/** “Within seconds”, also on a busy machine. */
const SEEN_MS = 15_000;

const pendingOf = async (node: TestNode): Promise<PendingView[]> => (await node.get<PairingView>('pairing')).pending;
const statusOf = (node: TestNode): Promise<NodeStatus> => node.status();

type Host = [node: TestNode, prefix: string[]];

/** With a browser on both hosts, else by the command. */
async function letInByPage(t: Test, here: Host, there: Host, folder: string): Promise<void> {
  const [[desk], [shed]] = [here, there];
  const online = (): Promise<boolean> =>
    until('they are connected', async () => (await statusOf(shed)).mesh.connected === 1, 30_000);
  if (noBrowser !== false) {
    t.comment(noBrowser);
    t.same(await desk.command('admit', 'shed'), { peerId: shed.ready.peerId, name: 'shed', role: 'member' });
    await online();
    return;
  }
  const browsers = await Promise.all([here, there].map(([, prefix]) => launchOn(prefix, folder)));
  t.teardown(() => Promise.all(browsers.map((browser) => browser.close())));
  const [onDesk, onShed] = await Promise.all([desk, shed].map((node, i) => visit(browsers[i]!, node.ready.ui)));
  const digits = async ({ page }: Visit): Promise<string> => {
    await page.locator('.request .digits').waitFor({ timeout: 30_000 });
    return shown(page.locator('.request .digits'));
  };
  const said = await digits(onDesk!);
  t.match(said, /^\d{3} \d{3}$/);
  t.equal(await digits(onShed!), said, 'the same on both screens');
  for (const name of PAGES) {
    await onDesk!.page.goto(new URL(pathOf(name), desk.ready.ui).href);
    t.equal(await digits(onDesk!), said, `and on the page ${name}`);
  }
  const clicked = performance.now();
  await onDesk!.page.getByRole('button', { name: 'Let in: shed' }).click();
  await online();
  t.ok(performance.now() - clicked < 10_000, `online ${Math.round(performance.now() - clicked)} ms after the click`);
  t.same([...onDesk!.faults, ...onShed!.faults], []);
  await Promise.all(browsers.map((browser) => browser.close()));
}

t.test('new machines on one network', { skip, timeout: 300_000 }, async (t) => {
  const lan = new Lan(4);
  const home = new TestHome();
  t.teardown(async () => {
    await home.close();
    lan.close();
  });
  const nodes = ['desk', 'shed', 'attic', 'barn'].map((name, i) => home.node(name, lan.on(i + 1)));
  const [desk, shed, attic, barn] = nodes as [TestNode, TestNode, TestNode, TestNode];
  await Promise.all([desk, shed].map((node) => node.start({ args: ANY_PORT })));
  const own = (await statusOf(shed)).meshId;
  const seen = await until(
    'desk sees shed',
    async () => (await pendingOf(desk)).find(({ name }) => name === 'shed'),
    SEEN_MS,
  );
  const back = await until(
    'shed sees desk',
    async () => (await pendingOf(shed)).find(({ name }) => name === 'desk'),
    SEEN_MS,
  );
  t.equal(back.digits, seen.digits, `both nodes say ${seen.digits}`);
  t.equal(back.peerId, desk.ready.peerId);
  await letInByPage(t, [desk, lan.on(1)], [shed, lan.on(2)], home.path);
  t.equal((await statusOf(shed)).meshId, (await statusOf(desk)).meshId);
  t.ok(existsSync(`${shed.dataDir}/ledger-${own.slice(0, 16)}`), 'shed keeps the ledger of its own mesh');
  t.match(await shed.command('pending', '--open', '5'), { error: { code: 'role' } }, 'a member opens no window');

  await desk.command('pending', '--close');
  await Promise.all([attic, barn].map((node) => node.start({ args: ANY_PORT })));
  await until(
    'attic and barn see each other',
    async () => (await pendingOf(attic)).some(({ name }) => name === 'barn'),
    SEEN_MS,
  );
  t.same(await pendingOf(desk), [], 'and the mesh, whose window is closed, sees neither');
  t.notOk((await pendingOf(attic)).some(({ name }) => name === 'desk'));
  t.match(await desk.command('admit', 'attic'), { error: { code: 'pairing_closed' } });
  await desk.command('pending', '--open', '5');
  const all = await until(
    'both are seen',
    async () => {
      const pending = await pendingOf(desk);
      return pending.length === 2 && pending;
    },
    SEEN_MS,
  );
  for (const [i, node] of [attic, barn].entries()) {
    const there = await until(
      'by them too',
      async () => (await pendingOf(node)).find(({ name }) => name === 'desk'),
      SEEN_MS,
    );
    t.equal(there.digits, all[i]!.digits, `${node.name} shows the same digits as desk`);
  }
  t.match(await desk.command('admit', '--all', '--yes', '--role', 'worker'), {
    admitted: [
      { name: 'attic', role: 'worker' },
      { name: 'barn', role: 'worker' },
    ],
    refused: [],
  });
  await until(
    'all are in one mesh',
    async () => {
      const lists = await Promise.all(nodes.map((node) => node.members()));
      return lists.every((items) => items.length === 4);
    },
    30_000,
  );
  t.equal(readdirSync(barn.dataDir).filter((name) => /^ledger-[0-9a-f]{16}$/.test(name)).length, 1);
  await desk.command('pending', '--close');
  await until('with the window the door closes', async () => !(await statusOf(desk)).lobbyOpen, 5000);
});
