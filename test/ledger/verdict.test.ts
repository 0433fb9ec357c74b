// V1 to V5: what the votes of a unit amount to.
import fc from 'fast-check';
import t from 'tap';
import { answerKey, judgeVotes, type Vote } from '../../src/ledger/verdict.ts';
import { compareText } from '../../src/protocol/bytes.ts';
import type { Result, Validation } from '../../src/protocol/kinds.ts';
import { holds } from '../protocol/support/property.ts';
import { champion, hash, hexOf, result } from './support/people.ts';
import { doMeet, verdictOf, weightOf } from './support/reference.ts';

const JOB = hexOf(hash('job'));
const REPLICATE: Validation = { mode: 'replicate', replicas: 2, quorum: 2, most: 5 };
const FUZZY: Validation = { mode: 'fuzzy', replicas: 2, quorum: 2, most: 5, tolerance: 0.1 };

function vote(n: number, said: Result): Vote {
  const entry = String(n).padStart(4, '0');
  const { count: trials } = said.trials;
  return { entry, author: `author ${n}`, time: 0, answer: answerKey(said), lineage: [], trials, result: said };
}

/** 'aab' is three votes: two say a, one says b. */
const votesOf = (answers: string): Vote[] => [...answers].map((answer, n) => vote(n, result(JOB, 0, answer)));
/** Net profits of the best champion, the same in all segments. */
const profits = (...values: (number | undefined)[]): Vote[] =>
  values.map((value, n) =>
    vote(n, result(JOB, 0, 'x', { champions: value === undefined ? [] : [champion(value, value, value)] })),
  );

t.test('replicate: the rule in cases', async (t) => {
  // votes, state, agreeing, wanted; R = 2, quorum 2, at most 5.
  const cases: [string, string, number, number][] = [
    ['', 'open', 0, 2],
    ['a', 'provisional', 1, 1],
    ['aa', 'validated', 2, 0],
    ['ab', 'disputed', 1, 1],
    ['aba', 'validated', 2, 0],
    ['abc', 'disputed', 1, 1],
    ['abca', 'validated', 2, 0],
    ['aabb', 'disputed', 2, 1],
    ['aabba', 'validated', 3, 0],
    ['abcd', 'disputed', 1, 1],
    ['abcde', 'failed', 1, 0],
    ['aabbc', 'failed', 2, 0],
    ['aabbcc', 'failed', 2, 0],
    ['aabbca', 'validated', 3, 0],
  ];
  for (const [answers, state, agreeing, wanted] of cases) {
    const verdict = judgeVotes(votesOf(answers), REPLICATE);
    t.match(verdict, { state, wanted }, `${answers || 'nothing'}: ${state}`);
    t.equal(verdict.agreeing.length, agreeing, `${answers || 'nothing'}: ${agreeing} agree`);
  }
});

t.test('replicate: a larger quorum asks on until it is reached or the most is', async (t) => {
  const validation: Validation = { mode: 'replicate', replicas: 2, quorum: 3, most: 4 };
  t.match(judgeVotes(votesOf('aa'), validation), { state: 'provisional', wanted: 1 });
  t.match(judgeVotes(votesOf('aaa'), validation), { state: 'validated', wanted: 0 });
  t.match(judgeVotes(votesOf('aab'), validation), { state: 'disputed', wanted: 1 });
  t.match(judgeVotes(votesOf('aabb'), validation), { state: 'failed', wanted: 0 });
});

t.test('as many replicas are wanted as were asked for at first, then one at a time', async (t) => {
  const validation: Validation = { mode: 'replicate', replicas: 4, quorum: 3, most: 6 };
  const wanted = ['', 'a', 'ab', 'abb', 'abba', 'abbac'].map((said) => judgeVotes(votesOf(said), validation).wanted);
  t.strictSame(wanted, [4, 3, 2, 1, 1, 1]);
});

t.test('the leader is the smallest entry id of the largest group, whatever the order', async (t) => {
  const votes = votesOf('abba');
  for (const order of [votes, [...votes].reverse()]) {
    const verdict = judgeVotes(order, REPLICATE);
    t.equal(verdict.leader?.entry, '0000');
    t.strictSame(verdict.agreeing, ['0000', '0003']);
  }
});

t.test('an answer is the digest, the champions and the trials; not the time it took, nor the seal', async (t) => {
  const one = result(JOB, 0, 'a');
  t.equal(answerKey(one), answerKey({ ...one, ms: 99, backtests: 1, seal: hash('another') }));
  t.not(answerKey(one), answerKey({ ...one, digest: hash('b') }));
  t.not(answerKey(one), answerKey({ ...one, champions: [champion(100, 50, 25.000001)] }));
  t.not(answerKey(one), answerKey({ ...one, trials: { ...one.trials, count: 11 } }));
});

t.test('fuzzy: the medoid rule in cases', async (t) => {
  const cases: [string, (number | undefined)[], string, string[]][] = [
    ['one', [100], 'provisional', ['0000']],
    ['equal', [100, 100], 'validated', ['0000', '0001']],
    ['within', [100, 91], 'validated', ['0000', '0001']],
    ['on the edge', [100, 90], 'validated', ['0000', '0001']],
    ['beyond', [100, 89], 'disputed', ['0000']],
    ['never chained: 100 and 82 are both near 91 only', [100, 91, 82], 'validated', ['0000', '0001', '0002']],
    [
      'never chained: the ends of a chain of four are not reached',
      [100, 91, 83, 75],
      'validated',
      ['0000', '0001', '0002'],
    ],
    ['two against two', [100, 100, 50, 50], 'disputed', ['0000', '0001']],
    ['a majority of all, not only the largest', [100, 100, 50, 20], 'disputed', ['0000', '0001']],
    ['no champion is an answer', [undefined, undefined], 'validated', ['0000', '0001']],
    ['no champion is not near one', [undefined, 100], 'disputed', ['0000']],
    ['nothing gained', [0, 0], 'validated', ['0000', '0001']],
    ['a gain is not near a loss', [1, -1], 'disputed', ['0000']],
    ['huge', [1.7e308, -1.7e308, 1.7e308], 'validated', ['0000', '0002']],
    ['all different', [1, 10, 100, 1000, 10000], 'failed', ['0001']],
  ];
  for (const [name, values, state, agreeing] of cases) {
    const verdict = judgeVotes(profits(...values), FUZZY);
    if (name !== 'all different') t.strictSame([...verdict.agreeing].sort(compareText), agreeing, name);
    t.equal(verdict.state, state, name);
    t.ok(verdict.agreeing.includes(verdict.leader!.entry), `${name}: the leader agrees with itself`);
  }
});

t.test('fuzzy: the widest tolerance still tells a champion from none and a gain from a loss', async (t) => {
  const widest: Validation = { ...FUZZY, tolerance: 1 };
  t.equal(judgeVotes(profits(100, undefined), widest).state, 'disputed');
  t.equal(judgeVotes(profits(100, -100), widest).state, 'disputed');
  t.equal(judgeVotes(profits(100, 1), widest).state, 'validated');
});

t.test('fuzzy: ties go to the least distance in all, then to the smallest entry id', async (t) => {
  const votes = profits(100, 95, 91);
  t.equal(judgeVotes(votes, FUZZY).leader?.entry, '0001', 'all have three near; the middle is the medoid');
  t.equal(judgeVotes(profits(100, 100, 50, 50), FUZZY).leader?.entry, '0000');
  const huge = profits(1.7e308, 1.62e308, 1.55e308, -1.7e308);
  t.equal(judgeVotes(huge, FUZZY).leader?.entry, '0001', 'differences that no double holds do not hide the middle');
  t.equal(judgeVotes(profits(100, 95, 91).reverse(), FUZZY).leader?.entry, '0001');
});

const arbitraryValidation = fc
  .record({
    mode: fc.constantFrom('replicate' as const, 'fuzzy' as const),
    replicas: fc.integer({ min: 1, max: 5 }),
    quorum: fc.integer({ min: 1, max: 5 }),
    most: fc.integer({ min: 1, max: 10 }),
  })
  .filter(({ replicas, quorum, most }) => replicas <= most && quorum <= most);

const MEMBERS = Array.from({ length: 9 }, (_, n) => `author ${n}`);
const arbitraryLineage = fc.oneof(fc.constant([]), fc.subarray(MEMBERS, { maxLength: 4 }));

const arbitraryVotes = fc
  .array(
    fc.record({
      lineage: arbitraryLineage,
      answer: fc.constantFrom('a', 'b', 'c'),
      profit: fc.oneof(fc.integer({ min: 80, max: 120 }), fc.constant(undefined), fc.constant(-100)),
    }),
    { maxLength: 9 },
  )
  .map((said) =>
    said.map(({ answer, profit, lineage }, n) => ({
      ...vote(n, result(JOB, 0, answer, { champions: profit === undefined ? [] : [champion(profit, profit, 100)] })),
      lineage,
    })),
  );

t.test('random votes, in any order, get the verdict of the slow reference', async (t) => {
  const mixed = arbitraryVotes.chain((votes) =>
    fc.tuple(fc.constant(votes), fc.shuffledSubarray(votes, { minLength: votes.length })),
  );
  const property = fc.property(arbitraryValidation, mixed, (validation, [votes, order]) => {
    const verdict = judgeVotes(order, validation);
    const expected = verdictOf(votes, validation);
    const isBounded = verdict.wanted <= Math.max(0, validation.most - votes.length);
    const asksOn = ['open', 'provisional', 'disputed'].includes(verdict.state) === verdict.wanted > 0;
    return (
      verdict.state === expected.state &&
      verdict.agreeing.length === expected.agreeing.size &&
      verdict.agreeing.every((entry) => expected.agreeing.has(entry)) &&
      verdict.count === weightOf(votes.filter(({ entry }) => expected.agreeing.has(entry))) &&
      isBounded &&
      asksOn
    );
  });
  await holds(t, 'same state, same agreeing votes, never more wanted than allowed', property, 1500);
});

/** `A:BC` is a vote of A that rests on B and C. All say the same. */
const walked = (...votes: string[]): Vote[] =>
  votes.map((text, n) => {
    const [author = '', lineage = ''] = text.split(':');
    return { ...vote(n, result(JOB, 0, 'x')), author, lineage: [...lineage] };
  });

t.test('votes whose lineages meet count once: the rule in cases', async (t) => {
  const cases: [string[], number][] = [
    [['A', 'B'], 2],
    [['A', 'B:A'], 1],
    [['B:A', 'A'], 1],
    [['B:A', 'C:A'], 1],
    [['B:A', 'C'], 2],
    [['B:A', 'D:C'], 2],
    [['C:AB', 'A', 'B'], 2],
    [['C:AB', 'A', 'D:B'], 2],
    [['A:A'], 1],
    [['E:ABCD', 'A', 'B', 'C', 'D'], 4],
  ];
  for (const [votes, count] of cases) {
    const verdict = judgeVotes(walked(...votes), { mode: 'replicate', replicas: 2, quorum: 2, most: 9 });
    t.equal(verdict.count, count, votes.join(' '));
    t.equal(verdict.state, count >= 2 ? 'validated' : 'provisional', votes.join(' '));
    t.equal(verdict.agreeing.length, votes.length, 'all of them agree');
  }
  const one = walked('B:A', 'A');
  t.equal(judgeVotes(one, REPLICATE).wanted, 1, 'another machine is asked for');
  const against = [...walked('B:A', 'A', 'C:A'), { ...vote(3, result(JOB, 0, 'y')), author: 'D' }];
  t.match(judgeVotes(against, REPLICATE), { state: 'disputed', count: 1 });
});

t.test('what counts does not meet, and nobody can make whole runs of others count less', async (t) => {
  const property = fc.property(arbitraryVotes, (said) => {
    const votes = said.map((each) => ({ ...each, answer: 'x' }));
    const { count } = judgeVotes(votes, { ...REPLICATE, most: 10 });
    const whole = votes.filter(({ lineage }) => lineage.length === 0).length;
    return count >= whole && count <= mostApart(votes);
  });
  await holds(t, 'between the whole runs and the most that do not meet', property, 500);
});

/** By trying all. */
function mostApart(votes: readonly Vote[]): number {
  const [first, ...rest] = votes;
  if (first === undefined) return 0;
  const without = mostApart(rest);
  return Math.max(without, 1 + mostApart(rest.filter((other) => !doMeet(first, other))));
}

/** One member's part in a unit: begun anew or gone on with from a checkpoint, which it then publishes or ends. */
interface Step {
  member: number;
  from: number | undefined;
  ends: boolean;
  claimed: string[];
}

const arbitrarySteps = fc.array(
  fc.record<Step>({
    member: fc.nat({ max: 8 }),
    from: fc.option(fc.nat(), { nil: undefined }),
    ends: fc.boolean(),
    claimed: fc.subarray(MEMBERS, { maxLength: 4 }),
  }),
  { maxLength: 25 },
);

interface State {
  maker: string;
  lineage: string[];
  isWrong: boolean;
}

/** What a member hands on. A liar says what it likes of where it comes from, an honest one who had signed what it took up. */
function handOn({ member, claimed }: Step, before: State | undefined, liars: readonly string[]): State {
  const maker = MEMBERS[member]!;
  if (liars.includes(maker)) return { maker, lineage: claimed, isWrong: true };
  const signed = before === undefined ? [] : [...new Set([...before.lineage, before.maker])];
  return { maker, lineage: signed.filter((each) => each !== maker), isWrong: before?.isWrong === true };
}

t.test('so many liars, so many wrong votes that count, whoever went on from whose checkpoint', async (t) => {
  const property = fc.property(arbitrarySteps, fc.subarray(MEMBERS, { maxLength: 3 }), (steps, liars) => {
    const checkpoints: State[] = [];
    const wrong = new Map<string, Vote>();
    for (const [n, step] of steps.entries()) {
      const before = step.from === undefined ? undefined : checkpoints[step.from % Math.max(1, checkpoints.length)];
      const state = handOn(step, before, liars);
      if (!step.ends) checkpoints.push(state);
      else if (state.isWrong) {
        const { maker: author, lineage } = state;
        wrong.set(author, { ...vote(n, result(JOB, 0, 'x')), author, lineage });
      }
    }
    return judgeVotes([...wrong.values()], { ...REPLICATE, most: 10 }).count <= liars.length;
  });
  await holds(t, 'a forged checkpoint is worth its forger’s vote and no more', property, 1000);
});
