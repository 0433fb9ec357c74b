// How a member is reached is read from the address of its connection (RFC 1918, RFC 4193, RFC 3927, loopback).
import t from 'tap';
import { connectionPath } from '../../src/node/connection-path.ts';

t.test('paths', async (t) => {
  const lan = ['/ip4/10.0.0.7/tcp/1', '/ip4/172.16.0.1/tcp/1', '/ip4/172.31.255.1/tcp/1', '/ip4/192.168.1.2/tcp/1'];
  const local = [
    '/ip4/127.0.0.1/tcp/1',
    '/ip4/169.254.3.4/tcp/1',
    '/ip6/::1/tcp/1',
    '/ip6/fe80::1/tcp/1',
    '/ip6/fd12:3456::1/tcp/1',
  ];
  for (const address of [...lan, ...local]) t.equal(connectionPath(address), 'lan', address);
  const wide = [
    '/ip4/172.15.0.1/tcp/1',
    '/ip4/172.32.0.1/tcp/1',
    '/ip4/100.64.0.3/tcp/1',
    '/ip4/11.0.0.1/tcp/1',
    '/ip6/2001:db8::1/tcp/1',
  ];
  for (const address of wide) t.equal(connectionPath(address), 'direct', address);
  t.equal(
    connectionPath('/ip4/192.168.1.2/tcp/1/p2p/12D3KooWx/p2p-circuit'),
    'relayed',
    'whatever the relay’s address is',
  );
});
