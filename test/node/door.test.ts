// Coming into a mesh: tickets at the door, races for them, doors that lie, and being told to stop in the middle of it.
import '../../src/node/polyfill.ts';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import t from 'tap';
import { adoptMesh } from '../../src/ledger/found.ts';
import { openStore } from '../../src/ledger/store.ts';
import { readAddressBook } from '../../src/node/data-directory.ts';
import { framesOf } from '../../src/node/frames.ts';
import { startLobby } from '../../src/node/transport.ts';
import { encode } from '../../src/protocol/bytes.ts';
import { JOIN_PROTOCOL } from '../../src/protocol/messages.ts';
import { decodeTicket, encodeTicket } from '../../src/protocol/ticket.ts';
import { genesisBy, hash } from '../ledger/support/people.ts';
import { homeOf, type Machine, machine } from './support/machine.ts';
import { until } from './support/worker.ts';

const membersOf = (node: Machine): number => node.session().ledger.state().members.size;
const joining = async (node: Machine, ticket: string) => {
  await node.place.enter(decodeTicket(ticket));
  await until(`${node.name} knows that it is a member`, () => membersOf(node) > 1, 30_000);
};

t.test('a ticket lets in as many as it says; then the door is shut, until the next one', async (t) => {
  const home = homeOf(t);
  const a = machine(t, home, 'a');
  await a.place.enter(undefined);
  t.notOk(a.session().lobby.open);
  const { ticket } = await a.port.invite({ uses: 1 });
  t.ok(a.session().lobby.open);
  // Slow enough that both stand at the door before either is written down.
  const { ledger } = a.session();
  const append = ledger.append.bind(ledger);
  ledger.append = async (kind, data) => {
    if (kind === 'admit') await until('both have knocked', () => performance.now() - began > 1000);
    return append(kind, data);
  };
  const began = performance.now();
  const [b, c] = [machine(t, home, 'b'), machine(t, home, 'c')];
  const codes = await Promise.all(
    [b, c].map(async (node) => {
      void node.place.enter(decodeTicket(ticket));
      return until(
        `${node.name} is told`,
        () => (node.place.session !== undefined ? 'in' : /used/.test(node.place.waiting) && 'out'),
        10_000,
      );
    }),
  );
  t.same(
    [...codes].sort((x, y) => (x < y ? -1 : 1)),
    ['in', 'out'],
    'of two at once one gets in, and the other is told',
  );
  t.equal(membersOf(a), 2);
  t.equal(a.port.ledger().byKind.admit, 1, 'and nothing is written that counts for nobody');
  const [inside, outside] = b.place.session === undefined ? [c, b] : [b, c];
  await until('the one inside stays inside', () => membersOf(inside) === 2, 30_000);
  a.clock.skew += 61_000;
  await a.session().lobby.update();
  t.notOk(a.session().lobby.open, 'a minute later the door is shut');

  const second = await a.port.invite({ uses: 1, role: 'worker' });
  t.ok(a.session().lobby.open, 'it opens again');
  await outside.place.joinBy(second.ticket);
  t.equal(membersOf(a), 3);
  await until('the worker knows what it is', () => membersOf(outside) === 3, 30_000);
  t.equal(outside.problem('not_joined'), undefined, 'what was wrong before is solved');
  await a.port.invite({ uses: 1 });
  await until('the news is everywhere', () =>
    [inside, outside].every((node) => node.session().ledger.state().invites.size === 3),
  );
  await until('a member opens its door too', () => inside.session().lobby.open);
  t.notOk(outside.session().lobby.open, 'a worker does not');
  await t.rejects(outside.port.invite({}), { code: 'role' });
  await t.rejects(outside.place.joinBy(second.ticket), { code: 'already_in_this_mesh' });
});

t.test('a ticket is good until the door’s clock says otherwise', async (t) => {
  const home = homeOf(t);
  const a = machine(t, home, 'a');
  await a.place.enter(undefined);
  const { ticket } = await a.port.invite({ expiresInMs: 60_000 });
  a.clock.skew = 61_000;
  const late = machine(t, home, 'late');
  void late.place.enter(decodeTicket(ticket));
  await until('it is told', () => /expired/.test(late.place.waiting), 30_000);
  t.match(late.place.waiting, /^Not in a mesh: .*Ask for a new one/);
  t.equal(membersOf(a), 1);
  await a.session().lobby.update();
  t.notOk(a.session().lobby.open, 'and there is no door for it');
});

t.test('doors that lie', async (t) => {
  const home = homeOf(t);
  const a = machine(t, home, 'a');
  await a.place.enter(undefined);
  const { ticket } = await a.port.invite({ uses: 2 });
  const real = decodeTicket(ticket);
  const { libp2p: lobby } = await startLobby({ seed: hash('liar'), hosts: ['127.0.0.1'], port: 0, mdns: false });
  t.teardown(() => lobby.stop());
  let answers = 0;
  await lobby.handle(JOIN_PROTOCOL, async (stream) => {
    const frames = framesOf(stream, { bytesMax: 9000, timeoutMs: 5000 });
    await frames.read();
    answers += 1;
    await frames.write(encode({ ok: true, genesis: genesisBy('eve').block, addresses: [] }));
  });
  const liar = lobby.getMultiaddrs()[0]!.toString().split('/p2p/')[0]!;
  const only = encodeTicket({ ...real, addresses: [liar] });
  const b = machine(t, home, 'b');
  await b.place.enter(undefined);
  const mesh = b.session().ledger.meshId;
  await t.rejects(b.place.joinBy(only), { code: 'wrong_mesh' });
  t.equal(b.session().ledger.meshId, mesh, 'it stays where it was');
  t.notOk(
    readdirSync(b.directory.path).some((name) => name.startsWith('ledger-')),
    'with its ledger in place',
  );
  await b.place.joinBy(encodeTicket({ ...real, addresses: [liar, ...real.addresses] }));
  t.equal(b.session().ledger.meshId, a.session().ledger.meshId, 'one liar among the addresses does no harm');
  t.equal(answers, 2);
});

t.test('two tickets at once, and one twice', async (t) => {
  const home = homeOf(t);
  const a = machine(t, home, 'a');
  await a.place.enter(undefined);
  const { ticket } = await a.port.invite({ uses: 5 });
  const b = machine(t, home, 'b');
  await b.place.enter(undefined);
  const own = b.session().ledger.meshId;
  const told = await Promise.all(
    [0, 1, 2].map(() =>
      b.place.joinBy(ticket).then(
        () => 'joined',
        (error: { code: string }) => error.code,
      ),
    ),
  );
  t.same(told, ['joined', 'already_in_this_mesh', 'already_in_this_mesh']);
  t.ok(existsSync(`${b.directory.ledger}-${own.slice(0, 16)}`), 'the old ledger is kept');
  t.equal(readdirSync(b.directory.path).filter((name) => /^ledger[^.]*$/.test(name)).length, 2, 'once');
  const c = machine(t, home, 'c');
  await c.place.enter(undefined);
  const other = await c.port.invite({});
  await until('b knows that it is not alone', () => membersOf(b) === 2, 30_000);
  await t.rejects(b.place.joinBy(other.ticket), { code: 'already_member' });
  await t.rejects(b.place.joinBy('smesh1garbage'), { code: 'bad_ticket', field: 'ticket' });
});

t.test('a ticket in the settings of a node that is alone is used as soon as somebody opens', async (t) => {
  const home = homeOf(t);
  const a = machine(t, home, 'a');
  await a.place.enter(undefined);
  const { ticket } = await a.port.invite({});
  const b = machine(t, home, 'b');
  await b.place.enter(undefined);
  await b.stop();
  await a.stop();
  const again = machine(t, home, 'b', { seed: b.deps.seed });
  await again.place.enter(decodeTicket(ticket));
  await until('nobody opens', () => /not used yet.*tried again/.test(again.problem('not_joined') ?? ''), 30_000);
  const lobbyPort = Number(/tcp\/(\d+)/.exec(decodeTicket(ticket).addresses[0]!)![1]);
  const config = { lobbyPort };
  const up = machine(t, home, 'a', { seed: a.deps.seed, config });
  await up.place.enter(undefined);
  await until('it is in', () => again.place.session?.ledger.meshId === up.session().ledger.meshId, 30_000);
  t.equal(again.problem('not_joined'), undefined);
});

t.test('who was let in and ended before it had fetched anything finds its host again', async (t) => {
  const home = homeOf(t);
  const [a, b] = [machine(t, home, 'a'), machine(t, home, 'b')];
  await a.place.enter(undefined);
  await joining(b, (await a.port.invite({ role: 'admin' })).ticket);
  const { ticket } = await b.port.invite({});
  const c = machine(t, home, 'c');
  await a.stop();
  await c.place.enter(decodeTicket(ticket));
  await c.stop();
  t.ok(Object.hasOwn(readAddressBook(c.directory), b.peerId), 'the book remembers who opened');
  // As if it had ended at once: a ledger of one entry.
  rmSync(c.directory.ledger, { recursive: true });
  const store = await openStore(c.directory.ledger);
  const { ledger } = b.session();
  const founding = [...ledger.logs()].find(({ entries: [head] }) => head?.id === ledger.meshId)!;
  const genesis = ledger.entry(founding.author, founding.log, 0);
  await adoptMesh({ ...c.deps, store }, ledger.meshId, genesis.block);
  await store.close();
  const again = machine(t, home, 'c', { seed: c.deps.seed });
  await again.place.enter(undefined);
  await until(
    'they are connected',
    () =>
      again
        .session()
        .mesh.peers()
        .some((peer) => peer.peerId === b.peerId),
    15_000,
  );
  await until('it has all', () => membersOf(again) === 3, 30_000);
});

t.test('told to stop: at a door that nobody opens, while the ledger opens, twice', async (t) => {
  const home = homeOf(t);
  const a = machine(t, home, 'a');
  await a.place.enter(undefined);
  const { ticket } = await a.port.invite({});
  const nowhere = encodeTicket({ ...decodeTicket(ticket), addresses: ['/ip4/127.0.0.1/tcp/1'] });
  const waiting = machine(t, home, 'waiting');
  void waiting.place.enter(decodeTicket(nowhere)).catch(() => undefined);
  await until('it waits', () => waiting.problem('not_joined') !== undefined, 30_000);
  const began = performance.now();
  await waiting.stop();
  t.ok(performance.now() - began < 2000, 'at once');

  const opening = machine(t, home, 'opening');
  const entered = opening.place.enter(undefined).catch(() => undefined);
  await until('it opens', () => existsSync(opening.directory.ledger));
  await opening.stop();
  await entered;
  const store = await openStore(opening.directory.ledger);
  await store.close();
  t.ok(true, 'nothing holds the ledger of one that was stopped while it opened it');

  const knocking = machine(t, home, 'knocking');
  void knocking.place.enter(decodeTicket(ticket)).catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  await knocking.stop();
  await t.rejects(knocking.place.joinBy(ticket), 'nothing begins after the end');
});

t.test('who made the ticket sleeps: another member opens the door', async (t) => {
  const home = homeOf(t);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => machine(t, home, name)) as [Machine, Machine, Machine];
  await a.place.enter(undefined);
  const ticket = decodeTicket((await a.port.invite({ uses: 2 })).ticket);
  await b.place.enter(ticket);
  await until('b knows the ticket', () => b.session().lobby.open, 20_000);
  await a.stop();
  await c.place.enter({ ...ticket, addresses: b.session().lobby.addresses() });
  await until('c is in', () => c.session().ledger.state().members.size === 3, 20_000);
  await until('that was the last use', () => b.port.openInvites().length === 0);
});
