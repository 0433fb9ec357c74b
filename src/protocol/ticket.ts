// A ticket: one line that lets its bearer into a mesh. It holds a throw-away signing key that an `invite` entry
// announced, so that any awake member can check it and the ledger never carries the secret.
//
//   smesh1 ‖ base58( DAG-CBOR {mesh, issuer, secret, role, uses, expires, addresses} ‖ first 4 bytes of its sha-256 )
import { z } from 'zod';
import {
  concatBytes,
  decode,
  encode,
  equalBytes,
  fromBase58,
  MalformedError,
  sha256,
  toBase58,
  utf8,
} from './bytes.ts';
import { ADDRESS_CHARS_MAX, ADDRESSES_MAX, INVITE_USES_MAX } from './limits.ts';
import { parseWire, zAddresses, zBytes, zCount, zHash, zKey, zRole } from './schema.ts';

const PREFIX = 'smesh1';
const TICKET_BYTES_MAX = 512 + ADDRESSES_MAX * (3 * ADDRESS_CHARS_MAX + 3);
/** Base58 writes 8 bits in log2(58) = 5.86. Decoding it is quadratic, so length is looked at first. */
const TICKET_CHARS_MAX = Math.ceil((TICKET_BYTES_MAX * 8) / 5.85);
const CHECKSUM_BYTES = 4;

const zTicket = z.strictObject({
  mesh: zHash,
  /** Node key of the member who made it; its lobby is the first door to try. */
  issuer: zKey,
  /** Seed of the throw-away key. Whoever holds it may join: never logged, never in the ledger. */
  secret: zBytes(32),
  role: zRole,
  uses: z.int().min(1).max(INVITE_USES_MAX),
  /** ms since 1970. */
  expires: zCount,
  /** Multiaddrs of the issuer's lobby, without peer id. */
  addresses: zAddresses,
});

export type Ticket = z.infer<typeof zTicket>;

export function encodeTicket(ticket: Ticket): string {
  const bytes = encode(ticket);
  return PREFIX + toBase58(concatBytes([bytes, sha256(bytes).subarray(0, CHECKSUM_BYTES)]));
}

/** Throws MalformedError that says where the line is damaged, counting characters from 1. */
export function decodeTicket(line: string): Ticket {
  const text = line.trim();
  if (!text.startsWith(PREFIX)) throw new MalformedError(`a ticket starts with ${PREFIX}`);
  if (text.length > TICKET_CHARS_MAX) throw new MalformedError('a ticket is not as long as this');
  let bytes: Uint8Array;
  try {
    bytes = fromBase58(text.slice(PREFIX.length));
  } catch (error) {
    const at = /character (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    throw new MalformedError(`character ${Number(at ?? 0) + PREFIX.length} of the ticket does not belong there`);
  }
  if (bytes.length < CHECKSUM_BYTES) throw new MalformedError('the ticket is cut short');
  const body = bytes.subarray(0, -CHECKSUM_BYTES);
  if (!equalBytes(sha256(body).subarray(0, CHECKSUM_BYTES), bytes.subarray(-CHECKSUM_BYTES))) {
    throw new MalformedError('the ticket is cut short or a character is wrong (its checksum does not fit)');
  }
  return parseWire(zTicket, decode(body, TICKET_BYTES_MAX), 'ticket');
}

/** What the maker of a ticket signs with the throw-away key (domain `invite`), so that nobody else can announce it. */
export function inviteStatement(mesh: Uint8Array, issuer: Uint8Array): Uint8Array {
  return concatBytes([mesh, issuer]);
}

/** What the bearer signs with the throw-away key (domain `join`) to join as `member` under `name`. */
export function joinStatement(mesh: Uint8Array, member: Uint8Array, name: string): Uint8Array {
  return concatBytes([mesh, member, utf8(name)]);
}
