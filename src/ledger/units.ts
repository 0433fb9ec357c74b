// The units of all jobs as a state tells of them.
import type { Hex } from '../protocol/bytes.ts';
import type { Verdict, Vote } from './verdict.ts';

export interface UnitRecord {
  id: Hex;
  job: Hex;
  index: number;
  votes: Vote[];
  verdict: Verdict;
}

/** Units with at least one vote; every other unit of a job is open. */
export interface Units extends Iterable<UnitRecord> {
  readonly size: number;
  /** By job, then index. */
  values(): Iterable<UnitRecord>;
  get(id: Hex): UnitRecord | undefined;
  /** Of a job; of one that is unknown, there are none. */
  of(job: Hex): UnitsOfJob;
  /** What each member has voted, by its key. */
  readonly voices: ReadonlyMap<Hex, Readonly<Voice>>;
}

export interface UnitsOfJob extends Iterable<UnitRecord> {
  readonly tally: Readonly<JobTally>;
  at(index: number): UnitRecord | undefined;
  /** Without looking at the votes. */
  stateAt(index: number): Verdict['state'];
}

export interface JobTally {
  provisional: number;
  disputed: number;
  validated: number;
  failed: number;
  /** Replicas still wanted of the units with a vote. */
  wanted: number;
  /** Strategies that were tried for the answers that are valid. */
  trials: number;
}

export interface Voice {
  votes: number;
  /** Votes on units with an answer that is valid, and those of them that agree with it. */
  decided: number;
  agreed: number;
}

export const noTally = (): JobTally => ({ provisional: 0, disputed: 0, validated: 0, failed: 0, wanted: 0, trials: 0 });

export function voiceOf(voices: Map<Hex, Voice>, author: Hex): Voice {
  const voice = voices.get(author) ?? { votes: 0, decided: 0, agreed: 0 };
  voices.set(author, voice);
  return voice;
}

/** Adds a unit to the tally of its job and to the voices of who voted; `times` -1 takes it away again. */
export function tallyUnit(tally: JobTally, voices: Map<Hex, Voice>, unit: UnitRecord, times: 1 | -1): void {
  const { votes, verdict } = unit;
  const isValid = verdict.state === 'validated';
  if (verdict.state !== 'open') tally[verdict.state] += times;
  tally.wanted += times * verdict.wanted;
  if (isValid) tally.trials += times * (verdict.leader?.trials ?? 0);
  for (const { author, entry } of votes) {
    const voice = voiceOf(voices, author);
    voice.votes += times;
    if (isValid) voice.decided += times;
    if (isValid && verdict.agreeing.includes(entry)) voice.agreed += times;
  }
}

/** Of a job that nobody has voted on. */
export const NO_UNITS: UnitsOfJob = {
  tally: noTally(),
  at: () => undefined,
  stateAt: () => 'open',
  *[Symbol.iterator]() {},
};

/** Units that were derived from scratch. */
export class PlainUnits implements Units {
  readonly #byId: ReadonlyMap<Hex, UnitRecord>;

  constructor(byId: ReadonlyMap<Hex, UnitRecord>) {
    this.#byId = byId;
  }

  get size(): number {
    return this.#byId.size;
  }

  values(): Iterable<UnitRecord> {
    return this.#byId.values();
  }

  [Symbol.iterator](): Iterator<UnitRecord> {
    return this.#byId.values();
  }

  get(id: Hex): UnitRecord | undefined {
    return this.#byId.get(id);
  }

  of(job: Hex): UnitsOfJob {
    const units = [...this.#byId.values()].filter((unit) => unit.job === job).sort((a, b) => a.index - b.index);
    if (units.length === 0) return NO_UNITS;
    const at = (index: number): UnitRecord | undefined => units.find((unit) => unit.index === index);
    const tally = noTally();
    for (const unit of units) tallyUnit(tally, new Map(), unit, 1);
    return {
      tally,
      at,
      stateAt: (index) => at(index)?.verdict.state ?? 'open',
      [Symbol.iterator]: () => units.values(),
    };
  }

  get voices(): ReadonlyMap<Hex, Readonly<Voice>> {
    const voices = new Map<Hex, Voice>();
    for (const unit of this.#byId.values()) tallyUnit(noTally(), voices, unit, 1);
    return voices;
  }
}
