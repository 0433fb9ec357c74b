// Ledgers over memory, with chance and time made predictable.

import { adoptMesh } from '../../../src/ledger/found.ts';
import { type Ledger, type LedgerDeps, openLedger } from '../../../src/ledger/ledger.ts';
import { sha256, utf8 } from '../../../src/protocol/bytes.ts';
import type { Entry } from '../../../src/protocol/entry.ts';
import { GENESIS, GROUND } from './history.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';
import { person } from './people.ts';

export function depsOf(name: string, store: MemoryStore = createMemoryStore()): LedgerDeps & { store: MemoryStore } {
  let n = 0;
  return {
    store,
    signer: person(name),
    now: () => 1000 + n,
    randomBytes(length) {
      n += 1;
      return sha256(utf8(`${name} ${n}`)).subarray(0, length);
    },
  };
}

/** A ledger of `name` that so far holds the genesis entry only. */
export async function joinMesh(
  name: string,
  genesis: Entry,
): Promise<{ ledger: Ledger; deps: ReturnType<typeof depsOf> }> {
  const deps = depsOf(name);
  await adoptMesh(deps, genesis.id, genesis.block);
  return { ledger: await openLedger(deps), deps };
}

/** The same with the members of GROUND. */
export async function joinPeople(name: string): ReturnType<typeof joinMesh> {
  const joined = await joinMesh(name, GENESIS);
  await feed(joined.ledger, [GROUND]);
  return joined;
}

/** Gives a ledger a set of entries however often it takes for all that can follow to follow. */
export async function feed(ledger: Ledger, batches: readonly (readonly Entry[])[]): Promise<void> {
  const all = new Map(batches.flat().map((entry) => [entry.id, entry]));
  for (let changed = true; changed; ) {
    changed = await restorePinned(ledger, all);
    for (const batch of batches) {
      const answers = await ledger.ingest(batch.map((entry) => entry.block));
      changed ||= answers.some((answer) => answer === 'stored' || answer === 'fork');
    }
  }
}

/** What sync does where a pin asks for a history that is not held. */
async function restorePinned(ledger: Ledger, all: ReadonlyMap<string, Entry>): Promise<boolean> {
  let isRestored = false;
  for (const { author, log, pin } of ledger.logs()) {
    const history: Entry[] = [];
    for (let at = all.get(pin?.head ?? ''); at !== undefined; at = all.get(at.prev)) history.unshift(at);
    const blocks = history.map(({ block }) => block);
    if (blocks.length > 0 && (await ledger.restore(author, log, 0, blocks))) isRestored = true;
  }
  return isRestored;
}

/** All entries that are held and not frozen, those beyond a pin included. */
export function entriesIn(ledger: Ledger): Entry[] {
  return [...ledger.logs()].flatMap(({ author, log, entries }) =>
    entries.map(({ seq }) => ledger.entry(author, log, seq)),
  );
}

/** Everything that a ledger could tell another: what counts, and the proofs of forks. */
export function heldBy(ledger: Ledger): Entry[] {
  return [...entriesIn(ledger), ...[...ledger.logs()].flatMap((log) => log.fork?.proof ?? [])];
}
