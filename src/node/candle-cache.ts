// The data sets of this machine: what is there, known without waiting, and the candles last used, ready in memory.
import type { Candles } from '../engine/candles.ts';
import type { Hex } from '../protocol/bytes.ts';
import type { DataStore, DatasetInfo, ImportReport } from './data-store.ts';

const LOADED_MAX = 3;

export interface CandleCache {
  list(): DatasetInfo[];
  has(hash: Hex): boolean;
  /** Undefined when it is not here, or damaged (`onDamaged` tells). */
  candles(hash: Hex): Promise<Candles | undefined>;
  importFile(...parameters: Parameters<DataStore['importFile']>): Promise<ImportReport>;
  importFiles(...parameters: Parameters<DataStore['importFiles']>): Promise<ImportReport>;
  addSample(): Promise<ImportReport>;
  /** Candles that are in no file: downloaded ones. */
  addCandles(candles: Candles): Promise<ImportReport>;
  /** Canonical bytes that came from a member. Throws InvalidInput when they are no candles of that name. */
  importBytes(hash: Hex, bytes: Uint8Array): Promise<DatasetInfo>;
  /** Takes it off the disk, of its owner's own will: it is fetched again only for a job that needs it. */
  remove(hash: Hex): Promise<void>;
  /**
   * Looks at the folder again, where other programs may have put files. Resolves to what is new, data sets that were
   * damaged and may be whole again included.
   */
  refresh(): Promise<DatasetInfo[]>;
}

export async function openCandleCache(
  store: DataStore,
  onDamaged: (hash: Hex, error: Error) => void,
): Promise<CandleCache> {
  let known = await store.list();
  const loaded = new Map<Hex, Promise<Candles | undefined>>();
  const damaged = new Set<Hex>();

  /** One look at the folder at a time, so that a slow one does not undo what a later one saw. */
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(work);
    queue = done.catch(() => undefined);
    return done;
  };

  const adding = <T>(add: () => Promise<T>, infoOf: (added: T) => DatasetInfo): Promise<T> =>
    inTurn(async () => {
      const added = await add();
      damaged.delete(infoOf(added).hash);
      known = await store.list();
      return added;
    });
  const ofReport = ({ info }: ImportReport): DatasetInfo => info;

  async function look(): Promise<DatasetInfo[]> {
    const before = new Set(known.map((info) => info.hash).filter(has));
    known = await store.list();
    damaged.clear();
    return known.filter((info) => !before.has(info.hash));
  }

  async function load(hash: Hex): Promise<Candles | undefined> {
    try {
      return await store.load(hash);
    } catch (error) {
      loaded.delete(hash);
      damaged.add(hash);
      onDamaged(hash, error as Error);
      return undefined;
    }
  }

  const has = (hash: Hex): boolean => !damaged.has(hash) && known.some((info) => info.hash === hash);
  return {
    list: () => known.slice(),
    has,
    async candles(hash) {
      if (!has(hash)) return undefined;
      const pending = loaded.get(hash) ?? load(hash);
      loaded.delete(hash);
      loaded.set(hash, pending);
      for (const oldest of [...loaded.keys()].slice(0, -LOADED_MAX)) loaded.delete(oldest);
      return pending;
    },
    importFile: (...parameters) => adding(() => store.importFile(...parameters), ofReport),
    importFiles: (...parameters) => adding(() => store.importFiles(...parameters), ofReport),
    addSample: () => adding(() => store.addSample(), ofReport),
    addCandles: (candles) => adding(() => store.addCandles(candles), ofReport),
    importBytes: (hash, bytes) =>
      adding(
        () => store.importBytes(hash, bytes),
        (info) => info,
      ),
    remove: (hash) => inTurn(() => store.remove(hash).then(look)).then(() => void loaded.delete(hash)),
    refresh: () => inTurn(look),
  };
}
