// What an entry says, worked out once for each entry and not at every derivation: an entry never changes, and neither
// does the outcome of these functions. What is handed out is shared, so nobody may change it.
import type { Entry } from '../protocol/entry.ts';
import { KINDS, type Kind } from '../protocol/kinds.ts';
import { notesOn } from '../protocol/note.ts';

export type Reading =
  | { kind: Kind; data: unknown; refused?: undefined }
  | { kind?: undefined; refused: 'unknown_kind' | 'bad_data' };

/** An entry with its data in the form of its kind. */
export interface Said<T> {
  entry: Entry;
  data: T;
}

/** Wraps a pure function of an object, so that it runs once for each object that lives. */
export function once<K extends object, V>(work: (key: K) => V): (key: K) => V {
  const known = notesOn<K, { value: V }>();
  return (key) => {
    const earlier = known.get(key);
    if (earlier !== undefined) return earlier.value;
    const value = work(key);
    known.set(key, { value });
    return value;
  };
}

/** The data of an entry in the form of its kind. */
export const readEntry: (entry: Entry) => Reading = once((entry) => {
  if (!Object.hasOwn(KINDS, entry.kind)) return { refused: 'unknown_kind' };
  const kind = entry.kind as Kind;
  const parsed = KINDS[kind].safeParse(entry.data);
  return parsed.success ? { kind, data: entry.data } : { refused: 'bad_data' };
});
