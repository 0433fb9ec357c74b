// A job's own strategies: checked like any other input, part of the task, and the first that its searches score.
import t from 'tap';
import { canonicalJson } from '../../src/engine/canonical-json.ts';
import { toUtf8 } from '../../src/engine/hash.ts';
import { openStream } from '../../src/engine/random.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { proposeGeneration, startState } from '../../src/engine/search/evolve.ts';
import { genomeOf, strategyOf } from '../../src/engine/search/genome.ts';
import { SEEDS_BYTES_MAX } from '../../src/engine/search/seeds.ts';
import { drawGenome } from '../../src/engine/search/vary.ts';
import { parseSearchSpec, presetSpec } from '../../src/engine/search-spec.ts';
import type { Strategy } from '../../src/engine/strategy.ts';
import { canonicalStrategy } from '../../src/engine/strategy-hash.ts';
import { taskIdentity } from '../../src/engine/unit-task.ts';
import { rulesOf } from './search-rules.ts';

const CANDLES = sampleCandles('seeds', 1500);
const SPEC = presetSpec({ preset: 'quick', risk: 'medium' });
const DIP = {
  v: 1,
  name: 'a dip',
  side: 'long',
  entry: [
    [
      { left: { indicator: 'rsi', period: 2 }, op: '<', right: { value: 10 } },
      { left: { field: 'close' }, op: '>', right: { indicator: 'sma', period: 123, timeframe: '60m' } },
    ],
  ],
  exit: [],
  stopLoss: { percent: 7.5 },
  maxBars: 14,
  size: { percentOfEquity: 33 },
  maxPositions: 1,
};
const withSeeds = (seeds: unknown, changes: object = {}) => parseSearchSpec({ ...SPEC, ...changes, seeds });

t.test('seeds are validated with their paths', async (t) => {
  const cases: [object, string, string][] = [
    [
      { entry: [[{ left: { indicator: 'rsi', period: 0 }, op: '<', right: { value: 1 } }]] },
      'out_of_range',
      'seeds[1].entry[0][0].left.period',
    ],
    [{ leverage: 2 }, 'unknown_key', 'seeds[1].leverage'],
    [{ side: 'short' }, 'bad_value', 'seeds[1].side'],
    [{ stopLoss: undefined }, 'bad_value', 'seeds[1].stopLoss'],
    [{ maxPositions: 3 }, 'bad_value', 'seeds[1].maxPositions'],
    [{ size: { units: 1 } }, 'bad_value', 'seeds[1].size'],
    [{ size: { percentOfEquity: 51 } }, 'bad_value', 'seeds[1].size.percentOfEquity'],
    [{ name: 'the same under another name' }, 'bad_value', 'seeds[1]'],
  ];
  for (const [changes, code, field] of cases) {
    t.throws(() => withSeeds([DIP, { ...DIP, ...changes }]), { code, field }, field);
  }
  t.throws(() => withSeeds({}), { code: 'bad_value', field: 'seeds' });
  t.throws(() => withSeeds(Array.from({ length: 9 }, (_, i) => ({ ...DIP, maxBars: i + 1 }))), {
    ...{ code: 'out_of_range', field: 'seeds' },
  });
  const short = { ...DIP, side: 'short', maxPositions: 3, stopLoss: undefined };
  t.ok(withSeeds([short], { risk: 'high', allowShort: true }), 'what one risk refuses another takes');
  t.throws(
    () => withSeeds([short], { risk: 'low', allowShort: true }),
    { code: 'bad_value', field: 'seeds[0].side' },
    'low risk has no shorts',
  );
});

t.test('too many bytes of seeds are refused, and told how many', async (t) => {
  const random = openStream(new Uint8Array([3]), 'long seeds');
  const long = Array.from({ length: 8 }, () => strategyOf(drawGenome(rulesOf('high', true), random)));
  const bytes = (seeds: Strategy[]) => toUtf8(canonicalJson(seeds)).length;
  const high = { risk: 'high', allowShort: true };
  let fitting = 8;
  while (bytes(long.slice(0, fitting)) > SEEDS_BYTES_MAX) fitting--;
  t.ok(fitting >= 3 && fitting < 8, `${fitting} fit`);
  t.equal(withSeeds(long.slice(0, fitting), high).seeds?.length, fitting);
  t.throws(() => withSeeds(long.slice(0, fitting + 1), high), {
    ...{ code: 'out_of_range', field: 'seeds' },
    message: new RegExp(`${bytes(long.slice(0, fitting + 1))} bytes`),
  });
});

t.test('equal seeds are equal bytes; seeds are part of the task', async (t) => {
  const turned = { ...DIP, entry: [[...DIP.entry[0]!].reverse()], name: 'other name' };
  const [a, b] = [withSeeds([DIP]), withSeeds([turned])];
  t.equal(canonicalJson(a), canonicalJson(b), 'whatever the name and the order of conditions');
  t.same(withSeeds(JSON.parse(canonicalJson(a.seeds))), a, 'read again, nothing changes');
  t.equal(canonicalJson(withSeeds([])), canonicalJson(SPEC), 'no seeds are as if none were named');
  const identity = (spec: typeof SPEC) =>
    Buffer.from(taskIdentity({ dataset: CANDLES.hash, seed: 's', spec, unit: 0 })).toString('hex');
  t.not(identity(a), identity(SPEC));
  t.not(identity(a), identity(withSeeds([{ ...DIP, maxBars: 15 }])));
  t.equal(identity(a), identity(b));
});

t.test('the first generation begins with the seeds, and they are nowhere twice', async (t) => {
  const spec = withSeeds([DIP, { ...DIP, maxBars: 15 }]);
  const task = { dataset: CANDLES.hash, seed: 's', spec, unit: 0 };
  const proposed = proposeGeneration(task, startState(), CANDLES).map(canonicalStrategy);
  t.equal(proposed.length, spec.population);
  t.equal(new Set(proposed).size, spec.population);
  const { timeframe: _, ...onHours } = DIP.entry[0]![1]!.right as { timeframe: string };
  t.match(proposed[0], canonicalJson(onHours), 'a time frame equal to the bars is left out');
  t.notMatch(proposed[0], 'timeframe');
  t.match(proposed[0], '"maxBars":14');
  t.match(proposed[1], '"maxBars":15');
  const odd = { ...DIP, entry: [[{ left: { field: 'close', timeframe: '30m' }, op: '>', right: { field: 'close' } }]] };
  t.throws(() => proposeGeneration({ ...task, spec: withSeeds([DIP, odd]) }, startState(), CANDLES), {
    ...{ code: 'bad_timeframe', field: 'seeds[1].entry[0][0].left.timeframe' },
  });
});

t.test('operators take up what only a seed has, and leave it valid', async (t) => {
  const { pool } = rulesOf('medium', false);
  const { seeds } = withSeeds([DIP]);
  const genome = genomeOf(pool, seeds![0]!);
  t.equal(canonicalStrategy(strategyOf(genome)), canonicalStrategy(seeds![0]!));
  const stranger = genome.groups[0]!.find(({ right }) => right.value === undefined)!;
  t.equal(stranger.right.root?.base, -1, 'SMA(123) is not among what the search draws');
});
