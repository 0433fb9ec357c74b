// The whole ledger checked from scratch: every byte is read from disk again, every signature and every link of every
// chain is checked, the state is derived anew and its root compared with the one in use.
import type { Hex } from '../protocol/bytes.ts';
import { decodeEntry, type Entry, verifyEntry } from '../protocol/entry.ts';
import { deriveState } from './derive.ts';
import { freeze, judgeEntry, type Log, logKey } from './log.ts';
import type { Store } from './store.ts';

export interface Verification {
  ok: boolean;
  /** Entries read, those beyond a fork included. */
  entries: number;
  root: Hex;
  faults: { entry: string; message: string }[];
}

export async function verifyBlocks(mesh: Hex, store: Store, rootInUse: Hex): Promise<Verification> {
  const faults: Verification['faults'] = [];
  const logs = new Map<string, Log>();
  let entries = 0;
  for await (const block of store.blocks()) {
    entries += 1;
    const problem = checkBlock(new Uint8Array(block), mesh, logs);
    if (problem !== undefined) faults.push(problem);
  }
  for await (const [a, b] of store.forks()) {
    const proof = [decodeEntry(new Uint8Array(a)), decodeEntry(new Uint8Array(b))] as const;
    const log = logs.get(logKey(proof[0].author, proof[0].log));
    if (proof.some((entry) => !verifyEntry(entry)))
      faults.push({ entry: proof[0].id, message: 'a fork is not signed' });
    else if (log !== undefined) freeze(log, { seq: proof[0].seq, proof });
  }
  const { root } = deriveState(
    mesh,
    [...logs.values()].flatMap((log) => log.entries),
  );
  if (root !== rootInUse)
    faults.push({ entry: mesh, message: `the state in use has root ${rootInUse}, the entries give ${root}` });
  return { ok: faults.length === 0, entries, root, faults };
}

function checkBlock(block: Uint8Array, mesh: Hex, logs: Map<string, Log>): Verification['faults'][number] | undefined {
  let entry: Entry;
  try {
    entry = decodeEntry(block);
  } catch (error) {
    return { entry: '', message: `a block cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
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
