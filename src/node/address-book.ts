// Where members were last seen, kept from one run to the next.
import type { Ledger } from '../ledger/ledger.ts';
import { toHex } from '../protocol/bytes.ts';
import type { Signer } from '../protocol/keys.ts';
import { type DataDirectory, readAddressBook, writeAddressBook } from './data-directory.ts';
import type { Events } from './events.ts';
import type { Mesh } from './mesh.ts';
import type { Scope } from './scope.ts';

/** Member that let this node in, and where its main instance listens. */
export interface Host {
  peerId: string;
  addresses: readonly string[];
  /** Where it had seen other members, by peer id. */
  places: Readonly<Record<string, readonly string[]>>;
}

const SAVE_MS = 30_000;

export function addressBook(directory: DataDirectory, host: Host | undefined): Record<string, readonly string[]> {
  const book: Record<string, readonly string[]> = readAddressBook(directory);
  return host === undefined ? book : { ...book, ...host.places, [host.peerId]: host.addresses };
}

/**
 * Whoever let this node in, until its ledger has told of its own admission: also after a restart in that moment, when
 * only the address book still knows.
 */
export function trustedPeers(
  { directory, signer }: { directory: DataDirectory; signer: Signer },
  ledger: Ledger,
  host: Host | undefined,
): readonly string[] {
  if (host !== undefined) return [host.peerId];
  return ledger.state().members.has(toHex(signer.publicKey)) ? [] : Object.keys(readAddressBook(directory));
}

/** Saves now, every half minute where something changed, and at the end. The node can do without. */
export function keepAddressBook(
  { directory, events }: { directory: DataDirectory; events: Events },
  mesh: Pick<Mesh, 'members' | 'keeper'>,
  scope: Scope,
): void {
  let written = '';
  const save = (): void => {
    const places = mesh.members().map((id): [string, string[]] => [id, mesh.keeper.addressesOf(id)]);
    const book = Object.fromEntries(places.filter(([, addresses]) => addresses.length > 0));
    const text = JSON.stringify(book);
    if (text === written || text === '{}') return;
    try {
      writeAddressBook(directory, book);
      written = text;
      events.solved('address_book');
    } catch (error) {
      events.problem('address_book', `The address book cannot be written: ${(error as Error).message}`);
    }
  };
  save();
  const timer = setInterval(save, SAVE_MS);
  scope.onClose(() => {
    clearInterval(timer);
    save();
  });
}
