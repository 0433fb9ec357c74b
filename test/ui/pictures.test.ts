// Pictures of every page in both themes, on a desk and on a phone, over the invented mesh: `npm run pictures` writes them.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import { PAGES, pathOf } from '../../src/ui/places.ts';
import { ask, type Look, launch, noBrowser, visit } from './browser.ts';
import { sayMuch } from './fixture-care.ts';
import { snapshotOf } from './fixture-data.ts';
import { newNode } from './fixture-node.ts';
import { startHarness, until } from './harness.ts';

const folder = process.env.STRATMESH_PICTURES;
const only = process.env.STRATMESH_PICTURES_OF;
const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
/** Pages that are also looked at in Spanish. */
const SPANISH = ['overview', 'peers', 'results', 'settings'];

/** Name of a picture and the address that it shows. */
const SUBJECTS: [string, string][] = [
  ...PAGES.map((page): [string, string] => [page, pathOf(page)]),
  ['strategy', pathOf('results', snapshotOf().top[0]!.id)],
  ['peer', pathOf('peers', snapshotOf().members[2]!.peerId)],
  ['api', pathOf('settings', 'api')],
  ['welcome', pathOf('welcome')],
];

/** The page allows no script of ours to wait in it. */
const settled = (page: Page): Promise<unknown> =>
  until('nothing is on its way', () => ask<boolean>(page, 'document.querySelector("main [aria-busy=true]") === null'));

t.test('pictures', { skip: noBrowser || folder === undefined ? 'only on request' : false, timeout: 0 }, async (t) => {
  mkdirSync(folder!, { recursive: true });
  const browser = await launch();
  t.teardown(() => browser.close());
  const server = await startHarness();
  const fresh = await startHarness({ node: newNode() });
  for (const each of [server, fresh]) t.teardown(() => each.stop());
  sayMuch(server);
  const take = async (name: string, path: string, look: Look): Promise<void> => {
    const { page, context, faults } = await visit(
      browser,
      new URL(path, (path === pathOf('welcome') ? fresh : server).url).href,
      { ...look, calm: true },
    );
    await page.waitForSelector('main :is(.panel, .welcome-card)');
    await settled(page);
    await page.evaluate('document.fonts.ready');
    // What stands at the lower edge of the screen stands at the lower edge of the picture.
    const height = await ask<number>(page, 'document.documentElement.scrollHeight');
    await page.setViewportSize({ width: look.width!, height: Math.max(look.height!, height) });
    await settled(page);
    await page.screenshot({ path: join(folder!, `${name}.png`) });
    t.same(faults, [], name);
    await context.close();
  };
  for (const [subject, path] of SUBJECTS.filter(([name]) => only === undefined || only.split(',').includes(name))) {
    for (const theme of ['dark', 'light'] as const) {
      for (const [size, viewport] of Object.entries(SIZES)) {
        await take(`${subject}-${size}-${theme}`, path, { ...viewport, theme });
        if (SPANISH.includes(subject))
          await take(`${subject}-${size}-${theme}-es`, path, { ...viewport, theme, language: 'es-ES' });
      }
    }
  }
});
