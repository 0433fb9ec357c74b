// The ledger as page, API and command line see it: its logs, its entries, and what it said at an earlier moment.
import type { Ledger } from '../ledger/ledger.ts';
import type { Log } from '../ledger/log.ts';
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

function placeAt({ author, log, entries }: Readonly<Log>, seq: number): Place {
  const { id, time } = entries.at(seq)!;
  return { author, log, seq, id, time };
}

/** The newest entries that are older than `than`, newest first. */
function newestOf(ledger: Ledger, limit: number, than: Place | undefined): Place[] {
  const newest: Place[] = [];
  const isWanted = (time: number): boolean => {
    const last = newest[limit - 1];
    return (than === undefined || time <= than.time) && (last === undefined || time >= last.time);
  };
  for (const log of ledger.logs()) {
    // The last of a log are the newest as a rule, so that most of the others are passed over by their time alone.
    for (let seq = log.entries.length - 1; seq >= 0; seq -= 1) {
      if (!isWanted(log.entries.timeAt(seq))) continue;
      const place = placeAt(log, seq);
      if (than === undefined || inOrder(place, than) < 0) insert(newest, place, limit);
    }
  }
  return newest;
}

function insert(newest: Place[], place: Place, limit: number): void {
  const at = newest.findIndex((each) => inOrder(each, place) < 0);
  newest.splice(at < 0 ? newest.length : at, 0, place);
  if (newest.length > limit) newest.pop();
}

/** Entries whose ids begin with these digits. */
function withDigits(ledger: Ledger, digits: string): Place[] {
  return [...ledger.logs()].flatMap((log) => [...log.entries.withDigits(digits)].map((seq) => placeAt(log, seq)));
}

/** Throws RequestError `unknown_cursor`. */
export function entryPage(seen: Seen, query: { limit: number; cursor?: string | undefined }): Page<EntryView> {
  const { limit, cursor } = query;
  const [than] = cursor === undefined ? [] : withDigits(seen.ledger, cursor);
  if (cursor !== undefined && than?.id !== cursor) {
    throw new RequestError('unknown_cursor', 'The cursor names nothing in this list.', { field: 'cursor' });
  }
  const found = newestOf(seen.ledger, limit + 1, than);
  const page = found.slice(0, limit);
  return {
    items: page.map(({ author, log, seq }) => entryView(seen, seen.ledger.entry(author, log, seq))),
    next: found.length > limit ? (page.at(-1)?.id ?? null) : null,
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
  const named = withDigits(ledger, wanted);
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
