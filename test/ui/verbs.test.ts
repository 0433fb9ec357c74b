// What the page can do, the command line can do: every route of the API has its verb, or a reason why not.
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { VERBS } from '../../src/node/cli/verbs.ts';
import { ROUTES } from '../../src/ui/routes.ts';

const FOLDER = new URL('../../src/node/verbs/', import.meta.url);
const CALL = /\.(get|post|postPatiently|patch|all)(?:<[^;]*?>)?\(\s*(['`])([^'`]+)\2/g;
const METHODS = { get: 'get', all: 'get', post: 'post', postPatiently: 'post', patch: 'patch' } as const;

/** Routes that verbs reach another way, and what they are called there. */
const ELSEWHERE: Record<string, string> = {
  'get /api/v1/snapshot': 'status',
  'get /api/v1/results': 'results',
  'get /api/v1/results/:id': 'result show',
  'get /api/v1/jobs/:id': 'job show',
  'get /api/v1/jobs/:id/units/:index': 'job show',
  'get /api/v1/leaderboard': 'results',
  'get /api/v1/landscape': 'results',
  'post /api/v1/invites/:id/cancel': 'invite',
  'post /api/v1/pending/:id/admit': 'admit',
  'post /api/v1/members/:id/revoke': 'revoke',
  'get /api/v1/members/:id': 'member show',
  'post /api/v1/members/:id/rename': 'member rename',
  'post /api/v1/members/:id/ping': 'member ping',
  'get /api/v1/results/:id/run': 'backtest',
  'post /api/v1/results/:id/run': 'backtest',
  'get /api/v1/datasets': 'data list',
  'get /api/v1/datasets/:id/candles': 'data show',
  'post /api/v1/datasets/import': 'data import',
  'post /api/v1/datasets/preview': 'data preview',
  'post /api/v1/datasets/sample': 'data sample',
  'get /api/v1/exchanges': 'data download',
  'get /api/v1/downloads': 'data download',
  'post /api/v1/downloads': 'data download',
  'post /api/v1/datasets/:id/update': 'data update',
  'get /api/v1/access': 'token list',
  'post /api/v1/tokens': 'token new',
  'post /api/v1/tokens/:id/drop': 'token drop',
  'post /api/v1/sessions/:id/end': 'token drop',
  'get /api/v1/settings': 'config',
  'patch /api/v1/settings': 'config',
  'get /api/v1/recovery': 'recovery show',
  'post /api/v1/recovery/show': 'recovery show',
  'post /api/v1/recovery/forget': 'recovery show',
};

/** What only a page needs, or a shell has already. */
const PAGE_ONLY: Record<string, string> = {
  'post /api/v1/sign-ins': 'a link is for a browser; a terminal makes a token',
  'get /api/v1/results/:id/indicators': 'lines of a chart; `indicator` computes them from a file',
  'post /api/v1/downloads/:id/cancel': 'Ctrl-C ends `data download`',
  'post /api/v1/node/stop': 'Ctrl-C, or `service uninstall`, ends a node',
};

const routeOf = (method: keyof typeof METHODS, path: string): string =>
  `${METHODS[method]} /api/v1/${path.split('?', 1)[0]!.replaceAll(/\$\{[^}]*\}/g, ':id')}`;

const called = new Set(
  readdirSync(FOLDER).flatMap((file) =>
    [...readFileSync(new URL(file, FOLDER), 'utf8').matchAll(CALL)].map(([, method, , path]) =>
      routeOf(method as keyof typeof METHODS, path!),
    ),
  ),
);

t.test('every route has its verb', async (t) => {
  const routes = ROUTES.map(({ method, path }) => `${method} ${path}`);
  const names = new Set(VERBS.map(({ name }) => name));
  const without = routes.filter((route) => !called.has(route) && !(route in ELSEWHERE) && !(route in PAGE_ONLY));
  t.same(without, [], 'no route without a verb');
  for (const [route, verb] of Object.entries(ELSEWHERE)) {
    t.ok(routes.includes(route), `${route} exists`);
    t.ok(names.has(verb), `${verb} exists`);
  }
  for (const route of Object.keys(PAGE_ONLY)) t.ok(routes.includes(route), `${route} exists`);
});

t.test('every verb asks for what there is', async (t) => {
  const routes = new Set(ROUTES.map(({ method, path }) => `${method} ${path}`));
  t.ok(called.size > 20, `${called.size} calls are read from the verbs`);
  t.same(
    [...called].filter((call) => !routes.has(call)),
    [],
  );
});
