// I2: the state that is kept up to date is the one that is derived from scratch, after every single step.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { deriveState, type State } from '../../src/ledger/derive.ts';
import { HeadList } from '../../src/ledger/head-list.ts';
import { encodeHeads, HEADS_PER_PAGE, HeadPage } from '../../src/ledger/head-page.ts';
import { type Head, headOf } from '../../src/ledger/heads.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { LiveState, type Source } from '../../src/ledger/live-state.ts';
import type { Vote } from '../../src/ledger/verdict.ts';
import { compareText } from '../../src/protocol/bytes.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { holds } from '../protocol/support/property.ts';
import { arbitraryHistory, countingOf, GENESIS, MESH } from './support/history.ts';
import { entriesIn, feed, joinMesh, joinPeople } from './support/ledgers.ts';
import { admitPlain, hexOf, job, keyOf, result, scribe } from './support/people.ts';

const plain = ({ entry, author, time, answer, result }: Vote) => ({ entry, author, time, answer, result });

/** All that a state says, in an order of its own. */
function said(state: State): unknown {
  const byKey = <T>(map: ReadonlyMap<string, T>): [string, T][] => [...map].sort((a, b) => compareText(a[0], b[0]));
  const units = [...state.units]
    .sort((a, b) => compareText(a.id, b.id))
    .map((unit) => {
      const votes = unit.votes.map(plain).sort((a, b) => compareText(a.entry, b.entry));
      const { leader, ...verdict } = unit.verdict;
      return { id: unit.id, job: unit.job, index: unit.index, verdict, leader: leader && plain(leader), votes };
    });
  const ofJobs = [...state.jobs].map(([id, { job }]) => {
    const known = state.units.of(id);
    const states = Array.from({ length: job.units }, (_, index) => known.stateAt(index));
    return [id, known.tally, states, [...known].map(({ index }) => index)];
  });
  const found = units.map(({ id, job, index }) => [state.units.get(id)?.id, state.units.of(job).at(index)?.id]);
  return {
    ...{ mesh: state.mesh, root: state.root, units, ofJobs, found },
    ...{ size: state.units.size, voices: byKey(state.units.voices) },
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

/** As when a node starts that knows the sum of the facts: then what all agree on is not judged one by one. */
function isAsOpened(ledger: Ledger): boolean {
  const log = (author: string, id: string) => ledger.log(author, id)!;
  const live = new LiveState(MESH, { logs: () => ledger.logs(), log, read: ledger.entry.bind(ledger) }, 0n);
  const { root } = ledger.state();
  return isDeepStrictEqual(said({ ...live.state(), root }), said(ledger.state()));
}

/** One entry at its place, with nothing below it. */
class Alone extends HeadList {
  readonly #head: Head;
  readonly #page: HeadPage;

  constructor(entry: Entry) {
    super();
    this.#head = headOf(entry);
    this.#page = new HeadPage(encodeHeads(Array.from({ length: HEADS_PER_PAGE }, () => this.#head)));
  }

  override at(seq: number): Head | undefined {
    return seq === this.#head.seq ? this.#head : undefined;
  }

  override pageAt(): HeadPage {
    return this.#page;
  }

  override *ofKinds(isWanted: (kind: string) => boolean): Generator<number> {
    if (isWanted(this.#head.kind)) yield this.#head.seq;
  }
}

/** Entries without the logs that they stand in. */
function sourceOf(held: readonly Entry[]): Source {
  const alone = (entry: Entry) => ({ author: entry.author, log: entry.log, entries: new Alone(entry) });
  return {
    *logs() {
      for (const entry of held) yield alone(entry);
    },
    log: (author, log) => alone(held.findLast((each) => each.author === author && each.log === log)!),
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
    return isAsOpened(ledger);
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

t.test('a start sees that votes of one lineage count once', async (t) => {
  const { ledger } = await joinPeople('zoe');
  const work = scribe(MESH, 'ada', '1')('job', job({ units: 1 }));
  const bob = scribe(MESH, 'bob')('result', result(work.id, 0, 'right'));
  const cy = scribe(MESH, 'cy')('result', result(work.id, 0, 'right', { lineage: [keyOf('bob')] }));
  await feed(ledger, [[work], [bob], [cy]]);
  t.equal(ledger.state().units.of(work.id).stateAt(0), 'provisional');
  t.ok(isAsOpened(ledger));
});

t.test('an entry of work costs what it touches, not what is held', async (t) => {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const work = ada('job', job({ units: 1_000_000 }));
  const held = [GENESIS, work, ada('admit', admitPlain('bob', 'member'))];
  const votes = Array.from({ length: 2500 }, (_, i) => ada('result', result(work.id, i, 'right')));
  let reads = 0;
  const own = { author: GENESIS.author, log: GENESIS.log, entries: HeadList.of(held.map(headOf)) };
  const other = { author: hexOf(keyOf('bob')), log: '', entries: new HeadList() };
  const live = new LiveState(MESH, {
    read: (_author, _log, seq) => held[seq]!,
    log: (author) => (author === own.author ? own : other),
    logs() {
      reads += 1;
      return [own, other];
    },
  });
  const add = (entry: Entry): void => {
    (entry.author === own.author ? own : other).entries.push(headOf(entry));
    live.add([entry]);
  };
  const before = reads;
  const costOf = (entries: readonly Entry[]): number => {
    const started = process.cpuUsage();
    for (const entry of entries) {
      add(entry);
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
  add(ada('admit', admitPlain('dee', 'member')));
  t.equal(reads, before, 'nor when somebody is let in who has said nothing yet');
  add(scribe(MESH, 'bob')('result', result(work.id, 0, 'right')));
  t.equal(live.state().units.size, 2500);
});
