// Counts what happened per key within the last while; forgets by itself and never grows without bound.
import type { Clock } from './stream.ts';

const KEYS_MAX = 1_000;

export interface Tally {
  count(key: string): number;
  add(key: string): void;
}

export function createTally(clock: Pick<Clock, 'now'>, windowMs: number): Tally {
  const times = new Map<string, number[]>();
  const recent = (key: string): number[] => (times.get(key) ?? []).filter((time) => clock.now() - time < windowMs);
  return {
    count: (key) => recent(key).length,
    add(key) {
      const list = [...recent(key), clock.now()];
      // Re-inserted last, so that the key which was quiet the longest goes first.
      times.delete(key);
      times.set(key, list);
      if (times.size > KEYS_MAX) times.delete(times.keys().next().value!);
    },
  };
}
