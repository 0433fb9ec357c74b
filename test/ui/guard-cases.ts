// Requests that the guard must let in and those that it must not, each with the rule that is there for it.
import { TOKEN } from './harness.ts';

export interface Case {
  id: string;
  status: number;
  method?: string;
  target?: string;
  /** `PORT` stands for the port of the server. */
  host?: string | string[] | null;
  headers?: Record<string, string>;
  body?: string;
  /** Only for the pure function: the peer's address. */
  from?: string;
  /** Without this rule the case is let in. */
  rule?: string;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const OWN = { origin: 'http://127.0.0.1:PORT', ...JSON_TYPE };
export const BEARER = { authorization: `Bearer ${TOKEN}` };
const PAUSE = { method: 'POST', target: '/api/v1/node/pause', body: '{}' };
export const API = '/api/v1/status';
export const SESSION = 'session-0123456789abcdefghijklmnopqrstuvwxy';
const COOKIE = { cookie: `other=1; sm_01234567=${SESSION}` };
/** As another machine sees it. */
const FAR = { from: '192.168.1.77', host: '192.168.1.10:PORT' };

export const CASES: Case[] = [
  { id: 'H1 own address', status: 200 },
  { id: 'H2 localhost', host: 'localhost:PORT', status: 200 },
  { id: 'H3 upper case', host: 'LOCALHOST:PORT', status: 200 },
  { id: 'H4 foreign name', host: 'evil.test:PORT', status: 403, rule: 'host' },
  { id: 'H5 own address as a prefix', host: '127.0.0.1.evil.test:PORT', status: 403, rule: 'host' },
  { id: 'H6 trailing dot', host: 'localhost.:PORT', status: 403, rule: 'host' },
  { id: 'H7 wrong port', host: '127.0.0.1:1', status: 403, rule: 'host' },
  { id: 'H7b no port', host: '127.0.0.1', status: 403, rule: 'host' },
  { id: 'H8 no host', host: null, status: 400, rule: 'one-host' },
  { id: 'H9 two hosts', host: ['127.0.0.1:PORT', '127.0.0.1:PORT'], status: 400, rule: 'one-host' },
  { id: 'H10 any address', host: '0.0.0.0:PORT', status: 403, rule: 'host' },
  { id: 'H11 user info', host: 'me@127.0.0.1:PORT', status: 403, rule: 'host' },
  { id: 'H12 absolute target elsewhere', target: 'http://evil.test:PORT/api/v1/status', status: 403, rule: 'host' },
  { id: 'H12b absolute target here', target: 'http://127.0.0.1:PORT/api/v1/status', status: 200 },
  { id: 'C1 own origin', ...PAUSE, headers: OWN, status: 200 },
  { id: 'C2 no origin, no token', ...PAUSE, headers: JSON_TYPE, status: 403, rule: 'write-origin' },
  { id: 'C3 null origin', ...PAUSE, headers: { ...OWN, origin: 'null' }, status: 403, rule: 'origin' },
  { id: 'C4 foreign origin', ...PAUSE, headers: { ...OWN, origin: 'http://evil.test' }, status: 403, rule: 'origin' },
  {
    id: 'C5 other local port',
    ...PAUSE,
    headers: { ...OWN, origin: 'http://127.0.0.1:1' },
    status: 403,
    rule: 'origin',
  },
  {
    id: 'C6 localhost is not 127.0.0.1',
    ...PAUSE,
    headers: { ...OWN, origin: 'http://localhost:PORT' },
    status: 403,
    rule: 'origin',
  },
  {
    id: 'C6b https is not http',
    ...PAUSE,
    headers: { ...OWN, origin: 'https://127.0.0.1:PORT' },
    status: 403,
    rule: 'origin',
  },
  {
    id: 'C7 plain text',
    ...PAUSE,
    headers: { ...OWN, 'content-type': 'text/plain' },
    status: 415,
    rule: 'content-type',
  },
  {
    id: 'C8 form',
    ...PAUSE,
    headers: { ...OWN, 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    rule: 'content-type',
  },
  { id: 'C8b no type', ...PAUSE, headers: { origin: OWN.origin }, status: 415, rule: 'content-type' },
  {
    id: 'C9 own origin, other site',
    ...PAUSE,
    headers: { ...OWN, 'sec-fetch-site': 'cross-site' },
    status: 403,
    rule: 'fetch-site',
  },
  {
    id: 'C10 reading from a neighbour site',
    target: API,
    headers: { 'sec-fetch-site': 'same-site' },
    status: 403,
    rule: 'fetch-site',
  },
  {
    id: 'C10b link to the API',
    target: API,
    headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    status: 403,
    rule: 'fetch-site',
  },
  { id: 'C11 preflight', method: 'OPTIONS', target: '/api/v1/jobs', status: 403, rule: 'preflight' },
  {
    id: 'C12 link from another site',
    target: '/',
    headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    status: 200,
  },
  {
    id: 'C13 framed',
    target: '/',
    headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    status: 403,
    rule: 'fetch-site',
  },
  { id: 'C14 TRACE', method: 'TRACE', target: '/', status: 405, rule: 'method' },
  { id: 'T1 token without origin', ...PAUSE, headers: { ...JSON_TYPE, ...BEARER }, status: 200 },
  {
    id: 'T2 wrong token, where none is needed',
    target: API,
    headers: { authorization: `Bearer ${TOKEN}x` },
    status: 401,
    rule: 'token',
  },
  { id: 'T2b another scheme', target: API, headers: { authorization: 'Basic YTpi' }, status: 401, rule: 'token' },
  { id: 'T3 right token, foreign name', host: 'evil.test:PORT', headers: BEARER, status: 403, rule: 'host' },
  {
    id: 'T4 token in the query',
    target: `${API}?token=${TOKEN}`,
    headers: { 'x-forwarded-for': '10.0.0.9' },
    status: 401,
    rule: 'forwarded',
  },
  { id: 'L2 another machine', from: '192.168.1.20', host: '192.168.1.10:PORT', status: 401, rule: 'peer' },
  {
    id: 'L3 another machine with a token',
    from: '192.168.1.20',
    host: '192.168.1.10:PORT',
    headers: BEARER,
    status: 200,
  },
  { id: 'L4 another machine says 127.0.0.1', from: '192.168.1.20', status: 401, rule: 'peer' },
  { id: 'L4b this machine by its network name', host: 'casa.test:PORT', status: 401, rule: 'peer' },
  { id: 'L5 unknown name', from: '192.168.1.20', host: 'nas.test:PORT', headers: BEARER, status: 403, rule: 'host' },
  {
    id: 'L6 known name through a proxy',
    host: 'casa.test:PORT',
    headers: { 'x-forwarded-for': '10.0.0.9' },
    status: 401,
  },
  {
    id: 'L7 forwarded for another',
    headers: { 'x-forwarded-for': '10.0.0.9' },
    target: API,
    status: 401,
    rule: 'forwarded',
  },
  { id: 'L7b forwarded', headers: { forwarded: 'for=10.0.0.9' }, target: API, status: 401, rule: 'forwarded' },
  { id: 'L7c forwarded with a token', headers: { 'x-real-ip': '10.0.0.9', ...BEARER }, target: API, status: 200 },
  { id: 'L8 signed in', ...FAR, headers: COOKIE, target: API, status: 200 },
  {
    id: 'L8b with another cookie',
    ...FAR,
    headers: { cookie: `sm_76543210=${SESSION}` },
    target: API,
    status: 401,
    rule: 'peer',
  },
  {
    id: 'L8c with an old secret',
    ...FAR,
    headers: { cookie: 'sm_01234567=x' },
    target: API,
    status: 401,
    rule: 'peer',
  },
  {
    ...{ id: 'L8d signed in, and another site writes', ...FAR, ...PAUSE },
    ...{ headers: { ...JSON_TYPE, ...COOKIE, origin: 'http://evil.test' }, status: 403, rule: 'origin' },
  },
  {
    ...{ id: 'L8e signed in, and nobody says where a write comes from', ...FAR, ...PAUSE },
    ...{ headers: { ...JSON_TYPE, ...COOKIE }, status: 403, rule: 'write-origin' },
  },
  {
    ...{ id: 'L9 the way to sign in', ...FAR, method: 'POST', target: '/api/session', body: '{}', status: 200 },
    headers: { ...JSON_TYPE, origin: 'http://192.168.1.10:PORT' },
  },
  {
    ...{ id: 'L9b from another site', ...FAR, method: 'POST', target: '/api/session', body: '{}', status: 403 },
    ...{ headers: { ...JSON_TYPE, origin: 'http://evil.test' }, rule: 'origin' },
  },
  {
    id: 'L9c signing out is for who is in',
    ...FAR,
    method: 'DELETE',
    target: '/api/session',
    headers: { ...JSON_TYPE, origin: 'http://192.168.1.10:PORT' },
    status: 401,
    rule: 'peer',
  },
  { id: 'L10 files of the page', ...FAR, target: '/assets/main.js', status: 200 },
  { id: 'L10b nothing beside them', ...FAR, target: '/assets', status: 401, rule: 'peer' },
  { id: 'X3 climbing out', target: '/..%2f..%2fetc/passwd', status: 404 },
  { id: 'X3b climbing out plainly', target: '/../../etc/passwd', status: 404 },
  {
    id: 'S1 a body that says it is too large',
    ...PAUSE,
    headers: { ...OWN, 'content-length': '2000000' },
    body: '',
    status: 413,
    rule: 'body-size',
  },
];
