// The guard, as a table of the requests that it must let in and those that it must not, spoken over real sockets, and
// the proof that every rule is there for something: with one rule left out, exactly its cases fail.
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import t from 'tap';
import { checkBinding, decide, GUARD_RULES, type GuardConfig, type GuardRequest, judgeBy } from '../../src/ui/guard.ts';
import { API, BEARER, CASES, type Case, SESSION } from './guard-cases.ts';
import { startHarness, TOKEN } from './harness.ts';

/** Word for word: one source less or more here is a hole or a broken page. */
const HEADERS = [
  "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'x-content-type-options: nosniff',
  'x-frame-options: DENY',
  'referrer-policy: no-referrer',
  'cross-origin-opener-policy: same-origin',
  'cross-origin-resource-policy: same-origin',
];

const hostsOf = ({ host }: Case): string[] =>
  host === null ? [] : Array.isArray(host) ? host : [host ?? '127.0.0.1:PORT'];

/** The request as it goes over the wire. */
function wireOf(one: Case, port: number): string {
  const { method = 'GET', target = '/healthz', headers = {}, body } = one;
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...hostsOf(one).map((host) => `Host: ${host}`),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined || 'content-length' in headers ? [] : [`content-length: ${body.length}`]),
    'connection: close',
  ];
  return `${lines.join('\r\n').replaceAll('PORT', String(port))}\r\n\r\n${body ?? ''}`;
}

function speak(port: number, wire: string, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket: Socket = connect({ port, host });
    socket.setEncoding('utf8');
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
    socket.write(wire);
  });
}

const statusOf = (answer: string): number => Number(answer.split(' ')[1]);

/** The same request as the pure function sees it. */
function factsOf(one: Case): GuardRequest {
  const headers = Object.entries(one.headers ?? {}).flat();
  return {
    method: one.method ?? 'GET',
    target: (one.target ?? '/healthz').replaceAll('PORT', '22070'),
    rawHeaders: [...hostsOf(one).flatMap((host) => ['Host', host]), ...headers].map((text) =>
      text.replaceAll('PORT', '22070'),
    ),
    remoteAddress: one.from ?? '127.0.0.1',
    tokenFailures: 0,
  };
}

const CONFIG: GuardConfig = {
  port: 22_070,
  names: new Set(['casa.test', '192.168.1.10']),
  tokenHashes: [createHash('sha256').update(TOKEN).digest('hex')],
  sessionHashes: [createHash('sha256').update(SESSION).digest('hex')],
  cookie: 'sm_01234567',
};

t.test('every case over a real socket', async (t) => {
  const server = await startHarness({ names: ['casa.test'] });
  t.teardown(() => server.stop());
  for (const one of CASES.filter(({ from }) => from === undefined)) {
    // A wrong token counts against this address; the table is not about that.
    if (one.rule === 'token') continue;
    const answer = await speak(server.port, wireOf(one, server.port));
    t.equal(statusOf(answer), one.status, `${one.id}: ${answer.split('\r\n', 1)[0]}`);
    for (const header of HEADERS) t.ok(answer.includes(`${header}\r\n`), `${one.id}: ${header.split(':')[0]}`);
    t.match(answer, /permissions-policy: .*camera=\(\)/, `${one.id}: every feature off`);
    t.notMatch(answer, /access-control-/i, `${one.id}: no CORS header`);
    if ((one.target ?? '').startsWith('/api') && one.status === 200) t.match(answer, /cache-control: no-store/);
    if (one.status >= 400) t.match(answer, /content-type: application\/problem\+json/i, `${one.id}: says why`);
  }
  t.notOk(JSON.stringify(server.logged).includes(TOKEN), 'no token in the log');
  const refused = server.logged.filter(({ message }) => message.startsWith('refused'));
  t.equal(
    refused.filter(({ fields }) => (fields as { code: string }).code === 'host_refused').length,
    1,
    'one line for many refusals',
  );
});

t.test('every case of the pure function, and each rule bites', async (t) => {
  for (const one of CASES) {
    const refusal = decide(factsOf(one), CONFIG);
    if (one.status < 400 || one.status === 404) t.equal(refusal, undefined, `${one.id} is let in`);
    else t.equal(refusal?.status, one.status, `${one.id} is refused`);
  }
  for (const { name } of GUARD_RULES) {
    const rules = GUARD_RULES.filter((rule) => rule.name !== name);
    const its = CASES.filter(({ rule }) => rule === name);
    if (name === 'token-rate') continue;
    t.ok(its.length > 0, `rule ${name} has cases`);
    for (const one of its) {
      t.not(
        judgeBy(rules, factsOf(one), CONFIG)?.code,
        decide(factsOf(one), CONFIG)?.code,
        `without ${name}, ${one.id} would not be refused so`,
      );
    }
    for (const one of CASES.filter(({ rule, status }) => rule !== name && status < 400)) {
      t.equal(judgeBy(rules, factsOf(one), CONFIG), undefined, `without ${name}, ${one.id} is still let in`);
    }
  }
});

t.test('T6 five wrong tokens a minute, then even the right one waits', async (t) => {
  const wrong = (port: number) =>
    speak(
      port,
      wireOf({ id: '', status: 0, target: API, headers: { authorization: 'Bearer wrong-wrong-wrong-wrong' } }, port),
    );
  const right = (port: number) => speak(port, wireOf({ id: '', status: 0, target: API, headers: BEARER }, port));
  let now = 1_000_000;
  const server = await startHarness({ clock: { now: () => now, after: () => () => undefined } });
  t.teardown(() => server.stop());
  for (let i = 0; i < 5; i++) t.equal(statusOf(await wrong(server.port)), 401, `wrong token ${i + 1}`);
  t.equal(statusOf(await wrong(server.port)), 429, 'the sixth is not looked at');
  t.equal(statusOf(await right(server.port)), 429, 'guessing right does not show');
  t.equal(
    statusOf(await speak(server.port, wireOf({ id: '', status: 0 }, server.port))),
    200,
    'requests without a token go on',
  );
  now += 60_001;
  t.equal(statusOf(await right(server.port)), 200, 'a minute later it counts again');
});

t.test('where the page listens', async (t) => {
  t.equal(checkBinding('127.0.0.1', []), undefined);
  t.equal(checkBinding('::1', []), undefined);
  t.equal(checkBinding('localhost', []), undefined);
  for (const host of ['0.0.0.0', '::', '192.168.1.10', 'casa.test', '127.evil.test']) {
    t.equal(checkBinding(host, [])?.code, 'token_missing', `${host} needs a token`);
  }
  await t.rejects(startHarness({ host: '0.0.0.0', tokens: 0 }), { code: 'token_missing' }, 'S2 refuses to start');

  const own = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4');
  if (own === undefined) {
    t.pass('L1 to L3 need an address besides loopback, which this machine has not', { skip: true });
    return;
  }
  const server = await startHarness();
  t.teardown(() => server.stop());
  await t.rejects(
    speak(server.port, 'GET / HTTP/1.1\r\n\r\n', own.address),
    { code: 'ECONNREFUSED' },
    'L1 unreachable by the network address',
  );

  const exposed = await startHarness({ host: '0.0.0.0' });
  t.teardown(() => exposed.stop());
  const byAddress = (headers: Record<string, string>) =>
    speak(
      exposed.port,
      wireOf({ id: '', status: 0, target: API, host: `${own.address}:PORT`, headers }, exposed.port),
      own.address,
    );
  t.equal(statusOf(await byAddress({})), 401, 'L2 over the network address without a token');
  t.equal(statusOf(await byAddress(BEARER)), 200, 'L3 with it');
});

t.test('ports', async (t) => {
  const first = await startHarness();
  t.teardown(() => first.stop());
  await t.rejects(startHarness({ port: first.port }), { code: 'port_in_use' }, 'a chosen port that is taken');
  const one = await startHarness({ port: 22_070 });
  t.teardown(() => one.stop());
  const two = await startHarness({ port: 22_070 });
  t.teardown(() => two.stop());
  t.ok(two.port > one.port && two.port <= 22_079, 'the default port moves on');
  t.ok(
    two.logged.some(({ message }) => message.includes(`the page is on port ${two.port}`)),
    'and says so',
  );
});
