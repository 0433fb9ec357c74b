// M1 to M5: who takes part, and that nobody cheats its way in or up.
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { deriveState, type State } from '../../src/ledger/derive.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { joinStatement } from '../../src/protocol/ticket.ts';
import { holds } from '../protocol/support/property.ts';
import { arbitraryHistory, countingOf, GENESIS, MESH } from './support/history.ts';
import { admitBy, admitPlain, hexOf, invite, keyOf, person, scribe } from './support/people.ts';
import { membersOf } from './support/reference.ts';

/** Every order of few entries; fails the test when two orders differ. */
function stateOf(t: Test, entries: readonly Entry[]): State {
  const state = deriveState(MESH, [GENESIS, ...entries]);
  t.equal(deriveState(MESH, [...entries].reverse().concat(GENESIS)).root, state.root, 'independent of order');
  return state;
}

const roleOf = (state: State, name: string): string | undefined => state.members.get(hexOf(keyOf(name)))?.role;
const memberOf = (state: State, name: string) => state.members.get(hexOf(keyOf(name)));

t.test('random histories have the members of the slow reference', async (t) => {
  const property = fc.property(arbitraryHistory(40), (entries) => {
    const counting = countingOf(entries);
    const expected = membersOf(GENESIS, counting);
    const { members } = deriveState(MESH, counting);
    return (
      members.size === expected.members.size &&
      [...expected.members].every(([key, { role, parent, entry }]) => {
        const member = members.get(key);
        const isSame = member?.role === role && member.parent === parent && member.entry === entry;
        return isSame && member.gone?.how === expected.gone.get(key);
      })
    );
  });
  await holds(t, 'same roles, parents, entries and goings', property, 100);
});

t.test('authority flows from the first member down, over several rounds', async (t) => {
  const entries = [
    scribe(MESH, 'ada', '0', GENESIS)('admit', admitPlain('bob', 'admin')),
    scribe(MESH, 'bob')('admit', admitPlain('cy', 'admin')),
    scribe(MESH, 'cy')('admit', admitPlain('dee', 'admin')),
    scribe(MESH, 'dee')('admit', admitPlain('eve', 'worker')),
  ];
  const state = stateOf(t, entries);
  t.strictSame(
    ['ada', 'bob', 'cy', 'dee', 'eve'].map((name) => memberOf(state, name)?.parent),
    ['', hexOf(keyOf('ada')), hexOf(keyOf('bob')), hexOf(keyOf('cy')), hexOf(keyOf('dee'))],
  );
});

t.test('nobody rests on itself: strangers who admit each other stay outside', async (t) => {
  const state = stateOf(t, [
    scribe(MESH, 'eve')('admit', admitPlain('eve', 'admin')),
    scribe(MESH, 'eve', '2')('admit', admitPlain('dee', 'admin')),
    scribe(MESH, 'dee')('admit', admitPlain('eve', 'admin')),
    scribe(MESH, 'dee', '2')('invite', invite(MESH, 'dee', 'ticket', 'admin', 9)),
    scribe(MESH, 'eve', '3')('admit', admitBy(MESH, 'ticket', 'eve', 'admin')),
  ]);
  t.strictSame([...state.members.keys()], [hexOf(keyOf('ada'))]);
});

t.test('a worker admits nobody, a member only by ticket, an admin by its word', async (t) => {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const ground = [
    ada('admit', admitPlain('bob', 'member')),
    ada('admit', admitPlain('cy', 'worker')),
    ada('invite', invite(MESH, 'ada', 'ticket', 'member', 3)),
  ];
  const byWord = scribe(MESH, 'bob')('admit', admitPlain('dee', 'worker'));
  const byTicket = scribe(MESH, 'bob', '2')('admit', admitBy(MESH, 'ticket', 'dee', 'member'));
  const byWorker = scribe(MESH, 'cy')('admit', admitBy(MESH, 'ticket', 'dee', 'member'));
  t.equal(roleOf(stateOf(t, [...ground, byWord]), 'dee'), undefined);
  t.equal(roleOf(stateOf(t, [...ground, byWorker]), 'dee'), undefined);
  const state = stateOf(t, [...ground, byTicket]);
  t.equal(roleOf(state, 'dee'), 'member');
  t.equal(memberOf(state, 'dee')?.parent, hexOf(keyOf('ada')), 'the tree hangs from who invited');
});

t.test('a proof lets in one key, under one name, in one role, to one mesh', async (t) => {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const ground = [ada('admit', admitPlain('bob', 'member')), ada('invite', invite(MESH, 'ada', 'ticket', 'worker', 3))];
  const good = admitBy(MESH, 'ticket', 'dee', 'worker');
  const otherMesh = person('ticket').sign('join', joinStatement(keyOf('x'), keyOf('dee'), 'dee'));
  const otherUse = person('ticket').sign('entry', joinStatement(fromHex(MESH), keyOf('dee'), 'dee'));
  const cases: [string, unknown, boolean][] = [
    ['as signed', good, true],
    ['another key', { ...good, member: keyOf('eve') }, false],
    ['another name', { ...good, name: 'Dee' }, false],
    ['another role', { ...good, role: 'admin' }, false],
    ['signed by another ticket', { ...admitBy(MESH, 'other', 'dee', 'worker'), invite: keyOf('ticket') }, false],
    ['a ticket nobody announced', admitBy(MESH, 'other', 'dee', 'worker'), false],
    ['for another mesh', { ...good, proof: otherMesh }, false],
    ['signed for another use', { ...good, proof: otherUse }, false],
    ['no proof', { member: good.member, name: good.name, role: good.role, invite: good.invite }, false],
  ];
  for (const [name, data, isLetIn] of cases) {
    const state = stateOf(t, [...ground, scribe(MESH, 'bob')('admit', data)]);
    t.equal(state.members.size, isLetIn ? 3 : 2, name);
  }
  const proofOnly = ada('admit', { ...admitPlain('dee', 'worker'), proof: good.proof });
  t.equal(stateOf(t, [...ground, proofOnly]).members.size, 2, 'a proof without an invite says nothing');
});

t.test('a proof that another member repeats changes nothing that matters and takes no further use', async (t) => {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const admit = admitBy(MESH, 'ticket', 'dee', 'member');
  const state = stateOf(t, [
    ada('admit', admitPlain('bob', 'member')),
    ada('invite', invite(MESH, 'ada', 'ticket', 'member', 2)),
    ada('admit', admit),
    scribe(MESH, 'bob')('admit', admit),
  ]);
  t.match(memberOf(state, 'dee'), { name: 'dee', role: 'member', parent: hexOf(keyOf('ada')) });
  t.strictSame(state.invites.get(hexOf(keyOf('ticket')))?.used, [hexOf(keyOf('dee'))]);
});

t.test('an invite lets in as many as it says, the smallest entry ids first', async (t) => {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const ground = [
    ada('admit', admitPlain('bob', 'member')),
    ada('admit', admitPlain('cy', 'member')),
    ada('invite', invite(MESH, 'ada', 'ticket', 'worker', 2)),
  ];
  const guests = ['g1', 'g2', 'g3', 'g4'];
  const admits = guests.map((guest, n) =>
    scribe(MESH, n % 2 === 0 ? 'bob' : 'cy', `door ${n}`)('admit', admitBy(MESH, 'ticket', guest, 'worker')),
  );
  const state = stateOf(t, [...ground, ...admits]);
  const winners = [...admits].sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, 2);
  t.equal(state.members.size, 5);
  for (const [n, guest] of guests.entries()) {
    t.equal(memberOf(state, guest) !== undefined, winners.includes(admits[n]!), guest);
    if (!winners.includes(admits[n]!)) t.equal(state.refused.get(admits[n]!.id), 'no_effect');
  }
});

t.test('whoever is nearer to the first member admits first (M4)', async (t) => {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const ground = [ada('admit', admitPlain('bob', 'member')), ada('invite', invite(MESH, 'ada', 'ticket', 'worker', 1))];
  const far = Array.from({ length: 60 }, (_, n) =>
    scribe(MESH, 'bob', `door ${n}`)('admit', admitBy(MESH, 'ticket', 'dee', 'worker')),
  );
  const near = ada('admit', admitBy(MESH, 'ticket', 'eve', 'worker'));
  t.ok(
    far.some((admit) => admit.id < near.id),
    'the case is worth trying',
  );
  const state = stateOf(t, [...ground, ...far, near]);
  t.equal(roleOf(state, 'eve'), 'worker');
  t.equal(roleOf(state, 'dee'), undefined);
});

t.test('another admin cannot announce a ticket that it did not make', async (t) => {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const announced = ada('invite', invite(MESH, 'ada', 'ticket', 'member', 1));
  const ground = [ada('admit', admitPlain('bob', 'admin')), ada('admit', admitPlain('cy', 'member')), announced];
  // Dee comes in one round after bob has become an admin.
  const admit = scribe(MESH, 'cy')('admit', admitBy(MESH, 'ticket', 'dee', 'member'));
  const made = invite(MESH, 'ada', 'ticket', 'admin', 9);
  // Several logs, so that some of the copies have a smaller entry id than the real announcement.
  const copies = Array.from({ length: 20 }, (_, n) =>
    scribe(MESH, 'bob', `grind ${n}`)('invite', { ...made, uses: n + 1 }),
  );
  t.ok(
    copies.some((copy) => copy.id < announced.id),
    'the case is worth trying',
  );
  const state = stateOf(t, [...ground, admit, ...copies]);
  t.match(memberOf(state, 'dee'), { role: 'member', parent: hexOf(keyOf('ada')) });
  t.match(state.invites.get(hexOf(keyOf('ticket'))), { role: 'member', uses: 1, issuer: hexOf(keyOf('ada')) });
  t.equal(state.refused.get(copies[0]!.id), 'no_effect');
});

t.test('an announcement that let somebody in stands, whoever else holds the secret (M5)', async (t) => {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const announced = ada('invite', invite(MESH, 'ada', 'ticket', 'member', 1));
  const ground = [ada('admit', admitPlain('bob', 'admin')), announced];
  const dee = ada('admit', admitBy(MESH, 'ticket', 'dee', 'member'));
  const again = Array.from({ length: 20 }, (_, n) =>
    scribe(MESH, 'bob', `grind ${n}`)('invite', invite(MESH, 'bob', 'ticket', 'member', n + 2)),
  );
  const eve = scribe(MESH, 'bob')('admit', admitBy(MESH, 'ticket', 'eve', 'member'));
  t.ok(
    again.some((copy) => copy.id < announced.id),
    'the case is worth trying',
  );
  const state = stateOf(t, [...ground, dee, ...again, eve]);
  t.match(memberOf(state, 'dee'), { parent: hexOf(keyOf('ada')) });
  t.equal(roleOf(state, 'eve'), undefined, 'it is used up');
  const [smallest] = [announced, ...again].sort((a, b) => (a.id < b.id ? -1 : 1));
  t.equal(
    stateOf(t, [...ground, ...again, eve]).invites.get(hexOf(keyOf('ticket')))?.entry,
    smallest!.id,
    'until then',
  );
});

t.test('of competing admissions by word the smallest entry id counts', async (t) => {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const one = ada('admit', admitPlain('bob', 'admin', 'one'));
  const two = ada('admit', admitPlain('bob', 'worker', 'two'));
  const state = stateOf(t, [one, two]);
  t.equal(memberOf(state, 'bob')?.name, one.id < two.id ? 'one' : 'two');
});

t.test('the first member stays the first member', async (t) => {
  const ada = scribe(MESH, 'ada', '0', GENESIS);
  const state = stateOf(t, [ada('admit', admitPlain('ada', 'worker'))]);
  t.match(memberOf(state, 'ada'), { role: 'admin', parent: '', entry: MESH });
});
