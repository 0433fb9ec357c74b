// Why an address did not lead to the member that was looked for: a code that stays the same, and a sentence.
import type { WayProblem } from '../ui/api-members.ts';
import { cleanText } from '../ui/clean.ts';

const OTHER_CHARS_MAX = 200;

const NO_ROUTE: WayProblem = { code: 'no_route', message: 'There is no way from this machine to that address.' };
const HUNG_UP: WayProblem = {
  code: 'hung_up',
  message: 'Something answers there, and ends the connection before it has shown who it is.',
};
const TIMED_OUT: WayProblem = {
  code: 'timed_out',
  message: 'No answer in time: switched off, elsewhere, or behind a firewall.',
};

/** By the codes of the operating system. */
const BY_SYSTEM: Readonly<Record<string, WayProblem>> = {
  ECONNREFUSED: { code: 'connection_refused', message: 'Connection refused: nothing listens there.' },
  ECONNRESET: HUNG_UP,
  EPIPE: HUNG_UP,
  EHOSTUNREACH: NO_ROUTE,
  EHOSTDOWN: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  ENETDOWN: NO_ROUTE,
  EADDRNOTAVAIL: NO_ROUTE,
  EINVAL: NO_ROUTE,
  ETIMEDOUT: TIMED_OUT,
};

const BAD_ADDRESS: WayProblem = { code: 'bad_address', message: 'This machine cannot dial addresses of that kind.' };

/** By the names of libp2p's errors. */
const BY_NAME: Readonly<Record<string, WayProblem>> = {
  AbortError: TIMED_OUT,
  TimeoutError: TIMED_OUT,
  NoValidAddressesError: BAD_ADDRESS,
  InvalidParametersError: BAD_ADDRESS,
  InvalidMultiaddrError: BAD_ADDRESS,
  EncryptionFailedError: HUNG_UP,
};

/** `error`: of a dial to one address with the peer id that is expected there. */
export function dialProblem(error: unknown): WayProblem {
  const { name = '', message = '', code = '' } = error as { name?: string; message?: string; code?: unknown };
  if (/does not match expected/.test(message)) {
    return { code: 'another_machine', message: 'Another machine answers there: it has another identity.' };
  }
  const known = BY_SYSTEM[String(code)] ?? BY_NAME[name];
  return known ?? { code: 'dial_failed', message: cleanText(`${name}: ${message}`, OTHER_CHARS_MAX) };
}
