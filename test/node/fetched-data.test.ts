// The room for what was fetched: what goes first, what stays, and that the owner's files are not part of it.
import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { sampleCandles } from '../../src/engine/sample.ts';
import { openDataStore } from '../../src/node/data-store.ts';
import { FetchedData } from '../../src/node/fetched-data.ts';
import { sha256Hex, utf8 } from '../../src/protocol/bytes.ts';
import { holds } from '../protocol/support/property.ts';

const nameOf = (n: number): string => sha256Hex(utf8(`data set ${n}`));

interface Kept {
  bytes: number;
  /** s since 1970; the owner's have none. */
  usedAt: number | undefined;
  isPart: boolean;
  isNeeded: boolean;
}

const arbitraryKept = fc.array(
  fc.record<Kept>({
    bytes: fc.integer({ min: 1, max: 50 }),
    usedAt: fc.oneof(fc.constant(undefined), fc.integer({ min: 1000, max: 1020 })),
    isPart: fc.boolean(),
    isNeeded: fc.boolean(),
  }),
  { maxLength: 8 },
);

function lay(kept: readonly Kept[], fileOf: (n: number, ending: string) => string): void {
  for (const [n, { bytes, usedAt, isPart }] of kept.entries()) {
    writeFileSync(fileOf(n, isPart ? 'part' : 'candles'), Buffer.alloc(bytes));
    if (isPart || usedAt === undefined) continue;
    writeFileSync(fileOf(n, 'fetched'), '');
    utimesSync(fileOf(n, 'fetched'), usedAt, usedAt);
  }
}

t.test('who makes room, and who stays', async (t) => {
  let runs = 0;
  const property = fc.asyncProperty(arbitraryKept, fc.integer({ min: 0, max: 200 }), async (kept, quotaBytes) => {
    runs += 1;
    const folder = t.testdir({ [`run${runs}`]: {} });
    const data = new FetchedData(join(folder, `run${runs}`));
    const fileOf = (n: number, ending: string): string => join(folder, `run${runs}`, `${nameOf(n)}.${ending}`);
    lay(kept, fileOf);
    const keep = new Set([...kept.keys()].filter((n) => kept[n]!.isNeeded).map(nameOf));
    const gone = await data.makeRoom(nameOf(99), 20, { quotaBytes, keep });
    // By the prose: what counts, what may go, and how much is left.
    const counts = (each: Kept): boolean => each.isPart || each.usedAt !== undefined;
    const left = kept.filter((each, n) => counts(each) && existsSync(fileOf(n, each.isPart ? 'part' : 'candles')));
    const leftBytes = left.reduce((sum, { bytes }) => sum + bytes, 0);
    const neededBytes = kept.reduce((sum, each) => sum + (counts(each) && each.isNeeded ? each.bytes : 0), 0);
    const ownStay = kept.every((each, n) => counts(each) || existsSync(fileOf(n, 'candles')));
    const neededStay = kept.every((each) => !counts(each) || !each.isNeeded || left.includes(each));
    if (!ownStay || !neededStay) return false;
    if (gone === false) return neededBytes + 20 > quotaBytes && left.length === kept.filter(counts).length;
    const age = ({ isPart, usedAt }: Kept): number => (isPart ? 0 : usedAt!);
    const wentAges = kept.filter((each) => counts(each) && !left.includes(each)).map(age);
    const stayAges = left.filter((each) => !each.isNeeded).map(age);
    return leftBytes + 20 <= quotaBytes && Math.max(0, ...wentAges) <= Math.min(Number.POSITIVE_INFINITY, ...stayAges);
  });
  await holds(t, 'the longest unused go first, needed ones and the owner’s never', property, 150);
});

t.test('without anything to keep by, nothing goes', async (t) => {
  const folder = t.testdir();
  const data = new FetchedData(folder);
  await data.mark(nameOf(1));
  writeFileSync(join(folder, `${nameOf(1)}.candles`), Buffer.alloc(50));
  t.equal(await data.makeRoom(nameOf(2), 60, { quotaBytes: 100, keep: undefined }), false);
  t.same(await data.makeRoom(nameOf(2), 50, { quotaBytes: 100, keep: undefined }), []);
  t.same(await data.makeRoom(nameOf(2), 60, { quotaBytes: 100, keep: new Set() }), [nameOf(1)]);
});

t.test('what its owner imports stays, fetched before or not', async (t) => {
  const folder = t.testdir();
  const store = await openDataStore(folder);
  const data = new FetchedData(folder);
  const { hash } = sampleCandles();
  const mark = join(folder, `${hash}.fetched`);
  await data.mark(hash);
  t.ok(existsSync(mark));
  await store.addSample();
  t.notOk(existsSync(mark), 'it is the owner’s now');
  await data.mark(hash);
  t.notOk(existsSync(mark), 'also where it must be fetched again, because it was damaged');
  await store.remove(hash);
  await data.mark(hash);
  await store.remove(hash);
  t.notOk(existsSync(mark));
});
