// What is too large for the ledger: blobs, named by the SHA-256 of their bytes, asked for chunk by chunk.
//
// The list of a blob's chunks is what a peer says, and is proved only when the whole is there and has the name that was
// asked for. A chunk is proved by the list at once.
import { z } from 'zod';
import { decode, encode, sha256 } from './bytes.ts';
import { type Signer, verifySignature } from './keys.ts';
import {
  BLOB_CHUNK_BYTES,
  BLOB_CHUNKS_MAX,
  BLOB_FRAME_BYTES_MAX,
  CHECKPOINT_BYTES_MAX,
  CHECKPOINTS_PER_UNIT_MAX,
  LINEAGE_MAX,
} from './limits.ts';
import { parseWire, zBlob, zCount, zHash, zKey, zSignature } from './schema.ts';

export const BLOB_PROTOCOL = '/stratmesh/blob/1';

const zBlobRequest = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('list'), blob: zHash }),
  z.object({ ask: z.literal('chunk'), blob: zHash, index: zCount }),
  /** What the other holds of searches of this unit that are under way. */
  z.object({ ask: z.literal('checkpoints'), unit: zHash }),
  /** A signed checkpoint of a search that the other is to keep. */
  z.object({ ask: z.literal('keep'), signed: zBlob }),
]);
export type BlobRequest = z.infer<typeof zBlobRequest>;

const zBlobList = z.object({
  is: z.literal('list'),
  bytes: z.int().min(1),
  /** SHA-256 of each chunk, in order. */
  chunks: z.array(zHash).min(1).max(BLOB_CHUNKS_MAX),
});

const zBlobReply = z.discriminatedUnion('is', [
  /** It is not here, or there is no such chunk. */
  z.object({ is: z.literal('none') }),
  zBlobList,
  z.object({ is: z.literal('chunk'), bytes: zBlob }),
  /** Signed ones, the furthest first. */
  z.object({ is: z.literal('checkpoints'), signed: z.array(zBlob).max(CHECKPOINTS_PER_UNIT_MAX) }),
  /** That one is to be kept was understood; whether it will be, is not said. */
  z.object({ is: z.literal('heard') }),
]);
export type BlobReply = z.infer<typeof zBlobReply>;

/** How a blob is cut: its size and the hash of each chunk. */
export type ChunkList = Pick<z.infer<typeof zBlobList>, 'bytes' | 'chunks'>;

/** Throws MalformedError. */
export function decodeBlobRequest(bytes: Uint8Array): BlobRequest {
  return parseWire(zBlobRequest, decode(bytes, BLOB_FRAME_BYTES_MAX), 'blob request');
}

/** Throws MalformedError. */
export function decodeBlobReply(bytes: Uint8Array): BlobReply {
  return parseWire(zBlobReply, decode(bytes, BLOB_FRAME_BYTES_MAX), 'blob reply');
}

export function chunkCount(bytes: number): number {
  return Math.ceil(bytes / BLOB_CHUNK_BYTES);
}

/** Bytes of one chunk of a blob of `bytes`; 0 where there is no such chunk. */
export function chunkLength(bytes: number, index: number): number {
  return Math.max(0, Math.min(BLOB_CHUNK_BYTES, bytes - index * BLOB_CHUNK_BYTES));
}

export function listChunks(blob: Uint8Array): ChunkList {
  const chunks = Array.from({ length: chunkCount(blob.length) }, (_, i) => sha256(chunkOf(blob, i)));
  return { bytes: blob.length, chunks };
}

export function chunkOf(blob: Uint8Array, index: number): Uint8Array {
  return blob.subarray(index * BLOB_CHUNK_BYTES, (index + 1) * BLOB_CHUNK_BYTES);
}

/**
 * A member's word that a search of `unit` stands at `generation` in the state that hashes to `blob`. `lineage`: the other
 * members whose generations are in it.
 */
const zCheckpoint = z.object({
  mesh: zHash,
  unit: zHash,
  member: zKey,
  generation: z.int().min(1),
  blob: zHash,
  bytes: z.int().min(1).max(CHECKPOINT_BYTES_MAX),
  lineage: z.array(zKey).max(LINEAGE_MAX),
});
export type Checkpoint = z.infer<typeof zCheckpoint>;

/** Most bytes of a signed checkpoint. */
const SIGNED_BYTES_MAX = 1024;

export function signCheckpoint(checkpoint: Checkpoint, signer: Signer): Uint8Array {
  const body = encode(checkpoint);
  return encode([body, signer.sign('checkpoint', sha256(body))]);
}

/** Throws MalformedError on a wrong form; undefined when the form is right and the signature is not. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint | undefined {
  const zSigned = z.tuple([zBlob, zSignature]);
  const [body, signature] = parseWire(zSigned, decode(bytes, SIGNED_BYTES_MAX), 'checkpoint');
  const checkpoint = parseWire(zCheckpoint, decode(body, SIGNED_BYTES_MAX), 'checkpoint');
  return verifySignature(checkpoint.member, 'checkpoint', sha256(body), signature) ? checkpoint : undefined;
}
