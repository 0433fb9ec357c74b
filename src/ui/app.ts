// The API as a function from request to answer: validates by the route table, translates refusals once, serves the
// page's files. The guard has already let the request in.
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import { RequestError } from './api.ts';
import type { Asset } from './assets.ts';
import { clean } from './clean.ts';
import { SESSION_PATH } from './cookies.ts';
import { isFromHere } from './guard.ts';
import { EventsQuery } from './inputs.ts';
import { BODY_BYTES_MAX } from './limits.ts';
import { METRICS_TYPE, metricsOf } from './metrics.ts';
import { describeApi } from './openapi.ts';
import { placeOf } from './places.ts';
import { PROBLEM_TYPE, problem } from './problem.ts';
import type { Route, RouteDeps } from './route.ts';
import { ROUTES } from './routes.ts';
import { type SignInDeps, signIn, signOut } from './session.ts';
import { readerOf } from './sse.ts';
import type { Clock } from './stream.ts';

export interface UiLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface AppDeps extends RouteDeps {
  log: UiLog;
  clock: Clock;
  /** undefined: the page was not built. */
  assets: ReadonlyMap<string, Asset> | undefined;
  signIn: SignInDeps;
}

type Env = { Bindings: HttpBindings };

function answerProblem(status: number, code: string, detail: string, field?: string): Response {
  return new Response(JSON.stringify(problem(status, code, detail, field)), {
    status,
    headers: { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' },
  });
}

function answerJson(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}

/** The first thing wrong with an input, in the words of the API. */
function explain(error: z.ZodError): RequestError {
  const issue = error.issues[0];
  if (issue === undefined) return new RequestError('invalid_input', 'The request is not valid.');
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const field = [...path, issue.keys[0] ?? ''].join('.');
    return new RequestError('unknown_field', `There is no field “${field.slice(0, 60)}”.`, {
      field: field.slice(0, 60),
    });
  }
  const field = path.join('.');
  if (field === '') return new RequestError('invalid_input', issue.message);
  return new RequestError('invalid_field', `${field}: ${issue.message}`, { field });
}

function parse(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw explain(parsed.error);
  return parsed.data;
}

async function readBody(context: Context<Env>): Promise<unknown> {
  const text = await context.req.text();
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RequestError('invalid_json', `The body is not JSON: ${(cause as Error).message}`);
  }
}

/** Throws RequestError `here_only`. */
function checkHere({ incoming }: HttpBindings): void {
  if (isFromHere({ rawHeaders: incoming.rawHeaders, remoteAddress: incoming.socket.remoteAddress ?? '' })) return;
  throw new RequestError('here_only', 'This is shown on the screen of the machine itself only.', { status: 403 });
}

async function serveRoute(deps: AppDeps, route: Route, context: Context<Env>): Promise<Response> {
  if (route.hereOnly === true) checkHere(context.env);
  const input = {
    params: parse(route.params, context.req.param()),
    query: parse(route.query, context.req.query()),
    body: parse(route.body, route.body === undefined ? undefined : await readBody(context)),
  };
  const value = await route.run(deps, input);
  if (route.afterAnswer !== undefined) {
    context.env.outgoing.once('finish', () => {
      Promise.resolve(route.afterAnswer?.(deps)).catch((error: unknown) => {
        deps.log.error({ err: error }, `${route.path} failed after its answer`);
      });
    });
  }
  // The snapshot was cleaned when it was read.
  return answerJson(route.path === '/api/v1/snapshot' ? value : clean(value), route.status);
}

function serveEvents({ hub, clock }: AppDeps, context: Context<Env>): Response {
  const query = parse(EventsQuery, context.req.query()) as z.output<typeof EventsQuery>;
  const last = Number(context.req.header('last-event-id') ?? Number.NaN);
  if (hub.full) return answerProblem(503, 'too_many_streams', 'Too many pages are open on this node. Close one.');
  const { outgoing } = context.env;
  outgoing.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  const leave = hub.open(readerOf(outgoing, clock), Number.isSafeInteger(last) ? last : query.since);
  outgoing.once('close', leave);
  return RESPONSE_ALREADY_SENT;
}

function serveAsset({ assets }: AppDeps, context: Context<Env>): Response {
  if (assets === undefined) {
    return answerProblem(503, 'page_not_built', 'The page is not built here: run `npm run build`. The API works.');
  }
  // Every place of the page is the same document.
  const asset = assets.get(placeOf(context.req.path) === undefined ? context.req.path : '/');
  if (asset === undefined) return answerProblem(404, 'not_found', 'There is nothing at this address.');
  return new Response(asset.body, { headers: { 'content-type': asset.type, 'cache-control': asset.cache } });
}

export function createApp(deps: AppDeps): Hono<Env> {
  const app = new Hono<Env>();
  app.onError((error) => {
    if (error instanceof RequestError) {
      const field = error.field === undefined ? undefined : clean(error.field);
      return answerProblem(error.status, error.code, clean(error.message), field);
    }
    deps.log.error({ err: error }, 'a request failed');
    return answerProblem(500, 'internal', 'Something went wrong inside the node; its log says what.');
  });
  app.use(
    bodyLimit({
      maxSize: BODY_BYTES_MAX,
      onError: () => answerProblem(413, 'body_too_large', `A body may have ${BODY_BYTES_MAX} bytes at most.`),
    }),
  );
  for (const route of ROUTES)
    app.on(route.method.toUpperCase(), route.path, (context) => serveRoute(deps, route, context));
  app.get('/api/v1/events', (context) => serveEvents(deps, context));
  app.get('/api/openapi.json', () => answerJson(describeApi(deps.node.status().version)));
  app.post(SESSION_PATH, (context) => signIn(deps.signIn, context, context.env.incoming.socket.remoteAddress ?? ''));
  app.delete(SESSION_PATH, (context) => signOut(deps.signIn, context));
  app.get('/metrics', () => {
    const headers = { 'content-type': METRICS_TYPE, 'cache-control': 'no-store' };
    return new Response(metricsOf(deps.node.snapshot(), deps.hub.size), { headers });
  });
  app.get('/healthz', () => answerJson({ ok: true }));
  app.get('*', (context) =>
    context.req.path.startsWith('/api/')
      ? answerProblem(404, 'not_found', 'The API has no such address.')
      : serveAsset(deps, context),
  );
  app.notFound(() => answerProblem(404, 'not_found', 'The API has no such address.'));
  return app;
}
