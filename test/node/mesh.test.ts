// Two or three nodes in this process, over real libp2p on loopback: who counts as connected, how news and what was
// missed arrive, what heals by itself, and what a stranger's words are worth.
import '../../src/node/polyfill.ts';
import t from 'tap';
import { adoptMesh, foundMesh } from '../../src/ledger/found.ts';
import { openStore } from '../../src/ledger/store.ts';
import { type Session, startSession } from '../../src/node/session.ts';
import { toHex } from '../../src/protocol/bytes.ts';
import { decodeTicket } from '../../src/protocol/ticket.ts';
import { admitPlain, job, keyOf } from '../ledger/support/people.ts';
import { homeOf, type Machine, type MachineOptions, machine } from './support/machine.ts';
import { until } from './support/worker.ts';

type T = Parameters<typeof homeOf>[0];

const NO_PLACES: never[] = [];

const isConnected = (node: Machine, to: Machine): boolean =>
  node
    .session()
    .mesh.peers()
    .some((peer) => peer.peerId === to.peerId);
const rootOf = (node: Machine): string => node.session().ledger.state().root;
const connected = (a: Machine, b: Machine) =>
  until(`${a.name} and ${b.name} are connected`, () => isConnected(a, b) && isConnected(b, a), 20_000);
const agreed = (a: Machine, b: Machine, limitMs?: number) =>
  until(`${a.name} and ${b.name} hold the same`, () => rootOf(a) === rootOf(b), limitMs);

/** `a` founds, `b` joins with a ticket that is good for more. */
async function pair(t: T, options: MachineOptions = {}) {
  const home = homeOf(t);
  const a = machine(t, home, 'a', options);
  await a.place.enter(undefined);
  const { ticket } = await a.port.invite({ uses: 3 });
  const b = machine(t, home, 'b');
  await b.place.enter(decodeTicket(ticket));
  await connected(a, b);
  await agreed(a, b);
  return { home, a, b, ticket };
}

t.test('entries are everywhere within a second, both ways; presence too', async (t) => {
  const { a, b } = await pair(t);
  for (const [from, to] of [
    [a, b],
    [b, a],
    [a, b],
  ] as const) {
    const began = performance.now();
    const { id } = await from.session().ledger.append('job', job({ seed: String(began) }));
    await until('it is there', () => to.session().ledger.state().jobs.has(id), 5000);
    t.ok(performance.now() - began < 1000, `${from.name} to ${to.name} in ${Math.round(performance.now() - began)} ms`);
  }
  await until('each has heard of the other', () =>
    [
      [a, b],
      [b, a],
    ].every(([x, y]) => x!.session().mesh.presences.get(toHex(y!.signer.publicKey))?.presence.name === y!.name),
  );
  await until(
    'equal ledgers look equal',
    () => [a, b].every((node) => node.port.status().ledger.state === 'in-sync'),
    10_000,
  );
  t.match(
    a.port.members().map(({ name, connected, state }) => ({ name, connected, state })),
    [
      { name: 'a', connected: true, state: 'idle' },
      { name: 'b', connected: true, state: 'idle' },
    ],
  );
  await b.port.pause({});
  await until('a pause is told', () => a.port.members().find(({ name }) => name === 'b')?.state === 'paused');
  t.match(a.port.members().find(({ name }) => name === 'b')?.reason, 'Paused by you.');
  await b.stop();
  await until('who leaves is gone', () => !isConnected(a, b));
  const last = a.session().mesh.presences.get(toHex(b.signer.publicKey))?.presence;
  t.match(last, { state: 'asleep', reason: 'The node there was stopped.', claim: null }, 'and has said so');
});

t.test('a bootstrap.json that changes: an address, then a ticket', async (t) => {
  const home = homeOf(t);
  const a = machine(t, home, 'a');
  await a.place.enter(undefined);
  const b = machine(t, home, 'b');
  await b.place.enter(undefined);
  const address = a.session().mesh.addresses()[0]!.split('/p2p/')[0]!;
  const peers = [{ address, peerId: undefined }];
  b.place.useBootstrap({ ticket: undefined, peers });
  await until(
    'it is dialled',
    () => /has not admitted this node/.test(b.problem(`bootstrap:${address}`) ?? ''),
    10_000,
  );
  t.throws(() => b.place.useBootstrap({ ticket: 'smesh1nonsense', peers }), { code: 'bad_ticket' });
  const { ticket } = await a.port.invite({});
  b.place.useBootstrap({ ticket, peers });
  await until(
    'b has changed to the mesh of the ticket',
    () => b.port.status().meshId === a.port.status().meshId,
    20_000,
  );
  await connected(a, b);
  await until(
    'nothing is wrong with the address any more',
    () => b.problem(`bootstrap:${address}`) === undefined,
    10_000,
  );
});

t.test('places on a tailnet are dialled, and a stranger there is let in no more than anywhere else', async (t) => {
  const { home, a, b } = await pair(t);
  await b.stop();
  const again = machine(t, home, 'b', { seed: b.deps.seed });
  const x = machine(t, home, 'x');
  for (const node of [again, x]) {
    await node.place.enter(undefined);
    node.place.useTailnet(
      a
        .session()
        .mesh.addresses()
        .map((each) => each.split('/p2p/')[0]!),
    );
  }
  await connected(a, again);
  t.same(
    a
      .session()
      .mesh.peers()
      .map(({ peerId }) => peerId),
    [b.peerId],
  );
  t.same(x.events.problems(), [], 'and it is no problem');
});

t.test('what was written while a machine was away is there when it is back', async (t) => {
  const { home, a, b } = await pair(t);
  await b.stop();
  const { id } = await a.session().ledger.append('job', job());
  const again = machine(t, home, 'b', { seed: b.deps.seed });
  await again.place.enter(undefined);
  await connected(a, again);
  await until('the entry', () => again.session().ledger.state().jobs.has(id));
  await agreed(a, again);
});

t.test(
  'one identity on two machines: the newer is refused while the first lives, and told apart from a restart',
  async (t) => {
    const { home, a, b, ticket } = await pair(t);
    const twin = machine(t, home, 'twin', { seed: b.deps.seed });
    await twin.place.enter(decodeTicket(ticket));
    await until('a says so', () => a.problem('same_identity_twice') !== undefined, 10_000);
    t.match(a.problem('same_identity_twice'), /Two machines use the identity of twin: a data directory was copied/);
    t.equal(a.session().mesh.peers().length, 1);
    t.equal(a.session().mesh.peers()[0]?.hello.name, 'b', 'the first one stays');
    await b.stop();
    await until(
      'the other one is taken when the first has ended',
      () => a.session().mesh.peers()[0]?.hello.name === 'twin',
      20_000,
    );
  },
);

t.test('a connection that has gone deaf heals', async (t) => {
  const { a, b } = await pair(t);
  const { connection } = a.session().mesh.peers()[0]!;
  const gossip = () =>
    connection.streams.filter(
      ({ protocol, direction }) => protocol.startsWith('/meshsub/') && direction === 'outbound',
    );
  await until('it talks', () => gossip().length > 0);
  for (const stream of gossip()) stream.abort(new Error('a test'));
  await until('it is dropped', () => connection.status !== 'open', 15_000);
  await connected(a, b);
  const { id } = await a.session().ledger.append('job', job());
  await until('b hears again', () => b.session().ledger.state().jobs.has(id));
});

/** A session of its own in a mesh that somebody else may know nothing of. */
async function sessionOf(
  t: T,
  node: Machine,
  mesh: 'own' | { id: string; genesis: Uint8Array },
  host: { peerId: string; addresses: string[] } | undefined,
): Promise<Session> {
  const store = await openStore(node.directory.ledger);
  if (mesh === 'own')
    await foundMesh({ ...node.deps, store }, { name: node.name, firstName: node.name, root: keyOf('root') });
  else await adoptMesh({ ...node.deps, store }, mesh.id, mesh.genesis);
  const session = await startSession(
    { ...node.deps, store },
    { places: () => NO_PLACES, host: host && { ...host, places: {} }, goTo: async () => undefined },
  );
  t.teardown(() => session.close());
  return session;
}

t.test('HELLO ends a connection to another mesh', async (t) => {
  const home = homeOf(t);
  const [a, b] = [machine(t, home, 'a'), machine(t, home, 'b')];
  // Both let the other one connect; without that the gater would end it before a word is said.
  const at = await sessionOf(t, a, 'own', { peerId: b.peerId, addresses: [] });
  const addresses = at.mesh.addresses().map((each) => each.split('/p2p/')[0]!);
  const from = await sessionOf(t, b, 'own', { peerId: a.peerId, addresses });
  await until('b is told', () => b.problem(`refused:${a.peerId}`) !== undefined, 10_000);
  t.match(b.problem(`refused:${a.peerId}`), /It belongs to another mesh/);
  t.same([at.mesh.peers(), from.mesh.peers()], [[], []]);
  t.equal(at.ledger.size(), 1);
});

t.test('who is no member is connected to at most, and neither its presence nor its entries count', async (t) => {
  const home = homeOf(t);
  const [a, x] = [machine(t, home, 'a'), machine(t, home, 'x')];
  const inside = await sessionOf(t, a, 'own', { peerId: x.peerId, addresses: [] });
  const [founding] = [...inside.ledger.logs()];
  const genesis = inside.ledger.entry(founding!.author, founding!.log, 0).block;
  const host = { peerId: a.peerId, addresses: inside.mesh.addresses().map((each) => each.split('/p2p/')[0]!) };
  const outside = await sessionOf(t, x, { id: inside.ledger.meshId, genesis }, host);
  await until(
    'they are connected',
    () => inside.mesh.peers().length === 1 && outside.mesh.peers().length === 1,
    10_000,
  );
  await outside.ledger.append('admit', { ...admitPlain('x', 'admin'), member: x.signer.publicKey });
  const { block } = await outside.ledger.append('job', job());
  await until('x has heard of a', () => outside.mesh.presences.get(toHex(a.signer.publicKey)) !== undefined);
  await inside.ledger.ingest([block]);
  t.equal(inside.ledger.size(), 1, 'a takes nothing of it in');
  t.equal(inside.ledger.state().members.size, 1);
  t.equal(inside.mesh.presences.get(toHex(x.signer.publicKey)), undefined, 'not the other way round');
  t.same(
    [...inside.ledger.state().members.values()].map(({ name }) => name),
    ['a'],
  );
  await inside.ledger.append('admit', { ...admitPlain('x', 'member'), member: x.signer.publicKey });
  await until(
    'once it is admitted both count',
    () => inside.mesh.presences.get(toHex(x.signer.publicKey)) !== undefined && inside.ledger.state().jobs.size === 1,
  );
});

t.test('one bootstrap.json for all machines', async (t) => {
  const home = homeOf(t);
  const first = machine(t, home, 'probe');
  await first.place.enter(undefined);
  const ports = first
    .session()
    .mesh.addresses()
    .map((each) => Number(/tcp\/(\d+)/.exec(each)![1]));
  await first.stop();
  const address = `/ip4/127.0.0.1/tcp/${ports[0]}`;
  const dead = '/ip4/127.0.0.1/tcp/1';
  const peers = [address, dead].map((each) => ({ address: each, peerId: undefined }));
  const a = machine(t, home, 'a', { bootstrap: { ticket: undefined, peers }, config: { meshPort: ports[0]! } });
  await a.place.enter(undefined);
  await until('the dead address is told', () => a.problem(`bootstrap:${dead}`) !== undefined, 10_000);
  t.equal(a.problem(`bootstrap:${address}`), undefined, 'its own address is no problem');
  t.equal(a.session().mesh.peers().length, 0, 'and no peer');
  const b = machine(t, home, 'b', { bootstrap: { ticket: undefined, peers } });
  await b.place.enter(undefined);
  await until(
    'b is told why it is alone',
    () => /has not admitted this node/.test(b.problem(`bootstrap:${address}`) ?? ''),
    10_000,
  );
  await b.place.joinBy((await a.port.invite({})).ticket);
  await connected(a, b);
  await until('and not any more', () => b.problem(`bootstrap:${address}`) === undefined, 10_000);
});
