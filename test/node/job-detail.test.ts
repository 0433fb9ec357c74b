// The detail of a job says the same as the lists, for any history: the map counts what the job counts, unit by unit.
import fc from 'fast-check';
import t from 'tap';
import { deriveState } from '../../src/ledger/derive.ts';
import { jobDetail, unitDetail } from '../../src/node/job-detail.ts';
import { jobViews, type World } from '../../src/node/views.ts';
import { arbitraryHistory, GENESIS, MESH } from '../ledger/support/history.ts';
import { hexOf, keyOf } from '../ledger/support/people.ts';

const LETTERS = { open: 'o', running: 'r', provisional: 'p', disputed: 'd', validated: 'v', failed: 'f' } as const;
const NO_DATA = { list: () => [] };

t.test('for any history', async (t) => {
  let units = 0;
  let answers = 0;
  fc.assert(
    fc.property(arbitraryHistory(40), (entries) => {
      const state = deriveState(MESH, entries);
      const world: World = {
        self: hexOf(keyOf('ada')),
        state,
        claims: [],
        news: () => undefined,
        connection: () => undefined,
        hasDataset: () => false,
        check: () => undefined,
        version: '',
        checked: () => [],
      };
      return jobViews(world).every((job) => {
        const { map, spent, candles, terms, results } = jobDetail(world, NO_DATA, job.id);
        const votes = [...state.units.values()].filter((unit) => unit.job === job.id).flatMap((unit) => unit.votes);
        units += map.length;
        answers += votes.length;
        return (
          map.length === job.units &&
          Object.entries(job.counts).every(
            ([name, n]) => [...map].filter((each) => each === LETTERS[name as keyof typeof LETTERS]).length === n,
          ) &&
          [...map].every((letter, i) => LETTERS[unitDetail(world, job.id, i).state] === letter) &&
          spent.answers === votes.length &&
          spent.backtests === votes.reduce((sum, { result }) => sum + result.backtests, 0) &&
          candles === null &&
          results === 0 &&
          (terms === null || terms.folds >= 2)
        );
      });
    }),
    { numRuns: 40 },
  );
  t.ok(units > 50 && answers > 10, `${units} units and ${answers} answers were looked at`);
});

t.test('what is not there is refused', async (t) => {
  const state = deriveState(MESH, [GENESIS]);
  const world = { state } as World;
  t.throws(() => jobDetail(world, NO_DATA, 'ab'), { code: 'job_unknown', status: 404 });
  t.throws(() => unitDetail(world, 'ab', 0), { code: 'job_unknown' });
});
