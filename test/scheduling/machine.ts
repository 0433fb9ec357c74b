// What is known of each machine of the model, of its searches and of its answers.
import type { JobRecord } from '../../src/ledger/derive.ts';
import { type JobTally, noTally, tallyUnit, type UnitRecord, type UnitsOfJob } from '../../src/ledger/units.ts';
import type { Vote } from '../../src/ledger/verdict.ts';
import type { OpenJobUnit } from '../../src/node/open-work.ts';
import type { PresenceBook } from '../../src/node/presence-book.ts';
import type { Settling } from '../../src/node/settling.ts';
import { type Hex, sha256Hex, utf8 } from '../../src/protocol/bytes.ts';

export interface Scenario {
  peers: number;
  /** How long news takes from one machine to another, ms: each time from half of it to one and a half. */
  gossipMs: number;
  hours: number;
  /** Hours during which the two halves do not hear of each other. */
  partition?: { from: number; to: number };
  /** Each machine is on for so many hours, then off for so many, in its own rhythm. Every other time it says that it sleeps. */
  churn?: { on: number; off: number };
  /** Units of each job; jobs follow each other without a pause. */
  unitsPerJob: number;
  /** Within how long they are all switched on; ten minutes if it is not said. */
  startMs?: number;
  seed: number;
}

export interface Figures {
  starts: number;
  /** Starts of a unit that as many worked on or had answered as were needed, as a share of all starts. */
  duplicates: number;
  /** Share of the time worked that is in no answer that was needed. */
  wasted: number;
  /** Share of the time that machines were on and worked for an answer that was needed. */
  useful: number;
  /** Most generations that a machine which fell silent had done and nobody could go on from. */
  lostGenerations: number;
  validated: number;
}

/** Time that somebody worked on a unit. */
export interface Segment {
  unit: Hex;
  ms: number;
  isUsed: boolean;
}

export interface Search {
  generation: number;
  lineage: readonly Hex[];
  segments: readonly Segment[];
}

export interface Run extends OpenJobUnit {
  from: Search;
  startedAt: number;
}

/** Units with a vote that a machine has heard of, as much of them as finding work takes. */
export class HeldUnits {
  readonly #byId = new Map<Hex, UnitRecord>();
  readonly #jobs = new Map<Hex, { tally: JobTally; units: Map<number, UnitRecord> }>();

  get(id: Hex): UnitRecord | undefined {
    return this.#byId.get(id);
  }

  set(unit: UnitRecord): void {
    const { tally, units } = this.#jobs.get(unit.job) ?? { tally: noTally(), units: new Map<number, UnitRecord>() };
    this.#jobs.set(unit.job, { tally, units });
    const before = units.get(unit.index);
    if (before !== undefined) tallyUnit(tally, new Map(), before, -1);
    tallyUnit(tally, new Map(), unit, 1);
    units.set(unit.index, unit);
    this.#byId.set(unit.id, unit);
  }

  of(job: Hex): Pick<UnitsOfJob, 'tally' | 'at' | 'stateAt'> {
    const { tally = noTally(), units } = this.#jobs.get(job) ?? {};
    const at = (index: number): UnitRecord | undefined => units?.get(index);
    return { tally, at, stateAt: (index) => at(index)?.verdict.state ?? 'open' };
  }
}

export interface Node {
  key: Hex;
  side: number;
  /** ms that one generation takes. */
  generationMs: number;
  isOn: boolean;
  onSince: number;
  onMs: number;
  cycles: number;
  n: number;
  book: PresenceBook;
  settling: Settling;
  units: HeldUnits;
  missed: TimedVote[];
  saved: Map<Hex, Search>;
  run: Run | undefined;
  waiting: { unit: Hex; since: number } | undefined;
  /** Events of an earlier run, or from before it was switched off, are void. */
  turn: number;
  looksAt: number;
}

/** What somebody has published: who was on its side of the mesh can fetch it. */
export interface Published extends Search {
  member: Hex;
  side: number;
}

export interface TimedVote extends Omit<Vote, 'result'> {
  unit: Hex;
  job: Hex;
  index: number;
  segments: readonly Segment[];
}

const JOBS = 8;

/** More than the machines can do: one job follows the other. */
export function jobsOf({ seed, unitsPerJob }: Scenario): Map<Hex, JobRecord> {
  const validation = { mode: 'replicate', replicas: 2, quorum: 2, most: 5 } as const;
  const job = { units: unitsPerJob, validation, priority: 5, search: {} } as JobRecord['job'];
  const ids = Array.from({ length: JOBS }, (_, j) => sha256Hex(utf8(`job ${seed} ${j}`)));
  return new Map(ids.map((id, time) => [id, { id, job, creator: '', time, action: undefined, turn: 0 }]));
}

/** Switched off, and without anything done yet. */
export function newMachine(fixed: Pick<Node, 'key' | 'side' | 'generationMs' | 'book' | 'settling'>): Node {
  return {
    ...fixed,
    ...{ isOn: false, onSince: 0, onMs: 0, cycles: 0, n: 0, units: new HeldUnits(), missed: [], saved: new Map() },
    ...{ run: undefined, waiting: undefined, turn: 0, looksAt: Number.POSITIVE_INFINITY },
  };
}
