// A moment of the past is the same on every node that holds the same entries, however they came and whatever clocks say.
import fc from 'fast-check';
import t from 'tap';
import { deriveState } from '../../src/ledger/derive.ts';
import { countOf } from '../../src/ledger/log.ts';
import { stateAt } from '../../src/ledger/moment.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { holds } from '../protocol/support/property.ts';
import { arbitraryHistory, GENESIS, MESH } from './support/history.ts';
import { feed, joinMesh } from './support/ledgers.ts';
import { admitPlain, job, scribe } from './support/people.ts';

const ledgerOf = async (batches: readonly (readonly Entry[])[]) => {
  const { ledger } = await joinMesh('zoe', GENESIS);
  await feed(ledger, batches);
  return ledger;
};

t.test('the same entries give the same moment, in whatever order they came', async (t) => {
  const arbitrary = arbitraryHistory(30).chain((entries) =>
    fc.tuple(fc.constant(entries), fc.shuffledSubarray([...entries], { minLength: entries.length }), fc.nat()),
  );
  const property = fc.asyncProperty(arbitrary, async ([entries, mixed, pick]) => {
    const [one, two] = [await ledgerOf([entries]), await ledgerOf([mixed])];
    const places = [...one.logs()].flatMap((log) => Array.from({ length: countOf(log) }, (_, seq) => ({ log, seq })));
    const { log, seq } = places[pick % places.length]!;
    const named = one.entry(log.author, log.log, seq);
    const [a, b] = [stateAt(one, named), stateAt(two, named)];
    const ids = new Set(a.entries.map(({ id }) => id));
    const isWhole = a.entries.every(({ prev }) => prev === '' || ids.has(prev));
    return a.state.root === b.state.root && isWhole && a.entries.some(({ id }) => id === named.id);
  });
  await holds(t, 'one root; whole beginnings of logs; the named entry among them', property, 60);
});

t.test('what was written later is not in it, and the whole is its own last moment', async (t) => {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const bob = scribe(MESH, 'bob');
  const entries = [
    ada('admit', admitPlain('bob', 'member'), 10),
    ada('job', job({ seed: '1' }), 20),
    bob('job', job({ seed: '2' }), 30),
    ada('job', job({ seed: '3' }), 40),
  ] as const;
  const ledger = await ledgerOf([entries]);
  const jobsAt = (entry: Entry): number => stateAt(ledger, entry).state.jobs.size;
  t.strictSame(entries.map(jobsAt), [0, 1, 2, 3]);
  t.equal(stateAt(ledger, entries[3]).state.root, deriveState(MESH, [GENESIS, ...entries]).root);
  t.equal(stateAt(ledger, GENESIS).entries.length, 1);
});

t.test('a clock that was years ahead hides what follows it in its log, and never the mesh', async (t) => {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const bob = scribe(MESH, 'bob');
  const admit = ada('admit', admitPlain('bob', 'member'), 10);
  const far = ada('job', job({ seed: 'far' }), 9e12);
  const after = ada('job', job({ seed: 'after' }), 20);
  const early = bob('job', job({ seed: 'early' }), 0);
  const ledger = await ledgerOf([[admit, far, after, early]]);
  const late = bob('job', job({ seed: 'late' }), 30);
  const whole = await ledgerOf([[admit, far, after, early, late]]);
  t.strictSame([...stateAt(whole, late).state.jobs.keys()], [early.id, late.id], 'after stands on far');
  t.equal(stateAt(whole, after).state.jobs.has(far.id), true, 'the log of the named entry is whole below it');
  t.equal(stateAt(ledger, early).state.mesh.id, MESH, 'even before its founding');
});
