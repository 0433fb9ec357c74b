// The Ledger page: what is said, held still on request, older than the screen, as it was at an earlier moment, disputed, and
// verified from scratch with its faults told.
import t from 'tap';
import { RequestError } from '../../src/ui/api.ts';
import { launch, noBrowser, reads, shown, visit } from './browser.ts';
import { createFixtureNode, type FixtureNode } from './fixture-node.ts';
import { startHarness, until } from './harness.ts';

t.test('in the browser', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = async (node: FixtureNode, path = '/ledger') => {
    const server = await startHarness({ node });
    t.teardown(() => server.stop());
    return visit(browser, new URL(path, server.url).href);
  };

  await t.test('Space holds the list still, and lets it go on', async (t) => {
    const node = createFixtureNode();
    let newest = 'aa11';
    const [entry] = node.entries({ limit: 1 }).items;
    const entries = () => ({ items: [{ ...entry!, id: newest.repeat(16) }], next: null });
    const { page, context, faults } = await open({ ...node, listeners: 0, entries });
    const grow = (id: string): void => {
      newest = id;
      node.change(({ status }) => {
        status.ledger.entries += 1;
      });
    };
    await reads(page, '.panel-entries tbody', /job[\s\S]*torre-rog[\s\S]*aa11aa11[\s\S]*✓/);
    grow('bb22');
    await reads(page, '.panel-entries tbody', /bb22bb22/);
    await page.keyboard.press('Space');
    await reads(page, '.panel-entries', /Held still/);
    grow('cc33');
    await reads(page, '.panel-entries', /of 18,206/);
    t.match(await shown(page.locator('.panel-entries tbody')), /bb22bb22/);
    await page.keyboard.press('Space');
    await reads(page, '.panel-entries tbody', /cc33cc33/);
    t.same(faults, []);
    await context.close();
  });

  await t.test('older entries stand below those that are held', async (t) => {
    const node = createFixtureNode();
    const [entry] = node.entries({ limit: 1 }).items;
    const entries: FixtureNode['entries'] = ({ cursor }) => ({
      items: [{ ...entry!, id: (cursor === undefined ? 'aa11' : 'bb22').repeat(16) }],
      next: cursor === undefined ? 'aa11'.repeat(16) : null,
    });
    const { page, context } = await open({ ...node, listeners: 0, entries });
    await page.getByRole('button', { name: 'Older entries' }).click();
    await reads(page, '.panel-entries tbody', /aa11aa11[\s\S]*bb22bb22/);
    t.match(await shown(page.locator('.panel-entries')), /Held still/, 'or new ones would part them');
    t.equal(await page.getByRole('button', { name: 'Older entries' }).count(), 0, 'there are none');
    await context.close();
  });

  await t.test('replay: the ledger when an entry was written; the address keeps it', async (t) => {
    const node = createFixtureNode();
    const [entry] = node.entries({ limit: 1 }).items;
    const ids = ['aa11', 'bb22'].map((digits) => digits.repeat(16));
    const entries = () => ({ items: ids.map((id) => ({ ...entry!, id })), next: null });
    const ledgerAt: FixtureNode['ledgerAt'] = (id) => ({
      ...node.ledgerAt(id),
      ...(id === ids[0] ? {} : { entries: 3, root: '0c'.repeat(32), jobs: [] }),
    });
    const { page, context, faults } = await open({ ...node, listeners: 0, entries, ledgerAt });
    await page.getByRole('button', { name: 'Show the ledger when entry aa11aa11 was written' }).click();
    await reads(page, '.panel-replay', /7 of 18,204 now[\s\S]*the same as now[\s\S]*torre-rog \(admin\)[\s\S]*1\/4/);
    await page.getByRole('button', { name: 'Earlier entry' }).click();
    await reads(page, '.panel-replay', /3 of 18,204 now[\s\S]*There was no job yet/);
    t.notMatch(await shown(page.locator('.panel-replay')), /the same as now/);
    t.match(page.url(), /at=bb22/);
    await page.reload();
    await reads(page, '.panel-replay', /3 of 18,204 now/);
    await page.getByRole('button', { name: 'Back to now' }).click();
    await reads(page, '.panel-replay', /Choose an entry/);
    t.same(faults, []);
    await context.close();
    const gone = () => {
      throw new RequestError('entry_unknown', 'There is no entry abc.', { status: 404 });
    };
    const unknown = await open({ ...node, listeners: 0, ledgerAt: gone }, '/ledger?at=abc');
    await reads(unknown.page, '.panel-replay', /There is no entry abc/);
    await unknown.context.close();
  });

  await t.test('disputes: who said what, where they differ, and what came of it', async (t) => {
    const node = createFixtureNode();
    const { page, context } = await open(node);
    await reads(page, '.panel-disputes', /9 open · 0 without a verdict/);
    const rows = page.locator('.panel-disputes tbody tr');
    t.match(
      (await shown(rows.nth(0))).replace(/\s+/g, ' '),
      /unit 88 e2b0a917 torre-rog 41fc9a03 studio-mbp champion 1 outOfSample netProfit 181\.2204 · 181\.2203 one more replica decides/,
    );
    t.match((await shown(rows.nth(1))).replace(/\s+/g, ' '), /trials count 20,000 · 19,999 settled/);
    t.match(await shown(page.locator('.panel-disputes')), /42 answers lost to a valid one/);
    await rows.nth(0).getByRole('link').click();
    await reads(page, '.panel-unit', /Unit 88/);
    await context.close();
    const disputes = () => ({ open: 0, failed: 0, dropped: 0, items: [] });
    const none = await open({ ...node, listeners: 0, disputes });
    await reads(none.page, '.panel-disputes', /No machines disagree/);
    await none.context.close();
  });

  await t.test('what is told of a verification after its end does not bring it back', async (t) => {
    const node = createFixtureNode();
    let finish = (): void => undefined;
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const verifyLedger: FixtureNode['verifyLedger'] = () => done.then(() => node.verifyLedger());
    const { page, context } = await open({
      ...{ ...node, listeners: 0, verifyLedger },
      verification: () => ({ entries: 9_000, total: 18_204 }),
    });
    let late: (() => Promise<void>) | undefined;
    await page.route('**/api/v1/ledger/verification', (route) => {
      if (late === undefined) late = () => route.continue();
      else return route.continue();
    });
    const button = page.getByRole('button', { name: 'Verify all' });
    await button.click();
    await until('it was asked how far it is', () => late !== undefined);
    finish();
    await page.locator('.panel-state .notice.good').waitFor();
    const answered = page.waitForResponse('**/api/v1/ledger/verification');
    await late!();
    await answered;
    await button.click();
    await page.locator('.panel-state .notice.good').waitFor();
    t.ok(await button.isEnabled());
    await context.close();
  });

  await t.test('verification: whole, and damaged', async () => {
    const node = createFixtureNode();
    const first = await open(node);
    await first.page.getByRole('button', { name: 'Verify all' }).click();
    await reads(first.page, '.panel-state', /18,204 entries, every signature/);
    await first.context.close();
    const faults = [{ entry: 'dead'.repeat(16), message: 'its signature does not fit' }];
    const verifyLedger = () => Promise.resolve({ ok: false, entries: 18_204, root: 'ab'.repeat(32), faults });
    const second = await open({ ...createFixtureNode(), listeners: 0, verifyLedger });
    await second.page.getByRole('button', { name: 'Verify all' }).click();
    await reads(
      second.page,
      '.panel-state',
      /Damaged: one fault[\s\S]*comes back from the members[\s\S]*deaddead its signature/,
    );
    await second.context.close();
  });
});
