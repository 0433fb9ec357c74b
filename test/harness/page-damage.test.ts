// A byte of the ledger that changes on the disk of a real node: Verify all says on the page what is damaged and what is safe, and
// what was lost comes back from another member (26).
import '../../src/node/polyfill.ts';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Level } from 'level';
import t from 'tap';
import { decodeEntry } from '../../src/protocol/entry.ts';
import { TestHome, until } from '../support/nodes.ts';
import { launch, noBrowser, reads, visit } from '../ui/browser.ts';
import { makePageLedger, seedOfMember } from './page-ledger.ts';

/** Changes one byte of the second answer of some log, on the disk of a node that does not run. */
async function flipByte(directory: string): Promise<void> {
  const db = new Level<string, Uint8Array>(directory, { keyEncoding: 'utf8', valueEncoding: 'view' });
  try {
    for await (const [key, block] of db.iterator({ gte: 'e/', lt: 'e0' })) {
      const entry = decodeEntry(block);
      if (entry.kind !== 'result' || entry.seq !== 1) continue;
      await db.put(
        key,
        block.map((byte, i) => (i === block.length - 1 ? byte ^ 1 : byte)),
      );
      return;
    }
    throw new Error('the made ledger has no log with two answers');
  } finally {
    await db.close();
  }
}

t.test('a flipped byte', { skip: noBrowser, timeout: 0 }, async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const [one, two] = [home.node('one'), home.node('two')];
  await makePageLedger(one.dataDir, { peers: 2, units: 20, answered: 10, strategies: 150 });
  // Nobody reads old answers without candles, and finds the damage before it is asked for.
  rmSync(join(one.dataDir, 'data'), { recursive: true });
  cpSync(join(one.dataDir, 'ledger'), join(two.dataDir, 'ledger'), { recursive: true });
  writeFileSync(join(two.dataDir, 'node.key'), Buffer.from(seedOfMember(0)).toString('hex'));
  await flipByte(join(one.dataDir, 'ledger'));
  await one.start();
  await two.start({ bootstrap: home.bootstrapFile('bootstrap.json', { peers: one.ready.mesh }) });
  const same = async (): Promise<boolean> => {
    const [here, there] = await Promise.all([one.ledger(), two.ledger()]);
    return here.root === there.root && here.entries === there.entries;
  };
  await until(
    'both are in one mesh',
    async () => (await one.members()).filter(({ state }) => state === 'idle').length === 2,
  );
  const before = await one.ledger();
  const browser = await launch();
  t.teardown(() => browser.close());
  const { page, faults } = await visit(browser, new URL('/ledger', one.ready.ui).href);

  await page.getByRole('button', { name: 'Verify all' }).click();
  await reads(page, '.panel-state .notice.error', /Damaged: [\s\S]*goes on counting[\s\S]*comes back from the members/);
  await reads(page, '.panel-state .notice.error', /its signature is wrong/);
  await until('it came back', async () => (await same()) && (await one.ledger()).root === before.root);
  await until('and holds', async () => {
    await page.getByRole('button', { name: 'Verify all' }).click();
    await page.locator('.panel-state .notice').waitFor();
    return (await page.locator('.panel-state .notice.good').count()) === 1;
  });
  await reads(
    page,
    '.panel-state .notice.good',
    new RegExp(`${before.entries} entries, every signature and link holds`),
  );
  t.same(faults, []);
});
