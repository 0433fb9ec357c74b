// The page for every eye and hand: no barrier that axe knows, no sideways scrolling, the keyboard alone, and its weight.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { PAGES, pathOf } from '../../src/ui/places.ts';
import { overflow, ringless, violations } from './barriers.ts';
import { ask, type Look, launch, noBrowser, visit } from './browser.ts';
import { sayMuch } from './fixture-care.ts';
import { resultOf, snapshotOf } from './fixture-data.ts';
import { createFixtureNode, newNode } from './fixture-node.ts';
import { PAGE, startHarness, until } from './harness.ts';

const WIDTHS = [320, 390, 768, 1024, 1280, 1440, 1920];
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

/** Each page, and what stands there when it is drawn. */
const PLACES: readonly [path: string, there: string][] = [
  ...PAGES.map((name): [string, string] => [pathOf(name), 'main .panel']),
  [pathOf('results', resultOf(0).id), '.heat-own'],
];

const built = (name: string): string => readFileSync(new URL(name, PAGE), 'utf8');
const weight = (name: string): number => gzipSync(readFileSync(new URL(`assets/${name}`, PAGE))).length;

/** Scripts that a script brings with it; what it fetches later is not among them. */
function withImports(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const [, other] of built(`assets/${name}`).matchAll(/(?:from|import)\s*"\/assets\/([^"]+)"/g))
    withImports(other!, seen);
  return seen;
}

t.test('size budget', { skip: noBrowser }, async (t) => {
  const sum = (names: Iterable<string>): number => [...names].reduce((total, name) => total + weight(name), 0);
  const all = readdirSync(new URL('assets/', PAGE));
  const first = withImports(/src="\/assets\/([^"]+\.js)"/.exec(built('index.html'))![1]!);
  t.ok(first.size > 5, 'what the first script brings with it is counted');
  const words = all.filter((name) => /^(en|es)-/.test(name)).map(weight);
  t.equal(words.length, 2, 'a reader fetches one language');
  const scripts = sum(first) + Math.max(...words);
  const strategy = withImports(all.find((name) => name.startsWith('strategy-'))!);
  const candles = withImports(all.find((name) => name.startsWith('draw-candles-'))!);
  const added = [...new Set([...strategy, ...candles])].filter((name) => !first.has(name));
  const styles = sum(all.filter((name) => name.endsWith('.css')));
  const font = sum(all.filter((name) => name.endsWith('.woff2')));
  t.ok(scripts <= 45_000, `scripts of the first page: ${scripts} bytes`);
  t.ok(styles <= 12_000, `styles: ${styles} bytes`);
  t.ok(font <= 42_000, `font: ${font} bytes`);
  t.ok(scripts + styles + font <= 110_000, `all that the first page needs: ${scripts + styles + font} bytes`);
  t.ok(sum(added) <= 85_000, `what a strategy adds: ${sum(added)} bytes`);
  t.ok(sum(all) <= 260_000, `everything: ${sum(all)} bytes`);
});

t.test('for every eye and hand', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = async (look: Look = {}, node = createFixtureNode(), path = '/') => {
    const server = await startHarness({ node });
    sayMuch(server);
    t.teardown(() => server.stop());
    return { server, node, ...(await visit(browser, new URL(path, server.url).href, look)) };
  };

  await t.test('no fault, no barrier: two themes, two languages, two sizes', async (t) => {
    for (const theme of ['dark', 'light'] as const) {
      for (const [language, size] of [
        ['en-GB', DESKTOP],
        ['es-ES', PHONE],
      ] as const) {
        const { page, context, faults } = await open({ theme, language, ...size });
        t.same(faults, [], `${theme} ${language}: quiet console, nothing leaves the node`);
        t.same(await violations(page), [], `${theme} ${language}: no axe violation`);
        await page
          .getByRole('button', { name: language === 'en-GB' ? 'Create work' : 'Crear trabajo' })
          .first()
          .click();
        await page.fill('#token-population', '1');
        await page.keyboard.press('Control+Enter');
        await page.waitForSelector('.field-error');
        t.same(await violations(page), [], `${theme} ${language}: nor in the dialog with an error`);
        await context.close();
      }
    }
    for (const name of PAGES.filter((each) => each !== 'overview')) {
      for (const [theme, language, size] of [
        ['dark', 'en-GB', DESKTOP],
        ['light', 'es-ES', PHONE],
      ] as const) {
        const { page, context, faults } = await open({ theme, language, ...size }, createFixtureNode(), pathOf(name));
        await page.waitForSelector('main .panel');
        t.same([...faults, ...(await violations(page))], [], `${name} ${theme} ${language}`);
        await context.close();
      }
    }
    const { page, context, faults } = await open(PHONE, createFixtureNode({ alone: true }));
    t.same([...faults, ...(await violations(page))], [], 'a mesh of one');
    await context.close();
  });

  await t.test('a strategy, a peer, the API and the first page', async (t) => {
    const peer = snapshotOf().members[2]!.peerId;
    for (const path of [
      pathOf('results', resultOf(0).id),
      pathOf('peers', peer),
      pathOf('settings', 'api'),
      pathOf('welcome'),
    ]) {
      const node = path === pathOf('welcome') ? newNode() : createFixtureNode();
      const { page, context, faults } = await open({ theme: 'light', ...PHONE }, node, path);
      await page.waitForSelector('.candle-chart canvas, .peer-detail, .api-entry, .welcome-card');
      t.same([...faults, ...(await violations(page))], [], path.slice(0, 12));
      t.ok((await overflow(page)) <= 0, 'no sideways scrolling');
      await context.close();
    }
  });

  await t.test('no sideways scrolling', async (t) => {
    for (const language of ['en-GB', 'es-ES'] as const) {
      const { page, context } = await open({ language });
      for (const [name, there] of PLACES) {
        await page.goto(new URL(name, page.url()).href);
        await page.waitForSelector(there);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 800 });
          t.ok((await overflow(page)) <= 0, `${name} ${language} at ${width} px`);
        }
      }
      await page.goto(new URL('/', page.url()).href);
      await page.waitForSelector('main .panel');
      for (const key of ['n', 'i', '?']) {
        await page.setViewportSize({ width: 320, height: 700 });
        await page.keyboard.press(key);
        await page.waitForSelector('dialog[open]');
        const inside = await ask<number>(
          page,
          '(() => { const d = document.querySelector("dialog"); return d.scrollWidth - d.clientWidth; })()',
        );
        t.ok(inside <= 0 && (await overflow(page)) <= 0, `${language} dialog ${key} at 320 px`);
        await page.keyboard.press('Escape');
        await page.waitForSelector('dialog', { state: 'detached' });
      }
      await context.close();
    }
  });

  await t.test('letters and weights come from the font that the node serves', async (t) => {
    const { page, context } = await open();
    await ask(page, 'document.fonts.ready.then(() => 0)');
    // Of a proportional fallback hardly two letters are equally wide.
    const others = await ask<string[]>(
      page,
      `(() => { const pen = document.createElement('canvas').getContext('2d'); pen.font = '40px "JetBrains Mono", serif';
        const wide = (text) => pen.measureText(text).width; const letters = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
        return [...letters, ...'áéíñóúüÁÉÍÑÓÚÜ¿¡«»·×±−–—…€'].filter((letter) => wide(letter) !== wide('a')); })()`,
    );
    t.same(others, []);
    const painted = async (weight: number): Promise<string> => {
      await ask(page, `document.querySelector('h1').style.fontWeight = ${weight}`);
      return (await page.locator('h1').screenshot()).toString('base64');
    };
    t.not(await painted(700), await painted(400), 'bold is bolder');
    await context.close();
  });

  await t.test('keyboard', async (t) => {
    const { page, context } = await open();
    await page.keyboard.press('Tab');
    t.equal(await ask(page, 'document.activeElement.className'), 'skip', 'the first stop is the skip link');
    t.same(await ringless(page, 60), [], 'a focus ring at every stop');
    await page.keyboard.press('t');
    await until('the light theme', () => ask(page, 'document.documentElement.dataset.theme === "light"'));
    const opener = page.locator('.panel-work .button.primary');
    await opener.focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press('Tab');
      const inside = await ask<boolean>(
        page,
        'document.activeElement === document.body || document.activeElement.closest("dialog") !== null',
      );
      if (!inside) t.fail('the focus left the dialog');
    }
    await page.locator('#token-population').focus();
    await page.keyboard.type('tp?');
    t.equal(await ask(page, 'document.documentElement.dataset.theme'), 'light', 'single keys do nothing in a field');
    t.equal(await page.locator('dialog').count(), 1);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    await until('the focus is back on the opener', () => opener.evaluate((element) => element.matches(':focus')));
    await context.close();
  });
});
