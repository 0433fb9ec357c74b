// The whole ledger checked from scratch: every byte is read from disk again, every signature and every link of every
// chain is checked, the state is derived anew and its root compared with the one in use.
import type { Hex } from '../protocol/bytes.ts';
import { decodeEntry, type Entry, verifyEntry } from '../protocol/entry.ts';
import { deriveState, isGenesis } from './derive.ts';
import { freeze, judgeEntry, type Log, logKey } from './log.ts';
import type { Store } from './store.ts';

export interface Verification {
  ok: boolean;
  /** Entries read, those beyond a fork included. */
  entries: number;
  /** Empty when there is no genesis entry to derive it from. */
  root: Hex;
  faults: { entry: string; message: string }[];
}

export async function verifyBlocks(mesh: Hex, store: Store, rootInUse: Hex): Promise<Verification> {
  const faults: Verification['faults'] = [];
  const logs = new Map<string, Log>();
  let entries = 0;
  for await (const block of store.blocks()) {
    entries += 1;
    const problem = checkBlock(block, mesh, logs);
    if (problem !== undefined) faults.push(problem);
  }
  for await (const [a, b] of store.forks()) {
    const problem = checkFork(a, b, logs);
    if (problem !== undefined) faults.push(problem);
  }
  const counting = [...logs.values()].flatMap((log) => log.entries);
  if (!counting.some((entry) => entry.id === mesh && isGenesis(entry))) {
    faults.push({ entry: mesh, message: 'the genesis entry is missing' });
    return { ok: false, entries, root: '', faults };
  }
  const { root } = deriveState(mesh, counting);
  if (root !== rootInUse) {
    faults.push({ entry: mesh, message: `the state in use has root ${rootInUse}, the entries give ${root}` });
  }
  return { ok: faults.length === 0, entries, root, faults };
}

function readBlock(block: Uint8Array): Entry | string {
  try {
    return decodeEntry(block);
  } catch (error) {
    return `a block cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function checkBlock(block: Uint8Array, mesh: Hex, logs: Map<string, Log>): Verification['faults'][number] | undefined {
  const entry = readBlock(block);
  if (typeof entry === 'string') return { entry: '', message: entry };
  const key = logKey(entry.author, entry.log);
  const log = logs.get(key);
  if (entry.mesh !== mesh && entry.id !== mesh) return { entry: entry.id, message: 'it belongs to another mesh' };
  if (!verifyEntry(entry)) return { entry: entry.id, message: 'its signature is wrong' };
  if (judgeEntry(log, entry).verdict !== 'append')
    return { entry: entry.id, message: 'it does not follow the entry before it' };
  if (log === undefined) logs.set(key, { author: entry.author, log: entry.log, entries: [entry], fork: undefined });
  else log.entries.push(entry);
  return undefined;
}

/** Two signed entries of one log at one place, on the same entry below. */
function checkFork(a: Uint8Array, b: Uint8Array, logs: Map<string, Log>): Verification['faults'][number] | undefined {
  const [first, second] = [readBlock(a), readBlock(b)];
  if (typeof first === 'string') return { entry: '', message: first };
  if (typeof second === 'string') return { entry: first.id, message: second };
  const log = logs.get(logKey(first.author, first.log));
  const isFork =
    logKey(first.author, first.log) === logKey(second.author, second.log) &&
    first.seq === second.seq &&
    first.prev === second.prev &&
    first.id !== second.id;
  if (!isFork || !verifyEntry(first) || !verifyEntry(second)) {
    return { entry: first.id, message: 'what is kept as a fork proves none' };
  }
  if (log === undefined || (log.entries[first.seq - 1]?.id ?? '') !== first.prev) {
    return { entry: first.id, message: 'the log below a fork is missing' };
  }
  freeze(log, { seq: first.seq, proof: [first, second] });
  return undefined;
}
