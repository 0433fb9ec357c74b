// What the ledger said at an earlier moment. A set has no order of its own, so a moment is named by an entry and cut by
// the clocks that the authors' entries carry: of each log, what was written before the first entry that is later than
// the named one. What was cut off later did not count then either. The same entries give the same moment on every node, however wrong a clock may be.
import { compareText, type Hex } from '../protocol/bytes.ts';
import type { Entry } from '../protocol/entry.ts';
import { deriveState, type State } from './derive.ts';
import { countOf, type Log } from './log.ts';

/** By the authors' clocks, ties by id. */
export function inOrder(a: Entry, b: Entry): number {
  return a.time - b.time || compareText(a.id, b.id);
}

/** What counted when `entry` was written, it included. */
function entriesUntil(mesh: Hex, logs: Iterable<Readonly<Log>>, entry: Entry): Entry[] {
  return [...logs].flatMap((log) => {
    const isNamed = log.author === entry.author && log.log === entry.log;
    const counting = log.entries.slice(0, countOf(log));
    const later = isNamed ? entry.seq + 1 : counting.findIndex((each) => inOrder(each, entry) > 0);
    const said = later < 0 ? counting : counting.slice(0, later);
    // Without its beginning there is no mesh, whatever its founder's clock said.
    return said.length === 0 && counting[0]?.id === mesh ? counting.slice(0, 1) : said;
  });
}

export function stateAt(
  mesh: Hex,
  logs: Iterable<Readonly<Log>>,
  entry: Entry,
): { state: State; entries: readonly Entry[] } {
  const entries = entriesUntil(mesh, logs, entry);
  return { state: deriveState(mesh, entries), entries };
}
