// How a member is reached, read from the address of its connection.

const LAN =
  /^\/ip4\/(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)|^\/ip6\/(?:::1\/|fe[89ab][0-9a-f]:|f[cd][0-9a-f]{2}:)/i;

/** `address`: multiaddr of the other end. Addresses that routers do not pass on belong to this network. */
export function connectionPath(address: string): 'lan' | 'direct' | 'relayed' {
  if (address.includes('/p2p-circuit')) return 'relayed';
  return LAN.test(address) ? 'lan' : 'direct';
}
