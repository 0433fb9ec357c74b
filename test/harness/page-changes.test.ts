// What changes on a real node while somebody looks at its page, or does not hear it: more changes than the node remembers, and
// a leaderboard that grows under the pointer.
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import t from 'tap';
import type { ResultView } from '../../src/ui/api.ts';
import { TestHome, type TestNode, until } from '../support/nodes.ts';
import { launch, noBrowser, reads, shown, visit } from '../ui/browser.ts';
import { addSample, call, openApi, pidOf } from './api.ts';

const HURRY = fileURLToPath(new URL('hurry.mjs', import.meta.url));
/** The stream remembers 512. */
const CHANGES = 600;
const LIMIT_MS = 240_000;

/** Reads the stream beside the browser and counts its patches. */
async function countPatches(node: TestNode): Promise<{ patches: number; stop: () => void }> {
  const { url, headers } = openApi(node);
  const abort = new AbortController();
  const counter = { patches: 0, stop: () => abort.abort() };
  const { body } = await fetch(new URL('/api/v1/events', url), { headers, signal: abort.signal });
  const read = async (): Promise<void> => {
    for await (const chunk of body!.pipeThrough(new TextDecoderStream()))
      counter.patches += chunk.split('event: patch').length - 1;
  };
  read().catch(() => undefined);
  return counter;
}

const names = (page: Page): Promise<string[]> => page.locator('.panel-board tbody th').allInnerTexts();

t.test('a node whose page has much to follow', { skip: noBrowser, timeout: 0 }, async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const one = home.node('one');
  await one.start({ environment: { NODE_OPTIONS: `--import=${HURRY}` } });
  const { hash } = await addSample(one);
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = (path: string) => visit(browser, new URL(path, one.ready.ui).href, { calm: true });
  const mine = (seed: string, units: number) =>
    one.createJob({
      dataset: hash,
      preset: 'quick',
      population: 40,
      generations: 3,
      seed,
      units,
      replicas: 1,
      permutations: 0,
    });

  // A mesh that nobody has used has a page of its own.
  const first = await mine('first', 1);
  const finished = async (id: string): Promise<boolean> =>
    (await one.jobs()).find((job) => job.id === id)?.state === 'complete';
  await until('something is found', () => finished(first.id), LIMIT_MS);

  await t.test('six hundred changes are missed: the whole picture is asked for (11)', async (t) => {
    const { page, context, requests } = await open('/');
    await page.locator('.kpis').waitFor();
    await context.setOffline(true);
    process.kill(pidOf(one), 'SIGUSR2');
    await reads(page, '.lost-bar', /Trying/, 30_000);
    const counter = await countPatches(one);
    t.teardown(() => counter.stop());
    for (let flips = 0; counter.patches < CHANGES; flips += 1) {
      if (flips > 4 * CHANGES) throw new Error(`${counter.patches} patches of ${flips} changes`);
      await call(one, 'POST', flips % 2 === 0 ? 'node/pause' : 'node/resume', {});
    }
    await call(one, 'POST', 'node/pause', {});
    const { id } = await mine('missed', 1);
    const asked = (): number => requests.filter((request) => request === 'GET /api/v1/snapshot').length;
    const before = asked();
    await context.setOffline(false);
    await page.locator('.lost-bar').waitFor({ state: 'detached', timeout: 30_000 });
    await reads(page, '.status-mode', /PAUSED/);
    t.ok(asked() > before, 'the whole picture was asked for');
    const fresh = await open('/');
    await fresh.page.locator('.panel-work tbody tr').first().waitFor();
    for (const panel of ['kpis', 'panel-mesh', 'panel-work', 'panel-top']) {
      const [old, anew] = await Promise.all([page, fresh.page].map((each) => shown(each.locator(`.${panel}`).first())));
      t.equal(old, anew, `${panel} is that of a page that was opened just now`);
    }
    await one.post('node/resume', {});
    for (const each of [page, fresh.page])
      await until('it goes on', async () => !/PAUSED/.test(await shown(each.locator('.status-mode'))));
    await until('it is worked on', () => finished(id), LIMIT_MS);
    await context.close();
    await fresh.context.close();
  });

  await t.test('the leaderboard holds still under the pointer (12)', async (t) => {
    const { page, context } = await open('/results');
    const rows = page.locator('.panel-board tbody tr');
    await rows.first().waitFor({ timeout: 60_000 });
    const before = await names(page);
    await rows.first().hover();
    const place = await rows.first().boundingBox();
    await mine('more', 3);
    await reads(page, '.panel-board .chip', /\d+ moved/, LIMIT_MS);
    t.same(await names(page), before, 'nothing moves under the pointer');
    t.same(await rows.first().boundingBox(), place);
    await until(
      'all of it is done',
      async () => (await one.jobs()).every(({ state }) => state === 'complete'),
      240_000,
    );
    const { items } = await one.get<{ items: ResultView[] }>('leaderboard?limit=25');
    t.ok(items.length > before.length, `${items.length} strategies now`);
    t.same(await names(page), before, 'nor later');
    await page.locator('.panel-board .chip').click();
    await until('they stand as the node has them', async () => {
      const now = await names(page);
      return now.length === items.length && now.every((name, i) => name.includes(items[i]!.codeName));
    });
    await context.close();
  });
});
