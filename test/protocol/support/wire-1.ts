// The decoders of wire version 1 (commit 363aafe) for what is not an entry: a key that they do not know is an error, as it was
// for programs of that time.
import * as dagCbor from '@ipld/dag-cbor';
import { z } from 'zod';

const zBytes = (length: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length, `not ${length} bytes`);
const zBlob = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'not bytes');
const zHash = zBytes(32);
const zCount = z.int().min(0);
const zName = z.string().min(1).max(40);
const zText = z.string().max(200);
const zAddresses = z.array(z.string().max(200)).max(16);
const zVersions = z.tuple([z.int().min(1), z.int().min(1)]);

const zHello = z.strictObject({
  ...{ wire: zVersions, mesh: zHash, boot: zBytes(8), name: zName, version: zText, os: zText },
  ...{ fingerprint: zHash, frontier: zHash, addresses: zAddresses },
});

const zClaim = z.strictObject({
  ...{ unit: zHash, job: zHash, index: zCount, generation: zCount },
  ...{ generations: z.int().min(1), remaining: zCount.nullable() },
});

const zPresence = z.strictObject({
  ...{ mesh: zHash, member: zBytes(32), boot: zBytes(8), n: zCount, next: z.int().min(1), name: zName, version: zText },
  ...{ os: zText, fingerprint: zHash, state: z.enum(['working', 'idle', 'paused', 'asleep']), reason: zText },
  ...{ threads: z.tuple([zCount, zCount]), loads: z.array(z.int().min(0).max(100)).max(256) },
  ...{ backtestsPerSecond: z.number().min(0).nullable(), claim: zClaim.nullable() },
  ...{ frontier: zHash, root: zHash, addresses: zAddresses },
});

const zJoinRequest = z.strictObject({
  ...{ wire: zVersions, mesh: zHash, invite: zBytes(32), proof: zBytes(64), member: zBytes(32), name: zName },
});

const zJoinReply = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), genesis: zBlob, addresses: zAddresses }),
  z.strictObject({ ok: z.literal(false), code: z.string().max(40), message: zText }),
]);

const zLogName = z.strictObject({ author: zBytes(32), log: zBytes(16) });

const zSyncRequest = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('frontier'), digest: zHash, after: zLogName.optional() }),
  z.strictObject({ ask: z.literal('entries'), author: zBytes(32), log: zBytes(16), from: zCount }),
  z.strictObject({ ask: z.literal('fork'), author: zBytes(32), log: zBytes(16) }),
]);

const zFrontierLog = z.strictObject({
  ...{ author: zBytes(32), log: zBytes(16), count: zCount },
  ...{ head: z.union([zHash, zBytes(0)]), frozen: z.boolean() },
});

const zSyncReply = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('frontier'), digest: zHash, logs: z.array(zFrontierLog).max(5000) }),
  z.strictObject({ is: z.literal('entries'), blocks: z.array(zBlob).max(256) }),
]);

const read =
  (schema: z.ZodType, bytesMax: number) =>
  (bytes: Uint8Array): unknown => {
    if (bytes.length > bytesMax) throw new Error('too large');
    return schema.parse(dagCbor.decode(bytes));
  };

/** Each throws on what a program of version 1 refuses. Signatures are not looked at. */
export const WIRE_1 = {
  hello: read(zHello, 4096),
  presence(bytes: Uint8Array): unknown {
    const [body] = read(z.tuple([zBlob, zBytes(64)]), 2048)(bytes) as [Uint8Array];
    return read(zPresence, 2048)(body);
  },
  joinRequest: read(zJoinRequest, 4096),
  joinReply: read(zJoinReply, 4096 + 4096),
  syncRequest: read(zSyncRequest, 2 ** 20),
  syncReply: read(zSyncReply, 2 ** 20),
};
