// The cookie of a browser that has signed in. Its name carries the node, because cookies of one host are sent to all its ports.
import { createHash } from 'node:crypto';

const NAME_DIGITS = 8;
const SECOND_MS = 1_000;

/** Where a browser signs in and out. */
export const SESSION_PATH = '/api/session';

export const cookieNameOf = (peerId: string): string =>
  `sm_${createHash('sha256').update(peerId).digest('hex').slice(0, NAME_DIGITS)}`;

/** Values of a cookie, of all `Cookie` headers. */
export function cookieValues(headers: readonly string[], name: string): string[] {
  return headers
    .flatMap((header) => header.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}

/** Only this server reads it, only from its own pages, and no script. */
export const cookieOf = (name: string, value: string, ageMs: number): string =>
  `${name}=${value}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${Math.floor(ageMs / SECOND_MS)}`;
