// One unit under way on this machine: what it reports, where it is saved, what it claims and what it answers.
import { readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Candles } from '../engine/candles.ts';
import { InvalidInput } from '../engine/errors.ts';
import type { UnitOutcome } from '../engine/outcome.ts';
import { decodeSearchState } from '../engine/search/state-codec.ts';
import type { UnitTask } from '../engine/unit-task.ts';
import type { JobRecord } from '../ledger/derive.ts';
import { fromHex, type Hex, sha256, toHex } from '../protocol/bytes.ts';
import type { Result } from '../protocol/kinds.ts';
import type { Claim } from '../protocol/messages.ts';
import { openFileCheckpoint } from './file-checkpoint.ts';
import type { Checkpoint, GenerationReport, MineDeps } from './mine-unit.ts';
import type { OpenJobUnit } from './open-work.ts';
import type { Pool } from './pool.ts';
import { decodeSaved, encodeSaved } from './saved-search.ts';
import type { Walk } from './walk.ts';

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
  /** Members whose generations this run rests on, besides its own. */
  lineage: readonly Hex[];
  /** The state of another member's that it went on from in this run. */
  walkedFrom: Hex | undefined;
  /** Others decided the unit meanwhile: what is saved of it is of no use any more. */
  obsolete: boolean;
}

export interface RunDeps {
  publicKey: Uint8Array;
  fingerprint: Hex;
  pool: Pool;
  walk: Pick<Walk, 'publish' | 'find' | 'fetch' | 'refuse'>;
  now(): number;
  events: { generation(unit: CurrentWork): void; problem(code: string, message: string): void };
}

export function newWork({ unit, job, index }: OpenJobUnit, startedAt: number): CurrentWork {
  const nothingYet = { report: undefined, savedAt: undefined, bestHistory: [], resumedFrom: 0, obsolete: false };
  return { unit, job, index, startedAt, lineage: [], walkedFrom: undefined, ...nothingYet };
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
    ...(unit.lineage.length === 0 ? {} : { lineage: unit.lineage.map(fromHex) }),
  };
}

export interface Run {
  unit: CurrentWork;
  task: UnitTask;
  candles: Candles;
  file: string;
  signal: AbortSignal;
  /** Whether a search that rests on these members may be gone on with (S8). */
  mayGoOn(lineage: readonly Hex[]): boolean;
  /** What was heard of others' searches may have made this run useless. Throws when it has. */
  checkStillWanted(): void;
}

export function mineDeps(deps: RunDeps, run: Run): MineDeps {
  const { unit, candles, file, signal } = run;
  const checkpoint = openFileCheckpoint(file, deps.fingerprint);
  let state: Uint8Array = new Uint8Array(0);
  return {
    pool: deps.pool,
    candles,
    signal,
    checkpoint: {
      load: () => chooseStart(deps, run, checkpoint),
      async save(bytes) {
        state = bytes;
        await checkpoint.save(encodeSaved({ state, lineage: unit.lineage }));
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
      // After the last one there is nothing to go on with.
      if (report.generation < report.generations) {
        deps.walk.publish(unit.unit, report.generation, { state, lineage: unit.lineage });
      }
      deps.events.generation(unit);
    },
    onCheckpointRefused(error) {
      unit.lineage = [];
      deps.events.problem(
        'checkpoint_refused',
        `A saved search could not be used and starts from scratch: ${error.message}`,
      );
    },
  };
}

/** The own saved search, or one of others that is further. Throws InvalidInput when the own one cannot be used. */
async function chooseStart(deps: RunDeps, run: Run, own: Checkpoint): Promise<Uint8Array | undefined> {
  const { unit, task } = run;
  const found = await deps.walk.find(unit.unit);
  run.checkStillWanted();
  const saved = await own.load();
  const mine = saved === undefined ? undefined : decodeSaved(saved);
  const reached = mine === undefined ? 0 : generationOf(task, mine.state);
  const self = toHex(deps.publicKey);
  for (const walked of found) {
    const lineage = [...new Set(walked.lineage)].filter((member) => member !== self);
    if (walked.generation <= reached || !run.mayGoOn(lineage)) continue;
    const state = await deps.walk.fetch(walked);
    if (state === undefined) continue;
    // Its maker's word and its own may differ.
    if (generationOf(task, state) === walked.generation) {
      unit.lineage = lineage;
      unit.walkedFrom = walked.blob;
      return state;
    }
    deps.walk.refuse(walked.blob);
  }
  unit.lineage = mine?.lineage ?? [];
  return mine?.state;
}

/** 0 for what cannot be read. */
function generationOf(task: UnitTask, state: Uint8Array): number {
  try {
    return decodeSearchState(task, state).generation;
  } catch (error) {
    if (error instanceof InvalidInput) return 0;
    throw error;
  }
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
