// What the ledger said at an earlier moment. A set has no order of its own, so a moment is named by an entry and cut by
// the clocks that the authors' entries carry: of each log, what was written before the first entry that is later than
// the named one. What was cut off later did not count then either. The same entries give the same moment on every node, however wrong a clock may be.
import { compareText, type Hex } from '../protocol/bytes.ts';
import type { Entry } from '../protocol/entry.ts';
import { deriveState, type State } from './derive.ts';
import type { Head } from './heads.ts';
import type { Ledger } from './ledger.ts';
import { countOf, type Log } from './log.ts';

type Named = Pick<Head, 'id' | 'time' | 'seq'> & Pick<Log, 'author' | 'log'>;

/** By the authors' clocks, ties by id. */
export function inOrder(a: Pick<Head, 'id' | 'time'>, b: Pick<Head, 'id' | 'time'>): number {
  return a.time - b.time || compareText(a.id, b.id);
}

/** How many entries of a log counted when the named one was written, it included. */
function countUntil(mesh: Hex, log: Readonly<Log>, named: Named): number {
  if (log.author === named.author && log.log === named.log) return named.seq + 1;
  const counting = countOf(log);
  const later = log.entries.findIndex((each) => inOrder(each, named) > 0);
  // Without its beginning there is no mesh, whatever its founder's clock said.
  if (later === 0 && log.entries.at(0)?.id === mesh) return Math.min(1, counting);
  return later < 0 ? counting : Math.min(later, counting);
}

/** Reads all entries of that moment from the disk. Throws LedgerStoreError where it does not have them any more. */
export function stateAt(
  ledger: Pick<Ledger, 'meshId' | 'logs' | 'entry'>,
  named: Named,
): { state: State; entries: readonly Entry[] } {
  const entries = [...ledger.logs()].flatMap((log) =>
    Array.from({ length: countUntil(ledger.meshId, log, named) }, (_, seq) => ledger.entry(log.author, log.log, seq)),
  );
  return { state: deriveState(ledger.meshId, entries), entries };
}
