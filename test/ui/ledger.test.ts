// The Ledger page: what is said, held still on request, and verified from scratch with its faults told.
import t from 'tap';
import { launch, noBrowser, reads, shown, visit } from './browser.ts';
import { createFixtureNode, type FixtureNode } from './fixture-node.ts';
import { startHarness } from './harness.ts';

t.test('in the browser', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = async (node: FixtureNode) => {
    const server = await startHarness({ node });
    t.teardown(() => server.stop());
    return visit(browser, new URL('/ledger', server.url).href);
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
    await reads(second.page, '.panel-state', /One entry is damaged[\s\S]*deaddead its signature/);
    await second.context.close();
  });
});
