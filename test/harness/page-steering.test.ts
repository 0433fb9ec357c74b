// What steers, on two real nodes: a machine that is killed, at work or idle, goes offline on the page of the other (7), candles
// are asked for and taken away, what is saved counts from the next start on, and the recovery phrase leaves the disk.
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import type { DatasetView, Snapshot } from '../../src/ui/api.ts';
import { TestHome, type TestNode, until } from '../support/nodes.ts';
import { launch, noBrowser, reads, shown, textOf, visit } from '../ui/browser.ts';
import { addSample } from './api.ts';

const ARGS = ['--mesh-host', '127.0.0.1', '--no-mdns', '--mesh-port', '0', '--lobby-port', '0'];

/** The status that a name of this machine is answered with, when it comes with a token. */
function statusFor({ ready }: TestNode, name: string, token: string): Promise<number> {
  const { port } = new URL(ready.ui);
  const headers = { host: `${name}:${port}`, authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: '/api/v1/status', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject).end();
  });
}

t.test('two nodes, steered from the page of one', { skip: noBrowser, timeout: 0 }, async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const [one, two] = [home.node('one'), home.node('two')];
  await one.start();
  const { ticket } = await one.invite(1);
  const bootstrap = home.bootstrapFile('bootstrap.json', { ticket, peers: one.ready.mesh });
  await two.start({ bootstrap });
  const browser = await launch();
  t.teardown(() => browser.close());
  const { page, faults } = await visit(browser, new URL('/settings', one.ready.ui).href);
  const { page: peers, requests } = await visit(browser, new URL('/peers', one.ready.ui).href);

  const remove = page.getByRole('button', { name: /^Remove .* from this machine/ });
  const { hash } = await addSample(one);
  await one.post('node/pause', {});

  await t.test('candles: who has them, and not gone while a job needs them', async (t) => {
    await page.getByRole('button', { name: /^Who has/ }).click();
    await reads(page, '.panel-data', /0 of 1 connected members have it[\s\S]*two has it not/, 60_000);
    const job = await one.createJob({ dataset: hash, preset: 'deep', units: 40, permutations: 0 });
    await until('two fetched it', async () => (await two.get<{ items: DatasetView[] }>('datasets')).items.length === 1);
    await page.getByRole('button', { name: 'Ask again' }).click();
    await reads(page, '.panel-data', /1 of 1 connected members have it[\s\S]*two has it/, 60_000);
    await reads(page, '.panel-data tbody tr', new RegExp(`${job.name} needs them`), 60_000);
    t.ok(await remove.isDisabled());
    const refused = await one.command<{ error?: { code: string } }>('data', 'remove', hash, '--yes');
    t.equal(refused.error?.code, 'dataset_needed', 'the command line hears the same');
  });

  await t.test('a machine that is killed at work is offline within 35 s, without a reload (7)', async (t) => {
    const { page: overview } = await visit(browser, one.ready.ui);
    const kpi = async (): Promise<string> =>
      (await shown(overview.locator('.kpis li:nth-child(1) .kpi-line'))).replaceAll(/\s/g, '');
    const said = async (): Promise<string> => {
      const { members } = await one.get<Snapshot>('snapshot');
      return `${members.filter(({ self, connected }) => self || connected).length}/${members.length}`;
    };
    const row = peers.locator('.panel-peers tbody tr', { hasText: 'two' });
    await until('it works', async () => /working/i.test(await shown(row)));
    await until('the page counts as the API does', async () => (await kpi()) === '2/2' && (await said()) === '2/2');
    await two.kill();
    const began = performance.now();
    await until('the count drops', async () => (await kpi()) === '1/2', 35_000);
    t.equal(await said(), '1/2');
    await until('its row says so', async () => /away/i.test(await shown(row)), 35_000);
    t.ok(performance.now() - began < 35_000, `${Math.round(performance.now() - began)} ms`);
    t.equal(requests.filter((each) => each === 'GET /peers').length, 1, 'nobody has reloaded');
  });

  await t.test('and so is one that was idle', async (t) => {
    const row = peers.locator('.panel-peers tbody tr', { hasText: 'two' });
    await one.command('job', 'stop', (await one.jobs())[0]!.id);
    await two.start({ bootstrap });
    await until('it is idle', async () => /idle/i.test(await shown(row)));
    await two.kill();
    const began = performance.now();
    await until('its row says so', async () => /away/i.test(await shown(row)), 35_000);
    t.ok(performance.now() - began < 35_000, `${Math.round(performance.now() - began)} ms`);
  });

  await t.test('candles go when nothing needs them any more', async (t) => {
    await until('nothing needs them', () => remove.isEnabled());
    await remove.click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await reads(page, '.panel-data', /No candles yet/, 60_000);
    t.notOk(existsSync(join(one.dataDir, 'data', `${hash}.candles`)));
  });

  await t.test('the recovery phrase: on the screen, then on paper only', async (t) => {
    await page.getByRole('button', { name: /^Show it/ }).click();
    await page.getByRole('button', { name: 'Show the words' }).click();
    await page.locator('.phrase').waitFor();
    const words = await page.locator('.phrase li').allInnerTexts();
    t.equal(words.length, 24);
    await page.getByRole('button', { name: 'They are on paper' }).click();
    for (const field of await page.locator('dialog input').all()) {
      const place = Number(/\d+/.exec((await field.getAttribute('name')) ?? '')?.[0]);
      await field.fill(words[place - 1]!);
    }
    await page.getByRole('button', { name: 'Take the key off' }).click();
    await reads(page, '[data-setting=recovery]', /Not on this machine/, 60_000);
    const again = await one.command<{ error?: { code: string } }>('recovery', 'show', '--yes');
    t.equal(again.error?.code, 'recovery_shown');
    t.notMatch(one.log(), new RegExp(words.slice(0, 3).join('[\\s\\S]{0,3}')), 'no word of it in the log');
  });

  await t.test('what is saved counts from the next start on, and not before', async (t) => {
    t.match(await textOf(page, '[data-setting=meshPort]'), /Set by --mesh-port/);
    const { token } = await one.command<{ token: string }>('token', 'new', '--name', 'phone');
    await page.fill('[data-setting=hostNames] input', 'nas.tail');
    await page.keyboard.press('Control+s');
    await reads(page, '.panel-access .notice.caution', /Further host names/, 60_000);
    t.equal(await statusFor(one, 'nas.tail', token), 403);
    await one.stop();
    await one.start({ args: ARGS });
    t.equal(await statusFor(one, 'nas.tail', token), 200);
    t.equal(await statusFor(one, 'other.tail', token), 403);
  });
  t.same(
    faults.filter((fault) => !/ERR_|Failed to load/.test(fault)),
    [],
  );
});
