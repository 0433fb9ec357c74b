// The pages of the list of entries, when many entries carry the same time: no entry is left out, none comes twice.
import fc from 'fast-check';
import t from 'tap';
import { HeadList } from '../../src/ledger/head-list.ts';
import type { Head } from '../../src/ledger/heads.ts';
import { entryPage } from '../../src/node/ledger-views.ts';
import { compareText } from '../../src/protocol/bytes.ts';
import { holds } from '../protocol/support/property.ts';

interface Listed extends Pick<Head, 'id' | 'seq' | 'time'> {
  author: string;
  log: string;
}

type Seen = Parameters<typeof entryPage>[0];

const pad = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');

/** Three logs of two members; `times` of each, an entry each. */
function ledgerOf(times: readonly (readonly number[])[]): { seen: Seen; entries: Listed[] } {
  const entries: Listed[] = [];
  const logs = times.map((ofLog, n) => {
    const [author, log] = [pad(n % 2, 64), pad(n, 32)];
    const heads = ofLog.map((time, seq): Head => {
      // Ids follow neither time nor place.
      const id = pad((7919 * (entries.length + 1)) % 65_521, 4).padEnd(64, '0');
      entries.push({ author, log, id, seq, time });
      return { id, seq, time, kind: 'x', ballot: undefined };
    });
    return { author, log, entries: HeadList.of(heads) };
  });
  const found = new Map(entries.map((entry) => [`${entry.author} ${entry.log} ${entry.seq}`, entry]));
  const ledger = {
    logs: () => logs,
    entry: (author: string, log: string, seq: number) => ({
      ...found.get(`${author} ${log} ${seq}`),
      ...{ kind: 'x', block: new Uint8Array() },
    }),
    state: () => ({ refused: new Map(), members: new Map() }),
  };
  return { seen: { ledger, world: () => undefined } as unknown as Seen, entries };
}

function allPages(seen: Seen, limit: number): string[] {
  const ids: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, next } = entryPage(seen, { limit, cursor });
    ids.push(...items.map(({ id }) => id));
    if (next === null) return ids;
    if (items.length !== limit) throw new Error(`a page of ${items.length} is not the last`);
    cursor = next;
  }
}

t.test('page by page, newest first, at one time the smaller id last', async (t) => {
  const arbitraryTimes = fc.array(fc.array(fc.nat({ max: 2 }), { maxLength: 90 }), { minLength: 1, maxLength: 3 });
  const property = fc.property(arbitraryTimes, fc.integer({ min: 1, max: 7 }), (times, limit) => {
    const { seen, entries } = ledgerOf(times);
    const expected = [...entries].sort((a, b) => b.time - a.time || compareText(b.id, a.id)).map(({ id }) => id);
    const got = allPages(seen, limit);
    return got.length === expected.length && got.every((id, i) => id === expected[i]);
  });
  await holds(t, 'each once', property, 100);
});
