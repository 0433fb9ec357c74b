// Ledgers that pull from each other over the wire.
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { type Ask, answerSync, pullFrom } from '../../../src/ledger/sync.ts';
import { encode, toHex } from '../../../src/protocol/bytes.ts';
import { decodeEntry, type Entry } from '../../../src/protocol/entry.ts';
import { SYNC_FRAME_BYTES_MAX } from '../../../src/protocol/limits.ts';
import { decodeSyncReply, decodeSyncRequest } from '../../../src/protocol/messages.ts';
import { feed, heldBy, joinPeople } from './ledgers.ts';
import type { MemoryStore } from './memory-store.ts';

export interface Wire {
  ask: Ask;
  asked: string[];
}

/** Asks a ledger over the wire: every message is bytes in between, within the size of a frame. */
export function wireTo(peer: Ledger): Wire {
  const asked: string[] = [];
  const ask: Ask = async (request) => {
    asked.push(request.ask);
    const bytes = encode(answerSync(peer, decodeSyncRequest(encode(request))));
    if (bytes.length > SYNC_FRAME_BYTES_MAX) throw new Error('the frame is too large');
    return decodeSyncReply(bytes);
  };
  return { ask, asked };
}

export const pull = (to: Ledger, from: Ledger): Promise<number> => pullFrom(to, wireTo(from).ask);

const stores = new WeakMap<Ledger, MemoryStore>();

/** Also what stands on its disk above forks: a pin may ask for it. */
export function storedBy(ledger: Ledger): Entry[] {
  const { values } = stores.get(ledger)!;
  const blocks = [...values].flatMap(([key, value]) => (key.startsWith('e/') ? decodeEntry(value) : []));
  return [...blocks, ...heldBy(ledger)];
}

export async function ledgersOf(...held: (readonly Entry[])[]): Promise<Ledger[]> {
  const ledgers: Ledger[] = [];
  for (const [i, entries] of held.entries()) {
    const { ledger, deps } = await joinPeople(`node ${i}`);
    await feed(ledger, [entries]);
    ledgers.push(ledger);
    stores.set(ledger, deps.store);
  }
  return ledgers;
}

export const areEqual = (ledgers: readonly Ledger[]): boolean =>
  new Set(ledgers.map((ledger) => toHex(ledger.frontierDigest()))).size === 1 &&
  new Set(ledgers.map((ledger) => ledger.state().root)).size === 1;

/** Everybody pulls from everybody, in the order that `order` gives. */
export async function round(ledgers: readonly Ledger[], order: readonly number[]): Promise<void> {
  const pairs = ledgers.flatMap((to) => ledgers.filter((from) => from !== to).map((from) => ({ to, from })));
  const sorted = pairs.map((pair, i) => ({ pair, at: order[i % order.length]! })).sort((a, b) => a.at - b.at);
  for (const { pair } of sorted) await pull(pair.to, pair.from);
}
