// I7: after healing, everybody holds the same within two rounds.
import fc from 'fast-check';
import t from 'tap';
import { deriveState } from '../../src/ledger/derive.ts';
import { holds } from '../protocol/support/property.ts';
import { arbitraryHistory, countingOf, MESH } from './support/history.ts';
import { areEqual, ledgersOf, round, storedBy } from './support/wires.ts';

const arbitraryMesh = arbitraryHistory(50).chain((entries) =>
  fc.record({
    entries: fc.constant(entries),
    // Which of four ledgers hears of which entry.
    heard: fc.array(fc.nat({ max: 15 }), { minLength: entries.length, maxLength: entries.length }),
    order: fc.array(fc.nat({ max: 99 }), { minLength: 12, maxLength: 12 }),
  }),
);

t.test('I7: whatever each of them holds, two rounds make all equal, with forks too', async (t) => {
  const property = fc.asyncProperty(arbitraryMesh, async ({ entries, heard, order }) => {
    const held = [1, 2, 4, 8].map((bit) => entries.filter((_, i) => (heard[i]! & bit) !== 0));
    const ledgers = await ledgersOf(...held);
    const known = ledgers.flatMap(storedBy);
    await round(ledgers, order);
    await round(ledgers, [...order].reverse());
    const expected = deriveState(MESH, countingOf(known)).root;
    return areEqual(ledgers) && ledgers[0]!.state().root === expected;
  });
  await holds(t, 'equal frontiers and roots: the root of all that was held', property, 60);
});
