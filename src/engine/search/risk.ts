// What LOW, MEDIUM and HIGH risk allow the search to draw. The exact numbers are part of docs/engine.md.
import type { RiskName } from '../search-spec.ts';

export interface RiskProfile {
  /** Percent of equity that one position may take. */
  sizes: readonly number[];
  /** Stop distances in percent and in multiples of ATR. */
  stopPercents: readonly number[];
  stopAtrs: readonly number[];
  /** Whether every strategy must have a stop loss. */
  stopRequired: boolean;
  maxPositions: readonly number[];
  /** Whether shorts may be drawn where the job allows them. */
  shorts: boolean;
}

export const RISK_PROFILES: Readonly<Record<RiskName, RiskProfile>> = {
  low: {
    sizes: [5, 10, 15, 20],
    stopPercents: [1, 1.5, 2, 2.5, 3],
    stopAtrs: [1.5, 2, 2.5, 3],
    stopRequired: true,
    maxPositions: [1],
    shorts: false,
  },
  medium: {
    sizes: [10, 20, 30, 40, 50],
    stopPercents: [1, 1.5, 2, 3, 4, 5, 6],
    stopAtrs: [1.5, 2, 3, 4, 5],
    stopRequired: true,
    maxPositions: [1, 2],
    shorts: true,
  },
  high: {
    sizes: [25, 50, 75, 95],
    stopPercents: [2, 3, 4, 6, 8, 10, 12],
    stopAtrs: [2, 3, 4, 6, 8],
    stopRequired: false,
    maxPositions: [1, 2, 3],
    shorts: true,
  },
};
