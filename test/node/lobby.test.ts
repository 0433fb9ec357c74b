// The door for newcomers: who is let in, on whose word, and when it is open. Real libp2p on loopback, the door's clock in
// the test's hand.
import '../../src/node/polyfill.ts';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { foundMesh } from '../../src/ledger/found.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { openStore } from '../../src/ledger/store.ts';
import { withStream } from '../../src/node/frames.ts';
import { knock } from '../../src/node/join.ts';
import { createLobby, genesisOf, type Lobby } from '../../src/node/lobby.ts';
import { Pairing } from '../../src/node/pairing.ts';
import { dialAddresses, startKnocker } from '../../src/node/transport.ts';
import { encode, fromHex, toHex } from '../../src/protocol/bytes.ts';
import { createSigner } from '../../src/protocol/keys.ts';
import { decodeJoinReply, JOIN_PROTOCOL } from '../../src/protocol/messages.ts';
import { inviteStatement, joinStatement, type Ticket } from '../../src/protocol/ticket.ts';

/** Where the host has seen another member. */
const PLACES = [{ member: createSigner(new Uint8Array(32).fill(9)).publicKey, addresses: ['/ip4/10.0.0.9/tcp/22071'] }];

const bytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const HOUR = 3_600_000;

interface Host {
  ledger: Ledger;
  lobby: Lobby;
  clock: { now: number };
  mayAdmit: { yes: boolean };
  ticket(uses: number): Promise<Ticket>;
}

async function openHost(t: Test): Promise<Host> {
  const seed = bytes(32);
  const signer = createSigner(seed);
  const clock = { now: 1_000_000 };
  const mayAdmit = { yes: true };
  const store = await openStore(join(t.testdir(), 'ledger'));
  const deps = { store, signer, now: () => clock.now, randomBytes: bytes };
  await foundMesh(deps, { name: 'mesh', firstName: 'host', root: bytes(32) });
  const ledger = await openLedger(deps);
  const now = (): number => clock.now;
  const meshAddresses = (): string[] => ['/ip4/127.0.0.1/tcp/9'];
  const pairing = new Pairing({
    ...{ publicKey: signer.publicKey, ledger, now, randomBytes: bytes, meshAddresses },
    mdns: false,
    who: { name: 'host', os: 'linux', version: '1' },
    genesis: () => genesisOf(ledger),
    onAdmitted: () => undefined,
    goTo: async () => undefined,
    onChange: () => undefined,
  });
  const lobby = createLobby(
    {
      ...{ seed, ledger, now, pairing, meshAddresses, places: () => PLACES },
      mayAdmit: () => mayAdmit.yes,
      onAdmitted: () => undefined,
      onProblem: () => undefined,
    },
    { hosts: ['127.0.0.1'], port: 0 },
  );
  const stopListening = ledger.onChange(() => void lobby.update());
  t.teardown(async () => {
    stopListening();
    await lobby.stop();
    await ledger.close();
  });
  return {
    ledger,
    lobby,
    clock,
    mayAdmit,
    async ticket(uses) {
      const secret = bytes(32);
      const throwAway = createSigner(secret);
      const mesh = fromHex(ledger.meshId);
      const expires = clock.now + HOUR;
      const proof = throwAway.sign('invite', inviteStatement(mesh, signer.publicKey));
      await ledger.append('invite', { key: throwAway.publicKey, role: 'member', uses, expires, proof });
      await lobby.update();
      const addresses = lobby.addresses();
      return { mesh, issuer: signer.publicKey, secret, role: 'member', uses, expires, addresses };
    },
  };
}

interface Newcomer {
  key: string;
  knock(ticket: Ticket): ReturnType<typeof knock>;
}

function newcomer(name: string): Newcomer {
  const seed = bytes(32);
  const signer = createSigner(seed);
  return {
    key: toHex(signer.publicKey),
    knock: (ticket) => knock({ seed, signer, name }, ticket, [], AbortSignal.timeout(20_000)),
  };
}

t.test('a ticket opens the door, and its last use closes it', async (t) => {
  const { ledger, lobby, clock, ticket } = await openHost(t);
  await lobby.update();
  t.notOk(lobby.open, 'nobody is expected');
  const pass = await ticket(1);
  t.ok(lobby.open);
  const guest = newcomer('guest');
  const admission = await guest.knock(pass);
  t.equal(admission.mesh, ledger.meshId);
  t.same(admission.addresses, ['/ip4/127.0.0.1/tcp/9']);
  t.equal(ledger.state().members.get(guest.key)?.name, 'guest');

  await t.resolves(guest.knock(pass), 'a guest whose answer got lost may knock again with the used ticket');
  t.equal(ledger.state().members.size, 2, 'and is not admitted twice');
  await t.rejects(newcomer('another').knock(pass), { code: 'ticket_used', passing: false }, 'nobody else may use it');

  clock.now += 61_000;
  await lobby.update();
  t.notOk(lobby.open, 'a minute later the door is closed');
  await ticket(1);
  t.ok(lobby.open, 'and a new ticket opens it again');
});

t.test('two newcomers at once', async (t) => {
  const { ledger, ticket } = await openHost(t);
  const two = await ticket(2);
  await t.resolves(
    Promise.all([newcomer('a').knock(two), newcomer('b').knock(two)]),
    'both get in on a ticket for two',
  );
  t.equal(ledger.state().members.size, 3);
  const one = await ticket(1);
  const both = await Promise.allSettled([newcomer('c').knock(one), newcomer('d').knock(one)]);
  t.same(
    both.map(({ status }) => status).sort((a, b) => (a < b ? -1 : 1)),
    ['fulfilled', 'rejected'],
    'one on a ticket for one',
  );
  t.equal(ledger.state().members.size, 4);
});

t.test('tickets expire by the clock of the door', async (t) => {
  const { lobby, clock, ticket } = await openHost(t);
  const pass = await ticket(1);
  const other = await ticket(1);
  clock.now += HOUR + 1;
  await t.rejects(newcomer('late').knock(pass), { code: 'ticket_expired', passing: false });
  await lobby.update();
  await lobby.update();
  t.notOk(lobby.open, 'with the last ticket the door closes');
  await t.rejects(newcomer('later').knock(other), { code: 'lobby_unreachable', passing: true });
});

t.test('tickets that do not fit', async (t) => {
  const { ledger, ticket } = await openHost(t);
  const pass = await ticket(1);
  await t.rejects(newcomer('x').knock({ ...pass, mesh: bytes(32) }), { code: 'wrong_mesh' });
  await t.rejects(newcomer('x').knock({ ...pass, secret: bytes(32) }), { code: 'unknown_ticket', passing: true });
  t.equal(ledger.state().members.size, 1);
});

t.test('a worker does not open the door', async (t) => {
  const { lobby, mayAdmit, ticket } = await openHost(t);
  mayAdmit.yes = false;
  await ticket(1);
  t.notOk(lobby.open);
});

t.test('a newcomer that shares no version of the messages is told so, and not let in', async (t) => {
  const { ledger, ticket } = await openHost(t);
  const pass = await ticket(1);
  const seed = bytes(32);
  const { publicKey } = createSigner(seed);
  const libp2p = await startKnocker(seed);
  t.teardown(() => libp2p.stop());
  const connection = await dialAddresses(libp2p, pass.addresses);
  const throwAway = createSigner(pass.secret);
  const proof = throwAway.sign('join', joinStatement(pass.mesh, publicKey, 'later'));
  const asked = { mesh: pass.mesh, invite: throwAway.publicKey, proof, member: publicKey, name: 'later' };
  const knockWith = (wire: [number, number]): Promise<unknown> =>
    withStream(connection, JOIN_PROTOCOL, { bytesMax: 9000, timeoutMs: 10_000 }, async (frames) => {
      await frames.write(encode({ ...asked, wire }));
      return decodeJoinReply(await frames.read());
    });
  t.match(await knockWith([3, 4]), { ok: false, code: 'wire_version' });
  t.equal(ledger.state().members.size, 1);
  t.same((await knockWith([2, 3])) as object, {
    ok: true,
    genesis: genesisOf(ledger),
    addresses: ['/ip4/127.0.0.1/tcp/9'],
    places: PLACES,
  });
  t.notOk('places' in ((await knockWith([1, 1])) as object), 'version 1 knows of no places');
});
