// Strategies chosen to be compared, as the address holds them.
import { query, setQuery } from '../router.ts';

const COMPARED_MAX = 4;

export const chosenIds = (): string[] => (query.value.get('compare') ?? '').split(',').filter((id) => id !== '');

/** The fifth takes the place of the first. */
export function toggleChosen(id: string): void {
  const before = chosenIds();
  const next = before.includes(id) ? before.filter((each) => each !== id) : [...before, id].slice(-COMPARED_MAX);
  setQuery({ compare: next.join(',') });
}
