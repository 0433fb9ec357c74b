// Candles from a file that a person names: CSV, plain, gzipped or in a ZIP archive.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { InvalidInput } from '../engine/errors.ts';
import {
  type CandleImport,
  type FileMeta,
  type ImportOptions,
  importCandles,
} from '../engine/import/import-candles.ts';
import { type Joined, joinCandles } from '../engine/import/join.ts';
import type { FileReport } from '../engine/import/report.ts';
import { metaOfFile } from './import/file-meta.ts';
import { unzipTable } from './import/unzip.ts';

/** Most bytes of a table, unpacked. */
const TABLE_BYTES_MAX = 1024 * 1024 * 1024;

const gunzipAsync = promisify(gunzip);

export interface FileOptions extends ImportOptions {
  /** Which file of an archive that holds several. */
  member?: string;
  /** The share of the file that has been read, now and then. */
  onProgress?(share: number): void;
}

async function unpack(bytes: Uint8Array, member: string | undefined): Promise<Uint8Array> {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return unzipTable(bytes, member, TABLE_BYTES_MAX);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await gunzipAsync(bytes, { maxOutputLength: TABLE_BYTES_MAX });
  } catch (error) {
    throw new InvalidInput('bad_gzip', `the file cannot be unpacked: ${(error as Error).message}`);
  }
}

async function readTable(path: string, member: string | undefined): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new InvalidInput('file_missing', `${path} cannot be read: ${(error as Error).message}`, 'data');
  }
  return unpack(bytes, member);
}

/**
 * Reads a .csv, .csv.gz or .zip file, other work of the process in between. Throws InvalidInput: `file_missing`, `bad_gzip`,
 * `bad_zip`, or what `importCandles` says.
 */
export async function readCandleFile(
  path: string,
  given: Partial<FileMeta> = {},
  options: FileOptions = {},
): Promise<CandleImport> {
  const table = await readTable(path, options.member);
  const work = importCandles(table, (told) => metaOfFile(path, given, told), options);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    options.onProgress?.(step.value);
    await setImmediate();
  }
}

export interface JoinedFiles extends Joined {
  /** What was to be said of each file, in the order in which they were named. */
  files: { path: string; report: FileReport }[];
}

/** Several files of one market as one data set. Throws InvalidInput as `readCandleFile` and `joinCandles` do; a file is named. */
export async function readCandleFiles(
  paths: readonly string[],
  given: Partial<FileMeta> = {},
  options: FileOptions = {},
): Promise<JoinedFiles> {
  const parts: { name: string; candles: CandleImport['candles'] }[] = [];
  const files: JoinedFiles['files'] = [];
  for (const [i, path] of paths.entries()) {
    const onProgress = (share: number): void => options.onProgress?.((i + share) / paths.length);
    const { candles, report } = await named(path, readCandleFile(path, given, { ...options, onProgress }));
    parts.push({ name: basename(path), candles });
    files.push({ path, report });
  }
  return { ...joinCandles(parts), files };
}

/** Which of several files it was. */
async function named<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof InvalidInput) || error.code === 'file_missing') throw error;
    throw new InvalidInput(error.code, `${basename(path)}: ${error.message}`, error.field);
  }
}
