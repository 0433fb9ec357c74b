// The live stream: coalesced patches that add up to the snapshot, resuming, asking to fetch again, and its limits.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import t from 'tap';
import type { NodeEvent } from '../../src/ui/api.ts';
import { clean } from '../../src/ui/clean.ts';
import { patch } from '../../src/ui/diff.ts';
import { readerOf } from '../../src/ui/sse.ts';
import { type Clock, type Patch, StreamHub, type StreamReader } from '../../src/ui/stream.ts';
import { createFixtureNode } from './fixture-node.ts';
import { startHarness, until } from './harness.ts';

/** Time that only moves when told. */
function manualClock(): Clock & { advance(ms: number): void } {
  let time = 5_000_000;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => time,
    after(ms, run) {
      const timer = { at: time + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    advance(ms) {
      const end = time + ms;
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers = timers.filter((one) => one !== next);
        time = next.at;
        next.run();
      }
      time = end;
    },
  };
}

interface Heard extends StreamReader {
  patches(): Patch[];
  events(): NodeEvent[];
  text: string;
  closed: boolean;
}

function listen(options: { stuck?: boolean } = {}): Heard {
  const blocks = (kind: string): string[] =>
    heard.text
      .split('\n\n')
      .filter((block) => block.includes(`event: ${kind}\n`))
      .map((block) => block.slice(block.indexOf('data: ') + 6));
  const heard: Heard = {
    text: '',
    closed: false,
    send(text) {
      heard.text += text;
      return options.stuck !== true;
    },
    close() {
      heard.closed = true;
    },
    patches: () => blocks('patch').map((data) => JSON.parse(data)),
    events: () => blocks('event').map((data) => JSON.parse(data)),
  };
  return heard;
}

function setUp() {
  const node = createFixtureNode();
  const clock = manualClock();
  return { node, clock, hub: new StreamHub({ node, clock }) };
}

t.test('many changes make few patches, and the patches make the snapshot', async (t) => {
  const { node, clock, hub } = setUp();
  const start = hub.snapshot();
  const reader = listen();
  hub.open(reader, start.rev);
  for (let i = 1; i <= 400; i++) {
    node.change((snapshot) => {
      snapshot.status.backtestsTotal += i;
      if (i % 40 === 0) snapshot.jobs.unshift({ ...snapshot.jobs[0]!, id: `job-${i}` });
      if (i % 90 === 0) snapshot.members.pop();
      if (i === 200) snapshot.status.unit = null;
    });
    clock.advance(25);
  }
  clock.advance(1_000);
  const patches = reader.patches();
  t.ok(patches.length >= 18 && patches.length <= 22, `${patches.length} patches in 10 s`);
  t.same(
    patches.map(({ rev }) => rev),
    patches.map((_, i) => start.rev + 1 + i),
    'numbered without a gap',
  );
  t.match(reader.text, new RegExp(`id: ${start.rev + 1}\n`), 'the id is the revision');
  const end = patches.reduce((state, one) => ({ ...patch(state, one), rev: one.rev, at: one.at }), start);
  t.same(end, hub.snapshot(), 'patched state = snapshot');
  hub.stop();
  t.equal(node.listeners, 0);
  t.ok(reader.closed);
});

t.test('nothing is read while nobody listens, and quiet time has a heartbeat', async (t) => {
  const { node, clock, hub } = setUp();
  let reads = 0;
  const counted = new StreamHub({
    node: {
      ...node,
      snapshot: () => {
        reads += 1;
        return node.snapshot();
      },
    },
    clock,
  });
  clock.advance(60_000);
  t.equal(reads, 0);
  const reader = listen();
  const leave = counted.open(reader, undefined);
  t.match(reader.text, /event: resync\ndata: \{"rev":\d+\}/, 'who holds nothing is told to fetch');
  clock.advance(20_000);
  const beats = reader.text.split(': alive\n\n').length - 1;
  t.ok(beats >= 3 && beats <= 5, `${beats} heartbeats in 20 s`);
  leave();
  const before = reads;
  clock.advance(60_000);
  t.equal(reads, before, 'the last one out turns off the light');
  hub.stop();
  counted.stop();
});

t.test('coming back', async (t) => {
  const { node, clock, hub } = setUp();
  const keeper = listen();
  hub.open(keeper, hub.snapshot().rev);
  const { rev } = hub.snapshot();
  const step = () => {
    node.change((snapshot) => {
      snapshot.status.backtestsTotal += 1;
    });
    clock.advance(500);
  };
  for (let i = 0; i < 10; i++) step();
  const late = listen();
  hub.open(late, rev + 4);
  t.same(
    late.patches().map((one) => one.rev),
    [5, 6, 7, 8, 9, 10].map((n) => rev + n),
    'gets exactly what it missed',
  );
  const current = listen();
  hub.open(current, rev + 10);
  t.same(current.patches(), []);
  t.notMatch(current.text, /resync/);
  for (let i = 0; i < 600; i++) step();
  const oldest = listen();
  hub.open(oldest, rev + 610 - 512);
  t.equal(oldest.patches().length, 512, 'so far back it reaches');
  const older = listen();
  hub.open(older, rev + 4);
  t.match(older.text, /event: resync/, 'too long ago: fetch again');
  const other = listen();
  hub.open(other, rev + 100_000);
  t.match(other.text, /event: resync/, 'a revision of another run: fetch again');
  hub.stop();
});

t.test('events are passed on clean, a flood of them in part', async (t) => {
  const { node, clock, hub } = setUp();
  const reader = listen();
  hub.open(reader, undefined);
  node.emit({ type: 'problem', message: `a${'b'.repeat(900)}\u202e\n\nevent: patch\ndata: {}` });
  clock.advance(500);
  const [event] = reader.events();
  t.same(event, clean(event), 'clean');
  t.equal(reader.patches().length, 0, 'a line break in a message does not start a new block');
  for (let i = 0; i < 500; i++) node.emit({ type: 'unit.progress', message: 'x' });
  clock.advance(500);
  t.ok(reader.events().length <= 65);
  hub.stop();
});

t.test('a reader that cannot keep up is dropped', async (t) => {
  const { node, clock, hub } = setUp();
  const good = listen();
  const stuck = listen({ stuck: true });
  hub.open(good, undefined);
  hub.open(stuck, undefined);
  t.ok(stuck.closed);
  t.equal(hub.size, 1, 'the others stay');
  hub.stop();

  let waiting = 0;
  let now = 0;
  const outgoing = {
    on: () => outgoing,
    write: () => true,
    destroyed: false,
    get writableLength() {
      return waiting;
    },
  };
  const reader = readerOf(outgoing as unknown as ServerResponse, { now: () => now });
  t.ok(reader.send('x'));
  waiting = 1_000_001;
  t.notOk(reader.send('x'), 'a megabyte waits');
  waiting = 10;
  t.ok(reader.send('x'));
  now = 20_001;
  t.notOk(reader.send('x'), 'nothing was taken for 20 s');
  t.equal(clock.now() > 0 && node.listeners, 0);
});

t.test('over HTTP: eight streams, patches arrive, and stopping ends them', async (t) => {
  const server = await startHarness();
  t.teardown(() => server.stop());
  const { rev } = (await (await fetch(new URL('/api/v1/snapshot', server.url))).json()) as { rev: number };
  const bodies = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const response = await fetch(new URL(`/api/v1/events?since=${rev}`, server.url));
      t.equal(response.headers.get('content-type'), 'text/event-stream');
      return response.body!.pipeThrough(new TextDecoderStream()).getReader();
    }),
  );
  const ninth = await fetch(new URL('/api/v1/events', server.url));
  t.equal(ninth.status, 503);
  t.equal(((await ninth.json()) as { code: string }).code, 'too_many_streams');

  const changedAt = Date.now();
  server.node.change((snapshot) => {
    snapshot.counts.validated += 1;
  });
  let text = '';
  while (!text.includes('/counts/validated')) text += (await bodies[0]!.read()).value ?? '';
  t.ok(Date.now() - changedAt < 1_500, 'a change is there within 1.5 s');

  await bodies[7]!.cancel();
  const again = await until('a free place', async () => {
    const response = await fetch(new URL('/api/v1/events', server.url));
    return response.ok ? response : undefined;
  });
  await again.body!.cancel();

  const socket = connect({ port: server.port, host: '127.0.0.1' });
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\n');
  socket.on('error', () => undefined);
  await server.stop();
  await t.rejects(fetch(new URL('/healthz', server.url)), 'nothing answers any more');
  const last = await Promise.race(
    bodies.slice(0, 7).map((body) =>
      body.closed.then(
        () => 'closed',
        () => 'closed',
      ),
    ),
  );
  t.equal(last, 'closed');
  socket.destroy();
});
