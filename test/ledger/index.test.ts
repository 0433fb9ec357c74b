// The index beside the blocks: what it spares a start, that nothing rests on it, and databases from before there was one.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { Level } from 'level';
import t from 'tap';
import { deriveState } from '../../src/ledger/derive.ts';
import { encodeHeads, HEADS_PER_PAGE, HeadPage } from '../../src/ledger/head-page.ts';
import { headOf } from '../../src/ledger/heads.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { openStore } from '../../src/ledger/store.ts';
import { decode, encode, fromHex } from '../../src/protocol/bytes.ts';
import { decodeEntry, type Entry, signEntry } from '../../src/protocol/entry.ts';
import { holds } from '../protocol/support/property.ts';
import { depsFor } from './support/disk.ts';
import { arbitraryHead } from './support/heads.ts';
import { MESH } from './support/history.ts';
import { entriesIn, feed, joinPeople } from './support/ledgers.ts';
import { job, person, result, scribe } from './support/people.ts';

/** Made by the last version that wrote layout 1, and what it said of it. */
const OLD = fileURLToPath(new URL('../fixtures/ledger-layout-1', import.meta.url));
const OLD_ROOT = 'c257c9b1f2067c65d414faff8b80cb6d0b535a5d37c70b3a24c5aec66749238e';
const OLD_SIZE = 8;

const arbitraryHeads = fc.array(arbitraryHead, { minLength: 1, maxLength: HEADS_PER_PAGE });

t.test('a page says what was put on it, and a byte that changed does not pass', async (t) => {
  const property = fc.property(arbitraryHeads, fc.nat(), fc.integer({ min: 1, max: 255 }), (heads, at, by) => {
    const page = encodeHeads(heads);
    const same = new HeadPage(page).heads(640);
    const isSame = JSON.stringify(same) === JSON.stringify(heads.map((head, i) => ({ ...head, seq: 640 + i })));
    page[at % page.length]! ^= by;
    try {
      new HeadPage(page);
      return false;
    } catch (error) {
      return isSame && error instanceof RangeError;
    }
  });
  await holds(t, 'there and back', property, 200);
});

const openAt = async (directory: string, onReading?: (blocks: number) => void): Promise<Ledger> =>
  openLedger({ ...depsFor('ada', await openStore(directory)), ...(onReading && { onReading }) });

t.test('a database of layout 1 is read from its blocks once, and has an index from then on', async (t) => {
  const directory = join(t.testdir({}), 'ledger');
  cpSync(OLD, directory, { recursive: true });
  t.equal((await openStore(directory).then(async (store) => [store.isIndexed, await store.close()]))[0], false);
  const ledger = await openAt(directory);
  t.equal(ledger.state().root, OLD_ROOT, 'the same state as before');
  t.equal(ledger.size(), OLD_SIZE);
  t.strictSame((await ledger.verify()).faults, []);
  await ledger.close();
  const store = await openStore(directory);
  t.equal(store.isIndexed, true);
  const again = await openLedger(depsFor('ada', store));
  t.equal(again.state().root, OLD_ROOT);
  t.equal(again.size(), OLD_SIZE);
  await again.append('job', job());
  t.strictSame((await again.verify()).faults, []);
  await again.close();
  const db = new Level<string, Uint8Array>(directory, { valueEncoding: 'view' });
  t.equal((await db.get('schema'))![0], 3, 'which the version before refuses');
  await db.close();
});

/** A ledger on a disk, of two logs of several pages. */
async function fill(directory: string): Promise<{ root: string; size: number }> {
  cpSync(OLD, directory, { recursive: true });
  const ledger = await openAt(directory);
  const work = await ledger.append('job', job({ units: 500 }));
  const bob = scribe(ledger.meshId, 'bob', 'long');
  const votes = Array.from({ length: 190 }, (_, i) => bob('result', result(work.id, i, 'right')));
  await ledger.ingest(votes.map(({ block }) => block));
  for (let i = 0; i < 70; i += 1) await ledger.append('result', result(work.id, i, 'right'));
  const said = { root: ledger.state().root, size: ledger.size() };
  await ledger.close();
  return said;
}

t.test('what the index has lost, or says wrong, is made again from the blocks', async (t) => {
  const home = t.testdir({});
  const whole = join(home, 'whole');
  const said = await fill(whole);
  const harms: Record<string, (db: Level<string, Uint8Array>, pages: string[]) => Promise<void>> = {
    'nothing lost': async () => undefined,
    'a page in the middle': (db, pages) => db.del(pages[1]!),
    'the last page': (db, pages) => db.del(pages.at(-1)!),
    'all of them': (db) => db.clear({ gte: 'v/', lt: 'v0' }),
    'another byte': async (db, pages) => {
      const page = (await db.get(pages[1]!))!;
      page[40]! ^= 1;
      await db.put(pages[1]!, page);
    },
    'the sum': (db) => db.del('state'),
    'a sum of something else': async (db) => {
      const [version, digest, , verified] = decode((await db.get('state'))!, 1 << 20) as unknown[];
      await db.put('state', encode([version, (digest as Uint8Array).map((byte) => byte ^ 1), 'ff', verified]));
    },
    'a later version of the sum': (db) => db.put('state', encode([99, 'in another form'])),
  };
  for (const [name, harm] of Object.entries(harms)) {
    const directory = join(home, name);
    cpSync(whole, directory, { recursive: true });
    const db = new Level<string, Uint8Array>(directory, { valueEncoding: 'view' });
    await harm(db, await db.keys({ gte: 'v/', lt: 'v0' }).all());
    await db.close();
    const ledger = await openAt(directory);
    t.strictSame({ root: ledger.state().root, size: ledger.size() }, said, name);
    t.equal(deriveState(ledger.meshId, entriesIn(ledger)).root, said.root, `${name}: as derived from scratch`);
    t.strictSame(
      ledger.damage.filter((each) => /stored entries/.test(each)),
      [],
      `${name}: nothing is missing`,
    );
    t.strictSame((await ledger.verify()).faults, [], name);
    await ledger.close();
    const again = await openAt(directory);
    t.equal(again.state().root, said.root, `${name}: and then from the index`);
    await again.close();
  }
});

t.test('who waits for the index to be made anew hears how far it has come', async (t) => {
  const directory = join(t.testdir({}), 'ledger');
  const { size } = await fill(directory);
  const heard: number[] = [];
  await (await openAt(directory, (blocks) => heard.push(blocks))).close();
  t.strictSame(heard, [], 'not where the index is there');
  const db = new Level<string, Uint8Array>(directory, { valueEncoding: 'view' });
  await db.put('schema', Uint8Array.of(2));
  await db.close();
  await (await openAt(directory, (blocks) => heard.push(blocks))).close();
  t.ok(size > 256 && size < 512, `${size} entries`);
  t.strictSame(heard, [256]);
});

t.test('an index that says more than the blocks is not believed', async (t) => {
  const { ledger, deps } = await joinPeople('zoe');
  const bob = scribe(MESH, 'bob');
  const log = [0, 1, 2].map((n) => bob('job', job({ seed: String(n) })));
  await feed(ledger, [log]);
  const key = [...deps.store.values.keys()].find((each) => each.startsWith(`v/${log[0]!.author}`))!;
  const more = bob('job', job({ seed: 'more' }));
  deps.store.values.set(key, encodeHeads([...log, more].map(headOf)));
  const again = await openLedger(deps);
  t.equal(again.state().jobs.size, 3);
  t.ok((await again.verify()).ok);
});

function nextChange(ledger: Ledger): Promise<void> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error('nothing changed')), 10_000);
    const stop = ledger.onChange(() => {
      clearTimeout(deadline);
      stop();
      resolve();
    });
  });
}

t.test(
  'of a page the last signature vouches, and one that does not hold ends the log when there is time',
  async (t) => {
    const first = scribe(MESH, 'bob', 'vouched')('job', job({ seed: '0' }));
    const draft = (below: Entry, seed: string) => ({
      ...{ mesh: fromHex(MESH), log: fromHex(first.log), seq: below.seq + 1, prev: fromHex(below.id) },
      ...{ time: 1, kind: 'job', data: job({ seed }) },
    });
    const honest = signEntry(draft(first, '1'), person('bob'));
    const [body] = decode(honest.block, 4096) as [Uint8Array];
    const forged = decodeEntry(encode([body, new Uint8Array(64)]));
    const last = signEntry(draft(forged, '2'), person('bob'));
    const page = [first, forged, last].map(({ block }) => block);
    const { ledger, deps } = await joinPeople('zoe');
    const place = { author: first.author, log: first.log, from: 0, isProof: false };
    t.strictSame(await ledger.take(place, page), ['stored', 'stored', 'stored'], 'its author vouches for it');
    t.equal(ledger.state().jobs.size, 3);
    t.strictSame(await ledger.ingest([honest.block]), ['diverged'], 'and is no half of a fork');
    await nextChange(ledger);
    t.strictSame([...ledger.state().jobs.keys()], [first.id], 'and takes with it what stands upon it');
    t.strictSame((await ledger.verify()).faults, []);
    t.strictSame(await ledger.ingest([forged.block]), ['forged']);
    t.strictSame(await ledger.ingest([honest.block]), ['stored'], 'the honest one may still come');
    const again = await openLedger(deps);
    t.equal(again.state().root, ledger.state().root);
    const alone = await joinPeople('yan');
    t.strictSame(await alone.ledger.take(place, page.slice(0, 2)), ['stored', 'forged'], 'at the end nothing vouches');
    t.strictSame(await alone.ledger.take({ ...place, from: 5 }, page), ['misplaced']);
  },
);

t.test('what is read of an entry is what was written, and a block that went bad ends its log', async (t) => {
  const { ledger, deps } = await joinPeople('zoe');
  const bob = scribe(MESH, 'bob');
  const log = [0, 1, 2].map((n) => bob('job', job({ seed: String(n) })));
  await feed(ledger, [log]);
  for (const entry of log) t.strictSame(ledger.entry(entry.author, entry.log, entry.seq).block, entry.block);
  const again = await openLedger(deps);
  const key = [...deps.store.values.keys()].find((each) =>
    each.startsWith(`e/${log[1]!.author}/${log[1]!.log}/00000001`),
  )!;
  const bad = Uint8Array.from(deps.store.values.get(key)!);
  bad[50]! ^= 1;
  deps.store.values.set(key, bad);
  t.strictSame(again.page(log[0]!.author, log[0]!.log, 0), [log[0]!.block], 'a peer gets what is whole');
  await nextChange(again);
  t.equal(again.state().jobs.size, 1);
  await feed(again, [log]);
  t.equal(again.state().root, ledger.state().root, 'and it comes back from the others');
  t.ok((await again.verify()).ok);
});
