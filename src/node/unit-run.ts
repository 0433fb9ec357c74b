// One unit under way on this machine: what it reports, where it is saved, what it claims and what it answers.
import { readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Candles } from '../engine/candles.ts';
import type { UnitOutcome } from '../engine/outcome.ts';
import type { JobRecord } from '../ledger/derive.ts';
import { fromHex, type Hex, sha256 } from '../protocol/bytes.ts';
import type { Result } from '../protocol/kinds.ts';
import type { Claim } from '../protocol/messages.ts';
import { openFileCheckpoint } from './file-checkpoint.ts';
import type { GenerationReport, MineDeps } from './mine-unit.ts';
import type { OpenJobUnit } from './open-work.ts';
import type { Pool } from './pool.ts';

export interface CurrentWork {
  unit: Hex;
  job: JobRecord;
  index: number;
  startedAt: number;
  report: GenerationReport | undefined;
  /** When the last generation was saved. */
  savedAt: number | undefined;
  bestHistory: number[];
  /** Generation that it started from in this run. */
  resumedFrom: number;
  /** Others decided the unit meanwhile: what is saved of it is of no use any more. */
  obsolete: boolean;
}

interface RunDeps {
  publicKey: Uint8Array;
  fingerprint: Hex;
  pool: Pool;
  now(): number;
  events: { generation(unit: CurrentWork): void; problem(code: string, message: string): void };
}

export function newWork({ unit, job, index }: OpenJobUnit, startedAt: number): CurrentWork {
  const nothingYet = { report: undefined, savedAt: undefined, bestHistory: [], resumedFrom: 0, obsolete: false };
  return { unit, job, index, startedAt, ...nothingYet };
}

export function resultOf(deps: RunDeps, unit: CurrentWork, outcome: UnitOutcome): Result {
  return {
    job: fromHex(unit.job.id),
    index: unit.index,
    fingerprint: fromHex(deps.fingerprint),
    digest: fromHex(outcome.digest),
    seal: sha256(deps.publicKey, fromHex(outcome.secret)),
    champions: outcome.champions.map(({ strategy, inSample, outOfSample, holdout }) => {
      return { strategy: { ...strategy }, inSample, outOfSample, holdout };
    }),
    trials: outcome.trials,
    ms: Math.round(deps.now() - unit.startedAt),
    backtests: unit.report?.backtests ?? outcome.trials.count,
  };
}

export function mineDeps(
  deps: RunDeps,
  unit: CurrentWork,
  candles: Candles,
  file: string,
  signal: AbortSignal,
): MineDeps {
  const checkpoint = openFileCheckpoint(file, deps.fingerprint);
  return {
    pool: deps.pool,
    candles,
    signal,
    checkpoint: {
      load: () => checkpoint.load(),
      async save(bytes) {
        await checkpoint.save(bytes);
        unit.savedAt = deps.now();
      },
    },
    onResumed(report) {
      unit.resumedFrom = report.generation;
      unit.report = report;
      unit.savedAt = deps.now();
      deps.events.generation(unit);
    },
    onGeneration(report) {
      unit.report = report;
      if (report.bestInSample !== null) unit.bestHistory.push(report.bestInSample);
      deps.events.generation(unit);
    },
    onCheckpointRefused(error) {
      deps.events.problem(
        'checkpoint_refused',
        `A saved search could not be used and starts from scratch: ${error.message}`,
      );
    },
  };
}

export function claimOf(work: CurrentWork, remainingMs: number | undefined): Claim {
  return {
    unit: fromHex(work.unit),
    job: fromHex(work.job.id),
    index: work.index,
    generation: work.report?.generation ?? 0,
    generations: work.report?.generations ?? 1,
    remaining: remainingMs ?? null,
  };
}

const SUFFIX = '.checkpoint';

export function checkpointFile(directory: string, unit: Hex): string {
  return join(directory, unit + SUFFIX);
}

/** Units that a search was saved of. */
export function savedUnits(directory: string): Set<Hex> {
  const names = namesIn(directory).filter((name) => name.endsWith(SUFFIX));
  return new Set(names.map((name) => name.slice(0, -SUFFIX.length)));
}

/** A checkpoint that stays for want of rights costs a little space, nothing else. */
export async function discardCheckpoint(directory: string, unit: Hex): Promise<void> {
  await rm(checkpointFile(directory, unit), { force: true }).catch(() => undefined);
}

/** What a crash left half written. Only while nothing is being saved. */
export function removeHalfWritten(directory: string): void {
  for (const name of namesIn(directory)) if (name.endsWith('.tmp')) rmSync(join(directory, name), { force: true });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
