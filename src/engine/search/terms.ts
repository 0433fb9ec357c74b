// The sides of a condition: drawn at random, and changed by one step. Every number comes from a short list, so that
// columns are shared between strategies and equal ideas have equal bytes. Series meet only series and constants of their
// own scale.
import type { Scale } from '../indicators/table.ts';
import type { RandomStream } from '../random.ts';
import { hasOther, pickNear, pickOther } from './choices.ts';
import { isBeyond, isNeverBelow } from './order.ts';
import type { Modifiers, Source, Term, TermPool } from './pool.ts';

const PRICE_TIMES = [0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 1.005, 1.01, 1.015, 1.02, 1.03, 1.04];
const RATIO_TIMES = [0.5, 0.75, 1.25, 1.5, 2, 3];
/** Factors, for the scales on which a multiple means something: their values are positive. */
const TIMES: Partial<Record<Scale, readonly number[]>> = {
  price: PRICE_TIMES,
  volume: RATIO_TIMES,
  range: RATIO_TIMES,
  width: RATIO_TIMES,
};
/** Ascending. */
export const LAGS: readonly number[] = [1, 2, 3, 5, 8, 13, 24];
const TIMES_SHARE = 0.25;
const LAG_SHARE = 0.2;
const CONSTANT_SHARE = 0.75;
/** Share of series that are drawn on larger bars. */
const LARGER_SHARE = 0.2;
/** Scales whose values mean the same on bars of any length; only these are compared across time frames. */
const LEVELS: ReadonlySet<Scale> = new Set<Scale>(['price', 'hundred', 'minus_hundred', 'share', 'deviation', 'trend']);
/** Share of steps on a modifier that take it away. */
const DROP_SHARE = 0.25;
/** Share of steps on parameters that go anywhere instead of next door. */
const FAR_SHARE = 0.25;

/** A series with some of its modifiers replaced. */
function modified(pool: TermPool, { root, barsAgo, timeframe, times }: Term, changes: Partial<Modifiers>): Term {
  return pool.series(root!, { barsAgo, timeframe, times, ...changes });
}

/** The source in any form. A channel that includes the current bar can only be broken as it was a bar ago. */
function drawForm(pool: TermPool, source: Source, random: RandomStream): Term {
  const root = random.pick(source.bases);
  const barsAgo = source.family === 'donchian' ? 1 : undefined;
  const larger = pool.larger.length > 0 && random.chance(LARGER_SHARE);
  const timeframe = larger ? random.pick(pool.larger).timeframe : undefined;
  return pool.series(root, { barsAgo, timeframe, times: undefined });
}

/** The right side's own twist: a factor, an earlier bar, or both. */
function twisted(pool: TermPool, term: Term, random: RandomStream): Term {
  const factors = TIMES[term.source!.scale];
  const times = factors !== undefined && random.chance(TIMES_SHARE) ? random.pick(factors) : term.times;
  const barsAgo = term.barsAgo === undefined && random.chance(LAG_SHARE) ? random.pick(LAGS) : term.barsAgo;
  return times === term.times && barsAgo === term.barsAgo ? term : modified(pool, term, { times, barsAgo });
}

/** Another form for the other side of `left`, on the bars on which both can be compared. */
function alike(pool: TermPool, left: Term, term: Term): Term {
  return LEVELS.has(left.source!.scale) ? term : modified(pool, term, { timeframe: left.timeframe });
}

/** A series of the same scale as `left`; where it would be `left` itself, at another bar. */
function drawPeer(pool: TermPool, left: Term, random: RandomStream): Term {
  const drawn = drawForm(pool, random.pick(pool.peers(left.source!.scale)), random);
  const term = twisted(pool, alike(pool, left, drawn), random);
  return isOneSeries(term, left) ? modified(pool, term, { barsAgo: random.pick(LAGS) }) : term;
}

/** Any source, in any form. */
export function drawLeft(pool: TermPool, random: RandomStream): Term {
  return drawForm(pool, random.pick(random.pick(pool.families)), random);
}

/** What a series may be compared with: mostly a constant, where there are any. */
export function drawRight(pool: TermPool, left: Term, random: RandomStream): Term {
  const { constants } = left.source!;
  if (constants.length > 0 && random.chance(CONSTANT_SHARE)) return pool.constant(random.pick(constants));
  return drawPeer(pool, left, random);
}

/** Whether two series differ in their factor at most. */
const isOneSeries = (a: Term, b: Term) => a.root === b.root && a.barsAgo === b.barsAgo && a.timeframe === b.timeframe;

/**
 * Whether two terms are one series, or stand in one order on every bar whatever the market does: a channel's upper line
 * above every price in it, a Bollinger band's above its lower. Factors count: 0.97 × the upper line may be crossed.
 */
function isFixedOrder(left: Term, right: Term): boolean {
  if (right.value !== undefined) return isBeyond(left.bounds, right.value);
  if (left.value !== undefined) return isBeyond(right.bounds, left.value);
  if (isOneSeries(left, right)) return true;
  const [a, b] = [left.times ?? 1, right.times ?? 1];
  return (a >= b && isNeverBelow(left.bounds, right.bounds)) || (a <= b && isNeverBelow(right.bounds, left.bounds));
}

/** Whether both sides are of bars on which they can be compared. */
function areAlike(left: Term, right: Term): boolean {
  if (isConstant(left) || isConstant(right)) return true;
  return left.timeframe === right.timeframe || (left.source !== undefined && LEVELS.has(left.source.scale));
}

/** Whether a comparison of the two can say something about a market, within the bars of a fold. */
export function canMeet(pool: TermPool, left: Term, right: Term): boolean {
  const inReach = left.reach <= pool.reachMax && right.reach <= pool.reachMax;
  return inReach && areAlike(left, right) && !isFixedOrder(left, right);
}

/** One term of a condition, what stands on the other side, and which of both it is. */
export interface Place {
  pool: TermPool;
  term: Term;
  other: Term;
  isLeft: boolean;
}

export interface TermOperator {
  name: string;
  /** Whether the operator can change a term at this place. */
  fits(place: Place): boolean;
  /** Another term. Only for places that fit. */
  change(place: Place, random: RandomStream): Term;
}

const isConstant = ({ root }: Term) => root === undefined;
/** A modifier on one side of two series. */
const betweenSeries = ({ term, other }: Place) => !isConstant(term) && !isConstant(other);

function changeConstant({ pool, term, other }: Place, random: RandomStream): Term {
  return pool.constant(pickNear(other.source!.constants, term.value!, random));
}

function changeParameters({ pool, term }: Place, random: RandomStream): Term {
  const { bases, near } = term.source!;
  const root = term.root!;
  const next = near[root.base] ?? [];
  const far = next.length === 0 || random.chance(FAR_SHARE);
  return pool.series(far ? pickOther(bases, root, random) : bases[random.pick(next)]!, term);
}

function changeSeries({ pool, term, other, isLeft }: Place, random: RandomStream): Term {
  const source = term.source!;
  const drawn = alike(pool, term, drawForm(pool, pickOther(pool.peers(source.scale), source, random), random));
  return isLeft || isConstant(other) ? drawn : twisted(pool, drawn, random);
}

function changeKind({ pool, term, other }: Place, random: RandomStream): Term {
  if (isConstant(term)) return drawPeer(pool, other, random);
  return pool.constant(random.pick(other.source!.constants));
}

/** Another value for a modifier, or none. */
function stepModifier(current: number | undefined, values: readonly number[], random: RandomStream) {
  const drops = current !== undefined && (!hasOther(values, current) || random.chance(DROP_SHARE));
  return drops ? undefined : pickNear(values, current ?? 0, random);
}

/** The term on larger bars, on other ones, or on the candles' own. */
export function withTimeframe(pool: TermPool, term: Term, timeframe: string | undefined): Term {
  return isConstant(term) ? term : modified(pool, term, { timeframe });
}

/** A time frame that is not the term's; undefined: the candles' own. */
export function drawTimeframe({ larger }: TermPool, term: Term, random: RandomStream): string | undefined {
  return pickOther([undefined, ...larger.map(({ timeframe }) => timeframe)], term.timeframe, random);
}

/** Whether the sides of a condition on this term change their time frame together. */
export const sharesTimeframe = ({ source }: Term): boolean => source !== undefined && !LEVELS.has(source.scale);

export const TERM_OPERATORS: readonly TermOperator[] = [
  {
    name: 'constant',
    fits: ({ term: { value }, other: { source } }) =>
      value !== undefined && source !== undefined && hasOther(source.constants, value),
    change: changeConstant,
  },
  {
    name: 'parameters',
    fits: ({ term: { source } }) => source !== undefined && source.bases.length > 1,
    change: changeParameters,
  },
  {
    name: 'series',
    fits: ({ pool, term: { source } }) => source !== undefined && pool.peers(source.scale).length > 1,
    change: changeSeries,
  },
  {
    name: 'kind',
    fits: ({ term, other: { source }, isLeft }) =>
      !isLeft && source !== undefined && (isConstant(term) || source.constants.length > 0),
    change: changeKind,
  },
  {
    name: 'lag',
    fits: betweenSeries,
    change: ({ pool, term }, random) => modified(pool, term, { barsAgo: stepModifier(term.barsAgo, LAGS, random) }),
  },
  {
    name: 'factor',
    fits: (place) => !place.isLeft && betweenSeries(place) && TIMES[place.term.source?.scale as Scale] !== undefined,
    change: ({ pool, term }, random) =>
      modified(pool, term, { times: stepModifier(term.times, TIMES[term.source!.scale]!, random) }),
  },
];
