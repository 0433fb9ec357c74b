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
import { isAuthor, type State } from './derive.ts';
import { LiveState } from './live-state.ts';
import { isNext, type Loaded, loadLogs, readChain } from './load.ts';
import { countOf, isWhole, judgeEntry, type Log, logKey } from './log.ts';
import { frontierOf, isVoid, type LogSet, pageOf, Staging } from './log-set.ts';
import { chooseLog, lostOf, type Standing, standingOf } from './own-log.ts';
import { LedgerStoreError, type Store } from './store.ts';
import { type Verification, verifyBlocks } from './verify.ts';

/** This node is a member no longer, so nothing that it says would count. `code`: not_a_member. */
export class GoneError extends Error {
  override readonly name = 'GoneError';
  readonly code = 'not_a_member';
  constructor() {
    super(
      'this machine is not a member of the mesh any more; what it has contributed is safe, join again with a ticket',
    );
  }
}

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
  | 'cut'
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
  /** How many entries count. */
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
  /**
   * Puts the history that a pin asks for in the place of another one (P3). `blocks`: from seq `from` to the pin's head.
   * False where they are not that.
   */
  restore(author: Hex, log: Hex, from: number, blocks: readonly Uint8Array[]): Promise<boolean>;
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
  if (![...loaded.logs.held()].some(({ id }) => id === meshId)) {
    throw new LedgerStoreError('ledger_damaged', 'the genesis entry cannot be read; nothing was deleted');
  }
  const ledger = new StoredLedger(deps, meshId, await judgeOwn(deps, toHex(own), loaded), loaded);
  await ledger.start();
  return ledger;
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
  /** Broken logs whose blocks on the disk have been looked through for what their pin asks for. */
  readonly #looked = new Set<string>();
  readonly #live: LiveState;
  #digest: Uint8Array | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(deps: LedgerDeps, meshId: Hex, own: Own, { logs }: Loaded) {
    this.meshId = meshId;
    this.#deps = deps;
    this.#logs = logs;
    this.#own = own;
    this.damage = own.damage;
    this.#live = new LiveState(meshId, () => logs.held());
  }

  start(): Promise<void> {
    return this.#inTurn(() => this.#followPins());
  }

  state(): State {
    return this.#live.state();
  }

  size(): number {
    return this.#logs.size;
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
    const state = this.state();
    const isTold = (log: Log): boolean => isAuthor(state, log.author) && !isVoid(log);
    this.#digest ??= sha256(encode(this.logs().flatMap((log) => (isTold(log) ? frontierOf(log) : []))));
    return this.#digest;
  }

  compared(peer: readonly FrontierLog[] | undefined): void {
    if (this.#own.standing !== 'unconfirmed') return;
    const author = toHex(this.#deps.signer.publicKey);
    const own = this.log(author, this.#own.id);
    const held = own === undefined ? 0 : countOf(own);
    const isOwn = (log: FrontierLog): boolean => toHex(log.log) === this.#own.id && toHex(log.author) === author;
    if (peer === undefined || (peer.find(isOwn)?.count ?? 0) >= held) this.#own.standing = 'sure';
  }

  restore(author: Hex, log: Hex, from: number, blocks: readonly Uint8Array[]): Promise<boolean> {
    return this.#inTurn(async () => {
      const held = this.log(author, log);
      return held !== undefined && !isWhole(held) && (await this.#restore(held, from, blocks));
    });
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
    if (this.state().members.get(author)?.gone !== undefined) throw new GoneError();
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
    await this.#followPins();
    this.#changed({ entries: [entry], own: true });
    return entry;
  }

  async #ingest(blocks: readonly Uint8Array[]): Promise<Ingested[]> {
    const staging = new Staging(this.#logs);
    const state = this.state();
    const answers = blocks.map((block) => this.#judge(block, staging, (author) => isAuthor(state, author)));
    if (answers.includes('newer')) this.#newer = true;
    if (staging.isEmpty) return answers;
    const { entries, forks } = staging;
    const dropped = staging.dropped();
    await this.#deps.store.write({ entries, forks: forks.map((fork) => fork.proof), dropped }, { sync: false });
    // Only now: memory never knows more, or less, than the disk.
    staging.commit();
    if (staging.isGrowth) this.#live.add(entries);
    else this.#live.rebuild();
    await this.#followPins();
    this.#changed({ entries, own: false });
    return answers;
  }

  /** Logs end where the state has them end; what a pin asks for and this disk still holds counts again. */
  async #followPins(): Promise<void> {
    for (let again = true; again; ) {
      again = false;
      this.#logs.pin(this.state().pins);
      for (const log of this.#logs.broken()) {
        const wish = `${logKey(log.author, log.log)} ${log.pin?.head} ${log.fork?.seq}`;
        // What stands above a fork on the disk stays as it is, so looking once is enough.
        if (log.fork === undefined || this.#looked.has(wish)) continue;
        this.#looked.add(wish);
        const [next] = log.fork.proof.filter(({ id }) => id === log.pin?.head);
        const whole = next === undefined ? await readChain(this.#deps.store, log) : [...log.entries, next];
        if (await this.#putBack(log, whole)) again = true;
      }
      if (again) this.#live.rebuild();
    }
  }

  async #restore(log: Readonly<Log>, from: number, blocks: readonly Uint8Array[]): Promise<boolean> {
    const entries = log.entries.slice(0, from);
    for (const block of blocks) {
      const entry = decodeOrAnswer(block);
      if (typeof entry === 'string' || !this.#isOurs(entry) || !isNext(log, entries, entry)) return false;
      entries.push(entry);
    }
    if (entries.length !== log.pin?.count || !entries.slice(from).every(verifyEntry)) return false;
    if (!(await this.#putBack(log, entries))) return false;
    this.#live.rebuild();
    await this.#followPins();
    this.#changed({ entries: entries.slice(from), own: false });
    return true;
  }

  /** False where the entries are not the history that the log's pin asks for. */
  async #putBack(log: Readonly<Log>, held: readonly Entry[]): Promise<boolean> {
    const entries = held.slice(0, log.pin?.count);
    const whole: Log = { ...log, entries, fork: undefined };
    if (entries.length !== log.pin?.count || !isWhole(whole)) return false;
    const forks = log.fork === undefined ? [] : [log.fork.proof];
    await this.#deps.store.write({ dropped: [log], entries, forks }, { sync: false });
    this.#logs.set(whole);
    return true;
  }

  #isOurs({ mesh, id }: Entry): boolean {
    return mesh === this.meshId || id === this.meshId;
  }

  #judge(block: Uint8Array, staging: Staging, isMember: (author: Hex) => boolean): Ingested {
    const entry = decodeOrAnswer(block);
    if (typeof entry === 'string') return entry;
    if (!this.#isOurs(entry)) return 'wrong_mesh';
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
