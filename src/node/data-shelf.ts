// The data sets of this machine as others fetch them: read from their files piece by piece.
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChunkList, chunkCount, chunkLength } from '../protocol/blob.ts';
import { type Hex, sha256 } from '../protocol/bytes.ts';
import { BLOB_CHUNK_BYTES, BLOB_CHUNKS_MAX } from '../protocol/limits.ts';
import type { BlobShelf } from './blob-service.ts';

/** Lists take a file's whole length to make, and 32 bytes for each quarter of a megabyte to keep. */
const LISTS_KEPT_MAX = 16;

export function createDataShelf(folder: string, has: (hash: Hex) => boolean): Pick<BlobShelf, 'list' | 'chunk'> {
  const lists = new Map<Hex, Promise<ChunkList | undefined>>();
  const pathOf = (hash: Hex): string => join(folder, `${hash}.candles`);
  return {
    async list(hash) {
      if (!has(hash)) return undefined;
      const known = lists.get(hash) ?? listFile(pathOf(hash), hash).catch(() => undefined);
      lists.delete(hash);
      lists.set(hash, known);
      for (const oldest of [...lists.keys()].slice(0, -LISTS_KEPT_MAX)) lists.delete(oldest);
      const list = await known;
      // Nothing is remembered of a file that could not be read: it may be mended.
      if (list === undefined) lists.delete(hash);
      return list;
    },
    chunk: async (hash, index) => (has(hash) ? readChunk(pathOf(hash), index).catch(() => undefined) : undefined),
  };
}

/** Undefined for a file that does not hash to its name, so that damage does not travel. */
async function listFile(path: string, hash: Hex): Promise<ChunkList | undefined> {
  const { size } = await stat(path);
  if (size === 0 || chunkCount(size) > BLOB_CHUNKS_MAX) return undefined;
  const file = await open(path, 'r');
  try {
    const whole = createHash('sha256');
    const chunks: Uint8Array[] = [];
    for (let index = 0; index < chunkCount(size); index += 1) {
      const bytes = new Uint8Array(chunkLength(size, index));
      await file.read(bytes, 0, bytes.length, index * BLOB_CHUNK_BYTES);
      whole.update(bytes);
      chunks.push(sha256(bytes));
    }
    return whole.digest('hex') === hash ? { bytes: size, chunks } : undefined;
  } finally {
    await file.close();
  }
}

async function readChunk(path: string, index: number): Promise<Uint8Array | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(chunkLength(size, index));
    if (bytes.length === 0) return undefined;
    await file.read(bytes, 0, bytes.length, index * BLOB_CHUNK_BYTES);
    return bytes;
  } finally {
    await file.close();
  }
}
