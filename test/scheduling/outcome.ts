// What came of it all: whose work was needed.
import { countApart } from '../../src/ledger/verdict.ts';
import type { Hex } from '../../src/protocol/bytes.ts';
import type { Figures, Node, Segment, TimedVote } from './machine.ts';

export interface Lived {
  now: number;
  nodes: readonly Node[];
  votes: ReadonlyMap<Hex, readonly TimedVote[]>;
  segments: readonly Segment[];
  /** Time of generations that were broken off, ms. */
  lostMs: number;
  lostGenerations: number;
  starts: number;
  duplicates: number;
}

const REPLICAS = 2;

/** Units that have their answers. Marks the segments that are in those that were needed. */
function decide(votes: Lived['votes']): Set<Hex> {
  const decided = new Set<Hex>();
  for (const [unit, cast] of votes) {
    const needed: TimedVote[] = [];
    for (const vote of cast) {
      if (needed.length < REPLICAS && countApart([...needed, vote]) > needed.length) needed.push(vote);
    }
    for (const vote of needed) for (const segment of vote.segments) segment.isUsed = true;
    if (needed.length === REPLICAS) decided.add(unit);
  }
  return decided;
}

export function figuresOf(lived: Lived): Figures {
  const { now, nodes, votes, segments, lostMs, lostGenerations, starts, duplicates } = lived;
  const decided = decide(votes);
  const timeOf = (which: (segment: Segment) => boolean): number =>
    segments.filter(which).reduce((sum, { ms }) => sum + ms, 0);
  const wasted = lostMs + timeOf(({ unit, isUsed }) => !isUsed && decided.has(unit));
  // What is under way at the end may be needed yet.
  const saved = timeOf(({ unit, isUsed }) => isUsed || !decided.has(unit));
  const up = nodes.filter(({ isOn }) => isOn);
  const running = up.reduce((sum, { run }) => sum + (run === undefined ? 0 : now - run.startedAt), 0);
  const on = nodes.reduce((sum, { onMs }) => sum + onMs, 0) + up.reduce((sum, { onSince }) => sum + now - onSince, 0);
  const good = saved + running;
  const shares = { duplicates: duplicates / starts, wasted: wasted / (good + wasted), useful: good / on };
  return { starts, ...shares, lostGenerations, validated: decided.size };
}
