// The verdict on what one machine mined: permutations of the search if they were asked for, then the engine's judgement, with
// the pool scoring neighbours.
import type { Candles } from '../engine/candles.ts';
import type { UnitOutcome } from '../engine/outcome.ts';
import type { SearchSpec } from '../engine/search-spec.ts';
import { type JobReport, judgeJob } from '../engine/statistics/judge-job.ts';
import { type Permutations, permutedFor } from '../engine/statistics/permutation.ts';
import type { Thresholds } from '../engine/statistics/thresholds.ts';
import { type Checkpoint, mineUnit } from './mine-unit.ts';
import type { Pool } from './pool.ts';

export interface Mined {
  candles: Candles;
  seed: string;
  spec: SearchSpec;
  /** Of units 0, 1, … in order. */
  outcomes: readonly UnitOutcome[];
}

/** What the owner asks of a verdict. */
export interface Demands {
  permutations: number;
  thresholds: Thresholds;
  others: readonly Candles[];
}

export interface JudgeDeps {
  pool: Pool;
  signal: AbortSignal;
  /** Before each permutation: its 0-based number. */
  onPermutation(index: number): void;
}

const noCheckpoint: Checkpoint = { load: async () => undefined, save: async () => {} };

/** Unit 0 among `count` re-runs on permuted bars; undefined for none. */
async function permute(deps: JudgeDeps, mined: Mined, count: number): Promise<Permutations | undefined> {
  const { candles, seed, spec, outcomes } = mined;
  const scores: (number | null)[] = [];
  for (let index = 0; index < count; index++) {
    deps.onPermutation(index);
    const permuted = permutedFor(candles, spec, seed, index);
    const { pool, signal } = deps;
    const run = { pool, signal, candles: permuted, checkpoint: noCheckpoint, onGeneration: () => {} };
    scores.push((await mineUnit(run, { dataset: permuted.hash, seed, spec, unit: 0 })).score);
  }
  return count === 0 ? undefined : { best: outcomes[0]!.score, scores, pending: 0 };
}

/** Rejects as `mineUnit` does. */
export async function judgeMined(deps: JudgeDeps, mined: Mined, demands: Demands): Promise<JobReport> {
  const { candles, spec, outcomes } = mined;
  const { thresholds, others } = demands;
  const permutations = await permute(deps, mined, demands.permutations);
  const champions = outcomes.flatMap((outcome) => outcome.champions.map(({ strategy }) => strategy));
  const job = { candles, spec, champions, trials: outcomes.map(({ trials }) => trials), others };
  return judgeJob(permutations === undefined ? job : { ...job, permutations }, thresholds, (strategies) =>
    deps.pool.evaluate({ candles, spec }, strategies, deps.signal),
  );
}
