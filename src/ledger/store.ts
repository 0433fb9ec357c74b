// The ledger on disk: one LevelDB. Everything that one step changes is written in one atomic batch.
//
//   schema                       version of this layout
//   mesh                         mesh id
//   own                          log id of this database's own log
//   e/<author>/<log>/<seq hex8>  block
//   f/<author>/<log>             proof of a fork: the two blocks, DAG-CBOR
//   v/<author>/<log>/<page hex8> index: the heads of HEADS_PER_PAGE entries (head-page.ts)
//   state                        DAG-CBOR [version, digest of all logs, sum of the facts]: spares a start the hashing
//
// The index and `state` say nothing that the blocks do not say, and are made again from them where they are missing or
// of another version.
//
// Beside it, in <directory>.own.json, stands what the database itself cannot tell: how far the own log had come when it
// was last written, and on which machine and in which file. A copy of that file is another file.
import { cp, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Level } from 'level';
import { decode, encode, type Hex, MalformedError } from '../protocol/bytes.ts';
import type { Entry } from '../protocol/entry.ts';
import { ENTRY_BYTES_MAX } from '../protocol/limits.ts';
import { type Log, logKey } from './log.ts';
import type { Witness } from './own-log.ts';

/** 1 had no index, in that of 2 it did not stand how much a result had tried. */
export const LAYOUT = 3;

/** `code`: ledger_locked (another process has it), ledger_damaged, ledger_newer, ledger_io. Nothing was deleted. */
export class LedgerStoreError extends Error {
  override readonly name = 'LedgerStoreError';
  readonly code: 'ledger_locked' | 'ledger_damaged' | 'ledger_newer' | 'ledger_io';
  constructor(code: LedgerStoreError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export interface StoreBatch {
  entries?: readonly Entry[];
  forks?: readonly (readonly [Entry, Entry])[];
  /** Logs to be deleted, before anything is written. */
  dropped?: readonly Pick<Log, 'author' | 'log'>[];
  /** Logs that end before `from`, now for the blocks on the disk too. */
  cut?: readonly { author: Hex; log: Hex; from: number }[];
  /** Pages of the index, from page `first` on; those of the log beyond them are deleted where it got shorter. */
  index?: readonly IndexChange[];
  meta?: Readonly<Partial<Record<Meta, Uint8Array>>> | undefined;
}

export interface IndexChange {
  author: Hex;
  log: Hex;
  first: number;
  pages: readonly Uint8Array[];
  isShorter: boolean;
}

export type Meta = 'schema' | 'mesh' | 'own' | 'state';

export interface IndexPage {
  author: Hex;
  log: Hex;
  page: number;
  bytes: Uint8Array;
}

/** What a batch does to a database of keys and values: first the ranges are cleared, then the values are put. */
export interface Operations {
  clear: { gte: string; lt: string }[];
  put: { key: string; value: Uint8Array }[];
}

export interface Store {
  meta(key: Meta): Promise<Uint8Array | undefined>;
  /** False in a database of an older layout, whose index is to be made. */
  readonly isIndexed: boolean;
  /** Log by log, each in order. */
  indexPages(): AsyncIterable<IndexPage>;
  /** Blocks log by log, each in order of seq. */
  blocks(): AsyncIterable<Uint8Array>;
  /** Those of one log, in order of seq. */
  blocksOf(author: Hex, log: Hex): AsyncIterable<Uint8Array>;
  /** At once. */
  block(author: Hex, log: Hex, seq: number): Uint8Array | undefined;
  forks(): AsyncIterable<readonly [Uint8Array, Uint8Array]>;
  /** All or nothing. With `sync` it is on the disk, not only on its way, when the promise resolves. */
  write(batch: StoreBatch, options: { sync: boolean }): Promise<void>;
  /** What was last kept, or undefined when this is not the disk that it was kept on. */
  witness(): Promise<Witness | undefined>;
  /** Replaces the witness in one step, synced. */
  keepWitness(witness: Witness): Promise<void>;
  /** Where a copy lies of what could not be opened before it was repaired; undefined when nothing had to be. */
  readonly repairedFrom?: string | undefined;
  close(): Promise<void>;
}

/** `machine` tells this machine from others that the directory may be copied to. */
export async function openStore(directory: string, machine = ''): Promise<Store> {
  const { db, repairedFrom } = await openOrRepair(directory);
  let isIndexed: boolean;
  try {
    isIndexed = await checkSchema(db, directory);
  } catch (error) {
    await db.close();
    throw error;
  }
  return {
    repairedFrom,
    isIndexed,
    meta: (key) => db.get(key),
    indexPages: () => readIndex(db),
    blocks: () => db.values({ gte: 'e/', lt: 'e0' }),
    blocksOf: (author, log) => db.values(rangeOf('e', author, log)),
    block: (author, log, seq) => db.getSync(entryKey({ author, log, seq })),
    forks: () => readForks(db),
    write: (batch, { sync }) => write(db, batch, sync),
    witness: () => readWitness(`${directory}.own.json`, machine),
    keepWitness: (witness) => writeWitness(`${directory}.own.json`, machine, witness),
    close: () => db.close(),
  };
}

type Database = Level<string, Uint8Array>;

/** Known to the binding that `level` is in Node, and not to its types, which are the browser's too. */
const onNode = Level as unknown as { repair(location: string): Promise<void> };

async function openDatabase(directory: string): Promise<Database> {
  const files: string[] = await readdir(directory).catch(() => []);
  // LevelDB would take it for a new database, and remove what the old one had.
  if (files.some((file) => file.startsWith('MANIFEST')) && !files.includes('CURRENT')) {
    throw new Error('the file CURRENT is missing');
  }
  const db: Database = new Level(directory, { keyEncoding: 'utf8', valueEncoding: 'view' });
  await db.open();
  return db;
}

/** What cannot be opened is copied first, then LevelDB puts together what is left of it. */
async function openOrRepair(directory: string): Promise<{ db: Database; repairedFrom?: string }> {
  try {
    return { db: await openDatabase(directory) };
  } catch (error) {
    const refusal = explainOpen(directory, error);
    if (refusal.code !== 'ledger_damaged') throw refusal;
    const copy = await copyAside(directory);
    if (copy === undefined) throw refusal;
    try {
      await onNode.repair(directory);
      return { db: await openDatabase(directory), repairedFrom: copy };
    } catch {
      await rm(directory, { recursive: true });
      await rename(copy, directory);
      throw refusal;
    }
  }
}

/** Undefined when there is no folder that could be copied. */
async function copyAside(directory: string): Promise<string | undefined> {
  const taken = new Set(await readdir(dirname(directory)));
  for (let n = 1; ; n += 1) {
    const copy = `${directory}-damaged-${n}`;
    if (taken.has(basename(copy))) continue;
    const isFolder = (await stat(directory).catch(() => undefined))?.isDirectory() === true;
    if (!isFolder) return undefined;
    await cp(directory, copy, { recursive: true });
    return copy;
  }
}

/** Whether the index is there. An older layout stays as it is until the index is written. */
async function checkSchema(db: Database, directory: string): Promise<boolean> {
  const stored = (await db.get('schema'))?.[0];
  if (stored === undefined) {
    await db.put('schema', Uint8Array.of(LAYOUT), { sync: true });
  } else if (stored > LAYOUT) {
    throw new LedgerStoreError(
      'ledger_newer',
      `the ledger in ${directory} was written by a newer version (layout ${stored}, this one knows ${LAYOUT}); nothing was changed, update this machine`,
    );
  }
  return stored === undefined || stored === LAYOUT;
}

async function* readIndex(db: Database): AsyncGenerator<IndexPage> {
  for await (const [key, bytes] of db.iterator({ gte: 'v/', lt: 'v0' })) yield toIndexPage(key, bytes);
}

export function toIndexPage(key: string, bytes: Uint8Array): IndexPage {
  const [, author = '', log = '', page = ''] = key.split('/');
  return { author, log, page: Number.parseInt(page, 16), bytes };
}

async function* readForks(db: Database): AsyncGenerator<readonly [Uint8Array, Uint8Array]> {
  for await (const value of db.values({ gte: 'f/', lt: 'f0' })) {
    const pair = decode(value, 3 * ENTRY_BYTES_MAX);
    if (!Array.isArray(pair) || !(pair[0] instanceof Uint8Array) || !(pair[1] instanceof Uint8Array)) {
      throw new MalformedError('a stored fork is not two blocks');
    }
    yield [pair[0], pair[1]];
  }
}

async function write(db: Database, batch: StoreBatch, sync: boolean): Promise<void> {
  const { clear, put } = operationsOf(batch);
  try {
    const gone: string[] = [];
    for (const range of clear) gone.push(...(await db.keys(range).all()));
    await db.batch(
      [
        ...gone.map((key) => ({ type: 'del' as const, key })),
        ...put.map((operation) => ({ type: 'put' as const, ...operation })),
      ],
      { sync },
    );
  } catch (error) {
    throw new LedgerStoreError(
      'ledger_io',
      'the ledger could not be written (disk full or failing?); nothing was acknowledged',
      error,
    );
  }
}

export function operationsOf({ entries, forks, dropped, cut, index, meta }: StoreBatch): Operations {
  const proofKey = ({ author, log }: Pick<Log, 'author' | 'log'>): string => `f/${logKey(author, log)}`;
  const cleared = (dropped ?? []).flatMap((log) => [
    // Above a fork there are entries that nobody has in memory.
    rangeOf('e', log.author, log.log),
    rangeOf('v', log.author, log.log),
    { gte: proofKey(log), lt: `${proofKey(log)}0` },
  ]);
  const beyond = (cut ?? []).map(({ author, log, from }) => ({
    ...rangeOf('e', author, log),
    gte: entryKey({ author, log, seq: from }),
  }));
  const shorter = (index ?? []).flatMap(({ author, log, first, pages, isShorter }) =>
    isShorter ? [{ ...rangeOf('v', author, log), gte: pageKey(author, log, first + pages.length) }] : [],
  );
  return {
    clear: [...cleared, ...beyond, ...shorter],
    put: [
      ...(entries ?? []).map((entry) => ({ key: entryKey(entry), value: entry.block })),
      ...(forks ?? []).map(([a, b]) => ({ key: proofKey(a), value: encode([a.block, b.block]) })),
      ...(index ?? []).flatMap(({ author, log, first, pages }) =>
        pages.map((value, i) => ({ key: pageKey(author, log, first + i), value })),
      ),
      ...Object.entries(meta ?? {}).map(([key, value]) => ({ key, value })),
    ],
  };
}

async function readWitness(file: string, machine: string): Promise<Witness | undefined> {
  try {
    const kept = JSON.parse(await readFile(file, 'utf8')) as Witness & { machine: string; inode: string };
    const { ino } = await stat(file, { bigint: true });
    const { log, count, head } = kept;
    return kept.machine === machine && kept.inode === String(ino) ? { log, count, head } : undefined;
  } catch {
    // Missing or damaged: then nothing is known, and a new log is begun.
    return undefined;
  }
}

async function writeWitness(file: string, machine: string, { log, count, head }: Witness): Promise<void> {
  const temporary = `${file}.tmp`;
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', 0o600);
  try {
    const { ino } = await handle.stat({ bigint: true });
    await handle.writeFile(`${JSON.stringify({ machine, inode: String(ino), log, count, head })}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

function rangeOf(part: 'e' | 'v', author: Hex, log: Hex): { gte: string; lt: string } {
  const prefix = `${part}/${logKey(author, log)}`;
  return { gte: `${prefix}/`, lt: `${prefix}0` };
}

function entryKey({ author, log, seq }: Pick<Entry, 'author' | 'log' | 'seq'>): string {
  return `e/${logKey(author, log)}/${hex8(seq)}`;
}

function pageKey(author: Hex, log: Hex, page: number): string {
  return `v/${logKey(author, log)}/${hex8(page)}`;
}

function hex8(n: number): string {
  return n.toString(16).padStart(8, '0');
}

function explainOpen(directory: string, error: unknown): LedgerStoreError {
  const cause = error instanceof Error ? (error.cause as { code?: string } | undefined) : undefined;
  if (cause?.code === 'LEVEL_LOCKED') {
    return new LedgerStoreError(
      'ledger_locked',
      `another stratmesh process uses ${directory}; stop it first or choose another --data-dir`,
      error,
    );
  }
  return new LedgerStoreError(
    'ledger_damaged',
    `the ledger in ${directory} could not be opened; nothing was deleted. Keep a copy of the folder, then start with another --data-dir and join again: the other machines hold the entries`,
    error,
  );
}
