// Smaller parts: checking answers before they are shown, job input, what is told of problems, candles in memory, rates.
import t from 'tap';
import { evaluateChampion } from '../../src/engine/champion.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { proposeGeneration, startState } from '../../src/engine/search/evolve.ts';
import { parseSearchSpec, presetSpec } from '../../src/engine/search-spec.ts';
import { divideTime } from '../../src/engine/time-line.ts';
import type { Vote } from '../../src/ledger/verdict.ts';
import { openCandleCache } from '../../src/node/candle-cache.ts';
import { codeName } from '../../src/node/code-name.ts';
import type { DataStore, DatasetInfo } from '../../src/node/data-store.ts';
import { createEvents } from '../../src/node/events.ts';
import { prepareJob } from '../../src/node/job-input.ts';
import { type Check, createRecheck } from '../../src/node/recheck.ts';
import { createRate, startThroughput } from '../../src/node/throughput.ts';
import { decode, encode } from '../../src/protocol/bytes.ts';
import { KINDS, type Segment } from '../../src/protocol/kinds.ts';
import { hash, hexOf } from '../ledger/support/people.ts';
import { until } from './support/worker.ts';

const candles = sampleCandles('parts', 1200);
const spec = presetSpec({ preset: 'quick', risk: 'medium', overrides: { warmup: 60, embargo: 20, minTrades: 1 } });
const task = { dataset: candles.hash, seed: 'parts', spec, unit: 0 };
const [strategy] = proposeGeneration(task, startState(), candles);
/** No candle is missing. */
const unseenBars = divideTime(candles.length, spec).outOfSample.reduce((sum, { from, to }) => sum + to - from, 0);
const figures = evaluateChampion(candles, task, strategy!);

/** As it comes out of the ledger: encoded and decoded. */
function vote(change: (champion: Record<string, unknown>) => void = () => undefined, answer = 'a'): Vote {
  const { inSample, outOfSample, holdout } = figures;
  const champion = decode(encode({ strategy: { ...strategy }, inSample, outOfSample, holdout }), 5000) as Record<
    string,
    unknown
  >;
  change(champion);
  return { entry: 'e', author: 'x', time: 1, answer, result: { champions: [champion] } } as unknown as Vote;
}

const U = { id: 'u', job: 'j', index: 0 };

function checker(have: { candles: boolean } = { candles: true }) {
  const checked: Check[] = [];
  let loads = 0;
  const recheck = createRecheck({
    async candles() {
      loads += 1;
      return have.candles ? candles : undefined;
    },
    onChecked: (_unit, _vote, check) => checked.push(check),
    onFailure: (error) => {
      throw error;
    },
  });
  return { recheck, checked, loads: () => loads };
}

t.test('an answer holds when this machine computes the same figures, and differs otherwise', async (t) => {
  const changes: [string, (champion: Record<string, unknown>) => void, RegExp | undefined][] = [
    ['honest', () => undefined, undefined],
    ['better in sample', (c) => ((c.inSample as Segment).return += 1e-12), /other inSample figures/],
    ['one trade more', (c) => ((c.holdout as Segment).trades += 1), /other holdout figures/],
    ['unknown made known', (c) => ((c.outOfSample as Segment).sharpe = 9), /other outOfSample figures/],
    ['no strategy', (c) => (c.strategy = { v: 1, entry: 'all' }), /cannot be run/],
  ];
  for (const [what, change, message] of changes) {
    const { recheck, checked } = checker();
    void recheck.request(U, task, vote(change));
    await until(what, () => checked.length === 1);
    if (message === undefined)
      t.match(recheck.get('u', 'a'), {
        state: 'holds',
        champions: [{ hash: /^[0-9a-f]{64}$/, outOfSampleDays: unseenBars / 24 }],
      });
    else t.match(recheck.get('u', 'a'), { state: 'differs', message }, what);
  }
  const zero = vote((c) => {
    for (const part of ['inSample', 'outOfSample', 'holdout']) {
      const segment = c[part] as Record<string, number>;
      for (const [key, value] of Object.entries(segment)) if (Object.is(value, 0)) segment[key] = -0;
    }
  });
  const { recheck, checked } = checker();
  void recheck.request(U, task, zero);
  await until('the check', () => checked.length === 1);
  t.equal(checked[0]?.state, 'holds', 'nothing and minus nothing are the same');
});

t.test('each answer is checked once; without candles it waits; the end is the end', async (t) => {
  const have = { candles: false };
  const { recheck, checked, loads } = checker(have);
  void recheck.request(U, task, vote());
  await until('a look for candles', () => loads() === 1);
  t.equal(recheck.get('u', 'a'), undefined);
  have.candles = true;
  await new Promise((resolve) => setImmediate(resolve));
  for (let i = 0; i < 5; i += 1) void recheck.request(U, task, vote());
  void recheck.request(U, task, vote(undefined, 'b'));
  await until('both answers', () => checked.length === 2);
  for (let i = 0; i < 5; i += 1) void recheck.request(U, task, vote());
  t.equal(loads(), 3);
  for (let i = 0; i < 200; i += 1) void recheck.request({ ...U, id: `unit ${i}` }, task, vote());
  const began = performance.now();
  await recheck.stop();
  t.ok(checked.length <= 4, 'what has not begun is not done any more');
  t.ok(performance.now() - began < 2000);
});

const info: DatasetInfo = {
  ...{ symbol: 'BTC', quote: 'USD', source: 'x', sample: false, barMs: 300_000, hash: hexOf(hash('data')), bars: 9000 },
  ...{ from: 0, to: 1, gaps: [], bytes: 9 },
} as DatasetInfo;
const other = { ...info, hash: `${info.hash.slice(0, 10)}${'0'.repeat(54)}` };

t.test('job input: presets filled in, each wrong value named, and what comes out is an entry', async (t) => {
  const prepare = (input: object) =>
    prepareJob({ dataset: info.hash, ...input }, [info, other], 'ab'.repeat(32), () => 'drawn');
  const job = prepare({});
  t.ok(KINDS.job.safeParse(job).success);
  t.match(job, { seed: 'drawn', units: 6, validation: { mode: 'replicate', replicas: 2, quorum: 2, most: 5 } });
  t.match(job.search, { preset: 'standard', risk: 'medium', population: 200, generations: 100 });
  t.match(prepare({ population: 50 }).search, { preset: 'custom', population: 50, generations: 100 });
  t.same(prepare({ validation: 'fuzzy', replicas: 3 }).validation, {
    mode: 'fuzzy',
    replicas: 3,
    quorum: 3,
    most: 6,
    tolerance: 0.1,
  });
  t.equal(prepareJob({ dataset: info.hash.slice(0, 12) }, [info, other], 'ab'.repeat(32), () => 's').seed, 's');
  const near = { ...info, hash: '1'.repeat(64), symbol: 'ETH' };
  const coarse = { ...info, hash: '2'.repeat(64), barMs: 3_600_000 };
  const off = { ...near, hash: '3'.repeat(64), from: 100_000 };
  const among = (others: string[], changes: object = {}) =>
    prepareJob({ dataset: info.hash, others, ...changes }, [info, near, coarse, off], 'ab'.repeat(32), () => 's')
      .search;
  t.same(among(['111111', near.hash]).others, [near.hash]);
  t.notOk('others' in job.search, 'nothing of them where none are named');
  for (const others of [[info.hash], ['222222'], Array(5).fill(near.hash)])
    t.throws(() => among(others), { field: 'others', code: 'bad_value', status: 422 }, others[0]!);
  t.throws(() => among(['444444']), { field: 'others', code: 'dataset_missing' });
  t.throws(
    () => among(['333333'], { market: 'perpetual' }),
    { field: 'others', code: 'bad_value' },
    'no funding there',
  );
  const wrong: [object, string, string][] = [
    [{ dataset: 'zz' }, 'dataset', 'dataset_missing'],
    [{ dataset: info.hash.slice(0, 8) }, 'dataset', 'dataset_missing'],
    [{ units: 0 }, 'units', 'out_of_range'],
    [{ units: 1.5 }, 'units', 'out_of_range'],
    [{ units: Number.NaN }, 'units', 'out_of_range'],
    [{ replicas: 6 }, 'replicas', 'out_of_range'],
    [{ tolerance: 0.2 }, 'tolerance', 'bad_value'],
    [{ validation: 'fuzzy', tolerance: 2 }, 'tolerance', 'out_of_range'],
    [{ population: 3 }, 'population', 'out_of_range'],
    [{ fee: 0.5 }, 'fee', 'out_of_range'],
    [{ market: 'futures' }, 'market', 'bad_value'],
    [{ leverage: 3 }, 'leverage', 'bad_value'],
    [{ market: 'perpetual', leverage: 0.5 }, 'leverage', 'out_of_range'],
    [{ market: 'perpetual', leverage: 50, maintenance: 0.02 }, 'maintenance', 'out_of_range'],
  ];
  for (const [input, field, code] of wrong)
    t.throws(() => prepare(input), { field, code, status: 422 }, JSON.stringify(input));
});

t.test('a job on perpetual futures carries its terms, on candles that funding fits', async (t) => {
  const prepare = (input: object, changes: object = {}) =>
    prepareJob(
      { dataset: info.hash, market: 'perpetual', ...input },
      [{ ...info, ...changes }],
      'ab'.repeat(32),
      () => 's',
    );
  const job = prepare({ leverage: 5, slippage: 0.001 });
  t.ok(KINDS.job.safeParse(job).success);
  t.same(job.search.costs, {
    ...{ fee: 0.0005, makerFee: 0.0002, slippage: 0.001, spread: 0 },
    perpetual: { leverage: 5, fundingRate: 0.0001, fundingHours: 8, maintenance: 0.005, liquidationFee: 0.005 },
  });
  t.same(parseSearchSpec(job.search), job.search, 'and any machine can read them');
  t.equal(job.name, 'BTC 5m perpetual ×5');
  t.throws(() => prepare({}, { barMs: 86_400_000 }), { field: 'fundingHours', code: 'bad_funding', status: 422 });
});

t.test('problems are told once until they change or are solved', async (t) => {
  const logged: string[] = [];
  const note = (level: string) => (_: object, message: string) => void logged.push(`${level} ${message}`);
  const events = createEvents({ info: note('info'), warn: note('warn'), debug: note('debug') }, () => 0);
  const seen: string[] = [];
  const stop = events.subscribe(({ type, message }) => seen.push(`${type} ${message}`));
  for (let i = 0; i < 3; i += 1) events.problem('disk', 'full');
  events.problem('disk', 'fuller');
  t.same(seen, ['problem full', 'problem fuller']);
  t.same(events.problems(), [{ code: 'disk', message: 'fuller' }]);
  events.solved('disk');
  events.problem('disk', 'fuller');
  t.equal(seen.length, 3, 'what comes back is told again');
  for (let i = 0; i < 100; i += 1) events.problem(`p${i}`, 'x');
  t.equal(events.problems().length, 20);
  for (let i = 0; i < 500; i += 1) events.emit(i % 2 === 0 ? 'unit.progress' : 'node.mode', String(i));
  t.same(
    events.recent(2).map(({ message }) => message),
    ['499', '497'],
    'without the ticking',
  );
  t.equal(events.recent(1000).length, 200);
  t.ok(logged.includes('debug 0') && logged.includes('info 1') && logged.includes('warn full'));
  stop();
  events.emit('node.mode', 'unheard');
  t.notOk(seen.includes('node.mode unheard'));
  t.equal(codeName('00ff'), codeName('00ff77'));
  t.equal(
    new Set(
      Array.from({ length: 4096 }, (_, i) =>
        codeName((i % 64).toString(16).padStart(2, '0') + (i >> 6).toString(16).padStart(2, '0')),
      ),
    ).size,
    4096,
  );
});

t.test('candles: one look at a time, damage is told and mended by a new file, three stay in memory', async (t) => {
  let listed: DatasetInfo[] = [info];
  let broken = true;
  let loads = 0;
  let looking = 0;
  let most = 0;
  const store = {
    async list() {
      looking += 1;
      most = Math.max(most, looking);
      const answer = listed;
      await new Promise((resolve) => setImmediate(resolve));
      looking -= 1;
      return answer;
    },
    async load(wanted: string) {
      loads += 1;
      if (broken) throw new Error('damaged');
      return { hash: wanted };
    },
  } as unknown as DataStore;
  const damaged: string[] = [];
  const cache = await openCandleCache(store, (wanted) => damaged.push(wanted));
  t.equal(await cache.candles('nothing'), undefined);
  t.equal(await cache.candles(info.hash), undefined);
  t.same(damaged, [info.hash]);
  t.notOk(cache.has(info.hash), 'it counts as missing');
  await cache.candles(info.hash);
  t.equal(loads, 1, 'and is not read again and again');
  broken = false;
  listed = [info, other];
  const [first, second] = await Promise.all([cache.refresh(), cache.refresh()]);
  t.equal(most, 1);
  t.same([first!.map((each) => each.hash), second], [[info.hash, other.hash], []], 'each is new once');
  t.ok(cache.has(info.hash));
  listed = Array.from({ length: 5 }, (_, i) => ({ ...info, hash: String(i) }));
  await cache.refresh();
  loads = 0;
  for (const each of listed) await cache.candles(each.hash);
  await Promise.all([cache.candles('4'), cache.candles('3'), cache.candles('2')]);
  t.equal(loads, 5);
  await cache.candles('0');
  t.equal(loads, 6);
});

t.test('rates: unknown until measured; what was there before is no news', async (t) => {
  const world = { now: 0, count: 0 };
  const rate = createRate(
    () => world.now,
    () => world.count,
  );
  t.equal(rate(), null);
  for (let i = 0; i < 30; i += 1) {
    world.now += 1000;
    world.count += 50;
    rate();
  }
  t.equal(rate(), 50);
  let tick: () => void = () => undefined;
  const hold = (run: () => void): void => {
    tick = run;
  };
  t.intercept(globalThis, 'setInterval', { value: hold, configurable: true });
  const measured: { backtestsPerSecond: number | null; results: number | null } = {
    backtestsPerSecond: null,
    results: null,
  };
  const throughput = startThroughput(
    () => 0,
    () => measured,
  );
  for (const results of [500, 503, 503, 100]) {
    tick();
    measured.results = results;
  }
  tick();
  t.same(
    throughput.samples().map((sample) => sample.results),
    [0, 0, 3, 0, 0],
  );
  for (let i = 0; i < 1000; i += 1) tick();
  t.equal(throughput.samples().length, 360);
  throughput.stop();
});
