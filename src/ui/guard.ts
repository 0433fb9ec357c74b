// Who may speak to the page and the API: one pure function over the facts of a request. The rules run in a fixed order
// and the first refusal wins. It knows no sockets, no clock and no routes; whoever calls it counts wrong tokens.
import { createHash, timingSafeEqual } from 'node:crypto';
import { cookieValues, SESSION_PATH } from './cookies.ts';
import { BODY_BYTES_MAX, TOKEN_FAILURES_PER_MINUTE_MAX } from './limits.ts';

export interface GuardRequest {
  method: string;
  /** The request target as sent: `/path`, or an absolute URL. */
  target: string;
  /** Names and values in turn, as sent: repeated headers stay visible. */
  rawHeaders: readonly string[];
  remoteAddress: string;
  /** Wrong tokens from this address within the last minute. */
  tokenFailures: number;
}

export interface GuardConfig {
  /** The port that the server listens on. */
  port: number;
  /** Host names answered besides the loopback names: configured ones and, off loopback, the machine's addresses. */
  names: ReadonlySet<string>;
  /** SHA-256 of each accepted token, in hex. */
  tokenHashes: readonly string[];
  /** Of the secret of each browser that has signed in. */
  sessionHashes: readonly string[];
  /** The cookie that holds such a secret. */
  cookie: string;
}

export interface Refusal {
  status: 400 | 401 | 403 | 405 | 413 | 415 | 429;
  code: string;
  detail: string;
}

interface Facts {
  method: string;
  target: string;
  path: string;
  headers: ReadonlyMap<string, readonly string[]>;
  host: { name: string; port: number; raw: string } | undefined;
  bearer: 'none' | 'right' | 'wrong';
  /** A browser that has signed in. It is no bearer: a write still has to come from the page itself. */
  session: boolean;
  /** What every device may have: the files of the page, which hold no data, and the way to sign in. */
  open: boolean;
  /** A GET or HEAD changes nothing; everything else is a write. */
  write: boolean;
  peerIsLoopback: boolean;
  tokenFailures: number;
}

type Judge = (facts: Facts, config: GuardConfig) => Refusal | undefined;

export interface GuardRule {
  name: string;
  judge: Judge;
}

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
const HOST_PATTERN = /^(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)(?::([0-9]{1,5}))?$/;
const HTTP_PORT = 80;

export function isLoopbackAddress(address: string): boolean {
  const bare = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  return bare === '::1' || /^127(?:\.\d{1,3}){3}$/.test(bare);
}

function groupHeaders(raw: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const grouped = new Map<string, string[]>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    const values = grouped.get(name);
    if (values === undefined) grouped.set(name, [raw[i + 1]!]);
    else values.push(raw[i + 1]!);
  }
  return grouped;
}

function parseHost(value: string | undefined): Facts['host'] {
  const raw = value?.toLowerCase() ?? '';
  const match = HOST_PATTERN.exec(raw);
  if (match === null) return undefined;
  return { name: match[1]!, port: match[2] === undefined ? HTTP_PORT : Number(match[2]), raw };
}

function judgeBearer(values: readonly string[] | undefined, tokenHashes: readonly string[]): Facts['bearer'] {
  if (values === undefined) return 'none';
  const token = /^bearer ([A-Za-z0-9_-]{16,256})$/i.exec(values[0]!)?.[1];
  if (values.length > 1 || token === undefined) return 'wrong';
  return isOneOf(token, tokenHashes) ? 'right' : 'wrong';
}

/** Every hash is compared, so the time tells nothing about which one fits. */
function isOneOf(secret: string, hashes: readonly string[]): boolean {
  const given = createHash('sha256').update(secret).digest();
  return hashes.filter((hash) => timingSafeEqual(Buffer.from(hash, 'hex'), given)).length > 0;
}

function pathOf(target: string): string {
  const path = /^https?:\/\/[^/?#]*(.*)$/i.exec(target)?.[1] ?? target;
  return path.split(/[?#]/, 1)[0]!;
}

function readFacts(request: GuardRequest, config: GuardConfig): Facts {
  const headers = groupHeaders(request.rawHeaders);
  const { method } = request;
  const path = pathOf(request.target);
  const cookies = cookieValues(headers.get('cookie') ?? [], config.cookie);
  return {
    method,
    target: request.target,
    path,
    headers,
    session: cookies.some((secret) => isOneOf(secret, config.sessionHashes)),
    open: (method === 'POST' && path === SESSION_PATH) || (method === 'GET' && path.startsWith('/assets/')),
    host: parseHost(headers.get('host')?.[0]),
    bearer: judgeBearer(headers.get('authorization'), config.tokenHashes),
    write: method !== 'GET' && method !== 'HEAD',
    peerIsLoopback: isLoopbackAddress(request.remoteAddress),
    tokenFailures: request.tokenFailures,
  };
}

const refuse = (status: Refusal['status'], code: string, detail: string): Refusal => ({ status, code, detail });

const judgeOneHost: Judge = ({ headers }) => {
  const count = headers.get('host')?.length ?? 0;
  return count === 1 ? undefined : refuse(400, 'host_header', `A request names its host once; this one did ${count}×.`);
};

/** Stops DNS rebinding: a foreign name that resolves to this machine is not this machine. */
const judgeHost: Judge = ({ host, target }, { port, names }) => {
  const known = host !== undefined && (LOOPBACK_NAMES.has(host.name) || names.has(host.name));
  const authority = /^https?:\/\/([^/?#]*)/i.exec(target)?.[1]?.toLowerCase();
  if (known && host.port === port && (authority ?? host.raw) === host.raw) return undefined;
  return refuse(
    403,
    'host_refused',
    `This node does not answer to that host name. Open http://127.0.0.1:${port}/ or add the name to the configuration.`,
  );
};

const judgeTokenRate: Judge = ({ bearer, tokenFailures }) =>
  bearer !== 'none' && tokenFailures >= TOKEN_FAILURES_PER_MINUTE_MAX
    ? refuse(429, 'token_throttled', 'Too many wrong tokens from this address. Wait a minute.')
    : undefined;

const judgeToken: Judge = ({ bearer }) =>
  bearer === 'wrong' ? refuse(401, 'token_wrong', 'The token is not one of this node.') : undefined;

const TOKEN_NEEDED = refuse(401, 'token_required', 'Only this machine may do that without a token or a session.');

const isKnown = ({ bearer, session, open }: Facts): boolean => bearer === 'right' || session || open;

const judgePeer: Judge = (facts) =>
  isKnown(facts) || (facts.peerIsLoopback && facts.host !== undefined && LOOPBACK_NAMES.has(facts.host.name))
    ? undefined
    : TOKEN_NEEDED;

const isForwarded = (headers: Facts['headers']): boolean =>
  [...headers.keys()].some((n) => n === 'forwarded' || n === 'x-real-ip' || n.startsWith('x-forwarded-'));

/** A proxy on this machine speaks for someone else. */
const judgeForwarded: Judge = (facts) => (isForwarded(facts.headers) && !isKnown(facts) ? TOKEN_NEEDED : undefined);

/** No CORS header ever: a preflight is refused like any other stranger. */
const judgePreflight: Judge = ({ method }) =>
  method === 'OPTIONS' ? refuse(403, 'preflight_refused', 'Other sites may not use this API.') : undefined;

const judgeMethod: Judge = ({ method }) =>
  METHODS.has(method) || method === 'OPTIONS'
    ? undefined
    : refuse(405, 'method_unknown', `${method.slice(0, 20)} is not supported.`);

const judgeOrigin: Judge = ({ headers, host }) => {
  const origins = headers.get('origin');
  if (origins === undefined) return undefined;
  return origins.length === 1 && origins[0] === `http://${host?.raw ?? ''}`
    ? undefined
    : refuse(403, 'origin_refused', 'The request comes from a page of another origin.');
};

const judgeFetchSite: Judge = ({ headers, method, path }) => {
  const sites = headers.get('sec-fetch-site');
  if (sites === undefined || (sites.length === 1 && (sites[0] === 'same-origin' || sites[0] === 'none')))
    return undefined;
  // A link on another site may open the page itself, at the top of a tab.
  const opensPage =
    method === 'GET' &&
    !/^\/+api(?:\/|$)/i.test(path) &&
    headers.get('sec-fetch-mode')?.join() === 'navigate' &&
    headers.get('sec-fetch-dest')?.join() === 'document';
  return opensPage ? undefined : refuse(403, 'cross_site', 'The request was started by another site.');
};

const judgeWriteOrigin: Judge = ({ write, headers, bearer }) =>
  write && bearer !== 'right' && !headers.has('origin')
    ? refuse(403, 'origin_required', 'A change needs the Origin header of this page, or a token.')
    : undefined;

const judgeContentType: Judge = ({ write, headers }) => {
  const types = headers.get('content-type') ?? [];
  const isJson = types.length === 1 && /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i.test(types[0]!);
  return write && !isJson
    ? refuse(415, 'media_type', 'A change is sent as application/json, even an empty one: {}.')
    : undefined;
};

const judgeBodySize: Judge = ({ headers }) =>
  Number(headers.get('content-length')?.[0] ?? 0) > BODY_BYTES_MAX
    ? refuse(413, 'body_too_large', `A body may have ${BODY_BYTES_MAX} bytes at most.`)
    : undefined;

/** In order of evaluation. Exported so that tests can show what each rule is there for by leaving it out. */
export const GUARD_RULES: readonly GuardRule[] = [
  { name: 'one-host', judge: judgeOneHost },
  { name: 'host', judge: judgeHost },
  { name: 'token-rate', judge: judgeTokenRate },
  { name: 'token', judge: judgeToken },
  { name: 'peer', judge: judgePeer },
  { name: 'forwarded', judge: judgeForwarded },
  { name: 'preflight', judge: judgePreflight },
  { name: 'method', judge: judgeMethod },
  { name: 'origin', judge: judgeOrigin },
  { name: 'fetch-site', judge: judgeFetchSite },
  { name: 'write-origin', judge: judgeWriteOrigin },
  { name: 'content-type', judge: judgeContentType },
  { name: 'body-size', judge: judgeBodySize },
];

/** The first refusal of these rules; undefined lets the request pass. */
export function judgeBy(rules: readonly GuardRule[], request: GuardRequest, config: GuardConfig): Refusal | undefined {
  const facts = readFacts(request, config);
  for (const rule of rules) {
    const refusal = rule.judge(facts, config);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** What the server asks of every request; undefined lets it pass. */
export const decide = (request: GuardRequest, config: GuardConfig): Refusal | undefined =>
  judgeBy(GUARD_RULES, request, config);

/** Whether nothing of a request, or of its answer, leaves this machine. */
export function isFromHere({ rawHeaders, remoteAddress }: Pick<GuardRequest, 'rawHeaders' | 'remoteAddress'>): boolean {
  const headers = groupHeaders(rawHeaders);
  const host = parseHost(headers.get('host')?.[0]);
  return isLoopbackAddress(remoteAddress) && LOOPBACK_NAMES.has(host?.name ?? '') && !isForwarded(headers);
}

/** Whether the page may listen on this address: anything but loopback needs a token first. */
export function checkBinding(host: string, tokenHashes: readonly string[]): Refusal | undefined {
  const bare = host.replace(/^\[|\]$/g, '');
  if (bare === 'localhost' || isLoopbackAddress(bare) || tokenHashes.length > 0) return undefined;
  return refuse(403, 'token_missing', `Listening on ${host} lets other machines in: create a token first.`);
}
