// The list of strategies is read once for as long as nothing in it can be another, and again as soon as something can.
import t from 'tap';
import { ResultList } from '../../src/node/result-views.ts';
import type { World } from '../../src/node/views.ts';

t.test('made anew for another root, entry, check or name', async (t) => {
  let made = 0;
  const worldOf = (root: string, name: string): World =>
    ({
      state: {
        root,
        jobs: new Map(),
        units: { of: () => undefined },
        members: new Map([['ab', { name }]]),
      },
      news: () => undefined,
      checked() {
        made += 1;
        return [];
      },
    }) as unknown as World;
  const list = new ResultList();
  const known = { entries: 3, checks: 1 };
  const first = list.of(worldOf('r', 'ada'), known);
  t.equal(list.of(worldOf('r', 'ada'), { ...known }), first, 'the same list');
  t.equal(made, 1);
  for (const [world, counts] of [
    [worldOf('s', 'ada'), known],
    [worldOf('s', 'eve'), known],
    [worldOf('s', 'eve'), { ...known, entries: 4 }],
    [worldOf('s', 'eve'), { entries: 4, checks: 2 }],
  ] as const) {
    const before = made;
    list.of(world, counts);
    t.equal(made, before + 1, JSON.stringify(counts));
  }
});
