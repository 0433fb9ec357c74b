// Ledgers as a mesh that has worked for long would have them, made without the work: one founder, some members, jobs, and
// results of real size with valid signatures.
import { mkdirSync } from 'node:fs';
import { foundMesh } from '../../src/ledger/found.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { openStore } from '../../src/ledger/store.ts';
import { MADE_FINGERPRINT, madeHash, resultMaker } from '../../src/node/bench/entries.ts';
import { benchTask } from '../../src/node/bench/workloads.ts';
import { loadSecret, openDataDirectory } from '../../src/node/data-directory.ts';
import { machineId } from '../../src/node/machine-id.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import { type Entry, NOTHING, signEntry } from '../../src/protocol/entry.ts';
import { createSigner, type Signer } from '../../src/protocol/keys.ts';
import type { Job } from '../../src/protocol/kinds.ts';

const MEMBERS = 5;
const UNITS_PER_JOB = 500;
const REPLICAS = 2;
const BATCH = 256;
const START_MS = Date.UTC(2026, 0, 1);

export interface MadeLedger {
  entries: number;
  /** Of all blocks. */
  bytes: number;
}

const search = { ...benchTask(200, 100).spec };

/** One log that grows entry by entry, an entry every two seconds. */
export class Scribe {
  readonly #mesh: Uint8Array;
  readonly #signer: Signer;
  readonly #log: Uint8Array;
  #head: Entry | undefined;

  constructor(mesh: string, signer: Signer, log: string) {
    this.#mesh = fromHex(mesh);
    this.#signer = signer;
    this.#log = madeHash(log).subarray(0, 16);
  }

  write(kind: string, data: unknown): Entry {
    const seq = this.#head === undefined ? 0 : this.#head.seq + 1;
    const prev = this.#head === undefined ? NOTHING : fromHex(this.#head.id);
    const draft = { mesh: this.#mesh, log: this.#log, seq, prev, time: START_MS + seq * 2000, kind, data };
    this.#head = signEntry(draft, this.#signer);
    return this.#head;
  }
}

function jobOf(n: number): Job {
  return {
    name: `BTC-USD 5m quick ${n}`,
    dataset: madeHash('candles'),
    market: { symbol: 'BTC-USD', quote: 'USD', barMs: 300_000, sample: false },
    fingerprint: MADE_FINGERPRINT,
    seed: `seed ${n}`,
    units: UNITS_PER_JOB,
    search,
    validation: { mode: 'replicate', replicas: REPLICAS, quorum: REPLICAS, most: 2 * REPLICAS },
    priority: 5,
  };
}

function* entriesOf(mesh: string, founder: Signer): Generator<Entry> {
  const resultOf = resultMaker();
  const first = new Scribe(mesh, founder, 'log of the founder');
  const members = Array.from({ length: MEMBERS }, (_, i) => createSigner(madeHash(`member ${i}`)));
  for (const [i, { publicKey }] of members.entries()) {
    yield first.write('admit', { member: publicKey, name: `machine ${i}`, role: 'member' });
  }
  const scribes = members.map((signer, i) => new Scribe(mesh, signer, `log ${i}`));
  for (let n = 0; ; n += 1) {
    const job = first.write('job', jobOf(n));
    yield job;
    for (let vote = 0; vote < UNITS_PER_JOB * REPLICAS; vote += 1) {
      const member = vote % MEMBERS;
      yield scribes[member]!.write('result', resultOf(fromHex(job.id), Math.floor(vote / REPLICAS), member));
    }
  }
}

async function fill(
  ledger: Ledger,
  entries: Iterable<Entry>,
  { count, members }: { count: number; members: number },
): Promise<MadeLedger> {
  const made: MadeLedger = { entries: ledger.size(), bytes: 0 };
  let batch: Uint8Array[] = [];
  for (const { block } of entries) {
    batch.push(block);
    made.entries += 1;
    made.bytes += block.length;
    // Whoever is admitted is a member for the batches that follow.
    const isAdmitted = made.entries === 1 + members;
    if (batch.length < BATCH && made.entries < count && !isAdmitted) continue;
    const answers = await ledger.ingest(batch);
    const refused = answers.find((answer) => answer !== 'stored');
    if (refused !== undefined) throw new Error(`an entry was made that is ${refused}`);
    batch = [];
    if (made.entries >= count) break;
  }
  if (batch.length > 0) await ledger.ingest(batch);
  return made;
}

/** What is in a made ledger beyond its beginning; the first entries may let `members` in. */
export interface Contents {
  members: number;
  entries(mesh: string, founder: Signer): Iterable<Entry>;
}

/** Makes a data directory that a node can be started on, with `count` entries at most. */
export async function makeLedgerOf(path: string, { members, entries }: Contents, count: number): Promise<MadeLedger> {
  const directory = openDataDirectory(path);
  const signer = createSigner(loadSecret(directory, 'node.key'));
  const root = createSigner(loadSecret(directory, 'recovery.key')).publicKey;
  mkdirSync(directory.ledger, { recursive: true });
  const store = await openStore(directory.ledger, machineId());
  const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
  const deps = { store, signer, now: () => START_MS, randomBytes };
  const mesh = await foundMesh(deps, { name: 'made', firstName: 'founder', root });
  const ledger = await openLedger(deps);
  const made = await fill(ledger, entries(mesh, signer), { count, members });
  await ledger.close();
  return made;
}

export const makeLedger = (path: string, count: number): Promise<MadeLedger> =>
  makeLedgerOf(path, { members: MEMBERS, entries: entriesOf }, count);
