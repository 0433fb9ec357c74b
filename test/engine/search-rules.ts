// Strategies as the search draws them, for tests of what happens to strategies.
import type { RandomStream } from '../../src/engine/random.ts';
import { strategyOf } from '../../src/engine/search/genome.ts';
import { poolFor } from '../../src/engine/search/pool.ts';
import { RISK_PROFILES } from '../../src/engine/search/risk.ts';
import { drawGenome, type Rules } from '../../src/engine/search/vary.ts';
import type { RiskName } from '../../src/engine/search-spec.ts';
import type { Strategy } from '../../src/engine/strategy.ts';

/** What the search may draw on bars of `barMs` (an hour) in folds of a few hundred bars. */
export const rulesOf = (risk: RiskName, allowShort: boolean, barMs = 3_600_000): Rules => ({
  profile: RISK_PROFILES[risk],
  allowShort,
  pool: poolFor(barMs, 400),
});

/** Long or short, of any size and with any orders that high risk allows. */
export const drawStrategy = (random: RandomStream): Strategy => strategyOf(drawGenome(rulesOf('high', true), random));
