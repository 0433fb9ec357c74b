// One strategy: what the legend says is what the node says, keys go from trade to trade, a re-run tells a match from a
// difference, and what is not here is said so.
import t from 'tap';
import { ask, launch, noBrowser, reads, shown, visit } from './browser.ts';
import { resultOf } from './fixture-data.ts';
import { createFixtureNode } from './fixture-node.ts';
import { startHarness, until } from './harness.ts';

t.test('in the browser', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = async (id: string) => {
    const server = await startHarness({ node: createFixtureNode() });
    t.teardown(() => server.stop());
    return { server, ...(await visit(browser, new URL(`/results/${id}`, server.url).href)) };
  };

  await t.test('figures, rules and charts', async (t) => {
    const { page, context, faults } = await open(resultOf(0).id);
    await reads(
      page,
      '.panel-equity .legend',
      /In sample\s*\+9\.4\s%\s*Out of sample\s*\+3\.6\s%\s*Holdout\s*\+1\.8\s%/,
    );
    t.match(await page.title(), /^amber-heron · casa-lab/);
    t.match(
      await shown(page.locator('.strategy-head')),
      /Validated[\s\S]*2\/2 replicas agree[\s\S]*20 trades out of sample/,
    );
    t.match(await shown(page.locator('.panel-rules')), /long when all hold[\s\S]*RSI\(14\) crosses above 30/);
    t.equal(await page.locator('.segment').count(), 5, 'a line for each stretch');
    t.match(await shown(page.locator('.panel-origin')), /J-0031[\s\S]*3,021,400/, 'the tries stand beside it');
    await page.waitForSelector('.candle-chart canvas');
    const painted = await ask<number>(
      page,
      `(() => { let n = 0; for (const c of document.querySelectorAll('.candle-chart canvas')) { if (!c.width) continue;
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; for (let i = 3; i < d.length; i += 4) if (d[i] > 0) n++; } return n; })()`,
    );
    t.ok(painted > 50, `${painted} pixels of candles`);
    t.equal(await page.locator('.credit').getAttribute('href'), 'https://www.tradingview.com/');
    t.same(faults, [], 'the chart breaks no rule of the page');
    await context.close();
  });

  await t.test('from trade to trade', async (t) => {
    const { page, context } = await open(resultOf(0).id);
    await page.waitForSelector('.candle-chart canvas');
    await page.getByRole('button', { name: 'Show trade 41 on the chart' }).click();
    await reads(page, '.panel-candles', /trade 41 of 42/);
    await page.locator('.candles-body').focus();
    await page.keyboard.press('ArrowLeft');
    await reads(page, '.panel-candles', /trade 40 of 42/);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await reads(page, '.panel-candles', /trade 42 of 42/);
    t.match(page.url(), /trade=42/);
    await page.reload();
    await reads(page, '.panel-candles', /trade 42 of 42/);
    await context.close();
  });

  await t.test('a re-run says whether it is the same', async () => {
    const { page, context } = await open(resultOf(0).id);
    await page.getByRole('button', { name: 'Runs it on this machine' }).click();
    await reads(page, 'main .notice.good', /Match[\s\S]*here 7f3a91c2 · ledger 7f3a91c2/);
    await page.goto(new URL(`/results/${resultOf(2).id}`, page.url()).href);
    await page.getByRole('button', { name: 'Runs it on this machine' }).click();
    await reads(page, 'main .notice.error', /Differs[\s\S]*here 41fc9a03 · ledger 7f3a91c2/);
    await context.close();
  });

  await t.test('what is not here', async (t) => {
    const { page, context } = await open('abcdef');
    await reads(page, 'main', /No strategy of this hash/);
    await page.getByRole('link', { name: 'All results' }).click();
    await until('the list', async () => (await page.locator('.panel-board tbody tr').count()) === 10);
    await page.goto(new URL(`/results/${resultOf(3).id}`, page.url()).href);
    await reads(page, '.panel-candles', /does not hold the candles/);
    t.equal(await page.locator('.candle-chart').count(), 0);
    await context.close();
  });
});
