// Who is not admitted gets nothing: no connection on the mesh port, no byte of the ledger, and a clear word on its side.
import '../../src/node/polyfill.ts';
import { connect } from 'node:net';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import t from 'tap';
import { HELLO_PROTOCOL, SYNC_PROTOCOL } from '../../src/protocol/messages.ts';
import { TestHome, until } from '../support/nodes.ts';

t.test('a node with a ticket of another mesh, and one with none', async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const inside = home.node('inside');
  const elsewhere = home.node('elsewhere');
  const { mesh, meshId } = await inside.start();
  await inside.invite(1);
  await elsewhere.start();
  const before = await inside.ledger();

  const foreign = await elsewhere.invite(1);
  const wrongTicket = home.node('wrong-ticket');
  const noTicket = home.node('no-ticket');
  await elsewhere.stop();
  const lobby = (await inside.status()).lobbyOpen;
  t.ok(lobby, 'the door stands open for the holders of its own tickets');
  await wrongTicket.start({
    bootstrap: home.bootstrapFile('wrong.json', { ticket: foreign.ticket, peers: mesh }),
    waiting: true,
  });
  await noTicket.start({
    bootstrap: home.bootstrapFile('none.json', { peers: mesh.map((each) => each.split('/p2p/')[0]!) }),
  });

  const waiting = await until('the one with the wrong ticket says why it is nowhere', async () => {
    const status = await wrongTicket.status();
    return status.problems.some((problem) => problem.code === 'not_joined') && status;
  });
  t.match(waiting.reason, /Not in a mesh yet: .* It is tried again\./, 'in one sentence');
  t.equal(waiting.meshId, '');
  const withIds = home.node('no-ticket-with-ids');
  await withIds.start({ bootstrap: home.bootstrapFile('ids.json', { peers: mesh }) });
  await until('so does one whose addresses carry peer ids', async () => {
    const { problems } = await withIds.status();
    return problems.find(({ message }) => message.includes('one that has not admitted this node'));
  });
  const refused = await until('the one without a ticket says why it is alone', async () => {
    const { problems } = await noTicket.status();
    return problems.find((problem) => problem.code.startsWith('bootstrap:'));
  });
  t.match(refused.message, /another mesh, or one that has not admitted this node\. Ask its owner for a ticket/);
  t.not((await noTicket.ledger()).meshId, meshId, 'it is in a mesh of its own');
  t.same((await noTicket.status()).mesh.connected, 0);

  const after = await inside.status();
  t.equal(after.mesh.connected, 0, 'nobody got a connection');
  t.equal(after.mesh.members, 1, 'nobody became a member');
  t.same((await inside.ledger()).logs, before.logs, 'its ledger is as it was');
});

t.test('a ticket shown at the door of another mesh', async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const inside = home.node('inside');
  const elsewhere = home.node('elsewhere');
  const { mesh } = await inside.start({ args: ['--mesh-host', '127.0.0.1', '--no-mdns', '--mesh-port', '0'] });
  const door = (await inside.invite(1)).addresses[0]!;
  await elsewhere.start();
  const foreign = await elsewhere.invite(1);
  await elsewhere.stop();
  // The lobby is looked for one port above each mesh address of bootstrap.json.
  const below = door.replace(/\d+$/, (port) => String(Number(port) - 1));
  const knocking = home.node('knocking');
  await knocking.start({
    bootstrap: home.bootstrapFile('b.json', { ticket: foreign.ticket, peers: [below] }),
    waiting: true,
  });
  const status = await until('it is told', async () => {
    const answer = await knocking.status();
    return answer.problems.length > 0 && answer;
  });
  t.match(status.reason, /This door leads to the mesh .*, the ticket is for another/);
  t.equal((await inside.status()).mesh.members, 1);
  t.ok(mesh.length > 0);
});

t.test('a program that speaks libp2p but is no member', async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const inside = home.node('inside');
  const { mesh } = await inside.start();
  const stranger = await createLibp2p({
    privateKey: await generateKeyPair('Ed25519'),
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
  });
  t.teardown(() => stranger.stop());
  for (const protocol of [HELLO_PROTOCOL, SYNC_PROTOCOL, '/meshsub/1.2.0']) {
    await t.rejects(
      stranger.dialProtocol(multiaddr(mesh[0]!), protocol, { signal: AbortSignal.timeout(5000) }),
      `${protocol} is not opened`,
    );
  }
  t.equal((await inside.status()).mesh.connected, 0);
});

t.test('a browser at the mesh port', async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const inside = home.node('inside');
  const { mesh } = await inside.start();
  const port = Number(/\/tcp\/(\d+)/.exec(mesh[0]!)?.[1]);
  const received = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'));
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('close', () => resolve(text));
    // A reset is a drop too.
    socket.on('error', () => resolve(text));
    socket.setTimeout(15_000, () => reject(new Error('the connection was not dropped')));
  });
  t.notMatch(received, /HTTP/, 'gets no HTTP and is dropped');
});
