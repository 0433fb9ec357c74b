// What a ledger on a real disk needs, with real chance and the real clock.
import { randomBytes } from 'node:crypto';
import type { LedgerDeps } from '../../../src/ledger/ledger.ts';
import type { Store } from '../../../src/ledger/store.ts';
import { person } from './people.ts';

export function depsFor(name: string, store: Store): LedgerDeps {
  return {
    store,
    signer: person(name),
    now: () => Date.now(),
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
  };
}
