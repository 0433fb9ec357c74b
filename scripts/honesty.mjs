// Does the program fool its owner? Searches and judges with the default thresholds: on fresh series without an edge, nearly
// nothing may be called significant; on series with a planted edge, nearly everything. The numbers in docs/engine.md come from
// here. Options: --null N series without an edge (default 100): random walks, and with --data FILE every other one its bars in
// shuffled blocks of a day; --planted N (default 10); --fee RATE; --units N; --permutations N.
import { parseArgs } from 'node:util';

const load = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { toUtf8 } = await load('engine/hash.js');
const { openStream } = await load('engine/random.js');
const { sampleCandles } = await load('engine/sample.js');
const { embargoFor } = await load('engine/search/embargo.js');
const { presetSpec } = await load('engine/search-spec.js');
const { searchAndJudge } = await load('engine/statistics/search-and-judge.js');
const { randomWalk, shuffleBlocks } = await load('engine/statistics/surrogates.js');
const { DEFAULT_THRESHOLDS } = await load('engine/statistics/thresholds.js');
const { readCandleFile } = await load('node/candle-file.js');

const { values } = parseArgs({
  options: {
    null: { type: 'string', default: '100' },
    planted: { type: 'string', default: '10' },
    data: { type: 'string' },
    fee: { type: 'string' },
    units: { type: 'string', default: '4' },
    permutations: { type: 'string', default: '0' },
  },
});
const WALK_BARS = 7000;
const PLANTED_BARS = 20_000;
const DAY_MS = 86_400_000;
const costs = values.fee === undefined ? {} : { costs: { fee: Number(values.fee) } };
const preset = presetSpec({ preset: 'quick', risk: 'medium', overrides: { allowShort: true, ...costs } });
const real = values.data === undefined ? undefined : (await readCandleFile(values.data)).candles;

function withoutEdge(index) {
  if (real === undefined || index % 2 === 0) return randomWalk(`null ${index}`, WALK_BARS);
  return shuffleBlocks(real, DAY_MS / real.barMs, openStream(toUtf8('null'), index));
}

async function judge(what, count, candlesOf) {
  const tally = { significant: 0, promising: 0, not_significant: 0 };
  let longest = 0;
  for (let index = 0; index < count; index++) {
    const candles = candlesOf(index);
    const start = performance.now();
    const job = {
      seed: `${what} ${index}`,
      spec: { ...preset, embargo: embargoFor(candles, preset) },
      units: Number(values.units),
      permutations: Number(values.permutations),
    };
    const report = await searchAndJudge(candles, job, DEFAULT_THRESHOLDS);
    longest = Math.max(longest, performance.now() - start);
    tally[report.verdict]++;
    if (report.verdict !== (what === 'planted' ? 'significant' : 'not_significant')) {
      const [best] = report.strategies;
      const failed = best?.gates
        .filter(({ holds }) => !holds)
        .map(({ code, figure }) => `${code} ${figure?.toFixed(3)}`);
      console.log(`  ${what} ${index}: ${report.verdict}; the best in sample fails ${failed?.join(', ') || 'nothing'}`);
    }
  }
  const words = Object.entries(tally).map(([verdict, times]) => `${times} ${verdict}`);
  console.log(`${what}: ${words.join(', ')} of ${count}; the longest took ${(longest / 1000).toFixed(1)} s`);
}

console.log(`quick × ${values.units} units, fee ${preset.costs.fee}, ${values.permutations} permutations, one thread`);
await judge('null', Number(values.null), withoutEdge);
await judge('planted', Number(values.planted), (index) => sampleCandles(`planted ${index}`, PLANTED_BARS));
