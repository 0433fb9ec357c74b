// Logs: what the node says reaches the page, is filtered and found, and holds still when asked.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { ask, launch, noBrowser, reads, shown, textOf, visit } from './browser.ts';
import { logLine } from './fixture-care.ts';
import { startHarness, until } from './harness.ts';

const TICKET = `smesh1${'3yQ'.repeat(40)}`;

t.test('in the browser', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = async () => {
    const server = await startHarness();
    t.teardown(() => server.stop());
    const { logs } = server;
    logs.write(logLine(30, 'studio-mbp connected', { type: 'member.connected' }, '2026-11-21T17:44:10.870Z'));
    logs.write(logLine(20, 'ping 1 of 3 lost', { type: 'ledger.changed' }));
    logs.write(logLine(40, `refused a request with ${TICKET}`, { host: 'evil.example', remoteAddress: '10.0.0.9' }));
    logs.write(logLine(50, 'a request failed', { err: { stack: 'Error: boom\n    at mine (x.js:1:1)' } }));
    return { server, logs, ...(await visit(browser, new URL('/logs', server.url).href)) };
  };

  await t.test('levels, parts, text and patterns', async (t) => {
    const { page, context, faults } = await open();
    await reads(
      page,
      '.log-box',
      /17:44:10\.870\s*INFO\s*member\s*studio-mbp connected[\s\S]*ERROR\s*node\s*a request failed/,
    );
    const rows = () => page.locator('.log-row').count();
    t.equal(await rows(), 4);
    await page.getByRole('button', { name: 'WARN 1' }).click();
    await until('without warnings', async () => (await rows()) === 3);
    await page.getByRole('button', { name: 'WARN 1' }).click();
    await page.getByLabel('Part').selectOption('page');
    await until('of one part', async () => (await rows()) === 1);
    await page.getByLabel('Part').selectOption('');
    await page.locator('main').focus();
    await page.keyboard.press('/');
    await page.keyboard.type('evil');
    await until('found in the details', async () => (await rows()) === 1);
    t.equal(await shown(page.locator('mark')), 'evil');
    t.match(await textOf(page, '.panel-log .panel-note'), /1 of 4/);
    await page.getByLabel('Find in the log').fill('/^(ping|studio)/');
    await until('by a pattern', async () => (await rows()) === 2);
    await page.getByLabel('Find in the log').fill('/(/');
    await reads(page, '.log-find .field-error', /no pattern/);
    await page.getByLabel('Find in the log').fill('nowhere');
    await reads(page, '.panel-log', /Nothing fits/);
    await page.getByLabel('Find in the log').fill('');
    await page.locator('.log-row.error').click();
    await reads(page, '.panel-line', /Error: boom\n\s*at mine/);
    t.same(faults, []);
    await context.close();
  });

  await t.test('nothing secret is in what is downloaded', async (t) => {
    const { page, context } = await open();
    await reads(page, '.log-box', /evil\.example/);
    t.notOk((await textOf(page, '.log-box')).includes(TICKET));
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    const text = readFileSync((await download.path())!, 'utf8');
    t.match(text, /INFO member studio-mbp connected\n[\s\S]*refused a request with smesh1… host=evil\.example/);
    t.notOk(text.includes(TICKET));
    await context.close();
  });

  await t.test('it follows until somebody scrolls up to read', async (t) => {
    const { page, context, logs, faults } = await open();
    for (let i = 0; i < 1000; i += 1) logs.write(logLine(30, `line ${i}`, { type: 'unit.finished' }));
    await reads(page, '.log-box', /line 999/);
    const follow = page.getByRole('switch', { name: 'Follow' });
    t.equal(await follow.isChecked(), true);
    await ask(page, 'document.querySelector(".log-box").scrollTop -= 2000');
    await until('scrolling up stops following', async () => !(await follow.isChecked()));
    const before = await textOf(page, '.log-box');
    logs.write(logLine(30, 'one more', { type: 'unit.finished' }));
    await reads(page, '.log-new', /1 new/);
    t.equal((await textOf(page, '.log-box')).slice(0, 200), before.slice(0, 200), 'what is read stays');
    await page.locator('main').focus();
    await page.keyboard.press('f');
    await reads(page, '.log-box', /one more/);
    t.equal(await follow.isChecked(), true);
    t.same(faults, []);
    await context.close();
  });
});
