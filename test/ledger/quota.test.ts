// L4, I9: what one member, or any number of strangers, can make the others keep.
import t from 'tap';
import { openLedger } from '../../src/ledger/ledger.ts';
import { judgeEntry } from '../../src/ledger/log.ts';
import { compareText } from '../../src/protocol/bytes.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { ENTRIES_PER_LOG_MAX, LOGS_PER_AUTHOR_MAX } from '../../src/protocol/limits.ts';
import { MESH } from './support/history.ts';
import { feed, joinPeople } from './support/ledgers.ts';
import { scribe } from './support/people.ts';

const blocks = (entries: readonly Entry[]): Uint8Array[] => entries.map((entry) => entry.block);
const EXTRA = 5;

/** One more log of bob than may be, by log id, each with two entries. */
const logs = Array.from({ length: LOGS_PER_AUTHOR_MAX + EXTRA }, (_, i) => {
  const bob = scribe(MESH, 'bob', `log ${i}`);
  return [bob('note', i), bob('note', -i)] as [Entry, Entry];
}).sort(([a], [b]) => compareText(a.log, b.log));

t.test('of too many logs of an author the ones with the smallest ids count, in whatever order they came', async (t) => {
  const kept = logs.slice(0, LOGS_PER_AUTHOR_MAX).map(([entry]) => entry.log);
  const digests = new Set<string>();
  for (const order of [logs, [...logs].reverse()]) {
    const { ledger, deps } = await joinPeople('zoe');
    await feed(
      ledger,
      order.map((log) => log),
    );
    const held = [...ledger.logs()].filter(({ author }) => author === logs[0]![0].author);
    t.strictSame(
      held.map((log) => log.log),
      kept,
    );
    t.ok(held.every(({ entries }) => entries.length === 2));
    digests.add(ledger.state().root);
    t.equal(ledger.size(), 3 + 2 * LOGS_PER_AUTHOR_MAX);
    t.ok((await ledger.verify()).ok, 'and nothing else is on the disk');
    t.equal((await openLedger(deps)).state().root, ledger.state().root);
  }
  t.equal(digests.size, 1);
});

t.test('within one batch, too', async (t) => {
  const { ledger } = await joinPeople('zoe');
  const answers = await ledger.ingest(blocks([...logs].reverse().map(([entry]) => entry)));
  t.equal(answers.filter((answer) => answer === 'stored').length, logs.length);
  t.equal([...ledger.logs()].length, LOGS_PER_AUTHOR_MAX + 2);
  t.strictSame(await ledger.ingest(blocks(logs.at(-1)!)), ['quota', 'gap']);
  t.ok((await ledger.verify()).ok);
});

t.test('a log that is full takes no more', async (t) => {
  const entry = { ...logs[0]![0], seq: ENTRIES_PER_LOG_MAX };
  t.equal(judgeEntry(undefined, entry).verdict, 'quota');
  t.equal(judgeEntry(undefined, { ...entry, seq: ENTRIES_PER_LOG_MAX - 1 }).verdict, 'gap');
});

t.test('strangers are not kept at all, however many they are', async (t) => {
  const { ledger, deps } = await joinPeople('zoe');
  const before = deps.store.values.size;
  const flood = Array.from({ length: 300 }, (_, i) => scribe(MESH, `stranger ${i % 100}`, `${i}`)('note', i));
  const answers = await ledger.ingest(blocks(flood));
  t.ok(answers.every((answer) => answer === 'stranger'));
  t.equal(deps.store.values.size, before);
});
