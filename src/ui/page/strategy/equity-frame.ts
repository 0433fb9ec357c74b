// Where the curves of the equity chart lie, in pixels.
import type { EquityStretch, SegmentName, StrategyRun } from '../../api-strategy.ts';

export const HEIGHT = 292;
export const CURVE = { top: 10, bottom: 206 };
export const STRIP = { top: 232, bottom: 284 };
export const LEFT = 58;
export const RIGHT = 8;

/** What the reader has asked for: buy and hold beside the equity, and equal distances for equal ratios. */
export interface EquityLook {
  hold: boolean;
  log: boolean;
}

export interface Frame {
  width: number;
  x: (time: number) => number;
  y: (money: number) => number;
  strip: (loss: number) => number;
  low: number;
  high: number;
  deepest: number;
  from: number;
  to: number;
}

/** Loss from the highest equity of a segment so far, for each point of each of its stretches. */
export function lossesOf(stretches: readonly EquityStretch[], start: number): number[][] {
  const peaks: Partial<Record<SegmentName, number>> = {};
  return stretches.map(({ segment, points }) =>
    points.map(([, money]) => {
      const peak = Math.max(peaks[segment] ?? start, money);
      peaks[segment] = peak;
      return (peak - money) / peak;
    }),
  );
}

/** Money below this cannot be drawn on a scale of ratios. */
const LEAST = 1e-6;

export function frameOf(run: StrategyRun, losses: readonly number[][], width: number, look: EquityLook): Frame {
  const points = run.equity.flatMap((stretch) => stretch.points);
  const values = [
    run.initialEquity,
    ...points.map(([, money]) => money),
    ...(look.hold ? run.equity.flatMap(({ held }) => held) : []),
  ];
  const scale = look.log ? (money: number) => Math.log(Math.max(LEAST, money)) : (money: number) => money;
  const back = look.log ? Math.exp : (value: number) => value;
  const scaled = values.map(scale);
  const [least, most] = [Math.min(...scaled), Math.max(...scaled)];
  const pad = (most - least) * 0.06 || (look.log ? 0.001 : 1);
  const [bottom, top] = [least - pad, most + pad];
  const times = points.map(([time]) => time);
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const deepest = Math.max(0.001, ...losses.flat());
  return {
    ...{ width, low: back(bottom), high: back(top), deepest, from, to },
    x: (time) => LEFT + ((width - LEFT - RIGHT) * (time - from)) / (to - from || 1),
    y: (money) => CURVE.bottom - ((CURVE.bottom - CURVE.top) * (scale(money) - bottom)) / (top - bottom),
    strip: (loss) => STRIP.top + ((STRIP.bottom - STRIP.top) * loss) / deepest,
  };
}

/** A point of a curve: its stretch, and its place there. */
export interface Spot {
  stretch: number;
  point: number;
}

/** The point that is nearest to a moment. */
export function spotAt(stretches: readonly EquityStretch[], time: number): Spot | undefined {
  let best: Spot | undefined;
  let least = Number.POSITIVE_INFINITY;
  stretches.forEach(({ points }, stretch) => {
    points.forEach(([at], point) => {
      const far = Math.abs(at - time);
      if (far >= least) return;
      least = far;
      best = { stretch, point };
    });
  });
  return best;
}

/** What a fold earned in sample and out of sample, as ratios of what it began with. */
export interface FoldReturns {
  /** First and last moment of its part out of sample, ms since 1970, and what that earned; null where it has none. */
  unseen: { from: number; to: number; return: number } | null;
  inSample: number | null;
}

type Curves = Pick<StrategyRun, 'equity' | 'initialEquity'>;

const partsOf = ({ equity }: Curves, name: SegmentName): EquityStretch[] =>
  equity.filter(({ segment }) => segment === name);

/** Folds that all begin with the first candle: their parts in sample follow one another, and one part out of sample follows them all. */
export const isAnchored = (run: Curves): boolean =>
  partsOf(run, 'outOfSample').length === 1 && partsOf(run, 'inSample').length > 1;

/** Each stretch of a segment begins with what the one before it ended with. */
function returnsOf(stretches: readonly EquityStretch[], start: number): number[] {
  let before = start;
  return stretches.map(({ points }) => {
    const last = points.at(-1)![1];
    const gain = last / before - 1;
    before = last;
    return gain;
  });
}

/** In the order of time; a part in sample belongs to the part out of sample of the same number. */
export function foldsOf(run: Curves): FoldReturns[] {
  const { initialEquity } = run;
  const [seen, unseen] = [partsOf(run, 'inSample'), partsOf(run, 'outOfSample')];
  const earned = returnsOf(unseen, initialEquity);
  const after = unseen.map(({ points }, i) => ({ from: points[0]![0], to: points.at(-1)![0], return: earned[i]! }));
  if (isAnchored(run)) {
    // Each of them reaches from the first candle to the end of its part.
    const whole = seen.map(({ points }) => points.at(-1)![1] / initialEquity - 1);
    return whole.map((inSample, i) => ({ inSample, unseen: i === whole.length - 1 ? after[0]! : null }));
  }
  const within = returnsOf(seen, initialEquity);
  return after.map((each, i) => ({ inSample: within[i] ?? null, unseen: each }));
}
