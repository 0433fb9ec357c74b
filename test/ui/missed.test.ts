// More changes than the node remembers, while the browser hears none of them: the page that comes back shows what one that
// is opened anew shows.
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import t from 'tap';
import type { Clock } from '../../src/ui/stream.ts';
import { ask, launch, noBrowser, reads, shown, visit } from './browser.ts';
import { resultOf } from './fixture-data.ts';
import { startHarness, TOKEN, until } from './harness.ts';

/** One more than the ring of 512 holds, and some. */
const CHANGES = 600;

/** A clock whose waiting can be left out. */
function hurriedClock(): Clock & { hurried: boolean } {
  const clock = {
    hurried: false,
    now: () => Date.now(),
    after(ms: number, run: () => void) {
      const timer = setTimeout(run, clock.hurried ? 0 : ms);
      return () => clearTimeout(timer);
    },
  };
  return clock;
}

/** Reads the stream beside the browser and counts its patches. */
async function countPatches(url: string): Promise<{ patches: number; stop: () => void }> {
  const abort = new AbortController();
  const counter = { patches: 0, stop: () => abort.abort() };
  const { body } = await fetch(new URL('/api/v1/events', url), {
    headers: { authorization: `Bearer ${TOKEN}` },
    signal: abort.signal,
  });
  const read = async (): Promise<void> => {
    for await (const chunk of body!.pipeThrough(new TextDecoderStream()))
      counter.patches += chunk.split('event: patch').length - 1;
  };
  read().catch(() => undefined);
  return counter;
}

/** Sockets of the servers of this process: a browser that is offline keeps the connections that it has. */
const sockets = new Set<Socket>();
subscribe('net.server.socket', (message) => {
  sockets.add((message as { socket: Socket }).socket);
});

t.test('six hundred changes are missed', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const clock = hurriedClock();
  const server = await startHarness({ clock });
  t.teardown(() => server.stop());
  const { page, context, requests } = await visit(browser, server.url, { calm: true });
  await page.locator('.panel-top tbody tr').first().waitFor();
  await context.setOffline(true);
  for (const socket of sockets) socket.destroy();
  await reads(page, '.lost-bar', /Trying/, 30_000);
  const counter = await countPatches(server.url);
  t.teardown(() => counter.stop());
  clock.hurried = true;
  for (let n = 1; n <= CHANGES; n += 1) {
    server.node.change((snapshot) => {
      snapshot.counts.validated = n;
      snapshot.members[1]!.unitsDone = 10 * n;
      snapshot.jobs[0]!.counts.validated += n % 2;
      if (n % 100 === 0) {
        snapshot.top.unshift({ ...resultOf(0), id: String(n).padStart(64, 'f'), codeName: `late-${n}` });
        snapshot.top.pop();
        snapshot.jobs.splice(2);
      }
    });
    await until(`patch ${n}`, () => counter.patches >= n);
  }
  clock.hurried = false;
  const before = requests.filter((request) => request === 'GET /api/v1/snapshot').length;
  await context.setOffline(false);
  await page.locator('.lost-bar').waitFor({ state: 'detached', timeout: 30_000 });
  await reads(page, '.panel-top tbody tr:first-child th', /late-600/);
  t.ok(
    requests.filter((request) => request === 'GET /api/v1/snapshot').length > before,
    'the whole picture was asked for',
  );
  const fresh = await visit(browser, server.url, { calm: true });
  await fresh.page.locator('.panel-top tbody tr').first().waitFor();
  for (const panel of ['kpis', 'panel-mesh', 'panel-work', 'panel-best', 'panel-top']) {
    const [old, anew] = await Promise.all([page, fresh.page].map((each) => shown(each.locator(`.${panel}`).first())));
    t.equal(old, anew, `${panel} is that of a page that was opened just now`);
  }
  server.node.change(({ counts }) => {
    counts.validated = 4_321;
  });
  for (const each of [page, fresh.page]) await reads(each, '.kpis li:nth-child(4) .kpi-value', /4,321/);
  t.equal(await ask(page, 'document.querySelectorAll(".lost-bar").length'), 0, 'and it goes on from there');
});
