// Staying connected, on injected time and chance: the ladder of redials, and telling the mesh.
import fc from 'fast-check';
import t from 'tap';
import { Announcer } from '../../src/node/announcer.ts';
import { createKeeper, type KeeperDeps, REDIAL_LADDER_MS } from '../../src/node/keeper.ts';
import type { Presence } from '../../src/protocol/messages.ts';
import { fakeTimers } from './support/fake-timers.ts';

const A1 = '/ip4/10.0.0.1/tcp/1';
const A2 = '/ip4/10.0.0.2/tcp/1';

/** A keeper on a clock of its own; dials fail until told otherwise. */
function open(options: { self?: string; random?: () => number } = {}) {
  const world = {
    now: 0,
    dials: [] as { at: number; peer: string; address: string }[],
    connected: new Set<string>(),
    answers: false,
    failures: 0,
    /** Addresses that swallow every word. */
    silent: new Set<string>(),
  };
  const deps: KeeperDeps = {
    self: options.self ?? 'm',
    now: () => world.now,
    random: options.random ?? (() => 0.5),
    isConnected: (peer) => world.connected.has(peer),
    async dial(peer, address, ms) {
      world.dials.push({ at: world.now, peer, address });
      if (world.silent.has(address)) {
        world.now += ms;
        throw Object.assign(new Error('aborted'), { name: 'TimeoutError' });
      }
      if (!world.answers) throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
      return true;
    },
    onFailure: () => (world.failures += 1),
  };
  const keeper = createKeeper(deps);
  /** Ticks once a second. */
  const run = async (ms: number): Promise<void> => {
    for (const end = world.now + ms; world.now < end; world.now += 1000) {
      keeper.tick();
      await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { keeper, world, run };
}

const gaps = (dials: readonly { at: number }[]): number[] => dials.slice(1).map(({ at }, i) => at - dials[i]!.at);

t.test('the ladder: 1, 2, 5, 15, 30, then always 60 s', async (t) => {
  const { keeper, world, run } = open();
  keeper.setMembers(['m', 'z']);
  keeper.heard('z', [A1]);
  await run(300_000);
  t.same(gaps(world.dials).slice(0, 8), [1000, 2000, 5000, 15_000, 30_000, 60_000, 60_000, 60_000]);
  t.ok(
    world.dials.every(({ peer }) => peer === 'z'),
    'a node does not dial itself',
  );
  t.equal(world.failures, world.dials.length);
  await run(3_600_000);
  t.ok(
    gaps(world.dials)
      .slice(5)
      .every((gap) => gap === 60_000),
    'for ever',
  );
});

t.test('± 20 %, so that a mesh does not redial in step', async (t) => {
  const waits = new Set<number>();
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), async (chance) => {
      const { keeper, world } = open({ random: () => chance });
      keeper.setMembers(['z']);
      keeper.heard('z', [A1]);
      for (const rung of REDIAL_LADDER_MS) {
        const before = world.dials.length;
        keeper.tick();
        await new Promise((resolve) => setImmediate(resolve));
        if (world.dials.length !== before + 1) return false;
        const started = world.now;
        world.now += Math.floor(rung * 0.8) - 1;
        keeper.tick();
        if (world.dials.length !== before + 1) return false;
        world.now = started + Math.ceil(rung * 1.2);
        waits.add(chance);
      }
      return true;
    }),
    { numRuns: 30 },
  );
  t.ok(waits.size > 10);
});

t.test('a dial that goes well and ends in no HELLO climbs the ladder all the same', async (t) => {
  const { keeper, world, run } = open();
  world.answers = true;
  keeper.setMembers(['z']);
  keeper.heard('z', [A1]);
  await run(120_000);
  t.ok(world.dials.length <= 8, `${world.dials.length} dials in two minutes at a door that is shut each time`);
  t.equal(world.failures, 0);
  world.connected.add('z');
  await run(2000);
  world.connected.delete('z');
  const before = world.dials.length;
  await run(4000);
  t.same(
    gaps(world.dials.slice(before)).slice(0, 2),
    [1000, 2000],
    'having been connected, it is redialled from the first rung',
  );
});

t.test('what puts a member back on the first rung', async (t) => {
  for (const [what, act] of [
    ['hearing of it', (k: ReturnType<typeof open>['keeper']) => k.heard('z', [A1])],
    ['waking up', (k: ReturnType<typeof open>['keeper']) => k.reset()],
  ] as const) {
    const { keeper, world, run } = open();
    keeper.setMembers(['z']);
    keeper.heard('z', [A1]);
    await run(120_000);
    const before = world.dials.length;
    act(keeper);
    await run(4000);
    t.same(gaps(world.dials.slice(before)).slice(0, 2), [1000, 2000], what);
  }
});

t.test('of two members the one with the larger id waits 2 s', async (t) => {
  const { keeper, world, run } = open({ self: 'm' });
  keeper.setMembers(['a', 'z']);
  keeper.heard('a', [A1]);
  keeper.heard('z', [A1]);
  await run(4000);
  t.equal(world.dials.find(({ peer }) => peer === 'z')?.at, 0);
  t.equal(world.dials.find(({ peer }) => peer === 'a')?.at, 2000);
});

t.test(
  'connected members are left alone, one that is dialled is not dialled twice, strangers not at all',
  async (t) => {
    const { keeper, world, run } = open();
    keeper.setMembers(['z']);
    keeper.heard('z', [A1]);
    keeper.heard('stranger', [A1]);
    world.connected.add('z');
    await run(100_000);
    t.same(world.dials, []);
    world.connected.delete('z');
    await run(2000);
    t.ok(world.dials.length > 0);
    keeper.setMembers([]);
    const before = world.dials.length;
    await run(200_000);
    t.equal(world.dials.length, before, 'who is no member any more is forgotten');

    let open2 = 0;
    let most = 0;
    const slow = createKeeper({
      self: 'a',
      now: () => world.now,
      random: () => 0,
      isConnected: () => false,
      async dial() {
        open2 += 1;
        most = Math.max(most, open2);
        await new Promise((resolve) => setImmediate(resolve));
        open2 -= 1;
        return true;
      },
      onFailure: () => undefined,
    });
    slow.setMembers(['z']);
    slow.heard('z', [A1]);
    for (let i = 0; i < 50; i += 1) {
      world.now += 100_000;
      slow.tick();
    }
    t.equal(most, 1);
  },
);

t.test('addresses: newest first, eight are tried, sixteen are kept, of so many peers', async (t) => {
  const { keeper, world, run } = open();
  keeper.setMembers(['z']);
  for (let i = 0; i < 40; i += 1) {
    world.now = i;
    keeper.heard('z', [`/ip4/10.0.0.${i}/tcp/1`]);
  }
  await run(1000);
  t.equal(keeper.addressesOf('z').length, 16);
  t.same(
    world.dials.map(({ address }) => address),
    Array.from({ length: 8 }, (_, i) => `/ip4/10.0.0.${39 - i}/tcp/1`),
  );
  for (let i = 0; i < 5000; i += 1) keeper.heard(`stranger ${i}`, [A1]);
  t.same(keeper.addressesOf('stranger 4999'), [], 'a flood of strangers is not kept');
  keeper.setMembers(['late']);
  keeper.heard('late', [A1]);
  t.same(keeper.addressesOf('late'), [A1], 'a member always is');
});

t.test('what came of each address is kept', async (t) => {
  const { keeper, world, run } = open();
  keeper.setMembers(['z']);
  t.same(keeper.attemptsOf('z'), { failed: 0, nextAt: undefined, dialling: false }, 'no address, no next attempt');
  keeper.heard('z', [A2]);
  world.now = 100;
  keeper.heard('z', [A1]);
  t.match(keeper.waysOf('z'), [
    { address: A1, heardAt: 100, triedAt: undefined, problem: undefined },
    { address: A2, heardAt: 0 },
  ]);
  await run(2000);
  const refused = { code: 'connection_refused', message: 'Connection refused: nothing listens there.' };
  t.same(keeper.waysOf('z'), [
    { address: A1, heardAt: 100, triedAt: 1100, problem: refused },
    { address: A2, heardAt: 0, triedAt: 1100, problem: refused },
  ]);
  t.same(keeper.attemptsOf('z'), { failed: 2, nextAt: 3100, dialling: false });
  keeper.heard('z', [A2]);
  t.match(
    keeper.waysOf('z')[0],
    { address: A2, heardAt: 2100, triedAt: 1100, problem: refused },
    'a sighting is no try',
  );
  t.match(keeper.attemptsOf('z'), { failed: 2 }, 'nor a connection');
  world.answers = true;
  await run(1000);
  t.match(keeper.waysOf('z')[0], { triedAt: 2100, problem: undefined }, 'it led there');
  t.match(keeper.waysOf('z')[1], { triedAt: 1100, problem: refused }, 'and the other was not tried again');
  keeper.refused('z', A2, { code: 'other_mesh', message: 'x' });
  t.match(keeper.waysOf('z')[0], { problem: { code: 'other_mesh' } }, 'who is there wants none of it');
  t.match(keeper.attemptsOf('z'), { failed: 3 }, 'so it failed all the same');
  world.connected.add('z');
  await run(1000);
  t.match(keeper.attemptsOf('z'), { failed: 0 });
  keeper.setMembers([]);
  t.equal(keeper.attemptsOf('z'), undefined);
});

t.test('what is refused while a dial is being told of is not taken back by it', async (t) => {
  const keeper = createKeeper({
    ...{ self: 'a', now: () => 0, random: () => 0, isConnected: () => false, onFailure: () => undefined },
    async dial() {
      keeper.refused('z', A1, { code: 'not_let_in', message: 'x' });
      return true;
    },
  });
  keeper.setMembers(['z']);
  keeper.heard('z', [A1]);
  keeper.tick();
  await new Promise((resolve) => setImmediate(resolve));
  t.match(keeper.waysOf('z'), [{ problem: { code: 'not_let_in' } }]);
});

t.test('a silent address takes one attempt, and stands behind the others from then on', async (t) => {
  const { keeper, world, run } = open();
  keeper.setMembers(['z']);
  const silent = ['/ip4/10.0.0.8/tcp/1', '/ip4/10.0.0.9/tcp/1'];
  keeper.heard('z', [A1]);
  world.now = 1;
  keeper.heard('z', silent);
  for (const each of silent) world.silent.add(each);
  await run(60_000);
  t.same(
    world.dials.slice(0, 6).map(({ address }) => address),
    [...silent, A1, silent[0], A1, silent[1]],
    'each in its turn, and the one that may answer in each attempt',
  );
  t.ok(world.dials.some(({ address }) => address === A1));
});

t.test('a connection by another way says nothing of this one', async (t) => {
  const keeper = createKeeper({
    ...{ self: 'a', now: () => 0, random: () => 0, isConnected: () => false, onFailure: () => undefined },
    dial: async () => false,
  });
  keeper.setMembers(['z']);
  keeper.heard('z', [A1]);
  keeper.tick();
  await new Promise((resolve) => setImmediate(resolve));
  t.match(keeper.waysOf('z'), [{ triedAt: undefined, problem: undefined }]);
});

t.test('telling the mesh: soon after a change, otherwise when the announced pause is over', async (t) => {
  const { clock, advance, timers } = fakeTimers(t);
  const sent: { n: number; at: number }[] = [];
  const failures: unknown[] = [];
  let broken = false;
  const announcer = new Announcer({
    presence(n) {
      if (broken) throw new RangeError('too large');
      return { n, next: 5000 } as Presence;
    },
    publish: ({ n }) => sent.push({ n, at: clock.now }),
    onFailure: (error) => failures.push(error),
  });
  advance(11_000);
  t.same(sent, [
    { n: 1, at: 200 },
    { n: 2, at: 5200 },
    { n: 3, at: 10_200 },
  ]);
  for (let i = 0; i < 30; i += 1) {
    announcer.soon();
    advance(100);
  }
  t.ok(sent.length >= 3 + 10, `what changes every 100 ms is told ${sent.length - 3} times in 3 s, not put off`);
  t.ok(sent.length <= 3 + 16);
  broken = true;
  advance(30_000);
  t.ok(failures.length > 0, 'a message that cannot be made ends no process');
  broken = false;
  const before = sent.length;
  advance(10_000);
  t.ok(sent.length > before, 'and is made again');
  t.same(
    sent.map(({ n }) => n),
    [...sent.map(({ n }) => n)].sort((a, b) => a - b),
    'counts grow',
  );
  announcer.stop();
  announcer.soon();
  t.equal(timers.size, 0, 'nothing is left of it');
});
