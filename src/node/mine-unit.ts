import type { Candles } from '../engine/candles.ts';
import type { UnitOutcome } from '../engine/outcome.ts';
import type { UnitTask } from '../engine/unit-task.ts';
import type { Pool } from './pool.ts';

/** Where the state of one unit is kept between runs. */
export interface Checkpoint {
  load(): Promise<Uint8Array | undefined>;
  save(bytes: Uint8Array): Promise<void>;
}

export interface GenerationReport {
  /** Generations done, 1-based. */
  generation: number;
  generations: number;
  /** Best in-sample net return so far as a ratio; null while no strategy has enough trades. */
  bestInSample: number | null;
  /** Strategies scored so far in this unit. */
  backtests: number;
}

export interface MineDeps {
  pool: Pool;
  /** Must be the data set that the task names. */
  candles: Candles;
  checkpoint: Checkpoint;
  onGeneration(report: GenerationReport): void;
  /** A checkpoint that was refused, and why; mining starts from scratch. */
  onCheckpointRefused?(error: Error): void;
  signal: AbortSignal;
}

/** Mines one unit, from its checkpoint if there is one. Rejects with an error named `AbortError` once aborted. */
export async function mineUnit(deps: MineDeps, task: UnitTask): Promise<UnitOutcome> {
  throw new Error(`not yet: ${deps.candles.hash} ${task.seed}`);
}
