// The list of a log's heads behaves as a plain array does, whatever is done to it.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { HeadList } from '../../src/ledger/head-list.ts';
import { encodeHeads, HEADS_PER_PAGE, pagesOf } from '../../src/ledger/head-page.ts';
import type { Head } from '../../src/ledger/heads.ts';
import { toHex } from '../../src/protocol/bytes.ts';
import { holds } from '../protocol/support/property.ts';
import { arbitraryHead } from './support/heads.ts';

interface Step {
  what: 'push' | 'append' | 'truncate' | 'copy' | 'reopen';
  /** Heads that are pushed, or how many of those that are there are dropped. */
  many: number;
}

const arbitrarySteps = fc.array(
  fc.record<Step>({
    what: fc.constantFrom('push', 'push', 'append', 'append', 'truncate', 'copy', 'reopen'),
    many: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 3 * HEADS_PER_PAGE })),
  }),
  { maxLength: 12 },
);

/** As a start reads it from the disk. */
function reopened(list: HeadList): HeadList {
  const read = new HeadList();
  for (const page of list.pagesFrom(0)) read.pushPage(page);
  return read;
}

function isLike(list: HeadList, plain: readonly Head[]): boolean {
  const isWanted = (kind: string): boolean => kind === 'result' || kind === 'x';
  const counts: Record<string, number> = {};
  list.countKinds(counts);
  const pages = Array.from({ length: Math.ceil(plain.length / HEADS_PER_PAGE) }, (_, n) =>
    encodeHeads(plain.slice(n * HEADS_PER_PAGE, (n + 1) * HEADS_PER_PAGE)),
  );
  const middle = Math.floor(plain.length / 2);
  return (
    isDeepStrictEqual([...list], plain) &&
    isDeepStrictEqual(list.map(({ id }) => id).length, list.length) &&
    isDeepStrictEqual(list.slice(middle, middle + 70), plain.slice(middle, middle + 70)) &&
    isDeepStrictEqual([list.last, list.at(-1), list.at(plain.length)], [plain.at(-1), undefined, undefined]) &&
    plain.every((head, seq) => isDeepStrictEqual(list.at(seq), head)) &&
    plain.every((head, seq) => list.timeAt(seq) === head.time) &&
    ['', 'a', '0a', plain[0]?.id.slice(0, 7) ?? '', plain.at(-1)?.id ?? '', 'z', '0x'].every((digits) =>
      isDeepStrictEqual(
        [...list.withDigits(digits)],
        plain.flatMap(({ id }, seq) => (id.startsWith(digits) ? [seq] : [])),
      ),
    ) &&
    plain.every((head, seq) => list.pageAt(seq).id(seq % HEADS_PER_PAGE) === head.id) &&
    isDeepStrictEqual(
      [...list.ofKinds(isWanted)],
      plain.flatMap(({ kind }, seq) => (isWanted(kind) ? [seq] : [])),
    ) &&
    Object.values(counts).reduce((sum, count) => sum + count, 0) === plain.length &&
    Object.entries(counts).every(([kind, count]) => plain.filter((head) => head.kind === kind).length === count) &&
    list.findIndex(({ kind }) => kind === 'x') === plain.findIndex(({ kind }) => kind === 'x') &&
    isDeepStrictEqual(list.pagesFrom(0).map(toHex), pages.map(toHex)) &&
    isDeepStrictEqual(list.pagesFrom(1).map(toHex), pages.slice(1).map(toHex))
  );
}

/** The list with the array that it is to be like. */
interface Both {
  list: HeadList;
  plain: Head[];
}

function push({ list, plain }: Both, some: readonly Head[], many: number): void {
  for (let i = 0; i < many; i += 1) {
    const head = { ...some[i % some.length]!, seq: plain.length };
    list.push(head);
    plain.push(head);
  }
}

/** As a batch does, which knows what is stored of the heads. */
function append({ list, plain }: Both, some: readonly Head[], many: number): void {
  const heads = Array.from({ length: many }, (_, i) => ({ ...some[i % some.length]!, seq: plain.length + i }));
  const from = plain.length - (plain.length % HEADS_PER_PAGE);
  const pages = pagesOf([...plain.slice(from), ...heads]);
  list.append(heads, pages);
  plain.push(...heads);
}

/** What there is after a step; after a copy the other one goes on, too, as it was. */
function stepOf({ list, plain }: Both, some: readonly Head[], { what, many }: Step): Both {
  const kept = plain.slice(0, Math.max(0, plain.length - many));
  switch (what) {
    case 'push':
      push({ list, plain }, some, many);
      return { list, plain };
    case 'append':
      append({ list, plain }, some, many);
      return { list, plain };
    case 'truncate':
      list.truncate(kept.length);
      return { list, plain: kept };
    case 'copy':
      return { list: list.copy(kept.length), plain: kept };
    default:
      return { list: reopened(list), plain };
  }
}

t.test('for any steps', async (t) => {
  const arbitrary = fc.array(arbitraryHead, { minLength: 8, maxLength: 8 });
  const property = fc.property(arbitrary, arbitrarySteps, (some, steps) => {
    let both: Both = { list: new HeadList(), plain: [] };
    const copied: Both[] = [];
    for (const step of steps) {
      if (step.what === 'copy') copied.push(both);
      both = stepOf(both, some, step);
      if (!isLike(both.list, both.plain)) return false;
    }
    return copied.every(({ list, plain }) => isLike(list, plain));
  });
  await holds(t, 'as the plain one', property, 60);
});

t.test('a page behind one that is not full is refused', async (t) => {
  const [head] = fc.sample(arbitraryHead, 1);
  const list = HeadList.of([head!]);
  t.throws(() => list.pushPage(encodeHeads([head!])), RangeError);
});
