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
import type { HeadList } from './head-list.ts';
import type { Head } from './heads.ts';

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
  readonly entries: HeadList;
  fork: Fork | undefined;
  pin?: Pin | undefined;
  /** The fork that the pin outweighs (P3): it freezes the log again should the pin go. */
  overruled?: Fork | undefined;
  /** Entries whose signatures have been verified one by one; the others have one that was vouching for them. */
  verified?: number;
}

/** As much of a log as it takes to judge what may come next. */
export interface LogSoFar extends Pick<Log, 'fork' | 'pin'> {
  readonly length: number;
  at(seq: number): Pick<Head, 'id' | 'kind'> | undefined;
}

export function soFar({ entries, fork, pin }: Readonly<Log>): LogSoFar {
  return { fork, pin, length: entries.length, at: (seq) => entries.at(seq) };
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
  /** It stands at the place of another one, on the same entry below, and its author signed both. */
  | { verdict: 'fork' };

export function logKey(author: string, log: string): string {
  return `${author}/${log}`;
}

/** What an entry means for a log that may not exist yet. Form and signature have been checked. */
export function judgeEntry(log: LogSoFar | undefined, entry: Entry): Judgement {
  if (entry.seq >= ENTRIES_PER_LOG_MAX) return { verdict: 'quota' };
  if (log !== undefined && isBesidePin(log, entry)) return { verdict: 'cut' };
  if (log?.fork !== undefined && entry.seq >= log.fork.seq) {
    return log.fork.proof.some((known) => known.id === entry.id) ? { verdict: 'duplicate' } : { verdict: 'frozen' };
  }
  const here = log?.at(entry.seq);
  if (here?.id === entry.id) return { verdict: 'duplicate' };
  const below = entry.seq === 0 ? '' : log?.at(entry.seq - 1)?.id;
  if (below === undefined) return { verdict: 'gap' };
  if (below !== entry.prev) return { verdict: 'diverged' };
  if (here === undefined) return { verdict: 'append' };
  return here.kind === 'genesis' ? { verdict: 'frozen' } : { verdict: 'fork' };
}

/** Whether a pin rules an entry out that is not held. */
function isBesidePin(log: LogSoFar, entry: Entry): boolean {
  const { pin } = log;
  if (pin === undefined || log.at(entry.seq)?.id === entry.id) return false;
  return entry.seq >= pin.count || log.at(pin.count - 1)?.id === pin.head;
}

/** Whether the history that a pin asks for is held, or none is asked for. */
export function isWhole({ entries, pin }: Readonly<Log>): boolean {
  return pin === undefined || pin.count === 0 || entries.at(pin.count - 1)?.id === pin.head;
}

/** The proof is the same from both sides. */
export function forkOf(a: Entry, b: Entry): Fork {
  return { seq: a.seq, proof: a.id < b.id ? [a, b] : [b, a] };
}

/** Everything from the fork on stops counting (L2). */
export function freeze(log: Log, fork: Fork): void {
  log.fork = fork;
  log.entries.truncate(fork.seq);
}
