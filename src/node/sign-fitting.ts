// A presence has a limit, and who has many addresses or threads comes to it: what only people read gives way.
import type { Signer } from '../protocol/keys.ts';
import { type Presence, signPresence } from '../protocol/messages.ts';

/** With as many of the addresses as the limit allows, the first ones first; then without what only people read. */
export function signFitting(presence: Presence, signer: Signer): Uint8Array {
  const { addresses } = presence;
  const shorter = addresses.map((_, i) => ({ ...presence, addresses: addresses.slice(0, addresses.length - i) }));
  const bare = { ...presence, addresses: [], loads: [] };
  for (const fitting of [...shorter, bare]) {
    try {
      return signPresence(fitting, signer);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return signPresence({ ...bare, reason: '' }, signer);
}
