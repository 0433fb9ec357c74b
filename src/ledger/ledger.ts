// The ledger of one node: what it holds on disk and in memory, and the one way in for every entry.
//
// What this node writes is on the disk, synced, before anybody hears of it. What others wrote is checked (form,
// signature, mesh, chain) before it is stored, one atomic batch at a time.
import { encode, fromHex, type Hex, MalformedError, sha256, toHex } from '../protocol/bytes.ts';
import {
  decodeEntry,
  type Entry,
  type EntryDraft,
  NewerEntryError,
  NOTHING,
  signEntry,
  verifyEntry,
} from '../protocol/entry.ts';
import type { Signer } from '../protocol/keys.ts';
import { KINDS, type Kind } from '../protocol/kinds.ts';
import { FRONTIER_LOGS_MAX } from '../protocol/limits.ts';
import type { FrontierLog } from '../protocol/messages.ts';
import { parseWire } from '../protocol/schema.ts';
import { isGenesis, type State } from './derive.ts';
import { LiveState } from './live-state.ts';
import { type Loaded, loadLogs } from './load.ts';
import { judgeEntry, type Log, logKey } from './log.ts';
import { frontierOf, type LogSet, pageOf, Staging } from './log-set.ts';
import { chooseLog, lostOf, type Standing, standingOf } from './own-log.ts';
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
  | 'newer'
  | 'forged'
  | 'wrong_mesh'
  | 'stranger'
  | 'quota';

export interface Change {
  entries: readonly Entry[];
  own: boolean;
}

export interface Ledger {
  readonly meshId: Hex;
  state(): State;
  /** Entries that are held and count. */
  size(): number;
  /** What was found wrong with the database when it was opened, one sentence each; what is missing comes from the others. */
  readonly damage: readonly string[];
  /** Entries came that only a later version of this program understands. */
  seesNewer(): boolean;
  logs(): Iterable<Readonly<Log>>;
  log(author: Hex, log: Hex): Readonly<Log> | undefined;
  /** Writes one entry in this node's name. Resolves when it is safe on disk. Throws MalformedError on data not of its kind. */
  append(kind: Kind, data: unknown): Promise<Entry>;
  /** Takes blocks of others, one after the other. One answer for each block. */
  ingest(blocks: readonly Uint8Array[]): Promise<Ingested[]>;
  /** Logs after the one named, in order, FRONTIER_LOGS_MAX at most. */
  frontier(after?: { author: Uint8Array; log: Uint8Array }): FrontierLog[];
  /** 32 bytes: equal on two nodes when they hold the same logs of members to the same place. */
  frontierDigest(): Uint8Array;
  /** The next blocks of a log, bounded by PAGE_ENTRIES_MAX and PAGE_BYTES_MAX. */
  page(author: Hex, log: Hex, from: number): Uint8Array[];
  forkProof(author: Hex, log: Hex): Uint8Array[];
  /** Everything of a peer that holds these logs, or the same as this node, has been pulled (O1). */
  compared(peer: readonly FrontierLog[] | undefined): void;
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
  await deps.store.keepWitness({ log: toHex(log), count: 1, head: genesis.id });
  return genesis.id;
}

/** Puts another mesh's genesis block into an empty store, so that the rest can be fetched from its members. */
export async function adoptMesh(deps: LedgerDeps, mesh: Hex, genesis: Uint8Array): Promise<void> {
  const entry = decodeEntry(genesis);
  if (entry.id !== mesh || !isGenesis(entry) || !verifyEntry(entry)) {
    throw new MalformedError('the genesis block is not the one that the ticket names');
  }
  await assertEmpty(deps.store);
  const own = deps.randomBytes(16);
  await deps.store.write({ entries: [entry], meta: { mesh: fromHex(mesh), own } }, { sync: true });
  await deps.store.keepWitness({ log: toHex(own), count: 0, head: '' });
}

/** One store holds one mesh for ever; another mesh gets another directory. */
async function assertEmpty(store: Store): Promise<void> {
  if ((await store.meta('mesh')) !== undefined) throw new Error('the store holds a mesh already');
}

/**
 * Opens a store that holds a mesh. Logs that are not whole are used as far as they are, and `damage` says so. Throws
 * LedgerStoreError `ledger_damaged` when not even the genesis entry is left.
 */
export async function openLedger(deps: LedgerDeps): Promise<Ledger> {
  const mesh = await deps.store.meta('mesh');
  const own = await deps.store.meta('own');
  if (mesh === undefined || own === undefined) throw new LedgerStoreError('ledger_damaged', 'the ledger holds no mesh');
  const loaded = await loadLogs(deps.store);
  const meshId = toHex(mesh);
  if (![...loaded.logs.counting()].some(({ id }) => id === meshId)) {
    throw new LedgerStoreError('ledger_damaged', 'the genesis entry cannot be read; nothing was deleted');
  }
  return new StoredLedger(deps, meshId, await judgeOwn(deps, toHex(own), loaded), loaded);
}

interface Own {
  id: Hex;
  standing: Standing;
  damage: string[];
}

async function judgeOwn({ store, signer }: LedgerDeps, id: Hex, { logs, cut, unused }: Loaded): Promise<Own> {
  const key = logKey(toHex(signer.publicKey), id);
  const witness = await store.witness();
  const lost = lostOf(id, logs.get(key), witness);
  const damage: string[] = [];
  if (store.repairedFrom !== undefined) {
    damage.push(`its database had to be repaired, a copy of it as it was lies in ${store.repairedFrom}`);
  }
  if (unused > 0) damage.push(`${unused} stored entries cannot be read or do not follow the ones before them`);
  if (lost > 0) damage.push(`${lost} entries that this machine wrote are missing on its disk`);
  return { id, standing: cut.has(key) ? 'unsafe' : standingOf(id, logs.get(key), witness), damage };
}

class StoredLedger implements Ledger {
  readonly meshId: Hex;
  readonly #deps: LedgerDeps;
  readonly #logs: LogSet;
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #own: Own;
  readonly damage: readonly string[];
  #newer = false;
  readonly #live: LiveState;
  #digest: Uint8Array | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(deps: LedgerDeps, meshId: Hex, own: Own, { logs }: Loaded) {
    this.meshId = meshId;
    this.#deps = deps;
    this.#logs = logs;
    this.#own = own;
    this.damage = own.damage;
    this.#live = new LiveState(meshId, () => logs.counting());
  }

  state(): State {
    return this.#live.state();
  }

  size(): number {
    return this.#logs.entries;
  }

  logs(): Log[] {
    return this.#logs.all();
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

  seesNewer(): boolean {
    return this.#newer;
  }

  frontier(after?: { author: Uint8Array; log: Uint8Array }): FrontierLog[] {
    const from = after === undefined ? '' : logKey(toHex(after.author), toHex(after.log));
    const logs = this.logs().filter(({ author, log }) => logKey(author, log) > from);
    return logs.slice(0, FRONTIER_LOGS_MAX).map(frontierOf);
  }

  frontierDigest(): Uint8Array {
    const { members } = this.state();
    this.#digest ??= sha256(encode(this.logs().flatMap((log) => (members.has(log.author) ? frontierOf(log) : []))));
    return this.#digest;
  }

  compared(peer: readonly FrontierLog[] | undefined): void {
    if (this.#own.standing !== 'unconfirmed') return;
    const author = toHex(this.#deps.signer.publicKey);
    const held = this.log(author, this.#own.id)?.entries.length ?? 0;
    const isOwn = (log: FrontierLog): boolean => toHex(log.log) === this.#own.id && toHex(log.author) === author;
    if (peer === undefined || (peer.find(isOwn)?.count ?? 0) >= held) this.#own.standing = 'sure';
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
    this.#digest = undefined;
    for (const listener of this.#listeners) listener(change);
  }

  async #append(kind: Kind, data: unknown): Promise<Entry> {
    const { store, signer, now, randomBytes } = this.#deps;
    parseWire<unknown>(KINDS[kind], data, kind);
    const author = toHex(signer.publicKey);
    const chosen = chooseLog(this.#own, this.#logs.of(author), this.state().members.size < 2);
    const logId = chosen === undefined ? randomBytes(16) : fromHex(chosen);
    const log = this.log(author, toHex(logId));
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
    const meta = entry.log === this.#own.id ? undefined : { mesh: fromHex(this.meshId), own: logId };
    await store.write({ entries: [entry], meta }, { sync: true });
    this.#own.id = entry.log;
    this.#own.standing = 'sure';
    // Without it the next start begins another log, which is all that can come of it.
    await store.keepWitness({ log: entry.log, count: entry.seq + 1, head: entry.id }).catch(() => undefined);
    this.#logs.append(entry);
    this.#live.add([entry]);
    this.#changed({ entries: [entry], own: true });
    return entry;
  }

  async #ingest(blocks: readonly Uint8Array[]): Promise<Ingested[]> {
    const staging = new Staging(this.#logs);
    const { members } = this.state();
    const answers = blocks.map((block) => this.#judge(block, staging, (author) => members.has(author)));
    if (answers.includes('newer')) this.#newer = true;
    if (staging.isEmpty) return answers;
    const { entries, forks } = staging;
    const dropped = staging.dropped();
    await this.#deps.store.write({ entries, forks: forks.map((fork) => fork.proof), dropped }, { sync: false });
    // Only now: memory never knows more, or less, than the disk.
    staging.commit();
    if (staging.isGrowth) this.#live.add(entries);
    else this.#live.rebuild();
    this.#changed({ entries, own: false });
    return answers;
  }

  #judge(block: Uint8Array, staging: Staging, isMember: (author: Hex) => boolean): Ingested {
    const entry = decodeOrAnswer(block);
    if (typeof entry === 'string') return entry;
    if (entry.mesh !== this.meshId && entry.id !== this.meshId) return 'wrong_mesh';
    const judgement = judgeEntry(staging.get(logKey(entry.author, entry.log)), entry);
    if (judgement.verdict !== 'append' && judgement.verdict !== 'fork') return judgement.verdict;
    if (!isMember(entry.author)) return 'stranger';
    if (!verifyEntry(entry)) return 'forged';
    if (judgement.verdict === 'fork') {
      staging.freeze(entry, judgement.fork);
      return 'fork';
    }
    if (!staging.makeRoom(entry)) return 'quota';
    staging.append(entry);
    return 'stored';
  }
}

function decodeOrAnswer(block: Uint8Array): Entry | 'malformed' | 'newer' {
  try {
    return decodeEntry(block);
  } catch (error) {
    if (error instanceof MalformedError) return 'malformed';
    if (error instanceof NewerEntryError) return 'newer';
    throw error;
  }
}
