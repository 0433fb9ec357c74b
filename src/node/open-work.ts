// What there is to do for this node, derived from the ledger and the claims, and why there is nothing where that is so.

import type { JobRecord, State } from '../ledger/derive.ts';
import { RULES_VERSION } from '../ledger/rules.ts';
import type { UnitRecord, UnitsOfJob } from '../ledger/units.ts';
import { fromHex, type Hex } from '../protocol/bytes.ts';
import { unitId } from '../protocol/entry.ts';
import { actionOf, isPermutation } from './permutations.ts';
import type { Choice, OpenUnit } from './schedule.ts';

export interface OpenWorkInput {
  self: Hex;
  state: State;
  /** Members that hold a claim, by unit; this node's own claim is left out. */
  claims: ReadonlyMap<Hex, readonly Hex[]>;
  /** Units beyond this many are not looked at: the oldest come first. */
  windowUnits: number;
  /** Another machine goes on with what this one began, so that its own answer would count for nothing (S7). */
  isBarred(unit: OpenJobUnit): boolean;
  /** Undefined when this node can work on the job, else why not, in one sentence. */
  obstacle(job: JobRecord): string | undefined;
}

export interface OpenJobUnit extends OpenUnit {
  job: JobRecord;
  index: number;
}

export interface OpenWork {
  units: OpenJobUnit[];
  /** One sentence: why `units` has nothing for this node. */
  reason: string;
  /** Jobs that this node cannot work on, each with its sentence. */
  obstacles: { job: JobRecord; message: string }[];
}

/** Why nothing that this node answers could count, with the code of the problem. */
export function whyOut(state: State, self: Hex): { code: 'removed' | 'rules_newer'; message: string } | undefined {
  const gone = state.members.get(self)?.gone;
  if (gone?.how === 'left') return { code: 'removed', message: 'This machine has left the mesh.' };
  if (gone !== undefined) {
    const by = state.members.get(gone.by)?.name ?? 'the holder of the recovery phrase';
    return {
      code: 'removed',
      message: `This machine was removed from the mesh by ${by}. What it had contributed up to then is safe; to come back, join with a ticket from a new data directory.`,
    };
  }
  if (state.rules <= RULES_VERSION) return undefined;
  return {
    code: 'rules_newer',
    message: `The mesh goes by version ${state.rules} of the rules, this program knows ${RULES_VERSION}: it takes no units until it is updated.`,
  };
}

export function findOpenWork(input: OpenWorkInput): OpenWork {
  const jobs = activeJobs(input.state);
  const known = ({ id }: JobRecord): UnitsOfJob => input.state.units.of(id);
  const judged = jobs.map((job) => ({ job, message: input.obstacle(job) }));
  const obstacles = judged.flatMap(({ job, message }) =>
    message !== undefined && isUndecided(job, known(job)) ? [{ job, message }] : [],
  );
  const units: OpenJobUnit[] = [];
  let answered = 0;
  let barred = 0;
  for (const { job } of judged.filter(({ message }) => message === undefined)) {
    for (const unit of openUnitsOf(job, known(job), input.claims)) {
      if (units.length >= input.windowUnits) break;
      if (unit.voted.includes(input.self)) answered += 1;
      else if (input.isBarred(unit)) barred += 1;
      else units.push(unit);
    }
  }
  const paused = [...input.state.jobs.values()].filter(
    (job) => actionOf(input.state, job) === 'pause' && isUndecided(job, known(job)),
  );
  const reason = explain({ jobs: jobs.length, paused: paused.length, units, answered, barred, obstacles });
  return { units, reason, obstacles };
}

/** Jobs that are neither done nor stopped, the most urgent first; those that are paused come last. */
export function openJobs(state: State): JobRecord[] {
  const open = [...state.jobs.values()].filter(
    (job) => actionOf(state, job) !== 'stop' && isUndecided(job, state.units.of(job.id)),
  );
  const rank = (job: JobRecord): number => (isRunning(state, job) ? job.job.priority : -1);
  return open.sort((a, b) => rank(b) - rank(a));
}

/** Whether there is still something to do for the job, on this machine or another. */
export function isUnfinished(state: State, job: JobRecord): boolean {
  return isRunning(state, job) && isUndecided(job, state.units.of(job.id));
}

function isUndecided({ job }: JobRecord, { tally }: UnitsOfJob): boolean {
  return tally.validated + tally.failed < job.units;
}

function* openUnitsOf(job: JobRecord, known: UnitsOfJob, claims: OpenWorkInput['claims']): Generator<OpenJobUnit> {
  if (!isUndecided(job, known)) return;
  for (let index = 0; index < job.job.units; index += 1) {
    const state = known.stateAt(index);
    if (state === 'validated' || state === 'failed') continue;
    yield toOpenUnit(job, index, known.at(index), claims);
  }
}

function isRunning(state: State, job: JobRecord): boolean {
  const action = actionOf(state, job);
  return action === undefined || action === 'resume';
}

/** Running jobs: priority first, then the older one. */
function activeJobs(state: State): JobRecord[] {
  const jobs = [...state.jobs.values()].filter((job) => isRunning(state, job));
  return jobs.sort((a, b) => b.job.priority - a.job.priority);
}

/** Whether a choice is of a unit that goes before those that wait for all others. */
export function isFirst(choice: Choice | undefined, { units }: Pick<OpenWork, 'units'>): boolean {
  return choice !== undefined && units.some(({ unit, last }) => unit === choice.unit && last !== true);
}

export function isOpen(unit: UnitRecord): boolean {
  return unit.verdict.wanted > 0;
}

function toOpenUnit(
  job: JobRecord,
  index: number,
  unit: UnitRecord | undefined,
  claims: ReadonlyMap<Hex, readonly Hex[]>,
): OpenJobUnit {
  const id = unit?.id ?? unitId(fromHex(job.id), index);
  const voted = unit?.votes.map((vote) => vote.author) ?? [];
  return {
    unit: id,
    job,
    index,
    wanted: unit?.verdict.wanted ?? job.job.validation.replicas,
    voted,
    claimed: (claims.get(id) ?? []).filter((member) => !voted.includes(member)),
    last: isPermutation(job.job),
  };
}

interface Found {
  jobs: number;
  /** Undecided jobs that somebody paused. */
  paused: number;
  units: readonly OpenJobUnit[];
  answered: number;
  barred: number;
  obstacles: OpenWork['obstacles'];
}

function explain({ jobs, paused, units, answered, barred, obstacles }: Found): string {
  if (units.some((unit) => unit.wanted > unit.claimed.length)) return 'About to start.';
  if (units.length > 0) return 'Other machines are working on all units that are open.';
  if (obstacles.length > 0) return obstacles[0]!.message;
  if (barred > 0) return 'Another machine goes on with what this one began.';
  if (answered === 1) return 'One unit has this machine’s answer and waits for another machine to confirm it.';
  if (answered > 1) return `${answered} units have this machine’s answer and wait for another machine to confirm them.`;
  if (paused > 0)
    return paused === 1 ? 'The job that is left is paused.' : `The ${paused} jobs that are left are paused.`;
  return jobs === 0 ? 'There is no open work: create some on any machine.' : 'All work is done.';
}
