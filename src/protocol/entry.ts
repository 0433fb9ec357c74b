// One entry of the ledger. Bytes are kept and verified as received, never encoded again.
//
//   body  = DAG-CBOR [1, mesh, author, log, seq, prev, time, kind, data]
//   block = DAG-CBOR [body, signature over sha-256(body)]
//   id    = sha-256(block)
import {
  concatBytes,
  decode,
  encode,
  equalBytes,
  fromHex,
  type Hex,
  MalformedError,
  sha256,
  sha256Hex,
  toHex,
} from './bytes.ts';
import { type Signer, verifySignature } from './keys.ts';
import { ENTRY_BYTES_MAX } from './limits.ts';

const ENTRY_VERSION = 1;
const KIND_NAME = /^[a-z][a-z0-9_-]{0,31}$/;
/** `prev` of the first entry of a log, `mesh` of the genesis entry. */
export const NOTHING = new Uint8Array(0);

/** A decoded entry whose form and signature hold; whether it counts is for the ledger's rules to say. */
export interface Entry {
  readonly id: Hex;
  /** Mesh id; empty only in the genesis entry, whose own id is the mesh id. */
  readonly mesh: Hex;
  readonly author: Hex;
  readonly log: Hex;
  /** 0, 1, 2 … within its log. */
  readonly seq: number;
  /** Id of the entry before it in its log; empty at seq 0. */
  readonly prev: Hex;
  /** What the author's clock said, ms since 1970 UTC. For people to read; no rule looks at it. */
  readonly time: number;
  readonly kind: string;
  readonly data: unknown;
  readonly block: Uint8Array;
  readonly signature: Uint8Array;
}

export interface EntryDraft {
  mesh: Uint8Array;
  log: Uint8Array;
  seq: number;
  prev: Uint8Array;
  time: number;
  kind: string;
  data: unknown;
}

/**
 * An entry of a later version of the protocol: not for this program to judge, and nobody's fault. Blocks of all versions
 * are [body, signature], and every body is a list that begins with its version.
 */
export class NewerEntryError extends Error {
  override readonly name = 'NewerEntryError';
  readonly code = 'newer_entry';
}

/** Signs a draft. Throws RangeError when the block would be larger than ENTRY_BYTES_MAX. */
export function signEntry(draft: EntryDraft, signer: Signer): Entry {
  const { mesh, log, seq, prev, time, kind, data } = draft;
  const body = encode([ENTRY_VERSION, mesh, signer.publicKey, log, seq, prev, time, kind, data]);
  const block = encode([body, signer.sign('entry', sha256(body))]);
  if (block.length > ENTRY_BYTES_MAX) {
    throw new RangeError(`an entry has at most ${ENTRY_BYTES_MAX} bytes, this ${kind} has ${block.length}`);
  }
  return decodeEntry(block);
}

/** As `toHex`; the same bytes as the last time cost less, and a log has one author in one mesh. */
function lastHex(): (bytes: Uint8Array) => Hex {
  let last: Uint8Array = NOTHING;
  let text = '';
  return (bytes) => {
    if (!equalBytes(bytes, last)) {
      last = bytes;
      text = toHex(bytes);
    }
    return text;
  };
}

const [meshText, authorText, logText] = [lastHex(), lastHex(), lastHex()];

/** Strict form, without the signature. Throws MalformedError, or NewerEntryError when its version is not known here. */
export function decodeEntry(bytes: Uint8Array): Entry {
  // A copy: what is kept neither holds on to a whole frame nor changes when the caller uses its buffer again.
  const block = new Uint8Array(bytes.subarray(0, ENTRY_BYTES_MAX + 1));
  const [body, signature] = decodeBlock(block);
  const fields = asTuple(refuseNewer(decode(body, ENTRY_BYTES_MAX)), 9, 'body');
  const [version, mesh, author, log, seq, prev, time, kind, data] = fields;
  if (version !== ENTRY_VERSION) throw new MalformedError(`entry version ${String(version)} is none`);
  if (!isBytes(author, 32) || !isBytes(log, 16)) throw new MalformedError('author or log has the wrong form');
  if (!isCount(seq) || !isCount(time)) throw new MalformedError('seq or time is not a whole number from 0');
  if (!isBytes(prev, seq === 0 ? 0 : 32)) throw new MalformedError('prev does not fit seq');
  if (typeof kind !== 'string' || !KIND_NAME.test(kind)) throw new MalformedError('kind has no name');
  if (!isBytes(mesh, kind === 'genesis' ? 0 : 32)) throw new MalformedError('mesh has the wrong form');
  return {
    id: sha256Hex(block),
    mesh: meshText(mesh),
    author: authorText(author),
    log: logText(log),
    seq,
    prev: toHex(prev),
    time,
    kind,
    data,
    block,
    signature,
  };
}

function refuseNewer(body: unknown): unknown {
  const version: unknown = Array.isArray(body) ? body[0] : undefined;
  if (isCount(version) && version > ENTRY_VERSION) {
    throw new NewerEntryError(`entry version ${version} is newer than this program, which knows ${ENTRY_VERSION}`);
  }
  return body;
}

function decodeBlock(block: Uint8Array): [body: Uint8Array, signature: Uint8Array] {
  const [body, signature] = asTuple(decode(block, ENTRY_BYTES_MAX, { share: true }), 2, 'block');
  if (!isBytes(body) || !isBytes(signature, 64)) throw new MalformedError('block is not [body, signature]');
  return [body, signature];
}

/** Whether the author signed exactly these bytes. */
export function verifyEntry(entry: Entry): boolean {
  return verifySignature(fromHex(entry.author), 'entry', statementOf(entry), entry.signature);
}

/** Of each signature in a packed list: the author's key, what is signed, the signature. */
const [KEY_BYTES, STATEMENT_BYTES, SIGNATURE_BYTES] = [32, 32, 64];
const PACKED_BYTES = KEY_BYTES + STATEMENT_BYTES + SIGNATURE_BYTES;

/** The signatures of entries with what it takes to verify them, so that many can be handed to another thread at once. */
export function packSignatures(entries: readonly Entry[]): Uint8Array {
  const packed = new Uint8Array(entries.length * PACKED_BYTES);
  for (const [i, entry] of entries.entries()) {
    const at = i * PACKED_BYTES;
    packed.set(fromHex(entry.author), at);
    packed.set(statementOf(entry), at + KEY_BYTES);
    packed.set(entry.signature, at + KEY_BYTES + STATEMENT_BYTES);
  }
  return packed;
}

/** For each, in order, as `verifyEntry`: 1 where the author signed exactly these bytes, 0 elsewhere. */
export function verifyPacked(packed: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: packed.length / PACKED_BYTES }, (_, i) => {
    const at = i * PACKED_BYTES;
    const [key, rest] = [packed.subarray(at, at + KEY_BYTES), packed.subarray(at + KEY_BYTES, at + PACKED_BYTES)];
    return verifySignature(key, 'entry', rest.subarray(0, STATEMENT_BYTES), rest.subarray(STATEMENT_BYTES)) ? 1 : 0;
  });
}

/** What the signature is over. */
function statementOf({ block }: Entry): Uint8Array {
  const [body] = decodeBlock(block);
  return sha256(body);
}

/** Unit ids are derived, so that a job of a million units is one entry. */
export function unitId(jobId: Uint8Array, index: number): Hex {
  return toHex(sha256(concatBytes([jobId, encode(index)])));
}

function asTuple(value: unknown, length: number, what: string): unknown[] {
  if (!Array.isArray(value) || value.length !== length) throw new MalformedError(`${what} is not a list of ${length}`);
  return value;
}

function isBytes(value: unknown, length?: number): value is Uint8Array {
  return value instanceof Uint8Array && (length === undefined || value.length === length);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
