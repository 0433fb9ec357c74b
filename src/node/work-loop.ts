// The worker: takes the next unit, mines it, writes the answer into the ledger, and so on for ever. It never sleeps
// between units, and says in one sentence why it does nothing when it does nothing.
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Candles } from '../engine/candles.ts';
import type { UnitOutcome } from '../engine/outcome.ts';
import { parseSearchSpec } from '../engine/search-spec.ts';
import type { UnitTask } from '../engine/unit-task.ts';
import type { JobRecord } from '../ledger/derive.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { fromHex, type Hex, sha256, toHex } from '../protocol/bytes.ts';
import type { Result } from '../protocol/kinds.ts';
import type { Claim } from '../protocol/messages.ts';
import { openFileCheckpoint } from './file-checkpoint.ts';
import type { GenerationReport, MineDeps } from './mine-unit.ts';
import { findOpenWork, isOpen, type OpenJobUnit, type OpenWork } from './open-work.ts';
import type { Pool } from './pool.ts';
import type { PresenceBook } from './presence-book.ts';
import { chooseUnit, type Peers, shouldYield } from './schedule.ts';

export interface WorkDeps {
  /** Raw public key of this node. */
  publicKey: Uint8Array;
  ledger: Ledger;
  presences: PresenceBook;
  pool: Pool;
  /** Hex SHA-256 of the engine's self-test. */
  fingerprint: Hex;
  checkpoints: string;
  /** Undefined when the candles are not here. */
  candles(dataset: Hex): Promise<Candles | undefined>;
  hasCandles(dataset: Hex): boolean;
  /** Runs one unit; the engine's own way is `mineUnit`. */
  mine(deps: MineDeps, task: UnitTask): Promise<UnitOutcome>;
  /** Monotonic, ms. */
  now(): number;
  events: WorkEvents;
}

export interface WorkEvents {
  /** Mode, reason, unit or claim changed: tell the mesh and the page. */
  changed(): void;
  generation(unit: CurrentWork): void;
  started(unit: CurrentWork): void;
  finished(unit: CurrentWork, outcome: UnitOutcome): void;
  problem(code: string, message: string): void;
  solved(code: string): void;
}

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
}

const IDLE_LOOK_MS = 5000;
const FAILURE_PAUSE_MS = 10_000;

export class WorkLoop {
  readonly #deps: WorkDeps;
  readonly #self: Hex;
  readonly #done: Promise<void>;
  #current: CurrentWork | undefined;
  #controller: AbortController | undefined;
  #reason: string | undefined = 'Starting.';
  #paused = false;
  #stopped = false;
  #finished = 0;
  #waiting: { unit: Hex; since: number } | undefined;
  #wake: () => void = () => undefined;

  constructor(deps: WorkDeps) {
    this.#deps = deps;
    this.#self = toHex(deps.publicKey);
    this.#done = this.#loop();
  }

  get current(): CurrentWork | undefined {
    return this.#current;
  }

  /** One sentence; undefined while it works. */
  get reason(): string | undefined {
    return this.#reason;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Units finished in this run of the node. */
  get finished(): number {
    return this.#finished;
  }

  /** Stops at once and loses at most the generation under way. */
  pause(): void {
    this.#paused = true;
    this.#controller?.abort();
    this.#setReason('Paused by you.');
    this.#wake();
  }

  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  /** Something that bears on the choice has changed: ledger, presence, data. */
  nudge(): void {
    this.#reconsider();
    this.#wake();
  }

  claim(): Claim | undefined {
    return this.#current === undefined ? undefined : claimOf(this.#current, this.remainingMs());
  }

  /** Measured on this run's own generations; undefined until there is one. */
  remainingMs(): number | undefined {
    if (this.#current?.report === undefined) return undefined;
    const { report, startedAt, resumedFrom } = this.#current;
    if (report.generation <= resumedFrom) return undefined;
    const perGeneration = (this.#deps.now() - startedAt) / (report.generation - resumedFrom);
    return Math.round(perGeneration * (report.generations - report.generation));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#controller?.abort();
    this.#wake();
    await this.#done;
  }

  async #loop(): Promise<void> {
    while (!this.#stopped) {
      const next = this.#paused ? IDLE_LOOK_MS : this.#pick();
      if (typeof next === 'number') await this.#sleep(Math.min(next, IDLE_LOOK_MS));
      else await this.#attempt(next);
    }
  }

  /** What to start now, or how long to wait before looking again. */
  #pick(): OpenJobUnit | number {
    const peers = this.#peers();
    const work = findOpenWork({
      self: this.#self,
      state: this.#deps.ledger.state(),
      claims: this.#claims(),
      windowUnits: 2 * peers.live + 2,
      obstacle: (job) => obstacle(this.#deps, job),
    });
    tellObstacles(this.#deps, work);
    const begun = this.#begun(work);
    if (begun !== undefined) return begun;
    const choice = chooseUnit(this.#self, peers, work.units);
    if (choice === undefined) {
      this.#waiting = undefined;
      this.#setReason(work.reason);
      return IDLE_LOOK_MS;
    }
    if (this.#waiting?.unit !== choice.unit) this.#waiting = { unit: choice.unit, since: this.#deps.now() };
    const left = this.#waiting.since + choice.waitMs - this.#deps.now();
    if (left <= 0) return work.units.find((unit) => unit.unit === choice.unit)!;
    this.#setReason('Other machines come first for the open units; this one takes what they leave.');
    return left;
  }

  /** A unit that this machine began earlier and that still has a place for it. */
  #begun(work: OpenWork): OpenJobUnit | undefined {
    const saved = new Set(checkpointedUnits(this.#deps.checkpoints));
    return work.units.find((unit) => saved.has(unit.unit) && unit.wanted > unit.claimed.length);
  }

  async #attempt(open: OpenJobUnit): Promise<void> {
    this.#waiting = undefined;
    try {
      await this.#run(open);
      this.#deps.events.solved('mining_failed');
    } catch (error) {
      if ((error as Error).name === 'AbortError') return;
      const what = `Unit ${open.index + 1} of “${open.job.job.name}” failed: ${(error as Error).message}`;
      this.#deps.events.problem('mining_failed', what);
      this.#setReason(what);
      await this.#sleep(FAILURE_PAUSE_MS);
    }
  }

  async #run(open: OpenJobUnit): Promise<void> {
    const { deps, task } = { deps: this.#deps, task: toTask(open) };
    const candles = await deps.candles(task.dataset);
    if (candles === undefined || this.#stopped || this.#paused) return;
    const unit = newWork(open, deps.now());
    this.#current = unit;
    this.#controller = new AbortController();
    this.#setReason(undefined);
    deps.events.started(unit);
    const file = checkpointFile(deps.checkpoints, unit.unit);
    try {
      const outcome = await deps.mine(mineDeps(deps, unit, candles, file, this.#controller.signal), task);
      await deps.ledger.append('result', resultOf(deps, unit, outcome));
      await rm(file, { force: true });
      this.#finished += 1;
      deps.events.finished(unit, outcome);
    } finally {
      this.#current = undefined;
      this.#controller = undefined;
    }
  }

  /** Gives the unit up where going on would only waste work. */
  #reconsider(): void {
    if (this.#current === undefined) return;
    const { job, unit } = this.#current;
    const state = this.#deps.ledger.state();
    const record = state.units.get(unit);
    const action = state.jobs.get(job.id)?.action;
    if (record !== undefined && !isOpen(record)) {
      this.#controller?.abort();
      void rm(checkpointFile(this.#deps.checkpoints, unit), { force: true });
    } else if (action === 'pause' || action === 'stop' || this.#isOneTooMany(this.#current)) {
      this.#controller?.abort();
    }
  }

  /** Only at the beginning: later, more would be lost than the duplicate costs. */
  #isOneTooMany({ unit, job, report, resumedFrom }: CurrentWork): boolean {
    if ((report?.generation ?? 0) > resumedFrom + 1) return false;
    const record = this.#deps.ledger.state().units.get(unit);
    const wanted = record?.verdict.wanted ?? job.job.validation.replicas;
    const voted = record?.votes.map((vote) => vote.author) ?? [];
    const claimed = (this.#claims().get(unit) ?? []).filter((member) => !voted.includes(member));
    return shouldYield(this.#self, { unit, wanted, voted, claimed });
  }

  #claims(): Map<Hex, Hex[]> {
    const byUnit = new Map<Hex, Hex[]>();
    for (const { member, claim } of this.#deps.presences.claims()) {
      if (member === this.#self) continue;
      const unit = toHex(claim.unit);
      byUnit.set(unit, [...(byUnit.get(unit) ?? []), member]);
    }
    return byUnit;
  }

  #peers(): Peers {
    const { members } = this.#deps.ledger.state();
    const others = this.#deps.presences.live().filter((member) => member !== this.#self && members.has(member));
    const busy = new Set(this.#deps.presences.claims().map(({ member }) => member));
    return { live: others.length + 1, idle: others.filter((member) => !busy.has(member)) };
  }

  #setReason(next: string | undefined): void {
    if (next === this.#reason) return;
    this.#reason = next;
    this.#deps.events.changed();
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function newWork(open: OpenJobUnit, startedAt: number): CurrentWork {
  const { unit, job, index } = open;
  return { unit, job, index, startedAt, report: undefined, savedAt: undefined, bestHistory: [], resumedFrom: 0 };
}

function resultOf(deps: WorkDeps, unit: CurrentWork, outcome: UnitOutcome): Result {
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
    backtests: unit.report?.backtests ?? 0,
  };
}

function mineDeps(deps: WorkDeps, unit: CurrentWork, candles: Candles, file: string, signal: AbortSignal): MineDeps {
  const checkpoint = openFileCheckpoint(file);
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
    onGeneration(report) {
      if (unit.report === undefined) unit.resumedFrom = report.generation - 1;
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

function obstacle(deps: WorkDeps, { job }: JobRecord): string | undefined {
  const { symbol } = job.market;
  if (toHex(job.fingerprint) !== deps.fingerprint) {
    return `“${job.name}” was made for engine ${toHex(job.fingerprint).slice(0, 8)}, this machine has ${deps.fingerprint.slice(0, 8)}: it takes no unit of it. Run the same version everywhere.`;
  }
  const dataset = toHex(job.dataset);
  if (!deps.hasCandles(dataset)) {
    return `“${job.name}” needs the ${symbol} data set ${dataset.slice(0, 8)}, which is not on this machine: import the same file here with “stratmesh data import”.`;
  }
  try {
    parseSearchSpec(job.search);
  } catch (error) {
    return `“${job.name}” asks for what this engine does not know: ${(error as Error).message}`;
  }
  return undefined;
}

function tellObstacles(deps: WorkDeps, work: OpenWork): void {
  const first = work.obstacles[0];
  if (first === undefined) deps.events.solved('job_out_of_reach');
  else deps.events.problem('job_out_of_reach', first.message);
}

function toTask({ job, index }: OpenJobUnit): UnitTask {
  return { dataset: toHex(job.job.dataset), seed: job.job.seed, spec: parseSearchSpec(job.job.search), unit: index };
}

function checkpointFile(directory: string, unit: Hex): string {
  return join(directory, `${unit}.checkpoint`);
}

function checkpointedUnits(directory: string): Hex[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.checkpoint'))
    .map((name) => name.slice(0, -'.checkpoint'.length));
}

function claimOf(work: CurrentWork, remainingMs: number | undefined): Claim {
  const generations = work.report?.generations ?? 1;
  return {
    unit: fromHex(work.unit),
    job: fromHex(work.job.id),
    index: work.index,
    generation: work.report?.generation ?? 0,
    generations,
    remaining: remainingMs ?? null,
  };
}
