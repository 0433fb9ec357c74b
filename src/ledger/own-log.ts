// Which log of its own a node writes on. Two entries at one place fork a log for ever, and what stands above is lost, so
// a node goes on in its log only where it can know where that log ends. A wiped, restored or copied disk cannot: it
// starts another log, and the entries of the old one come back from the others.
//
// O1  A log that this process has written on, or one that a peer knew to its end as it is here since this process
//     started: go on.
// O2  Not compared with anybody yet: go on while there is no other member, else begin a new log.
// O3  The disk is not the one that wrote the log last, or has lost its end (the witness beside the database tells), or a
//     place of it under a node that runs, or the log is frozen, sealed or full: begin a new log.
// O4  With as many logs as an author may have (L4): go on in one of them all the same.
import type { Hex } from '../protocol/bytes.ts';
import { ENTRIES_PER_LOG_MAX, LOGS_PER_AUTHOR_MAX } from '../protocol/limits.ts';
import type { Log } from './log.ts';

/** What this machine knows, outside of its database, of the log that it wrote last. */
export interface Witness {
  log: Hex;
  count: number;
  /** Id of the last entry; empty where there is none. */
  head: Hex;
}

export type Standing = 'sure' | 'unconfirmed' | 'unsafe';

/** How far the database can be trusted about the end of its own log `id`. `held` is that log, if it has any entries. */
export function standingOf(id: Hex, held: Readonly<Log> | undefined, witness: Witness | undefined): Standing {
  if (witness === undefined || witness.log !== id) return 'unsafe';
  return (held?.entries.at(witness.count - 1)?.id ?? '') === witness.head ? 'unconfirmed' : 'unsafe';
}

/** Entries of the own log that this machine wrote and its database does not hold any more. */
export function lostOf(id: Hex, held: Readonly<Log> | undefined, witness: Witness | undefined): number {
  if (witness === undefined || witness.log !== id || held?.fork !== undefined) return 0;
  return Math.max(0, witness.count - (held?.entries.length ?? 0));
}

/** The id of the log to go on in, or undefined for a new one. `held`: all logs of this author. */
export function chooseLog(
  own: { id: Hex; standing: Standing },
  held: readonly Readonly<Log>[],
  isAlone: boolean,
): Hex | undefined {
  const current = held.find(({ log }) => log === own.id);
  const isKnown = own.standing === 'sure' || (own.standing === 'unconfirmed' && isAlone);
  if (isKnown && (current === undefined || isWritable(current))) return own.id;
  if (held.length < LOGS_PER_AUTHOR_MAX) return undefined;
  const open = held.filter(isWritable);
  return (open.find(({ log }) => log === own.id) ?? open.at(-1))?.log;
}

function isWritable({ entries, fork, pin }: Readonly<Log>): boolean {
  return fork === undefined && pin === undefined && entries.length < ENTRIES_PER_LOG_MAX;
}
