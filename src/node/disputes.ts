// Units on which machines gave different answers: what they said, in which figure they differ, and what came of it.
import type { JobRecord } from '../ledger/derive.ts';
import type { UnitRecord } from '../ledger/units.ts';
import type { Vote } from '../ledger/verdict.ts';
import { compareText, fromHex, type Hex } from '../protocol/bytes.ts';
import { peerIdText } from '../protocol/keys.ts';
import type { Result } from '../protocol/kinds.ts';
import type { DisputedAnswer, DisputesView, DisputeView } from '../ui/api-ledger.ts';
import { isoTime, nameOf, type World } from './views.ts';

const LISTED_MAX = 50;
/** Validated units that are gone through for an answer that lost, the newest jobs first: each costs a record. */
const LOOKED_MAX = 4_000;

interface Group {
  votes: Vote[];
  isFront: boolean;
}

/** Those that agree with the one in front, then every other answer. */
function groupsOf({ votes, verdict }: UnitRecord): Group[] {
  const front = votes.filter(({ entry }) => verdict.agreeing.includes(entry));
  const others = new Map<Hex, Vote[]>();
  for (const vote of votes) {
    if (!front.includes(vote)) others.set(vote.answer, [...(others.get(vote.answer) ?? []), vote]);
  }
  const rest = [...others.values()].sort((a, b) => b.length - a.length || compareText(a[0]!.answer, b[0]!.answer));
  return [{ votes: front, isFront: true }, ...rest.map((group) => ({ votes: group, isFront: false }))];
}

type Leaf = number | string | null;

const SEGMENTS = ['inSample', 'outOfSample', 'holdout'] as const;
const FIGURES = ['netProfit', 'return', 'sharpe', 'maxDrawdown', 'trades', 'winRate', 'profitFactor'] as const;

/** Every figure of an answer with its name, in the order in which they are compared. */
function* figuresOf({ champions, trials, digest }: Result): Generator<[string, Leaf]> {
  yield ['champions', champions.length];
  for (const [i, champion] of champions.entries()) {
    yield [`champion ${i + 1} strategy`, JSON.stringify(champion.strategy)];
    for (const segment of SEGMENTS) {
      for (const name of FIGURES) yield [`champion ${i + 1} ${segment} ${name}`, champion[segment][name]];
    }
  }
  for (const name of ['count', 'meanSharpe', 'varianceSharpe'] as const) yield [`trials ${name}`, trials[name]];
  yield ['digest', Buffer.from(digest).toString('hex')];
}

const TEXT_MAX = 80;
const shortened = (value: Leaf): Leaf => (typeof value === 'string' ? value.slice(0, TEXT_MAX) : value);

function firstDifference(a: Result, b: Result): DisputeView['differs'] {
  const right = new Map(figuresOf(b));
  for (const [figure, value] of figuresOf(a)) {
    const other = right.get(figure);
    if (other === undefined || !Object.is(other, value)) {
      return { figure, values: [shortened(value), shortened(other ?? null)] };
    }
  }
  return null;
}

function answerView(world: World, { votes, isFront }: Group, isSettled: boolean): DisputedAnswer {
  return {
    answer: votes[0]!.answer,
    by: votes.map(({ author, entry, time }) => ({
      peerId: peerIdText(fromHex(author)),
      name: nameOf(world, author),
      entryId: entry,
      at: isoTime(time),
    })),
    valid: isSettled ? isFront : null,
  };
}

const STATES = { disputed: 'open', failed: 'failed', validated: 'settled' } as const;

/** Undefined where all answers agree. */
function disputeView(world: World, { id, job }: JobRecord, unit: UnitRecord): DisputeView | undefined {
  const { state } = unit.verdict;
  const groups = groupsOf(unit);
  const [front, other] = groups;
  if (state === 'open' || state === 'provisional' || front === undefined || other === undefined) return undefined;
  return {
    ...{ unitId: unit.id, jobId: id, jobName: job.name, index: unit.index, state: STATES[state] },
    answers: groups.map((group) => answerView(world, group, state === 'validated')),
    differs: firstDifference(front.votes[0]!.result, other.votes[0]!.result),
  };
}

type Wanted = 'disputed' | 'failed' | 'validated';

/** Units of a job in one state, without a record of the others. */
function* unitsIn(world: World, { id, job }: JobRecord, wanted: Wanted): Generator<UnitRecord> {
  const units = world.state.units.of(id);
  if (units.tally[wanted] === 0) return;
  for (let index = 0; index < job.units; index += 1) {
    if (units.stateAt(index) === wanted) yield units.at(index)!;
  }
}

export function disputesView(world: World): DisputesView {
  const { jobs, units } = world.state;
  const newest = [...jobs.values()].reverse();
  const sum = (state: 'disputed' | 'failed'): number =>
    newest.reduce((total, { id }) => total + units.of(id).tally[state], 0);
  const dropped = [...units.voices.values()].reduce((total, { decided, agreed }) => total + decided - agreed, 0);
  const items: DisputeView[] = [];
  const collect = (wanted: Wanted, most: number): void => {
    let looked = 0;
    for (const record of newest) {
      for (const unit of unitsIn(world, record, wanted)) {
        looked += 1;
        if (items.length >= LISTED_MAX || looked > most) return;
        const view = disputeView(world, record, unit);
        if (view !== undefined) items.push(view);
      }
    }
  };
  collect('disputed', LISTED_MAX);
  collect('failed', LISTED_MAX);
  if (dropped > 0) collect('validated', LOOKED_MAX);
  return { open: sum('disputed'), failed: sum('failed'), dropped, items };
}
