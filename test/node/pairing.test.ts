// Pairing on the local network, with real libp2p on loopback: where the others are, tests say instead of multicast.
import '../../src/node/polyfill.ts';
import { existsSync } from 'node:fs';
import t, { type Test } from 'tap';
import { withStream } from '../../src/node/frames.ts';
import { FIRST_MS } from '../../src/node/pairing.ts';
import { PairingBook } from '../../src/node/pairing-book.ts';
import { meet, PAIR_LIMITS } from '../../src/node/pairing-talk.ts';
import { dialAddresses, startKnocker } from '../../src/node/transport.ts';
import { encode } from '../../src/protocol/bytes.ts';
import { createSigner } from '../../src/protocol/keys.ts';
import { decodeComeAnswer, type Introduction, PAIR_PROTOCOL } from '../../src/protocol/messages.ts';
import type { PendingView } from '../../src/ui/api-members.ts';
import { genesisBy, hash } from '../ledger/support/people.ts';
import { homeOf, type Machine, machine } from './support/machine.ts';
import { until } from './support/worker.ts';

async function founded(t: Test, home: string, ...names: string[]): Promise<Machine[]> {
  const machines = names.map((name) => machine(t, home, name, { config: { mdns: true } }));
  for (const each of machines) await each.place.enter(undefined);
  return machines;
}

/** What multicast does where there is some. */
function tell(machines: readonly Machine[]): void {
  for (const to of machines) {
    for (const from of machines) {
      const addresses = from.place.session?.lobby.addresses() ?? [];
      if (from !== to && addresses.length > 0) to.place.session?.pairing.heard(from.peerId, addresses);
    }
  }
}

const seen = (by: Machine, other: Machine): PendingView | undefined =>
  by.port.pairing().pending.find(({ peerId }) => peerId === other.peerId);

async function metAll(machines: readonly Machine[]): Promise<void> {
  tell(machines);
  await until('all have met', () => machines.every((a) => machines.every((b) => a === b || seen(a, b) !== undefined)));
}

const membersOf = ({ place }: Machine): number => place.session?.ledger.state().members.size ?? 0;

t.test('two new machines show the same digits, and one click lets one in', async (t) => {
  const [a, b] = (await founded(t, homeOf(t), 'a', 'b')) as [Machine, Machine];
  t.ok(a.session().lobby.open, 'the door of a new machine is open at first');
  await metAll([a, b]);
  const { digits } = seen(a, b)!;
  t.match(digits, /^\d{6}$/);
  t.match(seen(b, a), { digits, name: 'a', meshName: 'a mesh', members: 1, canAdmit: true, canJoin: true });
  const own = b.session().ledger.meshId;
  t.same(await a.port.admit('b', { role: 'worker' }), { peerId: b.peerId, name: 'b', role: 'worker' });
  await until('b is in', () => membersOf(b) === 2, 30_000);
  t.equal(b.session().ledger.meshId, a.session().ledger.meshId);
  t.match(
    a.port.members().find(({ name }) => name === 'b'),
    { role: 'worker' },
  );
  t.ok(existsSync(`${b.directory.ledger}-${own.slice(0, 16)}`), 'the ledger of its own mesh is kept');
  t.notOk(b.session().lobby.open, 'and its door is shut');
  const told = b.events.recent(5).map(({ message }) => message);
  t.ok(told.includes('a let this machine into “a mesh” as worker.'));
  t.same(a.port.pairing().pending, [], 'nobody is left to be let in');
  t.ok(a.session().lobby.open, 'for those beside it the door stays open');
  await a.port.closePairing();
  t.notOk(a.session().lobby.open, 'until it is closed');
  await t.rejects(a.port.admit('b', {}), { code: 'pairing_closed' });
});

t.test('after the first minutes the door opens when somebody asks for it, for as long as that', async (t) => {
  const [a, b] = (await founded(t, homeOf(t), 'a', 'b')) as [Machine, Machine];
  for (const each of [a, b]) {
    each.clock.skew += FIRST_MS;
    await each.session().lobby.update();
    t.notOk(each.session().lobby.open, `${each.name}: the first minutes are over`);
  }
  await a.port.openPairing({ minutes: 5 });
  t.ok(a.session().lobby.open);
  t.equal(Date.parse(a.port.pairing().hostUntil!) - (Date.now() + a.clock.skew) > 290_000, true);
  t.equal(b.port.pairing().guestUntil, null);
  await b.port.openPairing({ as: 'guest', minutes: 5 });
  t.equal(b.port.pairing().hostUntil, null, 'who asks to be let in lets nobody in');
  await metAll([a, b]);
  t.match(seen(a, b), { canAdmit: true, canJoin: false });
  t.match(seen(b, a), { canAdmit: false, canJoin: true });
  await t.rejects(b.port.admit('a', {}), { code: 'pairing_closed' });
  a.clock.skew += 5 * 60_000;
  await t.rejects(a.port.admit('b', {}), { code: 'pairing_closed' }, 'the time is over');
  await a.session().lobby.update();
  t.notOk(a.session().lobby.open);
  t.equal(membersOf(a), 1);
});

t.test('a machine goes by itself only where it leaves nothing of its owner’s behind', async (t) => {
  const [a, b, c] = (await founded(t, homeOf(t), 'a', 'b', 'c')) as [Machine, Machine, Machine];
  await metAll([a, b, c]);
  await b.port.invite({});
  await c.port.openPairing({});
  tell([a, b, c]);
  await until('a knows', () => seen(a, b)?.canAdmit === false && seen(a, c)?.canAdmit === false);
  await t.rejects(a.port.admit('b', {}), { code: 'pending_gone' }, 'its owner has made a ticket there');
  await t.rejects(a.port.admit('c', {}), { code: 'pending_gone' }, 'its owner lets machines in there');
  // Without asking whether it asks.
  const met = { key: Buffer.from(b.signer.publicKey).toString('hex'), who: { name: 'b' } };
  await t.rejects(a.session().pairing.admit(met as never, 'member'), { code: 'pairing_closed' });
  t.equal(membersOf(a), 1, 'and nothing is written');
  await b.port.openPairing({ as: 'guest' });
  tell([a, b, c]);
  await until('b asks', () => seen(a, b)?.canAdmit === true);
  await a.port.admit('b', {});
  await until('it is in when its owner says so', () => membersOf(b) === 2, 30_000);
});

t.test('who is turned away is gone until another window opens', async (t) => {
  const [a, b] = (await founded(t, homeOf(t), 'a', 'b')) as [Machine, Machine];
  await metAll([a, b]);
  await t.rejects(a.port.refuse('nobody'), { code: 'pending_unknown' });
  t.same((await a.port.refuse('b')).pending, []);
  await t.rejects(a.port.admit('b', {}), { code: 'pending_unknown' });
  // What a refuses it does not go to either, whatever the other side clicks.
  await t.rejects(b.port.admit('a', {}), { code: 'pairing_closed' });
  t.equal(membersOf(a), 1);
  t.equal(a.port.snapshot().pairing.pending.length, 0, 'nor is it in the picture of the page');
  await a.port.openPairing({});
  await until('it is met again', () => {
    tell([a, b]);
    return seen(a, b) !== undefined;
  });
});

t.test('a window for many: one after the other, however many clicks there are', async (t) => {
  const [a, ...others] = await founded(t, homeOf(t), 'a', 'b', 'c', 'd', 'e');
  await a!.port.openPairing({});
  tell([a!, ...others]);
  await until('all are there', () => a!.port.pairing().pending.length === 4);
  const all = a!.port.pairing().pending;
  t.same(
    all.map(({ name }) => name),
    ['b', 'c', 'd', 'e'],
    'in order of name',
  );
  await Promise.all(all.map(({ peerId }) => a!.port.admit(peerId, {})));
  await until('all are in', () => [a!, ...others].every((each) => membersOf(each) === 5), 60_000);
  t.equal(a!.port.ledger().byKind.admit, 4);
});

t.test('two clicks at once, one on each of two machines', async (t) => {
  const [a, b] = (await founded(t, homeOf(t), 'a', 'b')) as [Machine, Machine];
  await metAll([a, b]);
  const clicks = await Promise.allSettled([a.port.admit('b', {}), b.port.admit('a', {})]);
  t.ok(clicks.filter(({ status }) => status === 'fulfilled').length <= 1, 'at most one of them counts');
  for (const click of clicks) if (click.status === 'rejected') t.match(click.reason, { code: 'pairing_busy' });
  if (clicks.every(({ status }) => status === 'rejected')) await a.port.admit('b', {});
  await until('they are in one mesh', () => membersOf(a) === 2 && membersOf(b) === 2, 30_000);
});

t.test('only an admin lets machines in', async (t) => {
  const home = homeOf(t);
  const [a, b, c] = (await founded(t, home, 'a', 'b', 'c')) as [Machine, Machine, Machine];
  await b.place.joinBy((await a.port.invite({ role: 'member' })).ticket);
  await until('b is in', () => membersOf(b) === 2, 30_000);
  await t.rejects(b.port.openPairing({}), { code: 'role', message: /let machines in: ask on a/ });
  await t.rejects(b.port.openPairing({ as: 'guest' }), { code: 'already_member' });
  t.equal(b.port.pairing().hostUntil, null);
  // A member that goes round its own program: the others do not count what it says.
  await t.rejects(b.port.admit('c', {}), { code: 'role' });
  await b.session().ledger.append('admit', { member: c.signer.publicKey, name: 'c', role: 'admin' });
  t.equal(membersOf(b), 2);
  await c.stop();
});

t.test('without multicast there is no pairing, and it says so', async (t) => {
  const a = machine(t, homeOf(t), 'a');
  await a.place.enter(undefined);
  t.notOk(a.session().lobby.open);
  t.match(a.port.pairing(), { hostUntil: null, guestUntil: null, reason: /--no-mdns/ });
  await t.rejects(a.port.openPairing({}), { code: 'pairing_off' });
});

t.test('who is removed does not come in again', async (t) => {
  const home = homeOf(t);
  const [a, b] = (await founded(t, home, 'a', 'b')) as [Machine, Machine];
  await metAll([a, b]);
  await a.port.admit('b', {});
  await until('b is in', () => membersOf(b) === 2, 30_000);
  await a.port.revoke('b', {});
  await b.stop();
  const again = machine(t, home, 'b-again', { seed: b.deps.seed, config: { mdns: true } });
  await again.place.enter(undefined);
  await a.port.openPairing({});
  tell([a, again]);
  await until('it has called', () => again.session().pairing.guestUntil() !== undefined);
  t.equal(seen(a, again), undefined);
  const met = { key: Buffer.from(b.signer.publicKey).toString('hex'), who: { name: 'b' } };
  await t.rejects(a.session().pairing.admit(met as never, 'member'));
  t.equal(a.port.ledger().byKind.admit, 1);
});

t.test('a machine that was let in and did not hear it is told again', async (t) => {
  const [a, b] = (await founded(t, homeOf(t), 'a', 'b')) as [Machine, Machine];
  await metAll([a, b]);
  await a.session().ledger.append('admit', { member: b.signer.publicKey, name: 'b', role: 'worker' });
  await a.port.openPairing({});
  tell([a, b]);
  await until(
    'it is in',
    () => {
      tell([a, b]);
      return membersOf(b) === 2;
    },
    30_000,
  );
  t.equal(a.port.ledger().byKind.admit, 1, 'and let in once');
});

t.test('a door that lies', async (t) => {
  const [b] = (await founded(t, homeOf(t), 'b')) as [Machine];
  const seed = hash('liar');
  const signer = createSigner(seed);
  const libp2p = await startKnocker(seed);
  t.teardown(() => libp2p.stop());
  const connection = await dialAddresses(libp2p, b.session().lobby.addresses());
  const me: Introduction = {
    ...{
      wire: [1, 2],
      mesh: hash('some mesh'),
      meshName: 'liars',
      members: 3,
      name: 'liar',
      os: 'linux',
      version: '1',
    },
    ...{ hosts: true, asks: false },
  };
  const come = (genesis: Uint8Array) =>
    withStream(connection, PAIR_PROTOCOL, PAIR_LIMITS, async (frames) => {
      await frames.write(encode({ do: 'come', role: 'member' }));
      const answer = decodeComeAnswer(await frames.read());
      if (answer.ok) await frames.write(encode({ genesis, addresses: [] }));
      return answer;
    });
  t.match(await come(genesisBy('eve').block), { ok: false, code: 'pairing_closed' }, 'nobody goes with a stranger');
  const book = new PairingBook(signer.publicKey, (length) => new Uint8Array(length).fill(7));
  const peer = b.signer.publicKey;
  await withStream(connection, PAIR_PROTOCOL, PAIR_LIMITS, (frames) => meet(frames, { book, peer, me }));
  await until('it is seen', () => b.port.pairing().pending[0]?.name === 'liar');
  t.equal(b.port.pairing().pending[0]!.digits, book.digits(peer));
  const mesh = b.session().ledger.meshId;
  t.match(await come(genesisBy('eve').block), { ok: true });
  await until('it asks again', () => b.session().pairing.guestUntil() !== undefined);
  t.equal(b.session().ledger.meshId, mesh, 'another mesh than the one it had named is not gone to');
  t.notOk(existsSync(`${b.directory.ledger}-${mesh.slice(0, 16)}`));
  // Bytes that are no message.
  await t.rejects(
    withStream(connection, PAIR_PROTOCOL, PAIR_LIMITS, async (frames) => {
      await frames.write(encode({ do: 'dance' }));
      return frames.read();
    }),
  );
  t.ok(b.session().lobby.open);
});
