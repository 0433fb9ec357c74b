// Everything of a strategy that is not a rule: side, stops, targets, time stop, size, number of positions.
import type { RandomStream } from '../random.ts';
import type { Distance, Side } from '../strategy.ts';
import { hasOther, pickNear, pickOther } from './choices.ts';
import type { Orders } from './genome.ts';
import type { RiskProfile } from './risk.ts';

export type OrderKey = 'stopLoss' | 'takeProfit' | 'trailing' | 'breakEven' | 'maxBars';
const ORDER_KEYS: readonly OrderKey[] = ['stopLoss', 'takeProfit', 'trailing', 'breakEven', 'maxBars'];
type DistanceKey = Exclude<OrderKey, 'maxBars'>;
/** Distances that count from the fill or from the signal bar's close; a trailing stop follows closes. */
type BasedKey = Exclude<DistanceKey, 'trailing'>;

/** Orders that end a position sooner or later. */
const CLOSING_KEYS = ['takeProfit', 'trailing', 'maxBars'] as const;
const ATR_PERIOD = 14;
/** Time stops, ascending. */
export const MAX_BARS: readonly number[] = [3, 6, 9, 12, 18, 24, 36, 48, 72, 96, 144, 288];
/** Share of distances that count from the signal bar's close instead of the fill. */
const OF_SIGNAL_SHARE = 0.15;
/** Share of random strategies that have an order; a stop loss always where the profile requires it. */
const SHARES: Readonly<Record<OrderKey, number>> = {
  stopLoss: 0.7,
  takeProfit: 0.6,
  trailing: 0.25,
  breakEven: 0.15,
  maxBars: 0.5,
};

interface Steps {
  percents: readonly number[];
  atrs: readonly number[];
}

const TARGETS: Steps = { percents: [0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15], atrs: [1, 1.5, 2, 3, 4, 6, 8, 12] };
const BREAK_EVENS: Steps = { percents: [0.5, 1, 1.5, 2, 3], atrs: [0.5, 1, 1.5, 2, 3] };

function stepsOf(key: DistanceKey, { stopPercents, stopAtrs }: RiskProfile): Steps {
  if (key === 'takeProfit') return TARGETS;
  return key === 'breakEven' ? BREAK_EVENS : { percents: stopPercents, atrs: stopAtrs };
}

const isBased = (key: OrderKey): key is BasedKey => key !== 'trailing' && key !== 'maxBars';

const withOrder = (orders: Orders, key: OrderKey, value: Distance | number): Orders => ({ ...orders, [key]: value });

function withoutOrder(orders: Orders, key: OrderKey): Orders {
  const { [key]: _, ...rest } = orders;
  return rest;
}

function drawDistance(key: DistanceKey, profile: RiskProfile, inAtr: boolean, random: RandomStream): Distance {
  const { percents, atrs } = stepsOf(key, profile);
  const distance: Distance = inAtr
    ? { atr: random.pick(atrs), period: ATR_PERIOD }
    : { percent: random.pick(percents) };
  return isBased(key) && random.chance(OF_SIGNAL_SHARE) ? { ...distance, of: 'signal' } : distance;
}

/** The orders with a random one of this kind. */
export function drawOrder(orders: Orders, key: OrderKey, profile: RiskProfile, random: RandomStream): Orders {
  if (key === 'maxBars') return withOrder(orders, key, random.pick(MAX_BARS));
  return withOrder(orders, key, drawDistance(key, profile, random.chance(0.5), random));
}

/** Whether positions could stay open for ever. */
export function isEndless(orders: Orders, exits: number): boolean {
  return exits === 0 && CLOSING_KEYS.every((key) => orders[key] === undefined);
}

/** Each order of one of two strategies. */
export function crossOrders(a: Orders, b: Orders, random: RandomStream): Orders {
  const { size } = random.chance(0.5) ? a : b;
  const { maxPositions } = random.chance(0.5) ? a : b;
  const { stopLoss } = random.chance(0.5) ? a : b;
  const { takeProfit } = random.chance(0.5) ? a : b;
  const { trailing } = random.chance(0.5) ? a : b;
  const { breakEven } = random.chance(0.5) ? a : b;
  const { maxBars } = random.chance(0.5) ? a : b;
  const orders: Orders = { size, maxPositions };
  if (stopLoss !== undefined) orders.stopLoss = stopLoss;
  if (takeProfit !== undefined) orders.takeProfit = takeProfit;
  if (trailing !== undefined) orders.trailing = trailing;
  if (breakEven !== undefined) orders.breakEven = breakEven;
  if (maxBars !== undefined) orders.maxBars = maxBars;
  return orders;
}

export function drawSide(profile: RiskProfile, allowShort: boolean, random: RandomStream): Side {
  return allowShort && profile.shorts && random.chance(0.5) ? 'short' : 'long';
}

/** Random orders for a strategy with that many exit conditions. */
export function drawOrders(exits: number, profile: RiskProfile, random: RandomStream): Orders {
  let orders: Orders = {
    size: { percentOfEquity: random.pick(profile.sizes) },
    maxPositions: random.pick(profile.maxPositions),
  };
  for (const key of ORDER_KEYS) {
    const required = (key === 'stopLoss' && profile.stopRequired) || (key === 'maxBars' && isEndless(orders, exits));
    if (required || random.chance(SHARES[key])) orders = drawOrder(orders, key, profile, random);
  }
  return orders;
}

/** One way to change one order and nothing else. */
export interface OrderOperator {
  name: string;
  /** `exits`: how many exit conditions stand beside the orders. */
  fits(orders: Orders, exits: number, profile: RiskProfile): boolean;
  /** Orders that differ. Only for those that fit. */
  change(orders: Orders, profile: RiskProfile, random: RandomStream): Orders;
}

function stepDistance(distance: Distance, { percents, atrs }: Steps, random: RandomStream): Distance {
  if ('atr' in distance) return { ...distance, atr: pickNear(atrs, distance.atr, random) };
  return { ...distance, percent: pickNear(percents, distance.percent, random) };
}

function stepOrder(orders: Orders, key: OrderKey, profile: RiskProfile, random: RandomStream): Orders {
  if (key === 'maxBars') return withOrder(orders, key, pickNear(MAX_BARS, orders.maxBars!, random));
  return withOrder(orders, key, stepDistance(orders[key]!, stepsOf(key, profile), random));
}

function otherBase(orders: Orders, key: BasedKey): Orders {
  const { of, ...distance } = orders[key]!;
  return withOrder(orders, key, of === 'signal' ? distance : { ...distance, of: 'signal' });
}

/** Whether a strategy cannot do without this order: it is required, or the only thing that ends positions. */
function isNeeded(key: OrderKey, orders: Orders, exits: number, { stopRequired }: RiskProfile): boolean {
  if (key === 'stopLoss') return stopRequired;
  if (key === 'breakEven' || exits > 0) return false;
  return CLOSING_KEYS.every((closing) => closing === key || orders[closing] === undefined);
}

function operatorsOf(key: OrderKey): OrderOperator[] {
  const isThere = (orders: Orders) => orders[key] !== undefined;
  const operators: OrderOperator[] = [
    {
      name: `add ${key}`,
      fits: (orders) => !isThere(orders),
      change: (orders, profile, random) => drawOrder(orders, key, profile, random),
    },
    {
      name: `step ${key}`,
      fits: isThere,
      change: (orders, profile, random) => stepOrder(orders, key, profile, random),
    },
    {
      name: `remove ${key}`,
      fits: (orders, exits, profile) => isThere(orders) && !isNeeded(key, orders, exits, profile),
      change: (orders) => withoutOrder(orders, key),
    },
  ];
  if (key !== 'maxBars') {
    operators.push({
      name: `unit of ${key}`,
      fits: isThere,
      change: (orders, profile, random) =>
        withOrder(orders, key, drawDistance(key, profile, !('atr' in orders[key]!), random)),
    });
  }
  if (isBased(key))
    operators.push({ name: `base of ${key}`, fits: isThere, change: (orders) => otherBase(orders, key) });
  return operators;
}

const percentOf = ({ size }: Orders) => ('percentOfEquity' in size ? size.percentOfEquity : 0);

export const ORDER_OPERATORS: readonly OrderOperator[] = [
  ...ORDER_KEYS.flatMap(operatorsOf),
  {
    name: 'size',
    fits: (orders, _, { sizes }) => hasOther(sizes, percentOf(orders)),
    change: (orders, { sizes }, random) => ({
      ...orders,
      size: { percentOfEquity: pickNear(sizes, percentOf(orders), random) },
    }),
  },
  {
    name: 'positions',
    fits: (orders, _, { maxPositions }) => hasOther(maxPositions, orders.maxPositions),
    change: (orders, { maxPositions }, random) => ({
      ...orders,
      maxPositions: pickOther(maxPositions, orders.maxPositions, random),
    }),
  },
];
