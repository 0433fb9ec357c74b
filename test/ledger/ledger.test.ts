// The one way in for every entry: what is answered, what is stored, and what is told.
import t from 'tap';
import { adoptMesh, foundMesh } from '../../src/ledger/found.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { LedgerStoreError } from '../../src/ledger/store.ts';
import { encode, fromHex, sha256, toHex } from '../../src/protocol/bytes.ts';
import { type Entry, NOTHING, signEntry } from '../../src/protocol/entry.ts';
import { PAGE_BYTES_MAX, PAGE_ENTRIES_MAX } from '../../src/protocol/limits.ts';
import { GENESIS, MESH } from './support/history.ts';
import { depsOf, feed, joinMesh, joinPeople } from './support/ledgers.ts';
import { admitPlain, genesisBy, hash, job, keyOf, logId, person, scribe } from './support/people.ts';

const blocks = (...entries: Entry[]): Uint8Array[] => entries.map((entry) => entry.block);
const hexKey = (name: string): string => toHex(keyOf(name));

t.test('a founded mesh has one member and goes on after a restart', async (t) => {
  const deps = depsOf('ada');
  const mesh = await foundMesh(deps, { name: 'home', firstName: 'desk', root: keyOf('root') });
  const ledger = await openLedger(deps);
  t.equal(ledger.meshId, mesh);
  t.strictSame([...ledger.state().members.keys()], [hexKey('ada')]);
  const entry = await ledger.append('job', job());
  t.match(entry, { seq: 1, prev: mesh, author: hexKey('ada') });
  const again = await openLedger(deps);
  t.equal(again.state().root, ledger.state().root);
  t.strictSame(again.frontierDigest(), ledger.frontierDigest());
  t.equal((await again.append('job', job())).seq, 2, 'in the same log');
});

t.test('a store holds one mesh for ever', async (t) => {
  const deps = depsOf('ada');
  await foundMesh(deps, { name: 'home', firstName: 'desk', root: keyOf('root') });
  const other = genesisBy('bob');
  await t.rejects(adoptMesh(deps, other.id, other.block), /holds a mesh already/);
  await t.rejects(foundMesh(deps, { name: 'b', firstName: 'c', root: keyOf('root') }), /holds a mesh already/);
  await t.rejects(openLedger(depsOf('x')), { code: 'ledger_damaged' }, 'an empty store is no ledger');
});

t.test('only a genesis block that a state can be derived from is adopted', async (t) => {
  const draft = { mesh: NOTHING, log: logId('x'), seq: 0, prev: NOTHING, time: 1, kind: 'genesis', data: GENESIS.data };
  const cases: [string, Entry, string][] = [
    ['another than asked for', GENESIS, genesisBy('bob').id],
    ['signed by another than the first member', signEntry(draft, person('eve')), ''],
    ['with data that says nothing', signEntry({ ...draft, data: { name: 'x' } }, person('ada')), ''],
    ['not first in its log', signEntry({ ...draft, seq: 1, prev: hash('x') }, person('ada')), ''],
    ['another kind', scribe(MESH, 'ada')('job', job()), ''],
  ];
  for (const [name, entry, id] of cases) {
    const deps = depsOf('zoe');
    await t.rejects(adoptMesh(deps, id || entry.id, entry.block), { code: 'malformed' }, name);
    t.equal(deps.store.values.size, 0, `${name}: nothing stored`);
  }
});

t.test('append says nothing that is not of its kind, and syncs what it says', async (t) => {
  const { ledger, deps } = await joinMesh('ada', GENESIS);
  await t.rejects(ledger.append('job', { name: 'x' }), { code: 'malformed' });
  await t.rejects(ledger.append('job', job({ search: { far: 'x'.repeat(4096) } })), RangeError);
  t.equal(ledger.size(), 1);
  await ledger.append('job', job());
  t.strictSame(deps.store.writes.at(-1), { sync: true, entries: 1, forks: 0 });
});

t.test('appends that start at once stand one after the other', async (t) => {
  const { ledger } = await joinMesh('ada', GENESIS);
  const entries = await Promise.all(Array.from({ length: 20 }, (_, i) => ledger.append('job', job({ seed: `${i}` }))));
  t.strictSame(
    entries.map((entry) => entry.seq),
    Array.from({ length: 20 }, (_, i) => i),
  );
  t.ok((await ledger.verify()).ok);
});

t.test('what ingest answers, block by block', async (t) => {
  const { ledger, deps } = await joinPeople('zoe');
  const bob = scribe(MESH, 'bob');
  const [a, b, c, d] = [bob('note', 1), bob('note', 2), bob('note', 3), bob('note', 4)] as [Entry, Entry, Entry, Entry];
  const forged = c.block.slice();
  forged[forged.length - 1]! ^= 1;
  const foreign = scribe(genesisBy('bob').id, 'bob')('note', 1);
  const other = scribe(MESH, 'bob', '1', b)('note', 'other');
  const newer = encode([encode([2, 'in a form of its own']), new Uint8Array(64)]);
  const cases: [string, Uint8Array, string][] = [
    ['gap', b.block, 'gap'],
    ['stored', a.block, 'stored'],
    ['duplicate', a.block, 'duplicate'],
    ['now it follows', b.block, 'stored'],
    ['forged', forged, 'forged'],
    ['wrong mesh', foreign.block, 'wrong_mesh'],
    ['another genesis', genesisBy('bob').block, 'wrong_mesh'],
    ['garbage', Uint8Array.of(1, 2, 3), 'malformed'],
    ['empty', NOTHING, 'malformed'],
    ['oversized', new Uint8Array(5000), 'malformed'],
    ['third', c.block, 'stored'],
    ['fork', other.block, 'fork'],
    ['beyond the fork', d.block, 'frozen'],
    ['by nobody of the mesh', scribe(MESH, 'eve')('note', 1).block, 'stranger'],
    ['of a later version', newer, 'newer'],
  ];
  const answers = await ledger.ingest(cases.map(([, block]) => block));
  for (const [i, [name, , expected]] of cases.entries()) t.equal(answers[i], expected, name);
  t.strictSame(deps.store.writes.at(-1), { sync: false, entries: 3, forks: 1 }, 'one batch');
  t.equal(ledger.log(hexKey('bob'), a.log)?.entries.length, 2);
  t.ok((await ledger.verify()).ok);
});

t.test('blocks are kept as they were, whatever the caller does with its buffer', async (t) => {
  const { ledger } = await joinPeople('zoe');
  const entry = scribe(MESH, 'bob')('note', 1);
  const buffer = Buffer.concat([Buffer.alloc(10), entry.block]);
  await ledger.ingest([buffer.subarray(10)]);
  buffer.fill(0);
  t.strictSame(ledger.page(entry.author, entry.log, 0), [entry.block]);
});

t.test('a batch that the disk refuses leaves no trace', async (t) => {
  const { ledger, deps } = await joinPeople('zoe');
  const bob = scribe(MESH, 'bob');
  const held = [bob('note', 1), bob('note', 2), bob('note', 3)];
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  await feed(ledger, [held]);
  const before = { root: ledger.state().root, digest: toHex(ledger.frontierDigest()), size: ledger.size() };
  const fork = scribe(MESH, 'bob', '1', held[0])('note', 'other');
  const batch = blocks(fork, ada('admit', admitPlain('bob', 'admin')), scribe(MESH, 'cy')('note', 1));
  deps.store.failNext = new LedgerStoreError('ledger_io', 'no space');
  const refused = ledger.ingest(batch);
  await Promise.resolve();
  t.equal(ledger.state().root, before.root, 'while it is being written');
  await t.rejects(refused, { code: 'ledger_io' });
  t.strictSame({ root: ledger.state().root, digest: toHex(ledger.frontierDigest()), size: ledger.size() }, before);
  t.equal([...ledger.logs()].length, 3);
  t.strictSame(await ledger.ingest(batch), ['fork', 'stored', 'stored'], 'the next try');
  t.equal((await openLedger(deps)).state().root, ledger.state().root);
});

t.test('an own log that forked is closed, and a new one is written on', async (t) => {
  const { ledger, deps } = await joinMesh('ada', GENESIS);
  const first = await ledger.append('job', job());
  const second = await ledger.append('job', job({ seed: '2' }));
  // A copy of the disk wrote something else at the same place.
  const twin = scribe(MESH, 'ada', '', first)('job', job({ seed: 'twin' }));
  t.strictSame(await ledger.ingest(blocks(twin)), ['fork']);
  t.equal(ledger.state().jobs.has(second.id), false);
  deps.store.failNext = new LedgerStoreError('ledger_io', 'no space');
  await t.rejects(ledger.append('job', job()), { code: 'ledger_io' });
  const third = await ledger.append('job', job({ seed: '3' }));
  t.equal(third.seq, 0);
  t.not(third.log, first.log);
  t.ok(ledger.state().jobs.has(third.id), 'it counts');
  const again = await openLedger(deps);
  t.equal((await again.append('job', job({ seed: '4' }))).prev, third.id, 'and goes on after a restart');
  t.equal([...again.logs()].find((log) => log.log === first.log)?.fork?.seq, 1);
});

t.test('a log of this node comes back from the others and is written on', async (t) => {
  const deps = depsOf('ada');
  await adoptMesh(deps, GENESIS.id, GENESIS.block);
  const ledger = await openLedger(deps);
  const first = await ledger.append('job', job());
  const restored = depsOf('ada');
  await adoptMesh(restored, GENESIS.id, GENESIS.block);
  const again = await openLedger(restored);
  t.strictSame(await again.ingest(blocks(first)), ['stored']);
  t.equal((await again.append('job', job())).prev, first.id);
});

t.test('the frontier digest is the hash of the frontier, and changes with it', async (t) => {
  const { ledger } = await joinPeople('ada');
  const digests = new Set<string>();
  const note = (): void => {
    digests.add(toHex(ledger.frontierDigest()));
    t.strictSame(ledger.frontierDigest(), sha256(encode(ledger.frontier())));
  };
  note();
  const entry = await ledger.append('job', job());
  note();
  await ledger.ingest(blocks(scribe(MESH, 'bob')('note', 1)));
  note();
  await ledger.ingest(blocks(scribe(MESH, 'ada', '', undefined)('note', 1)));
  note();
  t.equal(digests.size, 4);
  await ledger.ingest(blocks(scribe(MESH, 'eve')('note', 1)));
  note();
  t.equal(digests.size, 4, 'not by strangers');
  t.match(
    ledger.frontier().find((log) => toHex(log.log) === entry.log),
    { count: 1, head: fromHex(entry.id), frozen: false },
  );
});

t.test('pages are bounded in entries and bytes and hold at least one entry', async (t) => {
  const { ledger } = await joinPeople('zoe');
  const small = scribe(MESH, 'bob', 'small');
  const large = scribe(MESH, 'bob', 'large');
  const logs = [
    Array.from({ length: PAGE_ENTRIES_MAX + 5 }, (_, i) => small('note', i)),
    Array.from({ length: 60 }, () => large('note', 'x'.repeat(3800))),
  ] as const;
  await feed(ledger, [...logs]);
  const page = (i: 0 | 1, from: number) => ledger.page(logs[i][0]!.author, logs[i][0]!.log, from);
  t.equal(page(0, 0).length, PAGE_ENTRIES_MAX);
  t.equal(page(0, PAGE_ENTRIES_MAX).length, 5);
  t.equal(page(0, PAGE_ENTRIES_MAX + 5).length, 0);
  t.equal(page(0, Number.MAX_SAFE_INTEGER).length, 0);
  const bytes = page(1, 0).reduce((sum, block) => sum + block.length, 0);
  t.ok(bytes <= PAGE_BYTES_MAX && bytes > PAGE_BYTES_MAX - 4096);
  t.strictSame(ledger.page('00', '00', 0), []);
});

t.test('listeners hear of what came in, once it is safe', async (t) => {
  const { ledger, deps } = await joinPeople('ada');
  const heard: [number, boolean, number][] = [];
  const stop = ledger.onChange(({ entries, own }) => heard.push([entries.length, own, deps.store.writes.length]));
  await ledger.append('job', job());
  const bob = scribe(MESH, 'bob');
  const two = blocks(bob('note', 1), bob('note', 2));
  await ledger.ingest(two);
  await ledger.ingest(two);
  stop();
  await ledger.append('job', job());
  t.strictSame(heard, [
    [1, true, 3],
    [2, false, 4],
  ]);
});
