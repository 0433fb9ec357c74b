// Signing a browser in and out: a token, or the code of a link, becomes a cookie.
import type { Context } from 'hono';
import { SessionBody } from './answers-care.ts';
import type { AccessPort } from './api-access.ts';
import { cleanText } from './clean.ts';
import { cookieOf, cookieValues } from './cookies.ts';
import { NAME_LENGTH_MAX, SESSION_MS, TOKEN_FAILURES_PER_MINUTE_MAX } from './limits.ts';
import { PROBLEM_TYPE, problem } from './problem.ts';
import type { Tally } from './tally.ts';

export interface SignInDeps {
  access: AccessPort;
  cookie: string;
  /** Wrong keys of each address within the last minute. */
  failures: Tally;
}

function answer(status: number, body: object, cookie?: string): Response {
  const type = status >= 400 ? PROBLEM_TYPE : 'application/json';
  const headers = { 'content-type': type, 'cache-control': 'no-store' };
  return new Response(JSON.stringify(body), {
    status,
    headers: cookie === undefined ? headers : { ...headers, 'set-cookie': cookie },
  });
}

const refused = (status: number, code: string, detail: string): Response =>
  answer(status, problem(status, code, detail));

export async function signIn(
  { access, cookie, failures }: SignInDeps,
  context: Context,
  address: string,
): Promise<Response> {
  if (failures.count(address) >= TOKEN_FAILURES_PER_MINUTE_MAX)
    return refused(429, 'token_throttled', 'Too many wrong tokens from this address. Wait a minute.');
  const key = SessionBody.safeParse(await context.req.json().catch(() => undefined));
  if (!key.success)
    return refused(400, 'invalid_input', 'A session is opened with a token or with the code of a link.');
  const device = cleanText(context.req.header('user-agent') ?? '', NAME_LENGTH_MAX);
  const secret = access.openSession(key.data, device);
  if (secret !== undefined) return answer(201, { ok: true }, cookieOf(cookie, secret, SESSION_MS));
  failures.add(address);
  return refused(401, 'token_wrong', 'This is no token of this node, or a link that was used before or has expired.');
}

export function signOut({ access, cookie }: SignInDeps, context: Context): Response {
  for (const secret of cookieValues([context.req.header('cookie') ?? ''], cookie)) access.closeSession(secret);
  return answer(200, { ok: true }, cookieOf(cookie, '', 0));
}
