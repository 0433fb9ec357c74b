// Settings, how the node is started: saved together, said to need a restart, refused at their field, and other devices only
// after the addresses and a token.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { overflow, violations } from './barriers.ts';
import { ask, launch, noBrowser, reads, settingsStand, shown, textOf, visit } from './browser.ts';
import { RECOVERY_PHRASE } from './fixture-care.ts';
import { startHarness, until } from './harness.ts';

const SMALL = { width: 320, height: 700 };

t.test('in the browser', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = async (tokens = 1) => {
    const server = await startHarness({ tokens });
    t.teardown(() => server.stop());
    const saved = (): Record<string, unknown> => JSON.parse(readFileSync(join(server.dataDir, 'config.json'), 'utf8'));
    const visited = await visit(browser, new URL('/settings', server.url).href);
    await settingsStand(visited.page);
    return { server, saved, ...visited };
  };
  const field = (name: string) => `[data-setting=${name}] input`;

  await t.test('saved together with the limits, and in force from the next start on', async (t) => {
    const { page, context, saved, server, requests, faults } = await open();
    await page.fill(field('lobbyPort'), '22x095');
    t.equal(await page.inputValue(field('lobbyPort')), '22095', 'a port is digits');
    await page.locator('[data-setting=mdns] label').click();
    await page.locator('[data-setting=batteryAbove]').getByText('as on mains').click();
    await reads(page, '.save-bar', /3 changes not saved · 2 need a restart/);
    t.notOk(requests.includes('PATCH /api/v1/settings'), 'nothing was sent before');
    await page.keyboard.press('Control+s');
    await page.waitForSelector('.save-bar', { state: 'detached' });
    t.same(saved(), { 'lobby-port': 22_095, 'no-mdns': true });
    t.match(server.node.calls, ['setLimits {"batteryAbove":0}']);
    const note = '.panel-network .notice.caution';
    await reads(page, note, /not in force yet[\s\S]*Port for newcomers · Find machines on this network/);
    await page.reload();
    await reads(page, note, /Port for newcomers/);
    t.equal(await page.inputValue(field('lobbyPort')), '22095');
    await page.fill(field('lobbyPort'), '');
    await page.locator('[data-setting=mdns] label').click();
    await page.keyboard.press('Control+s');
    await until('it is as the node runs', async () => (await page.locator(note).count()) === 0);
    t.same(saved(), {}, 'empty is the usual one');
    t.same(faults, []);
    await context.close();
  });

  await t.test('with the colours of the system, on and off still look different from the track (30)', async (t) => {
    const { page, context } = await open();
    await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' });
    await page.waitForSelector('[data-setting=mdns] .switch');
    const colours = await ask<[string, string][]>(
      page,
      `[...document.querySelectorAll('.switch i')].map((i) => [getComputedStyle(i).backgroundColor, getComputedStyle(i, '::after').backgroundColor])`,
    );
    t.ok(colours.length > 3);
    for (const [track, knob] of colours) t.not(knob, track);
    await context.close();
  });

  await t.test('what a flag holds cannot be changed here; what cannot be is said at its field', async (t) => {
    const { page, context } = await open();
    await reads(page, '[data-setting=meshPort]', /Set by --mesh-port/);
    t.notMatch(await textOf(page, '[data-setting=meshPort]'), /after a restart/);
    t.match(await textOf(page, '[data-setting=uiPort]'), /after a restart/);
    t.ok(await page.locator(field('meshPort')).isDisabled());
    t.equal(await page.inputValue(field('meshPort')), '22081', 'what counts is shown');
    t.equal(await page.inputValue(field('name')), 'torre-rog');
    await page.fill(field('uiPort'), '22081');
    await page.fill(field('hostNames'), '*.tail');
    await page.keyboard.press('Control+s');
    await reads(page, '[data-setting=hostNames] .field-error', /host names/);
    await page.fill(field('hostNames'), 'nas.tail, ');
    t.equal(await page.inputValue(field('hostNames')), 'nas.tail, ', 'a comma stays while one types');
    await page.keyboard.press('Control+s');
    await reads(page, '[data-setting=uiPort] .field-error', /22081 is that of mesh-port/);
    await reads(page, '.save-bar', /2 changes not saved/);
    await page.getByRole('button', { name: 'Undo' }).click();
    t.equal(await page.inputValue(field('uiPort')), '');
    t.equal(await page.inputValue(field('hostNames')), '');
    await context.close();
  });

  await t.test('other devices: the addresses and the first token come before', async (t) => {
    const { page, context, server, saved, faults } = await open(0);
    await page.setViewportSize(SMALL);
    const others = page.locator('[data-setting=host] label', { hasText: 'other devices' });
    await others.click();
    await reads(page, 'dialog', /http:\/\/192\.168\.1\.10:22070\/[\s\S]*not encrypted[\s\S]*There is none yet/);
    t.same(await violations(page), []);
    await page.keyboard.press('n');
    t.equal(await page.locator('dialog').count(), 1, 'single keys do nothing behind a dialog');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    t.ok(await page.locator('[data-setting=host] input[value=here]').isChecked(), 'nothing is chosen by looking');
    t.equal(await page.locator('.save-bar').count(), 0);
    t.equal(server.access.tokens().length, 0);

    await others.click();
    await page.getByRole('button', { name: 'Make a token and allow' }).click();
    const token = page.locator('dialog .copy-box textarea');
    await token.waitFor();
    t.same(await violations(page), []);
    t.match(await token.inputValue(), /^[\w-]{43}$/);
    t.equal(server.access.tokens().length, 1);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.keyboard.press('Control+s');
    await reads(page, '.panel-access .notice.caution', /Allow other devices/);
    t.same(saved(), { host: '0.0.0.0' });

    await page.getByRole('button', { name: /^Take back the token/ }).click();
    await reads(page, '[data-setting=host] .notice', /No token is left/);
    await page.locator('[data-setting=host] label', { hasText: 'this computer' }).click();
    await page.keyboard.press('Control+s');
    await until('it is loopback again', () => saved().host === undefined);
    t.same(faults, []);
    await context.close();
  });

  await t.test('where a token is there, the node is asked again all the same', async (t) => {
    const { page, context, server, saved } = await open();
    await page.locator('[data-setting=host] label', { hasText: 'other devices' }).click();
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    await page.waitForSelector('dialog', { state: 'detached' });
    server.access.dropToken(server.access.tokens()[0]!.id);
    await page.keyboard.press('Control+s');
    await reads(page, '[data-setting=host] .field-error', /create a token first/);
    t.throws(saved, { code: 'ENOENT' }, 'nothing was saved');
    t.match(await shown(page.locator('.save-bar')), /1 change not saved/);
    t.equal(await ask(page, 'document.querySelectorAll("dialog").length'), 0);
    await context.close();
  });

  await t.test('the recovery phrase: the key goes once two of its words came back', async (t) => {
    const { page, context, server, faults } = await open();
    const key = join(server.dataDir, 'recovery.key');
    const row = '[data-setting=recovery]';
    await page.setViewportSize(SMALL);
    await reads(page, row, /Its key is on this machine/);
    await page.getByRole('button', { name: /^Show it/ }).click();
    t.notMatch(await textOf(page, 'dialog'), /winner/, 'not before it is asked for');
    await page.getByRole('button', { name: 'Show the words' }).click();
    await page.waitForSelector('.phrase');
    t.equal((await page.locator('.phrase li').allInnerTexts()).join(' '), RECOVERY_PHRASE);
    t.equal(
      await ask(page, 'getComputedStyle(document.querySelector(".phrase")).listStyleType'),
      'decimal',
      'numbered',
    );
    t.same(await violations(page), []);
    t.ok((await overflow(page)) <= 0);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    t.ok(existsSync(key), 'a reader who breaks off loses nothing');
    t.notMatch(await page.content(), /winner/, 'and leaves no word behind');

    await page.getByRole('button', { name: /^Show it/ }).click();
    await page.getByRole('button', { name: 'Show the words' }).click();
    await page.getByRole('button', { name: 'They are on paper' }).click();
    const fields = page.locator('dialog input');
    t.equal(await fields.count(), 2);
    t.same(await violations(page), []);
    for (const i of [0, 1]) await fields.nth(i).fill('zoo');
    await page.keyboard.press('Enter');
    await until('both are wrong', async () => (await page.locator('dialog .field-error').count()) === 2);
    t.ok(existsSync(key), 'nobody has shown that it is on paper');
    for (const i of [0, 1]) {
      const place = Number(/\d+/.exec((await fields.nth(i).getAttribute('name')) ?? '')?.[0]);
      await fields.nth(i).fill(` ${RECOVERY_PHRASE.split(' ')[place - 1]?.toUpperCase()}`);
    }
    await page.getByRole('button', { name: 'Take the key off' }).click();
    await reads(page, row, /Not on this machine/);
    t.notOk(existsSync(key));
    t.same(faults, []);
    await context.close();
  });
});
