// A table that does not move under the pointer: while it is hovered or focused its rows may change their values but
// not their order; what would have moved waits for a click.
import { useRef, useState } from 'preact/hooks';

interface Held<T> {
  rows: T[];
  /** How many rows stand elsewhere than they would. */
  moved: number;
  release: () => void;
  /** For the element that holds the rows. */
  handlers: { onMouseEnter: () => void; onMouseLeave: () => void; onFocusIn: () => void; onFocusOut: () => void };
}

export function useHeld<T>(fresh: readonly T[], idOf: (row: T) => string): Held<T> {
  const [order, setOrder] = useState<string[] | undefined>(undefined);
  const inside = useRef({ pointer: false, focus: false });
  const ids = fresh.map(idOf);
  const byId = new Map(fresh.map((row) => [idOf(row), row]));
  const kept = order?.filter((id) => byId.has(id));
  const rows = kept === undefined ? [...fresh] : kept.map((id) => byId.get(id)!);
  const moved = kept === undefined ? 0 : ids.filter((id, i) => kept[i] !== id).length;

  const update = (change: Partial<{ pointer: boolean; focus: boolean }>): void => {
    Object.assign(inside.current, change);
    const holding = inside.current.pointer || inside.current.focus;
    setOrder((current) => (holding ? (current ?? ids) : undefined));
  };
  return {
    rows,
    moved,
    release: () => setOrder(ids),
    handlers: {
      onMouseEnter: () => update({ pointer: true }),
      onMouseLeave: () => update({ pointer: false }),
      onFocusIn: () => update({ focus: true }),
      onFocusOut: () => update({ focus: false }),
    },
  };
}
