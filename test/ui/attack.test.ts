// A hostile web site in the same browser: under a name that resolves to this machine it tries to read the node, to
// command it, to frame it, and to run a script inside its page.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import t from 'tap';
import { launch, noBrowser, visit, watch } from './browser.ts';
import { startHarness, until } from './harness.ts';

/** Chromium's own guards are switched off, so that it is ours which hold. */
const FLAGS = [
  '--host-resolver-rules=MAP evil.test 127.0.0.1',
  '--disable-features=LocalNetworkAccessChecks,PrivateNetworkAccessSendPreflights,BlockInsecurePrivateNetworkRequests,LocalNetworkAccessForNavigations',
  '--disable-site-isolation-trials',
];

/** The status of a fetch made by the page, or what went wrong. */
const fetched = (page: Page, url: string, init: object = {}): Promise<unknown> =>
  page.evaluate(
    `fetch(${JSON.stringify(url)}, ${JSON.stringify(init)}).then((r) => r.type + ' ' + r.status, () => 'failed')`,
  );

async function startEvilSite(): Promise<{ port: number; stop: () => void }> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><title>free coins</title><body>free coins</body>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, stop: () => void server.close() };
}

t.test('a hostile site', { skip: noBrowser, timeout: 60_000 }, async (t) => {
  const browser = await launch(...FLAGS);
  t.teardown(() => browser.close());
  const server = await startHarness();
  t.teardown(() => server.stop());
  const evil = await startEvilSite();
  t.teardown(() => evil.stop());
  const node = `http://127.0.0.1:${server.port}`;
  const rebound = `http://evil.test:${server.port}`;
  const before = JSON.stringify(server.node.status().mode);
  const context = await browser.newContext();
  const page = await context.newPage();

  const answer = await page.goto(rebound);
  t.equal(answer?.status(), 403, 'B1 the page under a foreign name');
  t.match(await answer?.text(), /host_refused/);
  t.equal(await fetched(page, '/api/v1/status'), 'basic 403', 'B2 the API under a foreign name');

  await page.goto(`http://evil.test:${evil.port}/`);
  const json = { 'content-type': 'application/json' };
  await fetched(page, `${node}/api/v1/node/pause`, { method: 'POST', mode: 'no-cors', body: '{}' });
  await fetched(page, `${node}/api/v1/node/pause`, {
    method: 'POST',
    mode: 'no-cors',
    headers: { 'content-type': 'text/plain' },
    body: '{}',
  });
  t.equal(
    await fetched(page, `${node}/api/v1/node/pause`, { method: 'POST', headers: json, body: '{}' }),
    'failed',
    'B4 a JSON command',
  );
  t.equal(await fetched(page, `${node}/api/v1/status`), 'failed', 'reading the API');
  const stream = await page.evaluate(
    `new Promise((done) => { const s = new EventSource('${node}/api/v1/events'); s.onmessage = s.onopen = () => done('open'); s.onerror = () => done('error'); })`,
  );
  t.equal(stream, 'error', 'B6 the event stream');
  const script = await page.evaluate(
    `new Promise((done) => { const s = document.createElement('script'); s.onload = () => done('read'); s.onerror = () => done('error'); s.src = '${node}/api/v1/status'; document.body.append(s); })`,
  );
  t.equal(script, 'error', 'B7 the API as a script');
  await page.evaluate(
    `new Promise((done) => { const f = document.createElement('iframe'); f.onload = () => done(); f.src = '${node}/'; document.body.append(f); })`,
  );
  const framed = page.frames().find((frame) => frame !== page.mainFrame());
  t.notOk(
    await framed
      ?.locator('.kpis')
      .count()
      .catch(() => 0),
    'B8 the page in a frame stays blank',
  );
  await page.evaluate(
    `(() => { const f = document.createElement('form'); f.method = 'post'; f.action = '${node}/api/v1/node/pause'; document.body.append(f); f.submit(); })()`,
  );
  await until('the form to be answered', () => page.url().startsWith(node));
  t.same(server.node.calls, [], 'B3 B4 B5 no command reached the node');
  t.equal(JSON.stringify(server.node.status().mode), before);
  await context.close();

  const own = await visit(browser, server.url);
  t.equal(await fetched(own.page, '/api/v1/status'), 'basic 200', 'B9 the own page reads');
  t.equal(
    await fetched(own.page, '/api/v1/node/pause', { method: 'POST', headers: json, body: '{}' }),
    'basic 200',
    'and commands',
  );
  t.same(own.faults, []);
  const injected = await own.page.evaluate(
    `(() => { const s = document.createElement('script');
      try { s.textContent = 'window.owned = 1'; } catch { /* refused by Trusted Types */ }
      document.body.append(s);
      try { document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.owned = 2">'); } catch { return 'refused'; }
      return 'taken'; })()`,
  );
  t.equal(injected, 'refused', 'B10 markup from a string');
  t.equal(await own.page.evaluate('window.owned'), undefined, 'B10 no inline script ran');
  await own.context.close();

  const linked = await browser.newContext();
  const from = await linked.newPage();
  await from.goto(`http://evil.test:${evil.port}/`);
  await from.evaluate(`location.href = '${node}/'`);
  await from.waitForSelector('.kpis');
  const { faults } = watch(from, node);
  t.same(faults, [], 'C12 a link from elsewhere opens the page');
  await linked.close();
});
