// Staying connected, on injected time and chance: the ladder of redials, addresses of bootstrap.json, telling the mesh,
// noticing that the machine slept.
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { Announcer } from '../../src/node/announcer.ts';
import { type BootstrapDiallerDeps, createBootstrapDialler } from '../../src/node/bootstrap-dialler.ts';
import { createKeeper, type KeeperDeps, REDIAL_LADDER_MS } from '../../src/node/keeper.ts';
import { startWakeDetection } from '../../src/node/wake.ts';
import type { Presence } from '../../src/protocol/messages.ts';

const A1 = '/ip4/10.0.0.1/tcp/1';

/** A keeper on a clock of its own; dials fail until told otherwise. */
function open(options: { self?: string; random?: () => number } = {}) {
  const world = {
    now: 0,
    dials: [] as { at: number; peer: string; addresses: readonly string[] }[],
    connected: new Set<string>(),
    answers: false,
    failures: 0,
  };
  const deps: KeeperDeps = {
    self: options.self ?? 'm',
    now: () => world.now,
    random: options.random ?? (() => 0.5),
    isConnected: (peer) => world.connected.has(peer),
    async dial(peer, addresses) {
      world.dials.push({ at: world.now, peer, addresses });
      if (!world.answers) throw new Error('refused');
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
    world.dials[0]?.addresses,
    Array.from({ length: 8 }, (_, i) => `/ip4/10.0.0.${39 - i}/tcp/1`),
  );
  for (let i = 0; i < 5000; i += 1) keeper.heard(`stranger ${i}`, [A1]);
  t.same(keeper.addressesOf('stranger 4999'), [], 'a flood of strangers is not kept');
  keeper.setMembers(['late']);
  keeper.heard('late', [A1]);
  t.same(keeper.addressesOf('late'), [A1], 'a member always is');
});

function dialler(addresses: string[], changes: Partial<BootstrapDiallerDeps> = {}) {
  const world = {
    now: 0,
    dials: [] as string[],
    problems: new Map<string, string>(),
    peers: [] as ReturnType<BootstrapDiallerDeps['peers']>,
    error: new Error('ECONNREFUSED') as Error | undefined,
  };
  const tick = createBootstrapDialler(
    {
      async dial(address) {
        world.dials.push(address);
        if (world.error !== undefined) throw world.error;
        return 'peer';
      },
      peers: () => world.peers,
      leaveAlone: () => [],
      now: () => world.now,
      random: () => 0.5,
      onFailure: (address, message) => world.problems.set(address, message),
      onReached: (address) => world.problems.delete(address),
      ...changes,
    },
    addresses,
  );
  const run = async (ms: number): Promise<void> => {
    for (const end = world.now + ms; world.now < end; world.now += 1000) {
      tick();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { world, run };
}

const peerAt = (address: string, peerId = 'peer') =>
  ({
    peerId,
    hello: { addresses: [] as string[] },
    connection: { remoteAddr: { toString: () => `${address}/p2p/x` } },
  }) as never;

t.test('addresses of bootstrap.json', async (t) => {
  const { world, run } = dialler([A1]);
  await run(30_000);
  t.match(world.problems.get(A1), /does not answer \(ECONNREFUSED\); it is tried again/);
  const before = world.dials.length;
  world.peers = [peerAt(A1)];
  await run(5000);
  t.equal(world.dials.length, before, 'a member that is connected from there is not dialled');
  t.same([...world.problems], [], 'whoever dialled, the problem is solved');

  const named = dialler(['/dns4/desk.example/tcp/22071']);
  named.world.error = undefined;
  await named.run(1000);
  named.world.peers = [peerAt('/ip4/10.0.0.9/tcp/5', 'peer')];
  await named.run(600_000);
  t.equal(named.world.dials.length, 1, 'a name that led to a connected peer is not dialled again and again');

  const own = dialler([A1, '/ip4/10.0.0.2/tcp/2'], { leaveAlone: () => [A1] });
  const self = new Error('Can not dial self');
  self.name = 'InvalidPeerIdError';
  own.world.error = self;
  await own.run(300_000);
  t.notOk(own.world.dials.includes(A1), 'one file for all machines: a node leaves its own address alone');
  t.same([...own.world.problems], [], 'and one that turns out to be its own is no problem');

  const foreign = dialler([A1]);
  foreign.world.error = new Error('The connection was denied by the gater');
  await foreign.run(2000);
  t.match(foreign.world.problems.get(A1), /another mesh, or one that has not admitted this node/);
});

/** Timers that run when told to. */
function fakeTimers(t: Test) {
  const timers = new Map<number, { at: number; run: () => void; every: number | undefined }>();
  const clock = { now: 0 };
  let id = 0;
  const add = (run: () => void, ms: number, every?: number) => {
    id += 1;
    timers.set(id, { at: clock.now + ms, run, every });
    return id as never;
  };
  const remove = (timer: unknown) => void timers.delete(timer as number);
  const replaced = {
    setTimeout: add,
    setInterval: (run: () => void, ms: number) => add(run, ms, ms),
    clearTimeout: remove,
    clearInterval: remove,
  };
  for (const [name, value] of Object.entries(replaced))
    t.intercept(globalThis, name as 'setTimeout', { value, configurable: true });
  const advance = (ms: number) => {
    for (const end = clock.now + ms; ; ) {
      const next = [...timers].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (next === undefined) {
        clock.now = end;
        return;
      }
      const [key, timer] = next;
      clock.now = timer.at;
      if (timer.every === undefined) timers.delete(key);
      else timer.at += timer.every;
      timer.run();
    }
  };
  return { clock, advance, timers };
}

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

t.test('waking up and moving to another network', async (t) => {
  const { advance, timers } = fakeTimers(t);
  const world = { now: 0, interfaces: 'wifi 10.0.0.1', woke: [] as number[], moved: 0 };
  const stop = startWakeDetection({
    now: () => world.now,
    interfaces: () => world.interfaces,
    onWake: (ms) => world.woke.push(ms),
    onNetworkChange: () => (world.moved += 1),
  });
  const pass = (ms: number) => {
    world.now += ms;
    advance(5000);
  };
  for (let i = 0; i < 10; i += 1) pass(5000);
  pass(20_000);
  t.same(world.woke, [], 'a busy machine is a little late');
  pass(20_001);
  t.same(world.woke, [15_001]);
  pass(-3_600_000);
  t.same(world.woke.length, 1, 'a clock set back is no sleep');
  t.equal(world.moved, 0);
  world.interfaces = 'wifi 10.0.7.1';
  pass(5000);
  pass(5000);
  t.equal(world.moved, 1, 'once');
  stop();
  t.equal(timers.size, 0);
});
