// Who takes which unit: the rules S1 to S5 of docs/protocol.md against a slow reading of their prose, and a mesh of
// nodes on virtual time that shares out its units by nothing but these functions and what it hears.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import {
  chooseUnit,
  type OpenUnit,
  type Peers,
  RANK_STEP_MS,
  shouldYield,
  windowUnits,
} from '../../src/node/schedule.ts';

const idOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const NODES = Array.from({ length: 12 }, (_, i) => idOf(`node ${i}`));
const UNITS = Array.from({ length: 40 }, (_, i) => idOf(`unit ${i}`));

/** hash(unit ‖ key), as the prose says it. */
const lot = (unit: string, node: string): string =>
  createHash('sha256')
    .update(Buffer.from(unit + node, 'hex'))
    .digest('hex');

const arbitraryUnits: fc.Arbitrary<OpenUnit[]> = fc
  .array(
    fc
      .record({
        wanted: fc.integer({ min: 1, max: 3 }),
        voted: fc.subarray(NODES.slice(0, 6), { maxLength: 3 }),
        claimed: fc.subarray(NODES.slice(4), { maxLength: 4 }),
      })
      .map((each) => ({ ...each, claimed: each.claimed.filter((node) => !each.voted.includes(node)) })),
    { maxLength: 30 },
  )
  .map((list) => list.map((each, i) => ({ unit: UNITS[i]!, ...each })));

const arbitraryPeers: fc.Arbitrary<Peers> = fc.record({
  taking: fc.integer({ min: 1, max: 8 }),
  idle: fc.subarray(NODES),
});

/** S1 to S3, word by word. */
function choiceByProse(
  self: string,
  peers: Peers,
  open: readonly OpenUnit[],
): { unit: string; waitMs: number } | undefined {
  const candidates = open
    .slice(0, 2 * peers.taking)
    .filter((unit) => !unit.voted.includes(self) && unit.wanted - unit.claimed.length > 0)
    .map((unit) => {
      const before = peers.idle.filter(
        (node) =>
          node !== self &&
          !unit.voted.includes(node) &&
          !unit.claimed.includes(node) &&
          lot(unit.unit, node) < lot(unit.unit, self),
      );
      return { unit: unit.unit, rank: before.length, places: unit.wanted - unit.claimed.length };
    });
  const lowest = Math.min(...candidates.map(({ rank }) => rank));
  const best = candidates.find(({ rank }) => rank === lowest);
  if (best === undefined) return undefined;
  return { unit: best.unit, waitMs: best.rank < best.places ? 0 : 2000 * (best.rank - best.places + 1) };
}

t.test('a node takes what the prose says, and waits as long', async (t) => {
  fc.assert(
    fc.property(fc.constantFrom(...NODES), arbitraryPeers, arbitraryUnits, (self, peers, open) => {
      const choice = chooseUnit(self, peers, open);
      const prose = choiceByProse(self, peers, open);
      return choice?.unit === prose?.unit && choice?.waitMs === prose?.waitMs;
    }),
    { numRuns: 500 },
  );
  t.equal(RANK_STEP_MS, 2000);
});

t.test('S5: of too many claimants exactly the wanted ones go on', async () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...UNITS),
      fc.integer({ min: 1, max: 4 }),
      fc.subarray(NODES, { minLength: 1 }),
      (unit, wanted, claimants) => {
        const goesOn = claimants.filter(
          (self) => !shouldYield(self, { unit, wanted, voted: [], claimed: claimants.filter((node) => node !== self) }),
        );
        const lowest = [...claimants].sort((a, b) => (lot(unit, a) < lot(unit, b) ? -1 : 1)).slice(0, wanted);
        return goesOn.length === lowest.length && lowest.every((node) => goesOn.includes(node));
      },
    ),
  );
});

t.test('S1: claims never fill the window, so nobody is idle beside open units', async (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom(...NODES),
      fc.subarray(NODES),
      fc.integer({ min: 1, max: 3 }),
      (self, claimants, wanted) => {
        const others = claimants.filter((node) => node !== self);
        // The worst that can be: each claimant on a unit of its own, and those are the oldest.
        const open = UNITS.map((unit, i) => ({
          unit,
          wanted,
          voted: [],
          claimed: others[i] === undefined ? [] : [others[i]],
        }));
        return chooseUnit(self, { taking: others.length + 1, idle: [] }, open) !== undefined;
      },
    ),
  );
  t.equal(windowUnits({ taking: 0, idle: [] }), 2, 'a node that counts nobody counts itself');
});

interface Worker {
  id: string;
  busyUntil: number;
  unit: number | undefined;
  waiting: { unit: string; since: number } | undefined;
}

interface Run {
  /** Time spent on replicas that were given up, or not wanted any more when they were done. */
  wastedMs: number;
  answered: number;
  endedAt: number;
  busyMs: number;
}

/** What one node does is known to the others after `delayMs`; each looks again every 500 ms. */
function simulate(options: {
  nodes: number;
  units: number;
  replicas: number;
  unitMs: number;
  delayMs: number;
  silent: number;
}): Run {
  const { nodes, units, replicas, unitMs, delayMs } = options;
  const workers: Worker[] = NODES.slice(0, nodes).map((id) => ({
    id,
    busyUntil: 0,
    unit: undefined,
    waiting: undefined,
  }));
  /** Node → what the others hear of it, and from when on. */
  const news = new Map<string, { at: number; unit: number | undefined }[]>();
  const votes = UNITS.slice(0, units).map((): { node: string; at: number }[] => []);
  const heardOf = (id: string, now: number) => (news.get(id) ?? []).findLast(({ at }) => at <= now)?.unit;
  const say = (worker: Worker, now: number) =>
    news.set(worker.id, [...(news.get(worker.id) ?? []), { at: now + delayMs, unit: worker.unit }]);
  // Machines that were switched off while they held a unit.
  const silent = NODES.slice(nodes, nodes + options.silent).map((id, unit) => ({ id, unit }));
  const run: Run = { wastedMs: 0, answered: 0, endedAt: 0, busyMs: 0 };

  const viewOf = (worker: Worker, now: number) => {
    const claims = workers.filter(({ id }) => id !== worker.id).map(({ id }) => ({ id, unit: heardOf(id, now) }));
    const held = [...claims.filter(({ unit }) => unit !== undefined), ...silent];
    const open = votes.flatMap((all, index): OpenUnit[] => {
      const voted = all.filter(({ at, node }) => node === worker.id || at + delayMs <= now).map(({ node }) => node);
      const claimed = held.filter(({ id, unit }) => unit === index && !voted.includes(id)).map(({ id }) => id);
      return voted.length >= replicas || voted.includes(worker.id)
        ? []
        : [{ unit: UNITS[index]!, wanted: replicas - voted.length, voted, claimed }];
    });
    const idle = claims.filter(({ unit }) => unit === undefined).map(({ id }) => id);
    return { open, peers: { taking: nodes + silent.length, idle } };
  };

  const step = (worker: Worker, now: number): void => {
    const { open, peers } = viewOf(worker, now);
    if (worker.unit !== undefined) {
      const unit = open.find(({ unit }) => unit === UNITS[worker.unit!]);
      const isEarly = now - (worker.busyUntil - unitMs) < 0.05 * unitMs;
      if (unit === undefined || (isEarly && shouldYield(worker.id, unit))) {
        run.wastedMs += now - (worker.busyUntil - unitMs);
        worker.unit = undefined;
      } else if (now >= worker.busyUntil) {
        votes[worker.unit]!.push({ node: worker.id, at: now });
        run.answered += 1;
        run.busyMs += unitMs;
        run.endedAt = now;
        worker.unit = undefined;
      } else return;
      say(worker, now);
      step(worker, now);
      return;
    }
    const choice = chooseUnit(worker.id, peers, open);
    if (choice === undefined) return;
    if (worker.waiting?.unit !== choice.unit) worker.waiting = { unit: choice.unit, since: now };
    if (now < worker.waiting.since + choice.waitMs) return;
    worker.waiting = undefined;
    worker.unit = UNITS.indexOf(choice.unit);
    worker.busyUntil = now + unitMs;
    say(worker, now);
  };

  for (let now = 0; now < 50 * unitMs; now += 500) {
    for (const [i, worker] of workers.entries()) if ((now / 500) % 3 === i % 3) step(worker, now);
    if (votes.every((all) => all.length >= replicas)) break;
  }
  return run;
}

t.test('a mesh on virtual time', async (t) => {
  const MINUTE = 60_000;
  for (const [nodes, units, replicas] of [
    [1, 5, 1],
    [2, 8, 2],
    [5, 30, 2],
    [10, 40, 2],
    [10, 40, 1],
  ] as const) {
    const run = simulate({ nodes, units, replicas, unitMs: 5 * MINUTE, delayMs: 300, silent: 0 });
    const name = `${nodes} nodes, ${units} units, ${replicas} replicas`;
    t.ok(run.answered >= units * replicas, `${name}: all is done`);
    t.ok(run.wastedMs <= 0.01 * run.busyMs, `${name}: ${(run.wastedMs / run.busyMs) * 100} % wasted`);
    t.equal(run.answered, units * replicas, `${name}: no replica too many`);
    const ideal = Math.ceil((units * replicas) / nodes) * 5 * MINUTE;
    t.ok(run.endedAt <= 1.3 * ideal + MINUTE, `${name}: ended after ${run.endedAt / ideal} of the ideal time`);
  }
  const alone = simulate({ nodes: 1, units: 30, replicas: 1, unitMs: MINUTE, delayMs: 300, silent: 8 });
  t.equal(alone.answered, 22, 'a node that is left alone does all the units that the silent ones do not hold');
  t.ok(alone.endedAt <= 22 * MINUTE + 22_000, 'without a pause');
});
