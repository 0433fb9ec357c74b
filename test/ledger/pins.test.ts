// P1 to P4, M6 to M8, R1: who removes whom, what of the removed counts, and that a pin holds against forks.
import t, { type Test } from 'tap';
import { deriveState, type State } from '../../src/ledger/derive.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { pinnedAt } from '../../src/ledger/pins.ts';
import { answerSync, pullFrom } from '../../src/ledger/sync.ts';
import { compareText, fromHex } from '../../src/protocol/bytes.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import type { Revoke } from '../../src/protocol/kinds.ts';
import { PINNED_LOGS_MAX } from '../../src/protocol/limits.ts';
import { GENESIS, MESH } from './support/history.ts';
import { entriesIn, feed, joinMesh } from './support/ledgers.ts';
import { admitBy, admitPlain, hexOf, invite, job, keyOf, result, scribe, write } from './support/people.ts';

type Scribe = ReturnType<typeof scribe>;

const blocks = (entries: readonly Entry[]): Uint8Array[] => entries.map(({ block }) => block);
const upTo = (...ends: readonly Entry[]): Revoke['pinned'] =>
  ends.map(({ log, seq, id }) => [fromHex(log), seq + 1, fromHex(id)]);
const pin = (member: string, ...ends: readonly Entry[]): Revoke => ({ member: keyOf(member), pinned: upTo(...ends) });
const goneOf = (state: State, name: string): string | undefined => state.members.get(hexOf(keyOf(name)))?.gone?.how;

/** Ada is first; bob (an admin) came by her, cy by bob, dee by cy, all admins; eve by ada. */
function family(): { ground: Entry[]; ada: Scribe; bob: Scribe; cy: Scribe; dee: Scribe; eve: Scribe } {
  const [ada, bob, cy, dee, eve] = ['ada', 'bob', 'cy', 'dee', 'eve'].map((name) =>
    name === 'ada' ? scribe(MESH, 'ada', '0', GENESIS) : scribe(MESH, name),
  ) as [Scribe, Scribe, Scribe, Scribe, Scribe];
  const ground = [
    GENESIS,
    ada('admit', admitPlain('bob', 'admin')),
    bob('admit', admitPlain('cy', 'admin')),
    cy('admit', admitPlain('dee', 'admin')),
    ada('admit', admitPlain('eve', 'admin')),
  ];
  return { ground, ada, bob, cy, dee, eve };
}

/** The state of the entries, the same in both directions. */
function stateOf(t: Test, entries: readonly Entry[]): State {
  const state = deriveState(MESH, entries);
  t.equal(deriveState(MESH, [...entries].reverse()).root, state.root, 'independent of order');
  return state;
}

t.test('only who stands above removes: parents and their parents, and the holder of the phrase', async (t) => {
  const who = ['ada', 'bob', 'cy', 'dee', 'eve'];
  const above: Record<string, string[]> = {
    ada: ['root'],
    bob: ['root', 'ada'],
    cy: ['root', 'ada', 'bob'],
    dee: ['root', 'ada', 'bob', 'cy'],
    eve: ['root', 'ada'],
  };
  for (const author of [...who, 'root', 'stranger']) {
    for (const member of who) {
      const people = family();
      const say = people[author as 'ada'] ?? scribe(MESH, author);
      const revoke = say('revoke', pin(member));
      const state = stateOf(t, [...people.ground, revoke]);
      const isRight = above[member]!.includes(author);
      t.equal(goneOf(state, member), isRight ? 'removed' : undefined, `${author} removes ${member}`);
      const idle = author === 'stranger' ? 'not_a_member' : 'no_effect';
      t.equal(state.refused.get(revoke.id), isRight ? undefined : idle);
    }
  }
});

t.test('three that remove each other at once: the one above wins, and what it cut off removes nobody', async (t) => {
  const { ground, ada, bob, cy } = family();
  const [, , cyIn] = ground as [Entry, Entry, Entry];
  const byAda = ada('revoke', pin('bob', cyIn));
  const byBob = bob('revoke', pin('cy'));
  const byCy = cy('revoke', pin('ada'));
  const state = stateOf(t, [...ground, byAda, byBob, byCy]);
  t.strictSame(
    ['ada', 'bob', 'cy', 'dee'].map((name) => goneOf(state, name)),
    [undefined, 'removed', undefined, undefined],
  );
  t.equal(state.refused.get(byBob.id), 'cut');
  const earlier = stateOf(t, [...ground, ada('revoke', pin('bob', byBob)), byBob, byCy]);
  t.strictSame(
    ['bob', 'cy', 'dee'].map((name) => earlier.members.has(hexOf(keyOf(name))) && goneOf(earlier, name)),
    ['removed', 'removed', false],
    'what stands below the cut still removes, and who came by what was cut was never in',
  );
});

t.test('what a removed member had contributed up to the cut counts, and nothing later or elsewhere', async (t) => {
  const { ground, ada, eve } = family();
  const work = ada('job', job({ units: 9 }));
  const early = eve('result', result(work.id, 0, 'right'));
  const late = eve('result', result(work.id, 1, 'right'));
  const hidden = scribe(MESH, 'eve', 'hidden')('result', result(work.id, 2, 'right'));
  const unknown = eve('note-from-the-future', 1);
  const all = [...ground, work, early, late, hidden, unknown, ada('revoke', pin('eve', early))];
  const state = stateOf(t, all);
  t.strictSame(
    [...state.units.values()].map(({ index }) => index),
    [0],
  );
  t.strictSame(
    [late, hidden, unknown].map(({ id }) => state.refused.get(id)),
    ['cut', 'cut', 'cut'],
  );
  const without = stateOf(
    t,
    all.filter((entry) => ![late, hidden, unknown].includes(entry)),
  );
  t.equal(without.root, state.root, 'whoever holds more of it says the same');
});

t.test('the word of the highest counts, then the one that leaves least, then the smaller id', async (t) => {
  const { ground, ada, bob, cy, dee } = family();
  const said = [0, 1, 2, 3].map((n) => dee('job', job({ seed: String(n) })));
  const jobsBy = (...words: readonly Entry[]): number => stateOf(t, [...ground, ...said, ...words]).jobs.size;
  t.equal(jobsBy(cy('revoke', pin('dee', said[0]!)), bob('revoke', pin('dee', said[2]!))), 3);
  t.equal(jobsBy(ada('revoke', pin('dee', said[1]!)), ada('revoke', pin('dee', said[2]!))), 2);
  t.equal(jobsBy(ada('seal', pin('dee', said[2]!)), cy('revoke', pin('dee'))), 3, 'a seal from higher up too');
  t.equal(jobsBy(ada('seal', pin('dee', scribe(MESH, 'dee', '2')('note', 1))), cy('revoke', pin('dee'))), 0);
  t.equal(jobsBy(scribe(MESH, 'root')('revoke', pin('dee', said[3]!)), ada('revoke', pin('dee'))), 4);
});

t.test('the founding stays when the first member is removed', async (t) => {
  const { ground } = family();
  const state = stateOf(t, [...ground, scribe(MESH, 'root')('revoke', pin('ada'))]);
  t.equal(goneOf(state, 'ada'), 'removed');
  t.equal(state.members.size, 1, 'all that she let in after it is gone with her');
  const anew = scribe(MESH, 'root', '2')('admit', admitPlain('zoe', 'admin'));
  const saved = stateOf(t, [...ground, scribe(MESH, 'root')('revoke', pin('ada')), anew]);
  t.match(saved.members.get(hexOf(keyOf('zoe'))), { role: 'admin', parent: hexOf(keyOf('root')) });
});

t.test('who holds the phrase is no member: it neither works nor comes in', async (t) => {
  const { ground, ada } = family();
  const root = scribe(MESH, 'root');
  const work = root('job', job());
  const state = stateOf(t, [...ground, work, ada('admit', admitPlain('root', 'worker'))]);
  t.equal(state.jobs.size, 0);
  t.notOk(state.members.has(hexOf(keyOf('root'))));
});

t.test('who leaves is gone by its own word, what it said stays, and nobody else can say it', async (t) => {
  const { ground, ada, eve } = family();
  const work = ada('job', job());
  const vote = eve('result', result(work.id, 0, 'right'));
  const state = stateOf(t, [...ground, work, vote, eve('leave', {})]);
  t.strictSame([goneOf(state, 'eve'), goneOf(state, 'ada')], ['left', undefined]);
  t.equal(state.units.size, 1);
  t.equal(goneOf(stateOf(t, [...ground, scribe(MESH, 'stranger')('leave', {})]), 'eve'), undefined);
});

t.test('a ticket is taken back by its issuer or an admin; whom it let in stays', async (t) => {
  const { ground, ada, bob } = family();
  const ticket = ada('invite', invite(MESH, 'ada', 'ticket', 'member', 2));
  const come = bob('admit', admitBy(MESH, 'ticket', 'zoe', 'member'));
  const key = hexOf(keyOf('ticket'));
  const cancel = { invite: keyOf('ticket') };
  const zoe = scribe(MESH, 'zoe');
  for (const [say, isRight] of [
    [ada, true],
    [bob, true],
    [zoe, false],
    [scribe(MESH, 'stranger'), false],
  ] as const) {
    const state = stateOf(t, [...ground, ticket, come, say('cancel', cancel)]);
    t.equal(state.invites.get(key)?.cancelled, isRight);
    t.ok(state.members.has(hexOf(keyOf('zoe'))));
  }
});

t.test('the rules are the highest that an admin has said', async (t) => {
  const { ground, ada, bob } = family();
  const high = ada('policy', { rules: 3 });
  const low = bob('policy', { rules: 2 });
  const by = scribe(MESH, 'stranger')('policy', { rules: 9 });
  t.equal(stateOf(t, ground).rules, 1);
  t.equal(stateOf(t, [...ground, high, low, by]).rules, 3);
});

/** Bob's log of four, and another one that parts from it after the first. */
function parted(): { main: Entry[]; other: Entry[] } {
  const bob = scribe(MESH, 'bob', 'parted');
  const main = [0, 1, 2, 3].map((n) => bob('job', job({ seed: String(n) })));
  const other: Entry[] = [];
  for (const n of [7, 8, 9]) {
    other.push(write(MESH, 'bob', 'parted', other.at(-1) ?? main[0], { kind: 'job', data: job({ seed: String(n) }) }));
  }
  return { main, other };
}

async function ledgerOf(name: string, ...batches: (readonly Entry[])[]): Promise<Ledger> {
  const { ledger } = await joinMesh(name, GENESIS);
  await feed(ledger, batches);
  return ledger;
}

const jobsIn = (ledger: Ledger): string[] => [...ledger.state().jobs.keys()].sort(compareText);
const idsOf = (entries: readonly Entry[]): string[] => entries.map(({ id }) => id).sort(compareText);
const pull = (to: Ledger, from: Ledger): Promise<number> => pullFrom(to, async (request) => answerSync(from, request));

t.test('a pin brings back what stands above a fork: from the own disk, or from whoever holds it', async (t) => {
  const { ground, ada } = family();
  const { main, other } = parted();
  const held = [[...ground, ...main], [...ground, main[0]!, ...other], ground] as const;
  const [one, two, three] = (await Promise.all(held.map((entries, i) => ledgerOf(`node ${i}`, entries)))) as [
    Ledger,
    Ledger,
    Ledger,
  ];
  await pull(one, two);
  await pull(two, one);
  t.strictSame([jobsIn(one), jobsIn(two)], [idsOf([main[0]!]), idsOf([main[0]!])], 'the fork froze it for both');
  const seal = ada('seal', pin('bob', main[2]!));
  await one.ingest([seal.block]);
  t.strictSame(jobsIn(one), idsOf(main.slice(0, 3)), 'the own disk still holds it');
  t.ok((await one.verify()).ok);
  await pull(two, one);
  t.strictSame(jobsIn(two), idsOf(main.slice(0, 3)), 'the other one gets it');
  t.equal(two.state().root, one.state().root);
  t.ok((await two.verify()).ok);
  await pull(three, two);
  await pull(one, two);
  t.strictSame(jobsIn(three), idsOf(main.slice(0, 3)));
  t.strictSame(new Set([one, two, three].map((ledger) => hexOf(ledger.frontierDigest()))).size, 1);
  t.strictSame(await three.ingest(blocks([main[3]!, other[0]!])), ['cut', 'cut']);
});

t.test(
  'a pin to a history that parts below the fork that is known here brings that history all the same',
  async (t) => {
    for (const isKnownFirst of ['to who holds it', 'to who does not']) {
      const { ground, ada } = family();
      const [, bobIn, , , eveIn] = ground as [Entry, Entry, Entry, Entry, Entry];
      const { main, other } = parted();
      const high = write(MESH, 'bob', 'parted', main[2], { kind: 'job', data: job({ seed: '99' }) });
      const one = await ledgerOf('node 1', [...ground, ...main, high]);
      const two = await ledgerOf('node 2', [...ground, main[0]!, ...other]);
      t.equal(one.log(main[0]!.author, main[0]!.log)?.fork?.seq, 3);
      const seal = ada('seal', pin('bob', other[2]!));
      await (isKnownFirst === 'to who holds it' ? two : one).ingest([seal.block]);
      for (let round = 0; round < 2; round += 1) {
        await pull(one, two);
        await pull(two, one);
      }
      const wanted = idsOf([main[0]!, ...other]);
      t.strictSame([jobsIn(one), jobsIn(two)], [wanted, wanted], `known first ${isKnownFirst}`);
      t.equal(one.state().root, two.state().root);
      t.ok((await one.verify()).ok);
      // What sealed it is cut off: then the log is frozen where the two histories part.
      const cut = scribe(MESH, 'root')('revoke', pin('ada', eveIn));
      t.equal(eveIn.prev, bobIn.id);
      await one.ingest([cut.block]);
      t.strictSame(jobsIn(one), idsOf([main[0]!]));
      for (let round = 0; round < 2; round += 1) {
        await pull(one, two);
        await pull(two, one);
      }
      t.equal(one.state().root, two.state().root);
      t.strictSame(jobsIn(two), idsOf([main[0]!]));
      t.ok((await one.verify()).ok && (await two.verify()).ok);
    }
  },
);

t.test('while the disk writes what a pin has changed, logs and state fit each other already', async (t) => {
  const { ground, ada } = family();
  const [bobIn, , , eveIn] = ground.slice(1) as [Entry, Entry, Entry, Entry];
  const { main, other } = parted();
  const { ledger, deps } = await joinMesh('zoe', GENESIS);
  await feed(ledger, [[...ground, ...main, other[0]!]]);
  const { write: onDisk } = deps.store;
  const seen: string[][] = [];
  deps.store.write = async (batch, options) => {
    seen.push(jobsIn(ledger));
    t.equal(deriveState(MESH, entriesIn(ledger)).root, ledger.state().root);
    await onDisk(batch, options);
  };
  // The half of the fork that is nowhere but in the proof.
  await ledger.ingest([ada('seal', pin('bob', other[0]!)).block]);
  const [frozen, sealed] = [idsOf([main[0]!]), idsOf([main[0]!, other[0]!])];
  t.strictSame(seen, [frozen, sealed], 'the seal itself, then what it brought back');
  t.equal(eveIn.prev, bobIn.id);
  seen.length = 0;
  await ledger.ingest([scribe(MESH, 'root')('revoke', pin('ada', eveIn)).block]);
  t.strictSame(seen, [sealed, frozen], 'and what froze again');
  t.ok((await ledger.verify()).ok);
});

t.test('who would put another history in its place is not believed', async (t) => {
  const { ground, ada } = family();
  const { main, other } = parted();
  const ledger = await ledgerOf('zoe', [...ground, main[0]!, ...other]);
  await ledger.ingest([ada('seal', pin('bob', main[2]!)).block]);
  const { author, log } = main[0]!;
  const stranger = scribe(MESH, 'eve', 'parted')('note', 1);
  for (const [wrong, from] of [
    [main.slice(0, 2), 0],
    [main.slice(0, 4), 0],
    [[main[0]!, ...other.slice(0, 2)], 0],
    [[main[0]!, main[2]!], 0],
    [main.slice(1, 3), 0],
    [[stranger], 0],
    [[], 0],
  ] as const) {
    t.notOk(await ledger.restore(author, log, from, blocks(wrong)), `${wrong.length} entries`);
  }
  const forged = Uint8Array.from(main[1]!.block);
  forged[forged.length - 1]! ^= 1;
  t.notOk(await ledger.restore(author, log, 0, [main[0]!.block, forged, main[2]!.block]));
  t.ok(await ledger.restore(author, log, 1, blocks(main.slice(1, 3))));
  t.notOk(await ledger.restore(author, log, 0, blocks(main.slice(0, 3))), 'once');
  t.strictSame(jobsIn(ledger), idsOf(main.slice(0, 3)));
  t.ok((await ledger.verify()).ok);
});

t.test('a removed machine writes nothing more, and one whose log was sealed goes on in another', async (t) => {
  const { ground, ada } = family();
  const { ledger } = await joinMesh('bob', GENESIS);
  await feed(ledger, [ground]);
  const first = await ledger.append('job', job({ seed: 'first' }));
  await ledger.ingest([ada('seal', pin('bob', first)).block]);
  const second = await ledger.append('job', job({ seed: 'second' }));
  t.not(second.log, first.log);
  t.equal(ledger.state().jobs.size, 2);
  await ledger.ingest([ada('revoke', pin('bob', first)).block]);
  t.strictSame(jobsIn(ledger), [first.id]);
  await t.rejects(ledger.append('job', job()), { code: 'not_a_member' });
});

t.test('when the word that cut a log is cut off itself, the log goes on', async (t) => {
  const { ground, ada, bob, cy } = family();
  const dees = scribe(MESH, 'dee')('job', job());
  const byCy = cy('revoke', pin('dee'));
  const ledger = await ledgerOf('zoe', [...ground, dees, byCy]);
  t.equal(ledger.state().jobs.size, 0);
  const [, , , deeIn] = ground as [Entry, Entry, Entry, Entry];
  await ledger.ingest([bob('revoke', pin('cy', deeIn)).block]);
  t.equal(ledger.state().jobs.size, 1);
  t.ok((await ledger.verify()).ok);
  await ledger.ingest([ada('note', 1).block]);
});

t.test('what a revoke names: each log as far as it counts here, or as it was at a time', async (t) => {
  const { ground } = family();
  const eve = scribe(MESH, 'eve', 'long');
  const long = [10, 20, 30].map((time) => eve('note', time, time));
  const short = scribe(MESH, 'eve', 'short')('note', 1, 25);
  const ledger = await ledgerOf('zoe', [...ground, ...long, short]);
  const logs = [...ledger.logs()].filter(({ author }) => author === hexOf(keyOf('eve')));
  const said = (since?: number): string[] =>
    pinnedAt(logs, since).map(([log, count, head]) => `${hexOf(log)} ${count} ${hexOf(head)}`);
  const end = ({ log, seq, id }: Entry): string => `${log} ${seq + 1} ${id}`;
  t.strictSame(said(), [end(long[2]!), end(short)]);
  t.strictSame(said(25), [end(long[1]!)]);
  t.strictSame(said(5), []);
  const many = Array.from({ length: PINNED_LOGS_MAX + 5 }, (_, i) => scribe(MESH, 'eve', `log ${i}`)('note', i));
  await feed(ledger, [many]);
  const all = [...ledger.logs()].filter(({ author }) => author === hexOf(keyOf('eve')));
  const pinned = pinnedAt(all);
  t.equal(pinned.length, PINNED_LOGS_MAX);
  t.equal(pinned[0]![1], 3, 'the longest first');
  const revoke = scribe(MESH, 'ada', 'far')('revoke', { member: keyOf('eve'), pinned });
  t.equal((await ledger.ingest([revoke.block]))[0], 'stored', 'as many fit into an entry');
});
