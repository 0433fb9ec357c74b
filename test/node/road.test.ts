// Machines that travel, on injected time: noticing sleep and other networks, places where a member may be, a bootstrap.json
// that changes, and what the tailscale command says in its several versions and states.
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Bootstrap } from '../../src/node/bootstrap.ts';
import { type BootstrapDiallerDeps, createBootstrapDialler, type Place } from '../../src/node/bootstrap-dialler.ts';
import { watchBootstrap } from '../../src/node/bootstrap-watch.ts';
import type { CommandOutcome } from '../../src/node/run-command.ts';
import { parseTailnet, watchTailnet } from '../../src/node/tailnet.ts';
import { startWakeDetection } from '../../src/node/wake.ts';
import { fakeTimers } from './support/fake-timers.ts';

const A1 = '/ip4/10.0.0.1/tcp/1';
const A2 = '/ip4/10.0.0.2/tcp/2';

function dialler(addresses: string[], changes: Partial<BootstrapDiallerDeps> = {}, isWritten = true) {
  const placesOf = (each: readonly string[]): Place[] =>
    each.map((address) => ({ address, peerId: undefined, isWritten }));
  const world = {
    now: 0,
    places: placesOf(addresses),
    dials: [] as string[],
    problems: new Map<string, string>(),
    peers: [] as ReturnType<BootstrapDiallerDeps['peers']>,
    error: new Error('ECONNREFUSED') as Error | undefined,
  };
  const { tick, reset } = createBootstrapDialler({
    places: () => world.places,
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
    onSolved: (address) => world.problems.delete(address),
    ...changes,
  });
  const run = async (ms: number): Promise<void> => {
    for (const end = world.now + ms; world.now < end; world.now += 1000) {
      tick();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { world, run, reset, placesOf };
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

t.test('places come and go while it runs', async (t) => {
  const { world, run, reset, placesOf } = dialler([A1]);
  await run(2000);
  t.ok(world.problems.has(A1));
  world.places = placesOf([A2]);
  await run(120_000);
  t.same([...world.problems.keys()], [A2], 'what is not in the list any more is no problem any more');
  const before = world.dials.length;
  t.notOk(world.dials.slice(3).includes(A1), 'and is not dialled');
  await run(2000);
  t.equal(world.dials.length, before, 'a minute between attempts by now');
  reset();
  await run(2000);
  t.ok(world.dials.length > before, 'another network: tried again at once');

  const tailnet = dialler([A1], {}, false);
  await tailnet.run(60_000);
  t.ok(tailnet.world.dials.length > 3);
  t.same([...tailnet.world.problems], [], 'a machine on the tailnet without a node is no problem');
});

/** Two clocks and the machine's addresses, seen once a second. */
function machine(t: Parameters<typeof fakeTimers>[0]) {
  const { advance, timers } = fakeTimers(t);
  const world = { now: 0, uptime: 50_000, interfaces: 'wifi 10.0.0.1', woke: [] as number[], moved: 0 };
  const stop = startWakeDetection({
    now: () => world.now,
    uptime: () => world.uptime,
    interfaces: () => world.interfaces,
    onWake: (ms) => world.woke.push(ms),
    onNetworkChange: () => (world.moved += 1),
  });
  const pass = (monotonic: number, uptime = monotonic) => {
    world.now += monotonic;
    world.uptime += uptime;
    advance(1000);
  };
  return { world, pass, stop, timers };
}

t.test('waking up', async (t) => {
  const { world, pass, stop, timers } = machine(t);
  for (let i = 0; i < 30; i += 1) pass(1000);
  pass(16_000);
  t.same(world.woke, [], 'a busy machine is a little late');
  pass(16_001);
  t.same(world.woke, [15_001], 'stopped, or asleep where the monotonic clock goes on');
  pass(1000, 3_600_000);
  t.same(world.woke, [15_001, 3_599_000], 'asleep where it stands still');
  stop();
  t.equal(timers.size, 0);
});

t.test('the hands of the clock say nothing about sleep', async (t) => {
  const { world, pass, stop } = machine(t);
  const realNow = Date.now;
  t.teardown(() => {
    Date.now = realNow;
  });
  for (const hour of [1, -1, 24 * 365]) {
    Date.now = () => realNow() + hour * 3_600_000;
    pass(1000);
  }
  t.same(world.woke, []);
  stop();
});

t.test('moving to another network', async (t) => {
  const { world, pass, stop } = machine(t);
  pass(1000);
  t.equal(world.moved, 0);
  world.interfaces = 'wifi 10.0.7.1';
  pass(1000);
  pass(1000);
  t.equal(world.moved, 1, 'told once');
  world.interfaces = '';
  pass(60_000);
  t.same([world.woke.length, world.moved], [1, 1], 'after sleep everything is looked at anyway');
  stop();
});

t.test('bootstrap.json is read again when it changes', async (t) => {
  const { advance, timers } = fakeTimers(t);
  const file = join(t.testdir(), 'bootstrap.json');
  writeFileSync(file, '{}');
  const seen: Bootstrap[] = [];
  const problems = new Map<string, string>();
  const stop = watchBootstrap(
    {
      events: {
        problem: (code, message) => void problems.set(code, message),
        solved: (code) => void problems.delete(code),
      },
      onChange: (bootstrap) => seen.push(bootstrap),
    },
    file,
  );
  let time = 1000;
  const write = (text: string): void => {
    writeFileSync(file, text);
    time += 1;
    utimesSync(file, time, time);
    advance(2000);
  };
  advance(60_000);
  t.same(seen, [], 'nothing new, nothing told');
  write(`{"peers": ["${A1}"]}`);
  t.same(seen, [{ ticket: undefined, peers: [{ address: A1, peerId: undefined }] }]);
  write('{"peers": ["/ip4/10.0');
  t.match(problems.get('bootstrap_unusable'), /is not JSON: .*\. What it said before still counts\.$/);
  t.equal(seen.length, 1, 'half a file is not believed');
  rmSync(file);
  advance(2000);
  t.equal(seen.length, 1, 'nor one that is gone');
  write(`{"ticket": "smesh1x", "peers": ["${A2}"]}`);
  t.match(seen[1], { ticket: 'smesh1x', peers: [{ address: A2 }] });
  t.same([...problems], [], 'and all is well again');
  rmSync(file);
  advance(2000);
  t.same([...problems], [], 'that it goes away is no problem, as long as the node runs');
  stop();
  t.equal(timers.size, 0);
});

/** Shaped as the versions named say it; names, keys and addresses are made up. */
const SELF_1_98 = {
  ID: 'nSelf',
  HostName: 'desk',
  OS: 'linux',
  UserID: 5254892113284871,
  TailscaleIPs: ['100.101.7.1', 'fd7a:115c:a1e0::1'],
  Online: true,
};
const peer = (changes: object) => ({
  ...{
    HostName: 'x',
    OS: 'macOS',
    UserID: SELF_1_98.UserID,
    Online: true,
    Active: false,
    LastSeen: '0001-01-01T00:00:00Z',
  },
  ...changes,
});
const STATUS: [what: string, status: unknown, ips: string[]][] = [
  [
    '1.98, running',
    {
      ...{ Version: '1.98.8-t1241b225b-g0520dfda5', TUN: true, BackendState: 'Running', AuthURL: '' },
      TailscaleIPs: SELF_1_98.TailscaleIPs,
      Self: SELF_1_98,
      Peer: {
        'nodekey:01': peer({ TailscaleIPs: ['100.101.7.9', 'fd7a:115c:a1e0::9'] }),
        'nodekey:02': peer({ TailscaleIPs: ['100.101.7.10'], Online: false }),
        'nodekey:03': peer({ TailscaleIPs: ['100.101.7.11'], UserID: 77, ShareeNode: true }),
        'nodekey:04': peer({ TailscaleIPs: ['fd7a:115c:a1e0::4'] }),
        'nodekey:05': peer({ TailscaleIPs: null }),
        'nodekey:06': peer({ TailscaleIPs: ['not an address', 7] }),
        'nodekey:07': null,
      },
    },
    ['100.101.7.9', 'fd7a:115c:a1e0::4'],
  ],
  [
    '1.8, one address under an older name',
    { BackendState: 'Running', Self: { UserID: 5 }, Peer: { a: { UserID: 5, TailAddr: '100.64.0.2', Online: true } } },
    ['100.64.0.2'],
  ],
  [
    '1.6, without saying who is online',
    { BackendState: 'Running', Self: { UserID: 5 }, Peer: { a: { UserID: 5, TailAddr: '100.64.0.2', Active: true } } },
    [],
  ],
  ['running alone', { BackendState: 'Running', Self: SELF_1_98, Peer: null }, []],
  [
    '1.98, logged out',
    {
      ...{ Version: '1.98.8-t1241b225b-g0520dfda5', BackendState: 'NeedsLogin', TailscaleIPs: null, Peer: null },
      Self: { HostName: 'desk', UserID: 0, TailscaleIPs: null, Online: false },
      Health: ['Tailscale is stopped.'],
    },
    [],
  ],
  ['1.50, logged out', { Version: '1.50.0-ta920f0231', BackendState: 'NeedsLogin', Self: {}, Peer: null }, []],
  [
    'stopped, with what it knew before',
    { BackendState: 'Stopped', Self: SELF_1_98, Peer: { a: peer({ TailscaleIPs: ['100.101.7.9'] }) } },
    [],
  ],
  ['starting', { BackendState: 'Starting', Self: SELF_1_98, Peer: {} }, []],
  [
    'an owner that is not told',
    { BackendState: 'Running', Self: {}, Peer: { a: { TailscaleIPs: ['100.101.7.9'], Online: true } } },
    [],
  ],
  ['another form altogether', { BackendState: 'Running', Self: 'desk', Peer: ['100.101.7.9'] }, []],
  ['a list', [1, 2], []],
  ['nothing', null, []],
];

for (const [what, status, ips] of STATUS) {
  t.test(`tailscale status: ${what}`, async (t) => t.same(parseTailnet(JSON.stringify(status)), ips));
}

t.test('tailscale status: no JSON', async (t) => {
  const full = JSON.stringify(STATUS[0]![1]);
  for (const text of ['', 'failed to connect to local tailscaled', full.slice(0, -1), '"x"', '12'])
    t.same(parseTailnet(text), [], text.slice(0, 20));
});

t.test('the tailnet is asked again and again, and found where the command is', async (t) => {
  const { advance } = fakeTimers(t);
  const said: string[][] = [];
  const asked: string[] = [];
  const world = { answer: { code: 0, stdout: JSON.stringify(STATUS[0]![1]), stderr: '' } as CommandOutcome };
  const tailnet = watchTailnet(
    {
      async run(command, args) {
        asked.push([command, ...args].join(' '));
        return command === 'tailscale' ? { code: null, stdout: '', stderr: 'ENOENT' } : world.answer;
      },
      onChange: (addresses) => said.push(addresses),
    },
    22_071,
  );
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  await settle();
  t.same(said, [['/ip4/100.101.7.9/tcp/22071', '/ip6/fd7a:115c:a1e0::4/tcp/22071']]);
  t.match(asked, ['tailscale status --json', /Tailscale status --json/]);
  advance(60_000);
  await settle();
  t.equal(said.length, 1, 'told when it changes');
  world.answer = { code: 1, stdout: JSON.stringify(STATUS[4]![1]), stderr: '' };
  tailnet.look();
  await settle();
  t.same(said[1], []);
  tailnet.stop();
});
