// Reading the logs of a database when a node starts: from the index, or from the blocks where there is none. What does
// not hold is left where it is and not used: the entries below it count, those above come back from the other members.
//
// Each entry names the hash of the one below, so one signature at the end of a log vouches for all of it until the
// others have been verified too.
import { decodeEntry, type Entry, verifyEntry } from '../protocol/entry.ts';
import type { HeadList } from './head-list.ts';
import { HEADS_PER_PAGE } from './head-page.ts';
import { headOf } from './heads.ts';
import { forkOf, freeze, judgeEntry, type Log, logKey, soFar } from './log.ts';
import { LogSet } from './log-set.ts';
import { type IndexChange, type IndexPage, LAYOUT, type Store } from './store.ts';

const TELL_EVERY = 256;

type LogName = Pick<Log, 'author' | 'log'>;

export interface Loaded {
  logs: LogSet;
  /** Logs that end earlier here than on the disk, by key. */
  cut: Set<string>;
  /** Blocks on the disk that are not used. */
  unused: number;
}

/** Hears how many blocks have been read, where they all have to be. */
export type OnReading = (blocks: number) => void;

export async function loadLogs(store: Store, onReading?: OnReading): Promise<Loaded> {
  const indexed = store.isIndexed ? await readIndexed(store) : undefined;
  if (indexed === undefined) return loadBlocks(store, onReading);
  await addForks(store, indexed);
  // A log ends before its blocks do only where it forked, and without the proof nobody can tell any more.
  const goesOn = ({ author, log, entries, fork }: Log): boolean =>
    entries.length !== fork?.seq && store.block(author, log, entries.length) !== undefined;
  return indexed.unused > 0 || indexed.logs.all().some(goesOn) ? loadBlocks(store, onReading) : indexed;
}

/** Reads every block, and makes the index of what holds. */
export async function loadBlocks(store: Store, onReading?: OnReading): Promise<Loaded> {
  const loaded: Loaded = { logs: new LogSet(), cut: new Set(), unused: 0 };
  let read = 0;
  for await (const block of store.blocks()) {
    addBlock(loaded, block);
    read += 1;
    if (read % TELL_EVERY === 0) onReading?.(read);
  }
  for (const log of loaded.logs.all()) dropUnsignedEnd(store, loaded, log);
  await addForks(store, loaded);
  await writeIndex(store, loaded.logs);
  return loaded;
}

async function addForks(store: Store, loaded: Loaded): Promise<void> {
  for await (const proof of store.forks()) addFork(loaded, proof);
}

/** Undefined where the index is not what the blocks say, as far as can be told by the last of each log. */
async function readIndexed(store: Store): Promise<Loaded | undefined> {
  const logs = new LogSet();
  for await (const page of store.indexPages()) {
    const log = logs.open(page.author, page.log);
    if (log.entries.length !== page.page * HEADS_PER_PAGE || !addHeads(log.entries, page)) return undefined;
  }
  for (const { author, log, entries } of logs.all()) {
    const { last } = entries;
    const entry = last === undefined ? undefined : readBlock(store.block(author, log, last.seq));
    if (entry === undefined || entry.id !== last?.id || !verifyEntry(entry)) return undefined;
  }
  return logs.all().length === 0 ? undefined : { logs, cut: new Set(), unused: 0 };
}

function addHeads(entries: HeadList, { bytes }: IndexPage): boolean {
  try {
    entries.pushPage(bytes);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** A database of an older layout has the present one from here on. */
async function writeIndex(store: Store, logs: LogSet): Promise<void> {
  const index = logs.all().map((log) => indexOf(log, 0, true));
  await store.write({ index, meta: { schema: Uint8Array.of(LAYOUT) } }, { sync: true });
}

/** The pages of a log from the one with the head at `from` on. */
export function indexOf(
  { author, log, entries }: Pick<Log, 'author' | 'log' | 'entries'>,
  from: number,
  isShorter: boolean,
): IndexChange {
  const first = Math.floor(from / HEADS_PER_PAGE);
  return { author, log, first, pages: entries.pagesFrom(first), isShorter };
}

function addBlock(loaded: Loaded, block: Uint8Array): void {
  const entry = readBlock(block);
  const key = entry === undefined ? '' : logKey(entry.author, entry.log);
  const log = loaded.logs.get(key);
  if (entry !== undefined && judgeEntry(log && soFar(log), entry).verdict === 'append') {
    loaded.logs.open(entry.author, entry.log).entries.push(headOf(entry));
  } else {
    loaded.unused += 1;
    loaded.cut.add(key);
  }
}

function dropUnsignedEnd(store: Store, loaded: Loaded, log: Log): void {
  const key = logKey(log.author, log.log);
  const isSigned = (seq: number): boolean => {
    const entry = readBlock(store.block(log.author, log.log, seq));
    return entry !== undefined && verifyEntry(entry);
  };
  const before = log.entries.length;
  while (log.entries.length > 0 && !isSigned(log.entries.length - 1)) log.entries.truncate(log.entries.length - 1);
  if (log.entries.length === before) return;
  loaded.unused += before - log.entries.length;
  loaded.cut.add(key);
  if (log.entries.length === 0) loaded.logs.delete(key);
}

function addFork(loaded: Loaded, [a, b]: readonly [Uint8Array, Uint8Array]): void {
  const first = readBlock(a);
  const second = readBlock(b);
  if (first === undefined || second === undefined || !verifyEntry(first) || !verifyEntry(second)) {
    loaded.unused += 1;
    return;
  }
  freeze(loaded.logs.open(first.author, first.log), forkOf(first, second));
}

/** The blocks of one log that follow each other from its start, whatever forks or pins make of them. */
export async function readChain(store: Store, name: LogName): Promise<Entry[]> {
  const chain: Entry[] = [];
  for await (const block of store.blocksOf(name.author, name.log)) {
    const entry = readBlock(block);
    if (entry === undefined || !isNext(name, chain, entry)) break;
    chain.push(entry);
  }
  return chain;
}

/** Whether an entry goes on after the last of a chain of a log. */
export function isNext({ author, log }: LogName, chain: readonly Pick<Entry, 'id'>[], entry: Entry): boolean {
  if (entry.author !== author || entry.log !== log) return false;
  return entry.seq === chain.length && entry.prev === (chain.at(-1)?.id ?? '');
}

function readBlock(block: Uint8Array | undefined): Entry | undefined {
  try {
    return block === undefined ? undefined : decodeEntry(block);
  } catch {
    return undefined;
  }
}
