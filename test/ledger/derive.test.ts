// I1: the same set of entries gives the same state and the same root, whatever way it came in.
import fc from 'fast-check';
import t from 'tap';
import { deriveState } from '../../src/ledger/derive.ts';
import { compareText } from '../../src/protocol/bytes.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { holds } from '../protocol/support/property.ts';
import { arbitraryHistory, countingOf, FOUNDER, GENESIS, MESH } from './support/history.ts';
import { feed, joinMesh } from './support/ledgers.ts';
import { admitPlain, genesisBy, hash, hexOf, job, keyOf, result, scribe, write } from './support/people.ts';

const rootOf = (entries: readonly Entry[]): string => deriveState(MESH, entries).root;

/** The same entries in another order, some of them twice. */
const arbitraryMix = (entries: readonly Entry[]): fc.Arbitrary<Entry[]> =>
  fc
    .shuffledSubarray([...entries, ...entries], { minLength: entries.length })
    .map((mixed) => [...mixed, ...entries.filter((entry) => !mixed.includes(entry))]);

const arbitraryTwice = arbitraryHistory(40).chain((entries) =>
  fc.tuple(fc.constant(entries), arbitraryMix(entries), fc.integer({ min: 1, max: 9 })),
);

t.test('I1: deriveState does not depend on order or duplication', async (t) => {
  const property = fc.property(arbitraryTwice, ([entries, mixed]) => {
    const counting = countingOf(entries);
    const again = mixed.filter((entry) => counting.includes(entry));
    return rootOf(counting) === rootOf(again);
  });
  await holds(t, 'one root', property, 80);
});

t.test('I1: a ledger that is given the set in any order, duplication and batching derives the same', async (t) => {
  const property = fc.asyncProperty(arbitraryTwice, async ([entries, mixed, size]) => {
    const { ledger } = await joinMesh('zoe', GENESIS);
    const batches: Entry[][] = [];
    for (let at = 0; at < mixed.length; at += size) batches.push(mixed.slice(at, at + size));
    await feed(ledger, batches);
    const verified = await ledger.verify();
    return ledger.state().root === rootOf(countingOf(entries)) && verified.ok;
  });
  await holds(t, 'the root of the slow reference', property, 60);
});

t.test('another set gives another root', async (t) => {
  const arbitrary = arbitraryHistory(30).chain((entries) => {
    const { members } = deriveState(MESH, countingOf(entries));
    const counting = countingOf(entries).filter(
      ({ author, kind }) => members.has(author) && kind !== 'control' && kind !== 'genesis',
    );
    return fc.tuple(fc.constant(entries), counting.length === 0 ? fc.constant(GENESIS) : fc.constantFrom(...counting));
  });
  const property = fc.property(arbitrary, ([entries, left]) => {
    const counting = countingOf(entries);
    return left === GENESIS || rootOf(counting) !== rootOf(counting.filter((entry) => entry !== left));
  });
  await holds(t, 'without one entry', property, 80);
});

/** Whether something counts that stands above a fork. */
function isForkOverruled(entries: readonly Entry[]): boolean {
  const below = new Map<string, number>();
  for (const { author, log, prev } of entries) {
    const place = `${author}/${log}/${prev}`;
    below.set(place, (below.get(place) ?? 0) + 1);
  }
  return countingOf(entries).some(({ author, log, prev }) => (below.get(`${author}/${log}/${prev}`) ?? 0) > 1);
}

t.test('histories are not trivial', async (t) => {
  const histories = fc.sample(arbitraryHistory(40), { numRuns: 150, seed: 7 });
  const states = histories.map((entries) => deriveState(MESH, countingOf(entries)));
  const forked = histories.filter((entries) => countingOf(entries).length < entries.length);
  t.ok(states.filter((state) => state.members.size > 3).length > 20, 'members');
  t.ok(
    states.some((state) => [...state.invites.values()].some((invite) => invite.used.length > 0)),
    'used invites',
  );
  t.ok(
    states.some((state) => state.jobs.size > 1),
    'jobs',
  );
  t.ok(
    states.some((state) => [...state.units.values()].some((unit) => unit.verdict.state === 'validated')),
    'verdicts',
  );
  t.ok(forked.length > 40, 'forks');
  const gone = states.flatMap((state) => [...state.members.values()].map((member) => member.gone?.how));
  t.ok(gone.includes('removed') && gone.includes('left'), 'members that are gone');
  t.ok(states.filter((state) => state.pins.size > 0).length > 40, 'pins');
  t.ok(histories.filter(isForkOverruled).length > 5, 'pins beyond a fork');
  t.strictSame(
    [...new Set(states.flatMap((state) => [...state.refused.values()]))].sort(compareText),
    [
      ...['bad_data', 'no_effect', 'not_a_member', 'other_engine', 'role', 'second_vote', 'skipped_turn'],
      ...['unknown_job', 'unknown_kind'],
    ],
    'every reason but no_such_unit',
  );
});

t.test('what does not count is held with its reason', async (t) => {
  const ada = scribe(MESH, FOUNDER, '0', GENESIS);
  const bob = scribe(MESH, 'bob');
  const eve = scribe(MESH, 'eve');
  const admitBob = ada('admit', admitPlain('bob', 'worker'));
  const jobByAda = ada('job', job());
  const cases: [Entry, string | undefined][] = [
    [admitBob, undefined],
    [jobByAda, undefined],
    [bob('job', job()), 'role'],
    [bob('control', { job: hash('x'), action: 'stop', turn: 1 }), 'role'],
    [bob('invite', { key: keyOf('t'), role: 'worker', uses: 1, expires: 1, proof: new Uint8Array(64) }), 'role'],
    [bob('admit', admitPlain('eve', 'worker')), 'role'],
    [bob('result', result(jobByAda.id, 0, 'right')), undefined],
    [bob('result', result(jobByAda.id, 0, 'right')), 'second_vote'],
    [bob('result', result(jobByAda.id, 4, 'right')), 'no_such_unit'],
    [bob('result', result(admitBob.id, 0, 'right')), 'unknown_job'],
    [bob('result', result(jobByAda.id, 1, 'right', { fingerprint: hash('other') })), 'other_engine'],
    [bob('result', { ...result(jobByAda.id, 1, 'right'), extra: 1 }), 'bad_data'],
    [bob('constructor', 1), 'unknown_kind'],
    [eve('result', result(jobByAda.id, 1, 'right')), 'not_a_member'],
    [eve('job', job()), 'not_a_member'],
    [eve('constructor', 1), 'not_a_member'],
    [eve('admit', admitPlain('eve', 'admin')), 'not_a_member'],
    [ada('admit', admitPlain('bob', 'admin')), 'no_effect'],
    [ada('control', { job: hash('x'), action: 'stop', turn: 1 }), 'unknown_job'],
    [ada('job', job({ validation: { mode: 'replicate', replicas: 2, quorum: 5, most: 4 } })), 'bad_data'],
  ];
  const state = deriveState(MESH, [GENESIS, ...cases.map(([entry]) => entry)]);
  for (const [entry, reason] of cases) t.equal(state.refused.get(entry.id), reason, `${entry.kind}: ${reason}`);
  t.equal(state.units.size, 1);
});

t.test('a member cannot take back a vote by a later entry (V1)', async (t) => {
  const ada = scribe(MESH, FOUNDER, '0', GENESIS);
  const admitBob = ada('admit', admitPlain('bob', 'worker'));
  const entry = ada('job', job());
  const said = ada('result', result(entry.id, 0, 'right'));
  const bob = scribe(MESH, 'bob');
  const first = bob('result', result(entry.id, 0, 'right'));
  // Of many later attempts some have a smaller entry id than the first.
  const later = Array.from({ length: 12 }, (_, i) => bob('result', result(entry.id, 0, 'wrong', { ms: i })));
  t.ok(
    later.some((attempt) => attempt.id < first.id),
    'the case is worth trying',
  );
  const state = deriveState(MESH, [GENESIS, admitBob, entry, said, first, ...later]);
  const [unit] = state.units.values();
  t.equal(unit?.verdict.state, 'validated');
  t.strictSame(new Set(unit?.verdict.agreeing), new Set([said.id, first.id]));
});

t.test('the root tells which vote stands against the answer in front', async (t) => {
  const ada = scribe(MESH, FOUNDER, '0', GENESIS);
  const ground = [ada('admit', admitPlain('bob', 'worker')), ada('job', job())];
  const jobId = ground[1]!.id;
  const votes = Array.from({ length: 6 }, (_, i) => scribe(MESH, 'bob')('result', result(jobId, 0, `answer ${i}`)));
  const fronts = Array.from({ length: 9 }, (_, i) =>
    scribe(MESH, FOUNDER, `${i + 1}`)('result', result(jobId, 0, 'right')),
  );
  const front = [...fronts].sort((a, b) => compareText(a.id, b.id))[0]!;
  const behind = votes.filter((vote) => vote.id > front.id);
  t.ok(behind.length > 1, 'the case is worth trying');
  const roots = behind.map((vote) => rootOf([GENESIS, ...ground, front, vote]));
  t.equal(new Set(roots).size, behind.length);
});

t.test('controls: the highest turn counts, ties by entry id, whoever wrote first', async (t) => {
  const ada = scribe(MESH, FOUNDER, '0', GENESIS);
  const admitBob = ada('admit', admitPlain('bob', 'member'));
  const jobByAda = ada('job', job());
  const jobId = new Uint8Array(Buffer.from(jobByAda.id, 'hex'));
  const far = ada('control', { job: jobId, action: 'stop', turn: Number.MAX_SAFE_INTEGER });
  const one = ada('control', { job: jobId, action: 'pause', turn: 2 });
  const two = ada('control', { job: jobId, action: 'resume', turn: 2 });
  const low = ada('control', { job: jobId, action: 'stop', turn: 1 });
  const foreign = scribe(MESH, 'bob')('control', { job: jobId, action: 'stop', turn: 9 });
  const state = deriveState(MESH, [low, foreign, far, two, one, jobByAda, admitBob, GENESIS]);
  t.equal(state.refused.get(far.id), 'skipped_turn', 'nobody takes a turn out of reach of the others (C1)');
  t.equal(state.refused.get(foreign.id), 'role', 'a member steers its own jobs only');
  t.equal(state.jobs.get(jobByAda.id)?.action, one.id > two.id ? 'pause' : 'resume');
  t.equal(state.jobs.get(jobByAda.id)?.turn, 2);
});

t.test('clocks are for people: a time far in the future orders the list and nothing else', async (t) => {
  const ada = scribe(MESH, FOUNDER, '0', GENESIS);
  const times = [Number.MAX_SAFE_INTEGER, 5, 4, 3, 2, 0];
  const jobs = times.map((time) => ada('job', job(), time));
  const state = deriveState(MESH, [GENESIS, ...jobs]);
  t.strictSame(
    [...state.jobs.keys()],
    [...jobs].reverse().map((entry) => entry.id),
  );
});

t.test('deriveState wants the genesis entry of its mesh', async (t) => {
  const other = genesisBy('bob');
  t.throws(() => deriveState(MESH, []), /missing/);
  t.throws(() => deriveState(MESH, [other]), /missing/);
  const stolen = write('', 'eve', '0', undefined, { kind: 'genesis', data: GENESIS.data });
  t.throws(() => deriveState(stolen.id, [stolen]), /missing/, 'signed by another than the first member');
  t.equal(deriveState(MESH, [GENESIS, other]).members.get(hexOf(keyOf('bob'))), undefined);
});
