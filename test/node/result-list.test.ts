// The list of strategies is read once for as long as nothing in it can be another, and again as soon as something can.
import '../../src/node/polyfill.ts';
import t from 'tap';
import { sampleCandles } from '../../src/engine/sample.ts';
import { presetSpec } from '../../src/engine/search-spec.ts';
import type { Vote } from '../../src/ledger/verdict.ts';
import type { CandleCache } from '../../src/node/candle-cache.ts';
import { ResultList } from '../../src/node/result-views.ts';
import type { World } from '../../src/node/views.ts';
import { job } from '../ledger/support/people.ts';
import { homeOf, machine } from './support/machine.ts';

t.test('made anew for another version or name', async (t) => {
  let made = 0;
  const worldOf = (version: string, name: string): World =>
    ({
      version,
      state: {
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
  const first = list.of(worldOf('r', 'ada'));
  t.equal(list.of(worldOf('r', 'ada')), first, 'the same list');
  t.equal(made, 1);
  for (const [version, name] of [
    ['s', 'ada'],
    ['s', 'eve'],
    ['r', 'ada'],
  ] as const) {
    const before = made;
    t.not(list.of(worldOf(version, name)), first);
    t.equal(made, before + 1, `${version} ${name}`);
  }
});

t.test('a session has another version with each entry and each check', async (t) => {
  const candles = sampleCandles('version', 1200);
  const data = { list: () => [], has: () => true, candles: async () => candles, refresh: async () => [] };
  const node = machine(t, homeOf(t), 'a', { data: data as unknown as CandleCache });
  await node.place.enter(undefined);
  const { ledger, recheck, world } = node.session();
  const versions = [world().version];
  const { id } = await ledger.append('job', job());
  versions.push(world().version);
  const spec = presetSpec({ preset: 'quick', risk: 'medium', overrides: { warmup: 60 } });
  const task = { dataset: candles.hash, seed: '', spec, unit: 0 };
  // An answer without champions holds.
  const vote = { answer: 'a', result: { champions: [] } } as unknown as Vote;
  await recheck.request({ id: 'u', job: id, index: 0 }, task, vote);
  t.match(recheck.get('u', 'a'), { state: 'holds' });
  versions.push(world().version);
  t.equal(new Set(versions).size, 3, versions.join(' | '));
});
