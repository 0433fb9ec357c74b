// Picks from short lists, for mutations that must change something.
import type { RandomStream } from '../random.ts';

/** Share of steps that go anywhere instead of next door. */
const FAR_SHARE = 0.25;

/** Whether a list holds something else than `current`. */
export const hasOther = <T>(items: readonly T[], current: T): boolean =>
  items.length > 1 || (items.length === 1 && items[0] !== current);

/** One of `items` that is not `current`; there must be one. */
export function pickOther<T>(items: readonly T[], current: T, random: RandomStream): T {
  const at = items.indexOf(current);
  if (at === -1) return random.pick(items);
  const drawn = random.below(items.length - 1);
  return items[drawn < at ? drawn : drawn + 1]!;
}

/** Mostly a neighbour of `current` in an ascending list, sometimes any other item; there must be one. */
export function pickNear(items: readonly number[], current: number, random: RandomStream): number {
  const at = items.indexOf(current);
  if (at === -1 || random.chance(FAR_SHARE)) return pickOther(items, current, random);
  const step = random.chance(0.5) ? 1 : -1;
  return items[at + step] ?? items[at - step]!;
}
