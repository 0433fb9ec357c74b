// The API over a fixture mesh: what it answers, what it refuses and how, that it says so in its own description, and
// that nothing which a stranger wrote can leave it unclean.
import fc from 'fast-check';
import t from 'tap';
import type { z } from 'zod';
import type { Page, ResultView, Snapshot } from '../../src/ui/api.ts';
import { clean, cleanText } from '../../src/ui/clean.ts';
import { diff, patch } from '../../src/ui/diff.ts';
import { MESSAGE_LENGTH_MAX, NAME_LENGTH_MAX } from '../../src/ui/limits.ts';
import type { Problem } from '../../src/ui/problem.ts';
import { ROUTES } from '../../src/ui/routes.ts';
import { RECOVERY_PHRASE } from './fixture-care.ts';
import { HOSTILE_NAME, pendingOf, snapshotOf } from './fixture-data.ts';
import { createFixtureNode } from './fixture-node.ts';
import { type Harness, startHarness, TOKEN, until } from './harness.ts';

const AUTH = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };

interface Answer<T> {
  status: number;
  type: string | null;
  body: T;
}

async function get<T>(server: Harness, path: string): Promise<Answer<T>> {
  const response = await fetch(new URL(path, server.url));
  return { status: response.status, type: response.headers.get('content-type'), body: (await response.json()) as T };
}

async function send<T>(server: Harness, method: string, path: string, body: unknown): Promise<Answer<T>> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(new URL(path, server.url), { method, headers: AUTH, body: text });
  return { status: response.status, type: response.headers.get('content-type'), body: (await response.json()) as T };
}

/** One valid call of every route. */
function exampleOf(
  path: string,
  datasetHash: string,
  ids: { job: string; result: string; member: string; token: string; session: string },
): { path: string; body: unknown } {
  const bodies: Record<string, unknown> = {
    '/api/v1/jobs': { dataset: datasetHash, preset: 'quick', units: 3 },
    '/api/v1/jobs/:id': { action: 'pause' },
    '/api/v1/jobs/:id/permutations': { permutations: 19 },
    '/api/v1/members/:id/rename': { name: 'attic' },
    '/api/v1/join': { ticket: 'stratmesh1abc' },
    '/api/v1/datasets/import': { path: '/tmp/candles.csv' },
    '/api/v1/datasets/preview': { path: '/tmp/candles.csv', columns: ['time', 'open', 'high', 'low', 'close'] },
    '/api/v1/downloads': { exchange: 'coinbase', market: 'BTC-USD', bars: '5m', from: '2025-01-01' },
    '/api/v1/invites': { role: 'worker', uses: 2 },
    '/api/v1/pairing': { as: 'host', minutes: 5 },
    '/api/v1/pending/:id/admit': { role: 'worker' },
    '/api/v1/tokens': { name: 'backup script' },
    '/api/v1/recovery/forget': { phrase: RECOVERY_PHRASE },
  };
  const named: [string, string][] = [
    ['/results/', ids.result],
    ['/candles', datasetHash],
    ['/holders', datasetHash],
    ['/remove', snapshotOf().datasets[1]!.hash],
    ['/admit', pendingOf('attic').peerId],
    ['/refuse', pendingOf('barn').peerId],
    ['/members/', ids.member],
    ['/tokens/', ids.token],
    ['/sessions/', ids.session],
  ];
  const id = named.find(([part]) => path.includes(part))?.[1] ?? ids.job;
  const query = path.endsWith('/export') ? '?as=pine&lang=es' : '';
  return { path: path.replace(':id', id).replace(':index', '1') + query, body: bodies[path] ?? {} };
}

t.test('every route answers in the shape that the description promises', async (t) => {
  const server = await startHarness();
  t.teardown(() => server.stop());
  const snapshot = server.node.snapshot();
  const { access } = server;
  access.openSession({ code: access.newSignIn().code }, 'a phone');
  const ids = {
    ...{ job: snapshot.jobs[0]!.id, result: snapshot.top[0]!.id, member: snapshot.members[2]!.peerId },
    ...{ token: access.tokens()[0]!.id, session: access.sessions()[0]!.id },
  };
  for (const route of ROUTES) {
    const example = exampleOf(route.path, snapshot.datasets[0]!.hash, ids);
    // Another route closes the window.
    server.node.change(({ pairing }) => {
      pairing.pending = [pendingOf('attic'), pendingOf('barn')];
    });
    const { status, type, body } =
      route.method === 'get'
        ? await get<unknown>(server, example.path)
        : await send<unknown>(server, route.method.toUpperCase(), example.path, example.body);
    t.equal(status, route.status, `${route.method} ${route.path} answers ${route.status}`);
    t.equal(type, 'application/json');
    const parsed = (route.answer as z.ZodType).safeParse(body);
    t.equal(parsed.error?.message, undefined, `${route.path} fits its schema`);
  }
  await until('the node was told to stop', () => server.node.calls.includes('stop'));
  const { body: api } = await get<{ openapi: string; paths: Record<string, Record<string, unknown>> }>(
    server,
    '/api/openapi.json',
  );
  t.match(api.openapi, /^3\.1/);
  for (const { method, path } of ROUTES)
    t.ok(api.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method], `${method} ${path} is described`);
  t.ok(api.paths['/api/v1/events']);
  t.same((await get(server, '/healthz')).body, { ok: true });
});

t.test('refusals are problems with a stable code and the field', async (t) => {
  const server = await startHarness();
  t.teardown(() => server.stop());
  const dataset = server.node.snapshot().datasets[0]!.hash;
  const job = (extra: object) => send<Problem>(server, 'POST', '/api/v1/jobs', { dataset, ...extra });
  const cases: [string, () => Promise<Answer<Problem>>, number, string, string | undefined][] = [
    ['an unknown key', () => job({ poplation: 5 }), 400, 'unknown_field', 'poplation'],
    ['too small', () => job({ population: 5 }), 400, 'invalid_field', 'population'],
    ['not whole', () => job({ generations: 2.5 }), 400, 'invalid_field', 'generations'],
    ['six replicas', () => job({ replicas: 6 }), 400, 'invalid_field', 'replicas'],
    ['a fee of 60', () => job({ fee: 60 }), 400, 'invalid_field', 'fee'],
    [
      'a window of a day',
      () => send<Problem>(server, 'POST', '/api/v1/pairing', { minutes: 1440 }),
      400,
      'invalid_field',
      'minutes',
    ],
    [
      'a role that there is not',
      () => send<Problem>(server, 'POST', '/api/v1/pending/x/admit', { role: 'root' }),
      400,
      'invalid_field',
      'role',
    ],
    ['no data set', () => send<Problem>(server, 'POST', '/api/v1/jobs', {}), 400, 'invalid_field', 'dataset'],
    ['what the node refuses', () => job({ seed: 'taken' }), 409, 'seed_used', 'seed'],
    [
      'a data set that is not here',
      () => send<Problem>(server, 'POST', '/api/v1/jobs', { dataset: 'no' }),
      422,
      'unknown_dataset',
      'dataset',
    ],
    ['broken JSON', () => send<Problem>(server, 'POST', '/api/v1/jobs', '{"a":'), 400, 'invalid_json', undefined],
    ['a list as a body', () => send<Problem>(server, 'POST', '/api/v1/jobs', []), 400, 'invalid_input', undefined],
    [
      'a body where none belongs',
      () => send<Problem>(server, 'POST', '/api/v1/node/pause', { now: 1 }),
      400,
      'unknown_field',
      'now',
    ],
    [
      'an unknown action',
      () => send<Problem>(server, 'PATCH', '/api/v1/jobs/x', { action: 'burn' }),
      400,
      'invalid_field',
      'action',
    ],
    [
      'an unknown job',
      () => send<Problem>(server, 'PATCH', '/api/v1/jobs/x', { action: 'stop' }),
      404,
      'unknown_job',
      undefined,
    ],
    ['an unknown result', () => get<Problem>(server, '/api/v1/results/none'), 404, 'unknown_result', undefined],
    ['an unknown address', () => get<Problem>(server, '/api/v1/nothing'), 404, 'not_found', undefined],
    ['too long a page', () => get<Problem>(server, '/api/v1/jobs?limit=501'), 400, 'invalid_field', 'limit'],
    ['an unknown filter', () => get<Problem>(server, '/api/v1/results?state=new'), 400, 'invalid_field', 'state'],
    ['an unknown query key', () => get<Problem>(server, '/api/v1/members?sort=name'), 400, 'unknown_field', 'sort'],
    ['a cursor to nowhere', () => get<Problem>(server, '/api/v1/results?cursor=zzz'), 400, 'unknown_cursor', 'cursor'],
  ];
  for (const [what, ask, status, code, field] of cases) {
    const { status: got, type, body } = await ask();
    t.same(
      { got, type, code: body.code, field: body.field },
      { got: status, type: 'application/problem+json', code, field },
      what,
    );
    t.equal(body.status, status);
    t.match(body.detail, /\w/);
  }
  t.equal(server.node.calls.filter((call) => call === 'createJob').length, 2, 'only what is valid reached the node');
  const wide = `{"dataset":"${'x'.repeat(1_100_000)}"}`;
  const chunks = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(wide));
      controller.close();
    },
  });
  const response = await fetch(new URL('/api/v1/jobs', server.url), {
    method: 'POST',
    headers: AUTH,
    body: chunks,
    duplex: 'half',
  } as RequestInit);
  t.equal(response.status, 413, 'a body without a stated size is cut off as well');
});

t.test('a failure inside says nothing about the inside', async (t) => {
  const node = createFixtureNode();
  const server = await startHarness({
    node: {
      ...node,
      listeners: 0,
      ledger: () => {
        throw new Error('secret path /home/me');
      },
    },
  });
  t.teardown(() => server.stop());
  const { status, body } = await get<Problem>(server, '/api/v1/ledger');
  t.equal(status, 500);
  t.equal(body.code, 'internal');
  t.notMatch(JSON.stringify(body), /secret/);
  t.ok(
    server.logged.some(({ fields }) => 'err' in fields),
    'the log has it',
  );
});

t.test('lists page through everything once', async (t) => {
  const server = await startHarness();
  t.teardown(() => server.stop());
  const all = (await get<Page<ResultView>>(server, '/api/v1/results')).body;
  t.equal(all.next, null);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (limit) => {
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const page: Page<ResultView> = (await get<Page<ResultView>>(server, `/api/v1/results?limit=${limit}${query}`))
          .body;
        if (page.items.length > limit) return false;
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.next;
      }
      return JSON.stringify(seen) === JSON.stringify(all.items.map(({ id }) => id));
    }),
    { numRuns: 12 },
  );
  const disputed = (await get<Page<ResultView>>(server, '/api/v1/results?state=disputed')).body.items;
  t.ok(disputed.length > 0 && disputed.every(({ state }) => state === 'disputed'));
});

const UNCLEAN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

t.test('what strangers wrote', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 700 }), fc.integer({ min: 1, max: 600 }), (text, max) => {
      const cleaned = cleanText(text, max);
      return !UNCLEAN.test(cleaned) && [...cleaned].length <= max && cleanText(cleaned, max) === cleaned;
    }),
  );
  fc.assert(
    fc.property(fc.jsonValue(), (value) => JSON.stringify(clean(clean(value))) === JSON.stringify(clean(value))),
  );
  const long = 'n'.repeat(900);
  t.equal([...clean({ name: long }).name].length, NAME_LENGTH_MAX);
  t.equal([...clean({ message: long }).message].length, MESSAGE_LENGTH_MAX);
  t.equal(cleanText('😀😀😀', 2), '😀…', 'no character is cut in half');
  t.equal(clean({ ticket: long }).ticket, long, 'a ticket is whole');
  t.equal(clean({ strategy: { note: long } }).strategy.note, long, 'so is a strategy');

  const server = await startHarness();
  t.teardown(() => server.stop());
  const { body } = await get<Snapshot>(server, '/api/v1/snapshot');
  t.notMatch(JSON.stringify(body), UNCLEAN);
  for (const path of ['members', 'jobs', 'results', 'status']) {
    t.notMatch(JSON.stringify((await get(server, `/api/v1/${path}`)).body), UNCLEAN, path);
  }
  t.ok(
    body.members.some(({ name }) => name === HOSTILE_NAME.replace('\u202e', '')),
    'the rest of a hostile name stays text',
  );
});

t.test('the difference of two values turns one into the other', async (t) => {
  const row = fc.record(
    { id: fc.integer({ min: 0, max: 3 }), n: fc.jsonValue({ maxDepth: 1 }) },
    { requiredKeys: ['id'] },
  );
  const tree = fc.dictionary(
    fc.constantFrom('a', 'b', 'c/d', 'c~1d', 'e~f', ''),
    fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.array(row, { maxLength: 4 }), fc.array(fc.integer(), { maxLength: 4 })),
  );
  const plain = (value: object): object => JSON.parse(JSON.stringify(value));
  fc.assert(
    fc.property(tree, tree, (before, after) => {
      const from = plain(before);
      const to = plain(after);
      const change = diff(from, to);
      const frozen = JSON.stringify(from);
      const result = change === undefined ? from : patch(from, plain(change) as typeof change);
      return sameJson(result, to) && JSON.stringify(from) === frozen;
    }),
    { numRuns: 600 },
  );
  const { snapshot } = createFixtureNode();
  const before = snapshot();
  t.equal(diff(before, snapshot()), undefined, 'nothing changed, nothing said');
  const after = snapshot();
  after.members[2]!.backtestsPerSecond = 7;
  t.same(diff(before, after), { set: { '/members/2/backtestsPerSecond': 7 }, del: [] }, 'one number, one path');
});

function sameJson(a: unknown, b: unknown): boolean {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .sort(([x], [y]) => (x < y ? -1 : 1))
        .map(([k, v]) => [k, sorted(v)]),
    );
  };
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}
