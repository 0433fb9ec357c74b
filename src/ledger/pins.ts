// Where the logs of a member end by the word of somebody above it. Whoever may remove a member also says how far its logs
// count, and what it says holds against forks: otherwise a removed machine could take back, by forking its own past, what
// was to stay.
//
// P1  Who stands above a member in the tree, or holds the recovery phrase, pins its logs: a revoke pins all of them (those
//     that it does not name at nothing), a seal the named ones.
// P2  Of several pins of one log the one from highest up counts, then the one that leaves fewest entries, then the one
//     with the smallest entry id.
// P3  What is beyond a pin counts for nobody. Up to a pin the history that leads to its head counts, wherever the log
//     forked.
// P4  The genesis entry always counts (L3).
import { compareText, fromHex, type Hex, toHex } from '../protocol/bytes.ts';
import type { Entry } from '../protocol/entry.ts';
import type { Revoke } from '../protocol/kinds.ts';
import { PINNED_LOGS_MAX } from '../protocol/limits.ts';
import { countOf, type Log, type Pin } from './log.ts';
import type { Said } from './reading.ts';

/** What one revoke or seal says of one member. */
export interface Pinning {
  entry: Hex;
  author: Hex;
  /** Steps from the recovery phrase down to who said it. */
  depth: number;
  /** Whether it pins all logs. */
  removes: boolean;
  logs: ReadonlyMap<Hex, Pin>;
}

/** Of each member that has any, the ones that count. */
export type Pins = ReadonlyMap<Hex, readonly Pinning[]>;

const NOTHING: Pin = { count: 0, head: '' };

export function pinningOf({ entry, data }: Said<Revoke>, depth: number, genesis: Entry): Pinning {
  const removes = entry.kind === 'revoke';
  const logs = new Map<Hex, Pin>();
  if (removes && toHex(data.member) === genesis.author) logs.set(genesis.log, { count: 1, head: genesis.id });
  for (const [log, count, head] of data.pinned) logs.set(toHex(log), { count, head: toHex(head) });
  return { entry: entry.id, author: entry.author, depth, removes, logs };
}

export function pinOf(pins: Pins, author: Hex, log: Hex): Pin | undefined {
  const pinned = (pins.get(author) ?? []).flatMap((pinning) => {
    const pin = pinning.logs.get(log) ?? (pinning.removes ? NOTHING : undefined);
    return pin === undefined ? [] : [{ ...pinning, pin }];
  });
  pinned.sort((a, b) => a.depth - b.depth || a.pin.count - b.pin.count || compareText(a.entry, b.entry));
  return pinned[0]?.pin;
}

export function isCut(pins: Pins, { author, log, seq }: Pick<Entry, 'author' | 'log' | 'seq'>): boolean {
  if (pins.size === 0) return false;
  const pin = pinOf(pins, author, log);
  return pin !== undefined && seq >= pin.count;
}

/** Whether the same words pin the logs of one member. */
export function samePins(a: readonly Pinning[] | undefined, b: readonly Pinning[] | undefined): boolean {
  const ids = (pinnings: readonly Pinning[] | undefined): string => (pinnings ?? []).map(({ entry }) => entry).join();
  return ids(a) === ids(b);
}

/**
 * What to say in a revoke or seal of a member's logs as they are held here, or as they were before `since` (ms, by the
 * member's clock). Where it has more logs than an entry can name, those with the most entries.
 */
export function pinnedAt(logs: readonly Readonly<Log>[], since = Number.POSITIVE_INFINITY): Revoke['pinned'] {
  const ends = logs.flatMap((log) => {
    const counting = countOf(log);
    const later = log.entries.findIndex(({ time }) => time >= since);
    const count = later < 0 ? counting : Math.min(later, counting);
    const head = log.entries.at(count - 1);
    return head === undefined ? [] : [{ log: log.log, count, head: head.id }];
  });
  ends.sort((a, b) => b.count - a.count || compareText(a.log, b.log));
  return ends.slice(0, PINNED_LOGS_MAX).map(({ log, count, head }) => [fromHex(log), count, fromHex(head)]);
}
