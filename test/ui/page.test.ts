// The page in a real browser shows only what the node says and has acknowledged, and says so when the node is gone.
import t from 'tap';
import { ask, type Look, launch, noBrowser, reads, textOf, visit } from './browser.ts';
import { HOSTILE_NAME, resultOf } from './fixture-data.ts';
import { createFixtureNode } from './fixture-node.ts';
import { startHarness, until } from './harness.ts';

t.test('in the browser', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = async (look: Look = {}, node = createFixtureNode()) => {
    const server = await startHarness({ node });
    t.teardown(() => server.stop());
    return { server, node, ...(await visit(browser, server.url, look)) };
  };

  await t.test('what it shows is what the node says', async (t) => {
    const { page, context, server, faults } = await open({ language: 'es-ES', calm: true });
    const { status } = server.node.snapshot();
    t.equal(await textOf(page, '.kpis li:nth-child(1) .kpi-line'), '4\n/ 5');
    t.match(await textOf(page, '.kpis li:nth-child(4) .kpi-line'), /917\s*\/ 1\.306/, 'Spanish digits');
    t.match(await textOf(page, '.kpis li:nth-child(5) .kpi-line'), /\+3,6\u00a0%/);
    t.match(await textOf(page, '.kpis li:nth-child(5) .kpi-note'), /con comisiones/, 'never without fees');
    t.equal(await ask(page, 'document.documentElement.lang'), 'es');
    t.match(await textOf(page, '.panel-best .sentence'), /^Compra cuando/, 'a strategy in the language of the reader');
    t.match(await textOf(page, '.panel-top'), /ETH-USD\s*1\s*h\s*perpetuo ×5/, 'and what kind of market it is for');
    t.match(await page.title(), new RegExp(`^Resumen · ${status.meshName}`));
    const name = HOSTILE_NAME.replace('\u202e', '');
    t.ok((await page.getByText(name).count()) >= 2, 'a hostile name is text');
    t.equal(await page.locator('main img').count(), 0);
    t.same(faults, []);
    const samples = await page.locator('.panel-top tr', { hasText: 'SAMPLE-USD' }).allInnerTexts();
    t.ok(samples.length === 2 && samples.every((row) => /SAMPLE(?!-)/.test(row)), 'sample data is labelled');
    t.equal(await ask(page, 'document.getAnimations().length'), 0, 'nothing moves when motion is unwanted');
    const off = await page.locator('.member.off .cells').getAttribute('aria-label');
    t.match(off, /hilos desconocidos/, 'what is not known is said to be so');
    await context.close();
  });

  await t.test('a new best is there at once, but not under the pointer', async (t) => {
    const { page, context, node } = await open();
    await page.locator('.panel-top tbody tr').first().waitFor();
    const first = () => textOf(page, '.panel-top tbody tr:first-child th');
    const push = (n: number) =>
      node.change(({ top }) => {
        top.unshift({
          ...resultOf(0),
          id: `f${n}`.repeat(16),
          codeName: `new-${n}`,
          outOfSample: { ...resultOf(0).outOfSample, return: 0.04 + n / 100 },
        });
        top.pop();
      });
    push(1);
    await reads(page, '.panel-top tbody tr:first-child th', /new-1/, 5_000);
    await reads(page, '[role=status]', /New best/);
    await page.locator('.panel-top tbody tr').nth(3).hover();
    push(2);
    await page.locator('.chip').waitFor();
    t.match(await first(), /new-1/, 'the order holds still');
    await page.locator('.chip').click();
    await reads(page, '.panel-top tbody tr:first-child th', /new-2/);
    await page.locator('.panel-top tbody tr').nth(3).hover();
    push(3);
    await page.locator('.chip').waitFor();
    await page.mouse.move(0, 0);
    await reads(page, '.panel-top tbody tr:first-child th', /new-3/);
    await context.close();
  });

  await t.test('a pause shows when it is acknowledged, not before', async (t) => {
    const node = createFixtureNode();
    const silent = { ...node, pause: () => Promise.resolve(node.status()) };
    const server = await startHarness({ node: silent as typeof node });
    t.teardown(() => server.stop());
    const { page, context } = await visit(browser, server.url);
    await page.keyboard.press('p');
    const button = page.locator('.topbar .button').first();
    await until('the button waits', async () => (await button.getAttribute('aria-busy')) === 'true');
    t.match(await textOf(page, '.status-mode'), /MINING/, 'accepted is not done');
    node.change((snapshot) => {
      snapshot.status.mode = 'paused';
      snapshot.status.reason = 'Paused by you.';
    });
    await reads(page, '.status-mode', /PAUSED/);
    await reads(page, '.topbar .button', /Resume/);
    await page.keyboard.press('p');
    await reads(page, '.status-mode', /MINING/);
    await until('the button is free', async () => (await button.getAttribute('aria-busy')) === 'false');
    await page.keyboard.press('p');
    await reads(page, '.toast.error', /did not confirm/, 9_000);
    await until('the button is back', async () => (await button.getAttribute('aria-busy')) === 'false');
    await context.close();
  });

  await t.test('create work', async (t) => {
    const { page, context, node, requests } = await open();
    await page.keyboard.press('n');
    await page.fill('#token-population', '5');
    await page.keyboard.press('Control+Enter');
    await reads(page, '#token-population-error', /from 10 to 5,000/);
    await until('the focus is on the error', () => ask(page, 'document.activeElement.id === "token-population"'));
    t.notOk(requests.includes('POST /api/v1/jobs'), 'and nothing was sent');
    await page.fill('#token-population', '60');
    await until('the error is mended', async () => (await page.locator('.field-error').count()) === 0);
    await page.selectOption('#token-replicas', '1');
    await reads(page, '.notice.caution:nth-of-type(2), .dialog-body', /Checked by nobody/);
    const sample = node.snapshot().datasets.find((one) => one.sample)!.hash;
    const other = node.snapshot().datasets.find((one) => !one.sample && one.barMs === 3_600_000)!.hash;
    await page.selectOption('#token-dataset', sample);
    await reads(page, '.dialog-body .notice', /SAMPLE/);
    await page.fill('#token-generations', '20');
    await page.fill('#token-units', '1200');
    await reads(page, '.dialog-body .figures', /1,200 \+ 19.*1\.5\sM/s);
    await page.locator('summary').click();
    await page.fill('[name=permutations]', '1000');
    await page.keyboard.press('Control+Enter');
    await reads(page, '.fields .field-error', /A whole number from 0 to 999/);
    await page.fill('[name=permutations]', '0');
    await reads(page, '.dialog-body .figures', /Work units\s*1,200\s.*1\.4\sM/s);
    await page.fill('[name=permutations]', '99');
    await page.getByText('all with the first candle').click();
    await page.locator('.others label').first().click();
    await page.fill('[name=seed]', 'taken');
    await page.fill('[name=fee]', '1');
    await page.fill('[name=seed]', '');
    await page.fill('[name=fee]', '');
    t.ok(
      await page.locator('[name=fee]').isVisible(),
      'what was opened by hand stays open when its fields are empty again',
    );
    await page.fill('[name=seed]', 'taken');
    await page.fill('[name=fee]', '0,06');
    await page.reload();
    await page.waitForSelector('.kpis');
    await page.keyboard.press('n');
    t.equal(await page.inputValue('[name=seed]'), 'taken', 'the draft survived');
    t.ok(await page.getByRole('radio', { name: 'all with the first candle' }).isChecked(), 'all of it');
    await page.keyboard.press('Control+Enter');
    await reads(page, '.fields .field-error', /seed exists/);
    await until('what the node refuses is shown at its field', () =>
      ask(page, 'document.activeElement.name === "seed"'),
    );
    await page.fill('[name=seed]', 'fresh');
    const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/jobs'));
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('dialog', { state: 'detached' });
    await reads(page, '.toast.good', /Created J-0036, 1,200 units/);
    await reads(page, '.panel-work tbody', /J-0036/);
    const job = node.jobs().at(-1)!;
    t.match(job, {
      population: 60,
      generations: 20,
      units: 1_200,
      replicas: 1,
      seed: 'fresh',
      fee: 0.0006,
      preset: 'quick',
      sample: true,
    });
    t.match((await sent).postDataJSON(), { permutations: 99, anchored: true, others: [other] });
    await context.close();
  });

  await t.test('steering a job', async (t) => {
    const { page, context, node } = await open();
    t.equal(await page.locator('.row-actions').count(), 1, 'only for its creator');
    await page.getByRole('button', { name: 'Pause J-0031' }).click();
    await reads(page, '.panel-work tbody', /Paused/);
    await page.getByRole('button', { name: 'Stop J-0031' }).click();
    await page.getByRole('button', { name: 'Stop job' }).click();
    await reads(page, '.panel-work tbody', /Stopped/);
    t.same(node.calls, ['setJob pause', 'setJob stop']);
    await context.close();
  });

  await t.test('alone: candles, an invitation, joining', async (t) => {
    const { page, context, node, faults } = await open({}, createFixtureNode({ alone: true }));
    const zeros = await page.locator('.kpi-value').allInnerTexts();
    t.same(zeros.slice(1, 5), ['—', '—', '—', '—'], 'unknown is a dash');
    t.match(await textOf(page, '.kpis li:nth-child(4)'), /needs a second peer/);
    await page.keyboard.press('n');
    t.ok(await page.locator('.dialog-foot .primary').isDisabled(), 'no work without candles');
    await page.getByRole('button', { name: 'Make sample candles' }).click();
    await reads(page, '.dialog-body .notice', /8,760 candles.*SAMPLE/);
    const closeDialog = async () => {
      await page.keyboard.press('Escape');
      await page.waitForSelector('dialog', { state: 'detached' });
    };
    await closeDialog();
    await page.keyboard.press('i');
    await page.getByRole('button', { name: 'Make ticket' }).click();
    await until('the ticket', async () =>
      /^stratmesh1/.test(await page.locator('.copy-box textarea').first().inputValue()),
    );
    t.ok((await page.locator('.copy-box textarea').first().inputValue()).length > 140, 'whole');
    await closeDialog();
    await page.getByRole('button', { name: 'Join a mesh' }).click();
    await page.fill('[name=ticket]', 'nonsense');
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await reads(page, '.field-error', /not a ticket/);
    t.same(node.calls, ['sampleData', 'invite', 'join']);
    t.equal(faults.filter((fault) => !fault.includes('400')).length, 0);
    await context.close();
  });

  await t.test('the node goes and comes back', async (t) => {
    const node = createFixtureNode();
    const first = await startHarness({ node });
    const { page, context } = await visit(browser, first.url);
    await first.stop();
    await reads(page, '.lost-bar', /lost its node.*Trying/, 21_000);
    await until('no command without a node', () => page.locator('.topbar .button').first().isDisabled());
    t.ok(await page.locator('.panel-work .button.primary').isDisabled());
    node.change(({ counts }) => {
      counts.validated = 1_234;
    });
    const second = await startHarness({ node, port: first.port });
    t.teardown(() => second.stop());
    await page.locator('.lost-bar').waitFor({ state: 'detached', timeout: 16_000 });
    await reads(page, '.kpis li:nth-child(4) .kpi-value', /1,234/);
    await context.close();
  });

  await t.test('nine tabs, one stream', async (t) => {
    const server = await startHarness();
    t.teardown(() => server.stop());
    const { page, context, requests } = await visit(browser, server.url);
    const streams = () => requests.filter((request) => request === 'GET /api/v1/events').length;
    const pages = [page];
    for (let i = 1; i < 9; i++) {
      const next = await context.newPage();
      next.on('request', (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
      await next.goto(server.url);
      pages.push(next);
    }
    for (const one of pages) await one.waitForSelector('.kpis');
    t.equal(streams(), 1);
    const tell = (n: number) =>
      server.node.change(({ counts }) => {
        counts.validated = n;
      });
    tell(1_001);
    await reads(pages[8]!, '.kpis li:nth-child(4) .kpi-value', /1,001/);
    await page.close();
    tell(1_002);
    await reads(pages[8]!, '.kpis li:nth-child(4) .kpi-value', /1,002/);
    t.equal(streams(), 2, 'another tab took over');
    await context.close();
  });
});
