// I2: the state that is kept up to date is the one that is derived from scratch, after every single step.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { deriveState, type State } from '../../src/ledger/derive.ts';
import { headOf } from '../../src/ledger/heads.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { LiveState, type Source } from '../../src/ledger/live-state.ts';
import type { Vote } from '../../src/ledger/verdict.ts';
import { compareText } from '../../src/protocol/bytes.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { holds } from '../protocol/support/property.ts';
import { arbitraryHistory, countingOf, GENESIS, MESH } from './support/history.ts';
import { entriesIn, joinMesh } from './support/ledgers.ts';
import { admitPlain, job, result, scribe } from './support/people.ts';

const plain = ({ entry, author, time, answer, result }: Vote) => ({ entry, author, time, answer, result });

/** All that a state says, in an order of its own. */
function said(state: State): unknown {
  const byKey = <T>(map: ReadonlyMap<string, T>): [string, T][] => [...map].sort((a, b) => compareText(a[0], b[0]));
  const units = byKey(state.units).map(([id, unit]) => {
    const votes = unit.votes.map(plain).sort((a, b) => compareText(a.entry, b.entry));
    const { leader, ...verdict } = unit.verdict;
    return { id, job: unit.job, index: unit.index, verdict, leader: leader && plain(leader), votes };
  });
  return {
    ...{ mesh: state.mesh, root: state.root, units },
    members: byKey(state.members),
    invites: byKey(state.invites),
    // In the order in which they are shown.
    jobs: [...state.jobs.values()],
    refused: byKey(state.refused),
  };
}

function isAsDerived(ledger: Ledger): boolean {
  return isDeepStrictEqual(said(ledger.state()), said(deriveState(MESH, entriesIn(ledger))));
}

/** Entries without the logs that they stand in. */
function sourceOf(held: readonly Entry[]): Source {
  return {
    *logs() {
      for (const entry of held) yield { author: entry.author, log: entry.log, entries: [headOf(entry)] };
    },
    read: (author, log, seq) => held.find((each) => each.author === author && each.log === log && each.seq === seq)!,
  };
}

const arbitrarySteps = arbitraryHistory(40).chain((entries) =>
  fc.tuple(
    fc.constant(entries),
    fc.shuffledSubarray([...entries, ...entries, ...entries], { minLength: entries.length * 2 }),
    fc.integer({ min: 1, max: 4 }),
  ),
);

t.test('I2: whatever comes in whatever order, it is as if derived from scratch', async (t) => {
  const property = fc.asyncProperty(arbitrarySteps, async ([entries, order, size]) => {
    const { ledger } = await joinMesh('zoe', GENESIS);
    const steps = [...order, ...entries];
    for (let at = 0; at < steps.length; at += size) {
      const answers = await ledger.ingest(steps.slice(at, at + size).map((entry) => entry.block));
      const changed = answers.some((answer) => answer === 'stored' || answer === 'fork');
      if (changed && !isAsDerived(ledger)) return false;
    }
    return true;
  });
  await holds(t, 'the slow reference says the same', property, 60);
});

t.test('I2: any set of entries, counting or not, one by one', async (t) => {
  const arbitrary = arbitraryHistory(40).chain((entries) => {
    const counting = countingOf(entries).filter((entry) => entry !== GENESIS);
    return fc.shuffledSubarray(counting, { minLength: Math.floor(counting.length / 2) });
  });
  const property = fc.property(arbitrary, (entries) => {
    const held: Entry[] = [GENESIS];
    const live = new LiveState(MESH, sourceOf(held));
    return entries.every((entry) => {
      held.push(entry);
      live.add([entry]);
      return isDeepStrictEqual(said(live.state()), said(deriveState(MESH, held)));
    });
  });
  await holds(t, 'also without the entries below them', property, 60);
});

t.test('an entry of work costs what it touches, not what is held', async (t) => {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const work = ada('job', job({ units: 1_000_000 }));
  const held = [GENESIS, work, ada('admit', admitPlain('bob', 'member'))];
  const votes = Array.from({ length: 2500 }, (_, i) => ada('result', result(work.id, i, 'right')));
  let reads = 0;
  const source = sourceOf(held);
  const live = new LiveState(MESH, {
    ...source,
    logs() {
      reads += 1;
      return source.logs();
    },
  });
  const before = reads;
  const costOf = (entries: readonly Entry[]): number => {
    const started = process.cpuUsage();
    for (const entry of entries) {
      live.add([entry]);
      live.state();
    }
    return process.cpuUsage(started).user;
  };
  costOf(votes.slice(0, 500));
  const few = costOf(votes.slice(500, 1000));
  costOf(votes.slice(1000, 2000));
  const many = costOf(votes.slice(2000, 2500));
  t.equal(reads, before, 'nothing is derived anew');
  t.ok(many < 4 * few, `500 of them cost ${few} µs among 1000 and ${many} µs among 2500`);
  live.add([ada('admit', admitPlain('dee', 'member'))]);
  t.equal(reads, before, 'nor when somebody is let in who has said nothing yet');
  live.add([scribe(MESH, 'bob')('result', result(work.id, 0, 'right'))]);
  t.equal(live.state().units.size, 2500);
});
