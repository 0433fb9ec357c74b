// One author's log: a chain of entries, each naming the one before it. A log is one incarnation of an author, so a
// wiped disk starts a new log instead of breaking an identity.
//
// L1  An entry counts only where the whole chain below it is held.
// L2  Two entries at one place are a fork. The log is frozen at its lowest forked place: what is below stays, what is
//     at it or above counts for nobody. The two blocks are the proof, and they travel.
// L3  The genesis entry cannot be forked away: its hash is the mesh id, so nothing else can stand in its place.
// L4  A log has at most ENTRIES_PER_LOG_MAX entries, and of an author's logs the LOGS_PER_AUTHOR_MAX with the smallest
//     ids count. Only members' entries are taken. So nobody can make the others keep more than a fixed amount.
//
// Where the word of somebody above its author ends a log, and what that does to forks: pins.ts.
import type { Entry } from '../protocol/entry.ts';
import { ENTRIES_PER_LOG_MAX } from '../protocol/limits.ts';

export interface Fork {
  seq: number;
  /** Two entries of the same author, log and place with the same entry before them. */
  proof: readonly [Entry, Entry];
}

/** Where a log ends by the word of somebody above its author (P1). */
export interface Pin {
  /** Entries that count. */
  count: number;
  /** Id of the last of them; empty where there is none. */
  head: string;
}

export interface Log {
  readonly author: string;
  readonly log: string;
  /** In order from seq 0, none at or above a fork. Those beyond the pin do not count. */
  readonly entries: Entry[];
  fork: Fork | undefined;
  pin?: Pin | undefined;
}

/** How many entries of a log count. */
export function countOf({ entries, pin }: Readonly<Log>): number {
  return Math.min(entries.length, pin?.count ?? entries.length);
}

export type Judgement =
  | { verdict: 'append' }
  | { verdict: 'duplicate' }
  /** Something below is missing: sync will bring it. */
  | { verdict: 'gap' }
  /** It stands on another history than ours, so the fork is further down: sync looks for it. */
  | { verdict: 'diverged' }
  /** At or above a known fork, or beside the genesis entry (L3): counts for nobody. */
  | { verdict: 'frozen' }
  /** Beyond the pin, or beside the history that it asks for and that is held (P3): counts for nobody. */
  | { verdict: 'cut' }
  /** Beyond what a log may hold (L4). */
  | { verdict: 'quota' }
  | { verdict: 'fork'; fork: Fork };

export function logKey(author: string, log: string): string {
  return `${author}/${log}`;
}

/** What an entry means for a log that may not exist yet. Form and signature have been checked. */
export function judgeEntry(log: Log | undefined, entry: Entry): Judgement {
  const entries = log?.entries ?? [];
  if (entry.seq >= ENTRIES_PER_LOG_MAX) return { verdict: 'quota' };
  if (log !== undefined && isBesidePin(log, entry)) return { verdict: 'cut' };
  const below = entry.seq === 0 ? '' : entries[entry.seq - 1]?.id;
  if (log?.fork !== undefined && entry.seq >= log.fork.seq) {
    return log.fork.proof.some((known) => known.id === entry.id) ? { verdict: 'duplicate' } : { verdict: 'frozen' };
  }
  const here = entries[entry.seq];
  if (here?.id === entry.id) return { verdict: 'duplicate' };
  if (below === undefined) return { verdict: 'gap' };
  if (below !== entry.prev) return { verdict: 'diverged' };
  if (here === undefined) return { verdict: 'append' };
  if (here.kind === 'genesis') return { verdict: 'frozen' };
  return { verdict: 'fork', fork: { seq: entry.seq, proof: sortProof(here, entry) } };
}

/** Whether a pin rules an entry out that is not held. */
function isBesidePin({ entries, pin }: Log, entry: Entry): boolean {
  if (pin === undefined || entries[entry.seq]?.id === entry.id) return false;
  return entry.seq >= pin.count || entries[pin.count - 1]?.id === pin.head;
}

/** Whether the history that a pin asks for is held, or none is asked for. */
export function isWhole({ entries, pin }: Readonly<Log>): boolean {
  return pin === undefined || pin.count === 0 || entries[pin.count - 1]?.id === pin.head;
}

/** Everything from the fork on stops counting (L2). */
export function freeze(log: Log, fork: Fork): void {
  log.fork = fork;
  log.entries.length = Math.min(log.entries.length, fork.seq);
}

function sortProof(a: Entry, b: Entry): readonly [Entry, Entry] {
  return a.id < b.id ? [a, b] : [b, a];
}
