// Histories that are worth telling by name, in virtual time.
import t from 'tap';
import { decodeTicket, encodeTicket } from '../../src/protocol/ticket.ts';
import { play } from './history.ts';
import { checkAgreement } from './invariants.ts';
import type { Machine } from './machine.ts';
import { loadProduct } from './product.ts';
import { fork } from './rogue.ts';

type Trio = [Machine, Machine, Machine];
const YEAR_MS = 365 * 24 * 3_600_000;
const product = await loadProduct();

t.test('an invite for one, used at two doors that cannot see each other', async (t) => {
  await play(product, 1, async (history) => {
    const [ada, bob, cy] = (await history.found(['ada', 'bob', 'cy'])) as Trio;
    const ticket = (await history.wait(ada.invite(1)))!;
    await history.world.run(5000);
    for (const [a, b] of [
      [ada, bob],
      [bob, ada],
      [ada, cy],
      [cy, ada],
    ] as const)
      history.network.cut(a.host, b.host);
    const door = bob.session!.lobby.addresses();
    t.equal(door.length, 1, 'any member opens the door');
    const one = await history.join('one', ticket);
    const two = await history.join('two', encodeTicket({ ...decodeTicket(ticket), addresses: door }));
    t.ok(one?.isUp && two?.isUp, 'each is let in, as far as its door knows');
    history.network.calm();
    await history.world.run(150_000);
    for (const { name, session } of [ada, bob, cy]) {
      const { members } = session!.ledger.state();
      t.equal(members.size, 4, `${name}: one of them is a member`);
      t.not(members.has(one!.key), members.has(two!.key), `${name}: and not the other`);
    }
    t.strictSame(checkAgreement([ada, bob, cy], new Set()), []);
  });
});

t.test('a laptop that comes back after a year', async (t) => {
  await play(product, 2, async (history) => {
    const [ada, bob, laptop] = (await history.found(['ada', 'bob', 'laptop'])) as Trio;
    await history.wait(laptop.createJob({ units: 2 }));
    await history.world.run(60_000);
    for (const machine of history.machines) await history.wait(machine.stop());
    await history.world.run(YEAR_MS);
    for (const machine of [ada, bob]) await history.restart(machine);
    await history.world.run(60_000);
    const job = await history.wait(ada.createJob({ units: 3 }));
    await history.world.run(400_000);
    await history.restart(laptop);
    await history.world.run(30_000);
    t.ok(laptop.session?.ledger.state().jobs.has(job!.id), 'it knows what happened');
    const again = await history.wait(laptop.createJob({ units: 1 }));
    await history.world.run(400_000);
    t.ok(ada.session?.ledger.state().jobs.has(again!.id), 'and takes part again');
    const states = [...ada.session!.ledger.state().units.values()].map(({ verdict }) => verdict.state);
    t.strictSame(states, Array(6).fill('validated'));
    history.look();
    t.strictSame([...history.findings, ...checkAgreement(history.machines, history.mayFork)], []);
  });
});

t.test('an author that forks its own past takes back what it said since, for everybody alike', async (t) => {
  await play(product, 3, async (history) => {
    const [ada, bob, rogue] = (await history.found(['ada', 'bob', 'rogue'])) as Trio;
    const jobs = [await history.wait(rogue.createJob({ units: 1 })), await history.wait(rogue.createJob({ units: 1 }))];
    await history.world.run(300_000);
    t.ok(jobs.every((job) => ada.session?.ledger.state().jobs.has(job!.id)));
    await history.wait(fork(history, rogue, 1));
    await history.world.run(60_000);
    const left = [ada, bob].map(
      ({ session }) => jobs.filter((job) => session!.ledger.state().jobs.has(job!.id)).length,
    );
    t.strictSame(left, [1, 1], 'the job below the fork is left');
    const entry = await history.wait(rogue.createJob({ units: 1 }));
    await history.world.run(60_000);
    t.ok(ada.session?.ledger.state().jobs.has(entry!.id), 'what it says in a new log counts');
    history.look();
    t.strictSame([...history.findings, ...checkAgreement(history.machines, history.mayFork)], []);
  });
});

t.test('I12: ten machines with nothing to do leave the network alone', async (t) => {
  await play(product, 4, async (history) => {
    const names = Array.from({ length: 10 }, (_, i) => `machine ${i}`);
    await history.found(names);
    t.equal(history.machines.length, 10);
    await history.world.run(180_000);
    const bytes = (): number => history.network.traffic.get('/stratmesh/sync/1') ?? 0;
    const before = bytes();
    await history.world.run(10 * 60_000);
    const perMinute = (bytes() - before) / 10 / 10;
    t.ok(perMinute > 0 && perMinute <= 5000, `${Math.round(perMinute)} bytes a minute and machine to compare ledgers`);
    t.strictSame(checkAgreement(history.machines, history.mayFork), []);
  });
});
