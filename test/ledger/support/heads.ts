// Heads of any kind, as fast-check makes them.
import fc from 'fast-check';
import type { Head } from '../../../src/ledger/heads.ts';

const hex = (bytes: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));

const arbitraryBallot = fc.record(
  {
    ...{ job: hex(32), index: fc.nat({ max: 999_999 }), fingerprint: hex(32), answer: hex(32) },
    trials: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    lineage: fc.oneof(fc.constant([]), fc.array(hex(32), { maxLength: 4 })),
  },
  { noNullPrototype: true },
);

/** At place 0. */
export const arbitraryHead: fc.Arbitrary<Head> = fc.record(
  {
    id: hex(32),
    seq: fc.constant(0),
    time: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    kind: fc.constantFrom('result', 'job', 'note-from-the-future', 'x'),
    ballot: fc.option(arbitraryBallot, { nil: undefined }),
  },
  { noNullPrototype: true },
);
