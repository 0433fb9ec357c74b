// The pages have addresses, and the Peers page shows and steers who takes part.
import t from 'tap';
import { placeOf } from '../../src/ui/places.ts';
import { violations } from './barriers.ts';
import { ask, launch, noBrowser, reads, shown, textOf, visit } from './browser.ts';
import { createFixtureNode } from './fixture-node.ts';
import { startHarness, until } from './harness.ts';
import { readQr } from './qr.ts';

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

  await t.test("a name of one's own, taken and given back, and a ping", async (t) => {
    const { page, context, node, faults } = await open('/peers');
    const pi = node.snapshot().members[3]!;
    await page.getByRole('link', { name: 'Details of rpi5-salon' }).click();
    const drawer = page.locator('.panel-peer');
    await drawer.getByRole('button', { name: 'Rename here' }).click();
    const field = drawer.getByLabel('Name on this node');
    await field.fill('x'.repeat(41));
    await reads(page, '.panel-peer', /At most 40 characters/);
    t.ok(await drawer.getByRole('button', { name: 'Save name' }).isDisabled());
    await field.fill('<b>hall</b>');
    await field.press('Enter');
    await reads(page, 'h1', /^<b>hall<\/b>/);
    t.ok(node.calls.includes(`rename ${pi.peerId} <b>hall</b>`));
    await reads(page, '.panel-peer', /Its own name\s*rpi5-salon/);
    const row = page.locator('.panel-peers tbody tr', { hasText: 'hall' });
    t.match(await shown(row), /<b>hall<\/b>\s*rpi5-salon · …/, 'with its own name beside it');
    t.equal(await row.locator('b').count(), 0, 'as text only');
    await page.getByRole('link', { name: /^<b>hall<\/b>: paused/ }).waitFor();
    t.same([...faults, ...(await violations(page))], []);
    await drawer.getByRole('button', { name: 'Ping' }).click();
    await reads(page, '.panel-peer', /There and back in 3\.4\sms, measured now/);
    await drawer.getByRole('button', { name: 'Rename here' }).click();
    t.same(await violations(page), [], 'nor with the field open');
    await drawer.getByRole('button', { name: 'Use its own name' }).click();
    await reads(page, 'h1', /^rpi5-salon/);
    node.change(({ members }) => {
      Object.assign(members[3]!, { connected: false, path: null, state: 'away' });
    });
    await until('who is not connected is not asked', () => drawer.getByRole('button', { name: 'Ping' }).isDisabled());
    await page.goto(new URL(`/peers/${node.snapshot().members[0]!.peerId}`, page.url()).href);
    await page.locator('.peer-detail').waitFor();
    t.equal(await drawer.getByRole('button', { name: 'Ping' }).count(), 0, 'this machine does not ask itself');
    await context.close();
  });

  await t.test('ways to a machine, and its week', async (t) => {
    const { page, context, node, faults } = await open('/peers');
    const [self, , , pi, away] = node.snapshot().members;
    const at = (peerId: string) => page.goto(new URL(`/peers/${peerId}`, page.url()).href);
    await at(away!.peerId);
    await reads(page, '.panel-peer', /Let in by\s*torre-rog, with a ticket of torre-rog · entry adadadad/);
    await reads(page, '.panel-peer', /Connection\s*none\s*Attempts\s*5 failed in a row · the next in 2\d\ss/);
    await reads(page, '.panel-peer', /Carried\s*4\.8\sMB in, 934\skB out · since/);
    const way = (address: string) => page.locator('.ways tbody tr', { hasText: address });
    t.match(await shown(way('192.168.1.24')), /\d\ss ago\s*3\d\ss ago\s*connection refused: nothing listens there/);
    t.match(await shown(way('100.64.0.7')), /2\smin ago\s*not yet\s*—/, 'not tried: nothing is known of it');
    t.match(await shown(way('evil')), /<b>evil<\/b>gro\.live[\s\S]*SomethingError: <i>no<\/i>/, 'as text only');
    t.equal(await page.locator('.ways :is(b, i)').count(), 0);
    const label = await page.locator('.attended svg').getAttribute('aria-label');
    t.match(label, /^In seven days online for 2\sd 21\sh, offline for 2\sd 2\sh, unknown for 2\sd$/);
    const bars = async (of: string) => (await page.locator(`.attended-${of}`).getAttribute('d'))!.split('M').length - 1;
    t.same([await bars('there'), await bars('away')], [5 * 14, 5 * 10], 'an hour half there is one bar');
    await page.getByText('As a table').click();
    const rows = page.locator('.attended tbody tr');
    t.equal(await rows.count(), 7);
    t.match(await shown(rows.nth(0)), /\s0\ss\s+0\ss\s+1\sd$/, 'the first day nobody looked');
    t.match(await shown(rows.nth(3)), /14\sh\s+10\sh\s+0\ss$/);
    t.same([...faults, ...(await violations(page))], []);
    node.change(({ members }) => Object.assign(members[4]!, { connected: true, state: 'idle' }));
    await reads(page, '.panel-peer', /192\.168\.1\.24\/tcp\/22071 · for 2\sh · opened by this node/);
    t.match(await shown(way('192.168.1.24')), /in use/);
    t.notMatch(await textOf(page, '.panel-peer'), /failed in a row/);
    await at(pi!.peerId);
    await reads(page, '.panel-peer', /for 2\sh · opened by the other/);
    node.change(({ members }) => Object.assign(members[3]!, { connected: false, state: 'away' }));
    await reads(page, '.panel-peer', /5 failed in a row · one is under way/);
    await at(self!.peerId);
    await reads(page, '.panel-peer', /Let in by\s*nobody: the first member/);
    t.equal(await page.locator('.ways, .attended').count(), 0, 'no way leads from a machine to itself');
    await context.close();
    const spanish = await visit(browser, new URL(`/peers/${pi!.peerId}`, page.url()).href, { language: 'es-ES' });
    await reads(
      spanish.page,
      '.panel-peer',
      /Lo dejó entrar[\s\S]*uno en curso[\s\S]*Caminos hasta él[\s\S]*Siete días/,
    );
    await spanish.context.close();
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
    t.equal(await readQr(page), ticket);
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
