// The pages have addresses, and the Peers page shows and steers who takes part.
import decodeQR from 'qr/decode.js';
import t from 'tap';
import { placeOf } from '../../src/ui/places.ts';
import { ask, launch, noBrowser, reads, shown, textOf, visit } from './browser.ts';
import { createFixtureNode } from './fixture-node.ts';
import { startHarness, until } from './harness.ts';

t.test('addresses of the page', async (t) => {
  t.same(placeOf('/'), { page: 'overview', id: undefined });
  t.same(placeOf('/peers/12D3KooWabc'), { page: 'peers', id: '12D3KooWabc' });
  for (const path of [
    '/overview',
    '/peers/',
    '/peers/a/b',
    '/peers/..',
    '/peers/%2e',
    '/Peers',
    'peers',
    '/etc/passwd',
  ])
    t.equal(placeOf(path), undefined, path);
  const server = await startHarness();
  t.teardown(() => server.stop());
  const status = async (path: string) => (await fetch(new URL(path, server.url))).status;
  t.equal(await status('/peers'), 200);
  for (const path of ['/..%2f..%2fetc/passwd', '/peers/..%2f..%2fetc', '/peers/a/b', '/nowhere'])
    t.equal(await status(path), 404, path);
});

t.test('in the browser', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = async (path: string, node = createFixtureNode()) => {
    const server = await startHarness({ node });
    t.teardown(() => server.stop());
    return { server, node, ...(await visit(browser, new URL(path, server.url).href)) };
  };

  await t.test('keys, links, back and reload', async (t) => {
    const { page, context, node, requests } = await open('/');
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await reads(page, 'h1', /^Peers/);
    t.equal(new URL(page.url()).pathname, '/peers');
    t.match(await page.title(), /^Peers · casa-lab · stratmesh$/);
    t.equal(await ask(page, 'document.activeElement.id'), 'main', 'the focus is on the new page');
    await page.getByRole('link', { name: 'Details of pc-gamer' }).click();
    await reads(page, 'h1', /^pc-gamer/);
    await page.goBack();
    await reads(page, 'h1', /^Peers/);
    await page.goBack();
    await page.waitForSelector('.kpis');
    await page.goForward();
    await page.goForward();
    await page.reload();
    await reads(page, '.panel-peer', /pc-gamer[\s\S]*96\.7\s%/, 20_000);
    t.equal(requests.filter((one) => one === 'GET /').length, 1, 'links load no document');
    const [, , pc] = node.snapshot().members;
    t.equal(new URL(page.url()).pathname, `/peers/${pc!.peerId}`);
    await context.close();
  });

  await t.test('map and table say what the node says', async (t) => {
    const { page, context, node } = await open('/peers');
    await page.waitForSelector('.mesh-map');
    t.equal(
      await page.locator('.mesh-map').getAttribute('aria-label'),
      '5 machines: 1 on this network, 1 direct, 1 relayed, 1 not connected',
    );
    t.equal(await page.locator('.mesh-map line').count(), 3, 'a line for each that is connected');
    const row = (name: string) => page.locator('.panel-peers tbody tr', { hasText: name });
    t.match(await shown(row('pc-gamer')), /20\/24[\s\S]*2,185[\s\S]*268[\s\S]*96\.7\s%[\s\S]*direct[\s\S]*4\sms/);
    t.match(await shown(row('rpi5-salon')), /relayed/);
    t.match(await shown(row('onerror')), /away[\s\S]*—[\s\S]*not connected[\s\S]*14\smin/, 'unknown is a dash');
    node.change(({ members }) => {
      Object.assign(members[1]!, { connected: false, path: null, state: 'away', lastSeenMs: 31_000, threads: null });
    });
    await until('the lost peer is off the lines', async () => (await page.locator('.mesh-map line').count()) === 2);
    t.match(await shown(row('studio-mbp')), /away[\s\S]*31\ss/);
    await context.close();
  });

  await t.test('an invitation is a code that a camera reads, and can be taken back', async (t) => {
    const { page, context, node, faults } = await open('/peers');
    await reads(page, '.invites', /c3c3c3c3[\s\S]*2 of 5 uses left/);
    await page.keyboard.press('i');
    await page.getByRole('button', { name: 'Make ticket' }).click();
    await page.waitForSelector('.qr');
    const ticket = await page.locator('.copy-box textarea').first().inputValue();
    const path = await page.locator('.qr path').getAttribute('d');
    const size = Number((await page.locator('.qr').getAttribute('viewBox'))!.split(' ')[2]);
    t.equal(decodeQR(imageOf(path!, size)), ticket);
    await page.locator('dialog').getByRole('button', { name: 'Take back' }).click();
    await page.getByRole('button', { name: 'Make ticket' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /Take back the invitation c3c3/ }).click();
    // The toast may still be the one of the first.
    await until('that it is taken back, too', () => node.calls.length === 3);
    t.same(node.calls, ['invite', 'cancelInvite i-1', `cancelInvite ${'c3'.repeat(32)}`]);
    t.same(faults, []);
    await context.close();
  });

  await t.test('removing asks first', async (t) => {
    const { page, context, node } = await open('/peers');
    const pc = node.snapshot().members[2]!;
    await page.goto(new URL(`/peers/${pc.peerId}`, page.url()).href);
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    t.same(node.calls, [], 'nothing was sent');
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove member' }).click();
    await reads(page, 'dialog', /40 of its entries go on counting; 0 count no more/);
    t.same(node.calls, [`revoke ${pc.peerId}`]);
    await page.keyboard.press('Escape');
    const self = node.snapshot().members[0]!;
    await page.goto(new URL(`/peers/${self.peerId}`, page.url()).href);
    await reads(page, 'h1', /torre-rog/);
    t.equal(await page.getByRole('button', { name: 'Remove' }).count(), 0, 'not itself');
    await context.close();
  });

  await t.test('a panel that cannot be read says so; the others go on', async (t) => {
    const node = createFixtureNode();
    let broken = true;
    const openInvites = node.openInvites;
    const server = await startHarness({
      node: {
        ...node,
        listeners: 0,
        openInvites: () => {
          if (broken) throw new Error('the disk is gone');
          return openInvites();
        },
      },
    });
    t.teardown(() => server.stop());
    const { page, context } = await visit(browser, new URL('/peers', server.url).href);
    await reads(page, '.panel-identity', /Could not read this[\s\S]*its log says/);
    t.match(await textOf(page, '.panel-peers'), /pc-gamer/);
    broken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await reads(page, '.invites', /c3c3c3c3/);
    t.equal(await page.locator('.panel-failed').count(), 0);
    await context.close();
  });
});

/** A picture of the modules `M x y h1v1h-1z`, 4 pixels each, as a camera would see it. */
function imageOf(path: string, size: number): { width: number; height: number; data: Uint8ClampedArray } {
  const zoom = 4;
  const width = size * zoom;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let i = 0; i < zoom * zoom; i++) {
      const pixel = (Number(y) * zoom + Math.floor(i / zoom)) * width + Number(x) * zoom + (i % zoom);
      data.set([0, 0, 0], pixel * 4);
    }
  }
  return { width, height: width, data };
}
