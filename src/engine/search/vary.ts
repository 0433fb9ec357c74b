// Crossover and mutation. Strategies are never changed in place: every step returns a new one that is valid for the
// risk profile. `normalise` puts what does not matter (the order of conditions) into one order.
import { byCodeUnits, canonicalJson } from '../canonical-json.ts';
import type { RandomStream } from '../random.ts';
import type { Condition, Strategy } from '../strategy.ts';
import { drawBreakEven, drawCondition, drawMaxBars, drawSide, drawStop, drawTarget, tweakCondition } from './genes.ts';
import type { RiskProfile } from './risk.ts';

/** Most conditions that the search puts into one group, and exits. */
const GROUP_MAX = 3;
const EXITS_MAX = 2;

export interface Rules {
  profile: RiskProfile;
  allowShort: boolean;
}

type Change = (random: RandomStream) => Strategy;

function uniqueSorted<T>(items: readonly T[]): T[] {
  const byText = new Map(items.map((item) => [canonicalJson(item), item]));
  return [...byText.entries()].sort(([a], [b]) => byCodeUnits(a, b)).map(([, item]) => item);
}

/** One form for equal rules: conditions and groups sorted and unique. */
export function normalise(strategy: Strategy): Strategy {
  return {
    ...strategy,
    entry: uniqueSorted(strategy.entry.map((group) => uniqueSorted(group))),
    exit: uniqueSorted(strategy.exit),
  };
}

/** A strategy whose positions could stay open for ever gets a time stop. */
function ended(strategy: Strategy, random: RandomStream): Strategy {
  const { exit, takeProfit, trailing, maxBars } = strategy;
  const endless = exit.length === 0 && takeProfit === undefined && trailing === undefined && maxBars === undefined;
  return endless ? { ...strategy, maxBars: drawMaxBars(random) } : strategy;
}

const replaceAt = <T>(items: readonly T[], at: number, item: T): T[] => items.map((old, i) => (i === at ? item : old));
const removeAt = <T>(items: readonly T[], at: number): T[] => items.filter((_, i) => i !== at);

/** Every way to change one list of conditions, `min` to `max` long. */
function listChanges(
  list: readonly Condition[],
  min: number,
  max: number,
  rebuild: (list: Condition[]) => Strategy,
): Change[] {
  const changes: Change[] = [];
  list.forEach((condition, at) => {
    changes.push((random) => rebuild(replaceAt(list, at, tweakCondition(condition, random))));
    changes.push((random) => rebuild(replaceAt(list, at, drawCondition(random))));
    if (list.length > min) changes.push(() => rebuild(removeAt(list, at)));
  });
  if (list.length < max) changes.push((random) => rebuild([...list, drawCondition(random)]));
  return changes;
}

function groupChanges(strategy: Strategy): Change[] {
  const { entry } = strategy;
  if (entry.length === 1) return [(random) => ({ ...strategy, entry: [...entry, [drawCondition(random)]] })];
  return entry.map((_, at) => () => ({ ...strategy, entry: removeAt(entry, at) }));
}

type Optional = 'stopLoss' | 'takeProfit' | 'trailing' | 'breakEven' | 'maxBars';

function without(strategy: Strategy, key: Optional): Strategy {
  const copy = { ...strategy };
  delete copy[key];
  return copy;
}

function orderChanges(strategy: Strategy, { profile }: Rules): Change[] {
  const changes: Change[] = [
    (random) => ({ ...strategy, stopLoss: drawStop(profile, random) }),
    (random) => ({ ...strategy, takeProfit: drawTarget(random) }),
    (random) => ({ ...strategy, trailing: drawStop(profile, random) }),
    (random) => ({ ...strategy, breakEven: drawBreakEven(random) }),
    (random) => ({ ...strategy, maxBars: drawMaxBars(random) }),
    (random) => ({ ...strategy, size: { percentOfEquity: random.pick(profile.sizes) } }),
  ];
  for (const key of ['stopLoss', 'takeProfit', 'trailing', 'breakEven', 'maxBars'] as const) {
    const fixed = key === 'stopLoss' && profile.stopRequired;
    if (strategy[key] !== undefined && !fixed) changes.push(() => without(strategy, key));
  }
  if (profile.maxPositions.length > 1) {
    changes.push((random) => ({ ...strategy, maxPositions: random.pick(profile.maxPositions) }));
  }
  return changes;
}

/** One change, picked uniformly among all that this strategy admits. */
export function mutate(strategy: Strategy, rules: Rules, random: RandomStream): Strategy {
  const changes = [
    ...strategy.entry.flatMap((group, at) =>
      listChanges(group, 1, GROUP_MAX, (list) => ({ ...strategy, entry: replaceAt(strategy.entry, at, list) })),
    ),
    ...groupChanges(strategy),
    ...listChanges(strategy.exit, 0, EXITS_MAX, (exit) => ({ ...strategy, exit })),
    ...orderChanges(strategy, rules),
  ];
  if (rules.allowShort && rules.profile.shorts) {
    changes.push((draw) => ({ ...strategy, side: drawSide(rules.profile, true, draw) }));
  }
  return normalise(ended(random.pick(changes)(random), random));
}

/** `count` of the items, each at most once, in random order. */
function sample<T>(items: readonly T[], count: number, random: RandomStream): T[] {
  const left = [...items];
  const taken: T[] = [];
  while (taken.length < count && left.length > 0) taken.push(...left.splice(random.below(left.length), 1));
  return taken;
}

function crossConditions(a: readonly Condition[], b: readonly Condition[], random: RandomStream): Condition[] {
  const count = random.chance(0.5) ? a.length : b.length;
  return sample(uniqueSorted([...a, ...b]), count, random);
}

/**
 * A child of two strategies, typed: conditions meet conditions, distances distances of the same kind. Parents of
 * different sides exchange orders only, since a condition that is good for a long says little for a short.
 */
export function cross(a: Strategy, b: Strategy, random: RandomStream): Strategy {
  const same = a.side === b.side;
  const child: Strategy = {
    v: 1,
    side: a.side,
    entry: same ? a.entry.map((group, g) => crossConditions(group, b.entry[g] ?? b.entry[0]!, random)) : a.entry,
    exit: same ? crossConditions(a.exit, b.exit, random) : a.exit,
    size: random.chance(0.5) ? a.size : b.size,
    maxPositions: random.chance(0.5) ? a.maxPositions : b.maxPositions,
  };
  const pick = <K extends Optional>(key: K): void => {
    const value = (random.chance(0.5) ? a : b)[key];
    if (value !== undefined) Object.assign(child, { [key]: value });
  };
  pick('stopLoss');
  pick('takeProfit');
  pick('trailing');
  pick('breakEven');
  pick('maxBars');
  return normalise(ended(child, random));
}
