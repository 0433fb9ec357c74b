// The page for other languages and other eyes than those it was drawn with: words two fifths longer (check 28), the colours
// of the system, and more contrast (check 30).
import type { Browser, Page } from 'playwright-core';
import t from 'tap';
import { PAGES, pathOf } from '../../src/ui/places.ts';
import { overflow } from './barriers.ts';
import { ask, launch, noBrowser, visit } from './browser.ts';
import { sayMuch } from './fixture-care.ts';
import { createFixtureNode } from './fixture-node.ts';
import { startHarness } from './harness.ts';

const WIDTHS = [320, 390, 768, 1440];
const SHARE = 0.4;
/** WCAG 2.2, success criterion 1.4.6. */
const CONTRAST_MIN = 7;

/** Every word that stands on the page, and every hint, longer by two fifths. */
const LENGTHEN = `(() => {
  const longer = (text) => text.replace(/\\p{L}{2,}/gu, (word) => word + word.slice(0, Math.ceil(${SHARE} * word.length)).toLowerCase());
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let count = 0;
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.parentElement.closest('script, style, code, .hash') !== null || text.data.trim() === '') continue;
    text.data = longer(text.data);
    count += 1;
  }
  return count;
})()`;

/** What is drawn by background alone: how many there are, and those that cannot be told from what lies behind them. */
const UNSEEN = `(() => {
  const colour = (element) => getComputedStyle(element).backgroundColor;
  const behind = (element) => {
    for (let at = element.parentElement; at !== null; at = at.parentElement) {
      if (!/, 0\\)$|^transparent$/.test(colour(at))) return colour(at);
    }
    return colour(document.documentElement);
  };
  const drawn = [...document.querySelectorAll('.blocks-done, .cell.l1, .cell.l3, .cell.l4')];
  const shown = drawn.filter((element) => element.getBoundingClientRect().width > 0);
  const unseen = shown.filter((element) => colour(element) === behind(element));
  return { shown: shown.length, unseen: unseen.map((element) => element.className) };
})()`;

/** The least contrast between the quietest words and what lies behind them, WCAG 2.2 (relative luminance). */
const QUIETEST = `(() => {
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map((value) => value / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const found = channels(getComputedStyle(at).backgroundColor);
      if ((found[3] ?? 1) === 1) return found;
    }
    return channels(getComputedStyle(document.documentElement).backgroundColor);
  };
  const ratios = [...document.querySelectorAll('.dim, .muted')]
    .filter((element) => element.getBoundingClientRect().width > 0)
    .map((element) => [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))])
    .map(([a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  return Math.min(...ratios);
})()`;

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
        t.ok((await ask<number>(page, LENGTHEN)) > 20, `${name} has words`);
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
        const found = await ask<{ shown: number; unseen: string[] }>(page, UNSEEN);
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
        const least = await ask<number>(page, QUIETEST);
        t.ok(least >= CONTRAST_MIN, `${name} ${theme}: ${least.toFixed(1)}`);
      });
      await context.close();
    }
  });
});
