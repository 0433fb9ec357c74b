// Settings: limits are saved together and only when asked, refusals stand at their field, a file is looked at before it is
// taken, the look of the page is kept in the browser, and the API page lists what there is.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { closedUntil, parseSchedule } from '../../src/node/power/schedule-text.ts';
import { allowedHalves, DAYS, hoursText, parseHours } from '../../src/ui/page/settings/hours.ts';
import { ROUTES } from '../../src/ui/routes.ts';
import { ask, launch, noBrowser, reads, settingsStand, textOf, visit } from './browser.ts';
import { createFixtureNode } from './fixture-node.ts';
import { startHarness, until } from './harness.ts';

const seed = Number(process.env.STRATMESH_SEED ?? Math.floor(Math.random() * 2 ** 31));

t.test(`the week on the page is the week that the node keeps (seed ${seed})`, async (t) => {
  const day = fc.constantFrom(...DAYS);
  const time = (last: number) =>
    fc
      .integer({ min: 0, max: last })
      .map((half) => `${String(half >> 1).padStart(2, '0')}:${half % 2 === 0 ? '00' : '30'}`);
  const row = fc.record({ from: day, to: day, start: time(47), end: time(48) });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 4 }), fc.integer({ min: 0, max: 335 }), (rows, half) => {
      const text = hoursText(rows);
      const spans = parseSchedule(text);
      // The 5th of January 2026 is a Monday.
      const moment = new Date(2026, 0, 5, 0, half * 30);
      const isOpen = spans !== undefined && closedUntil(spans, moment) === undefined;
      return hoursText(parseHours(text)!) === text && allowedHalves(rows)[half] === isOpen;
    }),
    { seed },
  );
  t.equal(parseHours('every day'), undefined, 'what is no row stays a text');
  t.same(parseHours('Mon-Fri 8:00-17:30'), [{ from: 'mon', to: 'fri', start: '08:00', end: '17:30' }]);
});

t.test('in the browser', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = async (path = '/settings', node = createFixtureNode()) => {
    const server = await startHarness({ node });
    t.teardown(() => server.stop());
    const visited = await visit(browser, new URL(path, server.url).href);
    if (path === '/settings') await settingsStand(visited.page);
    return { server, node, ...visited };
  };
  const slide = (name: string, value: number) =>
    `(() => { const e = document.querySelector('[data-setting="${name}"] input[type=range]'); e.value = ${value}; e.dispatchEvent(new Event('input', { bubbles: true })); })()`;

  await t.test('changes wait for Save, travel together, and Undo takes them back', async (t) => {
    const { page, context, node, faults } = await open();
    await reads(page, '[data-setting=threads]', /all \(16\)/);
    await ask(page, slide('threads', 12));
    await ask(page, slide('share', 75));
    await reads(page, '.save-bar', /2 changes not saved/);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.waitForSelector('.save-bar', { state: 'detached' });
    await reads(page, '[data-setting=threads]', /all \(16\)/);
    await ask(page, slide('threads', 12));
    await ask(page, slide('share', 75));
    await page.locator('[data-setting=batteryAbove]').getByText('above a charge').click();
    await page.locator('[data-setting=inUse]').getByText('pause').click();
    t.same(node.calls, [], 'nothing was sent before');
    await page.keyboard.press('Control+s');
    await page.waitForSelector('.save-bar', { state: 'detached' });
    t.same(node.calls, [
      'setLimits {"threads":12,"share":75,"batteryAbove":50,"inUse":{"share":0,"threads":1,"minutes":5}}',
    ]);
    t.equal(node.limits().rules.threads, 12);
    await ask(page, slide('threads', 16));
    await page.keyboard.press('Control+s');
    await until('all threads again', () => node.limits().rules.threads === null);
    t.same(faults, []);
    await context.close();
  });

  await t.test('a refusal stands at its field, and what was typed stays', async (t) => {
    const { page, context, node } = await open();
    const schedule = page.locator('[data-setting=schedule]');
    await schedule.getByRole('button', { name: 'Add hours' }).click();
    t.equal(
      await schedule.locator('.week').getAttribute('aria-label'),
      'The week, hour by hour: 70 of 168 hours allowed',
    );
    await schedule.getByLabel('until').fill('25:00');
    await page.getByRole('button', { name: /Save/ }).click();
    await reads(page, '[data-setting=schedule] .field-error', /not hours like/);
    t.equal(node.limits().rules.schedule, '');
    t.equal(await schedule.getByLabel('until').inputValue(), '25:00');
    await page.keyboard.press('g');
    await page.locator('a[href="/peers"]').first().click();
    await page.waitForSelector('.panel-peers');
    await page.goBack();
    await reads(page, '.save-bar', /1 change not saved/);
    await schedule.getByLabel('until').fill('07:00');
    await page.getByRole('button', { name: /Save/ }).click();
    await until('it is saved', () => node.limits().rules.schedule === 'mon-sun 22:00-07:00');
    await context.close();
  });

  await t.test('now, why, and for how long', async (t) => {
    const { page, context, node } = await open();
    await reads(
      page,
      '.panel-now',
      /May work: 12 threads, 100\s%[\s\S]*mains, 98\s%[\s\S]*15\smin[\s\S]*Temperature\s*—/,
    );
    await reads(page, '.panel-timeline', /paused[\s\S]*Somebody uses this machine[\s\S]*1\sh 3\smin/i);
    t.match(
      await page.locator('.strip').getAttribute('aria-label'),
      /changes of what this node does in the last 24 hours/,
    );
    await page.getByRole('button', { name: '4 h' }).click();
    await reads(page, '.panel-now', /Paused by you until/);
    await page.getByRole('button', { name: 'Finish, then stop' }).click();
    await reads(page, '.panel-now .mode', /Finishing/);
    t.same(node.calls, ['paused', 'finishing']);
    await context.close();
  });

  await t.test('a file is looked at first, and taken as the reader says', async (t) => {
    const { page, context, node, faults } = await open();
    await reads(page, '.panel-data', /BTC-USD[\s\S]*17,518[\s\S]*1, 2 missing[\s\S]*1\.1\sMB[\s\S]*2 sets, 1\.6\sMB/);
    await page.getByRole('button', { name: 'Look at it' }).click();
    await reads(page, '.add-file .field-error', /Name a file/);
    await page.getByLabel('File on this machine').fill('/tmp/candles.txt');
    await page.keyboard.press('Enter');
    await reads(page, '.add-file .field-error', /cannot be read/);
    await page.getByLabel('File on this machine').fill('/tmp/candles.csv');
    await page.keyboard.press('Enter');
    await reads(
      page,
      '.preview',
      /33,413 candles of 1\sh[\s\S]*CryptoDataDownload, 36,062 rows[\s\S]*would be refused[\s\S]*line 12, high[\s\S]*1,442/,
    );
    t.same(node.calls, [], 'nothing is stored by looking');
    await page.getByRole('button', { name: 'Repair and import' }).click();
    await reads(page, '.toast.good', /BTC-USD: 17,518 candles are here/);
    t.same(node.calls, ['importData repaired']);
    t.same(
      faults.filter((fault) => !fault.includes('400')),
      [],
    );
    await context.close();
  });

  await t.test('the look is kept in this browser', async (t) => {
    const { page, context } = await open();
    const look = () => ask<Record<string, string>>(page, '({ ...document.documentElement.dataset })');
    const pick = (name: string, text: string) =>
      page.locator(`[data-setting=${name}] label`, { hasText: text }).click();
    t.match(await look(), { theme: 'dark', candles: 'green', lines: 'on' });
    await pick('theme', 'light');
    await pick('candles', 'blue / orange');
    await page.getByRole('switch', { name: /Screen lines/ }).click({ force: true });
    await page.getByRole('switch', { name: /Single-key/ }).click({ force: true });
    await pick('language', 'Español');
    await reads(page, 'h1', /Ajustes/);
    await page.reload();
    await reads(page, 'h1', /Ajustes/);
    t.match(await look(), { theme: 'light', candles: 'blue', lines: 'off' });
    t.equal(await ask(page, 'document.documentElement.lang'), 'es');
    await page.locator('main').focus();
    await page.keyboard.press('n');
    await page.keyboard.press('?');
    t.equal(await page.locator('dialog').count(), 0, 'single keys are off');
    await pick('theme', 'sistema');
    await until('as the system has it', async () => (await look()).theme === 'dark');
    await context.close();
  });

  await t.test('density, and the clock of the reader: what happened moves, candles and the log do not', async (t) => {
    const node = createFixtureNode();
    const server = await startHarness({ node });
    t.teardown(() => server.stop());
    // Two hours ahead of UTC all year, and what the browser calls it.
    const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Africa/Harare' });
    const page = await context.newPage();
    await page.goto(new URL('/settings', server.url).href);
    const table = '.panel-timeline table';
    await reads(page, table, /Since \(UTC\)/);
    const rowHeight = () => ask<number>(page, `document.querySelector('${table} tbody tr').offsetHeight`);
    const first = await textOf(page, `${table} tbody td`);
    const before = await rowHeight();
    await page.locator('[data-setting=density] label', { hasText: 'compact' }).click();
    await until('rows stand closer', async () => (await rowHeight()) < before);
    await page.locator('[data-setting=time] label', { hasText: 'local (Africa/Harare)' }).click();
    await reads(page, table, /Since \((CAT|GMT\+2)\)/);
    const hour = (text: string): number => Number(/(\d\d):\d\d/.exec(text)?.[1]);
    t.equal(hour(await textOf(page, `${table} tbody td`)), (hour(first) + 2) % 24);
    await reads(page, '.status-clock', /(CAT|GMT\+2)$/);
    await page.reload();
    await reads(page, '.status-clock', /(CAT|GMT\+2)$/);
    const { id } = node.snapshot().top[0]!;
    await page.goto(new URL(`/results/${id}`, server.url).href);
    const [trade] = (await node.runStrategy(id, false)).trades.items;
    await reads(page, '.panel-trades tbody tr', new RegExp(trade!.entryAt.slice(11, 16)));
    await context.close();
  });

  await t.test('threads on the Overview: asked for once, when the slider rests', async (t) => {
    const { page, context, node, faults } = await open('/');
    await reads(page, '.panel-node .slider', /16\/16/);
    const began = Date.now();
    for (const value of [12, 8, 4]) {
      await ask(
        page,
        `(() => { const e = document.querySelector('.panel-node input[type=range]'); e.value = ${value}; e.dispatchEvent(new Event('input', { bubbles: true })); })()`,
      );
    }
    await until('it is asked for', () => node.calls.length > 0);
    t.ok(Date.now() - began >= 400, 'not before it has rested');
    t.same(node.calls, ['setLimits {"threads":4}']);
    await reads(page, '.panel-node .slider', /4\/16$/);
    t.same(faults, []);
    await context.close();
  });

  await t.test('the ledger as a file', async (t) => {
    const { page, context, node } = await open();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    const lines = readFileSync((await download.path())!, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    t.match(lines[0], { format: 'stratmesh-ledger', version: 1, meshId: node.status().meshId });
    t.match(lines[1], { id: 'ab', kind: 'job', block: 'oA==' });
    t.match(download.suggestedFilename(), /^ledger-[0-9a-f]{8}\.jsonl$/);
    await context.close();
  });

  await t.test('the API page lists every address, with what it takes', async (t) => {
    const { page, context, faults } = await open('/settings/api');
    await page.waitForSelector('.api-entry');
    const entries = await page.locator('.api-entry summary').allInnerTexts();
    for (const { method, path } of ROUTES) {
      const address = path.replaceAll(/:(\w+)/g, '{$1}');
      t.ok(
        entries.some((text) => text.includes(method.toUpperCase()) && text.includes(address)),
        `${method} ${address}`,
      );
    }
    await page.getByLabel('Find an address').fill('pairing');
    await until('three are left', async () => (await page.locator('.api-entry').count()) === 3);
    await page.locator('.api-entry summary').nth(1).click();
    t.match(await textOf(page, '.api-entry[open]'), /minutes[\s\S]*integer/);
    t.same(faults, []);
    await context.close();
  });
});
