// Answers that differ: grouped, with the first figure in which they do, and what came of it; for any history the counts are
// those of the units.
import fc from 'fast-check';
import t from 'tap';
import { deriveState, type State } from '../../src/ledger/derive.ts';
import { disputesView } from '../../src/node/disputes.ts';
import type { World } from '../../src/node/views.ts';
import type { Result } from '../../src/protocol/kinds.ts';
import type { DisputeView } from '../../src/ui/api-ledger.ts';
import { arbitraryHistory, GENESIS, MESH } from '../ledger/support/history.ts';
import { admitPlain, champion, hexOf, job, keyOf, result, scribe } from '../ledger/support/people.ts';

function worldOf(state: State): World {
  return {
    ...{ self: hexOf(keyOf('ada')), state, claims: [] },
    news: () => undefined,
    connection: () => undefined,
    hasDataset: () => true,
    check: () => undefined,
    version: '',
    checked: () => [],
  };
}

/** Answers of three members to the units of one job: what each says of each unit, where it says something. */
function worldWith(answers: Record<string, (Partial<Result> | undefined)[]>): World {
  const founder = scribe(MESH, 'ada', '0', GENESIS);
  const names = Object.keys(answers);
  const admitted = names.map((name) => founder('admit', admitPlain(name, 'member')));
  const made = founder('job', job({ name: 'the job', units: 4 }));
  const votes = names.flatMap((name) => {
    const say = scribe(MESH, name);
    return answers[name]!.flatMap((changes, index) =>
      changes === undefined ? [] : [say('result', result(made.id, index, 'same', changes), 10)],
    );
  });
  return worldOf(deriveState(MESH, [GENESIS, ...admitted, made, ...votes]));
}

/** Both values in the order in which the first unit has them. */
const inFront = (items: readonly DisputeView[], values: [number, number]): number[] =>
  items[0]?.answers[0]?.by[0]?.name === 'bob' ? values : [...values].reverse();

t.test('what differs first, who said it, and what came of it', async (t) => {
  const trials = { count: 11, meanSharpe: 0.5, varianceSharpe: 0.25 };
  const other = { champions: [champion(100, 51, 25)] };
  const world = worldWith({
    bob: [{}, {}, {}, {}],
    cy: [{}, other, { trials }, undefined],
    dee: [undefined, undefined, {}, undefined],
  });
  const { open, failed, dropped, items } = disputesView(world);
  t.same([open, failed, dropped], [1, 0, 1]);
  t.same(
    items.map(({ index, state, differs }) => ({ index, state, differs })),
    [
      // One vote each: the one whose entry has the smaller id stands in front.
      {
        index: 1,
        state: 'open',
        differs: { figure: 'champion 1 outOfSample netProfit', values: inFront(items, [50, 51]) },
      },
      { index: 2, state: 'settled', differs: { figure: 'trials count', values: [10, 11] } },
    ],
  );
  t.same(
    items[1]!.answers.map(({ by, valid }) => ({ by: by.map(({ name }) => name).sort(), valid })),
    [
      { by: ['bob', 'dee'], valid: true },
      { by: ['cy'], valid: false },
    ],
  );
  t.ok(items[0]!.answers.every(({ valid }) => valid === null));
});

t.test('any history', async (t) => {
  let seen = 0;
  fc.assert(
    fc.property(arbitraryHistory(60), (entries) => {
      const world = worldOf(deriveState(MESH, entries));
      const { open, failed, dropped, items } = disputesView(world);
      seen += items.length;
      const units = [...world.state.units.values()];
      const inState = (state: string): number => units.filter(({ verdict }) => verdict.state === state).length;
      const lost = units
        .filter(({ verdict }) => verdict.state === 'validated')
        .reduce((sum, { votes, verdict }) => sum + votes.length - verdict.agreeing.length, 0);
      return (
        open === inState('disputed') &&
        failed === inState('failed') &&
        dropped === lost &&
        items.every(
          ({ answers, differs }) =>
            answers.length >= 2 &&
            differs !== null &&
            new Set(answers.map(({ answer }) => answer)).size === answers.length,
        ) &&
        items.filter(({ state }) => state === 'open').length === Math.min(50, open)
      );
    }),
  );
  t.ok(seen > 5, `${seen} disputes were looked at`);
});
