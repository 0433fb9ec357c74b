// What a unit's votes amount to. Pure: the same votes in any order give the same verdict.
//
// V1  One vote a member. Of two in one log the earlier counts, so nobody takes back what it said by saying something
//     else later; of two in different logs of one member, the one in the log with the smaller id.
// V2  `replicate`: an answer is valid when the votes for it reach the quorum and are strictly more than for any other.
// V3  `fuzzy`: the votes within the tolerance of the medoid take the place of equal answers; neighbours of neighbours
//     do not count. All the other votes together are the other answer, so a majority of all votes is needed.
// V5  Votes for one answer whose lineages meet count once. A lineage is the author and the members whose checkpoints the
//     run went on from. They are gone through by the length of their lineages, then by entry id, and one that meets a
//     vote that counts already does not count besides it.
// V4  No verdict: one more replica at a time, up to the most that the job allows, then the unit has failed.
import { compareText, type Hex, hashOfList, toHex } from '../protocol/bytes.ts';
import type { Result, Validation } from '../protocol/kinds.ts';
import { once } from './reading.ts';

export interface Vote {
  entry: Hex;
  author: Hex;
  time: number;
  /** Hash of the whole answer: digest, champions with their figures, trials. Equal answers have equal keys. */
  answer: Hex;
  /** Members besides the author that it rests on; empty for a run from beginning to end. */
  lineage: readonly Hex[];
  /** How many strategies it tried. */
  trials: number;
  result: Result;
}

export interface Verdict {
  state: 'open' | 'provisional' | 'disputed' | 'validated' | 'failed';
  /** The vote that speaks for the answer: validated, or in front so far. */
  leader: Vote | undefined;
  /** Entry ids of the votes that agree with the leader. */
  agreeing: Hex[];
  /** How many of them count: those whose lineages do not meet (V5). */
  count: number;
  /** Replicas still wanted, beyond the votes that are in. */
  wanted: number;
}

/** Everything of a result that must agree between machines; time and work spent may differ. */
export const answerKey: (result: Result) => Hex = once(({ digest, champions, trials }) =>
  toHex(hashOfList([digest, champions, trials])),
);

export function judgeVotes(votes: readonly Vote[], validation: Validation): Verdict {
  const sorted = [...votes].sort((a, b) => compareText(a.entry, b.entry));
  if (sorted.length === 0) {
    return { state: 'open', leader: undefined, agreeing: [], count: 0, wanted: validation.replicas };
  }
  const groups =
    validation.mode === 'fuzzy' ? groupByMedoid(sorted, validation.tolerance ?? 0.1) : groupByAnswer(sorted);
  const [best, second] = groups;
  if (best === undefined) throw new Error('votes without a group');
  const { votes: agreed, count } = best;
  const front = { leader: agreed[0], agreeing: agreed.map((vote) => vote.entry), count };
  if (count >= validation.quorum && count > (second?.count ?? 0)) return { state: 'validated', ...front, wanted: 0 };
  if (sorted.length >= validation.most) return { state: 'failed', ...front, wanted: 0 };
  const wanted = Math.max(1, validation.replicas - sorted.length);
  return { state: groups.length > 1 ? 'disputed' : 'provisional', ...front, wanted };
}

/** Votes for one answer, and how many of them count. */
interface Group {
  votes: readonly Vote[];
  count: number;
}

function toGroup(votes: readonly Vote[]): Group {
  return { votes, count: countApart(votes) };
}

/** V5: how many votes for one answer count. One vote a member, so those without a lineage never meet each other. */
export function countApart(votes: readonly Pick<Vote, 'entry' | 'author' | 'lineage'>[]): number {
  if (votes.every(({ lineage }) => lineage.length === 0)) return votes.length;
  const inOrder = [...votes].sort((a, b) => a.lineage.length - b.lineage.length || compareText(a.entry, b.entry));
  const met = new Set<Hex>();
  let count = 0;
  for (const { author, lineage } of inOrder) {
    const members = [author, ...lineage];
    if (members.some((member) => met.has(member))) continue;
    for (const member of members) met.add(member);
    count += 1;
  }
  return count;
}

const FAR = 2;

/** The group that counts most first, ties by the smallest entry id in it. */
function groupByAnswer(sorted: readonly Vote[]): Group[] {
  const byAnswer = new Map<Hex, Vote[]>();
  for (const vote of sorted) {
    const votes = byAnswer.get(vote.answer);
    if (votes === undefined) byAnswer.set(vote.answer, [vote]);
    else votes.push(vote);
  }
  const groups = [...byAnswer.values()].map(toGroup);
  return groups.sort((a, b) => b.count - a.count || compareText(a.votes[0]!.entry, b.votes[0]!.entry));
}

/** The medoid has the most votes within the tolerance, then the smallest total distance, then the smallest entry id. */
function groupByMedoid(sorted: readonly Vote[], tolerance: number): Group[] {
  const ranked = sorted.map((centre) => {
    const distances = sorted.map((vote) => relativeDistance(centre.result, vote.result));
    const near = sorted.filter((_, i) => distances[i]! <= tolerance);
    return { centre, near, total: distances.reduce((sum, distance) => sum + distance, 0) };
  });
  ranked.sort(
    (a, b) => b.near.length - a.near.length || a.total - b.total || compareText(a.centre.entry, b.centre.entry),
  );
  const medoid = ranked[0]!;
  const group = [medoid.centre, ...medoid.near.filter((vote) => vote !== medoid.centre)];
  const rest = sorted.filter((vote) => !group.includes(vote));
  return rest.length === 0 ? [toGroup(group)] : [toGroup(group), toGroup(rest)];
}

/** Of the best champions' net profits, segment by segment, the largest difference; FAR where one side has no champion. */
function relativeDistance(a: Result, b: Result): number {
  const left = netProfits(a);
  const right = netProfits(b);
  if (left.length !== right.length) return FAR;
  return left.reduce((worst, value, i) => Math.max(worst, relativeDifference(value, right[i]!)), 0);
}

/** 0 to FAR: what a gain is from a loss of the same size. Beyond every tolerance, which is 1 at most. */
function relativeDifference(a: number, b: number): number {
  const scale = Math.max(Math.abs(a), Math.abs(b));
  return scale === 0 ? 0 : Math.min(FAR, Math.abs(a - b) / scale);
}

function netProfits(result: Result): number[] {
  const champion = result.champions[0];
  if (champion === undefined) return [];
  return [champion.inSample.netProfit, champion.outOfSample.netProfit, champion.holdout.netProfit];
}
