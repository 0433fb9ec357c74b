// The ledger as page, API and command line see it: its logs, its entries, and what it said at an earlier moment.
import type { Ledger } from '../ledger/ledger.ts';
import { inOrder, stateAt } from '../ledger/moment.ts';
import type { JobTally } from '../ledger/units.ts';
import { fromHex, type Hex } from '../protocol/bytes.ts';
import type { Entry } from '../protocol/entry.ts';
import { peerIdText } from '../protocol/keys.ts';
import { type EntryView, type LedgerMoment, type LedgerView, type Page, RequestError } from '../ui/api.ts';
import type { Session } from './session.ts';
import { isoTime, nameOf } from './views.ts';

export function ledgerView({ ledger, world }: Session): LedgerView {
  const byKind: Record<string, number> = {};
  const logs = [...ledger.logs()].map((log) => {
    log.entries.countKinds(byKind);
    return {
      author: peerIdText(fromHex(log.author)),
      name: nameIn({ ledger, world }, log.author),
      log: log.log,
      entries: log.entries.length,
      head: log.entries.last?.id ?? '',
      frozenAt: log.fork?.seq ?? null,
    };
  });
  return { meshId: ledger.meshId, root: ledger.state().root, entries: ledger.size(), byKind, logs };
}

type Seen = Pick<Session, 'ledger' | 'world'>;

/** Null for who is no member. */
function nameIn({ ledger, world }: Seen, author: Hex): string | null {
  return ledger.state().members.has(author) ? nameOf(world(), author) : null;
}

type Place = Pick<Entry, 'author' | 'log' | 'seq' | 'id' | 'time'>;

/** One list for each state of the ledger: the digest is another object after each change. */
const sorted = new WeakMap<Uint8Array, Place[]>();

function newestFirst(ledger: Ledger): Place[] {
  const digest = ledger.frontierDigest();
  const known = sorted.get(digest);
  if (known !== undefined) return known;
  const places = [...ledger.logs()].flatMap(({ author, log, entries }) =>
    entries.map(({ id, time, seq }) => ({ author, log, seq, id, time })),
  );
  places.sort((a, b) => inOrder(b, a));
  sorted.set(digest, places);
  return places;
}

/** Throws RequestError `unknown_cursor`. */
export function entryPage(seen: Seen, query: { limit: number; cursor?: string | undefined }): Page<EntryView> {
  const all = newestFirst(seen.ledger);
  const start = query.cursor === undefined ? 0 : all.findIndex(({ id }) => id === query.cursor) + 1;
  if (start === 0 && query.cursor !== undefined) {
    throw new RequestError('unknown_cursor', 'The cursor names nothing in this list.', { field: 'cursor' });
  }
  const page = all.slice(start, start + query.limit);
  const more = start + page.length < all.length;
  return {
    items: page.map(({ author, log, seq }) => entryView(seen, seen.ledger.entry(author, log, seq))),
    next: more ? (page.at(-1)?.id ?? null) : null,
  };
}

function entryView(seen: Seen, entry: Entry): EntryView {
  const { id, author, log, seq, time, kind, block } = entry;
  return {
    ...{ id, log, seq, kind },
    author: peerIdText(fromHex(author)),
    name: nameIn(seen, author),
    at: isoTime(time),
    refused: seen.ledger.state().refused.get(id) ?? null,
    block: Buffer.from(block).toString('base64'),
  };
}

/** `wanted`: an entry's id, or enough first digits of it. Throws RequestError `entry_unknown`. */
export function ledgerMoment({ ledger }: Seen, wanted: string): LedgerMoment {
  const named = newestFirst(ledger).filter(({ id }) => id.startsWith(wanted));
  const [entry] = named;
  if (entry === undefined || named.length > 1) {
    const message = entry === undefined ? `There is no entry ${wanted}.` : `${wanted} fits ${named.length} entries.`;
    throw new RequestError('entry_unknown', message, { status: 404 });
  }
  const { state, entries } = stateAt(ledger, entry);
  return {
    entry: entry.id,
    at: isoTime(entry.time),
    root: state.root,
    entries: entries.length,
    members: [...state.members.values()].map(({ key, name, role }) => ({
      peerId: peerIdText(fromHex(key)),
      name,
      role,
    })),
    jobs: [...state.jobs.values()].map(({ id, job, action }) => ({
      ...{ id, name: job.name, units: job.units, action: action ?? null },
      ...countsOf(state.units.of(id).tally),
    })),
  };
}

function countsOf({ validated, failed, disputed, provisional }: JobTally) {
  return { validated, failed, disputed, provisional };
}
