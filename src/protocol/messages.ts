// What nodes say to each other besides entries: HELLO on connecting, presence by gossip, the door, pairing, and sync. Keys that this
// version does not know are left out of what is read: a later version may say more. (Of version 1 they are refused.)
import { z } from 'zod';
import { decode, encode, sha256 } from './bytes.ts';
import { type Signer, verifySignature } from './keys.ts';
import {
  ADDRESSES_PER_PLACE_MAX,
  ENTRY_BYTES_MAX,
  FRONTIER_LOGS_MAX,
  HELLO_BYTES_MAX,
  JOIN_BYTES_MAX,
  PAGE_ENTRIES_MAX,
  PLACES_MAX,
  PRESENCE_BYTES_MAX,
  RULES_VERSION_MAX,
  SYNC_FRAME_BYTES_MAX,
} from './limits.ts';
import {
  parseWire,
  zAddresses,
  zBlob,
  zBytes,
  zCount,
  zHash,
  zKey,
  zName,
  zRole,
  zSignature,
  zText,
} from './schema.ts';

/** Versions of the forms below that this program speaks, smallest and largest. */
export const WIRE: readonly [number, number] = [1, 2];
export const HELLO_PROTOCOL = '/stratmesh/hello/1';
export const SYNC_PROTOCOL = '/stratmesh/sync/1';
export const JOIN_PROTOCOL = '/stratmesh/join/1';
export const PAIR_PROTOCOL = '/stratmesh/pair/1';
/** One frame of pairing; the largest holds a genesis block. */
export const PAIR_BYTES_MAX = JOIN_BYTES_MAX + ENTRY_BYTES_MAX;

function withinLimit(bytes: Uint8Array, bytesMax: number, what: string): Uint8Array {
  if (bytes.length > bytesMax)
    throw new RangeError(`a ${what} has at most ${bytesMax} bytes, this one ${bytes.length}`);
  return bytes;
}

const zVersions = z.tuple([z.int().min(1), z.int().min(1)]);

/** The highest version that both sides speak; undefined when there is none. */
export function commonVersion([low, high]: readonly [number, number]): number | undefined {
  const common = Math.min(high, WIRE[1]);
  return common < Math.max(low, WIRE[0]) ? undefined : common;
}

/** First words on a new connection, both ways. `boot` differs with each start: two at once are a copied key. */
const zHello = z.object({
  wire: zVersions,
  mesh: zHash,
  boot: zBytes(8),
  name: zName,
  version: zText,
  os: zText,
  fingerprint: zHash,
  frontier: zHash,
  addresses: zAddresses,
});
export type Hello = z.infer<typeof zHello>;

/** Throws RangeError when the others would refuse it for its size. */
export function encodeHello(hello: Hello): Uint8Array {
  return withinLimit(encode(hello), HELLO_BYTES_MAX, 'hello');
}

export function decodeHello(bytes: Uint8Array): Hello {
  return parseWire(zHello, decode(bytes, HELLO_BYTES_MAX), 'hello');
}

const zClaim = z.object({
  unit: zHash,
  /** Units are named by hash; these two tell people which one it is. */
  job: zHash,
  index: zCount,
  generation: zCount,
  generations: z.int().min(1),
  /** ms the claimant expects to need; null until it has measured. */
  remaining: zCount.nullable(),
});
export type Claim = z.infer<typeof zClaim>;

/** News of one node, signed by it; `n` grows within a boot. `next`: ms until the next one at the latest. */
const zPresence = z.object({
  mesh: zHash,
  member: zKey,
  boot: zBytes(8),
  n: zCount,
  next: z.int().min(1),
  name: zName,
  version: zText,
  os: zText,
  fingerprint: zHash,
  state: z.enum(['working', 'idle', 'paused', 'asleep']),
  reason: zText,
  threads: z.tuple([zCount, zCount]),
  /** Busy share of each thread, 0 to 100. */
  loads: z.array(z.int().min(0).max(100)).max(256),
  backtestsPerSecond: z.number().min(0).nullable(),
  claim: zClaim.nullable(),
  frontier: zHash,
  root: zHash,
  addresses: zAddresses,
  /** From version 2 on: the highest version of the mesh's rules that its program knows. */
  rules: z.int().min(1).max(RULES_VERSION_MAX).optional(),
});
export type Presence = z.infer<typeof zPresence>;

/** Throws RangeError when the others would refuse it for its size. */
export function signPresence(presence: Presence, signer: Signer): Uint8Array {
  const body = encode(presence);
  return withinLimit(encode([body, signer.sign('presence', sha256(body))]), PRESENCE_BYTES_MAX, 'presence');
}

/** Throws MalformedError on a wrong form; undefined when the form is right and the signature is not. */
export function decodePresence(bytes: Uint8Array): Presence | undefined {
  const zSigned = z.tuple([zBlob, zSignature]);
  const [body, signature] = parseWire(zSigned, decode(bytes, PRESENCE_BYTES_MAX), 'presence');
  const presence = parseWire(zPresence, decode(body, PRESENCE_BYTES_MAX), 'presence');
  return verifySignature(presence.member, 'presence', sha256(body), signature) ? presence : undefined;
}

/** At the lobby: who holds a ticket asks to be admitted as `member`. */
const zJoinRequest = z.object({
  wire: zVersions,
  mesh: zHash,
  invite: zKey,
  proof: zSignature,
  member: zKey,
  name: zName,
});
export type JoinRequest = z.infer<typeof zJoinRequest>;

const zJoinReply = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    /** The genesis block; its hash is the mesh id that the ticket names. */
    genesis: zBlob,
    addresses: zAddresses,
    /** Where other members were last seen, since version 2: whoever opened may be gone in a moment. */
    places: z
      .array(z.object({ member: zKey, addresses: zAddresses.max(ADDRESSES_PER_PLACE_MAX) }))
      .max(PLACES_MAX)
      .optional(),
  }),
  z.object({ ok: z.literal(false), code: z.string().max(40), message: zText }),
]);
export type JoinReply = z.infer<typeof zJoinReply>;

export function decodeJoinRequest(bytes: Uint8Array): JoinRequest {
  return parseWire(zJoinRequest, decode(bytes, JOIN_BYTES_MAX), 'join request');
}

export function decodeJoinReply(bytes: Uint8Array): JoinReply {
  return parseWire(zJoinReply, decode(bytes, JOIN_BYTES_MAX + ENTRY_BYTES_MAX), 'join reply');
}

/** Who speaks, and what it would do: let machines in, or come into another's mesh. */
const zIntroduction = z.object({
  wire: zVersions,
  mesh: zHash,
  meshName: zName,
  members: z.int().min(1),
  name: zName,
  os: zText,
  version: zText,
  hosts: z.boolean(),
  asks: z.boolean(),
});
export type Introduction = z.infer<typeof zIntroduction>;

/** First words of pairing: to meet, or to let the other side in, which it may refuse. */
const zPairRequest = z.discriminatedUnion('do', [
  z.object({ do: z.literal('meet'), who: zIntroduction, commitment: zHash.optional() }),
  z.object({ do: z.literal('come'), role: zRole }),
]);
export type PairRequest = z.infer<typeof zPairRequest>;

/** `nonce` from the side with the larger key, `commitment` from the other. */
const zMeetReply = z.object({
  ok: z.literal(true),
  who: zIntroduction,
  nonce: zHash.optional(),
  commitment: zHash.optional(),
});
const zRefusal = z.object({ ok: z.literal(false), code: z.string().max(40), message: zText });
const zMeetAnswer = z.discriminatedUnion('ok', [zMeetReply, zRefusal]);

const zNonce = z.object({ nonce: zHash });

/** `name`: under which it is let in. */
const zComeAnswer = z.discriminatedUnion('ok', [z.object({ ok: z.literal(true), name: zName }), zRefusal]);

/** It is in: the genesis block of its new mesh, and where the one that let it in listens. */
const zWelcome = z.object({ genesis: zBlob, addresses: zAddresses });
export type Welcome = z.infer<typeof zWelcome>;

const pairReader =
  <T>(schema: z.ZodType<T>, what: string) =>
  (bytes: Uint8Array): T =>
    parseWire(schema, decode(bytes, PAIR_BYTES_MAX), what);

export const decodePairRequest = pairReader(zPairRequest, 'pairing request');
export const decodeMeetAnswer = pairReader(zMeetAnswer, 'pairing answer');
export const decodeNonce = pairReader(zNonce, 'pairing nonce');
export const decodeComeAnswer = pairReader(zComeAnswer, 'pairing answer');
export const decodeWelcome = pairReader(zWelcome, 'welcome');

/** How far one log reaches here. `frozen`: the log forked at `count`, and only what is before it counts. */
const zFrontierLog = z.object({
  author: zKey,
  log: zBytes(16),
  count: zCount,
  head: z.union([zHash, zBytes(0)]),
  frozen: z.boolean(),
});
export type FrontierLog = z.infer<typeof zFrontierLog>;

const zLogName = z.object({ author: zKey, log: zBytes(16) });

const zSyncRequest = z.discriminatedUnion('ask', [
  /** `after`: the last log of the page before, where a frontier is longer than one frame. */
  z.object({ ask: z.literal('frontier'), digest: zHash, after: zLogName.optional() }),
  z.object({ ask: z.literal('entries'), author: zKey, log: zBytes(16), from: zCount }),
  z.object({ ask: z.literal('fork'), author: zKey, log: zBytes(16) }),
]);
export type SyncRequest = z.infer<typeof zSyncRequest>;

const zSyncReply = z.discriminatedUnion('is', [
  /** `logs` is empty when the digests are equal. A full page may be followed by another. */
  z.object({ is: z.literal('frontier'), digest: zHash, logs: z.array(zFrontierLog).max(FRONTIER_LOGS_MAX) }),
  z.object({ is: z.literal('entries'), blocks: z.array(zBlob).max(PAGE_ENTRIES_MAX) }),
]);
export type SyncReply = z.infer<typeof zSyncReply>;

export function decodeSyncRequest(bytes: Uint8Array): SyncRequest {
  return parseWire(zSyncRequest, decode(bytes, SYNC_FRAME_BYTES_MAX), 'sync request');
}

export function decodeSyncReply(bytes: Uint8Array): SyncReply {
  return parseWire(zSyncReply, decode(bytes, SYNC_FRAME_BYTES_MAX), 'sync reply');
}
