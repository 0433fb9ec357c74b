// Notices of the browser: asked for when one is switched on, shown for what was chosen, and honest where there can be none.
import { networkInterfaces } from 'node:os';
import t from 'tap';
import { violations } from './barriers.ts';
import { ask, launch, noBrowser, reads, watch } from './browser.ts';
import { pendingOf, resultOf } from './fixture-data.ts';
import { startHarness, until } from './harness.ts';

/** A browser without a screen shows none: this writes them down, as the page makes them. */
const stubOf = (answer: string): string => `
  globalThis.told = [];
  let permission = sessionStorage.getItem('permission') ?? 'default';
  globalThis.Notification = class {
    static get permission() { return permission; }
    static async requestPermission() { permission = '${answer}'; sessionStorage.setItem('permission', permission); return permission; }
    constructor(title, { body, tag }) { globalThis.told.push([tag, title, body]); }
  };`;

const own = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

t.test('in the browser', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = async (answer: string) => {
    const server = await startHarness();
    t.teardown(() => server.stop());
    const context = await browser.newContext({ locale: 'en-GB' });
    await context.addInitScript(stubOf(answer));
    const page = await context.newPage();
    const { faults } = watch(page, server.url);
    await page.goto(new URL('/settings', server.url).href);
    await page.waitForSelector('.panel-alerts');
    await until('every panel is there', async () => (await page.locator('main [aria-busy=true]').count()) === 0);
    const told = () => ask<string[][]>(page, 'globalThis.told');
    const choice = (text: string) => page.getByRole('switch', { name: new RegExp(`^${text}`) });
    const flip = (text: string) => page.locator('.panel-alerts .setting', { hasText: text }).locator('label').click();
    return { node: server.node, flip, page, context, faults, told, choice };
  };

  await t.test('what was switched on is told, the rest is not', async (t) => {
    const { page, context, node, told, faults, choice, flip } = await open('granted');
    for (const text of ['New best strategy', 'This node stopped']) {
      await flip(text);
      await until(`${text} is on`, () => choice(text).isChecked());
    }
    t.same(await violations(page), []);
    node.change(({ top, pairing }) => {
      pairing.pending = [pendingOf('attic')];
      top.unshift({ ...resultOf(0), id: 'f1'.repeat(32), codeName: 'brave-otter' });
    });
    await until('the new best is told', async () => (await told()).length > 0);
    t.match(await told(), [['stratmesh-best', /^stratmesh · casa-lab/, /brave-otter, \+.*after fees/]]);
    node.change(({ status }) => {
      status.mode = 'paused';
      status.reason = 'Paused by you.';
    });
    await reads(page, '.status-mode', /PAUSED/);
    t.equal((await told()).length, 1, 'a pause is what somebody chose; who wants in was not asked for');
    node.change(({ status }) => {
      status.mode = 'error';
      status.reason = 'The disk is full.';
    });
    await until('the stop is told', async () => (await told()).length === 2);
    t.match((await told())[1], ['stratmesh-stopped', /casa-lab/, /Error\. The disk is full/]);
    await page.reload();
    await page.waitForSelector('.panel-alerts');
    t.ok(await choice('New best strategy').isChecked(), 'kept in this browser');
    t.notOk(await choice('A machine wants').isChecked());
    t.same(await told(), [], 'what was there already is no news');
    t.same(faults, []);
    await context.close();
  });

  await t.test('a browser that was told to show none says so, and nothing looks switched on', async (t) => {
    const { page, context, choice, flip } = await open('denied');
    await flip('A machine wants');
    await reads(page, '.panel-alerts', /told to show no notices/);
    t.notOk(await choice('A machine wants').isChecked());
    t.ok(await choice('New best').isDisabled());
    await context.close();
  });

  const noAddress = own === undefined ? 'this machine has no address besides loopback' : false;
  await t.test('on another device there are none', { skip: noAddress }, async (t) => {
    const server = await startHarness({ host: '0.0.0.0' });
    t.teardown(() => server.stop());
    const context = await browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    await page.goto(`http://${own}:${server.port}/settings#sign-in=${server.access.newSignIn().code}`);
    await reads(page, '.panel-alerts', /encrypted pages and to those of its own machine only/);
    await context.close();
  });
});
