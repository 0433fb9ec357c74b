// The beginning of a ledger: a mesh that is founded here, or one that this node was let into.
import { fromHex, type Hex, MalformedError, toHex } from '../protocol/bytes.ts';
import { decodeEntry, type Entry, NOTHING, signEntry, verifyEntry } from '../protocol/entry.ts';
import { KINDS } from '../protocol/kinds.ts';
import { parseWire } from '../protocol/schema.ts';
import { isGenesis } from './derive.ts';
import { HeadList } from './head-list.ts';
import { headOf } from './heads.ts';
import type { LedgerDeps } from './ledger.ts';
import { indexOf } from './load.ts';
import type { IndexChange, Store } from './store.ts';

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
  const meta = { mesh: fromHex(genesis.id), own: log };
  await deps.store.write({ entries: [genesis], index: [indexOfFirst(genesis)], meta }, { sync: true });
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
  const meta = { mesh: fromHex(mesh), own };
  await deps.store.write({ entries: [entry], index: [indexOfFirst(entry)], meta }, { sync: true });
  await deps.store.keepWitness({ log: toHex(own), count: 0, head: '' });
}

/** One store holds one mesh for ever; another mesh gets another directory. */
async function assertEmpty(store: Store): Promise<void> {
  if ((await store.meta('mesh')) !== undefined) throw new Error('the store holds a mesh already');
}

function indexOfFirst(entry: Entry): IndexChange {
  return indexOf({ author: entry.author, log: entry.log, entries: HeadList.of([headOf(entry)]) }, 0, false);
}
