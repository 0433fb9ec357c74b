// L1 to L3: what an entry means for a log.
import t from 'tap';
import { freeze, judgeEntry, type Log } from '../../src/ledger/log.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { GENESIS, MESH } from './support/history.ts';
import { logId, scribe, write } from './support/people.ts';

/** Six entries of bob, and what stands beside or beyond them. */
function chain(n: number, mark: string, start?: Entry): Entry[] {
  const bob = scribe(MESH, 'bob', '1', start);
  return Array.from({ length: n }, (_, i) => bob('note', `${mark}${i}`));
}

const logOf = (entries: readonly Entry[]): Log => ({
  author: entries[0]!.author,
  log: entries[0]!.log,
  entries: [...entries],
  fork: undefined,
});

const main = chain(6, 'main');
const beside = (place: number, mark = 'beside'): Entry => chain(1, mark, main[place - 1])[0]!;

t.test('what an entry means for a log of six', async (t) => {
  const log = logOf(main);
  const cases: [string, Entry, string][] = [
    ['the next', chain(1, 'next', main[5])[0]!, 'append'],
    ['one that is held', main[3]!, 'duplicate'],
    ['one beyond the next', chain(2, 'next', main[5])[1]!, 'gap'],
    ['one on another history, further up', chain(3, 'other', main[1])[2]!, 'diverged'],
    ['the next, on another entry below', chain(2, 'other', main[3])[1]!, 'diverged'],
    ['another at the same place', beside(2), 'fork'],
    ['another first', chain(1, 'other')[0]!, 'fork'],
  ];
  for (const [name, entry, verdict] of cases) t.equal(judgeEntry(log, entry).verdict, verdict, name);
  t.equal(judgeEntry(undefined, main[0]!).verdict, 'append', 'a log starts');
  t.equal(judgeEntry(undefined, main[1]!).verdict, 'gap', 'not in the middle');
});

t.test('a fork freezes at the lowest forked place, whichever is found first (L2)', async (t) => {
  const forks = [beside(4), beside(2), beside(3)];
  for (const order of [forks, [...forks].reverse(), [forks[1]!, forks[0]!, forks[2]!]]) {
    const log = logOf(main);
    for (const entry of order) {
      const judgement = judgeEntry(log, entry);
      if (judgement.verdict === 'fork') freeze(log, judgement.fork);
    }
    t.equal(log.fork?.seq, 2);
    t.strictSame(
      log.entries.map((entry) => entry.id),
      main.slice(0, 2).map((entry) => entry.id),
    );
  }
});

t.test('the proof is the same from both sides', async (t) => {
  const other = beside(2);
  const here = judgeEntry(logOf(main), other);
  const there = judgeEntry(logOf([main[0]!, main[1]!, other]), main[2]!);
  t.strictSame(here, there);
});

t.test('a frozen log takes nothing at or above its fork, and a lower fork still', async (t) => {
  const log = logOf(main);
  const other = beside(3);
  const judgement = judgeEntry(log, other);
  if (judgement.verdict === 'fork') freeze(log, judgement.fork);
  t.equal(judgeEntry(log, other).verdict, 'duplicate', 'the proof is known');
  t.equal(judgeEntry(log, main[3]!).verdict, 'duplicate', 'both halves of it');
  t.equal(judgeEntry(log, beside(3, 'third')).verdict, 'frozen', 'a third at the place');
  t.equal(judgeEntry(log, main[4]!).verdict, 'frozen', 'above');
  t.equal(judgeEntry(log, chain(1, 'x', main[5])[0]!).verdict, 'frozen', 'far above');
  t.equal(judgeEntry(log, main[1]!).verdict, 'duplicate', 'below is held');
  t.equal(judgeEntry(log, beside(1)).verdict, 'fork', 'lower');
});

t.test('the genesis entry cannot be forked away (L3)', async (t) => {
  const log = logOf([GENESIS]);
  const other = write(MESH, 'ada', '0', undefined, { kind: 'note', data: 1 });
  t.equal(other.log, Buffer.from(logId('ada/0')).toString('hex'), 'it stands at the same place');
  t.equal(judgeEntry(log, other).verdict, 'frozen');
});
