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

const logsOf = async (batches: readonly (readonly Entry[])[]) => {
  const { ledger } = await joinMesh('zoe', GENESIS);
  await feed(ledger, batches);
  return [...ledger.logs()];
};

t.test('the same entries give the same moment, in whatever order they came', async (t) => {
  const arbitrary = arbitraryHistory(30).chain((entries) =>
    fc.tuple(fc.constant(entries), fc.shuffledSubarray([...entries], { minLength: entries.length }), fc.nat()),
  );
  const property = fc.asyncProperty(arbitrary, async ([entries, mixed, pick]) => {
    const [one, two] = [await logsOf([entries]), await logsOf([mixed])];
    const held = one.flatMap((log) => log.entries.slice(0, countOf(log)));
    const named = held[pick % held.length]!;
    const [a, b] = [stateAt(MESH, one, named), stateAt(MESH, two, named)];
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
  const logs = await logsOf([entries]);
  const jobsAt = (entry: Entry): number => stateAt(MESH, logs, entry).state.jobs.size;
  t.strictSame(entries.map(jobsAt), [0, 1, 2, 3]);
  t.equal(stateAt(MESH, logs, entries[3]).state.root, deriveState(MESH, [GENESIS, ...entries]).root);
  t.equal(stateAt(MESH, logs, GENESIS).entries.length, 1);
});

t.test('a clock that was years ahead hides what follows it in its log, and never the mesh', async (t) => {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const bob = scribe(MESH, 'bob');
  const admit = ada('admit', admitPlain('bob', 'member'), 10);
  const far = ada('job', job({ seed: 'far' }), 9e12);
  const after = ada('job', job({ seed: 'after' }), 20);
  const early = bob('job', job({ seed: 'early' }), 0);
  const logs = await logsOf([[admit, far, after, early]]);
  const late = bob('job', job({ seed: 'late' }), 30);
  const all = await logsOf([[admit, far, after, early, late]]);
  t.strictSame([...stateAt(MESH, all, late).state.jobs.keys()], [early.id, late.id], 'after stands on far');
  t.equal(stateAt(MESH, all, after).state.jobs.has(far.id), true, 'the log of the named entry is whole below it');
  t.equal(stateAt(MESH, logs, early).state.mesh.id, MESH, 'even before its founding');
});
