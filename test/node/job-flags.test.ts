// One vocabulary for a search: flags, job file and API say the same, and nothing that was mistyped is passed over.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { VerbContext } from '../../src/node/cli/verb.ts';
import { JOB_OPTIONS, jobInputOf } from '../../src/node/verbs/job-flags.ts';
import { CreateJobBody } from '../../src/ui/inputs.ts';

const contextOf = (values: VerbContext['values']): VerbContext => ({
  values,
  positionals: [],
  json: false,
  dataDir: '',
  print: () => undefined,
  document: () => undefined,
  note: () => undefined,
  signal: new AbortController().signal,
});

/** A value that the API takes for each of its keys. */
const FILE = {
  dataset: 'abcdef',
  name: 'a name',
  preset: 'quick',
  risk: 'high',
  population: 20,
  generations: 3,
  units: 2,
  permutations: 5,
  replicas: 3,
  validation: 'fuzzy',
  tolerance: 0.2,
  seed: 'seed',
  market: 'perpetual',
  fee: 0.001,
  makerFee: 0.0005,
  slippage: 0.002,
  impact: 0.01,
  spread: 0.003,
  leverage: 4,
  fundingRate: 0.0002,
  fundingHours: 4,
  maintenance: 0.006,
  liquidationFee: 0.007,
  equity: 500,
  folds: 4,
  anchored: true,
  holdout: 0.3,
  embargo: 10,
  warmup: 20,
  minTrades: 5,
  allowShort: true,
  seeds: [{ v: 1 }],
  others: ['123456', 'abcdef'],
};

t.test('a job file may say all that the API takes, and no more', async (t) => {
  t.same(new Set(Object.keys(FILE)), new Set(Object.keys(CreateJobBody.shape)), 'this test knows every key of the API');
  const file = join(t.testdir(), 'job.json');
  writeFileSync(file, JSON.stringify(FILE));
  const input = await jobInputOf(contextOf({ file }));
  t.same(input, FILE);
  t.ok(CreateJobBody.safeParse(input).success, 'and the API takes it');
});

t.test('every flag reaches the key of its name', async (t) => {
  // Seeds are named by their files: job-seeds.test.ts.
  const { seeds: _, ...flat } = FILE;
  const flagOf: Record<string, string> = { dataset: 'data', others: 'other' };
  const values = Object.fromEntries(
    Object.entries(flat).map(([key, value]) => [
      flagOf[key] ?? key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      value === true || Array.isArray(value) ? value : String(value),
    ]),
  );
  t.same(
    Object.keys(values).filter((flag) => JOB_OPTIONS[flag] === undefined),
    [],
    'all of them are in the help',
  );
  t.same(await jobInputOf(contextOf(values)), flat);
});

t.test('flags win over the file', async (t) => {
  const file = join(t.testdir(), 'job.json');
  writeFileSync(file, JSON.stringify(FILE));
  const input = await jobInputOf(contextOf({ file, population: '30', data: '123456' }));
  t.same(input, { ...FILE, population: 30, dataset: '123456' });
});

t.test('what cannot be meant is refused by name', async (t) => {
  const file = (content: unknown): string => {
    const path = join(t.testdir(), 'job.json');
    writeFileSync(path, JSON.stringify(content));
    return path;
  };
  const cases: [VerbContext['values'], string, string][] = [
    [{}, 'missing_flag', 'data'],
    [{ data: 'sample', fee: '0,4' }, 'bad_number', 'fee'],
    [{ file: file({ ...FILE, popluation: 20 }) }, 'unknown_key', 'popluation'],
  ];
  for (const [values, code, field] of cases) await t.rejects(jobInputOf(contextOf(values)), { code, field });
  await t.rejects(jobInputOf(contextOf({ file: file({ ...FILE, population: '20' }) })), {
    code: 'bad_value',
    field: 'population',
  });
  await t.rejects(jobInputOf(contextOf({ file: file([]) })), { code: 'bad_file', field: 'file' });
});
