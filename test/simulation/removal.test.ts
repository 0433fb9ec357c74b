// Who leaves the mesh against its will, and who comes all at once, told in virtual time.
import t from 'tap';
import type { State } from '../../src/ledger/derive.ts';
import { pinnedAt } from '../../src/ledger/pins.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import type { Role } from '../../src/protocol/schema.ts';
import { decodeTicket, encodeTicket } from '../../src/protocol/ticket.ts';
import { remove, sealAt } from './authority.ts';
import { type History, play } from './history.ts';
import { checkAgreement } from './invariants.ts';
import type { Machine } from './machine.ts';
import { loadProduct } from './product.ts';
import { fork, sayInstead } from './rogue.ts';

const product = await loadProduct();

const stateOf = ({ session }: Machine): State => session!.ledger.state();
const goneAt = (at: Machine, who: Machine): string | undefined => stateOf(at).members.get(who.key)?.gone?.how;
const isConnected = (a: Machine, b: Machine): boolean =>
  a.session!.mesh.peers().some(({ peerId }) => peerId === b.peerId);

function apart(history: History, a: readonly Machine[], b: readonly Machine[]): void {
  for (const one of a) {
    for (const other of b) {
      history.network.cut(one.host, other.host);
      history.network.cut(other.host, one.host);
    }
  }
}

/** Each lets the next one in, so that each stands above all that come after it. */
async function chain(history: History, names: readonly string[], role: Role): Promise<Machine[]> {
  await history.found(names.slice(0, 1));
  for (const name of names.slice(1)) {
    const ticket = await history.wait(history.machines.at(-1)!.invite(1, role));
    await history.join(name, ticket!);
    await history.world.run(20_000);
  }
  return history.machines;
}

t.test('three admins, each let in by the one before, remove each other while none hears of another', async (t) => {
  await play(product, 11, async (history) => {
    const [ada, bob, cy] = (await chain(history, ['ada', 'bob', 'cy'], 'admin')) as [Machine, Machine, Machine];
    const dee = (await history.join('dee', (await history.wait(ada.invite(1)))!))!;
    await history.world.run(60_000);
    t.strictSame(checkAgreement(history.machines, new Set()), []);
    for (const one of [ada, bob, cy])
      apart(
        history,
        [one],
        history.machines.filter((each) => each !== one),
      );
    await history.world.run(30_000);
    await history.wait(remove(bob, cy));
    await history.wait(remove(cy, ada));
    await history.wait(remove(ada, bob));
    t.strictSame([goneAt(bob, cy), goneAt(cy, ada), goneAt(ada, bob)], ['removed', undefined, 'removed']);
    history.network.calm();
    await history.world.run(180_000);
    for (const one of [ada, cy, dee]) {
      const gone = [ada, bob, cy, dee].filter((each) => goneAt(one, each) !== undefined);
      t.strictSame(
        gone,
        [bob],
        `${one.name}: who stands highest removes, and what the removed one said later is nothing`,
      );
      t.notOk(isConnected(one, bob));
    }
    t.ok(isConnected(ada, cy));
    const job = await history.wait(cy.createJob({ units: 2 }));
    await history.world.run(300_000);
    const states = [...stateOf(ada).units.values()].filter((unit) => unit.job === job!.id);
    t.strictSame(
      states.map(({ verdict }) => verdict.state),
      ['validated', 'validated'],
      'those that are left go on',
    );
    history.look();
    t.strictSame([...history.findings, ...checkAgreement([ada, cy, dee], new Set())], []);
  });
});

t.test('a member that is no admin invites nobody, and removes nobody', async (t) => {
  await play(product, 12, async (history) => {
    const [ada, bob, cy] = (await history.found(['ada', 'bob', 'cy'])) as [Machine, Machine, Machine];
    const ticket = await history.wait(bob.invite(1));
    const revoke = await history.wait(remove(bob, cy));
    await history.world.run(60_000);
    const friend = await history.join(
      'friend',
      encodeTicket({ ...decodeTicket(ticket!), addresses: ada.session!.lobby.addresses() }),
    );
    t.equal(friend, undefined, 'the door does not know its ticket');
    for (const one of [ada, bob, cy]) {
      t.equal(stateOf(one).refused.get(revoke!.id), 'role');
      t.equal(goneAt(one, cy), undefined);
      t.equal(stateOf(one).members.size, 3);
    }
    t.strictSame(checkAgreement(history.machines, new Set()), []);
  });
});

t.test('a stolen laptop: what it did before counts, and whatever the thief does with it is nothing', async (t) => {
  await play(product, 13, async (history) => {
    const [ada, bob, laptop] = (await history.found(['ada', 'bob', 'laptop'])) as [Machine, Machine, Machine];
    const ticket = (await history.wait(ada.invite(5)))!;
    const work = (await history.wait(laptop.createJob({ units: 2 })))!;
    await history.world.run(300_000);
    const votes = [...stateOf(ada).units.values()]
      .flatMap((unit) => unit.votes)
      .filter(({ author }) => author === laptop.key);
    t.ok(votes.length > 0, 'it had worked');

    // The thief takes it out of the network, and goes on with it.
    apart(history, [laptop], [ada, bob]);
    await history.world.run(60_000);
    await history.wait(remove(ada, laptop));
    await history.wait(ada.append('cancel', { invite: fromHex(inviteOf(ticket, ada)) }));
    const stolen = (await history.wait(laptop.createJob({ name: 'of the thief', units: 2 })))!;
    const inside = encodeTicket({ ...decodeTicket(ticket), addresses: laptop.session!.lobby.addresses() });
    const friend = await history.join('friend', inside);
    t.ok(friend?.isUp, 'at the door of the laptop its friend is let in');
    await history.world.run(200_000);

    // It is back in the network, with another past below the cut besides.
    const log = [...ada.session!.ledger.logs()].find(
      ({ author, entries }) => author === laptop.key && entries.length > 1,
    )!;
    const forged = sayInstead(history, laptop, log, 1);
    const before = stateOf(ada).root;
    history.network.calm();
    await history.world.run(120_000);
    const own = laptop.session!.ledger;
    const blocks = [...own.logs()].flatMap((log) => own.page(log.author, log.log, 0));
    for (const one of [ada, bob]) {
      const answers = (await history.wait(one.act(({ ledger }) => ledger.ingest([...blocks, forged.block]))))!;
      t.notOk(answers.includes('stored'), `${one.name}: not even handed over by somebody else`);
      t.notOk(isConnected(one, laptop));
      t.notOk(isConnected(one, friend!));
      t.equal(goneAt(one, laptop), 'removed');
      t.notOk(stateOf(one).members.has(friend!.key), 'whom it let in afterwards is nobody');
      t.notOk(stateOf(one).jobs.has(stolen.id));
      t.ok(stateOf(one).jobs.has(work.id));
      const kept = [...stateOf(one).units.values()].flatMap((unit) => unit.votes.map(({ entry }) => entry));
      t.ok(
        votes.every(({ entry }) => kept.includes(entry)),
        'what it did before counts',
      );
      t.equal(stateOf(one).root, before);
    }
    const again = await history.join('friend of a friend', ticket);
    t.equal(again, undefined, 'the ticket that it knew opens no other door');
    const next = (await history.wait(ada.createJob({ units: 2 })))!;
    await history.world.run(300_000);
    const verdicts = [...stateOf(bob).units.values()]
      .filter(({ job }) => job === next.id)
      .map(({ verdict }) => verdict.state);
    t.strictSame(verdicts, ['validated', 'validated'], 'the others go on');
    history.look();
    t.strictSame([...history.findings, ...checkAgreement([ada, bob], new Set())], []);
  });
});

function inviteOf(ticket: string, { session }: Machine): string {
  const { uses, expires } = decodeTicket(ticket);
  return [...session!.ledger.state().invites.values()].find((each) => each.uses === uses && each.expires === expires)!
    .key;
}

t.test('a log that its author forked by accident is sealed, and all that stood in it counts again', async (t) => {
  await play(product, 14, async (history) => {
    const [ada, bob, careless] = (await history.found(['ada', 'bob', 'careless'])) as [Machine, Machine, Machine];
    const jobs: string[] = [];
    for (let i = 0; i < 3; i += 1) jobs.push((await history.wait(careless.createJob({ units: 1 })))!.id);
    await history.world.run(200_000);
    const log = [...ada.session!.ledger.logs()].find(
      ({ entries }) => entries.findIndex(({ id }) => id === jobs[0]) >= 0,
    )!;
    const [pin] = pinnedAt([log]);
    const known = (at: Machine): number => jobs.filter((id) => stateOf(at).jobs.has(id)).length;
    await history.wait(fork(history, careless, 1));
    await history.world.run(60_000);
    t.strictSame([ada, bob].map(known), [1, 1], 'the fork froze it');
    await history.wait(sealAt(ada, careless, pin!));
    await history.world.run(60_000);
    t.strictSame([ada, bob, careless].map(known), [3, 3, 3]);
    const next = await history.wait(careless.createJob({ units: 1 }));
    t.not(next!.log, log.log, 'it goes on in a new log');
    await history.world.run(60_000);
    t.ok(stateOf(bob).jobs.has(next!.id));
    history.look();
    t.strictSame([...history.findings, ...checkAgreement(history.machines, history.mayFork)], []);
  });
});

t.test('fifty machines that come at once, with one ticket, at three doors', async (t) => {
  await play(product, 15, async (history) => {
    const old = (await history.found(['ada', 'bob', 'cy'])) as [Machine, Machine, Machine];
    const ticket = decodeTicket((await history.wait(old[0].invite(50)))!);
    await history.world.run(5000);
    const doors = old.map(({ session }) => session!.lobby.addresses());
    const guests = Array.from({ length: 50 }, (_, i) => history.add(`guest ${i}`));
    const since = history.world.now;
    const coming = guests.map((guest, i) => guest.join(encodeTicket({ ...ticket, addresses: doors[i % 3]! })));
    await history.wait(Promise.all(coming), 120_000);
    t.ok(
      guests.every(({ isUp }) => isUp),
      'each was let in',
    );
    const machines = [...old, ...guests];
    history.machines.push(...guests);
    const isDone = (): boolean => checkAgreement(machines, new Set()).length === 0;
    while (!isDone() && history.world.now < since + 300_000) await history.world.run(5000);
    t.comment(`all agreed after ${(history.world.now - since) / 1000} s`);
    t.strictSame(checkAgreement(machines, new Set()), []);
    for (const one of machines) {
      if (stateOf(one).members.size !== 53) t.fail(`${one.name} knows ${stateOf(one).members.size} members`);
    }
    t.equal(stateOf(old[0]).invites.get(inviteOf(encodeTicket(ticket), old[0]))?.used.length, 50);
  });
});
