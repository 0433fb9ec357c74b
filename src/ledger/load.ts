// Reading the logs of a database when a node starts. What does not hold is left where it is and not used: the entries
// below it count, those above come back from the other members.
//
// Each entry names the hash of the one below, so one signature at the end of a log vouches for all of it.
import { decodeEntry, type Entry, verifyEntry } from '../protocol/entry.ts';
import { freeze, judgeEntry, type Log, logKey } from './log.ts';
import { LogSet } from './log-set.ts';
import type { Store } from './store.ts';

type LogName = Pick<Log, 'author' | 'log'>;

export interface Loaded {
  logs: LogSet;
  /** Logs that end earlier here than on the disk, by key. */
  cut: Set<string>;
  /** Blocks on the disk that are not used. */
  unused: number;
}

export async function loadLogs(store: Store): Promise<Loaded> {
  const loaded: Loaded = { logs: new LogSet(), cut: new Set(), unused: 0 };
  for await (const block of store.blocks()) addBlock(loaded, block);
  for (const log of loaded.logs.all()) dropUnsignedEnd(loaded, log);
  for await (const proof of store.forks()) addFork(loaded, proof);
  return loaded;
}

function addBlock(loaded: Loaded, block: Uint8Array): void {
  const entry = readBlock(block);
  const key = entry === undefined ? '' : logKey(entry.author, entry.log);
  if (entry !== undefined && judgeEntry(loaded.logs.get(key), entry).verdict === 'append') loaded.logs.append(entry);
  else {
    loaded.unused += 1;
    loaded.cut.add(key);
  }
}

function dropUnsignedEnd(loaded: Loaded, log: Log): void {
  const key = logKey(log.author, log.log);
  let end = log.entries.length;
  while (end > 0 && !verifyEntry(log.entries[end - 1]!)) end -= 1;
  if (end === log.entries.length) return;
  loaded.unused += log.entries.length - end;
  loaded.cut.add(key);
  if (end === 0) loaded.logs.delete(key);
  else loaded.logs.set({ ...log, entries: log.entries.slice(0, end) });
}

function addFork(loaded: Loaded, [a, b]: readonly [Uint8Array, Uint8Array]): void {
  const first = readBlock(a);
  const second = readBlock(b);
  if (first === undefined || second === undefined || !verifyEntry(first) || !verifyEntry(second)) {
    loaded.unused += 1;
    return;
  }
  const key = logKey(first.author, first.log);
  const log = loaded.logs.get(key) ?? { author: first.author, log: first.log, entries: [], fork: undefined };
  const frozen: Log = { ...log, entries: log.entries.slice() };
  freeze(frozen, { seq: first.seq, proof: [first, second] });
  loaded.logs.set(frozen);
}

/** The blocks of one log that follow each other from its start, whatever forks or pins make of them. */
export async function readChain(store: Store, { author, log }: LogName): Promise<Entry[]> {
  const chain: Entry[] = [];
  for await (const block of store.blocksOf(author, log)) {
    const entry = readBlock(block);
    if (entry === undefined || !isNext({ author, log }, chain, entry)) break;
    chain.push(entry);
  }
  return chain;
}

/** Whether an entry goes on after the last of a chain of a log. */
export function isNext({ author, log }: LogName, chain: readonly Entry[], entry: Entry): boolean {
  if (entry.author !== author || entry.log !== log) return false;
  return entry.seq === chain.length && entry.prev === (chain.at(-1)?.id ?? '');
}

function readBlock(block: Uint8Array): Entry | undefined {
  try {
    return decodeEntry(block);
  } catch {
    return undefined;
  }
}
