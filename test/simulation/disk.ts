// A disk as disks are: what was written and not synced may be gone after a crash, the last first; it can be full; and it
// can be put back to an older image, with or without its files being the same ones.
import { logKey } from '../../src/ledger/log.ts';
import type { Witness } from '../../src/ledger/own-log.ts';
import { type Store, type StoreBatch, toIndexPage } from '../../src/ledger/store.ts';
import { compareText, decode } from '../../src/protocol/bytes.ts';
import { apply, entryKey } from '../ledger/support/memory-store.ts';
import type { Chance, Process, World } from './time.ts';

type Files = Map<string, Uint8Array>;

/** `kept`: the witness, and the number of the file that it stood in when it was written. */
export interface Image {
  files: Files;
  kept: { witness: Witness; disk: number } | undefined;
  book: Record<string, readonly string[]>;
}

const MS_MAX = 20;
let disks = 0;

export class Disk {
  /** As it is for who reads it now. */
  #files: Files = new Map();
  #kept: Image['kept'];
  /** Undone, newest last, where a crash comes before the next sync. */
  #unsynced: Files[] = [];
  #number = newNumber();
  book: Image['book'] = {};
  isFull = false;
  readonly #world: World;
  readonly #chance: Chance;

  constructor(world: World, chance: Chance) {
    this.#world = world;
    this.#chance = chance;
  }

  /** What a crash leaves: of what was not synced, the first so many writes. */
  crash(): void {
    const lost = this.#chance.whole(this.#unsynced.length + 1);
    const state = this.#unsynced[this.#unsynced.length - lost];
    if (lost > 0 && state !== undefined) this.#files = state;
    this.#unsynced = [];
    this.isFull = false;
  }

  image(): Image {
    return { files: new Map(this.#files), kept: this.#kept, book: { ...this.book } };
  }

  /** `copied`: file by file, so that they are other files; otherwise the whole machine is as it was. */
  restore(image: Image, copied: boolean): void {
    this.#files = new Map(image.files);
    this.#kept = image.kept;
    this.book = { ...image.book };
    this.#unsynced = [];
    if (copied) this.#number = newNumber();
    else this.#number = image.kept?.disk ?? this.#number;
  }

  blocks(): Uint8Array[] {
    return sorted(this.#files, 'e/');
  }

  /** The store of one process: with the process it falls silent. */
  open(process: Process): Store {
    const alive = <T>(value: T): Promise<T> => (process.ended ? new Promise(() => undefined) : Promise.resolve(value));
    const files = (): Files => this.#files;
    return {
      isIndexed: true,
      meta: (key) => alive(files().get(key)),
      async *indexPages() {
        const keys = [...files().keys()].filter((key) => key.startsWith('v/')).sort(compareText);
        for (const key of keys) yield toIndexPage(key, files().get(key)!);
      },
      block: (author, log, seq) => files().get(entryKey(author, log, seq)),
      async *blocks() {
        yield* sorted(files(), 'e/');
      },
      async *blocksOf(author, log) {
        yield* sorted(files(), `e/${logKey(author, log)}/`);
      },
      async *forks() {
        for (const pair of sorted(files(), 'f/')) yield decode(pair, 1 << 20) as [Uint8Array, Uint8Array];
      },
      write: (batch, { sync }) => this.#write(batch, sync, process),
      witness: () => alive(this.#kept?.disk === this.#number ? this.#kept.witness : undefined),
      keepWitness: async (witness) => {
        await this.#world.delay(this.#chance.between(0, MS_MAX));
        if (this.isFull) throw new Error('no space');
        this.#kept = { witness, disk: this.#number };
      },
      close: () => alive(undefined),
    };
  }

  async #write(batch: StoreBatch, sync: boolean, process: Process): Promise<void> {
    await this.#world.delay(this.#chance.between(0, MS_MAX) / 2);
    if (process.ended) return new Promise(() => undefined);
    if (this.isFull) throw Object.assign(new Error('no space'), { code: 'ledger_io' });
    this.#unsynced.push(this.#files);
    this.#files = new Map(this.#files);
    apply(this.#files, batch);
    // Written, not synced: a crash in between may leave it or not.
    await this.#world.delay(this.#chance.between(0, MS_MAX) / 2);
    if (sync) this.#unsynced = [];
  }
}

function newNumber(): number {
  disks += 1;
  return disks;
}

function sorted(files: Files, prefix: string): Uint8Array[] {
  const keys = [...files.keys()].filter((key) => key.startsWith(prefix)).sort(compareText);
  return keys.map((key) => files.get(key)!);
}
