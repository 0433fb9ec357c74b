// A table that does not move under the pointer: while it is hovered or focused its rows may change their values but
// not their order, and one that leaves the list stays where it is; what would have moved waits for a click on
// the chip, and no longer than the way there takes.
import { useEffect, useRef, useState } from 'preact/hooks';

interface Inside {
  onMouseEnter: () => void;
  onMouseLeave: () => void;
  onFocusIn: () => void;
  onFocusOut: () => void;
}

export interface Waiting {
  /** How many rows stand elsewhere than they would, or would stand no more. */
  moved: number;
  release: () => void;
  /** For the chip, so that it stays while somebody is on it. */
  handlers: Inside;
}

interface Held<T> {
  rows: T[];
  /** Whether a row stands there only because the order is held. */
  hasLeft: (row: T) => boolean;
  waiting: Waiting;
  /** For the element that holds the rows. */
  handlers: Inside;
}

/** From the rows to the chip. */
const REACH_MS = 2_000;

/**
 * `question`: what the rows answer, such as filters and sort; another one is never held up. `all`: where a row that has left the
 * list may still be; one that is nowhere stands as it was last.
 */
export function useHeld<T>(fresh: readonly T[], idOf: (row: T) => string, question = '', all = fresh): Held<T> {
  const [order, setOrder] = useState<{ ids: string[]; question: string } | undefined>(undefined);
  const inside = useRef(new Set<string>());
  const leaving = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(leaving.current), []);
  const ids = fresh.map(idOf);
  const byId = new Map(fresh.map((row) => [idOf(row), row]));
  const seen = useRef(byId);
  const known = new Map([...seen.current, ...all.map((row): [string, T] => [idOf(row), row]), ...byId]);
  const held = order?.question === question ? order.ids.filter((id) => known.has(id)) : undefined;
  const rows = held === undefined ? [...fresh] : held.map((id) => known.get(id)!);
  const hasLeft = (row: T): boolean => !byId.has(idOf(row));
  const moved = held === undefined ? 0 : ids.filter((id, i) => held[i] !== id).length + rows.filter(hasLeft).length;
  seen.current = new Map([...rows, ...fresh].map((row) => [idOf(row), row]));

  const enter = (way: string): void => {
    inside.current.add(way);
    clearTimeout(leaving.current);
    setOrder((current) => (current?.question === question ? current : { ids, question }));
  };
  const leave = (way: string): void => {
    inside.current.delete(way);
    if (inside.current.size > 0) return;
    clearTimeout(leaving.current);
    if (moved === 0) setOrder(undefined);
    else leaving.current = setTimeout(() => setOrder(undefined), REACH_MS);
  };
  const handlersOf = (part: string): Inside => ({
    onMouseEnter: () => enter(`pointer on ${part}`),
    onMouseLeave: () => leave(`pointer on ${part}`),
    onFocusIn: () => enter(`focus in ${part}`),
    onFocusOut: () => leave(`focus in ${part}`),
  });
  const release = (): void => {
    clearTimeout(leaving.current);
    // The chip goes, and does not say that it was left.
    for (const way of ['pointer on chip', 'focus in chip']) inside.current.delete(way);
    setOrder(inside.current.size === 0 ? undefined : { ids, question });
  };
  return { rows, hasLeft, waiting: { moved, release, handlers: handlersOf('chip') }, handlers: handlersOf('rows') };
}
