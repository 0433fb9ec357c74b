// What page, API and command line show of a state: figures that add up for any history, one sentence for what waits,
// null for what is not known; and nothing that a member writes into its entries makes any of it throw.
import fc from 'fast-check';
import t from 'tap';
import { sampleCandles } from '../../src/engine/sample.ts';
import { proposeGeneration, startState } from '../../src/engine/search/evolve.ts';
import { presetSpec } from '../../src/engine/search-spec.ts';
import { deriveState, type State } from '../../src/ledger/derive.ts';
import { findOpenWork } from '../../src/node/open-work.ts';
import type { HeldClaim } from '../../src/node/presence-book.ts';
import { resultViews } from '../../src/node/result-views.ts';
import {
  isClaimable,
  isoTime,
  jobViews,
  leverageOf,
  memberViews,
  unitViews,
  type World,
} from '../../src/node/views.ts';
import { fromHex, type Hex } from '../../src/protocol/bytes.ts';
import { unitId } from '../../src/protocol/entry.ts';
import type { Job } from '../../src/protocol/kinds.ts';
import { arbitraryHistory, GENESIS, MESH } from '../ledger/support/history.ts';
import { admitPlain, champion, hash, hexOf, job, keyOf, result, scribe } from '../ledger/support/people.ts';

const ADA = hexOf(keyOf('ada'));

function worldOf(state: State, changes: Partial<World> = {}): World {
  return {
    self: ADA,
    state,
    claims: [],
    news: () => undefined,
    connection: () => undefined,
    hasDataset: () => true,
    check: () => ({ state: 'holds', champions: [] }),
    version: '',
    checked: () => state.units.values(),
    ...changes,
  };
}

const claimOf = (member: string, jobId: Hex, index: number, unit?: Uint8Array): HeldClaim => ({
  member: hexOf(keyOf(member)),
  claim: {
    unit: unit ?? fromHex(unitId(fromHex(jobId), index)),
    job: fromHex(jobId),
    index,
    generation: 1,
    generations: 4,
    remaining: null,
  },
  leaseMs: 1000,
});

const idsOf = (jobId: Hex) => (index: number) => unitId(fromHex(jobId), index);

const arbitraryClaims = fc.array(
  fc.record({
    who: fc.constantFrom('bob', 'cy', 'dee'),
    job: fc.nat({ max: 5 }),
    index: fc.nat({ max: 9 }),
    forged: fc.boolean(),
  }),
  { maxLength: 6 },
);

/** True when the counts of each job are those of its units. */
function jobsAddUp(world: World): boolean {
  return jobViews(world).every(({ id, units, counts, trials }) => {
    const list = unitViews(world, world.state.jobs.get(id)!, idsOf(id));
    const inState = (wanted: string): number => list.filter((each) => each.state === wanted).length;
    const numbers = Object.values(counts);
    return (
      numbers.reduce((sum, count) => sum + count, 0) === units &&
      numbers.every((count) => count >= 0) &&
      Object.entries(counts).every(([state, count]) => inState(state) === count) &&
      list.length === units &&
      list.every((unit, i) => unit.index === i && unit.id === idsOf(id)(i)) &&
      (trials === null) === (counts.validated === 0)
    );
  });
}

/** True when each member's figures are those of its votes, counted one by one, and what nobody said is null. */
function membersAddUp(world: World): boolean {
  const { units, members } = world.state;
  const votes = [...units.values()].flatMap((unit) => unit.votes.map((vote) => ({ vote, verdict: unit.verdict })));
  const keys = [...members.keys()];
  return memberViews(world).every((member, i) => {
    const own = votes.filter(({ vote }) => vote.author === keys[i]);
    const judged = own.filter(({ verdict }) => verdict.state === 'validated');
    const agreed = judged.filter(({ vote, verdict }) => verdict.agreeing.includes(vote.entry));
    const unknown = [member.lastSeenMs, member.threads, member.backtestsPerSecond, member.rttMs, member.os];
    return (
      member.unitsDone === own.length &&
      member.agreement === (judged.length === 0 ? null : agreed.length / judged.length) &&
      unknown.every((value) => value === null)
    );
  });
}

t.test('for any history and any claims the figures add up', async (t) => {
  let decided = 0;
  fc.assert(
    fc.property(arbitraryHistory(40), arbitraryClaims, (entries, wishes) => {
      const state = deriveState(MESH, entries);
      const ids = [...state.jobs.keys()];
      const said = wishes
        .filter(({ job: at }) => at < ids.length)
        .map(({ who, job: at, index, forged }) =>
          claimOf(who, ids[at]!, index, forged ? hash(`forged ${index}`) : undefined),
        );
      const world = worldOf(state, { claims: said.filter(({ claim }) => isClaimable(state, claim)) });
      decided += jobViews(world).reduce((sum, { counts }) => sum + counts.validated, 0);
      return jobsAddUp(world) && membersAddUp(world);
    }),
    { numRuns: 60 },
  );
  t.ok(decided > 0, 'some of it was decided');
});

/** A mesh of `ada` and `bob`, and whatever else is said in it. */
function stateOf(said: readonly { author: 'ada' | 'bob'; kind: string; data: unknown; time?: number }[]): State {
  const scribes = { ada: scribe(MESH, 'ada', '0', GENESIS), bob: scribe(MESH, 'bob') };
  const admission = scribes.ada('admit', admitPlain('bob', 'member'));
  return deriveState(MESH, [
    GENESIS,
    admission,
    ...said.map(({ author, kind, data, time }) => scribes[author](kind, data, time)),
  ]);
}

const VALIDATION = { mode: 'replicate', replicas: 2, quorum: 2, most: 4 } as const;

/** One job and what `answers` says of its units: letters are answers, in order of members. */
function stateWith(
  answers: readonly string[],
  changes: Partial<Job> = {},
): { state: State; jobId: Hex; entries: number } {
  const data = job({ units: answers.length, validation: VALIDATION, ...changes });
  const jobId = [...stateOf([{ author: 'ada', kind: 'job', data }]).jobs.keys()][0]!;
  const said = answers.flatMap((letters, index) =>
    [...letters].map(
      (letter, i) => ({ author: i === 0 ? 'ada' : 'bob', kind: 'result', data: result(jobId, index, letter) }) as const,
    ),
  );
  return { state: stateOf([{ author: 'ada', kind: 'job', data }, ...said]), jobId, entries: said.length };
}

t.test('each state of a job and a unit, and why it is so, in one sentence', async (t) => {
  const cases: [answers: string[], claims: number[], state: string, reason: RegExp | null][] = [
    [['', ''], [], 'queued', /No machine has begun yet/],
    [['', ''], [1], 'running', null],
    [['a', ''], [], 'running', null],
    [['a', 'bb'], [], 'running', /One unit waits for another machine to confirm or decide/],
    [['a', 'bc'], [], 'running', /2 units wait for another machine/],
    [['aa', 'bb'], [], 'complete', null],
  ];
  for (const [answers, claims, state, reason] of cases) {
    const { state: derived, jobId } = stateWith(answers);
    const world = worldOf(derived, { claims: claims.map((index) => claimOf('bob', jobId, index)) });
    const [view] = jobViews(world);
    t.equal(view?.state, state, `${answers.join(' ')} ${claims.join(' ')}`);
    if (reason === null) t.equal(view?.reason, null);
    else t.match(view?.reason, reason);
  }
  const failed = stateWith(['ab'], { validation: { ...VALIDATION, most: 2 } });
  t.match(jobViews(worldOf(failed.state))[0], { state: 'failed', reason: 'No unit reached a verdict.' });
  const { state, jobId } = stateWith(['a', 'ab', 'aa', '']);
  const units = unitViews(worldOf(state, { claims: [claimOf('bob', jobId, 3)] }), state.jobs.get(jobId)!, idsOf(jobId));
  t.same(
    units.map((unit) => unit.state),
    ['provisional', 'disputed', 'validated', 'running'],
  );
  t.match(units[0]?.reason, /^Waits for another machine: 1 of 2 equal answers are in\.$/);
  t.match(units[1]?.reason, /^Machines disagree \(1 of 2 replicas agree\); one more replica decides\.$/);
  t.same([units[2]?.reason, units[3]?.reason], [null, null]);
  t.same(
    units[2]?.results.map((each) => each.agrees),
    [true, true],
  );
  t.same(
    units[0]?.results.map((each) => each.agrees),
    [null],
    'nobody has been proved right or wrong',
  );
  t.equal(units[3]?.claims[0]?.progress, 0.25);
});

t.test('why there is nothing to do', async (t) => {
  const reasonOf = (answers: string[], claims: [number, string[]][] = [], obstacle?: string): string => {
    const { state, jobId } = stateWith(answers);
    const byUnit = new Map(
      claims.map(([index, members]) => [idsOf(jobId)(index), members.map((name) => hexOf(keyOf(name)))]),
    );
    const input = { self: ADA, state, claims: byUnit, windowUnits: 4, isBarred: () => false };
    return findOpenWork({ ...input, obstacle: () => obstacle }).reason;
  };
  t.match(
    findOpenWork({
      self: ADA,
      state: stateOf([]),
      claims: new Map(),
      windowUnits: 4,
      isBarred: () => false,
      obstacle: () => undefined,
    }).reason,
    /no open work: create some/,
  );
  t.equal(reasonOf(['aa', 'bb']), 'All work is done.');
  t.match(reasonOf(['a', 'bb']), /^One unit has this machine’s answer/);
  t.match(reasonOf(['a', 'b']), /^2 units have this machine’s answer/);
  t.match(reasonOf(['', 'bb'], [[0, ['bob', 'cy']]]), /^Other machines are working/);
  t.equal(reasonOf(['', 'bb'], [], 'It needs candles.'), 'It needs candles.');
  t.equal(reasonOf(['aa'], [], 'It needs candles.'), 'All work is done.', 'what is decided needs nothing');
});

t.test('what is decided, either way, is no work', async (t) => {
  const { state } = stateWith(['aa', 'ab', '', 'a'], { validation: { ...VALIDATION, most: 2 } });
  const input = { self: hexOf(keyOf('cy')), state, claims: new Map(), windowUnits: 9, isBarred: () => false };
  const { units } = findOpenWork({ ...input, obstacle: () => undefined });
  t.same(
    units.map(({ index, wanted }) => [index, wanted]),
    [
      [2, 2],
      [3, 1],
    ],
  );
});

t.test('a paused job is no work, and is not called done', async (t) => {
  const said = { author: 'ada', kind: 'job', data: job({ units: 1 }) } as const;
  const jobId = [...stateOf([said]).jobs.keys()][0]!;
  const steered = (...actions: ('pause' | 'resume')[]) => {
    const controls = actions.map((action, i) => ({ job: fromHex(jobId), action, turn: i + 1 }));
    const state = stateOf([said, ...controls.map((data) => ({ author: 'ada', kind: 'control', data }) as const)]);
    return findOpenWork({
      self: ADA,
      state,
      claims: new Map(),
      windowUnits: 4,
      isBarred: () => false,
      obstacle: () => undefined,
    });
  };
  t.same([steered('pause').units, steered('pause').reason], [[], 'The job that is left is paused.']);
  t.equal(steered('pause', 'resume').units.length, 1);
});

t.test('priority first, then age', async (t) => {
  const jobs = [
    { priority: 5, time: 30, name: 'late' },
    { priority: 9, time: 40, name: 'urgent' },
    { priority: 5, time: 10, name: 'early' },
  ];
  const state = stateOf(
    jobs.map(({ time, ...data }) => ({ author: 'ada', kind: 'job', data: job({ ...data, units: 1 }), time })),
  );
  const look = (windowUnits: number) =>
    findOpenWork({
      self: ADA,
      state,
      claims: new Map(),
      windowUnits,
      isBarred: () => false,
      obstacle: () => undefined,
    }).units.map((unit) => unit.job.job.name);
  t.same(look(10), ['urgent', 'early', 'late']);
  t.same(look(2), ['urgent', 'early']);
});

t.test('what is left is shared among those at work', async (t) => {
  const { state, jobId } = stateWith(['aa', '', '', '']);
  const claims = [claimOf('bob', jobId, 1)];
  const news =
    (states: Record<string, 'working' | 'idle' | 'paused'>): World['news'] =>
    (member) => {
      const name = ['ada', 'bob'].find((each) => hexOf(keyOf(each)) === member)!;
      return { presence: { name, state: states[name] } as never, ageMs: 1, fresh: true };
    };
  const left = (states: Parameters<typeof news>[0]) =>
    jobViews(worldOf(state, { claims, news: news(states) }))[0]?.remainingMs;
  t.equal(left({ ada: 'idle', bob: 'working' }), (6 * 5) / 2, 'six replicas of 5 ms, two machines');
  t.equal(left({ ada: 'paused', bob: 'working' }), 6 * 5, 'who pauses does not help');
  t.equal(left({ ada: 'paused', bob: 'paused' }), null);
  t.equal(jobViews(worldOf(state))[0]?.remainingMs, null, 'unknown while nobody works');
  const half = stateWith(['aa', 'a', '', '']);
  const world = worldOf(half.state, { claims: [claimOf('bob', half.jobId, 2)], news: news({ bob: 'working' }) });
  t.equal(jobViews(world)[0]?.remainingMs, 5 * 5, 'of a unit with one answer one replica is left');
});

const FAR = Number.MAX_SAFE_INTEGER;

t.test('entries that an honest node would not write are shown, and break nothing', async (t) => {
  const searches: Record<string, unknown>[] = [
    {},
    { population: { valueOf: 1, toString: 2 }, generations: [], costs: null },
    { population: 'many', costs: { fee: {}, slippage: 'x' }, risk: { low: 1 }, preset: 3 },
    { population: -FAR, generations: 1e300, costs: [] },
  ];
  for (const search of searches) {
    const data = job({
      units: 2,
      validation: { ...VALIDATION, quorum: 1, replicas: 1 },
      search,
      name: '\u001b[2J\u202e\ud800',
    });
    const jobId = [...stateOf([{ author: 'bob', kind: 'job', data, time: FAR }]).jobs.keys()][0]!;
    const odd = { ...champion(1, 2, 3), strategy: { v: 'none', entry: { length: -1 } } };
    const answer = result(jobId, 0, 'x', { champions: [odd], ms: FAR, backtests: FAR });
    const state = stateOf([
      { author: 'bob', kind: 'job', data, time: FAR },
      { author: 'bob', kind: 'result', data: answer, time: FAR },
      { author: 'bob', kind: 'invite', data: {}, time: FAR },
    ]);
    t.equal(state.units.size, 1, 'it counts');
    const world = worldOf(state, { claims: [claimOf('bob', jobId, 1)] });
    const shown = JSON.stringify([
      jobViews(world),
      memberViews(world),
      unitViews(world, state.jobs.get(jobId)!, idsOf(jobId)),
      resultViews(world),
    ]);
    t.match(shown, /\+275760-09-13T00:00:00\.000Z/, 'with the latest time that there is');
    t.match(jobViews(world)[0], {
      generations: typeof search.generations === 'number' ? search.generations : Number.NaN,
    });
    t.same(resultViews(world), [], 'a strategy that cannot be read is left out');
  }
  t.equal(isoTime(0), '1970-01-01T00:00:00.000Z');
});

t.test('a claim is for a unit that there is', async (t) => {
  const { state, jobId } = stateWith(['', '']);
  t.ok(isClaimable(state, claimOf('bob', jobId, 1).claim));
  t.notOk(isClaimable(state, claimOf('bob', jobId, 2).claim), 'beyond the last unit');
  t.notOk(isClaimable(state, claimOf('bob', jobId, 1, hash('other')).claim), 'of another hash');
  t.notOk(isClaimable(state, claimOf('bob', hexOf(hash('no job')), 0).claim));
});

t.test('a job of a million units is listed in no time', async (t) => {
  const data = job({ units: 1_000_000, validation: VALIDATION });
  const jobId = [...stateOf([{ author: 'ada', kind: 'job', data }]).jobs.keys()][0]!;
  const state = stateOf([
    { author: 'ada', kind: 'job', data },
    { author: 'bob', kind: 'result', data: result(jobId, 999_999, 'a') },
  ]);
  const world = worldOf(state, { claims: [claimOf('bob', jobId, 500_000)] });
  const began = performance.now();
  const units = unitViews(world, state.jobs.get(jobId)!, idsOf(jobId));
  t.ok(performance.now() - began < 1500);
  t.same(
    units.slice(-2).map((unit) => [unit.index, unit.state]),
    [
      [500_000, 'running'],
      [999_999, 'provisional'],
    ],
  );
  t.equal(jobViews(world)[0]?.counts.open, 999_998);
});

t.test('results: the strongest state of a strategy, best first; read once', async (t) => {
  const { champions } = sampleChampions();
  const data = job({ units: 2, validation: VALIDATION });
  const jobId = [...stateOf([{ author: 'ada', kind: 'job', data }]).jobs.keys()][0]!;
  const say = (author: 'ada' | 'bob', index: number) =>
    ({ author, kind: 'result', data: result(jobId, index, 'a', { champions }) }) as const;
  const state = stateOf([{ author: 'ada', kind: 'job', data }, say('ada', 0), say('ada', 1), say('bob', 1)]);
  const views = resultViews(worldOf(state));
  t.equal(views.length, champions.length, 'one strategy found twice is one');
  t.ok(
    views.every(
      (view) => view.state === 'validated' && view.assurance === 'quorum' && view.votes === 2 && view.trialsJob === 10,
    ),
  );
  t.same(
    views.map((view) => view.outOfSample.return),
    [...views.map((view) => view.outOfSample.return)].sort((a, b) => b - a),
  );
  t.match(views[0]?.codeName, /^[a-z]+-[a-z]+$/);
  t.same(resultViews(worldOf(state, { check: () => undefined })), [], 'nothing that was not run here');
  t.same(resultViews(worldOf(state, { check: () => ({ state: 'differs', message: '' }) })), []);
});

function sampleChampions() {
  const candles = sampleCandles('views', 800);
  const spec = presetSpec({ preset: 'quick', risk: 'medium', overrides: { warmup: 60, embargo: 20 } });
  const task = { dataset: candles.hash, seed: 'views', spec, unit: 0 };
  const strategies = proposeGeneration(task, startState(), candles).slice(0, 2);
  return { champions: strategies.map((strategy, i) => ({ ...champion(i, i, i), strategy: { ...strategy } })) };
}

t.test('a job on perpetual futures says so, whatever a stranger wrote into its costs', async (t) => {
  t.equal(leverageOf({ search: { costs: { fee: 0.001, perpetual: { leverage: 4 } } } }), 4);
  for (const search of [{}, { costs: null }, { costs: { fee: 0.001 } }]) t.equal(leverageOf({ search }), null);
  t.ok(Number.isNaN(leverageOf({ search: { costs: { perpetual: { leverage: 'ten' } } } })), 'not known is not spot');
  t.equal(leverageOf({ search: { costs: { perpetual: null } } }), null);
});
