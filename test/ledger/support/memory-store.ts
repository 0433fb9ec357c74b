// A store in memory that keeps the contract of the one on disk, and can be told to fail or be tampered with.

import { logKey } from '../../../src/ledger/log.ts';
import type { Witness } from '../../../src/ledger/own-log.ts';
import { operationsOf, type Store, type StoreBatch, toIndexPage } from '../../../src/ledger/store.ts';
import { compareText, decode } from '../../../src/protocol/bytes.ts';
import { ENTRY_BYTES_MAX } from '../../../src/protocol/limits.ts';

export interface MemoryStore extends Store {
  readonly values: Map<string, Uint8Array>;
  /** The next write throws this and changes nothing. */
  failNext: Error | undefined;
  /** What stands beside the database. */
  kept: Witness | undefined;
  writes: { sync: boolean; entries: number; forks: number }[];
}

export function createMemoryStore(): MemoryStore {
  const values = new Map<string, Uint8Array>();
  const sorted = (prefix: string): Uint8Array[] =>
    [...values.keys()]
      .filter((key) => key.startsWith(prefix))
      .sort(compareText)
      .map((key) => values.get(key)!);
  const store: MemoryStore = {
    values,
    failNext: undefined,
    kept: undefined,
    writes: [],
    isIndexed: true,
    meta: async (key) => values.get(key),
    async *indexPages() {
      const keys = [...values.keys()].filter((key) => key.startsWith('v/')).sort(compareText);
      for (const key of keys) yield toIndexPage(key, values.get(key)!);
    },
    block: (author, log, seq) => values.get(entryKey(author, log, seq)),
    async *blocks() {
      yield* sorted('e/');
    },
    async *blocksOf(author, log) {
      yield* sorted(`e/${logKey(author, log)}/`);
    },
    async *forks() {
      for (const pair of sorted('f/')) {
        const [a, b] = decode(pair, 3 * ENTRY_BYTES_MAX) as [Uint8Array, Uint8Array];
        yield [a, b] as const;
      }
    },
    async write(batch, { sync }) {
      await Promise.resolve();
      if (store.failNext !== undefined) {
        const error = store.failNext;
        store.failNext = undefined;
        throw error;
      }
      store.writes.push({ sync, entries: batch.entries?.length ?? 0, forks: batch.forks?.length ?? 0 });
      apply(values, batch);
    },
    witness: async () => store.kept,
    async keepWitness(witness) {
      store.kept = witness;
    },
    close: async () => undefined,
  };
  return store;
}

/** What a batch does to keys and values. */
export function apply(values: Map<string, Uint8Array>, batch: StoreBatch): void {
  const { clear, put } = operationsOf(batch);
  for (const key of [...values.keys()]) if (clear.some(({ gte, lt }) => key >= gte && key < lt)) values.delete(key);
  for (const { key, value } of put) values.set(key, value);
}

export function entryKey(author: string, log: string, seq: number): string {
  return `e/${logKey(author, log)}/${seq.toString(16).padStart(8, '0')}`;
}
