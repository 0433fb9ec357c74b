// `ledger verify` finds what happened to the bytes on the disk.
import t from 'tap';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { encode } from '../../src/protocol/bytes.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { GENESIS, MESH } from './support/history.ts';
import { feed, joinMesh } from './support/ledgers.ts';
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

t.test('a ledger that is not whole does not open', async (t) => {
  const cases: [string, (scene: Scene) => void][] = [
    ['a hole', ({ store, log }) => store.values.delete(keyOfEntry(log[2]!))],
    ['a block that cannot be read', ({ store, log }) => store.values.set(keyOfEntry(log[2]!), Uint8Array.of(1))],
    ['a fork that cannot be read', ({ store, forkKey }) => store.values.set(forkKey, encode([encode(1), encode(2)]))],
    ['no mesh', ({ store }) => store.values.delete('mesh')],
  ];
  for (const [name, harm] of cases) {
    const { ledger, ...scene } = await setScene();
    harm({ ledger, ...scene });
    const deps = { store: scene.store, signer: null as never, now: () => 0, randomBytes: () => new Uint8Array(16) };
    await t.rejects(openLedger(deps), { name: 'LedgerStoreError', code: 'ledger_damaged' }, name);
  }
});
