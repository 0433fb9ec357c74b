// Entries that were read from the disk lately.
import { type Hex, sha256Hex } from '../protocol/bytes.ts';
import { decodeEntry, type Entry } from '../protocol/entry.ts';
import { type Log, logKey } from './log.ts';
import type { LogSet } from './log-set.ts';
import { LedgerStoreError, type Store } from './store.ts';

/** Some 20 MB where all are as large as entries get. */
const ENTRIES_MAX = 4096;

export class EntryCache {
  readonly #logs: LogSet;
  readonly #store: Store;
  /** By id, the one that was asked for last at the end. */
  readonly #known = new Map<Hex, Entry>();

  readonly #onDamaged: (log: Log, seq: number) => void;

  constructor(logs: LogSet, store: Store, onDamaged: (log: Log, seq: number) => void) {
    this.#logs = logs;
    this.#store = store;
    this.#onDamaged = onDamaged;
  }

  /** A block as it is on the disk, if it is the one that it was. */
  block(log: Readonly<Log>, seq: number): Uint8Array | undefined {
    const block = this.#store.block(log.author, log.log, seq);
    if (block !== undefined && sha256Hex(block) === log.entries.at(seq)?.id) return block;
    this.#onDamaged(log, seq);
    return undefined;
  }

  /** Throws LedgerStoreError `ledger_damaged` where the disk does not have what it had. */
  readonly read = (author: Hex, log: Hex, seq: number): Entry => {
    const held = this.#logs.get(logKey(author, log));
    const id = held?.entries.at(seq)?.id ?? '';
    const known = this.#known.get(id);
    if (known !== undefined) {
      this.#known.delete(id);
      this.#known.set(id, known);
      return known;
    }
    const block = held === undefined ? undefined : this.block(held, seq);
    if (block === undefined) {
      throw new LedgerStoreError(
        'ledger_damaged',
        `entry ${seq} of log ${log} cannot be read from the disk any more; it comes back from the other machines that hold it`,
      );
    }
    const entry = decodeEntry(block);
    this.keep(entry);
    return entry;
  };

  /** Also of an entry that is on its way to the disk. */
  keep(entry: Entry): void {
    this.#known.set(entry.id, entry);
    const [oldest] = this.#known.keys();
    if (this.#known.size > ENTRIES_MAX && oldest !== undefined) this.#known.delete(oldest);
  }
}
