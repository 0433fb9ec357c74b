// The data sets of one machine: canonical candle files named by their hash. A file that does not hash to its name is
// never used.
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeCandleHeader, decodeCandles, encodeCandles } from '../engine/candle-codec.ts';
import { type CandleMeta, type Candles, findGaps, type Gap } from '../engine/candles.ts';
import { InvalidInput } from '../engine/errors.ts';
import { hashBytes, toHex } from '../engine/hash.ts';
import type { FileMeta } from '../engine/import/import-candles.ts';
import type { FileReport } from '../engine/import/report.ts';
import { sampleCandles } from '../engine/sample.ts';
import { replaceFile } from './atomic-file.ts';
import { type FileOptions, type JoinedFiles, readCandleFile, readCandleFiles } from './candle-file.ts';

/** A data set on disk, as its header and its times tell. */
export interface DatasetInfo extends CandleMeta {
  hash: string;
  bars: number;
  /** Opening times of the first and last bar, ms UTC. */
  from: number;
  to: number;
  gaps: readonly Gap[];
  /** Size of the file. */
  bytes: number;
}

export interface ImportReport {
  info: DatasetInfo;
  /** What was to be said of the file that they came from. */
  file?: FileReport;
  /** What was to be said of several files, and of where they meet. */
  joined?: Omit<JoinedFiles, 'candles'>;
  /** False when the same data set was there already. */
  added: boolean;
}

export interface DataStore {
  /** A .csv, .csv.gz or .zip file. Without them, symbol, quote and source come from rows and name. Throws InvalidInput. */
  importFile(path: string, meta?: Partial<FileMeta>, options?: FileOptions): Promise<ImportReport>;
  /** Several files of one market as one data set. Throws InvalidInput. */
  importFiles(paths: readonly string[], meta?: Partial<FileMeta>, options?: FileOptions): Promise<ImportReport>;
  /** Candles that are not in a file: downloaded ones, larger bars. */
  addCandles(candles: Candles): Promise<ImportReport>;
  /** The canonical binary form, as members ship it. Throws InvalidInput (`wrong_hash`) when it does not hash to `hash`. */
  importBytes(hash: string, bytes: Uint8Array): Promise<DatasetInfo>;
  addSample(): Promise<ImportReport>;
  /** By symbol, then hash. Files that cannot be read as candles are left out; `load` says what is wrong with them. */
  list(): Promise<DatasetInfo[]>;
  has(hash: string): Promise<boolean>;
  /** Rejects with DataError (`dataset_missing`, `dataset_damaged`). */
  load(hash: string): Promise<Candles>;
  /** The canonical bytes, for shipping; hash checked as by `load`. */
  loadBytes(hash: string): Promise<Uint8Array>;
  /** False when there was none. A mark stays that its owner did not want it (fetched-data.ts). */
  remove(hash: string): Promise<boolean>;
}

export class DataError extends Error {
  override readonly name = 'DataError';
  readonly code: 'dataset_missing' | 'dataset_damaged';
  readonly hash: string;
  constructor(code: DataError['code'], message: string, hash: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hash = hash;
  }
}

const SUFFIX = '.candles';
const FETCHED_SUFFIX = '.fetched';
const REMOVED_SUFFIX = '.removed';
const FILE_NAME = /^([0-9a-f]{64})\.candles$/;
/** Magic, version, header and padding fit in it. */
const HEAD_BYTES = 2048;

const infoOf = (candles: Candles, bytes: number): DatasetInfo => ({
  ...candles.meta,
  hash: candles.hash,
  bars: candles.length,
  from: candles.time[0]!,
  to: candles.time[candles.length - 1]!,
  gaps: candles.gaps,
  bytes,
});

/** Header and times of a file, without reading the other columns. */
async function readInfo(path: string, hash: string): Promise<DatasetInfo> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const head = new Uint8Array(Math.min(HEAD_BYTES, size));
    await handle.read(head, 0, head.length, 0);
    const { meta, bars, start } = decodeCandleHeader(head);
    if (size !== start + bars * 48) throw new InvalidInput('bad_candle_file', 'the file has the wrong size');
    const raw = new Uint8Array(bars * 8);
    await handle.read(raw, 0, raw.length, start);
    const view = new DataView(raw.buffer);
    const time = Float64Array.from({ length: bars }, (_, i) => view.getFloat64(i * 8, true));
    return { ...meta, hash, bars, from: time[0]!, to: time[bars - 1]!, gaps: findGaps(time, meta.barMs), bytes: size };
  } finally {
    await handle.close();
  }
}

class FolderStore implements DataStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Only full lower-case hashes reach the file system. */
  #path(hash: string): string {
    if (!/^[0-9a-f]{64}$/.test(hash))
      throw new InvalidInput('bad_hash', 'a data set is named by 64 hex digits', 'hash');
    return join(this.#folder, hash + SUFFIX);
  }

  async #add(candles: Candles): Promise<ImportReport> {
    const bytes = encodeCandles(candles);
    const added = !(await this.#isIntact(candles.hash));
    if (added) await replaceFile(this.#path(candles.hash), bytes);
    await rm(join(this.#folder, candles.hash + REMOVED_SUFFIX), { force: true });
    return { info: infoOf(candles, bytes.length), added };
  }

  /** What its owner puts here stays, also where it was fetched from a member before (fetched-data.ts). */
  async addCandles(candles: Candles): Promise<ImportReport> {
    const report = await this.#add(candles);
    await rm(join(this.#folder, candles.hash + FETCHED_SUFFIX), { force: true });
    return report;
  }

  async #isIntact(hash: string): Promise<boolean> {
    if (!(await this.has(hash))) return false;
    return toHex(hashBytes(await readFile(this.#path(hash)))) === hash;
  }

  async importFile(path: string, meta?: Partial<FileMeta>, options?: FileOptions): Promise<ImportReport> {
    const { candles, report } = await readCandleFile(path, meta, options);
    return { ...(await this.addCandles(candles)), file: report };
  }

  async importFiles(paths: readonly string[], meta?: Partial<FileMeta>, options?: FileOptions): Promise<ImportReport> {
    const { candles, ...joined } = await readCandleFiles(paths, meta, options);
    return { ...(await this.addCandles(candles)), joined };
  }

  async importBytes(hash: string, bytes: Uint8Array): Promise<DatasetInfo> {
    const candles = decodeCandles(bytes);
    if (candles.hash !== hash) {
      throw new InvalidInput('wrong_hash', `the candles hash to ${candles.hash}, not to ${hash}`, 'hash');
    }
    return (await this.#add(candles)).info;
  }

  addSample(): Promise<ImportReport> {
    return this.addCandles(sampleCandles());
  }

  async list(): Promise<DatasetInfo[]> {
    const infos: DatasetInfo[] = [];
    for (const name of await readdir(this.#folder)) {
      const hash = FILE_NAME.exec(name)?.[1];
      if (hash === undefined) continue;
      const info = await readInfo(join(this.#folder, name), hash).catch((error: unknown) => {
        if (error instanceof InvalidInput) return undefined;
        throw error;
      });
      if (info !== undefined) infos.push(info);
    }
    const key = ({ symbol, hash }: DatasetInfo) => `${symbol} ${hash}`;
    return infos.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  async has(hash: string): Promise<boolean> {
    const found = await stat(this.#path(hash)).catch(() => undefined);
    return found?.isFile() === true;
  }

  async loadBytes(hash: string): Promise<Uint8Array> {
    const path = this.#path(hash);
    if (!(await this.has(hash))) throw new DataError('dataset_missing', `there is no data set ${hash} here`, hash);
    const bytes = await readFile(path);
    if (toHex(hashBytes(bytes)) === hash) return bytes;
    throw new DataError('dataset_damaged', `the file of data set ${hash} is damaged: ${path}`, hash);
  }

  async load(hash: string): Promise<Candles> {
    const bytes = await this.loadBytes(hash);
    try {
      return decodeCandles(bytes);
    } catch (cause) {
      throw new DataError('dataset_damaged', `the file of data set ${hash} does not hold candles`, hash, { cause });
    }
  }

  async remove(hash: string): Promise<boolean> {
    const there = await this.has(hash);
    await rm(this.#path(hash), { force: true });
    await rm(join(this.#folder, hash + FETCHED_SUFFIX), { force: true });
    if (there) await writeFile(join(this.#folder, hash + REMOVED_SUFFIX), '', { mode: 0o600 });
    return there;
  }
}

/** Opens the folder of data sets, making it when it is not there. */
export async function openDataStore(folder: string): Promise<DataStore> {
  await mkdir(folder, { recursive: true });
  return new FolderStore(folder);
}
