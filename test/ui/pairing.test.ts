// Machines at the door, on every page: the digits of both sides, the two answers, the window; and a removal with its cuts.
import '../../src/node/polyfill.ts';
import t from 'tap';
import { startServer } from '../../src/ui/server.ts';
import { homeOf, type Machine, machine } from '../node/support/machine.ts';
import { ask, launch, noBrowser, reads, textOf, visit } from './browser.ts';
import { careOf } from './fixture-care.ts';
import { HOSTILE_NAME, pendingOf } from './fixture-data.ts';
import { createFixtureNode } from './fixture-node.ts';
import { PAGE, startHarness, systemClock, until } from './harness.ts';

const PATHS = ['/', '/work', '/results', '/peers', '/ledger'];

t.test('two machines, two pages, six digits, one click', { skip: noBrowser }, async (t) => {
  const home = homeOf(t);
  const both = ['desk', 'attic'].map((name) => machine(t, home, name, { config: { mdns: true } }));
  for (const each of both) await each.place.enter(undefined);
  const [desk, attic] = both as [Machine, Machine];
  // What multicast does where there is some.
  const meet = (): void => {
    for (const [to, from] of [
      [desk, attic],
      [attic, desk],
    ] as const)
      to.session().pairing.heard(from.peerId, from.session().lobby.addresses());
  };
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const pageOf = async ({ port }: Machine): Promise<string> => {
    const server = await startServer(
      { node: port, log, clock: systemClock, ...careOf(t) },
      { host: '127.0.0.1', port: 0, assets: PAGE },
    );
    t.teardown(() => server.stop());
    return server.url;
  };
  const browser = await launch();
  t.teardown(() => browser.close());
  const here = await visit(browser, await pageOf(desk));
  const there = await visit(browser, await pageOf(attic));
  await until('both doors are open', () => both.every((each) => each.session().lobby.addresses().length > 0));
  meet();
  await until('the nodes have met', () => [desk, attic].every(({ port }) => port.pairing().pending.length === 1));
  const began = Date.now();
  await here.page.waitForSelector('.request');
  await there.page.waitForSelector('.request');
  t.ok(Date.now() - began < 2_000, `on both pages after ${Date.now() - began} ms`);
  const digits = await textOf(here.page, '.digits');
  t.match(digits, /^\d{3} \d{3}$/);
  t.equal(await textOf(there.page, '.digits'), digits, 'the same on both');
  t.equal(digits.replace(' ', ''), desk.port.pairing().pending[0]!.digits, 'and those of the node');
  await here.page.getByRole('combobox', { name: 'Role of attic' }).selectOption('worker');
  await here.page.getByRole('button', { name: 'Let in: attic' }).click();
  const clicked = Date.now();
  await here.page.goto(new URL('/peers', here.page.url()).href);
  await reads(here.page, '.panel-peers tbody', /attic/);
  await until('it is connected', () => desk.port.members().find(({ name }) => name === 'attic')?.connected === true);
  t.ok(Date.now() - clicked < 10_000, `online after ${Date.now() - clicked} ms`);
  t.equal(desk.port.members().find(({ name }) => name === 'attic')?.role, 'worker');
  await until('nobody is asked any more', async () => (await there.page.locator('.request').count()) === 0);
  t.same([...here.faults, ...there.faults], []);
});

t.test('in the browser', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = async (path: string, node = createFixtureNode()) => {
    const server = await startHarness({ node });
    t.teardown(() => server.stop());
    return { server, node, ...(await visit(browser, new URL(path, server.url).href)) };
  };

  await t.test('a request is on every page, and what its owner called the machine is text', async (t) => {
    const { page, context, node, faults } = await open('/');
    node.change(({ pairing }) => pairing.pending.push(pendingOf('attic', { name: HOSTILE_NAME })));
    await reads(page, '.request', /<img src=x onerror=alert\(1\)>” wants to join[\s\S]*042 137/);
    t.equal(await page.locator('.request img').count(), 0);
    for (const path of PATHS) {
      await page.goto(new URL(path, page.url()).href);
      await reads(page, '.request .digits', /042 137/);
    }
    t.same(faults, []);
    await context.close();
  });

  await t.test('the list changes when the node says so, not before', async (t) => {
    const node = createFixtureNode();
    node.change(({ pairing }) => pairing.pending.push(pendingOf('attic'), pendingOf('barn')));
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { refuse } = node;
    const slow = { ...node, listeners: 0, refuse: (who: string) => held.then(() => refuse(who)) };
    const { page, context } = await open('/', slow);
    await reads(page, '.requests', /attic[\s\S]*barn/);
    await page.getByRole('button', { name: 'Refuse: barn' }).click();
    await until('it waits', async () => (await page.locator('.request button[aria-busy=true]').count()) === 2);
    t.match(await textOf(page, '.requests'), /barn/, 'still there');
    release();
    await until('barn is gone', async () => (await page.locator('.request').count()) === 1);
    t.same(node.calls, ['refuse barn-peer']);
    await page.getByRole('button', { name: 'Let in: attic' }).click();
    await page.waitForSelector('.request', { state: 'detached' });
    t.equal(node.calls.at(-1), 'admit attic-peer member');
    await context.close();
  });

  await t.test('who may take this machine in shows the digits and no button to let it in', async (t) => {
    const node = createFixtureNode({ alone: true });
    node.change(({ pairing }) =>
      pairing.pending.push(pendingOf('casa', { canAdmit: false, canJoin: true, members: 5 })),
    );
    const { page, context } = await open('/', node);
    await reads(page, '.request', /can take this machine into “casa mesh”[\s\S]*042 137[\s\S]*in there/);
    t.equal(await page.getByRole('button', { name: /Let in/ }).count(), 0);
    t.equal(await page.getByRole('button', { name: 'Refuse: casa' }).count(), 1);
    await context.close();
  });

  await t.test('the window opens for as long as is said, and closes', async (t) => {
    const { page, context, node } = await open('/peers');
    await reads(page, '.pairing', /Closed/);
    const control = page.getByRole('switch', { name: 'Pairing without a ticket' });
    await page.locator('.pairing').getByText('30 min').click();
    await control.click({ force: true });
    await reads(page, '.pairing', /let in here, for (30|29)\smin/);
    t.same(node.calls, ['openPairing host 30']);
    await control.click({ force: true });
    await reads(page, '.pairing', /Closed/);
    t.same(node.calls, ['openPairing host 30', 'closePairing']);
    node.change(({ members }) => Object.assign(members[0]!, { role: 'member' }));
    await until('a member cannot', () => control.isDisabled());
    t.equal(
      await page.locator('.pairing label.switch').getAttribute('title'),
      'Only an admin of the mesh lets machines in.',
    );
    await context.close();
  });

  await t.test('a removal keeps or discards, and says who has heard', async (t) => {
    const { page, context, node, faults } = await open('/peers');
    const [, mac, pc] = node.snapshot().members;
    await page.goto(new URL(`/peers/${pc!.peerId}`, page.url()).href);
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.locator('dialog').getByText('discard the latest').click();
    await page.locator('dialog').getByText('since a moment').click();
    await page.getByRole('button', { name: 'Remove member' }).click();
    await reads(page, 'dialog .field-error', /A past time/);
    t.same(node.calls, [], 'nothing was sent');
    await page.locator('dialog input[name=since]').fill('2026-01-02 03:04');
    await page.getByRole('button', { name: 'Remove member' }).click();
    await reads(page, 'dialog h2', /is removed/);
    t.same(node.calls, [`revoke ${pc!.peerId} and discard`]);
    await reads(page, 'dialog', /28 of its entries go on counting; 12 count no more/);
    await reads(page, '.who-knows', /studio-mbp\s*not yet[\s\S]*rpi5-salon\s*not yet[\s\S]*hears it when it is back/);
    node.change(({ members, status }) => {
      members.find(({ peerId }) => peerId === mac!.peerId)!.root = status.ledger.root;
    });
    await reads(page, '.who-knows', /studio-mbp\s*✓ knows[\s\S]*rpi5-salon\s*not yet/);
    node.change(({ members, status }) => {
      status.ledger.root = 'cd'.repeat(32);
      members.find(({ name }) => name === 'rpi5-salon')!.root = status.ledger.root;
    });
    await reads(page, '.who-knows', /rpi5-salon\s*✓ knows/);
    t.match(await textOf(page, '.who-knows'), /studio-mbp\s*✓ knows/, 'who knew once knows');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    t.equal(await ask(page, 'document.querySelector(".panel-peer .who-knows") !== null'), true);
    t.same(faults, []);
    await context.close();
  });
});
