// What members said of themselves: how long it counts, on the receiver's clock alone.
import fc from 'fast-check';
import t from 'tap';
import {
  createPresenceBook,
  GRACE_MS_MAX,
  GRACE_MS_MIN,
  INTERVAL_MS_MAX,
  type PresenceBook,
  SILENT_INTERVALS,
} from '../../src/node/presence-book.ts';
import { Settling } from '../../src/node/settling.ts';
import type { Presence } from '../../src/protocol/messages.ts';
import { hash, hexOf, keyOf } from '../ledger/support/people.ts';

const MEMBER = hexOf(keyOf('ada'));

function presence(changes: Partial<Presence> = {}): Presence {
  return {
    mesh: hash('mesh'),
    member: keyOf('ada'),
    boot: hash('boot 1').subarray(0, 8),
    n: 1,
    next: 5000,
    name: 'ada',
    version: '1',
    os: 'linux',
    fingerprint: hash('engine'),
    state: 'working',
    reason: '',
    threads: [1, 2],
    loads: [50],
    backtestsPerSecond: 10,
    claim: null,
    frontier: hash('frontier'),
    root: hash('root'),
    addresses: [],
    ...changes,
  };
}

const claim = (remaining: number | null) => ({
  unit: hash('unit'),
  job: hash('job'),
  index: 0,
  generation: 1,
  generations: 20,
  remaining,
});

function open(): { book: PresenceBook; clock: { now: number } } {
  const clock = { now: 1_000_000 };
  return { book: createPresenceBook(() => clock.now), clock };
}

t.test(
  'whose connection ended is shown as being there for 20 s more, or as long as something is heard of it',
  async (t) => {
    const { book, clock } = open();
    t.notOk(book.isHere(MEMBER, undefined), 'who never spoke is not there');
    book.hear(presence({ next: 30_000, state: 'idle' }));
    const lostAt = clock.now + 10_000;
    clock.now = lostAt + 20_000;
    t.ok(book.isHere(MEMBER, lostAt), 'a line that breaks for a moment is no news');
    clock.now += 1;
    t.notOk(book.isHere(MEMBER, lostAt));
    t.ok(book.isHere(MEMBER, undefined), 'it is back, and has not said anything yet');
    t.ok(book.live().length === 1, 'who takes which unit does not rest on it');
    clock.now = lostAt + 1_500;
    book.hear(presence({ next: 30_000, state: 'idle', n: 2 }));
    clock.now = lostAt + 20_001;
    t.notOk(book.isHere(MEMBER, lostAt), 'its last words came late, by way of others');
    clock.now = lostAt + 25_000;
    book.hear(presence({ next: 30_000, state: 'idle', n: 3 }));
    clock.now += 90_000;
    t.ok(book.isHere(MEMBER, lostAt), 'others hear of it: then it is there without a connection');
    clock.now += 1;
    t.notOk(book.isHere(MEMBER, undefined), 'and silence ends that');
  },
);

t.test('news is fresh for three announced intervals', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: 1e6 }), (next, age) => {
      const { book, clock } = open();
      book.hear(presence({ next }));
      clock.now += age;
      const expected = age <= 3 * Math.min(next, 60_000);
      return book.isFresh(MEMBER) === expected && (book.live().length === 1) === expected;
    }),
  );
  const { book } = open();
  t.notOk(book.isFresh('nobody'), 'who never spoke is not fresh');
  t.equal(book.get('nobody'), undefined);
  t.equal(SILENT_INTERVALS, 3);
});

t.test('a claim outlives silence by what the unit still needed, 15 to 60 minutes', async (t) => {
  fc.assert(
    fc.property(
      fc.option(fc.integer({ min: 0, max: 1e9 })),
      fc.integer({ min: 1, max: 100_000 }),
      fc.integer({ min: 0, max: 5_000_000 }),
      (remaining, next, age) => {
        const { book, clock } = open();
        book.hear(presence({ next, claim: claim(remaining) }));
        clock.now += age;
        const lease = 3 * Math.min(next, 60_000) + Math.min(3_600_000, Math.max(900_000, remaining ?? 0)) - age;
        const held = book.claims();
        return lease > 0 ? held.length === 1 && held[0]!.leaseMs === lease : held.length === 0;
      },
    ),
    { numRuns: 300 },
  );
  t.same([GRACE_MS_MIN, GRACE_MS_MAX, INTERVAL_MS_MAX], [900_000, 3_600_000, 60_000]);
  const { book, clock } = open();
  book.hear(presence({ next: Number.MAX_SAFE_INTEGER, claim: claim(Number.MAX_SAFE_INTEGER) }));
  clock.now += 3 * 60_000 + 3_600_000;
  t.same(book.claims(), [], 'nobody holds a unit for ever by announcing a long silence');
});

t.test('what frees a claim at once', async (t) => {
  for (const [what, changes] of [
    ['sleep', { state: 'asleep', claim: claim(1e6) }],
    ['another claim', { claim: { ...claim(1e6), unit: hash('other') } }],
    ['none', { claim: null }],
  ] as const) {
    const { book } = open();
    book.hear(presence({ claim: claim(1e6) }));
    book.hear(presence({ n: 2, ...changes }));
    const held = book.claims().map((each) => hexOf(each.claim.unit));
    t.notOk(held.includes(hexOf(hash('unit'))), what);
    t.ok(held.length <= 1, 'a member holds one unit at most');
  }
});

t.test('who sleeps or pauses takes no part in the work', async (t) => {
  for (const [state, takesPart] of [
    ['working', true],
    ['idle', true],
    ['paused', false],
    ['asleep', false],
  ] as const) {
    const { book } = open();
    book.hear(presence({ state }));
    t.equal(book.live().length === 1, takesPart, state);
    t.ok(book.isFresh(MEMBER), `${state} is news all the same`);
  }
});

t.test('old news is no news', async (t) => {
  const { book, clock } = open();
  const boot = (name: string) => ({ boot: hash(name).subarray(0, 8) });
  t.ok(book.hear(presence({ n: 5, name: 'five' })));
  t.notOk(book.hear(presence({ n: 5, name: 'again' })), 'the same count');
  t.notOk(book.hear(presence({ n: 4, name: 'four' })), 'a lower count');
  clock.now += 50_000;
  t.notOk(book.hear(presence({ n: 5 })));
  t.notOk(book.isFresh(MEMBER), 'an echo makes nobody look awake');
  t.ok(book.hear(presence({ ...boot('boot 2'), n: 1, name: 'new start' })), 'a new start counts from the beginning');
  t.notOk(book.hear(presence({ n: 6, claim: claim(1e6) })), 'and what was said before it is over');
  t.equal(book.get(MEMBER)?.presence.name, 'new start');
  t.same(book.claims(), []);
  for (let i = 3; i < 40; i += 1) book.hear(presence({ ...boot(`boot ${i}`), n: 1 }));
  t.ok(book.hear(presence({ ...boot('boot 2'), n: 9 })), 'only so many starts are remembered');
  t.notOk(book.hear(presence({ ...boot('boot 38'), n: 9 })));
});

t.test('who is silent without a word may be at work somewhere, for three hours', async (t) => {
  const clock = { now: 0 };
  const book = createPresenceBook(() => clock.now);
  book.hear(presence());
  t.same(book.silent(), [], 'it is at hand');
  clock.now = SILENT_INTERVALS * 5000 + 1;
  t.same([book.live(), book.silent()], [[], [MEMBER]]);
  clock.now = 3 * 3_600_000;
  t.same(book.silent(), [MEMBER]);
  clock.now += 1;
  t.same(book.silent(), [], 'then it is taken to be off');
  for (const state of ['asleep', 'paused'] as const) {
    book.hear(presence({ boot: hash(state).subarray(0, 8), state }));
    clock.now += 600_000;
    t.same(book.silent(), [], `and who said ${state} is at work nowhere`);
  }
});

t.test('S9: a newcomer is listened to, however many come for a while, and nobody waits for ever', async (t) => {
  const clock = { now: 1000 };
  const now = (): number => clock.now;
  const book = createPresenceBook(now);
  const settling = new Settling({ presences: book, settleMs: 2000, now });
  t.equal(book.newcomerAt(), Number.NEGATIVE_INFINITY);
  t.equal(settling.left(), 2000, 'it is itself the newcomer');
  clock.now = 3000;
  t.equal(settling.left(), 0);
  book.hear(presence());
  t.equal(settling.left(), 2000, 'somebody is heard of');
  clock.now = 4000;
  book.hear(presence({ n: 2 }));
  t.equal(settling.left(), 1000, 'who was heard of before is no newcomer');
  clock.now = 5000;
  t.equal(settling.left(), 0);
  for (let i = 0; i < 12; i += 1) {
    book.hear(presence({ member: keyOf(`guest ${i}`) }));
    t.equal(settling.left(), i <= 8 ? 2000 : 0, `guest ${i}`);
    clock.now += 1000;
  }
  clock.now += 60_000;
  t.equal(settling.left(), 0);
  book.hear(presence({ n: 3 }));
  t.equal(settling.left(), 2000, 'who was away and comes back is one');
});
