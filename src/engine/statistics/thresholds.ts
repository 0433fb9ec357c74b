// What a verdict asks for. The program never changes these by itself; docs/engine.md argues the defaults.
import { ObjectReader } from '../reader.ts';

export interface Thresholds {
  v: 1;
  /** Probability of calling something significant where nothing is, for each test: p-values up to it are accepted. */
  level: number;
  /** Fewest closed trades on bars that the search did not see. */
  unseenTrades: number;
  /** Least share of neighbours with a gain in sample. */
  neighboursProfitable: number;
  /** Least share of noisy copies of the market with a gain on unseen bars. */
  noiseProfitable: number;
  /** Largest probability that the best of several uncorrelated champions loses later (CSCV). */
  lossProbability: number;
  /** Correlation of unseen returns from which on two champions are one bet. */
  sameBet: number;
}

export const DEFAULT_THRESHOLDS: Readonly<Thresholds> = {
  v: 1,
  level: 0.05,
  unseenTrades: 20,
  neighboursProfitable: 0.5,
  noiseProfitable: 0.5,
  lossProbability: 0.25,
  sameBet: 0.7,
};

/** Reads thresholds from outside; what is left out is the default. Throws InvalidInput (`out_of_range` and the like). */
export function parseThresholds(input: unknown): Thresholds {
  const reader = new ObjectReader(input, '');
  const share = (name: keyof Omit<Thresholds, 'v'>, max = 1) =>
    reader.has(name) ? reader.number(name, { min: 0, max }) : DEFAULT_THRESHOLDS[name];
  if (reader.has('v')) reader.number('v', { min: 1, max: 1, integer: true });
  const thresholds: Thresholds = {
    v: 1,
    level: share('level', 0.5),
    unseenTrades: reader.has('unseenTrades')
      ? reader.number('unseenTrades', { min: 1, max: 1_000_000, integer: true })
      : DEFAULT_THRESHOLDS.unseenTrades,
    neighboursProfitable: share('neighboursProfitable'),
    noiseProfitable: share('noiseProfitable'),
    lossProbability: share('lossProbability'),
    sameBet: share('sameBet'),
  };
  reader.end();
  return thresholds;
}
