// `ledger verify` finds what happened to the bytes on the disk.
import t from 'tap';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { decode, encode } from '../../src/protocol/bytes.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { GENESIS, MESH } from './support/history.ts';
import { depsOf, feed, heldBy, joinMesh } from './support/ledgers.ts';
import { entryKey, type MemoryStore } from './support/memory-store.ts';
import { admitPlain, genesisBy, job, scribe } from './support/people.ts';

interface Scene {
  ledger: Ledger;
  store: MemoryStore;
  log: Entry[];
  forkKey: string;
}

/** Ada's log of six after the genesis entry, and one of bob that forked at 2. */
async function setScene(): Promise<Scene> {
  const { ledger, deps } = await joinMesh('zoe', GENESIS);
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const log = [
    ada('admit', admitPlain('bob', 'member')),
    ...Array.from({ length: 5 }, (_, i) => ada('job', job({ seed: `${i}` }))),
  ];
  const bob = scribe(MESH, 'bob');
  const forked = [bob('note', 0), bob('note', 1), bob('note', 2), bob('note', 3)];
  const other = scribe(MESH, 'bob', '1', forked[1])('note', 'other');
  await feed(ledger, [[GENESIS, ...log, ...forked, other]]);
  return { ledger, store: deps.store, log, forkKey: `f/${other.author}/${other.log}` };
}

const keyOfEntry = ({ author, log, seq }: Entry): string => entryKey(author, log, seq);

t.test('an untouched ledger is in order', async (t) => {
  const { ledger } = await setScene();
  t.match(await ledger.verify(), { ok: true, entries: 11, root: ledger.state().root, faults: [] });
});

t.test('what was only vouched for need not be verified once more after that', async (t) => {
  const { ledger } = await joinMesh('zoe', GENESIS);
  const ada = scribe(MESH, 'ada', '1', GENESIS);
  const log = Array.from({ length: 5 }, (_, i) => ada('job', job({ seed: `${i}` })));
  const [first] = log;
  const page = { author: first!.author, log: first!.log, from: first!.seq, isProof: false };
  await ledger.take(
    page,
    log.map(({ block }) => block),
  );
  const verified = () => ledger.log(first!.author, first!.log)?.verified;
  t.not(verified(), ledger.log(first!.author, first!.log)?.entries.length, 'one signature stands for all');
  t.ok((await ledger.verify()).ok);
  t.equal(verified(), ledger.log(first!.author, first!.log)?.entries.length);
});

t.test('any flipped bit of any block is found', async (t) => {
  const { ledger, store, log } = await setScene();
  const key = keyOfEntry(log[2]!);
  const block = store.values.get(key)!;
  const missed: number[] = [];
  for (let bit = 0; bit < block.length * 8; bit += 5) {
    const flipped = new Uint8Array(block);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    store.values.set(key, flipped);
    if ((await ledger.verify()).ok) missed.push(bit);
  }
  t.strictSame(missed, []);
  store.values.set(key, block);
  t.ok((await ledger.verify()).ok, 'put right');
});

t.test('what is missing, swapped or strange is found and named', async (t) => {
  const cases: [string, (scene: Scene) => void, RegExp][] = [
    ['in the middle', ({ store, log }) => store.values.delete(keyOfEntry(log[2]!)), /does not follow/],
    ['at the end', ({ store, log }) => store.values.delete(keyOfEntry(log[5]!)), /the state in use has root/],
    [
      'a signature',
      ({ store, log }) => {
        const block = store.values.get(keyOfEntry(log[5]!))!.slice();
        block[block.length - 1]! ^= 1;
        store.values.set(keyOfEntry(log[5]!), block);
      },
      /its signature is wrong/,
    ],
    ['the genesis entry', ({ store }) => store.values.delete(keyOfEntry(GENESIS)), /genesis entry is missing/],
    ['a fork', ({ store, forkKey }) => store.values.delete(forkKey), /the state in use has root/],
    [
      'two entries that are no fork',
      ({ store, log, forkKey }) => store.values.set(forkKey, encode([log[0]!.block, log[1]!.block])),
      /proves none/,
    ],
    [
      'one entry twice as a fork',
      ({ store, log, forkKey }) => store.values.set(forkKey, encode([log[0]!.block, log[0]!.block])),
      /proves none/,
    ],
    [
      'garbage as a fork',
      ({ store, forkKey }) => store.values.set(forkKey, encode([encode(1), encode(2)])),
      /cannot be read/,
    ],
    [
      'an entry of another mesh',
      ({ store }) => {
        const foreign = scribe(genesisBy('bob').id, 'cy')('note', 1);
        store.values.set(keyOfEntry(foreign), foreign.block);
      },
      /another mesh/,
    ],
    [
      'two places swapped',
      ({ store, log }) => {
        store.values.set(keyOfEntry(log[1]!), log[2]!.block);
        store.values.set(keyOfEntry(log[2]!), log[1]!.block);
      },
      /does not follow/,
    ],
  ];
  for (const [name, harm, message] of cases) {
    const scene = await setScene();
    scene.ledger.state();
    harm(scene);
    const { ok, faults } = await scene.ledger.verify();
    t.equal(ok, false, name);
    t.ok(
      faults.some((fault) => message.test(fault.message)),
      `${name}: ${faults.map((fault) => fault.message)[0]}`,
    );
  }
});

/** Blocks and proofs, without what is made of them. */
const truthIn = ({ values }: Scene['store']): number => [...values.keys()].filter((key) => /^[ef]\//.test(key)).length;

t.test('a ledger that is not whole opens with what holds, and the rest comes back from others', async (t) => {
  const cases: [string, (scene: Scene) => void, number][] = [
    ['a hole', ({ store, log }) => store.values.delete(keyOfEntry(log[2]!)), 3],
    ['a block that cannot be read', ({ store, log }) => store.values.set(keyOfEntry(log[2]!), Uint8Array.of(1)), 4],
    ['a block with another time in it', ({ store, log }) => store.values.set(keyOfEntry(log[5]!), flipped(log[5]!)), 1],
    [
      'a fork that cannot be read',
      ({ store, forkKey }) => store.values.set(forkKey, encode([encode(1), encode(2)])),
      1,
    ],
  ];
  for (const [name, harm, unused] of cases) {
    const { ledger: whole, ...scene } = await setScene();
    const root = whole.state().root;
    const blocks = heldBy(whole).map((entry) => entry.block);
    const before = truthIn(scene.store);
    harm({ ledger: whole, ...scene });
    const size = truthIn(scene.store);
    const again = await openLedger({ ...depsOf('zoe', scene.store), store: scene.store });
    t.match(again.damage[0], new RegExp(`^${unused} stored entr`), `${name}: ${again.damage[0]}`);
    t.equal(truthIn(scene.store), size, `${name}: nothing is deleted`);
    await again.ingest(blocks);
    t.equal(again.state().root, root, `${name}: healed`);
    t.strictSame((await again.verify()).faults, [], `${name}: on the disk as well`);
    t.ok(truthIn(scene.store) <= before);
  }
});

/** The entry with its clock one second on: well formed, signed by nobody. */
function flipped({ block, time }: Entry): Uint8Array {
  const [body, signature] = decode(block, 4096) as [Uint8Array, Uint8Array];
  const fields = decode(body, 4096) as unknown[];
  return encode([encode(fields.with(6, time + 1)), signature]);
}

t.test('without its genesis entry, or without a mesh, there is no ledger', async (t) => {
  for (const key of ['mesh', keyOfEntry(GENESIS)]) {
    const { store } = await setScene();
    store.values.delete(key);
    await t.rejects(openLedger(depsOf('zoe', store)), { name: 'LedgerStoreError', code: 'ledger_damaged' }, key);
  }
});
