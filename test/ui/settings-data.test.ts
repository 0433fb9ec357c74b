// Settings, the candles of this machine: who else has them is asked for, and what a job needs stays.
import t from 'tap';
import { overflow, violations } from './barriers.ts';
import { launch, noBrowser, reads, textOf, visit } from './browser.ts';
import { createFixtureNode } from './fixture-node.ts';
import { startHarness, until } from './harness.ts';

t.test('in the browser', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = async (node = createFixtureNode()) => {
    const server = await startHarness({ node });
    t.teardown(() => server.stop());
    return { server, node, ...(await visit(browser, new URL('/settings', server.url).href)) };
  };

  await t.test('who has a data set is asked when the reader asks, and an answer that is none is none', async (t) => {
    const { page, context, requests, faults } = await open();
    await page.waitForSelector('.panel-data tbody tr');
    const asked = () => requests.filter((request) => request.endsWith('/holders')).length;
    t.equal(asked(), 0, 'every member would have to look at its disk');
    await page.getByRole('button', { name: 'Who has BTC-USD' }).click();
    await reads(
      page,
      '.panel-data tbody',
      /1 of 3 connected members have it[\s\S]*has it[\s\S]*has it not[\s\S]*no answer/,
    );
    t.equal(asked(), 1);
    await page.getByRole('button', { name: 'Ask again' }).click();
    await until('it is asked again', () => asked() === 2);
    for (const width of [320, 1440]) {
      await page.setViewportSize({ width, height: 800 });
      t.same(await violations(page), []);
      t.ok((await overflow(page)) <= 0);
    }
    await page.getByRole('button', { name: 'Close: who has BTC-USD' }).click();
    t.equal(await page.locator('.holders').count(), 0);
    t.same(faults, []);
    await context.close();
  });

  await t.test('alone there is nobody to ask', async () => {
    const node = createFixtureNode();
    node.change(({ members }) => members.splice(0, members.length, ...members.filter(({ self }) => self)));
    const { page, context } = await open(node);
    await page.getByRole('button', { name: 'Who has SAMPLE-USD' }).click();
    await reads(page, '.panel-data tbody', /nobody can be asked/);
    await context.close();
  });

  await t.test('a set that a job needs stays; another goes after a second look', async (t) => {
    const { page, context, node } = await open();
    const [btc] = node.datasets();
    const jobs = node.jobs().filter(({ datasetHash }) => datasetHash === btc!.hash);
    const [open1] = jobs.filter(({ state }) => !['complete', 'stopped', 'failed'].includes(state));
    const remove = page.getByRole('button', { name: 'Remove BTC-USD' });
    await remove.waitFor();
    t.ok(await remove.isDisabled());
    t.match(await textOf(page, '.panel-data tbody tr'), new RegExp(`${open1!.name} needs them`), 'and it says why');
    node.change((snapshot) => {
      for (const job of snapshot.jobs) job.state = 'complete';
    });
    await until('nothing needs it, as far as the page knows', () => remove.isEnabled());
    await remove.click();
    await reads(page, 'dialog', /BTC-USD 1\sh: 17,518 candles, 1\.1\sMB[\s\S]*on this machine only[\s\S]*not shown/);
    t.same(await violations(page), []);
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await reads(page, 'dialog .notice.error', /“J-0031” needs these candles/);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    t.equal(node.datasets().length, 2, 'the node has the last word');

    await page.getByRole('button', { name: 'Remove SAMPLE-USD' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    t.same(node.calls, ['removeData'], 'nothing goes by looking');
    await page.getByRole('button', { name: 'Remove SAMPLE-USD' }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await reads(page, '.toast.good', /SAMPLE-USD 1\sh is removed/);
    await reads(page, '.panel-data .table-foot', /^1 set,/);
    t.same(
      node.datasets().map(({ symbol }) => symbol),
      ['BTC-USD'],
    );
    await context.close();
  });
});
