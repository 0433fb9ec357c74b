// Who takes part, by the word of people: tickets listed and taken back, removal from above, leaving. Real nodes, loopback.
import '../../src/node/polyfill.ts';
import t, { type Test } from 'tap';
import { decodeTicket } from '../../src/protocol/ticket.ts';
import { homeOf, type Machine, machine } from './support/machine.ts';
import { until } from './support/worker.ts';

type Trio = [Machine, Machine, Machine];

const gone = (at: Machine, who: Machine): string | undefined =>
  at.port.members().find(({ peerId }) => peerId === who.peerId)?.state;
const peersOf = (node: Machine): string[] =>
  node
    .session()
    .mesh.peers()
    .map(({ peerId }) => peerId);

/** a founds; b came by a, c by b; b in the role that is asked for. */
async function chain(t: Test, role: 'admin' | 'member'): Promise<Trio> {
  const home = homeOf(t);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => machine(t, home, name)) as Trio;
  await a.place.enter(undefined);
  await b.place.enter(decodeTicket((await a.port.invite({ role })).ticket));
  await until('b is in', () => b.session().ledger.state().members.size === 2, 30_000);
  const inviter = role === 'admin' ? b : a;
  await c.place.enter(decodeTicket((await inviter.port.invite({})).ticket));
  await until('all know all', () => [a, b, c].every((each) => each.port.members().length === 3), 30_000);
  await until('all are connected', () => [a, b, c].every((each) => peersOf(each).length === 2), 30_000);
  return [a, b, c];
}

t.test('tickets: how many uses are left, and none once it is taken back', async (t) => {
  const home = homeOf(t);
  const [a, b] = [machine(t, home, 'a'), machine(t, home, 'b')];
  await a.place.enter(undefined);
  t.same(a.port.openInvites(), []);
  const { ticket, inviteId } = await a.port.invite({ uses: 3, role: 'worker' });
  await a.port.invite({ expiresInMs: 60_000 });
  t.match(a.port.openInvites(), [{ uses: 1 }, { inviteId, uses: 3, usesLeft: 3, role: 'worker', issuer: 'a' }]);
  await b.place.enter(decodeTicket(ticket));
  await until('a use is gone', () => a.port.openInvites().at(-1)?.usesLeft === 2);
  a.clock.skew += 61_000;
  t.equal(a.port.openInvites().length, 1, 'who has expired is not listed');
  await until('the worker knows the ticket', () => b.port.openInvites().length > 0, 30_000);
  await t.rejects(b.port.cancelInvite(inviteId), { code: 'role', message: /ask on a\.$/ });
  for (const id of ['ffffffff'.repeat(8), inviteId.slice(0, 7)]) {
    await t.rejects(a.port.cancelInvite(id), { code: 'invite_unknown' });
  }
  t.match(await a.port.cancelInvite(inviteId.slice(0, 12)), { inviteId, usesLeft: 2 });
  t.same(a.port.openInvites(), []);
  await t.rejects(a.port.cancelInvite(inviteId), { code: 'invite_unknown' }, 'once');
  t.notOk(a.session().lobby.open, 'no door is open for it');
});

t.test('who stands above removes; the others are told who could', async (t) => {
  const [a, b, c] = await chain(t, 'admin');
  const cases: [Machine, string, string, RegExp][] = [
    [b, 'a', 'not_above', /^a can be removed by whoever holds the recovery phrase only/],
    [c, 'b', 'role', /^b can be removed by a or whoever holds the recovery phrase only/],
    [c, a.peerId, 'role', /recovery phrase/],
    [b, 'b', 'not_above', /it leaves/],
    [a, 'nobody', 'member_unknown', /nobody/],
  ];
  for (const [by, who, code, message] of cases) await t.rejects(by.port.revoke(who, {}), { code, message });
  const revoked = await a.port.revoke('c', {});
  t.match(revoked, { name: 'c', peerId: c.peerId, discarded: 0, root: a.port.ledger().root });
  t.equal(gone(a, c), 'blocked');
  await until('c is told', () => c.problem('removed') !== undefined, 10_000);
  t.match(c.problem('removed'), /^This machine was removed from the mesh by a\./);
  await until('b knows', () => gone(b, c) === 'blocked', 10_000);
  const isIn = (): string | null | undefined => a.port.members().find(({ peerId }) => peerId === b.peerId)?.root;
  await until('a sees that b knows', () => isIn() === revoked.root, 40_000);
  await until('c is out', () => [a, b].every((each) => !peersOf(each).includes(c.peerId)), 10_000);
  await t.rejects(a.port.revoke('c', {}), { code: 'already_gone' });
  await t.rejects(a.port.revoke(c.peerId, {}), { code: 'already_gone' });
});

t.test('what was written since a time can be left out', async (t) => {
  const [a, b] = await chain(t, 'member');
  const before = b.session().ledger.size();
  const steer = { job: new Uint8Array(32), action: 'stop', turn: 1 };
  b.clock.skew -= 2 * 3_600_000;
  await b.session().ledger.append('control', steer);
  b.clock.skew = 0;
  await b.session().ledger.append('control', steer);
  await until('a has it', () => a.session().ledger.size() === before + 2, 30_000);
  const discardSince = new Date(Date.now() - 3_600_000).toISOString();
  t.match(await a.port.revoke('b', { discardSince }), { kept: 1, discarded: 1 });
});

t.test('names that two members have', async (t) => {
  const home = homeOf(t);
  const [a, one, two] = [machine(t, home, 'a'), machine(t, home, 'one'), machine(t, home, 'two')];
  for (const each of [one, two]) each.deps.config.name = 'same';
  await a.place.enter(undefined);
  const { ticket } = await a.port.invite({ uses: 2 });
  for (const each of [one, two]) await each.place.enter(decodeTicket(ticket));
  await until('both are in', () => a.port.members().length === 3);
  await t.rejects(a.port.revoke('same', {}), { code: 'member_ambiguous', message: new RegExp(one.peerId) });
  await a.port.revoke(one.peerId, {});
  t.match(await a.port.revoke('same', {}), { peerId: two.peerId }, 'the one that is left');
});

t.test("a name of one's own stays on one machine, and a ping measures the way", async (t) => {
  const [a, b, c] = await chain(t, 'member');
  t.match(a.port.rename('b', { name: 'attic' }), { peerId: b.peerId, name: 'b', givenName: 'attic' });
  const called = (at: Machine): unknown => at.port.members().find(({ peerId }) => peerId === b.peerId);
  t.match(called(a), { name: 'b', givenName: 'attic' });
  for (const other of [b, c]) t.match(called(other), { name: 'b', givenName: null }, 'nobody else hears of it');
  t.throws(() => a.port.rename('attic', { name: 'x' }), { code: 'member_unknown' }, 'commands go by own names');
  a.port.rename(b.peerId, { name: ' ' });
  t.match(called(a), { givenName: null });
  const { name, ms } = await a.port.ping('b');
  t.equal(name, 'b');
  t.ok(ms >= 0 && ms < 5000, `${ms} ms`);
  await t.rejects(a.port.ping('a'), { code: 'not_connected' }, 'there is no way from a machine to itself');
  await t.rejects(a.port.ping('z'), { code: 'member_unknown' });
});

t.test('who leaves is gone everywhere, and says nothing more', async (t) => {
  const [a, b, c] = await chain(t, 'admin');
  t.match(await b.port.leave(), { told: 2, admins: 1 });
  await until('all know', () => [a, c].every((each) => gone(each, b) === 'left'), 10_000);
  await until('it is out', () => [a, c].every((each) => !peersOf(each).includes(b.peerId)), 10_000);
  await t.rejects(b.port.leave(), { code: 'not_a_member' });
  t.ok(
    a.port.members().some(({ peerId, state }) => peerId === c.peerId && state !== 'left'),
    'whom it let in stays',
  );
});
