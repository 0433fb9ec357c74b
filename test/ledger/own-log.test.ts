// O1 to O4: which log of its own a node goes on in, and that no copy, backup or damaged disk makes it fork.
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { adoptMesh, foundMesh } from '../../src/ledger/found.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { chooseLog } from '../../src/ledger/own-log.ts';
import { openStore } from '../../src/ledger/store.ts';
import { answerSync, pullFrom } from '../../src/ledger/sync.ts';
import { fromHex, toHex } from '../../src/protocol/bytes.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { LOGS_PER_AUTHOR_MAX } from '../../src/protocol/limits.ts';
import { depsFor } from './support/disk.ts';
import { GENESIS, GROUND, MESH } from './support/history.ts';
import { depsOf, feed, joinMesh, joinPeople } from './support/ledgers.ts';
import { createMemoryStore, entryKey, type MemoryStore } from './support/memory-store.ts';
import { admitPlain, job, keyOf, scribe } from './support/people.ts';

const pull = (to: Ledger, from: Ledger): Promise<number> => pullFrom(to, async (request) => answerSync(from, request));
const ownLogs = (ledger: Ledger, name: string): number =>
  [...ledger.logs()].filter((log) => log.author === toHex(keyOf(name))).length;
const frozen = (ledger: Ledger): number => [...ledger.logs()].filter((log) => log.fork !== undefined).length;

/** Bob's ledger, as a member among others. */
async function joinAsBob(): Promise<{ ledger: Ledger; store: MemoryStore }> {
  const { ledger, deps } = await joinPeople('bob');
  return { ledger, store: deps.store };
}

/** The same disk opened again, by a process with other chance. */
let boots = 0;
async function reopen(store: MemoryStore): Promise<Ledger> {
  boots += 1;
  const seed = `boot ${boots}`;
  return openLedger({ ...depsOf('bob', store), randomBytes: depsOf(seed).randomBytes });
}

function copyOf(store: MemoryStore): MemoryStore {
  const copy = createMemoryStore();
  for (const [key, value] of store.values) copy.values.set(key, value);
  copy.kept = store.kept;
  return copy;
}

t.test('a log that this process has written on is gone on with (O1)', async (t) => {
  const { ledger } = await joinAsBob();
  const first = await ledger.append('job', job());
  t.equal((await ledger.append('job', job())).prev, first.id);
});

t.test('after a restart the log goes on once a peer knew it to its end (O1)', async (t) => {
  const { ledger, store } = await joinAsBob();
  const first = await ledger.append('job', job());
  const { ledger: peer } = await joinPeople('peer');
  await pull(peer, ledger);
  const again = await reopen(store);
  await pull(again, peer);
  t.equal((await again.append('job', job())).prev, first.id);
});

t.test('a restored disk that nobody has told otherwise begins another log (O2)', async (t) => {
  const { ledger, store } = await joinAsBob();
  await ledger.append('job', job({ seed: 'before' }));
  const image = copyOf(store);
  const lost = await ledger.append('job', job({ seed: 'lost with the disk' }));
  const { ledger: peer } = await joinPeople('peer');
  await pull(peer, ledger);
  const restored = await reopen(image);
  const early = await restored.append('job', job({ seed: 'before it met anybody' }));
  t.not(early.log, lost.log);
  await pull(restored, peer);
  await pull(peer, restored);
  for (const [name, each] of Object.entries({ restored, peer })) {
    t.equal(frozen(each), 0, `${name}: no fork`);
    t.ok(each.state().jobs.has(lost.id) && each.state().jobs.has(early.id), `${name}: nothing is lost`);
  }
});

t.test('a peer that does not know the end of the log does not make it safe (O2)', async (t) => {
  const { ledger, store } = await joinAsBob();
  const first = await ledger.append('job', job());
  const { ledger: behind } = await joinPeople('behind');
  const again = await reopen(store);
  await pull(again, behind);
  t.not((await again.append('job', job())).log, first.log);
});

t.test('alone in a mesh there is nobody to fork before (O2)', async (t) => {
  const deps = depsOf('ada');
  await foundMesh(deps, { name: 'home', firstName: 'desk', root: keyOf('root') });
  const first = await (await openLedger(deps)).append('job', job());
  const again = await openLedger(deps);
  const second = await again.append('admit', admitPlain('bob', 'member'));
  t.equal(second.prev, first.id);
  t.equal((await again.append('job', job())).prev, second.id, 'nor any more, once it has written on (O1)');
});

t.test('a disk that lost its end says so and begins another log, and the end comes back (O3)', async (t) => {
  const { ledger, store } = await joinAsBob();
  await ledger.append('job', job({ seed: 'held' }));
  const image = copyOf(store);
  const lost = await ledger.append('job', job({ seed: 'lost' }));
  const { ledger: peer } = await joinPeople('peer');
  await pull(peer, ledger);
  image.kept = store.kept;
  const again = await reopen(image);
  t.match(again.damage, [/^1 entries that this machine wrote are missing/]);
  await pull(again, peer);
  t.ok(again.state().jobs.has(lost.id), 'it comes back');
  t.not((await again.append('job', job())).log, lost.log);
  t.equal(frozen(again), 0);
});

t.test('a copied disk begins another log, even alone (O3)', async (t) => {
  const { ledger, store } = await joinMesh('ada', GENESIS).then(({ ledger, deps }) => ({ ledger, store: deps.store }));
  const first = await ledger.append('job', job());
  const image = copyOf(store);
  image.kept = undefined;
  const copied = await openLedger({ ...depsOf('ada', image), randomBytes: depsOf('copy').randomBytes });
  t.strictSame(copied.damage, [], 'nothing is missing');
  t.not((await copied.append('job', job())).log, first.log);
});

t.test('a disk that loses a place of the own log under a node that runs makes it begin another log (O3)', async (t) => {
  const { ledger, store } = await joinAsBob();
  const log: Entry[] = [];
  for (let i = 0; i < 4; i += 1) log.push(await ledger.append('job', job({ seed: String(i) })));
  const { ledger: peer } = await joinPeople('peer');
  await pull(peer, ledger);
  const lost = log[1]!;
  const block = Uint8Array.from(store.values.get(entryKey(lost.author, lost.log, lost.seq))!);
  block[50]! ^= 1;
  store.values.set(entryKey(lost.author, lost.log, lost.seq), block);
  t.equal(await ledger.mend(), 1);
  t.equal(ledger.log(lost.author, lost.log)?.entries.length, 1);
  t.ok(
    log.every(({ author, log, seq }) => store.values.has(entryKey(author, log, seq))),
    'nothing is deleted',
  );
  const next = await ledger.append('job', job({ seed: 'next' }));
  t.not(next.log, lost.log, 'to go on in it would fork it');
  await pull(ledger, peer);
  await pull(peer, ledger);
  t.equal(ledger.log(lost.author, lost.log)?.entries.length, 4, 'and what was lost comes back');
  t.equal(frozen(peer), 0);
  t.equal(peer.state().root, ledger.state().root);
  t.ok((await ledger.verify()).ok);
  t.equal(await ledger.mend(), 0, 'nothing is let go of that is whole');
});

t.test('with as many logs as an author may have, one of them must do (O4)', async (t) => {
  const { ledger } = await joinPeople('bob');
  const logs = Array.from({ length: LOGS_PER_AUTHOR_MAX }, (_, i) => scribe(MESH, 'bob', `${i}`)('note', i));
  await feed(ledger, [logs]);
  const entry = await ledger.append('job', job());
  t.equal(entry.seq, 1);
  t.equal(ownLogs(ledger, 'bob'), LOGS_PER_AUTHOR_MAX);
  const held = [...ledger.logs()].filter(({ author }) => author === entry.author);
  const unsafe = { id: held[3]!.log, standing: 'unsafe' } as const;
  t.equal(chooseLog(unsafe, held, false), held[3]!.log, 'its last one if it can be');
});

/** A founder on a real disk, with `jobs` entries written after the first start, and closed again. */
async function onDisk(directory: string, jobs: number): Promise<string> {
  const store = await openStore(directory, 'this machine');
  await adoptMesh(depsFor('ada', store), MESH, GENESIS.block);
  const ledger = await openLedger(depsFor('ada', store));
  await feed(ledger, [GROUND]);
  let log = '';
  for (let i = 0; i < jobs; i += 1) log = (await ledger.append('job', job({ seed: `${i}` }))).log;
  await ledger.close();
  return log;
}

async function nextLog(directory: string, machine = 'this machine', peer?: Ledger): Promise<string> {
  const ledger = await openLedger(depsFor('ada', await openStore(directory, machine)));
  try {
    if (peer !== undefined) await pull(ledger, peer);
    const { log } = await ledger.append('job', job());
    if (peer !== undefined) await pull(peer, ledger);
    return log;
  } finally {
    await ledger.close();
  }
}

t.test('on a real disk: the same one goes on, a copy, another machine and a lost witness do not', async (t) => {
  const home = t.testdir({});
  const directory = join(home, 'ledger');
  const log = await onDisk(directory, 3);
  const { ledger: peer } = await joinPeople('peer');
  const store = await openStore(directory, 'this machine');
  await pull(peer, await openLedger(depsFor('ada', store)));
  await store.close();
  const copy = (name: string): string => {
    cpSync(directory, join(home, name), { recursive: true });
    return join(home, name);
  };
  const bare = copy('bare');
  const copied = copy('copied');
  cpSync(`${directory}.own.json`, `${copied}.own.json`);
  t.equal(await nextLog(directory, 'this machine', peer), log, 'the same disk');
  const moved = copy('moved');
  t.not(await nextLog(copied, 'this machine', peer), log, 'a copy on this machine');
  t.not(await nextLog(bare, 'this machine', peer), log, 'a database without its witness');
  renameSync(`${directory}.own.json`, `${moved}.own.json`);
  t.not(await nextLog(moved, 'another machine', peer), log, 'the disk in another machine');
});

t.test('a flipped byte in the journal loses no entry in silence and forks nothing', async (t) => {
  const directory = join(t.testdir({}), 'ledger');
  const log = await onDisk(directory, 6);
  const { ledger: peer } = await joinPeople('peer');
  const whole = join(directory, '..', 'whole');
  cpSync(directory, whole, { recursive: true });
  const store = await openStore(whole);
  await pull(peer, await openLedger(depsFor('ada', store)));
  await store.close();
  rmSync(whole, { recursive: true });
  const journal = join(directory, readdirSync(directory).find((name) => name.endsWith('.log'))!);
  const bytes = readFileSync(journal);
  bytes[Math.floor(bytes.length * 0.8)]! ^= 1;
  writeFileSync(journal, bytes);
  const ledger = await openLedger(depsFor('ada', await openStore(directory, 'this machine')));
  t.match(ledger.damage.join(), /entries that this machine wrote are missing/);
  const entry = await ledger.append('job', job({ seed: 'after' }));
  t.not(entry.log, log);
  await pull(ledger, peer);
  await pull(peer, ledger);
  t.equal(peer.state().root, ledger.state().root);
  t.equal(ledger.state().jobs.size, 7, 'all that was written before, and what came after');
  t.equal(frozen(peer), 0);
  t.ok((await ledger.verify()).ok);
  await ledger.close();
});

t.test(
  'a database that cannot be opened is copied, repaired, gone on with, and made whole by the others',
  async (t) => {
    for (const [name, harm] of [
      ['no CURRENT', (directory: string) => rmSync(join(directory, 'CURRENT'))],
      [
        'a broken manifest',
        (directory: string) => {
          const manifest = join(directory, readdirSync(directory).find((file) => file.startsWith('MANIFEST'))!);
          writeFileSync(manifest, readFileSync(manifest).subarray(0, 20));
        },
      ],
    ] as const) {
      const home = t.testdir({});
      const directory = join(home, 'ledger');
      const log = await onDisk(directory, 4);
      const { ledger: peer } = await joinPeople('peer');
      await nextLog(directory, 'this machine', peer);
      harm(directory);
      const ledger = await openLedger(depsFor('ada', await openStore(directory, 'this machine')));
      t.match(ledger.damage[0], /had to be repaired, a copy of it as it was lies in .*ledger-damaged-1/, name);
      t.ok(readdirSync(join(home, 'ledger-damaged-1')).length > 0, `${name}: the copy`);
      await pull(ledger, peer);
      await ledger.append('job', job({ seed: 'after' }));
      await pull(peer, ledger);
      t.equal(peer.state().root, ledger.state().root, name);
      t.equal(ledger.state().jobs.size, 6, `${name}: nothing is lost of ${log}`);
      t.equal(frozen(peer), 0, `${name}: and nothing forked`);
      await ledger.close();
    }
  },
);

t.test('a witness that cannot be kept does not keep the entry from being written', async (t) => {
  const { ledger, store } = await joinAsBob();
  store.keepWitness = () => Promise.reject(new Error('no space'));
  const entry = await ledger.append('job', job());
  t.ok(ledger.state().jobs.has(entry.id));
  t.strictSame((await reopen(store)).damage, []);
});

t.test('a role in the mesh is not needed to be written by: the own key may be no member yet', async (t) => {
  const { ledger } = await joinMesh('bob', GENESIS);
  const entry = await ledger.append('admit', admitPlain('cy', 'worker'));
  t.equal(ledger.log(entry.author, entry.log)?.entries.length, 1);
  t.strictSame(ledger.page(entry.author, entry.log, 0), [entry.block]);
  t.equal(fromHex(entry.log).length, 16);
});
