// The ledger of one node: what it holds on disk and in memory, and the one way in for every entry.
//
// What this node writes is on the disk, synced, before anybody hears of it. What others wrote is checked (form,
// signature, mesh, chain) before it is stored, one atomic batch at a time.
import type { Hex } from '../protocol/bytes.ts';
import { toHex } from '../protocol/bytes.ts';
import type { Entry } from '../protocol/entry.ts';
import type { Signer } from '../protocol/keys.ts';
import type { Kind } from '../protocol/kinds.ts';
import type { FrontierLog } from '../protocol/messages.ts';
import type { State } from './derive.ts';
import { readKnown } from './idle-work.ts';
import type { UnitPlaces } from './live-state.ts';
import { type Loaded, loadBlocks, loadLogs, type OnReading } from './load.ts';
import { type Log, logKey } from './log.ts';
import { lostOf, standingOf } from './own-log.ts';
import { LedgerStoreError, type Store } from './store.ts';
import { type Own, StoredLedger } from './stored-ledger.ts';
import type { Verification, VerifyOptions } from './verify.ts';

export interface LedgerDeps {
  store: Store;
  signer: Signer;
  /** ms since 1970, for people to read. */
  now(): number;
  randomBytes(length: number): Uint8Array;
  /** The index is being made anew. */
  onReading?: OnReading;
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

/** `misplaced`: not what was asked for. */
export type Taken = Ingested | 'misplaced';

export interface Change {
  entries: readonly Entry[];
  own: boolean;
  /** Units whose votes or verdicts may be others than before. */
  units: UnitPlaces;
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
  /** Reads an entry that is held. Throws LedgerStoreError `ledger_damaged` where the disk does not have it any more. */
  entry(author: Hex, log: Hex, seq: number): Entry;
  /** Takes blocks of others, one after the other. One answer for each block. */
  ingest(blocks: readonly Uint8Array[]): Promise<Ingested[]>;
  /**
   * Takes a page of one log, whose entries are asked for from `from` on (both blocks of a fork's proof from the same
   * place). Of those that follow each other only the last signature is verified at once: it vouches for the others until
   * there is time.
   */
  take(
    page: { author: Hex; log: Hex; from: number; isProof: boolean },
    blocks: readonly Uint8Array[],
  ): Promise<Taken[]>;
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
  verify(options?: VerifyOptions): Promise<Verification>;
  /**
   * Looks for blocks that are not on the disk as they were, and lets go of each log from the first of them on: that comes back
   * where others have it. Resolves to how many logs were not whole.
   */
  mend(): Promise<number>;
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
  return (await openFrom(deps, mesh, own, await loadLogs(deps.store, deps.onReading))) ?? openAnew(deps, mesh, own);
}

/** Undefined where an entry that the index names cannot be read. */
async function openFrom(
  deps: LedgerDeps,
  mesh: Uint8Array,
  own: Uint8Array,
  loaded: Loaded,
): Promise<StoredLedger | undefined> {
  const meshId = toHex(mesh);
  if (!loaded.logs.all().some(({ entries }) => entries.at(0)?.id === meshId)) {
    throw new LedgerStoreError('ledger_damaged', 'the genesis entry cannot be read; nothing was deleted');
  }
  const known = await readKnown(deps.store, loaded.logs);
  try {
    const ledger = new StoredLedger(deps, meshId, await judgeOwn(deps, toHex(own), loaded), loaded, known);
    await ledger.start();
    return ledger;
  } catch (error) {
    if (error instanceof LedgerStoreError && error.code === 'ledger_damaged') return undefined;
    throw error;
  }
}

/** From the blocks, not the index. */
async function openAnew(deps: LedgerDeps, mesh: Uint8Array, own: Uint8Array): Promise<StoredLedger> {
  const ledger = await openFrom(deps, mesh, own, await loadBlocks(deps.store, deps.onReading));
  if (ledger !== undefined) return ledger;
  throw new LedgerStoreError('ledger_damaged', 'the ledger cannot be read; nothing was deleted');
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
