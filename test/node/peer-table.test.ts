// Who is connected, by HELLO, over real libp2p on loopback.
import '../../src/node/polyfill.ts';
import { randomBytes } from 'node:crypto';
import t, { type Test } from 'tap';
import { askHello } from '../../src/node/hello.ts';
import { PeerTable } from '../../src/node/peer-table.ts';
import { startMain } from '../../src/node/transport.ts';
import type { Hello } from '../../src/protocol/messages.ts';
import { hash } from '../ledger/support/people.ts';
import { until } from './support/worker.ts';

const helloOf = (name: string): Hello => ({
  wire: [1, 2],
  mesh: hash('mesh'),
  boot: new Uint8Array(randomBytes(8)),
  name,
  version: '0.1.0',
  os: 'test',
  fingerprint: hash('engine'),
  frontier: hash('frontier'),
  addresses: [],
});

/** A table over libp2p, and who was told of: true for a peer's first connection. */
async function tableOf(t: Test, name: string) {
  const options = { hosts: ['127.0.0.1'], port: 0, mdns: false, topics: [], isMember: () => true };
  const { libp2p } = await startMain({ ...options, seed: new Uint8Array(randomBytes(32)) });
  t.teardown(() => libp2p.stop());
  const hello = helloOf(name);
  const told: boolean[] = [];
  const never = (): never => {
    throw new Error('nobody is refused');
  };
  const table = new PeerTable({
    ...{ libp2p, mine: () => hello, onRefused: never, onTwin: never, onGone: () => undefined },
    onHello: (_, isNew) => told.push(isNew),
  });
  await table.serve();
  return { libp2p, hello, told, table };
}

t.test('two connections of a pair are each told of once, however often HELLO is asked on them', async (t) => {
  const [a, b] = [await tableOf(t, 'a'), await tableOf(t, 'b')];
  const dial = (from: typeof a, to: typeof a) => from.libp2p.dial(to.libp2p.getMultiaddrs(), { force: true });
  const both = (count: number) =>
    until(`${count} connections are told of`, () => a.told.length === count && b.told.length === count);
  const first = await dial(a, b);
  await both(1);
  const second = await dial(b, a);
  await both(2);
  for (const [connection, mine] of [
    [first, a.hello],
    [second, b.hello],
    [first, a.hello],
  ] as const) {
    await askHello(connection, mine, 5000);
  }
  t.same(
    [a.told, b.told],
    [
      [true, false],
      [true, false],
    ],
  );
  // Each holds the connection that came last; when that ends, the other one counts.
  second.abort(new Error('a test'));
  await until('the first one is left', () => a.table.all()[0]?.connection.id === first.id);
  await first.close();
  await until('it is gone on both sides', () => a.table.size === 0 && b.table.size === 0);
  await dial(a, b);
  await both(3);
  t.same([a.told[2], b.told[2]], [true, true], 'and comes as a new one');
});
