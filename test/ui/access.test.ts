// Other devices: a token or a link becomes a cookie, the page asks for it, and figures for Prometheus say what they are.
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import t from 'tap';
import { cookieNameOf } from '../../src/ui/cookies.ts';
import { metricsOf } from '../../src/ui/metrics.ts';
import { launch, noBrowser, reads, textOf, visit } from './browser.ts';
import { RECOVERY_PHRASE } from './fixture-care.ts';
import { aloneSnapshot, snapshotOf } from './fixture-data.ts';
import { type Harness, startHarness, TOKEN, until } from './harness.ts';

const own = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
const noAddress = own === undefined ? 'this machine has no address besides loopback' : false;

const post = (server: Harness, body: unknown, host = '127.0.0.1') => {
  const origin = `http://${host}:${server.port}`;
  const headers = { origin, 'content-type': 'application/json', 'user-agent': 'phone\u0085' };
  return fetch(`${origin}/api/session`, { method: 'POST', headers, body: JSON.stringify(body) });
};

t.test('S1 the cookie, its name and its flags', async (t) => {
  const server = await startHarness();
  t.teardown(() => server.stop());
  const { token } = server.access.newToken('phone');
  const answer = await post(server, { token });
  t.equal(answer.status, 201);
  const [pair, ...flags] = answer.headers.get('set-cookie')!.split('; ');
  t.match(pair, /^sm_[0-9a-f]{8}=[\w-]{43}$/);
  const { peerId } = server.node.status();
  const digits = createHash('sha256').update(peerId).digest('hex').slice(0, 8);
  t.ok(pair!.startsWith(`sm_${digits}=`), 'the name is that of this node');
  t.not(cookieNameOf(`${peerId}x`), cookieNameOf(peerId), 'of two nodes on one machine each has its own');
  t.same(flags, ['HttpOnly', 'SameSite=Strict', 'Path=/', 'Max-Age=2592000']);
  t.match(server.access.sessions(), [{ device: 'phone' }], 'what the browser calls itself, made safe to show');
  t.notOk(JSON.stringify(server.logged).includes(token), 'no token in the log');
});

t.test('wrong tokens at the door count as they do elsewhere', async (t) => {
  let now = 1_000_000;
  const server = await startHarness({ clock: { now: () => now, after: () => () => undefined } });
  t.teardown(() => server.stop());
  const status = async (body: unknown) => (await post(server, body)).status;
  t.equal(await status({}), 400, 'neither token nor code');
  for (let i = 0; i < 5; i++) t.equal(await status({ token: `wrong-${i}` }), 401);
  const { token } = server.access.newToken('phone');
  t.equal(await status({ token }), 429, 'guessing right does not show');
  now += 60_001;
  t.equal(await status({ token }), 201);
});

t.test('the recovery phrase is for the screen of this machine, whatever a request holds', async (t) => {
  const server = await startHarness({ names: ['casa.test'] });
  t.teardown(() => server.stop());
  const ask = (headers: Record<string, string>, host = '127.0.0.1', path = 'show') =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const url = { host: '127.0.0.1', port: server.port, path: `/api/v1/recovery/${path}`, method: 'POST' };
      const all = { host: `${host}:${server.port}`, 'content-type': 'application/json', ...headers };
      const sent = request({ ...url, headers: all }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (data) => (text += data));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      });
      sent.on('error', reject).end(JSON.stringify(path === 'show' ? {} : { phrase: RECOVERY_PHRASE }));
    });
  const bearer = { authorization: `Bearer ${TOKEN}` };
  for (const path of ['show', 'forget']) {
    const far = [ask(bearer, 'casa.test', path), ask({ ...bearer, 'x-forwarded-for': '10.0.0.9' }, '127.0.0.1', path)];
    for (const { status, text } of await Promise.all(far)) {
      t.equal(status, 403, path);
      t.match(text, /here_only/);
    }
  }
  const here = await ask(bearer);
  t.equal(here.status, 200);
  t.equal((JSON.parse(here.text) as { words: string[] }).words.join(' '), RECOVERY_PHRASE);
  t.notMatch(JSON.stringify(server.logged), /winner/, 'no word of it in the log');
});

t.test('figures for Prometheus', async (t) => {
  const server = await startHarness();
  t.teardown(() => server.stop());
  const answer = await fetch(new URL('/metrics', server.url));
  t.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  const lines = (await answer.text()).trimEnd().split('\n');
  const told = { HELP: new Set<string>(), TYPE: new Set<string>() };
  for (const line of lines) {
    const [, kind, name] = /^# (HELP|TYPE) (stratmesh_[a-z_]+) \S/.exec(line) ?? [];
    if (kind !== undefined) told[kind as 'HELP'].add(name!);
    else {
      const [, sample] =
        /^(stratmesh_[a-z_]+)(?:\{[a-z_]+="[^"\n]*"(?:,[a-z_]+="[^"\n]*")*\})? -?[\d.e+]+$/.exec(line) ?? [];
      t.ok(told.HELP.has(sample ?? '') && told.TYPE.has(sample ?? ''), `${line}: has help and type before it`);
    }
  }
  const { status } = snapshotOf();
  t.ok(lines.includes(`stratmesh_backtests_total ${status.backtestsTotal}`));
  t.ok(lines.includes('stratmesh_mode{mode="mining"} 1'));
  t.ok(lines.includes('stratmesh_members{state="working"} 3'));
  t.ok(lines.includes('stratmesh_units{state="validated"} 269'));
  t.notMatch(
    metricsOf(aloneSnapshot(), 0),
    /backtests_per_second|agreement|strategies_tried/,
    'what is not known is left out',
  );
});

t.test('in the browser', { skip: noBrowser || noAddress }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const server = await startHarness({ host: '0.0.0.0' });
  t.teardown(() => server.stop());
  const url = `http://${own}:${server.port}/`;

  await t.test('another device signs in with a token, stays in, and can be put out', async (t) => {
    const { page, context } = await visit(browser, url);
    await reads(page, 'h1', /Sign in to this node/);
    t.equal(await page.locator('.panel').count(), 0, 'nothing of the mesh is shown');
    await page.getByLabel('Token').fill('wrong');
    await page.keyboard.press('Enter');
    await reads(page, '.field-error', /no token of this node/);
    await page.getByLabel('Token').fill(server.access.newToken('phone').token);
    await page.keyboard.press('Enter');
    await reads(page, 'h1', /Overview/);
    await reads(page, '.exposed-bar', /unencrypted/);
    const cookies = await context.cookies();
    t.match(cookies, [{ name: /^sm_[0-9a-f]{8}$/, httpOnly: true, sameSite: 'Strict', path: '/' }]);
    await page.goto(`${url}settings`);
    await reads(page, '.panel-access', /Other devices can open it[\s\S]*phone[\s\S]*Sign out/);
    await page.getByRole('button', { name: 'Pause' }).first().click();
    await until('a write goes through', () => server.node.calls.includes('paused'));
    await page.getByRole('button', { name: /^Sign out/ }).click();
    await page.reload();
    await reads(page, 'h1', /Sign in/);
    await context.close();
  });

  await t.test('a link signs one browser in, once', async (t) => {
    const { code } = server.access.newSignIn();
    const first = await visit(browser, `${url}#sign-in=${code}`);
    await reads(first.page, 'h1', /Overview/);
    t.notOk(first.page.url().includes(code), 'the code is gone from the address');
    t.notOk(
      first.requests.some((request) => request.includes(code)),
      'and was in no address of a request',
    );
    const second = await visit(browser, `${url}#sign-in=${code}`);
    await reads(second.page, 'h1', /Sign in/);
    await first.context.close();
    await second.context.close();
  });

  await t.test('tokens and links are made on the page', async (t) => {
    const { page, context } = await visit(browser, new URL('/settings', server.url).href);
    await page.getByLabel('What it is for').fill('nas backup');
    await page.getByRole('button', { name: 'New token' }).click();
    await reads(page, '.panel-access', /nas backup[\s\S]*Copy it now/);
    const token = await page.locator('.panel-access .copy-box textarea').first().inputValue();
    const asked = await fetch(`${url}api/v1/status`, { headers: { authorization: `Bearer ${token}` } });
    t.equal(asked.status, 200);
    await page.getByRole('button', { name: 'Take back the token nas backup' }).click();
    await reads(page, '.toast.good', /Taken back/);
    const again = await fetch(`${url}api/v1/status`, { headers: { authorization: `Bearer ${token}` } });
    t.equal(again.status, 401);
    await page.getByRole('button', { name: 'New link' }).click();
    await page.waitForSelector('.panel-access .qr');
    t.match(await page.locator('[data-setting=link] textarea').inputValue(), new RegExp(`^${url}#sign-in=[\\w-]{43}$`));
    t.equal(await page.locator('.exposed-bar').count(), 0, 'this is the node’s own machine');
    t.match(await textOf(page, '.panel-access'), /not encrypted/);
    await context.close();
  });
});
