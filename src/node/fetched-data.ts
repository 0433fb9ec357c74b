// The candles that came from other members: they take a bounded room, and the ones that were not used for longest make place.
// What the owner put here is never touched.
//
// In the folder of the data sets, <hash>.fetched stands beside a file that was fetched, and its time is that of the last
// use; <hash>.part is what has come of one that is not whole yet; <hash>.removed says that its owner took it away.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, open, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChunkList, chunkLength } from '../protocol/blob.ts';
import { equalBytes, type Hex, sha256 } from '../protocol/bytes.ts';
import { BLOB_CHUNK_BYTES } from '../protocol/limits.ts';
import type { ChunkSink } from './blob-fetch.ts';

const FILE_NAME = /^([0-9a-f]{64})\.(candles|part)$/;

interface Held {
  hash: Hex;
  bytes: number;
  /** ms since 1970; undefined for a part. */
  usedAt: number | undefined;
}

export class FetchedData {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  #path(hash: Hex, ending: 'candles' | 'fetched' | 'part' | 'removed'): string {
    return join(this.#folder, `${hash}.${ending}`);
  }

  partPath(hash: Hex): string {
    return this.#path(hash, 'part');
  }

  /**
   * From now on the file counts as fetched, unless it is there already: then it was the owner's, and damaged. Before the
   * file is there, so that no crash makes it the owner's.
   */
  async mark(hash: Hex): Promise<void> {
    const file = await stat(this.#path(hash, 'candles')).catch(() => undefined);
    if (file === undefined) await writeFile(this.#path(hash, 'fetched'), '', { mode: 0o600 });
  }

  /** Its owner took it away: it comes back for a job that needs it, and to show old answers not. */
  isUnwanted(hash: Hex): boolean {
    return existsSync(this.#path(hash, 'removed'));
  }

  /** Its owner wants it after all. */
  async wantAgain(hash: Hex): Promise<void> {
    await rm(this.#path(hash, 'removed'), { force: true });
  }

  /** It was used at `now`, ms since 1970. */
  async touch(hash: Hex, now: number): Promise<void> {
    await utimes(this.#path(hash, 'fetched'), now / 1000, now / 1000).catch(() => undefined);
  }

  /**
   * Makes room for `bytes` of `hash`, within `quotaBytes` for all that was fetched: parts and data sets that are not in
   * `keep` go, parts first, then the ones that were used longest ago; without `keep` none goes. False, with nothing gone,
   * when that is not enough. Resolves to what is gone otherwise.
   */
  async makeRoom(
    hash: Hex,
    bytes: number,
    { quotaBytes, keep }: { quotaBytes: number; keep: ReadonlySet<Hex> | undefined },
  ): Promise<Hex[] | false> {
    const held = (await this.#held()).filter((each) => each.hash !== hash);
    let taken = held.reduce((sum, each) => sum + each.bytes, bytes);
    const inOrder = held
      .filter((each) => keep?.has(each.hash) === false)
      .sort((a, b) => (a.usedAt ?? 0) - (b.usedAt ?? 0) || (a.hash < b.hash ? -1 : 1));
    const gone: Held[] = [];
    for (const each of inOrder) {
      if (taken <= quotaBytes) break;
      gone.push(each);
      taken -= each.bytes;
    }
    if (taken > quotaBytes) return false;
    for (const each of gone) {
      const endings = each.usedAt === undefined ? (['part'] as const) : (['candles', 'fetched'] as const);
      for (const ending of endings) await rm(this.#path(each.hash, ending), { force: true });
    }
    return gone.map((each) => each.hash);
  }

  async #held(): Promise<Held[]> {
    const held: Held[] = [];
    for (const name of await readdir(this.#folder)) {
      const [, hash, ending] = FILE_NAME.exec(name) ?? [];
      if (hash === undefined) continue;
      const file = await stat(join(this.#folder, name)).catch(() => undefined);
      const marked = ending === 'candles' ? await stat(this.#path(hash, 'fetched')).catch(() => undefined) : undefined;
      if (file !== undefined && (ending === 'part' || marked !== undefined)) {
        held.push({ hash, bytes: file.size, usedAt: marked?.mtimeMs });
      }
    }
    return held;
  }

  /** Where the chunks of a data set are gathered. `close` it when no more come. */
  part(hash: Hex): ChunkSink & { close(): Promise<void> } {
    return new PartFile(this.#path(hash, 'part'));
  }
}

/** A file that fills up in any order. */
class PartFile implements ChunkSink {
  readonly #path: string;
  #file: FileHandle | undefined;
  #list: ChunkList | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async open(list: ChunkList): Promise<Set<number>> {
    this.#list = list;
    // Made where it is not there yet; what has come of it earlier stays.
    if (this.#file === undefined) await (await open(this.#path, 'a', 0o600)).close();
    this.#file ??= await open(this.#path, 'r+');
    await this.#file.truncate(list.bytes);
    const have = new Set<number>();
    for (const [index, hash] of list.chunks.entries()) {
      if (equalBytes(sha256(await this.#read(index)), hash)) have.add(index);
    }
    return have;
  }

  async write(index: number, bytes: Uint8Array): Promise<void> {
    await this.#opened.write(bytes, 0, bytes.length, index * BLOB_CHUNK_BYTES);
  }

  async hash(): Promise<Hex> {
    await this.#opened.sync();
    const digest = createHash('sha256');
    for (const index of this.#list!.chunks.keys()) digest.update(await this.#read(index));
    return digest.digest('hex');
  }

  async discard(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #read(index: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(chunkLength(this.#list!.bytes, index));
    const { bytesRead } = await this.#opened.read(bytes, 0, bytes.length, index * BLOB_CHUNK_BYTES);
    return bytes.subarray(0, bytesRead);
  }

  get #opened(): FileHandle {
    if (this.#file === undefined) throw new Error('the file is not open');
    return this.#file;
  }
}
