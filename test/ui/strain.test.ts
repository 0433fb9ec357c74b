// The page for other languages and other eyes than those it was drawn with: words two fifths longer (check 28), the colours
// of the system, and more contrast (check 30).
import type { Browser, Page } from 'playwright-core';
import t from 'tap';
import { PAGES, pathOf } from '../../src/ui/places.ts';
import { CONTRAST_MIN, lengthen, overflow, quietest, unseen } from './barriers.ts';
import { launch, noBrowser, visit } from './browser.ts';
import { sayMuch } from './fixture-care.ts';
import { createFixtureNode } from './fixture-node.ts';
import { startHarness } from './harness.ts';

const WIDTHS = [320, 390, 768, 1440];

async function onEachPage(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  for (const name of PAGES) {
    await page.goto(new URL(pathOf(name), page.url()).href);
    await page.waitForSelector('main .panel');
    await look(name);
  }
}

t.test('under strain', { skip: noBrowser }, async (t) => {
  const browser: Browser = await launch();
  t.teardown(() => browser.close());
  const open = async (theme: 'dark' | 'light' = 'dark') => {
    const server = await startHarness({ node: createFixtureNode() });
    sayMuch(server);
    t.teardown(() => server.stop());
    return visit(browser, server.url, { theme });
  };

  await t.test('words two fifths longer do not make it scroll sideways', async (t) => {
    const { page, context } = await open();
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      await onEachPage(page, async (name) => {
        t.ok((await lengthen(page)) > 20, `${name} has words`);
        const wider = await overflow(page);
        t.ok(wider <= 0, `${name} at ${width}: ${wider} px`);
      });
    }
    await context.close();
  });

  await t.test('in the colours of the system bars and maps can be seen', async (t) => {
    for (const theme of ['dark', 'light'] as const) {
      const { page, context } = await open(theme);
      await page.emulateMedia({ forcedColors: 'active' });
      let shown = 0;
      await onEachPage(page, async (name) => {
        const found = await unseen(page);
        t.same(found.unseen, [], `${name} ${theme}`);
        shown += found.shown;
      });
      t.ok(shown > 5, `${shown} bars and cells`);
      await context.close();
    }
  });

  await t.test('with more contrast the quietest words have seven to one', async (t) => {
    for (const theme of ['dark', 'light'] as const) {
      const { page, context } = await open(theme);
      await page.emulateMedia({ contrast: 'more' });
      await onEachPage(page, async (name) => {
        const least = await quietest(page);
        t.ok(least >= CONTRAST_MIN, `${name} ${theme}: ${least.toFixed(1)}`);
      });
      await context.close();
    }
  });
});
