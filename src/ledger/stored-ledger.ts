// The ledger as it is kept: what is on the disk, what is in memory of it, and the one way in for every entry.
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
import { KINDS, type Kind } from '../protocol/kinds.ts';
import { FRONTIER_LOGS_MAX } from '../protocol/limits.ts';
import type { FrontierLog } from '../protocol/messages.ts';
import { parseWire } from '../protocol/schema.ts';
import { isAuthor, type State } from './derive.ts';
import { EntryCache } from './entry-cache.ts';
import type { ReadEntry } from './heads.ts';
import { IdleWork } from './idle-work.ts';
import type { Change, Ingested, Ledger, LedgerDeps, Taken } from './ledger.ts';
import { LiveState, type Source } from './live-state.ts';
import { indexOf, isNext, type Loaded } from './load.ts';
import { countOf, forkOf, isWhole, judgeEntry, type Log, logKey } from './log.ts';
import { frontierOf, isVoid, type LogSet, pageOf, Staging } from './log-set.ts';
import { chooseLog, type Standing } from './own-log.ts';
import { PinFollower } from './pin-follower.ts';
import { type Verification, type VerifyOptions, verifyBlocks } from './verify.ts';

/** This node is a member no longer, so nothing that it says would count. `code`: not_a_member. */
class GoneError extends Error {
  override readonly name = 'GoneError';
  readonly code = 'not_a_member';
  constructor() {
    super(
      'this machine is not a member of the mesh any more; what it has contributed is safe, join again with a ticket',
    );
  }
}

/** Which log this node writes on, as far as it can be trusted. */
export interface Own {
  id: Hex;
  standing: Standing;
  damage: string[];
}

/** Blocks that are hashed in one go while the rest of the node waits. */
const LOOK_AT_ONCE = 512;

export class StoredLedger implements Ledger {
  readonly meshId: Hex;
  readonly #deps: LedgerDeps;
  readonly #logs: LogSet;
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #own: Own;
  readonly damage: string[];
  #newer = false;
  /** Only then is what turns out to be damaged mended; before, the ledger is opened another way. */
  #isOpen = false;
  readonly #live: LiveState;
  readonly #entries: EntryCache;
  readonly #idle: IdleWork;
  readonly #pins: PinFollower;
  #digest: Uint8Array | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(deps: LedgerDeps, meshId: Hex, own: Own, { logs }: Loaded, known: bigint | undefined) {
    this.meshId = meshId;
    this.#deps = deps;
    this.#logs = logs;
    this.#own = own;
    this.damage = own.damage;
    const cutOff = (log: Log, seq: number, isForged: boolean): Promise<void> =>
      this.#inTurn(() => this.#cutOff(log, seq, isForged));
    this.#entries = new EntryCache(logs, deps.store, (log, seq) => {
      if (this.#isOpen) void cutOff(log, seq, false).catch(() => undefined);
    });
    this.#live = new LiveState(meshId, sourceOf(logs, this.#entries.read), known);
    this.#pins = new PinFollower({ logs, live: this.#live, store: deps.store, entries: this.#entries });
    this.#idle = new IdleWork({
      logs,
      read: this.#entries.read,
      save: (meta) => this.#inTurn(() => deps.store.write({ meta }, { sync: false })),
      sum: () => this.#live.sum,
      onForged: (log, seq) => cutOff(log, seq, true),
    });
  }

  async start(): Promise<void> {
    await this.#inTurn(() => this.#pins.follow());
    // Nobody has seen anything before, so nothing has changed.
    this.#live.takeTouched();
    this.#isOpen = true;
    this.#idle.start();
  }

  entry(author: Hex, log: Hex, seq: number): Entry {
    return this.#entries.read(author, log, seq);
  }

  state(): State {
    return this.#live.state();
  }

  size(): number {
    return this.#logs.size;
  }

  logs(): readonly Log[] {
    return this.#logs.all();
  }

  log(author: Hex, log: Hex): Readonly<Log> | undefined {
    return this.#logs.get(logKey(author, log));
  }

  append(kind: Kind, data: unknown): Promise<Entry> {
    return this.#inTurn(() => this.#append(kind, data));
  }

  ingest(blocks: readonly Uint8Array[]): Promise<Ingested[]> {
    return this.#inTurn(() => this.#ingest(blocks.map(decodeOrAnswer), { lastVouches: false }));
  }

  take({ author, log, from, isProof }: Parameters<Ledger['take']>[0], blocks: readonly Uint8Array[]): Promise<Taken[]> {
    const decoded = blocks.map(decodeOrAnswer);
    const seq = (i: number): number => (isProof ? Math.min(from, firstSeq(decoded)) : from + i);
    const isAsked = (entry: Entry | string, i: number): boolean =>
      typeof entry === 'string' || (entry.author === author && entry.log === log && entry.seq === seq(i));
    if (!decoded.every(isAsked)) return Promise.resolve(['misplaced']);
    return this.#inTurn(() => this.#ingest(decoded, { lastVouches: !isProof }));
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
    const held = this.log(author, log);
    return pageOf(held, from, (seq) => this.#entries.block(held!, seq));
  }

  forkProof(author: Hex, log: Hex): Uint8Array[] {
    return (this.log(author, log)?.fork?.proof ?? []).map((entry) => entry.block);
  }

  verify(options: VerifyOptions = {}): Promise<Verification> {
    const onProgress = (entries: number): void => {
      this.#idle.wait();
      options.onProgress?.(entries);
    };
    return this.#inTurn(async () => {
      const found = await verifyBlocks(this.meshId, this.#deps.store, this.state().root, { ...options, onProgress });
      if (found.ok) this.#idle.allVerified();
      return found;
    });
  }

  async mend(): Promise<number> {
    let found = 0;
    for (const log of this.logs()) {
      for (let seq = 0; seq < log.entries.length; seq += 1) {
        if (this.#entries.block(log, seq) === undefined) {
          found += 1;
          break;
        }
        if (seq % LOOK_AT_ONCE === 0) await new Promise((resolve) => setTimeout(resolve));
      }
    }
    await this.#inTurn(async () => undefined);
    return found;
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.#idle.stop();
    await this.#inTurn(() => this.#deps.store.close());
  }

  /** Writes are one at a time, so that what is judged is what is stored upon. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  #changed(change: Omit<Change, 'units'>): void {
    this.#digest = undefined;
    this.#idle.changed();
    const units = this.#live.takeTouched();
    for (const listener of this.#listeners) listener({ ...change, units });
  }

  async #append(kind: Kind, data: unknown): Promise<Entry> {
    const { store, signer, now, randomBytes } = this.#deps;
    parseWire<unknown>(KINDS[kind], data, kind);
    const author = toHex(signer.publicKey);
    if (this.state().members.get(author)?.gone !== undefined) throw new GoneError();
    const chosen = chooseLog(this.#own, this.#logs.of(author), this.state().members.size < 2);
    const logId = chosen === undefined ? randomBytes(16) : fromHex(chosen);
    const log = this.log(author, toHex(logId));
    const head = log?.entries.last;
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
    const meta = entry.log === this.#own.id ? undefined : { own: logId };
    const staging = new Staging(this.#logs);
    staging.append(entry);
    await store.write({ entries: [entry], index: staging.index(), meta }, { sync: true });
    this.#own.id = entry.log;
    this.#own.standing = 'sure';
    // Without it the next start begins another log, which is all that can come of it.
    await store.keepWitness({ log: entry.log, count: entry.seq + 1, head: entry.id }).catch(() => undefined);
    staging.commit({ verified: true });
    this.#live.add([entry]);
    await this.#pins.follow();
    this.#changed({ entries: [entry], own: true });
    return entry;
  }

  async #ingest(entries: readonly Decoded[], { lastVouches }: { lastVouches: boolean }): Promise<Ingested[]> {
    const staging = new Staging(this.#logs);
    const state = this.state();
    const isKept = (author: Hex): boolean => isAuthor(state, author);
    const answers = entries.map((entry) => this.#judge(entry, staging, isKept, lastVouches));
    if (lastVouches) {
      const forged = staging.dropForged();
      for (const [i, entry] of entries.entries()) {
        if (typeof entry !== 'string' && forged.has(entry.id)) answers[i] = 'forged';
      }
    }
    if (answers.includes('newer')) this.#newer = true;
    if (staging.isEmpty) return answers;
    const { forks, isGrowth, entries: added } = staging;
    const batch = { entries: added, forks, dropped: staging.dropped(), index: staging.index() };
    await this.#deps.store.write(batch, { sync: false });
    // Only now: memory never knows more, or less, than the disk.
    staging.commit({ verified: !lastVouches });
    if (isGrowth) this.#live.add(added);
    else this.#live.rebuild();
    await this.#pins.follow();
    this.#changed({ entries: added, own: false });
    return answers;
  }

  /**
   * What stands from a place of a log on counts no more: a signature that was vouched for does not hold, or the disk has
   * lost it. It comes back where the others have it; where nobody has, what is left of it stays on the disk.
   */
  async #cutOff(log: Log, seq: number, isForged: boolean): Promise<void> {
    if (log.entries.length <= seq) return;
    const { author, log: id, entries } = log;
    const index = indexOf({ author, log: id, entries: entries.copy(seq) }, seq, true);
    const cut = isForged ? [{ author, log: id, from: seq }] : [];
    await this.#deps.store.write({ cut, index: [index] }, { sync: false });
    // In one go: nobody may see votes whose entries are gone.
    entries.truncate(seq);
    // Others may hold the own log further than it goes here now: to go on in it would fork it.
    if (id === this.#own.id && author === toHex(this.#deps.signer.publicKey)) this.#own.standing = 'unsafe';
    this.#live.rebuild();
    await this.#pins.follow();
    this.#changed({ entries: [], own: false });
  }

  async #restore(log: Readonly<Log>, from: number, blocks: readonly Uint8Array[]): Promise<boolean> {
    const entries = this.#pins.held(log).slice(0, from);
    for (const block of blocks) {
      const entry = decodeOrAnswer(block);
      if (typeof entry === 'string' || !this.#isOurs(entry) || !isNext(log, entries, entry)) return false;
      entries.push(entry);
    }
    if (entries.length !== log.pin?.count || !entries.slice(from).every(verifyEntry)) return false;
    if (!(await this.#pins.putBack(log, entries))) return false;
    await this.#pins.follow();
    this.#changed({ entries: entries.slice(from), own: false });
    return true;
  }

  #isOurs({ mesh, id }: Entry): boolean {
    return mesh === this.meshId || id === this.meshId;
  }

  #judge(entry: Decoded, staging: Staging, isKept: (author: Hex) => boolean, lastVouches: boolean): Ingested {
    if (typeof entry === 'string') return entry;
    if (!this.#isOurs(entry)) return 'wrong_mesh';
    const { verdict } = judgeEntry(staging.get(entry), entry);
    if (verdict !== 'append' && verdict !== 'fork') return verdict;
    if (!isKept(entry.author)) return 'stranger';
    if ((!lastVouches || verdict === 'fork') && !verifyEntry(entry)) return 'forged';
    if (verdict === 'fork') {
      const here = staging.entryAt(entry) ?? this.entry(entry.author, entry.log, entry.seq);
      // What was only vouched for proves nothing; it goes when there is time to look at it.
      if (!verifyEntry(here)) return 'diverged';
      staging.freeze(forkOf(here, entry));
      return 'fork';
    }
    if (!staging.makeRoom(entry)) return 'quota';
    staging.append(entry);
    return 'stored';
  }
}

function sourceOf(logs: LogSet, read: ReadEntry): Source {
  return { logs: () => logs.all(), log: (author, log) => logs.get(logKey(author, log))!, read };
}

type Decoded = Entry | 'malformed' | 'newer';

/** Where a proof says that a log forked. */
function firstSeq([first]: readonly Decoded[]): number {
  return typeof first === 'object' ? first.seq : Number.POSITIVE_INFINITY;
}

function decodeOrAnswer(block: Uint8Array): Decoded {
  try {
    return decodeEntry(block);
  } catch (error) {
    if (error instanceof MalformedError) return 'malformed';
    if (error instanceof NewerEntryError) return 'newer';
    throw error;
  }
}
