// The Work page draws every unit as it is, opens each, and steers what this node may steer.
import type { Page } from 'playwright-core';
import t from 'tap';
import type { JobView } from '../../src/ui/api.ts';
import { launch, noBrowser, reads, shown, visit } from './browser.ts';
import { resultOf } from './fixture-data.ts';
import { createFixtureNode } from './fixture-node.ts';
import { startHarness, until } from './harness.ts';

/** Cells of a state that are drawn. */
async function cells(page: Page, state: string): Promise<number> {
  const path = (await page.locator(`.unit-map .unit.${state}`).getAttribute('d')) ?? '';
  return [...path].filter((letter) => letter === 'M').length;
}

t.test('in the browser', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = async (path: string, node = createFixtureNode()) => {
    const server = await startHarness({ node });
    t.teardown(() => server.stop());
    return { server, node, ...(await visit(browser, new URL(path, server.url).href)) };
  };

  await t.test('as many cells as units, of each state as many as the node counts', async (t) => {
    const { page, context, node } = await open('/work');
    await page.waitForSelector('.unit-map svg');
    const [job] = node.jobs();
    let drawn = 0;
    for (const [state, n] of Object.entries(job!.counts)) {
      const there = await cells(page, state);
      t.equal(there, n, state);
      drawn += there;
    }
    t.equal(drawn, job!.units);
    t.equal(
      await page.locator('.unit-map svg').getAttribute('aria-label'),
      'Units of J-0031: 151 validated, 22 running, 17 with one answer, 9 disputed, 41 open',
    );
    node.change(({ jobs }) => {
      jobs[0]!.counts.validated += 1;
      jobs[0]!.counts.open -= 1;
    });
    await until('the map follows', async () => (await cells(page, 'validated')) === 152);
    await context.close();
  });

  await t.test('a job that leaves what is filtered stays under the pointer, as it is now', async () => {
    const { page, context, node } = await open('/work?show=running');
    const first = page.locator('.panel-jobs tbody tr').first();
    await first.hover();
    await reads(page, '.panel-jobs h2 + .panel-note', /2/);
    node.change(({ jobs }) => {
      jobs[0]!.state = 'complete';
    });
    await reads(page, '.panel-jobs tbody tr', /J-0031[\s\S]*no longer in this list[\s\S]*Complete/);
    await reads(page, '.panel-jobs h2 + .panel-note', /1/);
    await page.locator('.panel-jobs .chip').click();
    await until('it is gone', async () => (await page.locator('.panel-jobs tbody tr').count()) === 1);
    await context.close();
  });

  await t.test('a unit opens by mouse and by number, and the address keeps it', async (t) => {
    const { page, context } = await open('/work');
    await page.waitForSelector('.unit-map svg');
    await page.locator('.unit-map svg').click({ position: { x: 20, y: 5 } });
    await reads(page, '.panel-unit', /Unit 2[\s\S]*validated[\s\S]*torre-rog[\s\S]*agrees[\s\S]*7f3a91c2/);
    t.match(page.url(), /unit=2/);
    await page.locator('.unit-number input').fill('152');
    await reads(page, '.panel-unit', /Unit 152[\s\S]*running[\s\S]*studio-mbp[\s\S]*40\s%[\s\S]*10\smin/);
    await page.reload();
    await reads(page, '.panel-unit', /Unit 152/);
    await context.close();
  });

  await t.test('the verdict: what was tried, the words of the engine, and why there is none', async (t) => {
    const { page, context } = await open('/work');
    await reads(page, '.panel-verdict', /promising[\s\S]*Nothing significant was found/);
    const panel = page.locator('.panel-verdict');
    t.match(await shown(panel), /3,020,000 strategies were tried, with all other jobs on these candles 9,600,000/);
    t.match(await shown(panel), /151 of 240 validated/);
    t.match(await shown(panel), /9.600.000 · 3 jobs[\s\S]*311 times/);
    t.match(
      await shown(panel),
      new RegExp(
        `${resultOf(0).id.slice(0, 8)}[\\s\\S]*promising[\\s\\S]*\\+3\\.1\\s%[\\s\\S]*0\\.80[\\s\\S]*chance explains its unseen returns`,
      ),
    );
    t.match(await shown(panel), /loses with 2 times the costs/);
    t.match(await shown(panel), /On permuted bars[\s\S]*7 of 19 searches done/);
    t.match(
      await shown(panel),
      /Of 19 re-runs of the search on permuted bars 7 are done; nothing is significant before/,
    );
    const spanish = await visit(browser, page.url(), { language: 'es-ES' });
    await reads(
      spanish.page,
      '.panel-verdict',
      /prometedora[\s\S]*No se encontró nada significativo[\s\S]*pierde con 2 veces/,
    );
    await spanish.context.close();
    const third = createFixtureNode().jobs()[2]!;
    await page.goto(new URL(`/work/${third.id}`, page.url()).href);
    await reads(
      page,
      '.panel-verdict',
      /No unit of this job is validated yet[\s\S]*On permuted bars\s*—[\s\S]*Judged\s*—/,
    );
    await context.close();
  });

  await t.test('re-runs on permuted bars lead to the job that they are of', async (t) => {
    const node = createFixtureNode();
    const [first, , third] = node.jobs() as [JobView, JobView, JobView];
    node.change(({ jobs }) => {
      jobs.find(({ id }) => id === third.id)!.permutes = first.id;
    });
    const { page, context } = await open(`/work/${third.id}`, node);
    await reads(page, '.panel-verdict', /run the search of another job again on permuted bars/);
    const spanish = await visit(browser, page.url(), { language: 'es-ES' });
    await reads(spanish.page, '.panel-verdict', /repiten otra búsqueda con las velas barajadas/);
    await spanish.context.close();
    await page.getByRole('link', { name: 'Go to that job' }).click();
    await reads(page, 'h1', /J-0031/);
    t.equal(new URL(page.url()).pathname, `/work/${first.id}`);
    await context.close();
  });

  await t.test('filters and keys', async (t) => {
    const { page, context } = await open('/work');
    await page.waitForSelector('.panel-jobs tbody tr');
    await page.keyboard.press('j');
    await reads(page, 'h1', /J-0029/);
    await reads(page, '.panel-job', /does not hold its candles/);
    await page.keyboard.press('k');
    await reads(page, 'h1', /J-0031/);
    await page.getByRole('button', { name: 'Queued 1' }).click();
    await until('one row', async () => (await page.locator('.panel-jobs tbody tr').count()) === 1);
    await page.reload();
    await reads(page, '.panel-jobs tbody', /J-0032/);
    t.equal(await page.locator('.panel-jobs tbody tr').count(), 1, 'reload restores the filter');
    await page.getByRole('button', { name: 'Complete 0' }).click();
    await reads(page, '.panel-jobs', /No job here/);
    await context.close();
  });

  await t.test('steering: the creator, acknowledged; a copy is a draft', async (t) => {
    const node = createFixtureNode();
    node.change(({ members }) => {
      members[0]!.role = 'member';
    });
    const { page, context } = await open('/work', node);
    await page.getByRole('button', { name: 'Pause job' }).click();
    await reads(page, '.panel-job', /Paused/);
    await page.getByRole('button', { name: 'Stop job' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Stop job' }).click();
    await reads(page, '.panel-jobs tbody', /Stopped/);
    t.same(node.calls, ['setJob pause', 'setJob stop']);
    const [, other] = node.jobs();
    await page.goto(new URL(`/work/${other!.id}`, page.url()).href);
    await reads(page, '.panel-job', /creator or an admin/);
    t.equal(await page.getByRole('button', { name: 'Pause job' }).count(), 0, 'not the job of another');
    await page.getByRole('button', { name: 'Copy as new' }).click();
    await page.waitForSelector('#token-population');
    t.equal(await page.inputValue('#token-population'), '400');
    t.equal(await page.inputValue('[name=fee]'), '0.06');
    await context.close();
  });

  await t.test('no job, no panels of one', async (t) => {
    const { page, context } = await open('/work', createFixtureNode({ alone: true }));
    await reads(page, '.panel-jobs', /No work yet/);
    t.match(await shown(page.locator('main')), /Create work/);
    await context.close();
  });
});
