// The whole ledger checked from scratch: every byte is read from disk again, every signature and every link of every
// chain is checked, the state is derived anew and its root compared with the one in use.
import type { Hex } from '../protocol/bytes.ts';
import { decodeEntry, type Entry, verifyEntry } from '../protocol/entry.ts';
import { type Counted, deriveState, isGenesis, type State } from './derive.ts';
import { HeldVote, headOf, type ReadEntry } from './heads.ts';
import { logKey, type Pin } from './log.ts';
import { type Pins, pinOf, samePins } from './pins.ts';
import type { Store } from './store.ts';

export interface Verification {
  ok: boolean;
  /** Entries read, those beyond a fork included. */
  entries: number;
  /** Empty when there is no genesis entry to derive it from. */
  root: Hex;
  faults: { entry: string; message: string }[];
}

/** Of each entry, in order, whether its signature holds. */
export type AreSigned = (entries: readonly Entry[]) => Promise<boolean[]>;

export interface VerifyOptions {
  /** Hears how many entries have been read. */
  onProgress?(entries: number): void;
  /** Where the signatures are verified; here, one by one, by default. */
  areSigned?: AreSigned;
}

const verifyHere: AreSigned = async (entries) => entries.map(verifyEntry);

/** Entries that are read and verified together. */
const PAGE = 512;

interface Chain {
  author: Hex;
  log: Hex;
  ids: Hex[];
  /** Results as votes, so that a million of them fit into memory. */
  counted: Counted[];
}

export async function verifyBlocks(
  mesh: Hex,
  store: Pick<Store, 'blocks' | 'block' | 'forks'>,
  rootInUse: Hex,
  { onProgress, areSigned = verifyHere }: VerifyOptions = {},
): Promise<Verification> {
  const faults: Verification['faults'] = [];
  const logs = new Map<string, Chain>();
  const readAgain: ReadEntry = (author, log, seq) => decodeEntry(store.block(author, log, seq)!);
  let entries = 0;
  for await (const { read, isSigned } of checkedAhead(store.blocks(), areSigned)) {
    for (const entry of read) {
      const problem = checkEntry(entry, mesh, logs, isSigned);
      if (problem !== undefined) faults.push(problem);
      else addTo(logs, entry as Entry, readAgain);
    }
    entries += read.length;
    onProgress?.(entries);
  }
  const forks = new Map<string, number>();
  for await (const [a, b] of store.forks()) {
    const problem = checkFork(a, b, logs, forks);
    if (problem !== undefined) faults.push(problem);
  }
  const first = [...logs.values()].find(({ ids }) => ids[0] === mesh)?.counted[0];
  if (first === undefined || first instanceof HeldVote || !isGenesis(first)) {
    faults.push({ entry: mesh, message: 'the genesis entry is missing' });
    return { ok: false, entries, root: '', faults };
  }
  const { root } = settle(mesh, logs, forks);
  if (root !== rootInUse) {
    faults.push({ entry: mesh, message: `the state in use has root ${rootInUse}, the entries give ${root}` });
  }
  return { ok: faults.length === 0, entries, root, faults };
}

/**
 * What counts depends on the pins, and they on what counts: from the top of the tree down. Ends because each turn settles
 * the logs of at least one more generation of members for good.
 */
function settle(mesh: Hex, logs: ReadonlyMap<string, Chain>, forks: ReadonlyMap<string, number>): State {
  let state: State | undefined;
  for (let pins: Pins = new Map(); state === undefined || !sameForAll(pins, state.pins); ) {
    pins = state?.pins ?? pins;
    const held = [...logs].flatMap(([key, log]) => heldOf(log, forks.get(key), pinOf(pins, log.author, log.log)));
    state = deriveState(mesh, held);
  }
  return state;
}

function heldOf({ ids, counted }: Chain, fork: number | undefined, pin: Pin | undefined): readonly Counted[] {
  const isWhole = pin !== undefined && (pin.count === 0 || ids[pin.count - 1] === pin.head);
  return isWhole ? counted.slice(0, pin.count) : counted.slice(0, fork);
}

function sameForAll(a: Pins, b: Pins): boolean {
  return [...a.keys(), ...b.keys()].every((member) => samePins(a.get(member), b.get(member)));
}

function readBlock(block: Uint8Array): Entry | string {
  try {
    return decodeEntry(block);
  } catch (error) {
    return `a block cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

interface Page {
  read: (Entry | string)[];
  isSigned(entry: Entry): boolean;
}

/** The signatures of the next page are being verified while this one is looked at. */
async function* checkedAhead(blocks: AsyncIterable<Uint8Array>, areSigned: AreSigned): AsyncGenerator<Page> {
  let ahead: Promise<Page> | undefined;
  for await (const page of inPages(blocks)) {
    const next = checkSignatures(page, areSigned);
    if (ahead !== undefined) yield await ahead;
    ahead = next;
  }
  if (ahead !== undefined) yield await ahead;
}

async function checkSignatures(page: readonly Uint8Array[], areSigned: AreSigned): Promise<Page> {
  const read = page.map(readBlock);
  const entries = read.filter((each) => typeof each !== 'string');
  const signed = await areSigned(entries);
  const good = new Set(entries.filter((_, i) => signed[i]));
  return { read, isSigned: (entry) => good.has(entry) };
}

async function* inPages(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array[]> {
  let page: Uint8Array[] = [];
  for await (const block of blocks) {
    page.push(block);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

function checkEntry(
  entry: Entry | string,
  mesh: Hex,
  logs: ReadonlyMap<string, Chain>,
  isSigned: (entry: Entry) => boolean,
): Verification['faults'][number] | undefined {
  if (typeof entry === 'string') return { entry: '', message: entry };
  if (entry.mesh !== mesh && entry.id !== mesh) return { entry: entry.id, message: 'it belongs to another mesh' };
  if (!isSigned(entry)) return { entry: entry.id, message: 'its signature is wrong' };
  const ids = logs.get(logKey(entry.author, entry.log))?.ids ?? [];
  if (entry.seq !== ids.length || entry.prev !== (ids.at(-1) ?? '')) {
    return { entry: entry.id, message: 'it does not follow the entry before it' };
  }
  return undefined;
}

function addTo(logs: Map<string, Chain>, entry: Entry, readAgain: ReadEntry): void {
  const { id, author, log } = entry;
  const chain = logs.get(logKey(author, log)) ?? { author, log, ids: [], counted: [] };
  const head = headOf(entry);
  chain.ids.push(id);
  chain.counted.push(head.ballot === undefined ? entry : new HeldVote(author, log, head, readAgain));
  logs.set(logKey(author, log), chain);
}

/** Two signed entries of one log at one place, on the same entry below. */
function checkFork(
  a: Uint8Array,
  b: Uint8Array,
  logs: ReadonlyMap<string, Chain>,
  forks: Map<string, number>,
): Verification['faults'][number] | undefined {
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
  if (log === undefined || (log.ids[first.seq - 1] ?? '') !== first.prev) {
    return { entry: first.id, message: 'the log below a fork is missing' };
  }
  forks.set(logKey(first.author, first.log), first.seq);
  return undefined;
}
