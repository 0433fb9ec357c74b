// How a member is reached, over real libp2p on loopback: what each address came to, the connection in use and what it
// carried, and who let it in.
import '../../src/node/polyfill.ts';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { decodeTicket } from '../../src/protocol/ticket.ts';
import { MemberDetailAnswer } from '../../src/ui/answers-care.ts';
import type { MemberDetail } from '../../src/ui/api-members.ts';
import { admitPlain } from '../ledger/support/people.ts';
import { homeOf, type Machine, machine } from './support/machine.ts';
import { until } from './support/worker.ts';

const detail = (of: Machine, who: Machine): MemberDetail => of.port.memberDetail(who.peerId);
const areConnected = (a: Machine, b: Machine): boolean =>
  detail(a, b).connection !== null && detail(b, a).connection !== null;

async function pair(t: Test) {
  const home = homeOf(t);
  const a = machine(t, home, 'a');
  await a.place.enter(undefined);
  const { ticket } = await a.port.invite({ uses: 3 });
  const b = machine(t, home, 'b');
  await b.place.enter(decodeTicket(ticket));
  await until('both are connected', () => areConnected(a, b), 20_000);
  return { home, a, b, ticket };
}

/** Address of a port where each that comes is treated so. */
async function portThat(t: Test, treat: (socket: Socket) => void): Promise<string> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket.on('error', () => undefined));
    treat(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`;
}

t.test('a connection, from both ends', async (t) => {
  const { a, b } = await pair(t);
  const [atA, atB] = [detail(a, b), detail(b, a)];
  t.not(atA.connection!.openedHere, atB.connection!.openedHere, 'one of the two has opened it');
  const [opener, other] = atA.connection!.openedHere ? [a, b] : [b, a];
  const { connection, ways, attempts } = detail(opener, other);
  const own = other.session().mesh.addresses()[0]!.split('/p2p/')[0]!;
  t.equal(connection!.address, own);
  t.ok(Math.abs(Date.parse(connection!.since) - Date.now()) < 60_000);
  t.match(ways, [{ address: own, inUse: true, problem: null }]);
  t.ok(
    ways[0]!.triedAt! <= new Date().toISOString() && ways[0]!.triedAt! >= new Date(Date.now() - 60_000).toISOString(),
  );
  t.equal(attempts, null, 'who is connected is not dialled');
  t.notOk(
    detail(other, opener).ways.some(({ inUse }) => inUse),
    'nobody listens where it came from',
  );
  const self = detail(a, a);
  t.same([self.connection, self.ways, self.attempts, self.traffic, self.week], [null, [], null, null, null]);
  for (const each of [atA, atB, self]) t.ok(MemberDetailAnswer.safeParse(each).success, 'as the API describes it');
  t.throws(() => a.port.memberDetail('nobody'), { code: 'member_unknown' });
});

t.test('bytes: what one sends the other receives, and a new connection goes on counting', async (t) => {
  const { a, b } = await pair(t);
  const same = (): Promise<unknown> =>
    until('both count the same', () => {
      const [atA, atB] = [detail(a, b).traffic!, detail(b, a).traffic!];
      return atA.in === atB.out && atA.out === atB.in;
    });
  await same();
  const before = detail(a, b).traffic!;
  t.ok(before.in > 1000 && before.out > 1000, `${before.in} and ${before.out} bytes to get to know each other`);
  const { connection } = a.session().mesh.peers()[0]!;
  await connection.close();
  await until(
    'they are connected anew',
    () => areConnected(a, b) && a.session().mesh.peers()[0]!.connection.id !== connection.id,
    20_000,
  );
  await same();
  const after = detail(a, b).traffic!;
  t.ok(after.in > before.in + 500 && after.out > before.out + 500, `${after.in} and ${after.out} after another HELLO`);
  t.equal(after.since, before.since);
});

t.test('each address of a machine that is gone says what came of it', async (t) => {
  const { home, a, b, ticket } = await pair(t);
  const c = machine(t, home, 'c');
  await c.place.enter(decodeTicket(ticket));
  await until('a third one is there', () => areConnected(a, c), 20_000);
  await b.stop();
  const [gone] = detail(a, b).ways;
  const places = {
    connection_refused: gone!.address,
    another_machine: c.session().mesh.addresses()[0]!.split('/p2p/')[0]!,
    hung_up: await portThat(t, (socket) => socket.end('220 ready\r\n')),
    bad_address: '/ip4/127.0.0.1/udp/9',
    timed_out: await portThat(t, () => undefined),
  };
  a.session().mesh.keeper.heard(b.peerId, Object.values(places));
  const codes = (): Record<string, string | undefined> =>
    Object.fromEntries(detail(a, b).ways.map(({ address, problem }) => [address, problem?.code]));
  const wanted = Object.fromEntries(Object.entries(places).map(([code, address]) => [address, code]));
  await until('all were tried', () => Object.values(codes()).every((code) => code !== undefined), 60_000).catch(
    () => undefined,
  );
  t.same(codes(), wanted);
  const { connection, attempts, ways } = detail(a, b);
  t.equal(connection, null);
  t.ok(attempts!.failed > 0, `${attempts!.failed} attempts in a row`);
  t.ok(attempts!.dialling || attempts!.nextAt! > new Date(Date.now() - 5000).toISOString(), 'and another one is due');
  t.ok(ways.every(({ triedAt }) => triedAt !== null));
  t.equal(
    ways.find(({ address }) => address === gone!.address)?.problem?.message,
    'Connection refused: nothing listens there.',
  );
});

t.test('who let whom in', async (t) => {
  const { a, b } = await pair(t);
  await until('b has heard of its admission', () => b.port.members().length === 2, 10_000);
  t.match(detail(a, a).admission, { by: null, invitedBy: null }, 'the first one needs nobody');
  t.match(detail(b, b).admission, { by: { peerId: a.peerId, name: 'a' }, invitedBy: { peerId: a.peerId, name: 'a' } });
  const member = b.port.members().find(({ self }) => self)!;
  t.equal(detail(b, b).admission.at, member.admittedAt);
  const { id } = await a.session().ledger.append('admit', admitPlain('guest', 'member'));
  t.match(
    a.port.memberDetail('guest').admission,
    { entry: id, by: { name: 'a' }, invitedBy: null },
    'without a ticket',
  );
  t.same(a.port.memberDetail('guest').ways, [], 'of which nothing is known');
  t.match(a.port.memberDetail('guest').attempts, { failed: 0, nextAt: null });
});
