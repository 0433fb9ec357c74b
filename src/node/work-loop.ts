// The worker: takes the next unit, mines it, writes the answer into the ledger, and so on for ever. It never sleeps
// between units, and says in one sentence why it does nothing when it does nothing.
import type { Candles } from '../engine/candles.ts';
import type { UnitOutcome } from '../engine/outcome.ts';
import type { UnitTask } from '../engine/unit-task.ts';
import { isActive, type State } from '../ledger/derive.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Hex, toHex } from '../protocol/bytes.ts';
import type { Claim } from '../protocol/messages.ts';
import type { Missing } from './data-fetch.ts';
import { FailedJobs } from './failed-jobs.ts';
import type { MineDeps } from './mine-unit.ts';
import { isComing, obstacle } from './obstacles.ts';
import { findOpenWork, isFirst, isOpen, isUnfinished, type OpenJobUnit, type OpenWork, whyOut } from './open-work.ts';
import { actionOf, isPermutation, taskOf } from './permutations.ts';
import type { Pool } from './pool.ts';
import type { Decision } from './power/decide.ts';
import type { HeldClaim, PresenceBook } from './presence-book.ts';
import { chooseUnit, type Peers, shouldYield, windowUnits } from './schedule.ts';
import { Settling } from './settling.ts';
import { abortError } from './thread-pool.ts';
import {
  type CurrentWork,
  checkpointFile,
  claimOf,
  discardCheckpoint,
  mineDeps,
  newWork,
  type Run,
  removeHalfWritten,
  resultOf,
  savedUnits,
} from './unit-run.ts';
import type { Walk } from './walk.ts';
import { isBarred, mayGoOn, type UnitOnHand } from './walk-rules.ts';

export interface WorkDeps {
  /** Raw public key of this node. */
  publicKey: Uint8Array;
  ledger: Ledger;
  presences: PresenceBook;
  pool: Pool;
  /** Hex SHA-256 of the engine's self-test. */
  fingerprint: Hex;
  checkpoints: string;
  /** What owner and machine allow at the moment, and why not more. */
  allowance(): Pick<Decision, 'run' | 'reason'>;
  /** Undefined when the candles are not here. */
  candles(dataset: Hex): Promise<Candles | undefined>;
  hasCandles(dataset: Hex): boolean;
  /** How it stands with candles that are not here. */
  missing(dataset: Hex): Missing;
  walk: Walk;
  /** Runs one unit; the engine's own way is `mineUnit`. */
  mine(deps: MineDeps, task: UnitTask): Promise<UnitOutcome>;
  /** How long newcomers are listened to before a unit is chosen, ms. */
  settleMs: number;
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

const IDLE_LOOK_MS = 5000;
/** Units looked through for one that this machine has begun, however small the window of the mesh is. */
const BEGUN_LOOK_UNITS = 64;

export class WorkLoop {
  readonly #deps: WorkDeps;
  readonly #self: Hex;
  readonly #done: Promise<void>;
  #current: CurrentWork | undefined;
  #controller: AbortController | undefined;
  #reason: string | undefined = 'Starting.';
  #stopped = false;
  /** It was not allowed to begin anything when it last looked. */
  #isHeld = false;
  #finished = 0;
  readonly #settling: Settling;
  /** The state of another's that the last run went on from. */
  #walkedFrom: Hex | undefined;
  #waiting: { unit: Hex; since: number } | undefined;
  readonly #failed: FailedJobs;
  #wake: () => void = () => undefined;

  constructor(deps: WorkDeps) {
    this.#deps = deps;
    this.#self = toHex(deps.publicKey);
    this.#failed = new FailedJobs(deps.now);
    this.#settling = new Settling(deps);
    removeHalfWritten(deps.checkpoints);
    this.#done = this.#loop();
  }

  get current(): CurrentWork | undefined {
    return this.#current;
  }

  /** One sentence; undefined while it works. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Units finished in this run of the node. */
  get finished(): number {
    return this.#finished;
  }

  /** Something that bears on the choice has changed: ledger, presence, data, or what is allowed. */
  nudge(): void {
    if (this.#isHeld && this.#deps.allowance().run === 'run') {
      this.#isHeld = false;
      this.#setReason('About to start.');
    }
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
      try {
        const next = this.#isAllowed() ? this.#pick() : IDLE_LOOK_MS;
        if (typeof next === 'number') await this.#sleep(Math.min(next, IDLE_LOOK_MS));
        else await this.#attempt(next);
      } catch (error) {
        // A fault of ours: it is told, and the node lives on.
        this.#deps.events.problem('work_failed', `Choosing work failed: ${(error as Error).message}`);
        await this.#sleep(IDLE_LOOK_MS);
      }
    }
  }

  #isAllowed(): boolean {
    const { run, reason } = this.#deps.allowance();
    this.#isHeld = run !== 'run';
    if (this.#isHeld) this.#setReason(reason);
    return !this.#isHeld;
  }

  /** What to start now, or how long to wait before looking again. */
  #pick(): OpenJobUnit | number {
    const { ledger } = this.#deps;
    const peers = this.#peers();
    const state = ledger.state();
    this.#forgetFailures(state);
    const out = whyOut(state, this.#self);
    if (out !== undefined) {
      this.#setReason(out.message);
      return IDLE_LOOK_MS;
    }
    const work = this.#openWork(state, peers);
    this.#tellObstacles(work);
    const isAlone = [...state.members.keys()].every((key) => key === this.#self || !isActive(state, key));
    const settling = isAlone ? 0 : this.#settling.left();
    if (settling > 0 && work.units.length > 0) {
      this.#setReason('Hearing what the other machines do.');
      return settling;
    }
    const begun = this.#begun(state, work);
    if (begun !== undefined && begun.last !== true) return begun;
    const choice = chooseUnit(this.#self, peers, work.units);
    if (begun !== undefined && !isFirst(choice, work)) return begun;
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

  #openWork(state: State, peers: Peers): OpenWork {
    const [claims, atHand] = [this.#claims(), this.#atHand()];
    return findOpenWork({
      self: this.#self,
      state,
      claims,
      windowUnits: Math.max(BEGUN_LOOK_UNITS, windowUnits(peers)),
      isBarred: (unit) => isBarred(this.#self, this.#onHand(unit, claims, atHand)),
      obstacle: (job) => obstacle(this.#deps, job) ?? this.#failed.why(job.id),
    });
  }

  /** S6: a unit that this machine began earlier and that still has a place for it. */
  #begun(state: State, work: OpenWork): OpenJobUnit | undefined {
    const saved = savedUnits(this.#deps.checkpoints);
    for (const unit of saved) {
      const record = state.units.get(unit);
      const useless = record !== undefined && (!isOpen(record) || record.votes.some((v) => v.author === this.#self));
      if (useless) void discardCheckpoint(this.#deps.checkpoints, unit);
    }
    return work.units.find((unit) => saved.has(unit.unit) && unit.wanted > unit.claimed.length);
  }

  #forgetFailures(state: State): void {
    if (this.#failed.size === 0) return;
    this.#failed.keep((id) => {
      const job = state.jobs.get(id);
      return job !== undefined && isUnfinished(state, job);
    });
    if (this.#failed.size === 0) this.#deps.events.solved('mining_failed');
  }

  #tellObstacles(work: OpenWork): void {
    const first = work.obstacles.find(
      ({ job }) => this.#failed.why(job.id) === undefined && !isComing(this.#deps, job),
    );
    if (first === undefined) this.#deps.events.solved('job_out_of_reach');
    else this.#deps.events.problem('job_out_of_reach', first.message);
  }

  async #attempt(open: OpenJobUnit): Promise<void> {
    this.#waiting = undefined;
    this.#walkedFrom = undefined;
    const { job } = open;
    try {
      const done = await this.#run(open);
      if (done) this.#failed.keep((id) => id !== job.id);
      if (this.#failed.size === 0) this.#deps.events.solved('mining_failed');
    } catch (error) {
      if ((error as Error).name === 'AbortError') return;
      // Whatever it was, the same state of another's is not taken up again.
      if (this.#walkedFrom !== undefined) this.#deps.walk.refuse(this.#walkedFrom);
      const what = `Unit ${open.index + 1} of “${job.job.name}” failed: ${(error as Error).message}`;
      this.#failed.add(job.id, `${what} It is tried again.`);
      this.#deps.events.problem('mining_failed', what);
    }
  }

  /** False when it was told to stop before it began. */
  async #run(open: OpenJobUnit): Promise<boolean> {
    const deps = this.#deps;
    const real = await deps.candles(toHex(open.job.job.dataset));
    if (this.#stopped || this.#deps.allowance().run !== 'run') return false;
    if (real === undefined) throw new Error('its data set cannot be used.');
    const { task, candles } = taskOf(open.job.job, open.index, real);
    const unit = newWork(open, deps.now());
    this.#current = unit;
    this.#controller = new AbortController();
    this.#setReason(undefined);
    deps.events.started(unit);
    const file = checkpointFile(deps.checkpoints, unit.unit);
    try {
      const { signal } = this.#controller;
      const run = { unit, task, candles, file, signal, ...this.#rulesFor(unit) };
      const outcome = await deps.mine(mineDeps(deps, run), task);
      await deps.ledger.append('result', resultOf(deps, unit, outcome));
      unit.obsolete = true;
      this.#finished += 1;
      deps.events.finished(unit, outcome);
      return true;
    } finally {
      // Only now that nothing saves any more.
      this.#walkedFrom = unit.walkedFrom;
      if (unit.obsolete) await discardCheckpoint(deps.checkpoints, unit.unit);
      this.#current = undefined;
      this.#controller = undefined;
    }
  }

  /** How it stands with what others have of the unit under way. */
  #rulesFor(unit: CurrentWork): Pick<Run, 'mayGoOn' | 'checkStillWanted'> {
    return {
      mayGoOn: (lineage) => mayGoOn(this.#self, lineage, this.#onHand(unit)),
      checkStillWanted: () => {
        if (isBarred(this.#self, this.#onHand(unit))) throw abortError();
      },
    };
  }

  #onHand(
    { unit, job, index }: Pick<CurrentWork, 'unit' | 'job' | 'index'>,
    claims = this.#claims(),
    atHand = this.#atHand(),
  ): UnitOnHand {
    const { walk, ledger } = this.#deps;
    const held = (claims.get(unit) ?? []).map((member) => ({ member, lineage: walk.lineageOf(unit, member) }));
    const votes = ledger.state().units.of(job.id).at(index)?.votes ?? [];
    return { votes, quorum: job.job.validation.quorum, claims: held, atHand };
  }

  #atHand(): Hex[] {
    const state = this.#deps.ledger.state();
    return this.#deps.presences.live().filter((member) => isActive(state, member));
  }

  /** Gives the unit up where going on would only waste work. */
  #reconsider(): void {
    const { current } = this;
    if (current === undefined) return;
    // At once: at most the generation under way is lost.
    if (this.#deps.allowance().run === 'pause') {
      this.#controller?.abort();
      return;
    }
    const state = this.#deps.ledger.state();
    const record = state.units.of(current.job.id).at(current.index);
    const job = state.jobs.get(current.job.id);
    const action = job === undefined ? undefined : actionOf(state, job);
    if (record !== undefined && !isOpen(record)) current.obsolete = true;
    const isOut = whyOut(state, this.#self) !== undefined;
    const isOver = isOut || current.obsolete || action === 'pause' || action === 'stop';
    if (isOver || this.#isOneTooMany(current) || this.#isInTheWay(current, state)) this.#controller?.abort();
  }

  /** S10: a permutation is left, and gone on with later, when there is another unit to begin at once. */
  #isInTheWay({ job }: CurrentWork, state: State): boolean {
    if (!isPermutation(job.job)) return false;
    const peers = this.#peers();
    const work = this.#openWork(state, peers);
    const choice = chooseUnit(this.#self, peers, work.units);
    return choice?.waitMs === 0 && isFirst(choice, work);
  }

  /** Only at the beginning: later, more would be lost than the duplicate costs. */
  #isOneTooMany({ unit, job, index, report, resumedFrom }: CurrentWork): boolean {
    if ((report?.generation ?? 0) > resumedFrom + 1) return false;
    const record = this.#deps.ledger.state().units.of(job.id).at(index);
    const wanted = record?.verdict.wanted ?? job.job.validation.replicas;
    const voted = record?.votes.map((vote) => vote.author) ?? [];
    const claimed = (this.#claims().get(unit) ?? []).filter((member) => !voted.includes(member));
    const ahead = new Set(this.#othersClaims().flatMap(({ member, claim }) => (claim.generation > 1 ? [member] : [])));
    if ((report?.generation ?? 0) > 1) ahead.add(this.#self);
    return shouldYield(this.#self, { unit, wanted, voted, claimed }, ahead);
  }

  #claims(): Map<Hex, Hex[]> {
    const byUnit = new Map<Hex, Hex[]>();
    for (const { member, claim } of this.#othersClaims()) {
      const unit = toHex(claim.unit);
      byUnit.set(unit, [...(byUnit.get(unit) ?? []), member]);
    }
    return byUnit;
  }

  /** Who takes part no longer holds nothing, whatever it said last. */
  #othersClaims(): HeldClaim[] {
    const state = this.#deps.ledger.state();
    return this.#deps.presences.claims().filter(({ member }) => member !== this.#self && isActive(state, member));
  }

  #peers(): Peers {
    const state = this.#deps.ledger.state();
    const others = this.#deps.presences.live().filter((member) => member !== this.#self && isActive(state, member));
    const busy = new Set(this.#othersClaims().map(({ member }) => member));
    const taking = [...new Set([...others, ...busy])];
    const silent = this.#deps.presences.silent().filter((member) => !busy.has(member) && isActive(state, member));
    return { taking: taking.length + 1, others: taking, silent, idle: others.filter((member) => !busy.has(member)) };
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
