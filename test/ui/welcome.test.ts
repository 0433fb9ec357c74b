// The first page: there only until the node is somewhere, and every way in works or says why not.
import { Buffer } from 'node:buffer';
import { deflateSync } from 'node:zlib';
import encodeQR from 'qr';
import t from 'tap';
import { ask, type Look, launch, noBrowser, reads, visit } from './browser.ts';
import { pendingOf } from './fixture-data.ts';
import { type FixtureNode, newNode } from './fixture-node.ts';
import { startHarness, until } from './harness.ts';

t.test('in the browser', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = async (node: FixtureNode, look: Look = {}, path = '/') => {
    const server = await startHarness({ node });
    t.teardown(() => server.stop());
    return { server, node, ...(await visit(browser, new URL(path, server.url).href, look)) };
  };

  await t.test('start: one click, with as many threads as are lent', async (t) => {
    const { page, context, node, faults } = await open(newNode());
    await reads(page, '.welcome-card', /first member of “torre-rog mesh”[\s\S]*torre-rog/);
    await ask(
      page,
      `(() => { const e = document.querySelector('.welcome-card input[type=range]'); e.value = 12; e.dispatchEvent(new Event('input', { bubbles: true })); })()`,
    );
    await page.getByRole('button', { name: 'Start' }).click();
    await page.waitForSelector('.kpis');
    t.same(node.calls, ['setLimits {"threads":12}']);
    await page.reload();
    await page.waitForSelector('.kpis');
    t.equal(await page.locator('.welcome-card').count(), 0, 'it does not come back');
    t.same(faults, []);
    await context.close();
  });

  await t.test('join by a ticket: what is wrong stands at it', async (t) => {
    const { page, context, node } = await open(newNode());
    const join = page.getByRole('button', { name: 'Join' });
    await join.click();
    await reads(page, '.field-error', /Paste/);
    await page.getByLabel('Ticket').fill('hello');
    await join.click();
    await reads(page, '.field-error', /not a ticket/);
    await page.getByLabel('Ticket').fill('stratmesh1abc');
    await join.click();
    await page.waitForSelector('.kpis');
    t.same(node.calls, ['join', 'join']);
    await context.close();
  });

  await t.test('or by a picture of its code, read in the browser', async (t) => {
    const { page, context, requests } = await open(newNode());
    const input = page.locator('.pick-file input');
    await input.setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer: pngOf('stratmesh1fromapicture') });
    await until('the ticket is there', async () => (await page.getByLabel('Ticket').inputValue()) !== '');
    t.equal(await page.getByLabel('Ticket').inputValue(), 'stratmesh1fromapicture');
    await input.setInputFiles({ name: 'no.png', mimeType: 'image/png', buffer: Buffer.from('nothing') });
    await reads(page, '.field-error', /No QR code/);
    t.same(
      requests.filter((request) => request.startsWith('POST')),
      [],
      'the picture went nowhere',
    );
    await context.close();
  });

  await t.test('or from the local network', async (t) => {
    const { page, context, node } = await open(newNode());
    await page.getByRole('button', { name: 'Look for a mesh here' }).click();
    await reads(page, '.welcome-lan', /Looking[\s\S]*min more/);
    t.same(node.calls, ['openPairing guest 10']);
    node.change(({ pairing }) => pairing.pending.push(pendingOf('casa', { canAdmit: false, canJoin: true })));
    await reads(page, '.request', /can take this machine into “casa mesh”[\s\S]*042 137/);
    node.change(({ members }) => members.push({ ...members[0]!, peerId: 'other', self: false }));
    await page.waitForSelector('.kpis');
    await context.close();
  });

  await t.test('with a ticket that has not worked it says what it waits for', async (t) => {
    const node = newNode();
    node.change(({ status }) => {
      Object.assign(status, { meshId: '', meshName: '', mode: 'starting', reason: 'Nobody opens at 192.168.1.20.' });
    });
    const { page, context } = await open(node, {}, '/peers');
    await reads(page, '.welcome-card', /Not in a mesh yet[\s\S]*Nobody opens at 192\.168\.1\.20/);
    t.equal(await page.getByRole('button', { name: 'Start' }).count(), 0);
    await context.close();
  });

  await t.test('the rain is still where stillness is asked for', async (t) => {
    const { page, context } = await open(newNode(), { calm: true });
    await page.waitForSelector('.rain canvas');
    const picture = () => ask<string>(page, 'document.querySelector(".rain canvas").toDataURL()');
    const first = await picture();
    const began = Date.now();
    await until('four frames of rain would have fallen', () => Date.now() - began > 400);
    t.equal(await picture(), first);
    t.equal(await ask(page, 'document.getAnimations().length'), 0);
    await context.close();
  });
});

/** The code of a text as a PNG, 8 pixels a module (www.w3.org/TR/png: greyscale, 8 bits). */
function pngOf(text: string): Buffer {
  const zoom = 8;
  const rows = encodeQR(text, 'raw', { border: 4 });
  const width = rows.length * zoom;
  const raw = Buffer.alloc((width + 1) * width, 0xff);
  for (let y = 0; y < width; y++) {
    raw[y * (width + 1)] = 0;
    for (let x = 0; x < width; x++) {
      if (rows[Math.floor(y / zoom)]![Math.floor(x / zoom)]) raw[y * (width + 1) + 1 + x] = 0;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(width, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(raw)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** ISO 3309, as PNG has it. */
function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}
