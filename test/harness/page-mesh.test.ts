// The page on two real nodes that mine: what is created on one stands on the other, what is validated is shown with the
// figures of the API, an export comes back with the same hash, a pause is the node's, candles that are missing are fetched, and a
// node that is gone and back is told.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import type { Snapshot, UnitView } from '../../src/ui/api.ts';
import type { ExportView } from '../../src/ui/api-export.ts';
import { TestHome, until } from '../support/nodes.ts';
import { drawn } from '../ui/barriers.ts';
import { ask, launch, noBrowser, reads, shown, visit } from '../ui/browser.ts';
import { addSample } from './api.ts';

const LIMIT_MS = 240_000;
const UNITS = 3;

const percent = (ratio: number): RegExp =>
  new RegExp(`${ratio < 0 ? '−' : '\\+?'}${(Math.abs(ratio) * 100).toFixed(1).replace('.', '\\.')}\\s%`);

/** Fills in the sentence of Create work and sends it. */
async function createWork(page: Page): Promise<void> {
  await page.keyboard.press('n');
  await page.fill('#token-population', '60');
  await page.fill('#token-generations', '8');
  await page.fill('#token-units', String(UNITS));
  await page.keyboard.press('Control+Enter');
  await page.waitForSelector('dialog', { state: 'detached', timeout: 20_000 });
}

t.test('two nodes and their pages', { skip: noBrowser, timeout: 0 }, async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const [one, two] = [home.node('one'), home.node('two')];
  await one.start();
  await addSample(one);
  const { ticket } = await one.invite(1);
  await two.start({ bootstrap: home.bootstrapFile('bootstrap.json', { ticket, peers: one.ready.mesh }) });
  const browser = await launch();
  t.teardown(() => browser.close());
  const here = await visit(browser, one.ready.ui);
  const there = await visit(browser, new URL('/work', two.ready.ui).href);
  await reads(here.page, '.kpis li:nth-child(1) .kpi-line', /2\s*\/ 2/, 60_000);

  await t.test('created here, listed there (15)', async (t) => {
    await createWork(here.page);
    const [job] = (await one.jobs()).filter(({ permutes }) => permutes === null);
    await until('it stands on the other page', async () =>
      (await shown(there.page.locator('main'))).includes(job!.name),
    );
    t.equal(job!.units, UNITS);
  });

  const done = await until(
    'all units are validated',
    async () => (await one.jobs()).find(({ state, permutes }) => state === 'complete' && permutes === null),
    LIMIT_MS,
  );

  await t.test('what is validated stands on the page by itself (8, 18)', async (t) => {
    await here.page.locator('.panel-top tbody tr').first().waitFor({ timeout: 60_000 });
    await here.page.goto(new URL(`/work/${done.id}`, one.ready.ui).href);
    await reads(here.page, '.panel-job', /complete/i, 30_000);
    const label = await here.page
      .locator('.panel-job svg[role=img], .panel-job [aria-label*=validated]')
      .first()
      .getAttribute('aria-label');
    t.match(label, new RegExp(`${UNITS} validated`), 'the map says how many');
    const units = await one.get<{ items: UnitView[] }>(`units?job=${done.id}`);
    t.equal(units.items.length, UNITS);
  });

  await t.test('a strategy has the figures of the API and comes back from its export (23, 24)', async (t) => {
    const best = (await one.results()).find(({ jobId, state }) => jobId === done.id && state === 'validated')!;
    await here.page.goto(new URL(`/results/${best.id}`, one.ready.ui).href);
    await here.page.locator('.segment-line').first().waitFor({ timeout: 60_000 });
    const legend = await shown(here.page.locator('.panel-equity .legend'));
    for (const segment of ['inSample', 'outOfSample', 'holdout'] as const)
      t.match(legend, percent(best[segment].return), segment);
    await here.page.getByRole('button', { name: 'Runs it on this machine' }).click();
    await reads(here.page, 'main .notice.good', /Match/, 60_000);
    await reads(here.page, '.panel-gates', /gates hold|does not list|shuffled|judging/, 120_000);
    const file = join(home.path, 'rules.json');
    writeFileSync(file, JSON.stringify(best.strategy));
    const json = await one.get<ExportView>(`results/${best.id}/export?as=json`);
    t.equal((JSON.parse(json.lines.join('\n')) as { hash: string }).hash, best.id);
    const again = await one.command<{ strategy: string }>('backtest', '--data', best.datasetHash, '--strategy', file);
    t.equal(again.strategy, best.id, 'its rules, taken in again, have its hash');
    const csv = await one.get<ExportView>(`results/${best.id}/export?as=csv`);
    const cells = csv.lines.flatMap((line) => (line.startsWith('"') ? [line.slice(1)] : line.split(',')));
    t.same(
      cells.filter((cell) => /^[=+@\t\r-]/.test(cell) && !Number.isFinite(Number(cell))),
      [],
      'no cell is a formula',
    );
  });

  await t.test('a pause is the node’s own word (13)', async (t) => {
    await here.page.goto(one.ready.ui);
    await here.page.locator('.kpis').waitFor();
    await here.page.keyboard.press('p');
    await reads(here.page, '.status-mode', /PAUSED/, 30_000);
    t.equal((await one.status()).mode, 'paused');
    await here.page.keyboard.press('p');
    await until('it goes on', async () => (await one.status()).mode !== 'paused');
    await until('and the page says so', async () => !/PAUSED/.test(await shown(here.page.locator('.status-mode'))));
  });

  await t.test('the ledger is verified, and read as it was (26)', async (t) => {
    await here.page.goto(new URL('/ledger', one.ready.ui).href);
    await here.page.getByRole('button', { name: 'Verify all' }).click();
    await reads(here.page, '.panel-state', /every signature and link holds/, 120_000);
    await reads(here.page, '.panel-disputes', /No machines disagree/, 30_000);
    const { items } = await one.get<{ items: { id: string; kind: string }[] }>('ledger/entries?limit=500');
    const made = items.filter(({ kind }) => kind === 'job').at(-1)!;
    await here.page.goto(new URL(`/ledger?at=${made.id}`, one.ready.ui).href);
    await reads(here.page, '.panel-replay', new RegExp(`0/${UNITS}`), 60_000);
    const moment = await one.command<{ root: string }>('ledger', 'root', '--at', made.id);
    t.match(
      await shown(here.page.locator('.panel-replay')),
      new RegExp(moment.root.slice(0, 8)),
      'as the command says',
    );
  });

  await t.test('without its candles a strategy offers to fetch them, and is drawn when they come (25)', async (t) => {
    const best = (await one.results()).find(({ jobId, state }) => jobId === done.id && state === 'validated')!;
    for (const { id, state } of await one.jobs())
      if (state !== 'complete' && state !== 'stopped') await one.command('job', 'stop', id);
    await one.command('data', 'remove', best.datasetHash, '--yes');
    const { page, requests, faults } = await visit(browser, new URL(`/results/${best.id}`, one.ready.ui).href);
    await reads(page, '.candles-offer', /SAMPLE-USD are not on this machine/, 60_000);
    t.equal(await page.locator('.candle-chart').count(), 0);
    await page.getByRole('button', { name: 'Fetch them from 1 machine' }).click();
    await page.locator('.candle-chart canvas').first().waitFor({ timeout: 60_000 });
    await until('it is painted', async () => ((await drawn(page)).candles ?? 0) > 50);
    t.equal(requests.filter((each) => each === `GET /results/${best.id}`).length, 1, 'nobody has reloaded');
    t.equal(await page.locator('.candles-offer').count(), 0);
    t.same(
      // A refusal that is what the test is about, and pixels that are read back.
      faults.filter((fault) => !/409|willReadFrequently/.test(fault)),
      [],
    );
    await page.context().close();
  });

  await t.test('gone, and back (9)', async (t) => {
    await here.page.goto(one.ready.ui);
    await here.page.locator('.panel-top tbody tr').first().waitFor({ timeout: 60_000 });
    const port = Number(new URL(one.ready.ui).port);
    await one.stop();
    await reads(here.page, '.lost-bar', /lost its node/, 21_000);
    t.ok(await here.page.locator('.topbar .button').first().isDisabled(), 'no command without a node');
    await one.start({ uiPort: port });
    await here.page.locator('.lost-bar').waitFor({ state: 'detached', timeout: 60_000 });
    await until('the page has the figures of the node again', async () => {
      const { counts } = await one.get<Snapshot>('snapshot');
      const line = await shown(here.page.locator('.kpis li:nth-child(4) .kpi-line'));
      return counts.validated > 0 && line.startsWith(`${counts.validated}\n`);
    });
    t.equal(await ask(here.page, 'performance.getEntriesByType("navigation")[0].type'), 'navigate', 'without a reload');
  });
});
