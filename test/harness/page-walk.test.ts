// Every page of a real node, walked through: no fault, no barrier and no sideways scrolling in both themes, languages and sizes;
// keys, tabs, limits, errors, drafts, an invitation, filters, order, Spanish, stillness, hostile names, the system's
// colours, and who is refused.
import { request } from 'node:http';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { ResultView } from '../../src/ui/api.ts';
import { PAGES, pathOf } from '../../src/ui/places.ts';
import { TestHome, type TestNode, until } from '../support/nodes.ts';
import { CONTRAST_MIN, drawn, lengthen, overflow, quietest, ringless, unseen, violations } from '../ui/barriers.ts';
import { ask, launch, noBrowser, reads, settingsStand, shown, visit } from '../ui/browser.ts';
import { readQr } from '../ui/qr.ts';
import { addSample } from './api.ts';

const LIMIT_MS = 240_000;
const HOSTILE = '<img src=x onerror=alert(1)>';
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];
const WIDTHS = [320, 768, 1024, 1280, 1920];
const LOOKS = [
  ['dark', 'en-GB'],
  ['dark', 'es-ES'],
  ['light', 'en-GB'],
  ['light', 'es-ES'],
] as const;

interface Asked {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** The status that the node's page answers with. */
function statusOf({ ready }: TestNode, { method = 'GET', path = '/api/v1/status', headers, body }: Asked) {
  const { port, host } = new URL(ready.ui);
  return new Promise<number>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers: { host, ...headers } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject).end(body);
  });
}

async function lookAt(t: Test, page: Page, what: string): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    t.same(await violations(page), [], `${what} at ${size.width} px: no barrier`);
  }
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    t.ok((await overflow(page)) <= 0, `${what} at ${width} px: no sideways scrolling`);
  }
}

t.test('the pages of a real node', { skip: noBrowser, timeout: 0 }, async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const [one, two] = [home.node('one'), home.node(HOSTILE)];
  await one.start({ threads: 2 });
  const { hash } = await addSample(one);
  const { ticket } = await one.invite(1);
  await two.start({ bootstrap: home.bootstrapFile('bootstrap.json', { ticket, peers: one.ready.mesh }) });
  const overrides = { population: 60, generations: 6 };
  const job = await one.createJob({ dataset: hash, preset: 'quick', units: 3, permutations: 0, ...overrides });
  const best = await until(
    'a strategy is validated, and was run here',
    async () => (await one.get<{ items: ResultView[] }>('leaderboard?limit=1')).items[0],
    LIMIT_MS,
  );
  const browser = await launch();
  t.teardown(() => browser.close());
  const at = (path: string): string => new URL(path, one.ready.ui).href;

  await t.test('no fault, no barrier, no sideways scrolling (1, 2, 3)', async (t) => {
    const places: readonly [path: string, there: string][] = [
      ...PAGES.map((name): [string, string] => [pathOf(name), 'main .panel']),
      [pathOf('work', job.id), '.panel-job'],
      [pathOf('results', best.id), '.candle-chart canvas'],
      [pathOf('peers', two.ready.peerId), '.peer-detail'],
      [pathOf('settings', 'api'), '.api-entry'],
    ];
    for (const [theme, language] of LOOKS) {
      const { page, context, faults } = await visit(browser, one.ready.ui, { theme, language });
      for (const [path, there] of places) {
        await page.goto(at(path));
        await page.locator(there).first().waitFor({ timeout: 60_000 });
        await lookAt(t, page, `${path.slice(0, 12)} ${theme} ${language}`);
      }
      t.same(faults, [], `${theme} ${language}: a quiet console, and nothing leaves the node`);
      await context.close();
    }
  });

  await t.test('charts are drawn, and candles say whose work draws them (6)', async (t) => {
    const charts: [path: string, names: string[]][] = [
      ['/', ['throughput']],
      ['/results', ['scatter']],
      [pathOf('results', best.id), ['equity', 'candles', 'luck']],
    ];
    for (const [path, names] of charts) {
      const { page, context } = await visit(browser, at(path));
      for (const name of names) {
        const few = name === 'candles' ? 50 : 2;
        t.ok(await until(`${name} is drawn`, async () => ((await drawn(page))[name] ?? 0) > few, 60_000), name);
      }
      if (names.includes('candles')) await reads(page, 'main', /Chart: TradingView Lightweight Charts/);
      await context.close();
    }
  });

  await t.test('the keyboard alone (4, 5)', async (t) => {
    const { page, context } = await visit(browser, one.ready.ui);
    await page.keyboard.press('Tab');
    t.equal(await ask(page, 'document.activeElement.className'), 'skip', 'the first stop is the skip link');
    t.same(await ringless(page, 60), [], 'a focus ring at every stop');
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await page.waitForSelector('.panel-peers');
    t.equal(new URL(page.url()).pathname, '/peers');
    const theme = await ask(page, 'document.documentElement.dataset.theme');
    await page.keyboard.press('t');
    await until('another theme', async () => (await ask(page, 'document.documentElement.dataset.theme')) !== theme);
    await context.close();
  });

  await t.test('nine tabs, one stream (10)', async (t) => {
    const { page, context, requests } = await visit(browser, one.ready.ui);
    const streams = (): number => requests.filter((each) => each === 'GET /api/v1/events').length;
    const tabs = [page];
    for (let i = 1; i < 9; i += 1) {
      const next = await context.newPage();
      next.on('request', (each) => requests.push(`${each.method()} ${new URL(each.url()).pathname}`));
      await next.goto(one.ready.ui);
      tabs.push(next);
    }
    for (const tab of tabs) await tab.waitForSelector('.kpis');
    t.equal(streams(), 1);
    await one.post('node/pause', {});
    await reads(tabs[8]!, '.status-mode', /PAUSED/);
    await page.close();
    await one.post('node/resume', {});
    await until('the others hear on', async () => !/PAUSED/.test(await shown(tabs[8]!.locator('.status-mode'))));
    t.equal(streams(), 2, 'another tab took over');
    await context.close();
  });

  await t.test('threads are asked for once, when they are saved (14)', async (t) => {
    const { page, context, requests } = await visit(browser, at('/settings'));
    await settingsStand(page);
    const writes = (): number => requests.filter((each) => each === 'PATCH /api/v1/limits').length;
    await ask(
      page,
      `(() => { const e = document.querySelector('[data-setting="threads"] input[type=range]'); e.value = 1; e.dispatchEvent(new Event('input', { bubbles: true })); })()`,
    );
    await reads(page, '.save-bar', /1 change not saved/);
    t.equal(writes(), 0);
    await page.keyboard.press('Control+s');
    await page.waitForSelector('.save-bar', { state: 'detached' });
    t.equal((await one.get<{ rules: { threads: number | null } }>('limits')).rules.threads, 1);
    t.equal(writes(), 1);
    await context.close();
  });

  await t.test('errors and drafts of Create work (16, 17)', async (t) => {
    const { page, context, requests } = await visit(browser, one.ready.ui);
    const opener = page.locator('.panel-work .button.primary');
    await opener.click();
    await page.fill('#token-population', '5');
    await page.keyboard.press('Control+Enter');
    await reads(page, '#token-population-error', /from 10 to 5,000/);
    await until('the focus is on the error', () => ask(page, 'document.activeElement.id === "token-population"'));
    t.notOk(requests.includes('POST /api/v1/jobs'), 'nothing was sent');
    await page.fill('#token-population', '77');
    await page.reload();
    await page.waitForSelector('.kpis');
    await opener.click();
    t.equal(await page.inputValue('#token-population'), '77', 'the draft survived');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    await until('the focus is back', () => opener.evaluate((element) => element.matches(':focus')));
    await context.close();
  });

  await t.test('an invitation is a code that a camera reads, and that lets in (19)', async (t) => {
    const { page, context } = await visit(browser, at('/peers'));
    await page.keyboard.press('i');
    await page.getByRole('button', { name: 'Make ticket' }).click();
    await page.waitForSelector('.qr');
    const read = await readQr(page);
    t.equal(read, await page.locator('.copy-box textarea').first().inputValue());
    const three = home.node('three');
    await three.start({ bootstrap: home.bootstrapFile('three.json', { ticket: read, peers: one.ready.mesh }) });
    await page.keyboard.press('Escape');
    await reads(page, '.panel-peers tbody', /three/, 30_000);
    await three.stop();
    await context.close();
  });

  await t.test('filters are in the address, the order is what the header says (21, 22)', async (t) => {
    const { page, context } = await visit(browser, at('/results'));
    const rows = page.locator('.panel-board tbody tr');
    await rows.first().waitFor();
    const all = await rows.count();
    await page.fill('[name=minTrades]', '99999');
    await reads(page, '.panel-board', /No strategy matches[\s\S]*Min\. trades/);
    t.match(page.url(), /minTrades=99999/);
    await page.reload();
    await reads(page, '.panel-board', /No strategy matches/);
    await page.getByRole('button', { name: 'Clear that filter' }).click();
    await until('all of them again', async () => (await rows.count()) === all);
    const header = page.locator('.panel-board thead th', { hasText: 'In sample' });
    for (const [direction, sign] of [
      ['descending', -1],
      ['ascending', 1],
    ] as const) {
      await header.getByRole('button').click();
      await until(direction, async () => (await header.getAttribute('aria-sort')) === direction);
      await until('rows in that order', async () => {
        const texts = await page.locator('.panel-board tbody td:nth-of-type(5)').allTextContents();
        const list = texts.map((text) => Number(text.replace('\u2212', '-').replace(/[^\d.-]/g, '')));
        return list.length === all && list.every((value, i) => i === 0 || sign * (value - list[i - 1]!) >= 0);
      });
    }
    await context.close();
  });

  await t.test('Spanish, still, and a hostile name is text (28, 29, 31)', async (t) => {
    const { page, context, faults } = await visit(browser, at('/peers'), { language: 'es-ES', calm: true });
    await reads(page, '.panel-peers tbody', /<img src=x onerror=alert\(1\)>/, 30_000);
    t.equal(await page.locator('main img').count(), 0);
    t.equal(await ask(page, 'document.documentElement.lang'), 'es');
    t.equal(await ask(page, 'document.getAnimations().length'), 0);
    await page.goto(at(pathOf('results', best.id)));
    await reads(page, '.panel-equity .legend', /[+−]?\d+,\d\s%/, 60_000);
    t.same(faults, []);
    await context.close();
  });

  await t.test('words two fifths longer do not make it scroll sideways (28)', async (t) => {
    const { page, context } = await visit(browser, one.ready.ui);
    for (const name of PAGES) {
      await page.goto(at(pathOf(name)));
      await page.locator('main .panel').first().waitFor();
      t.ok((await lengthen(page)) > 20, `${name} has words`);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        t.ok((await overflow(page)) <= 0, `${name} at ${width} px`);
      }
    }
    await context.close();
  });

  await t.test('the colours of the system, and more contrast (30)', async (t) => {
    for (const theme of ['dark', 'light'] as const) {
      const { page, context } = await visit(browser, one.ready.ui, { theme });
      let drawn = 0;
      for (const name of PAGES) {
        await page.emulateMedia({ forcedColors: 'active', contrast: 'no-preference' });
        await page.goto(at(pathOf(name)));
        await page.locator('main .panel').first().waitFor();
        const found = await unseen(page);
        t.same(found.unseen, [], `${name} ${theme}: bars and cells can be told from what is behind them`);
        drawn += found.shown;
        await page.emulateMedia({ forcedColors: 'none', contrast: 'more' });
        const least = await quietest(page);
        t.ok(least >= CONTRAST_MIN, `${name} ${theme}: ${least.toFixed(1)} to one`);
      }
      t.ok(drawn > 5, `${drawn} bars and cells`);
      await context.close();
    }
  });

  await t.test('who is refused (35)', async (t) => {
    const own = new URL(one.ready.ui).origin;
    const json = { 'content-type': 'application/json' };
    const pause = { method: 'POST', path: '/api/v1/node/pause', body: '{}' };
    const asked: [string, Asked, number][] = [
      ['itself', {}, 200],
      ['another host', { headers: { host: 'evil.test' } }, 403],
      ['its name with another port', { headers: { host: '127.0.0.1:1' } }, 403],
      ['a page of another site', { headers: { origin: 'http://evil.test' } }, 403],
      ['a write from nowhere', { ...pause, headers: json }, 403],
      ['a write of another site', { ...pause, headers: { ...json, origin: 'http://evil.test' } }, 403],
      ['a form', { ...pause, headers: { origin: own, 'content-type': 'text/plain' } }, 415],
      ['a wrong token', { headers: { authorization: 'Bearer wrong' } }, 401],
      ['a token in the address', { path: '/api/v1/status?token=x', headers: { 'x-forwarded-for': '10.0.0.9' } }, 401],
      ['a preflight', { method: 'OPTIONS' }, 403],
      ['TRACE', { method: 'TRACE' }, 405],
      ['a way out of the folder', { path: '/..%2f..%2fetc/passwd' }, 404],
    ];
    for (const [name, what, status] of asked) t.equal(await statusOf(one, what), status, name);
    t.not((await one.status()).mode, 'paused');
  });
});
