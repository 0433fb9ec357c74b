// I10: a pull always ends, whatever the peer says.
import fc from 'fast-check';
import t from 'tap';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { type Ask, pullFrom } from '../../src/ledger/sync.ts';
import { compareBytes, encode, fromHex, toHex } from '../../src/protocol/bytes.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { decodeSyncReply, type FrontierLog, type SyncReply } from '../../src/protocol/messages.ts';
import { holds } from '../protocol/support/property.ts';
import { GENESIS, GROUND, MESH } from './support/history.ts';
import { feed, heldBy, joinMesh, joinPeople } from './support/ledgers.ts';
import { admitPlain, genesisBy, hash, job, keyOf, logId, scribe, write } from './support/people.ts';
import { areEqual, ledgersOf, pull, round, type Wire, wireTo } from './support/wires.ts';

t.test('ledgers with equal frontiers say so in one question', async (t) => {
  const [a, b] = (await ledgersOf([GENESIS], [GENESIS])) as [Ledger, Ledger];
  const wire = wireTo(b);
  t.equal(await pullFrom(a, wire.ask), 0);
  t.strictSame(wire.asked, ['frontier']);
});

t.test('only what is missing travels', async (t) => {
  const bob = scribe(MESH, 'bob');
  const log = Array.from({ length: 600 }, (_, i) => bob('note', i));
  const [a, b] = (await ledgersOf(log.slice(0, 550), log)) as [Ledger, Ledger];
  const wire = wireTo(b);
  t.equal(await pullFrom(a, wire.ask), 50);
  t.strictSame(wire.asked, ['frontier', 'entries']);
  t.equal(await pull(b, a), 0, 'and nothing back');
  const { ledger: empty } = await joinPeople('empty');
  const whole = wireTo(b);
  t.equal(await pullFrom(empty, whole.ask), 600);
  t.strictSame(whole.asked, ['frontier', 'entries', 'entries', 'entries']);
});

function histories(): Record<'main' | 'high' | 'low', Entry[]> {
  const bob = scribe(MESH, 'bob');
  const main = Array.from({ length: 8 }, (_, i) => bob('note', `main ${i}`));
  const from = (place: number, mark: string): Entry[] => {
    const other = scribe(MESH, 'bob', '1', main[place - 1]);
    return [...main.slice(0, place), ...Array.from({ length: 8 - place }, (_, i) => other('note', `${mark} ${i}`))];
  };
  return { main, high: from(5, 'high'), low: from(2, 'low') };
}

t.test('forks are found wherever they are and spread from whoever knows them', async (t) => {
  const { main, high, low } = histories();
  const lowTwin = [...low.slice(0, 5), scribe(MESH, 'bob', '1', low[4])('note', 'twin')];
  const cases: [string, Entry[][], number][] = [
    ['two histories', [main, high], 5],
    ['one of them shorter than the fork of the other', [main, low.slice(0, 3)], 2],
    ['one that knows a fork, one that knows nothing', [[...main, ...high], []], 5],
    ['one that knows a fork, one that stands below it', [[...main, ...high], main.slice(0, 3)], 5],
    ['one that knows a fork, one that stands above it', [[...main, ...high], high], 5],
    [
      'two forks of one history',
      [
        [...main, ...high],
        [...main, ...low],
      ],
      2,
    ],
    ['a fork, and another history below it', [[...main, ...high], low], 2],
    ['a fork, and a shorter history below it', [[...main, ...high], low.slice(0, 3)], 2],
    [
      'frozen at the same place on different histories',
      [
        [...main, ...high],
        [...low, ...lowTwin],
      ],
      2,
    ],
    ['forked at its first entry', [main, [scribe(MESH, 'bob')('note', 'other')]], 0],
  ];
  for (const [name, held, place] of cases) {
    const ledgers = await ledgersOf(...held);
    await round(ledgers, [1, 2]);
    await round(ledgers, [2, 1]);
    t.ok(areEqual(ledgers), `${name}: equal`);
    for (const ledger of ledgers) {
      const log = ledger.log(main[0]!.author, main[0]!.log);
      t.match(log, { fork: { seq: place }, entries: { length: place } }, `${name}: frozen at ${place}`);
      t.ok((await ledger.verify()).ok, `${name}: whole on disk`);
    }
  }
});

t.test('what lies beyond a known fork is not asked for', async (t) => {
  const { main, high } = histories();
  const [knows, longer] = (await ledgersOf([...main, ...high], main)) as [Ledger, Ledger];
  const wire = wireTo(longer);
  t.equal(await pullFrom(knows, wire.ask), 0);
  t.strictSame(wire.asked, ['frontier']);
});

/** A peer that answers as `peer` would, unless `lie` says something else. */
function liarOver(peer: Ledger, lie: (asked: string, from: number) => SyncReply | undefined): Wire {
  const honest = wireTo(peer);
  let n = 0;
  return {
    asked: honest.asked,
    ask: async (request) => {
      n += 1;
      if (n > 1000) throw new Error('the pull does not end');
      const reply = await honest.ask(request);
      return decodeSyncReply(encode(lie(request.ask, 'from' in request ? request.from : 0) ?? reply));
    },
  };
}

const claim = (count: number, changes: Partial<FrontierLog> = {}): FrontierLog => ({
  author: keyOf('bob'),
  log: logId('bob/1'),
  count,
  head: hash('a head'),
  frozen: false,
  ...changes,
});
const frontier = (...logs: FrontierLog[]): SyncReply => ({ is: 'frontier', digest: hash('x'), logs });
const page = (...blocks: Uint8Array[]): SyncReply => ({ is: 'entries', blocks });
const downwards = (a: FrontierLog, b: FrontierLog): number => compareBytes(b.author, a.author);
const FAR = Number.MAX_SAFE_INTEGER;

t.test('a peer that lies is found out, and the pull ends', async (t) => {
  const { main, high } = histories();
  const blocks = main.map((entry) => entry.block);
  const forged = main[1]!.block.slice();
  forged[forged.length - 1]! ^= 1;
  const foreign = scribe(genesisBy('bob').id, 'bob')('note', 1);
  const unsigned = high.map(({ block }) =>
    Uint8Array.from(block, (byte, i) => (i === block.length - 1 ? byte ^ 1 : byte)),
  );
  const stranger = scribe(MESH, 'cy')('note', 1);
  const cases: [string, SyncReply, SyncReply][] = [
    ['forged', frontier(claim(8)), page(blocks[0]!, forged)],
    ['of another mesh', frontier(claim(8)), page(foreign.block)],
    ['garbage', frontier(claim(8)), page(Uint8Array.of(1, 2))],
    ['oversized', frontier(claim(8)), page(new Uint8Array(5000))],
    ['of another log', frontier(claim(8)), page(stranger.block)],
    ['out of order', frontier(claim(8)), page(blocks[1]!, blocks[0]!)],
    ['with a hole', frontier(claim(8)), page(blocks[0]!, blocks[2]!)],
    ['the same page for ever', frontier(claim(FAR)), page(...blocks)],
    ['unsigned, on another history', frontier(claim(FAR)), page(blocks[0]!, ...unsigned.slice(6))],
    ['a frontier instead', frontier(claim(8)), frontier()],
    ['a log twice', frontier(claim(1), claim(1)), page(blocks[0]!)],
    ['logs out of order', frontier(...[claim(0), claim(0, { author: keyOf('cy') })].sort(downwards)), page()],
    ['a head that is not there', frontier(claim(1)), page(blocks[0]!)],
    ['a forged fork', frontier(claim(0, { frozen: true })), page(blocks[0]!, unsigned[0]!)],
    ['a fork of another log', frontier(claim(0, { frozen: true })), page(stranger.block)],
  ];
  for (const [name, first, second] of cases) {
    const [victim, peer] = (await ledgersOf([], [])) as [Ledger, Ledger];
    const liar = liarOver(peer, (asked) => (asked === 'frontier' ? first : second));
    await t.rejects(pullFrom(victim, liar.ask), { name: 'SyncFaultError', code: 'bad_entries' }, name);
    const signed = new Set([...main, ...GROUND, GENESIS].map((entry) => entry.id));
    t.ok(
      heldBy(victim).every((entry) => signed.has(entry.id)),
      `${name}: nothing false was stored`,
    );
    t.ok((await victim.verify()).ok, `${name}: the ledger is whole`);
  }
});

t.test('a peer cannot keep a pull going', async (t) => {
  const { main, low } = histories();
  const blocks = main.map((entry) => entry.block);
  const unsigned = low.map(({ block }) =>
    Uint8Array.from(block, (byte, i) => (i === block.length - 1 ? byte ^ 1 : byte)),
  );
  const cases: [string, Entry[], (asked: string, from: number) => SyncReply | undefined][] = [
    ['nothing where much was claimed', [], (asked) => (asked === 'frontier' ? frontier(claim(FAR)) : page())],
    ['always from the start', main, (asked) => (asked === 'frontier' ? frontier(claim(FAR)) : page(...blocks))],
    [
      'another history without signatures, again and again',
      main.slice(0, 7),
      (asked, from) => {
        if (asked === 'frontier') return frontier(claim(FAR));
        return from === 0 ? page(...blocks.slice(0, 3)) : page(unsigned[from]!);
      },
    ],
    ['a wrong head of what is held', main, (asked) => (asked === 'frontier' ? frontier(claim(8)) : undefined)],
    [
      'a fork that is none',
      main,
      (asked) => (asked === 'frontier' ? frontier(claim(8, { frozen: true, head: fromHex(main[7]!.id) })) : page()),
    ],
  ];
  for (const [name, held, lie] of cases) {
    const [victim, peer] = (await ledgersOf(held, main)) as [Ledger, Ledger];
    const before = toHex(victim.frontierDigest());
    const liar = liarOver(peer, lie);
    const ended = await pullFrom(victim, liar.ask).then(String, (error: Error) => error.name);
    t.match(ended, /^(0|SyncFaultError)$/, `${name}: ${ended}`);
    t.ok(liar.asked.length < 7, `${name}: ${liar.asked.length} questions`);
    t.equal(toHex(victim.frontierDigest()), before, `${name}: nothing changed`);
  }
});

t.test('a pull that found a fork is over, whatever the peer would go on about', async (t) => {
  const { main, high } = histories();
  const [victim, peer] = (await ledgersOf(main.slice(0, 7), [])) as [Ledger, Ledger];
  const noise = (seq: number): Uint8Array =>
    write(MESH, 'bob', '1', { ...main[0]!, seq: seq - 1 }, { kind: 'note', data: seq }).block;
  const liar = liarOver(peer, (asked, from) => {
    if (asked === 'frontier') return frontier(claim(FAR));
    if (from === 0) return page(...high.map((entry) => entry.block));
    return page(from === 7 ? high[7]!.block : noise(from));
  });
  t.equal(await pullFrom(victim, liar.ask), 0);
  t.strictSame(liar.asked, ['frontier', 'entries', 'entries']);
  t.equal(victim.log(main[0]!.author, main[0]!.log)?.fork?.seq, 5);
});

t.test('any replies at all: a pull ends, and the ledger stays whole', async (t) => {
  const { main, high, low } = histories();
  const pool = [...main, ...high, ...low, scribe(MESH, 'cy')('note', 1), GENESIS].map((entry) => entry.block);
  const arbitraryReply: fc.Arbitrary<SyncReply> = fc.oneof(
    { weight: 5, arbitrary: fc.array(fc.constantFrom(...pool), { maxLength: 6 }).map((blocks) => page(...blocks)) },
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.constantFrom(main, high, low), fc.nat({ max: 7 }), fc.nat({ max: 8 }))
        .map(([log, from, length]) => page(...log.slice(from, from + length).map((entry) => entry.block))),
    },
    { weight: 1, arbitrary: fc.constant(frontier()) },
  );
  const arbitraryClaim = fc
    .record({
      count: fc.constantFrom(0, 1, 3, 5, 8, 9, FAR),
      frozen: fc.boolean(),
      head: fc.constantFrom(...main, ...low),
    })
    .map(({ count, frozen, head }) => frontier(claim(count, { frozen, head: fromHex(head.id) })));
  const arbitrary = fc.record({
    held: fc.constantFrom([], main, high.slice(0, 6), low.slice(0, 3), [...main, ...high]),
    claimed: arbitraryClaim,
    replies: fc.array(arbitraryReply, { minLength: 1, maxLength: 8 }),
  });
  const property = fc.asyncProperty(arbitrary, async ({ held, claimed, replies }) => {
    const [victim] = (await ledgersOf(held)) as [Ledger];
    let n = 0;
    const ask: Ask = async ({ ask: asked }) => {
      n += 1;
      if (n > 100) throw new Error('the pull does not end');
      return asked === 'frontier' ? claimed : replies[n % replies.length]!;
    };
    const ended = await pullFrom(victim, ask).then(
      () => 'ended',
      (error: Error) => (error.name === 'SyncFaultError' ? 'ended' : error.message),
    );
    return ended === 'ended' && (await victim.verify()).ok;
  });
  await holds(t, 'it ends', property, 100);
});

t.test('a log that grows and forks by gossip while it is being pulled', async (t) => {
  const { main, high } = histories();
  const [a, b] = (await ledgersOf(main.slice(0, 2), main)) as [Ledger, Ledger];
  const wire = wireTo(b);
  await pullFrom(a, async (request) => {
    const reply = await wire.ask(request);
    if (request.ask === 'entries') await feed(a, [[...main, ...high]]);
    return reply;
  });
  t.equal(a.log(main[0]!.author, main[0]!.log)?.fork?.seq, 5);
  await round([a, b], [1, 2]);
  t.ok(areEqual([a, b]));
});

t.test('who becomes a member by what is pulled is pulled too, whatever the order of keys', async (t) => {
  const people = ['p1', 'p2', 'p3', 'p4', 'p5'];
  const admits = people.map((name, i) =>
    scribe(MESH, i === 0 ? 'ada' : people[i - 1]!, 'chain')('admit', admitPlain(name, 'admin')),
  );
  const last = scribe(MESH, 'p5')('note', 1);
  const [a, b] = (await ledgersOf([], [...admits, last])) as [Ledger, Ledger];
  t.equal(await pull(a, b), 6);
  t.ok(areEqual([a, b]));
});

t.test('what a stranger wrote is held by nobody, and keeps nobody from being equal', async (t) => {
  const [a, b] = (await ledgersOf([], [])) as [Ledger, Ledger];
  const dee = scribe(MESH, 'dee')('job', job());
  const admit = scribe(MESH, 'ada')('admit', admitPlain('dee', 'member'));
  await feed(b, [[admit, dee]]);
  t.strictSame(await a.ingest([dee.block]), ['stranger']);
  t.equal(await pull(a, b), 2);
  t.ok(areEqual([a, b]));
});

t.test('a log that goes on in a later version of the protocol is pulled as far as it is understood', async (t) => {
  const bob = scribe(MESH, 'bob');
  const log = [bob('note', 0), bob('note', 1)];
  const [a] = (await ledgersOf([])) as [Ledger];
  const newer = encode([encode([2, 'in a form of its own']), new Uint8Array(64)]);
  const pages: Uint8Array[][] = [log.map((entry) => entry.block).concat(newer), []];
  const ask: Ask = async ({ ask: asked }) =>
    asked === 'frontier' ? frontier(claim(5)) : page(...(pages.shift() ?? []));
  t.notOk(a.seesNewer());
  t.equal(await pullFrom(a, ask), 2);
  t.ok(a.seesNewer(), 'and its owner is told to update');
  t.equal(pages.length, 1, 'in one question');
});

t.test('a frontier of more logs than fit in a frame comes in pages', async (t) => {
  const names = Array.from({ length: 6 }, (_, i) => `author ${i}`);
  const admits = names.map((name) => scribe(MESH, 'ada', name)('admit', admitPlain(name, 'worker')));
  const logs = names.flatMap((name) => Array.from({ length: 850 }, (_, i) => scribe(MESH, name, `${i}`)('note', i)));
  const [empty, full] = (await ledgersOf([], [...admits, ...logs])) as [Ledger, Ledger];
  const wire = wireTo(full);
  t.equal(await pullFrom(empty, wire.ask), 5106);
  t.strictSame(wire.asked.slice(0, 3), ['frontier', 'frontier', 'entries']);
  t.ok(areEqual([empty, full]));
});

t.test('a frontier without an end is a fault', async (t) => {
  const [victim] = (await ledgersOf([])) as [Ledger];
  let n = 0;
  const ask: Ask = async () => {
    const logs = Array.from({ length: 5000 }, () => {
      n += 1;
      return claim(0, { log: fromHex(n.toString(16).padStart(32, '0')) });
    });
    return frontier(...logs);
  };
  await t.rejects(pullFrom(victim, ask), { code: 'bad_entries' });
});

t.test('what a node writes itself reaches the others', async (t) => {
  const [a, b] = (await ledgersOf([], [])) as [Ledger, Ledger];
  const { ledger: ada } = await joinMesh('ada', GENESIS);
  const entry = await ada.append('job', job());
  t.equal(await pull(a, ada), 1);
  t.equal(await pull(b, a), 1, 'and by way of another');
  t.ok(b.state().jobs.has(entry.id));
});
