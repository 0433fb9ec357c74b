// L1 to L3: what an entry means for a log.
import t from 'tap';
import { HeadList } from '../../src/ledger/head-list.ts';
import { headOf } from '../../src/ledger/heads.ts';
import { forkOf, freeze, type Judgement, judgeEntry, type Log, soFar } from '../../src/ledger/log.ts';
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
  entries: HeadList.of(entries.map(headOf)),
  fork: undefined,
});

const judge = (log: Log, entry: Entry): Judgement => judgeEntry(soFar(log), entry);

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
  for (const [name, entry, verdict] of cases) t.equal(judge(log, entry).verdict, verdict, name);
  t.equal(judgeEntry(undefined, main[0]!).verdict, 'append', 'a log starts');
  t.equal(judgeEntry(undefined, main[1]!).verdict, 'gap', 'not in the middle');
});

t.test('a fork freezes at the lowest forked place, whichever is found first (L2)', async (t) => {
  const forks = [beside(4), beside(2), beside(3)];
  for (const order of [forks, [...forks].reverse(), [forks[1]!, forks[0]!, forks[2]!]]) {
    const log = logOf(main);
    for (const entry of order) {
      if (judge(log, entry).verdict === 'fork') freeze(log, forkOf(main[entry.seq]!, entry));
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
  t.equal(judge(logOf(main), other).verdict, 'fork');
  t.equal(judge(logOf([main[0]!, main[1]!, other]), main[2]!).verdict, 'fork');
  t.strictSame(forkOf(main[2]!, other), forkOf(other, main[2]!));
});

t.test('a frozen log takes nothing at or above its fork, and a lower fork still', async (t) => {
  const log = logOf(main);
  const other = beside(3);
  freeze(log, forkOf(main[3]!, other));
  t.equal(judge(log, other).verdict, 'duplicate', 'the proof is known');
  t.equal(judge(log, main[3]!).verdict, 'duplicate', 'both halves of it');
  t.equal(judge(log, beside(3, 'third')).verdict, 'frozen', 'a third at the place');
  t.equal(judge(log, main[4]!).verdict, 'frozen', 'above');
  t.equal(judge(log, chain(1, 'x', main[5])[0]!).verdict, 'frozen', 'far above');
  t.equal(judge(log, main[1]!).verdict, 'duplicate', 'below is held');
  t.equal(judge(log, beside(1)).verdict, 'fork', 'lower');
});

t.test('the genesis entry cannot be forked away (L3)', async (t) => {
  const log = logOf([GENESIS]);
  const other = write(MESH, 'ada', '0', undefined, { kind: 'note', data: 1 });
  t.equal(other.log, Buffer.from(logId('ada/0')).toString('hex'), 'it stands at the same place');
  t.equal(judge(log, other).verdict, 'frozen');
});
