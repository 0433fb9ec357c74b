// Who takes which unit: the rules S1 to S5 and S10 of docs/protocol.md against a slow reading of their prose. What becomes of a
// whole mesh that goes by them: test/scheduling/.
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
        last: fc.boolean(),
      })
      .map((each) => ({ ...each, claimed: each.claimed.filter((node) => !each.voted.includes(node)) })),
    { maxLength: 30 },
  )
  .map((list) => list.map((each, i) => ({ unit: UNITS[i]!, ...each })));

const arbitraryPeers: fc.Arbitrary<Peers> = fc
  .record({
    taking: fc.integer({ min: 1, max: 8 }),
    idle: fc.subarray(NODES.slice(0, 8)),
    busy: fc.subarray(NODES.slice(4, 10)),
    silent: fc.oneof(fc.constant([]), fc.subarray(NODES.slice(10))),
  })
  .map(({ busy, idle, ...rest }) => ({ ...rest, idle, others: [...new Set([...idle, ...busy])] }));

/** S1 to S3 and S10, word by word. */
function choiceByProse(
  self: string,
  peers: Peers,
  open: readonly OpenUnit[],
): { unit: string; waitMs: number } | undefined {
  const comesBefore = (unit: OpenUnit, node: string): boolean =>
    node !== self &&
    !unit.voted.includes(node) &&
    !unit.claimed.includes(node) &&
    lot(unit.unit, node) < lot(unit.unit, self);
  const isApart = peers.silent.length > 0;
  const withPlaces = open
    .slice(0, isApart ? 8 * (peers.taking + peers.silent.length) : 2 * peers.taking)
    .filter((unit) => !unit.voted.includes(self) && unit.wanted - unit.claimed.length > 0);
  const others = withPlaces.filter(({ last }) => last !== true);
  const candidates = (others.length > 0 ? others : withPlaces).map((unit) => {
    const all = [...peers.others, ...peers.silent].filter((node) => comesBefore(unit, node));
    const idle = peers.idle.filter((node) => comesBefore(unit, node));
    const places = unit.wanted - unit.claimed.length;
    return { unit: unit.unit, rank: all.length, before: idle.length, places };
  });
  const lowest = Math.min(...candidates.map(({ rank }) => rank));
  const best = candidates.find(({ rank }) => rank === lowest);
  if (best === undefined) return undefined;
  return { unit: best.unit, waitMs: best.before < best.places ? 0 : 2000 * (best.before - best.places + 1) };
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

t.test('S5: of too many claimants exactly the wanted ones go on, first those that are ahead', async () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...UNITS),
      fc.integer({ min: 1, max: 4 }),
      fc.subarray(NODES, { minLength: 1 }),
      fc.subarray(NODES),
      (unit, wanted, claimants, nodes) => {
        const ahead = new Set(nodes);
        const goesOn = claimants.filter((self) => {
          const claimed = claimants.filter((node) => node !== self);
          return !shouldYield(self, { unit, wanted, voted: [], claimed }, ahead);
        });
        const byLot = [...claimants].sort((a, b) => (lot(unit, a) < lot(unit, b) ? -1 : 1));
        const inOrder = [...byLot.filter((node) => ahead.has(node)), ...byLot.filter((node) => !ahead.has(node))];
        const first = inOrder.slice(0, wanted);
        return goesOn.length === first.length && first.every((node) => goesOn.includes(node));
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
        return chooseUnit(self, { taking: others.length + 1, others, silent: [], idle: [] }, open) !== undefined;
      },
    ),
  );
  t.equal(windowUnits({ taking: 0, others: [], silent: [], idle: [] }), 2, 'a node that counts nobody counts itself');
});
