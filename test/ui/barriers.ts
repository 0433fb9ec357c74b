// What keeps somebody out of a page: barriers that axe knows, sideways scrolling, what cannot be told from what is
// behind it, and charts with nothing in them.
import axe from 'axe-core';
import type { Page } from 'playwright-core';

const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** WCAG 2.2, success criterion 1.4.6. */
export const CONTRAST_MIN = 7;

/** One line for each kind, with where it is. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(
    (tags) => (globalThis as unknown as { axe: typeof axe }).axe.run({ runOnly: tags }),
    AXE_TAGS,
  );
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

/** How far the page is wider than its window, px. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { document } = globalThis as unknown as {
      document: { documentElement: { scrollWidth: number; clientWidth: number } };
    };
    return document.documentElement.scrollWidth - document.documentElement.clientWidth;
  });

/** Goes on by the Tab key. What has the focus and no ring of two pixels or more around it or what holds it. */
export async function ringless(page: Page, stops: number): Promise<string[]> {
  const without: string[] = [];
  for (let i = 0; i < stops; i += 1) {
    const ring = (await page.evaluate(
      `(() => { const e = document.activeElement; const ring = (x) => { const s = getComputedStyle(x); return s.outlineStyle === 'none' ? 0 : parseFloat(s.outlineWidth); };
        return { width: e === document.body ? 2 : Math.max(ring(e), ring(e.parentElement)), what: e.outerHTML.slice(0, 80) }; })()`,
    )) as { width: number; what: string };
    if (ring.width < 2) without.push(ring.what);
    await page.keyboard.press('Tab');
  }
  return without;
}

/** What is drawn by background alone: how many there are, and those that cannot be told from what lies behind them. */
export const unseen = (page: Page): Promise<{ shown: number; unseen: string[] }> =>
  page.evaluate(`(() => {
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
})()`);

/** The least contrast between the quietest words and what lies behind them, WCAG 2.2 (relative luminance). */
export const quietest = (page: Page): Promise<number> =>
  page.evaluate(`(() => {
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
})()`);

/** Makes every word that stands on the page longer by two fifths; how many texts there were. */
export const lengthen = (page: Page): Promise<number> =>
  page.evaluate(`(() => {
  const longer = (text) => text.replace(/\\p{L}{2,}/gu, (word) => word + word.slice(0, Math.ceil(0.4 * word.length)).toLowerCase());
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let count = 0;
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.parentElement.closest('script, style, code, .hash') !== null || text.data.trim() === '') continue;
    text.data = longer(text.data);
    count += 1;
  }
  return count;
})()`);

/** Of each chart on the page its name and how much is drawn: painted pixels of its canvas, or shapes. */
export const drawn = (page: Page): Promise<Record<string, number>> =>
  page.evaluate(`(() => {
  const painted = (canvas) => canvas.width === 0 ? 0 :
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.filter((byte, i) => i % 4 === 3 && byte > 0).length;
  const sizeOf = (chart) => {
    const canvases = [...chart.querySelectorAll('canvas')];
    return canvases.length > 0 ? Math.max(...canvases.map(painted)) : chart.querySelectorAll('circle, path, line, rect').length;
  };
  return Object.fromEntries([...document.querySelectorAll('[data-chart]')].map((chart) => [chart.dataset.chart, sizeOf(chart)]));
})()`);
