// The ledger on disk: what every store promises, and what only a disk can do wrong.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Level } from 'level';
import t, { type Test } from 'tap';
import { foundMesh } from '../../src/ledger/found.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { openStore, type Store } from '../../src/ledger/store.ts';
import { toHex } from '../../src/protocol/bytes.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { depsFor } from './support/disk.ts';
import { GENESIS, MESH } from './support/history.ts';
import { feed } from './support/ledgers.ts';
import { createMemoryStore } from './support/memory-store.ts';
import { admitPlain, hash, job, keyOf, logId, scribe } from './support/people.ts';

async function blocksOf(store: Store): Promise<string[]> {
  const blocks: string[] = [];
  for await (const block of store.blocks()) blocks.push(toHex(block));
  return blocks;
}

function testContract(name: string, open: (t: Test) => Promise<Store>): void {
  t.test(`${name}: the contract of a store`, async (t) => {
    const store = await open(t);
    t.equal(await store.meta('mesh'), undefined, 'empty');
    t.strictSame(await blocksOf(store), []);
    const bob = scribe(MESH, 'bob');
    const log = Array.from({ length: 300 }, (_, i) => bob('note', i));
    const other = scribe(MESH, 'bob', '1', log[1])('note', 'other');
    const meta = { mesh: hash('mesh'), own: logId('own') };
    await store.write({ entries: [...log.slice(256), ...log.slice(0, 256)], meta }, { sync: true });
    const elsewhere = scribe(MESH, 'bob', '2')('note', 1);
    const twin = scribe(MESH, 'bob', '2')('note', 2);
    await store.write(
      {
        forks: [
          [log[2]!, other],
          [elsewhere, twin],
        ],
      },
      { sync: false },
    );
    await store.write({ forks: [[log[1]!, other]] }, { sync: false });
    t.strictSame(new Uint8Array((await store.meta('mesh'))!), hash('mesh'));
    t.strictSame(new Uint8Array((await store.meta('own'))!), logId('own'));
    t.strictSame(
      await blocksOf(store),
      log.map((entry: Entry) => toHex(entry.block)),
      'in order of seq, not of text',
    );
    const forks: string[][] = [];
    for await (const pair of store.forks()) forks.push(pair.map((block) => toHex(block)));
    t.strictSame(
      new Set(forks.map(String)),
      new Set([
        String([toHex(log[1]!.block), toHex(other.block)]),
        String([elsewhere, twin].map(({ block }) => toHex(block))),
      ]),
      'one for each log, the last that was written',
    );
    t.equal(await store.witness(), undefined, 'nothing kept yet');
    await store.keepWitness({ log: 'ab', count: 1, head: 'cd' });
    await store.keepWitness({ log: 'ab', count: 2, head: 'ef' });
    t.strictSame(await store.witness(), { log: 'ab', count: 2, head: 'ef' });
    const [held] = log;
    await store.write({ dropped: [{ author: held!.author, log: held!.log }] }, { sync: false });
    t.strictSame(await blocksOf(store), [], 'a dropped log is gone');
    let left = 0;
    for await (const _ of store.forks()) left += 1;
    t.equal(left, 1, 'with its fork, and no other');
    await store.close();
  });
}

testContract('memory', async () => createMemoryStore());
testContract('level', (t) => openStore(join(t.testdir({}), 'ledger')));

t.test('what is to be synced is synced', async (t) => {
  const synced: unknown[] = [];
  class Recorder {
    open = async () => undefined;
    get = async () => Uint8Array.of(1);
    batch = async (operations: unknown[], options: { sync: boolean }) => synced.push([operations.length, options.sync]);
  }
  const { openStore: open } = await t.mockImport<typeof import('../../src/ledger/store.ts')>(
    '../../src/ledger/store.ts',
    { level: { Level: Recorder } },
  );
  const store = await open('nowhere');
  await store.write({ entries: [GENESIS], meta: { mesh: hash('m'), own: logId('o') } }, { sync: true });
  await store.write({ entries: [GENESIS] }, { sync: false });
  t.strictSame(synced, [
    [3, true],
    [1, false],
  ]);
});

t.test('a batch is written whole or not at all', async (t) => {
  const directory = join(t.testdir({}), 'ledger');
  const store = await openStore(directory);
  const entry = scribe(MESH, 'bob')('note', 1);
  const broken = { ...entry, seq: 1, block: null as never };
  await t.rejects(store.write({ entries: [entry, broken] }, { sync: true }), { code: 'ledger_io' });
  t.strictSame(await blocksOf(store), []);
  await store.close();
});

t.test('a second opener is told who has it, and the first goes on', async (t) => {
  const directory = join(t.testdir({}), 'ledger');
  const store = await openStore(directory);
  await t.rejects(openStore(directory), {
    name: 'LedgerStoreError',
    code: 'ledger_locked',
    message: /another stratmesh/,
  });
  await store.write({ entries: [GENESIS] }, { sync: true });
  t.equal((await blocksOf(store)).length, 1);
  await store.close();
  await (await openStore(directory)).close();
});

t.test('a newer layout is refused and left alone', async (t) => {
  const directory = join(t.testdir({}), 'ledger');
  await (await openStore(directory)).close();
  const db = new Level<string, Uint8Array>(directory, { valueEncoding: 'view' });
  await db.put('schema', Uint8Array.of(4));
  await db.close();
  await t.rejects(openStore(directory), { code: 'ledger_newer' });
  await t.rejects(openStore(directory), { code: 'ledger_newer' }, 'and it is not left locked');
});

t.test('a directory that cannot be a ledger is named', async (t) => {
  const directory = t.testdir({ ledger: 'a file' });
  await t.rejects(openStore(join(directory, 'ledger')), { code: 'ledger_damaged', message: /nothing was deleted/ });
  t.equal(readFileSync(join(directory, 'ledger'), 'utf8'), 'a file');
  t.strictSame(readdirSync(directory), ['ledger'], 'and nothing is left beside it');
});

t.test('a restart keeps everything: entries, forks, root and the own log', async (t) => {
  const directory = join(t.testdir({}), 'ledger');
  const first = await openStore(directory);
  await foundMesh(depsFor('ada', first), { name: 'home', firstName: 'desk', root: keyOf('root') });
  const ledger = await openLedger(depsFor('ada', first));
  const own = await ledger.append('job', job());
  await ledger.append('admit', admitPlain('bob', 'member'));
  const bob = scribe(ledger.meshId, 'bob');
  const below = bob('note', 1);
  const twin = scribe(ledger.meshId, 'bob', '1', below)('note', 'twin');
  await feed(ledger, [[below, bob('note', 2), bob('note', 3), twin]]);
  const before = { root: ledger.state().root, frontier: ledger.frontier() };
  await ledger.close();
  const again = await openLedger(depsFor('ada', await openStore(directory)));
  t.strictSame({ root: again.state().root, frontier: again.frontier() }, before);
  t.equal(again.forkProof(below.author, below.log).length, 2);
  t.match(await again.verify(), { ok: true, entries: 6 });
  t.equal(again.log(own.author, own.log)?.entries.at(1)?.id, own.id);
  await again.close();
});

t.test('a byte flipped in the files of the database does not pass for truth', async (t) => {
  const directory = join(t.testdir({}), 'ledger');
  const store = await openStore(directory);
  await foundMesh(depsFor('ada', store), { name: 'home', firstName: 'desk', root: keyOf('root') });
  const ledger = await openLedger(depsFor('ada', store));
  for (let i = 0; i < 30; i += 1) await ledger.append('job', job({ seed: `${i}` }));
  const { root } = ledger.state();
  await ledger.close();
  // Opening once more moves the entries from the journal into a table.
  await (await openStore(directory)).close();
  const table = readdirSync(directory).find((name) => name.endsWith('.ldb'));
  t.ok(table !== undefined, 'there is a table');
  const file = join(directory, table!);
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(file, bytes);
  const outcome = await openStore(directory)
    .then(async (opened) => {
      try {
        const again = await openLedger(depsFor('ada', opened));
        // What is only there to start faster is made again.
        if (again.state().root === root && (await again.verify()).ok) return 'found';
        return (await again.verify()).ok ? 'passed' : 'found';
      } finally {
        await opened.close();
      }
    })
    .catch((error: Error) => `refused: ${error.name}`);
  t.match(outcome, /^(found|refused)/, outcome);
});

/** Resolves when the child has acknowledged `count` entries; rejects when it ends before. */
async function acknowledged(child: ChildProcess, count: number): Promise<string[]> {
  let text = '';
  const ids = (): string[] => text.split('\n').slice(0, -1);
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (ids().length >= count) child.kill('SIGKILL');
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (signal !== 'SIGKILL') throw new Error(`the child ended by itself: ${code}`);
  return ids();
}

t.test('I4: what was acknowledged before kill -9 is there afterwards, and the chain is whole', async (t) => {
  const directory = join(t.testdir({}), 'ledger');
  const script = fileURLToPath(new URL('support/append-child.ts', import.meta.url));
  const all: string[] = [];
  // Twice in the same directory: the second one starts on what the first one left.
  for (const count of [40, 97]) {
    const child = spawn(process.execPath, [...process.execArgv, script, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    all.push(...(await acknowledged(child, count)));
  }
  t.ok(existsSync(directory));
  const ledger = await openLedger(depsFor('ada', await openStore(directory)));
  const jobs = ledger.state().jobs;
  t.strictSame(
    all.filter((id) => !jobs.has(id)),
    [],
    `all of ${all.length}`,
  );
  t.ok(all.length >= 137);
  t.ok((await ledger.verify()).ok);
  t.equal([...ledger.logs()].length, 1, 'one log');
  await ledger.close();
});
