// What was tried on the same candles, kept up to date answer by answer, against reading all of it.
import fc from 'fast-check';
import t from 'tap';
import type { JobRecord, State } from '../../src/ledger/derive.ts';
import type { UnitRecord, Units, UnitsOfJob } from '../../src/ledger/units.ts';
import { Searches } from '../../src/node/verdicts/searches.ts';
import { hash, hexOf, job } from '../ledger/support/people.ts';

const CANDLES = hash('the candles');
const COUNTS = { one: 40, two: 30, again: 20, far: 10 };
type Name = keyof typeof COUNTS;

interface Said {
  answer: string;
  count: number;
  champions: number;
  state: 'validated' | 'provisional';
}

/** A mesh whose answers change at once, with how many of them were read. */
function made(counts: Record<string, number> = COUNTS) {
  const work: Partial<Record<string, object>> = {
    again: { search: { permutes: hexOf(hash('one')) } },
    far: { dataset: hash('other candles') },
  };
  const jobs = new Map(
    Object.entries(counts).map(([name, units]) => [
      name,
      { id: name, job: { ...job({ dataset: CANDLES, units }), ...work[name] } } as JobRecord,
    ]),
  );
  const said = new Map<string, Map<number, Said>>(Object.keys(counts).map((name) => [name, new Map()]));
  const seen = { reads: 0, slowMs: 0 };
  const at = (name: string, index: number): UnitRecord | undefined => {
    const answer = said.get(name)!.get(index);
    if (answer === undefined) return undefined;
    const trials = { count: answer.count, meanSharpe: answer.count / 7, varianceSharpe: answer.count / 3 };
    const leader = {
      answer: answer.answer,
      get result() {
        seen.reads += 1;
        for (const end = performance.now() + seen.slowMs; performance.now() < end; );
        seen.slowMs = 0;
        return { trials, champions: Array.from({ length: answer.champions }) };
      },
    };
    return { index, verdict: { leader, state: answer.state } } as unknown as UnitRecord;
  };
  const newUnits = (): Units =>
    ({ of: (name: string) => ({ at: (index: number) => at(name, index) }) as UnitsOfJob }) as unknown as Units;
  const state = { jobs, units: newUnits() } as Pick<State, 'jobs' | 'units'>;
  return { state, said, seen, newUnits };
}

const saidBy = fc.record({
  answer: fc.constantFrom('a', 'b', 'c'),
  count: fc.nat(50),
  champions: fc.nat(2),
  state: fc.constantFrom('validated' as const, 'provisional' as const),
});
const step = fc.oneof(
  { weight: 20, arbitrary: fc.tuple(fc.constantFrom(...(Object.keys(COUNTS) as Name[])), fc.nat(45), saidBy) },
  { weight: 1, arbitrary: fc.constant('all else' as const) },
);

t.test('kept up to date is the same as read anew', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 12 }), async (turns) => {
      const { state, said, newUnits } = made();
      const kept = new Searches(() => state);
      for (const turn of turns) {
        const places = new Map<string, Set<number>>();
        for (const one of turn) {
          if (one === 'all else') {
            // Somebody was removed: all was derived anew.
            said.get('two')!.clear();
            state.units = newUnits();
            continue;
          }
          const [name, at, answer] = one;
          const index = at % COUNTS[name];
          said.get(name)!.set(index, answer);
          places.set(name, (places.get(name) ?? new Set()).add(index));
        }
        kept.changed(places);
        const { searched } = await kept.on(hexOf(CANDLES));
        t.same(searched, (await new Searches(() => state).on(hexOf(CANDLES))).searched);
        t.same([...searched.keys()], ['one', 'two'], 'neither other candles nor permuted ones');
        const [answers, openings] = ['one', 'two'].reduce(
          ([all, opened], name) => {
            const list = [...said.get(name)!.values()];
            return [all! + list.length, opened! + list.filter(({ champions }) => champions > 0).length];
          },
          [0, 0],
        );
        t.equal(searched.get('one')!.answers + searched.get('two')!.answers, answers);
        t.equal(searched.get('one')!.openings + searched.get('two')!.openings, openings);
      }
    }),
    { numRuns: 60 },
  );
});

t.test('another answer, and one that becomes valid, have another key; one that is said again has not', async (t) => {
  const { state, said } = made();
  const searches = new Searches(() => state);
  const keyWith = async (index: number, answer: Partial<Said>): Promise<string> => {
    said.get('one')!.set(index, { answer: 'a', count: 5, champions: 1, state: 'provisional', ...answer });
    searches.changed(new Map([['one', new Set([index])]]));
    return (await searches.on(hexOf(CANDLES))).searched.get('one')!.key;
  };
  const keys = [
    await keyWith(3, {}),
    await keyWith(3, { state: 'validated' }),
    await keyWith(3, { answer: 'b', state: 'validated' }),
    await keyWith(4, {}),
  ];
  t.equal(new Set(keys).size, 4);
  t.equal(await keyWith(4, {}), keys[3]);
});

t.test('only what has changed is read again, and the event loop goes on meanwhile', async (t) => {
  const counts = { one: 15_000, two: 15_000 };
  const { state, said, seen } = made(counts);
  const answer: Said = { answer: 'a', count: 5, champions: 1, state: 'validated' };
  for (const name of ['one', 'two']) {
    for (let index = 0; index < 15_000; index += 1) said.get(name)!.set(index, answer);
  }
  const searches = new Searches(() => state);
  const readBy = async (places: Record<string, number[]>): Promise<number> => {
    const before = seen.reads;
    searches.changed(new Map(Object.entries(places).map(([name, indices]) => [name, new Set(indices)])));
    const { searched } = await searches.on(hexOf(CANDLES));
    t.match([...searched.values()], [{ answers: 15_000 }, { answers: 15_000 }]);
    return seen.reads - before;
  };
  let hasTurned = false;
  setImmediate(() => {
    hasTurned = true;
  });
  seen.slowMs = 30;
  t.equal(await readBy({}), 30_000);
  t.ok(hasTurned, 'others had their turn meanwhile');
  t.equal(await readBy({}), 0);
  t.equal(await readBy({ two: [5, 6] }), 2);
  t.equal(await readBy({ one: [7] }), 15_000, 'the other one was put out of memory');
  t.equal(await readBy({ one: [7] }), 1);
});
