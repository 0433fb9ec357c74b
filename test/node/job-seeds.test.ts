// Seed strategies on their way from a person to a job's entry.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { canonicalJson } from '../../src/engine/canonical-json.ts';
import { openStream } from '../../src/engine/random.ts';
import { strategyOf } from '../../src/engine/search/genome.ts';
import { SEEDS_BYTES_MAX, SEEDS_MAX } from '../../src/engine/search/seeds.ts';
import { drawGenome } from '../../src/engine/search/vary.ts';
import { parseSearchSpec } from '../../src/engine/search-spec.ts';
import type { Strategy } from '../../src/engine/strategy.ts';
import type { DatasetInfo } from '../../src/node/data-store.ts';
import { prepareJob } from '../../src/node/job-input.ts';
import { permutationsOf } from '../../src/node/permutations.ts';
import { jobInputOf } from '../../src/node/verbs/job-flags.ts';
import { ENTRY_BYTES_MAX } from '../../src/protocol/limits.ts';
import { CreateJobBody } from '../../src/ui/inputs.ts';
import { SEEDS_MAX as API_SEEDS_MAX } from '../../src/ui/limits.ts';
import { rulesOf } from '../engine/search-rules.ts';
import { GENESIS } from '../ledger/support/history.ts';
import { hexOf, write } from '../ledger/support/people.ts';

const SEED = {
  ...{ v: 1, side: 'long', stopLoss: { percent: 2 }, maxBars: 9, size: { percentOfEquity: 20 } },
  entry: [[{ left: { field: 'close' }, op: '>', right: { indicator: 'ema', period: 50, timeframe: '1h' } }]],
};
const INFO = {
  ...{ hash: 'ab'.repeat(32), symbol: 'BTC-USD', quote: 'USD', source: 'test', sample: false, bars: 9000, gaps: 0 },
  ...{ barMs: 900_000, from: 0, to: 8_100_000_000, bytes: 1 },
} as unknown as DatasetInfo;
const jobOf = (input: object) =>
  prepareJob({ dataset: INFO.hash, ...input }, [INFO], 'cd'.repeat(32), () => 'x'.repeat(64));

const contextOf = (values: Record<string, string | string[]>) =>
  ({
    values,
    positionals: [],
    json: false,
    dataDir: '',
    signal: new AbortController().signal,
  }) as unknown as Parameters<typeof jobInputOf>[0];

t.test('--seed-strategy may be given several times and wins over the file', async (t) => {
  const folder = t.testdir();
  const file = (name: string, content: unknown) => {
    writeFileSync(join(folder, name), JSON.stringify(content));
    return join(folder, name);
  };
  const other = { ...SEED, maxBars: 10 };
  const job = file('job.json', { dataset: 'abcdef', seeds: [other] });
  t.same((await jobInputOf(contextOf({ file: job }))).seeds, [other]);
  const both = [file('a.json', SEED), file('b.json', other)];
  t.same((await jobInputOf(contextOf({ file: job, 'seed-strategy': both }))).seeds, [SEED, other]);
  await t.rejects(jobInputOf(contextOf({ data: 'x', 'seed-strategy': [join(folder, 'none.json')] })), {
    ...{ code: 'file_missing', field: 'seed-strategy' },
  });
  await t.rejects(jobInputOf(contextOf({ file: file('odd.json', { seeds: SEED }) })), {
    code: 'bad_value',
    field: 'seeds',
  });
});

t.test('the API takes seeds, and a job carries them; what does not fit is refused by its path', async (t) => {
  t.equal(API_SEEDS_MAX, SEEDS_MAX);
  t.ok(CreateJobBody.safeParse({ dataset: 'abcdef', seeds: [SEED] }).success);
  t.notOk(CreateJobBody.safeParse({ dataset: 'abcdef', seeds: ['a'] }).success);
  const { search } = jobOf({ seeds: [SEED] });
  t.match(canonicalJson(parseSearchSpec(search).seeds), '"timeframe":"1h"');
  const odd = { ...SEED, entry: [[{ ...SEED.entry[0]![0]!, left: { field: 'close', timeframe: '20m' } }]] };
  for (const [seed, code, field] of [
    [{ ...SEED, maxBars: 0 }, 'out_of_range', 'seeds[0].maxBars'],
    [odd, 'bad_timeframe', 'seeds[0].entry[0][0].left.timeframe'],
  ] as const) {
    t.throws(() => jobOf({ seeds: [seed] }), { name: 'RequestError', status: 422, code, field });
  }
});

t.test('a job with as many seeds as it may have is an entry of allowed size (seed 17)', async (t) => {
  const perpetual = {
    market: 'perpetual',
    leverage: 12.5,
    fundingRate: 0.000123,
    maintenance: 0.0051,
    liquidationFee: 0.0071,
  };
  const costs = { fee: 0.00061, makerFee: 0.00021, slippage: 0.00037, impact: 0.0123, spread: 0.00019 };
  const rest = {
    name: 'n'.repeat(40),
    validation: 'fuzzy',
    tolerance: 0.123,
    risk: 'high',
    allowShort: true,
    holdout: 0.23,
  };
  let largest = 0;
  fc.assert(
    fc.property(fc.nat(1_000_000), (key) => {
      const random = openStream(new Uint8Array([17]), key);
      const seeds: Strategy[] = [];
      for (let tries = 0; tries < 40 && seeds.length < SEEDS_MAX; tries++) {
        const seed = strategyOf(drawGenome(rulesOf('high', true, 900_000), random));
        if (canonicalJson([...seeds, seed]).length <= SEEDS_BYTES_MAX) seeds.push(seed);
      }
      const data = jobOf({ ...perpetual, ...costs, ...rest, seeds });
      const sizeOf = (job: typeof data): number =>
        write(hexOf(GENESIS.block.subarray(0, 32)), 'ada', 'log', undefined, { kind: 'job', data: job }).block.length;
      // Its re-runs on permuted bars name it besides.
      const size = Math.max(sizeOf(data), sizeOf(permutationsOf({ id: 'f'.repeat(64), job: data }, 999)));
      largest = Math.max(largest, size);
      return size <= ENTRY_BYTES_MAX;
    }),
    { seed: 17, numRuns: 100 },
  );
  t.ok(largest > 2900 && largest < ENTRY_BYTES_MAX, `the largest has ${largest} bytes`);
});
