// Whom a node compares its ledger with when somebody fails it.
import type { Connection } from '@libp2p/interface';
import t from 'tap';
import { type SyncDeps, startSync } from '../../src/node/sync-service.ts';
import { joinPeople } from '../ledger/support/ledgers.ts';

/** Peers whose streams fail as soon as they are opened, unless they are never opened at all. */
async function open(peers: readonly string[], hang: readonly string[] = []) {
  const { ledger } = await joinPeople('zoe');
  const opened: string[] = [];
  const failed: string[] = [];
  const connect = (peerId: string): Connection =>
    ({
      newStream() {
        opened.push(peerId);
        return hang.includes(peerId) ? new Promise(() => undefined) : Promise.reject(new Error(`${peerId} is silent`));
      },
    }) as unknown as Connection;
  const connections = new Map(peers.map((peerId) => [peerId, connect(peerId)]));
  const sync = await startSync({
    libp2p: { handle: async () => undefined } as unknown as SyncDeps['libp2p'],
    ...{ ledger, peers: () => peers, onPulled: () => undefined },
    connectionOf: (peerId) => connections.get(peerId),
    onFailure: (peerId) => failed.push(peerId),
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const reconnect = (peerId: string) => connections.set(peerId, connect(peerId));
  return { sync, opened, failed, settle, reconnect };
}

t.test('when a peer is silent the others are asked in its place, each once', async (t) => {
  const { sync, opened, failed, settle } = await open(['a', 'b', 'c']);
  sync.request('b');
  await settle();
  t.strictSame(opened, ['b', 'a', 'c']);
  t.strictSame(failed, ['b', 'a', 'c']);
  t.equal(sync.busy, 0, 'and then it is over, until something new is heard');
  t.ok(sync.hasFailed('b'));
  t.notOk(sync.hasFailed('d'));
  sync.request('c');
  await settle();
  t.strictSame(opened.slice(3), ['c', 'a', 'b']);
});

t.test('nobody is asked twice at a time', async (t) => {
  const { sync, opened, settle } = await open(['a', 'b'], ['a']);
  sync.request('a');
  sync.request('a');
  sync.request('b');
  await settle();
  t.strictSame(opened, ['a', 'b'], 'a is busy already when b fails');
  t.equal(sync.busy, 1);
});

t.test('whoever comes by another connection is not waited for on the old one', async (t) => {
  const { sync, opened, settle, reconnect } = await open(['a'], ['a']);
  sync.request('a');
  await settle();
  reconnect('a');
  sync.request('a');
  sync.request('a');
  await settle();
  t.strictSame(opened, ['a', 'a'], 'once on each');
  t.equal(sync.busy, 1);
});
