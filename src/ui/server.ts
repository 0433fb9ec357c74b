// Starts the local page and its API. Everything that arrives passes the guard before any route sees it, and every
// answer carries the security headers.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { networkInterfaces } from 'node:os';
import { getRequestListener } from '@hono/node-server';
import type { NodePort } from './api.ts';
import type { AccessPort, AccessView } from './api-access.ts';
import type { LogPort } from './api-logs.ts';
import type { RecoveryPort } from './api-recovery.ts';
import type { SettingsPort } from './api-settings.ts';
import { createApp, type UiLog } from './app.ts';
import { type Asset, loadAssets } from './assets.ts';
import { cookieNameOf } from './cookies.ts';
import { checkBinding, decide, type GuardConfig, isLoopbackAddress, type Refusal } from './guard.ts';
import { SECURITY_HEADERS } from './headers.ts';
import { placeOf } from './places.ts';
import { PROBLEM_TYPE, problem } from './problem.ts';
import { type Clock, StreamHub } from './stream.ts';
import { createTally, type Tally } from './tally.ts';

export interface ServerDeps {
  node: NodePort;
  access: AccessPort;
  logs: LogPort;
  settings: SettingsPort;
  recovery: RecoveryPort;
  /** A pino logger fits. */
  log: UiLog;
  clock: Clock;
}

export interface ServerOptions {
  /** Address to listen on; anything but loopback needs a token. */
  host: string;
  /** 0 takes a free one; the default port moves on to one of the next nine when it is taken. */
  port: number;
  /** SHA-256, in hex, of the token that this machine's own programs use. */
  ownHash?: string;
  /** Host names to answer besides the loopback names. */
  names?: readonly string[];
  /** Where the built page lies; beside this file by default. */
  assets?: URL;
}

export interface RunningServer {
  url: string;
  port: number;
  stop(): Promise<void>;
}

/** The page cannot start: `port_in_use`, `token_missing` or `listen_failed`. */
class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly code: 'port_in_use' | 'token_missing' | 'listen_failed';
  constructor(code: ServerError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const DEFAULT_PORT = 22_070;
const PORTS_TRIED = 10;
/** Longer than any client keeps an idle connection, so that none of them writes into one that is just being closed. */
const KEEP_ALIVE_MS = 65_000;
const MINUTE_MS = 60_000;
const REFUSAL_LOG_INTERVAL_MS = 10_000;

function listenOn(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Listens on the port, or for the default port on the first free one after it. */
async function listen(server: Server, { host, port }: ServerOptions, log: UiLog): Promise<number> {
  const last = port === DEFAULT_PORT ? port + PORTS_TRIED - 1 : port;
  for (let candidate = port; ; candidate++) {
    try {
      const taken = await listenOn(server, host, candidate);
      if (candidate !== port) log.info({ port: taken }, `port ${port} is taken; the page is on port ${taken}`);
      return taken;
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE')
        throw new ServerError('listen_failed', `Cannot listen on ${host}: ${message}`, { cause });
      if (candidate < last) continue;
      const range = last === port ? `Port ${port} is` : `Ports ${port} to ${last} are`;
      throw new ServerError('port_in_use', `${range} in use on ${host}. Choose another, or 0 for a free one.`, {
        cause,
      });
    }
  }
}

/** Off loopback a browser names this machine by one of its addresses. */
function namesOf({ host, names = [] }: ServerOptions): ReadonlySet<string> {
  const all = names.map((name) => name.toLowerCase());
  if (host === 'localhost' || isLoopbackAddress(host)) return new Set(all);
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return new Set([...all, ...addresses.map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address))]);
}

/** Other machines reach the page by these names; this one by loopback. */
function placeFor(options: ServerOptions, port: number): Pick<AccessView, 'urls' | 'exposed'> {
  const names = [...namesOf(options)].filter((name) => !isLoopbackAddress(name.replace(/^\[|\]$/g, '')));
  const exposed = options.host !== 'localhost' && !isLoopbackAddress(options.host);
  return {
    urls: [urlOf(options.host, port), ...(exposed ? names : []).map((name) => `http://${name}:${port}/`)],
    exposed,
  };
}

/** Whether a person opens the page: what he gets then is the page, which asks him to sign in. */
const opensPage = ({ method, url = '', headers }: IncomingMessage): boolean =>
  method === 'GET' && (headers.accept ?? '').includes('text/html') && placeOf(url.split(/[?#]/, 1)[0]!) !== undefined;

function sendPage(outgoing: ServerResponse, page: Asset): void {
  outgoing.writeHead(401, { 'content-type': page.type, 'cache-control': 'no-store', connection: 'close' });
  outgoing.end(page.body);
}

function sendRefusal(outgoing: ServerResponse, refusal: Refusal): void {
  const extra = refusal.status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  outgoing.writeHead(refusal.status, {
    'content-type': PROBLEM_TYPE,
    'cache-control': 'no-store',
    connection: 'close',
    ...extra,
  });
  outgoing.end(JSON.stringify(problem(refusal.status, refusal.code, refusal.detail)));
}

/** Puts the guard before a listener. */
function guarded(
  { log, clock, failures, page }: Pick<ServerDeps, 'log' | 'clock'> & { failures: Tally; page: Asset | undefined },
  config: () => GuardConfig,
  inner: (incoming: IncomingMessage, outgoing: ServerResponse) => unknown,
) {
  const logged = createTally(clock, REFUSAL_LOG_INTERVAL_MS);
  return (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) outgoing.setHeader(name, value);
    const remoteAddress = incoming.socket.remoteAddress ?? '';
    const refusal = decide(
      {
        method: incoming.method ?? '',
        target: incoming.url ?? '',
        rawHeaders: incoming.rawHeaders,
        remoteAddress,
        tokenFailures: failures.count(remoteAddress),
      },
      config(),
    );
    if (refusal === undefined) {
      inner(incoming, outgoing);
      return;
    }
    if (refusal.code === 'token_wrong') failures.add(remoteAddress);
    if (refusal.code === 'token_required' && page !== undefined && opensPage(incoming)) {
      sendPage(outgoing, page);
      return;
    }
    if (logged.count(refusal.code) === 0) {
      logged.add(refusal.code);
      const { host, origin } = incoming.headers;
      log.warn({ code: refusal.code, host, origin, remoteAddress }, 'refused a request to the page');
    }
    sendRefusal(outgoing, refusal);
  };
}

export async function startServer(deps: ServerDeps, options: ServerOptions): Promise<RunningServer> {
  const { access, clock } = deps;
  const refusal = checkBinding(options.host, access.tokenHashes());
  if (refusal !== undefined) throw new ServerError('token_missing', refusal.detail);
  const assets = loadAssets(options.assets ?? new URL('./page/', import.meta.url));
  if (assets === undefined) deps.log.warn({}, 'the page is not built; only the API answers');

  const hub = new StreamHub(deps);
  const names = namesOf(options);
  let port = options.port;
  const cookie = cookieNameOf(deps.node.status().peerId);
  const failures = createTally(clock, MINUTE_MS);
  const { logs, settings, recovery } = deps;
  const care = { access, logs, settings, recovery, place: () => placeFor(options, port) };
  const app = createApp({ ...deps, hub, assets, care, signIn: { access, cookie, failures } });
  const config = (): GuardConfig => ({
    ...{ port, names, cookie, sessionHashes: access.sessionHashes() },
    tokenHashes: [...(options.ownHash === undefined ? [] : [options.ownHash]), ...access.tokenHashes()],
  });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  // The guard itself answers a request without a Host, with the headers that every answer carries.
  const server = createServer(
    { requireHostHeader: false, keepAliveTimeout: KEEP_ALIVE_MS },
    guarded({ ...deps, failures, page: assets?.get('/') }, config, listener),
  );
  try {
    port = await listen(server, options, deps.log);
  } catch (error) {
    hub.stop();
    throw error;
  }
  server.on('error', (error) => deps.log.error({ err: error }, 'the page server failed'));
  return {
    url: urlOf(options.host, port),
    port,
    stop: () =>
      new Promise((resolve) => {
        hub.stop();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function urlOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}/`;
  return host.includes(':') ? `http://[${host}]:${port}/` : `http://${host}:${port}/`;
}
