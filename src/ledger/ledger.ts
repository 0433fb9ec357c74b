// The ledger of one node: what it holds on disk and in memory, and the one way in for every entry.
//
// What this node writes is on the disk, synced, before anybody hears of it. What others wrote is checked (form,
// signature, mesh, chain) before it is stored, one atomic batch at a time.
import { compareText, encode, fromHex, type Hex, MalformedError, sha256, toHex } from '../protocol/bytes.ts';
import { decodeEntry, type Entry, type EntryDraft, NOTHING, signEntry, verifyEntry } from '../protocol/entry.ts';
import type { Signer } from '../protocol/keys.ts';
import { KINDS, type Kind } from '../protocol/kinds.ts';
import { PAGE_BYTES_MAX, PAGE_ENTRIES_MAX } from '../protocol/limits.ts';
import type { FrontierLog } from '../protocol/messages.ts';
import { parseWire } from '../protocol/schema.ts';
import { deriveState, isGenesis, type State } from './derive.ts';
import { type Fork, freeze, judgeEntry, type Log, logKey } from './log.ts';
import { LedgerStoreError, type Store } from './store.ts';
import { type Verification, verifyBlocks } from './verify.ts';

export interface LedgerDeps {
  store: Store;
  signer: Signer;
  /** ms since 1970, for people to read. */
  now(): number;
  randomBytes(length: number): Uint8Array;
}

export type Ingested =
  | 'stored'
  | 'duplicate'
  | 'gap'
  | 'diverged'
  | 'frozen'
  | 'fork'
  | 'malformed'
  | 'forged'
  | 'wrong_mesh';

export interface Change {
  entries: readonly Entry[];
  own: boolean;
}

export interface Ledger {
  readonly meshId: Hex;
  state(): State;
  size(): number;
  logs(): Iterable<Readonly<Log>>;
  log(author: Hex, log: Hex): Readonly<Log> | undefined;
  /** Writes one entry in this node's name. Resolves when it is safe on disk. Throws MalformedError on data not of its kind. */
  append(kind: Kind, data: unknown): Promise<Entry>;
  /** Takes blocks of others, one after the other. One answer for each block. */
  ingest(blocks: readonly Uint8Array[]): Promise<Ingested[]>;
  frontier(): FrontierLog[];
  /** 32 bytes: equal on two nodes when they hold the same logs to the same place. */
  frontierDigest(): Uint8Array;
  /** The next blocks of a log, bounded by PAGE_ENTRIES_MAX and PAGE_BYTES_MAX. */
  page(author: Hex, log: Hex, from: number): Uint8Array[];
  forkProof(author: Hex, log: Hex): Uint8Array[];
  /** Reads everything from disk again and checks it from scratch. */
  verify(): Promise<Verification>;
  onChange(listener: (change: Change) => void): () => void;
  close(): Promise<void>;
}

/** Writes the genesis entry into an empty store. Returns the mesh id. Throws MalformedError on a name that cannot be. */
export async function foundMesh(
  deps: LedgerDeps,
  mesh: { name: string; firstName: string; root: Uint8Array },
): Promise<Hex> {
  const log = deps.randomBytes(16);
  const first = deps.signer.publicKey;
  const data = parseWire(KINDS.genesis, { ...mesh, first, salt: deps.randomBytes(16) }, 'genesis');
  const draft = { mesh: NOTHING, log, seq: 0, prev: NOTHING, time: deps.now(), kind: 'genesis', data };
  const genesis = signEntry(draft, deps.signer);
  await assertEmpty(deps.store);
  await deps.store.write({ entries: [genesis], meta: { mesh: fromHex(genesis.id), own: log } }, { sync: true });
  return genesis.id;
}

/** Puts another mesh's genesis block into an empty store, so that the rest can be fetched from its members. */
export async function adoptMesh(deps: LedgerDeps, mesh: Hex, genesis: Uint8Array): Promise<void> {
  const entry = decodeEntry(genesis);
  if (entry.id !== mesh || !isGenesis(entry) || !verifyEntry(entry)) {
    throw new MalformedError('the genesis block is not the one that the ticket names');
  }
  await assertEmpty(deps.store);
  const meta = { mesh: fromHex(mesh), own: deps.randomBytes(16) };
  await deps.store.write({ entries: [entry], meta }, { sync: true });
}

/** One store holds one mesh for ever; another mesh gets another directory. */
async function assertEmpty(store: Store): Promise<void> {
  if ((await store.meta('mesh')) !== undefined) throw new Error('the store holds a mesh already');
}

/** Opens a store that holds a mesh. Throws LedgerStoreError `ledger_damaged` when its logs are not whole. */
export async function openLedger(deps: LedgerDeps): Promise<Ledger> {
  const mesh = await deps.store.meta('mesh');
  const own = await deps.store.meta('own');
  if (mesh === undefined || own === undefined) throw new LedgerStoreError('ledger_damaged', 'the ledger holds no mesh');
  const logs = await loadLogs(deps.store);
  return new StoredLedger(deps, toHex(mesh), own, logs);
}

async function loadLogs(store: Store): Promise<Map<string, Log>> {
  const logs = new Map<string, Log>();
  for await (const block of store.blocks()) {
    const entry = decodeStored(block);
    const judgement = judgeEntry(logs.get(logKey(entry.author, entry.log)), entry);
    if (judgement.verdict !== 'append') {
      throw new LedgerStoreError(
        'ledger_damaged',
        `entry ${entry.seq} of log ${entry.log} does not follow the one before it; nothing was deleted`,
      );
    }
    addEntry(logs, entry);
  }
  for await (const [a, b] of store.forks()) {
    const first = decodeStored(a);
    const log = logs.get(logKey(first.author, first.log));
    if (log !== undefined) freeze(log, { seq: first.seq, proof: [first, decodeStored(b)] });
  }
  return logs;
}

function decodeStored(block: Uint8Array): Entry {
  try {
    return decodeEntry(block);
  } catch (error) {
    throw new LedgerStoreError('ledger_damaged', 'an entry on the disk cannot be read; nothing was deleted', error);
  }
}

function addEntry(logs: Map<string, Log>, entry: Entry): void {
  const key = logKey(entry.author, entry.log);
  const log = logs.get(key);
  if (log === undefined) logs.set(key, { author: entry.author, log: entry.log, entries: [entry], fork: undefined });
  else log.entries.push(entry);
}

class StoredLedger implements Ledger {
  readonly meshId: Hex;
  readonly #deps: LedgerDeps;
  readonly #logs: Map<string, Log>;
  readonly #listeners = new Set<(change: Change) => void>();
  #ownLog: Uint8Array;
  #state: State | undefined;
  #digest: Uint8Array | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(deps: LedgerDeps, meshId: Hex, ownLog: Uint8Array, logs: Map<string, Log>) {
    this.meshId = meshId;
    this.#deps = deps;
    this.#logs = logs;
    this.#ownLog = ownLog;
  }

  state(): State {
    this.#state ??= deriveState(this.meshId, countingEntries(this.#logs.values()));
    return this.#state;
  }

  size(): number {
    return [...this.#logs.values()].reduce((sum, log) => sum + log.entries.length, 0);
  }

  logs(): Log[] {
    return [...this.#logs.values()].sort((a, b) => compareText(logKey(a.author, a.log), logKey(b.author, b.log)));
  }

  log(author: Hex, log: Hex): Readonly<Log> | undefined {
    return this.#logs.get(logKey(author, log));
  }

  append(kind: Kind, data: unknown): Promise<Entry> {
    return this.#inTurn(() => this.#append(kind, data));
  }

  ingest(blocks: readonly Uint8Array[]): Promise<Ingested[]> {
    return this.#inTurn(() => this.#ingest(blocks));
  }

  frontier(): FrontierLog[] {
    return this.logs().map(frontierOf);
  }

  frontierDigest(): Uint8Array {
    this.#digest ??= sha256(encode(this.frontier()));
    return this.#digest;
  }

  page(author: Hex, log: Hex, from: number): Uint8Array[] {
    return pageOf(this.log(author, log), from);
  }

  forkProof(author: Hex, log: Hex): Uint8Array[] {
    return (this.log(author, log)?.fork?.proof ?? []).map((entry) => entry.block);
  }

  verify(): Promise<Verification> {
    return this.#inTurn(() => verifyBlocks(this.meshId, this.#deps.store, this.state().root));
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#deps.store.close());
  }

  /** Writes are one at a time, so that what is judged is what is stored upon. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  #changed(change: Change): void {
    this.#state = undefined;
    this.#digest = undefined;
    for (const listener of this.#listeners) listener(change);
  }

  async #append(kind: Kind, data: unknown): Promise<Entry> {
    const { store, signer, now, randomBytes } = this.#deps;
    parseWire<unknown>(KINDS[kind], data, kind);
    const current = this.log(toHex(signer.publicKey), toHex(this.#ownLog));
    // Forked: this identity wrote twice at one place (a copied or restored disk). That log is closed for ever; go on in
    // a new one.
    const moved = current?.fork !== undefined;
    const log = moved ? undefined : current;
    const logId = moved ? randomBytes(16) : this.#ownLog;
    const head = log?.entries.at(-1);
    const draft: EntryDraft = {
      mesh: fromHex(this.meshId),
      log: logId,
      seq: log?.entries.length ?? 0,
      prev: head === undefined ? NOTHING : fromHex(head.id),
      time: now(),
      kind,
      data,
    };
    const entry = signEntry(draft, signer);
    const meta = moved ? { mesh: fromHex(this.meshId), own: logId } : undefined;
    await store.write({ entries: [entry], meta }, { sync: true });
    this.#ownLog = logId;
    addEntry(this.#logs, entry);
    this.#changed({ entries: [entry], own: true });
    return entry;
  }

  async #ingest(blocks: readonly Uint8Array[]): Promise<Ingested[]> {
    const staged: Staged = { logs: new Map(), entries: [], forks: [] };
    const answers = blocks.map((block) => this.#judge(block, staged));
    if (staged.logs.size === 0) return answers;
    const { entries, forks } = staged;
    await this.#deps.store.write({ entries, forks: forks.map((fork) => fork.proof) }, { sync: false });
    // Only now: memory never knows more, or less, than the disk.
    for (const [key, log] of staged.logs) this.#logs.set(key, log);
    this.#changed({ entries, own: false });
    return answers;
  }

  #judge(block: Uint8Array, staged: Staged): Ingested {
    const entry = decodeOrUndefined(block);
    if (entry === undefined) return 'malformed';
    if (entry.mesh !== this.meshId && entry.id !== this.meshId) return 'wrong_mesh';
    const key = logKey(entry.author, entry.log);
    const known = staged.logs.get(key) ?? this.#logs.get(key);
    const judgement = judgeEntry(known, entry);
    if (judgement.verdict !== 'append' && judgement.verdict !== 'fork') return judgement.verdict;
    if (!verifyEntry(entry)) return 'forged';
    const log = staged.logs.get(key) ?? copyLog(known, entry);
    staged.logs.set(key, log);
    if (judgement.verdict === 'append') {
      log.entries.push(entry);
      staged.entries.push(entry);
      return 'stored';
    }
    freeze(log, judgement.fork);
    staged.forks.push(judgement.fork);
    return 'fork';
  }
}

/** What a batch would change, before it is on the disk. */
interface Staged {
  logs: Map<string, Log>;
  entries: Entry[];
  forks: Fork[];
}

function copyLog(log: Log | undefined, { author, log: id }: Entry): Log {
  return { author, log: id, entries: log?.entries.slice() ?? [], fork: log?.fork };
}

function decodeOrUndefined(block: Uint8Array): Entry | undefined {
  try {
    return decodeEntry(block);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

function* countingEntries(logs: Iterable<Log>): Generator<Entry> {
  for (const log of logs) yield* log.entries;
}

function frontierOf(log: Log): FrontierLog {
  const head = log.entries.at(-1);
  return {
    author: fromHex(log.author),
    log: fromHex(log.log),
    count: log.entries.length,
    head: head === undefined ? NOTHING : fromHex(head.id),
    frozen: log.fork !== undefined,
  };
}

function pageOf(log: Log | undefined, from: number): Uint8Array[] {
  const page: Uint8Array[] = [];
  let bytes = 0;
  for (const entry of log?.entries.slice(from, from + PAGE_ENTRIES_MAX) ?? []) {
    bytes += entry.block.length;
    if (bytes > PAGE_BYTES_MAX && page.length > 0) break;
    page.push(entry.block);
  }
  return page;
}
