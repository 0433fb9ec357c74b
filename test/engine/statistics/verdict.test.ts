// Verdicts: what each gate asks, that order plays no part, that both languages say it, and that the whole pipeline calls hardly
// anything significant where nothing is, and what is planted where something is.
import fc from 'fast-check';
import t from 'tap';
import { Evaluator } from '../../../src/engine/fast/evaluator.ts';
import { parseStrategy } from '../../../src/engine/parse-strategy.ts';
import { sampleCandles } from '../../../src/engine/sample.ts';
import { presetSpec } from '../../../src/engine/search-spec.ts';
import { judgeJob } from '../../../src/engine/statistics/judge-job.ts';
import { holm } from '../../../src/engine/statistics/multiple-tests.ts';
import { shapeOf } from '../../../src/engine/statistics/return-shape.ts';
import { searchAndJudge } from '../../../src/engine/statistics/search-and-judge.ts';
import { deflatedSharpe, probabilisticSharpe } from '../../../src/engine/statistics/sharpe-tests.ts';
import { OtherMarket } from '../../../src/engine/statistics/stress.ts';
import { randomWalk } from '../../../src/engine/statistics/surrogates.ts';
import { DEFAULT_THRESHOLDS, parseThresholds } from '../../../src/engine/statistics/thresholds.ts';
import { Tracker } from '../../../src/engine/statistics/track.ts';
import {
  bestVerdict,
  GATE_CODES,
  type GateFigures,
  gatesOf,
  verdictOf,
} from '../../../src/engine/statistics/verdict.ts';
import { describeGate, describeJob, nameVerdict, reasonsFor } from '../../../src/engine/statistics/verdict-words.ts';
import type { Strategy } from '../../../src/engine/strategy.ts';

const spec = presetSpec({ preset: 'quick', risk: 'medium' });

const PASSES: GateFigures = {
  unseenTrades: 20,
  unseenReturn: 0.01,
  unseenP: 0.05,
  superiorAbility: 0.05,
  luck: 0.05,
  neighboursProfitable: 0.5,
  lossProbability: 0.25,
  permutation: 0.05,
  noiseProfitable: 0.5,
};
/** Each figure just beyond its limit. */
const BEYOND: GateFigures = {
  unseenTrades: 19,
  unseenReturn: 0,
  unseenP: 0.0501,
  superiorAbility: 0.0501,
  luck: 0.0501,
  neighboursProfitable: 0.49,
  lossProbability: 0.26,
  permutation: 0.0501,
  noiseProfitable: 0.49,
};
const judge = (figures: GateFigures, alone: number) => {
  const gates = gatesOf(figures, DEFAULT_THRESHOLDS);
  return verdictOf(gates, alone, DEFAULT_THRESHOLDS);
};

t.test('significant takes every gate, promising an unseen gain and one kind of evidence', async (t) => {
  t.equal(judge(PASSES, 0.01), 'significant');
  t.same(
    gatesOf(PASSES, DEFAULT_THRESHOLDS).map(({ code }) => code),
    GATE_CODES,
  );
  for (const [index, key] of (Object.keys(PASSES) as (keyof GateFigures)[]).entries()) {
    const figures = { ...PASSES, [key]: BEYOND[key] };
    const failed = gatesOf(figures, DEFAULT_THRESHOLDS).filter(({ holds }) => !holds);
    t.same(
      failed.map(({ code }) => code),
      [GATE_CODES[index]],
      key,
    );
    t.equal(judge(figures, 0.01), key === 'unseenReturn' ? 'not_significant' : 'promising');
  }
  t.equal(judge({ ...PASSES, luck: 0.3, unseenP: 0.2 }, 0.06), 'not_significant', 'neither kind of evidence');
  t.equal(judge({ ...PASSES, luck: 0.3, unseenP: 0.2 }, 0.05), 'promising', 'significant but for the others');
  t.equal(judge({ ...PASSES, unseenP: 0.2 }, 0.2), 'promising', 'in sample only');
  t.equal(
    judge({ ...PASSES, neighboursProfitable: null }, 0.01),
    'promising',
    'what could not be measured is not held',
  );
  const unasked = { ...PASSES, permutation: undefined, lossProbability: undefined, noiseProfitable: undefined };
  t.equal(judge(unasked, 0.01), 'significant');
  t.equal(gatesOf(unasked, DEFAULT_THRESHOLDS).length, GATE_CODES.length - 3);
  t.equal(bestVerdict(['not_significant', 'significant', 'promising']), 'significant');
  t.equal(bestVerdict([]), 'not_significant');
});

t.test('thresholds from outside', async (t) => {
  t.same(parseThresholds({}), DEFAULT_THRESHOLDS);
  t.same(parseThresholds({ v: 1, level: 0.01, unseenTrades: 100 }), {
    ...DEFAULT_THRESHOLDS,
    level: 0.01,
    unseenTrades: 100,
  });
  t.throws(() => parseThresholds({ level: 0.6 }), { code: 'out_of_range', field: 'level' });
  t.throws(() => parseThresholds({ unseenTrades: 1.5 }), { code: 'bad_value', field: 'unseenTrades' });
  t.throws(() => parseThresholds({ levle: 0.01 }), { code: 'unknown_key' });
});

t.test('both languages say every gate, held or not, with its figure', async (t) => {
  for (const figures of [PASSES, BEYOND]) {
    for (const gate of gatesOf(figures, DEFAULT_THRESHOLDS)) {
      const [en, es] = [describeGate(gate), describeGate(gate, 'es')];
      t.not(en, es);
      const digits = (text: string) => text.replaceAll(',', '.').match(/[\d.]*\d/g);
      t.same(digits(en), digits(es), `${en} | ${es}`);
      t.match(en, gate.code === 'unseen_profit' ? /%/ : /\d/);
    }
  }
  t.equal(
    describeGate({ code: 'luck', holds: false, figure: 0.1234, limit: 0.05 }),
    'so many trials find as much in sample by luck (p = 0.123; at most 0.050)',
  );
  t.match(describeGate({ code: 'luck', holds: true, figure: 1e-7, limit: 0.05 }, 'es'), 'menos de 0,0001');
  t.match(describeGate({ code: 'neighbourhood', holds: false, figure: null, limit: 0.5 }), 'unknown');
  t.equal(nameVerdict('not_significant', 'es'), 'no significativa');
  const stress = { once: 0.1, twice: 0.05, thrice: -0.01, late: -0.02 };
  const said = (figures: GateFigures) => reasonsFor({ gates: gatesOf(figures, DEFAULT_THRESHOLDS), stress });
  t.equal(said(PASSES).length, GATE_CODES.length - 3 + 2, 'what it holds, less the gates of the job, and two cautions');
  t.same(said({ ...PASSES, luck: 0.5, permutation: 0.5 }), [
    'so many trials find as much in sample by luck (p = 0.500; at most 0.050)',
    'loses with 3 times the costs',
    'loses one bar late',
  ]);
  t.match(said({ ...PASSES, permutation: 0.5 })[0], /shuffled/, 'the only reason is told, though it is the job’s');
});

/** Buys after a sharp fall, as is planted in the sample. */
const planted = (fall: number, maxBars: number): Strategy =>
  parseStrategy({
    v: 1,
    side: 'long',
    entry: [[{ left: { indicator: 'roc', period: 4 }, op: '<', right: { value: -fall } }]],
    maxBars,
    size: { percentOfEquity: 50 },
  });

const candles = sampleCandles('judge', 14_000);
const evaluator = new Evaluator(candles, spec);
const score = async (strategies: readonly Strategy[]) => evaluator.evaluate(strategies);
const SMALLER: Strategy = { ...planted(2.5, 13), size: { percentOfEquity: 40 } };
/** The third is the first; the fourth trades like the second; the last holds too briefly to earn its fees. */
const CHAMPIONS = [planted(3, 14), planted(2.5, 13), planted(3, 14), SMALLER, planted(2, 3)];
const TRIALS = [
  { count: 500, meanSharpe: -1, varianceSharpe: 3 },
  { count: 700, meanSharpe: 0.5, varianceSharpe: 2 },
];

t.test('a job: duplicates merged, figures as defined, the order of what comes in plays no part', async (t) => {
  const job = { candles, spec, champions: CHAMPIONS, trials: TRIALS };
  const report = await judgeJob(job, DEFAULT_THRESHOLDS, score);
  t.equal(report.strategies.length, 3);
  const turned = { ...job, champions: [...CHAMPIONS].reverse(), trials: [...TRIALS].reverse() };
  t.same(JSON.stringify(await judgeJob(turned, DEFAULT_THRESHOLDS, score)), JSON.stringify(report));
  t.equal(report.trials.count, 1200);
  const tracker = new Tracker(candles, spec);
  const tracks = report.strategies.map(({ strategy }) => tracker.follow(strategy));
  const adjusted = holm(tracks.map(({ unseen }) => 1 - probabilisticSharpe(shapeOf(unseen), 0)));
  for (const [s, { gates, verdict, unseenReturn }] of report.strategies.entries()) {
    const figure = (code: string) => gates.find((gate) => gate.code === code)?.figure;
    const { outOfSample, holdout } = tracks[s]!;
    const [first, last] = [outOfSample.metrics.return, holdout.metrics.return];
    t.equal(figure('unseen_profit'), Math.min(first, last));
    t.ok(Math.abs(unseenReturn - ((1 + first) * (1 + last) - 1)) < 1e-12);
    t.equal(figure('unseen_p'), adjusted[s]);
    t.equal(figure('unseen_trades'), outOfSample.trades.length + holdout.trades.length);
    t.equal(figure('noise') === undefined, verdict !== 'significant', 'noise is asked of what passes all else');
    t.equal(figure('superior_ability'), report.superiorAbility!.consistent);
    t.equal(figure('loss_probability'), report.overfitting?.lossProbability);
  }
  t.equal(report.strategies[0]!.verdict, 'significant', reasonsFor(report.strategies[0]!).join('; '));
  t.equal(report.strategies.at(-1)!.verdict, 'not_significant', 'three bars do not earn the fees');
  const [best] = report.strategies;
  const track = new Tracker(candles, spec).follow(best!.strategy);
  const inSample = shapeOf(track.inSample.returns);
  const year = 365 * 24;
  const variance = report.trials.varianceSharpe! / year;
  t.equal(best!.deflatedSharpe, deflatedSharpe(inSample, { count: 1200, variance }));
  t.ok(Math.abs(best!.inSampleSharpe - track.inSample.metrics.sharpe!) < 0.05, 'as reported, but for the parts’ seams');
  const luck = best!.gates.find(({ code }) => code === 'luck')!.figure!;
  t.equal(luck, 1 - deflatedSharpe(inSample, { count: 1200, variance: 1 / (inSample.count - 1) }));
  t.equal(best!.probabilisticSharpe, 1 - (1 - probabilisticSharpe(shapeOf(track.unseen), 0)));
  t.equal(report.verdict, 'significant', reasonsFor(best!).join('; '));
  t.equal(report.permutation, null);
  const others = [sampleCandles('elsewhere', 3000)];
  const [abroad] = (await judgeJob({ ...job, others }, DEFAULT_THRESHOLDS, score)).strategies;
  t.same(abroad!.others, [
    { dataset: others[0]!.hash, symbol: 'SAMPLE-USD', ...new OtherMarket(others[0]!, spec).run(abroad!.strategy) },
  ]);
  t.same({ ...abroad, others: [] }, best, 'other markets change no verdict');
  t.match(describeJob(report).join(' '), /1,200 strategies were tried.*not re-run on permuted bars/);
});

t.test('more trials never make a verdict better', async (t) => {
  const verdicts = [];
  for (const count of [100, 1e5, 1e9, 1e14]) {
    const trials = [{ count, meanSharpe: 0, varianceSharpe: 2 }];
    const report = await judgeJob({ candles, spec, champions: CHAMPIONS, trials }, DEFAULT_THRESHOLDS, score);
    const { figure: luck, limit } = report.strategies[0]!.gates.find(({ code }) => code === 'luck')!;
    const { years, trials: most } = report.needs!;
    t.equal(luck! <= limit, years <= report.inSampleYears, 'what is needed and what is asked agree');
    t.equal(luck! <= limit, count <= most);
    t.equal(/would need/.test(describeJob(report).join(' ')), luck! > limit);
    verdicts.push(report.strategies[0]!.gates.find(({ code }) => code === 'luck')!.figure!);
  }
  t.same(
    verdicts,
    [...verdicts].sort((a, b) => a - b),
  );
  t.ok(verdicts[0]! < verdicts[3]!);
});

t.test('luck is measured against all that was ever tried on these candles, not this job alone', async (t) => {
  const elsewhere = { count: 1e14, meanSharpe: -2, varianceSharpe: 5 };
  const job = { candles, spec, champions: CHAMPIONS, trials: TRIALS };
  const alone = await judgeJob(job, DEFAULT_THRESHOLDS, score);
  const report = await judgeJob({ ...job, searched: [elsewhere, ...TRIALS] }, DEFAULT_THRESHOLDS, score);
  t.same([report.trials.count, report.searched.count], [1200, 1e14 + 1200]);
  t.same(alone.searched, alone.trials);
  const [best] = report.strategies;
  const inSample = shapeOf(new Tracker(candles, spec).follow(best!.strategy).inSample.returns);
  const luck = best!.gates.find(({ code }) => code === 'luck')!.figure!;
  t.equal(luck, 1 - deflatedSharpe(inSample, { count: 1e14 + 1200, variance: 1 / (inSample.count - 1) }));
  t.equal(best!.deflatedSharpe, alone.strategies[0]!.deflatedSharpe);
  const { count, varianceSharpe } = report.searched;
  t.equal(best!.deflatedSharpeSearched, deflatedSharpe(inSample, { count, variance: varianceSharpe! / (365 * 24) }));
  t.match(
    describeJob(report).join(' '),
    /1,200 strategies were tried, with all other jobs on these candles 100,000,000,001,200/,
  );
  t.match(describeJob(report, 'es').join(' '), /Se probaron 1\.200 estrategias, con todos los demás/);
});

t.test('nothing to judge is a verdict too', async (t) => {
  const report = await judgeJob({ candles, spec, champions: [], trials: TRIALS }, DEFAULT_THRESHOLDS, score);
  t.equal(report.verdict, 'not_significant');
  t.same(describeJob(report), ['Nothing significant was found.', 'No strategy traded enough to be judged.']);
  const never = planted(90, 3);
  const idle = await judgeJob({ candles, spec, champions: [never], trials: TRIALS }, DEFAULT_THRESHOLDS, score);
  t.equal(idle.verdict, 'not_significant', 'who never trades is judged, and is nothing');
  t.equal(idle.strategies[0]!.minTrackYears, null);
});

t.test('stricter thresholds never make a verdict better (seed 31)', async () => {
  const rank = { not_significant: 0, promising: 1, significant: 2 };
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const figures = fc.record({
    unseenTrades: fc.nat(40),
    unseenReturn: fc.double({ min: -0.1, max: 0.1, noNaN: true }),
    unseenP: share,
    superiorAbility: share,
    luck: share,
    neighboursProfitable: share,
    lossProbability: share,
    permutation: share,
    noiseProfitable: share,
  });
  fc.assert(
    fc.property(figures, share, share, (found, alone, level) => {
      const strict = { ...DEFAULT_THRESHOLDS, level: level / 4, unseenTrades: 25 };
      const loose = { ...DEFAULT_THRESHOLDS, level: level / 2 };
      const under = (thresholds: typeof strict) => rank[verdictOf(gatesOf(found, thresholds), alone, thresholds)];
      return under(strict) <= under(loose);
    }),
    { seed: 31, numRuns: 1000 },
  );
});

t.test('the whole pipeline: nothing in random walks, also without a fee; a planted edge is found', async (t) => {
  const judgeAll = async (count: number, job: (index: number) => ReturnType<typeof searchAndJudge>) => {
    const verdicts: string[] = [];
    for (let index = 0; index < count; index++) verdicts.push((await job(index)).verdict);
    return verdicts;
  };
  const options = (seed: string, units: number) => ({ seed, spec, units, permutations: 0 });
  const free = presetSpec({ preset: 'quick', risk: 'medium', overrides: { costs: { fee: 0 } } });
  const walks = await judgeAll(6, (index) =>
    searchAndJudge(
      randomWalk(`small ${index}`, 3000),
      { ...options(`${index}`, 1), spec: index % 2 === 0 ? spec : free },
      DEFAULT_THRESHOLDS,
    ),
  );
  t.equal(walks.filter((verdict) => verdict === 'significant').length, 0, walks.join(' '));
  const edges = await judgeAll(2, (index) =>
    searchAndJudge(sampleCandles(`planted ${index}`, 20_000), options(`${index}`, 4), DEFAULT_THRESHOLDS),
  );
  t.same(edges, ['significant', 'significant']);
  const permuted = await searchAndJudge(
    sampleCandles('permuted', 14_000),
    { ...options('p', 1), permutations: 9 },
    DEFAULT_THRESHOLDS,
  );
  t.equal(permuted.permutation, 0.1, 'what is planted is not found where bars are permuted');
  t.ok(permuted.strategies[0]!.gates.some(({ code, holds }) => code === 'permutation' && !holds));
});
