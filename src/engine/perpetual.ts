// Perpetual futures: positions on margin, funding, liquidation. The rules stand in docs/engine.md, “Perpetual futures”.
import type { CandleColumns } from './candles.ts';
import { InvalidInput } from './errors.ts';
import { ObjectReader } from './reader.ts';

const HOUR_MS = 3_600_000;

export interface Perpetual {
  /** Value of a position at its entry / margin set aside for it. */
  leverage: number;
  /** Share of a position's value that a long pays to a short at each funding time; negative: a short pays to a long. */
  fundingRate: number;
  /** Hours from one funding time to the next, counted from 00:00 UTC. */
  fundingHours: number;
  /** A position is liquidated once its margin and its gain are worth no more than this share of its value. */
  maintenance: number;
  /** Share of the amount filled that a liquidation costs besides the taker's fee. */
  liquidationFee: number;
}

/** Those of the large exchanges for their largest markets. */
export const DEFAULT_PERPETUAL: Readonly<Perpetual> = {
  leverage: 3,
  fundingRate: 0.0001,
  fundingHours: 8,
  maintenance: 0.005,
  liquidationFee: 0.005,
};

/**
 * Reads the terms; what is absent takes its value from `fallback`, or is an error without one. Throws InvalidInput naming
 * the path. Limits: leverage 1 to 125, funding within 1 % either way, `fundingHours` a divisor of 24, maintenance below
 * 1 / leverage, liquidation fee below 10 %.
 */
export function parsePerpetual(input: unknown, path: string, fallback?: Readonly<Perpetual>): Perpetual {
  const reader = new ObjectReader(input, path);
  const number = (name: keyof Perpetual, min: number, max: number) =>
    fallback !== undefined && !reader.has(name) ? fallback[name] : reader.number(name, { min, max });
  const terms: Perpetual = {
    leverage: number('leverage', 1, 125),
    fundingRate: number('fundingRate', -0.01, 0.01),
    fundingHours: number('fundingHours', 1, 24),
    maintenance: number('maintenance', 0, 0.5),
    liquidationFee: number('liquidationFee', 0, 0.1),
  };
  reader.end();
  if (24 % terms.fundingHours !== 0) {
    const at = reader.at('fundingHours');
    throw new InvalidInput('bad_value', `${at} must divide 24 hours, not ${terms.fundingHours}`, at);
  }
  if (terms.maintenance * terms.leverage >= 1) {
    const at = reader.at('maintenance');
    const message = `${at} must be less than the initial margin 1 / leverage (${1 / terms.leverage})`;
    throw new InvalidInput('out_of_range', message, at);
  }
  return terms;
}

type BarGrid = Pick<CandleColumns, 'time' | 'barMs'>;

/**
 * Whether funding can be charged at its hours: every funding time must be the opening time of a bar (or lie in a gap), so bars
 * must be no longer than the interval, divide it, and lie on the UTC grid.
 */
export const hasFunding = ({ time, barMs }: BarGrid, { fundingHours }: Perpetual): boolean =>
  (fundingHours * HOUR_MS) % barMs === 0 && time[0]! % barMs === 0;

/** Refuses candles on which funding cannot be charged at its hours: InvalidInput (`bad_funding`, field `fundingHours`). */
export function checkFunding(candles: BarGrid, perpetual: Perpetual): void {
  if (hasFunding(candles, perpetual)) return;
  const { barMs } = candles;
  const { fundingHours } = perpetual;
  const message =
    `funding every ${fundingHours} h cannot be charged on these candles: ` +
    `its times must be opening times of bars of ${barMs / 60_000} minutes`;
  throw new InvalidInput('bad_funding', message, 'fundingHours');
}

/** Funding times after the opening of bar i − 1, up to and including that of bar i. */
export function fundingTimes(time: Float64Array, i: number, { fundingHours }: Perpetual): number {
  const interval = fundingHours * HOUR_MS;
  return Math.floor(time[i]! / interval) - Math.floor(time[i - 1]! / interval);
}

/**
 * Oriented price (book.ts) at which margin and gain of a position are worth `maintenance` of its value:
 * margin + units × (q − entry) = maintenance × units × sign × q, solved for q.
 */
export function liquidationLevel(
  position: { units: number; entryPrice: number; margin: number },
  sign: 1 | -1,
  { maintenance }: Perpetual,
): number {
  return (position.entryPrice - position.margin / position.units) / (1 - sign * maintenance);
}
