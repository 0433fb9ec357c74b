// The verdict on a whole job: what its search found, how it fared on bars that the search never saw, what the number of trials
// makes of it, and what would be needed to know more.
import type { Candles } from '../candles.ts';
import type { Evaluation } from '../fitness.ts';
import { toUtf8 } from '../hash.ts';
import { lookBackOf } from '../look-back.ts';
import { periodsPerYear } from '../metrics.ts';
import type { SegmentMetrics, Trials } from '../outcome.ts';
import { openStream, type RandomStream } from '../random.ts';
import type { SearchSpec } from '../search-spec.ts';
import type { Strategy } from '../strategy.ts';
import { strategyHash } from '../strategy-hash.ts';
import { type OverfittingReport, overfittingOf } from './cscv.ts';
import { groupByCorrelation, mergeDuplicates } from './groups.ts';
import { holm } from './multiple-tests.ts';
import { type Neighbourhood, neighbourhoodOf, neighboursOf } from './neighbourhood.ts';
import { type PermutationReport, type Permutations, permutationP, reportPermutations } from './permutation.ts';
import { type PathsReport, purgedPaths } from './purged-paths.ts';
import { type ReturnShape, shapeOf } from './return-shape.ts';
import {
  deflatedSharpe,
  luckySharpe,
  maxTrials,
  maxTrialsAboveLuck,
  minBacktestYears,
  minReturnsAboveLuck,
  minTrackRecord,
  probabilisticSharpe,
} from './sharpe-tests.ts';
import { blockLengthOf } from './stationary-bootstrap.ts';
import { type CostStress, noiseReturns, OtherMarket, returnOf, StressTest } from './stress.ts';
import { type SuperiorAbility, superiorAbility } from './superior-ability.ts';
import type { Thresholds } from './thresholds.ts';
import { Tracker } from './track.ts';
import { type DrawdownRisk, drawdownRisk, openOrders, SHUFFLES } from './trade-order.ts';
import { poolTrials } from './trial-pool.ts';
import { bestVerdict, type Gate, gatesOf, type Verdict, verdictOf } from './verdict.ts';
import { type WalkForward, walkForwardOf } from './walk-forward.ts';

const RESAMPLES = 1000;
const CSCV_BLOCKS = 16;
const NOISE_COPIES = 10;
/** Largest move of a noisy price, in ATR(14). */
const NOISE_SHARE = 0.1;

export interface JobToJudge {
  candles: Candles;
  spec: SearchSpec;
  /** Champions of all units, in any order, repeated or not. */
  champions: readonly Strategy[];
  /** Trials of each unit. */
  trials: readonly Trials[];
  /** Trials of all units that were ever searched on these candles, in whatever job, this one's included; absent: only these. */
  searched?: readonly Trials[];
  /** The search re-run on permuted bars; absent: not asked for. */
  permutations?: Permutations;
  /** Other markets, or other stretches of history, on which each strategy is run as it is. */
  others?: readonly Candles[];
  /** Data sets that were asked for as well and cannot be run, by hash. */
  othersMissing?: readonly string[];
}

/** Scores strategies in sample as the search did. */
export type Score = (strategies: readonly Strategy[]) => Promise<readonly Evaluation[]>;

export interface StrategyReport {
  hash: string;
  strategy: Strategy;
  verdict: Verdict;
  gates: Gate[];
  /** 0-based; strategies of one group are one bet. */
  group: number;
  /** Annualised. */
  inSampleSharpe: number;
  /** Annualised, over out of sample and holdout. */
  unseenSharpe: number;
  /** Net return on unseen bars, a fraction. */
  unseenReturn: number;
  unseenTrades: number;
  /** PSR of the unseen returns against 0. */
  probabilisticSharpe: number;
  /** DSR of the in-sample returns with N and V over all trials of the job. */
  deflatedSharpe: number;
  /** The same over all trials on these candles. */
  deflatedSharpeSearched: number;
  /** Years of unseen bars after which its unseen Sharpe ratio would pass; null if it is not above 0. */
  minTrackYears: number | null;
  walkForward: WalkForward;
  stress: CostStress;
  neighbourhood: Neighbourhood;
  drawdown: DrawdownRisk;
  /** On all bars of each other market, in the order asked for. */
  others: (SegmentMetrics & { dataset: string; symbol: string })[];
}

/** How much history, or how few trials, a Sharpe ratio as good as the best one needs. Years are of in-sample bars. */
export interface JobNeeds {
  /** MinBTL: until the best of as many trials without skill is expected to show less. */
  minBacktestYears: number;
  /** Most trials for which the history at hand is as long as MinBTL asks. */
  maxTrials: number;
  /** Until the gate `luck` holds. */
  years: number;
  /** Most trials with which it would hold with the history at hand; 0: not even one. */
  trials: number;
}

export interface JobReport {
  verdict: Verdict;
  thresholds: Thresholds;
  /** Over all units; Sharpe ratios annualised. */
  trials: Trials;
  /** Over all jobs on these candles: luck is measured against these. */
  searched: Trials;
  /** Best first; duplicates by behaviour are merged. */
  strategies: StrategyReport[];
  /** Groups of strategies that are one bet. */
  groups: number;
  superiorAbility: SuperiorAbility | null;
  /** CSCV over the first strategy of each group on unseen bars; null for fewer than two groups. */
  overfitting: Omit<OverfittingReport, 'logits'> | null;
  /** CPCV over the same strategies, Sharpe ratio annualised; null for fewer than two groups. */
  crossValidation: PathsReport | null;
  /** p-value of the search among its re-runs on permuted bars; null until all are done, and where none were asked for. */
  permutation: number | null;
  /** How far they have come; null where none were asked for. */
  permutations: PermutationReport | null;
  /** Other markets that were asked for and are not here. */
  othersMissing: readonly string[];
  /** Years of in-sample and of unseen bars. */
  inSampleYears: number;
  unseenYears: number;
  /** Annualised in-sample Sharpe ratio that the best of as many trials without skill would show. */
  luckySharpe: number;
  /** For the best in-sample Sharpe ratio; null if that is not above 0. */
  needs: JobNeeds | null;
}

/** What is kept of a champion's track: of its returns only the unseen ones. */
interface Entry {
  strategy: Strategy;
  hash: string;
  behaviour: string;
  returns: Float64Array;
  inSample: ReturnShape;
  unseen: ReturnShape;
  /** Net unseen return, and the smaller one of its two parts. */
  gained: number;
  gainedLeast: number;
  /** Unseen trades as shares of equity. */
  trades: Float64Array;
  /** Longest look-back, and longest holding time of an unseen trade, in bars. */
  lookBack: number;
  held: number;
  walkForward: WalkForward;
}

function follow(tracker: Tracker, barMs: number, strategy: Strategy, hash: string): Entry {
  const track = tracker.follow(strategy);
  const { inSample, outOfSample, holdout, unseen, behaviour } = track;
  return {
    strategy,
    hash,
    behaviour,
    returns: unseen,
    inSample: shapeOf(inSample.returns),
    unseen: shapeOf(unseen),
    gained: returnOf(track),
    gainedLeast: Math.min(outOfSample.metrics.return, holdout.metrics.return),
    trades: joined(outOfSample.trades, holdout.trades),
    lookBack: lookBackOf(strategy, barMs),
    held: track.held,
    walkForward: walkForwardOf(inSample.returns, outOfSample.returns),
  };
}

function followAll({ candles, spec, champions }: JobToJudge): Entry[] {
  const tracker = new Tracker(candles, spec);
  const named = champions.map((strategy) => ({ strategy, hash: strategyHash(strategy) }));
  const entries = mergeDuplicates(named, ({ hash }) => hash).map(({ strategy, hash }) =>
    follow(tracker, candles.barMs, strategy, hash),
  );
  const byRank = (a: Entry, b: Entry) => b.inSample.sharpe - a.inSample.sharpe || (a.hash < b.hash ? -1 : 1);
  return mergeDuplicates(entries.sort(byRank), ({ behaviour }) => behaviour);
}

/** All that is known of the champions together. */
interface Together {
  ability: SuperiorAbility;
  overfitting: OverfittingReport | undefined;
  paths: PathsReport | null;
  groups: number[];
  alone: number[];
  adjusted: number[];
}

function judgeTogether(entries: readonly Entry[], random: RandomStream, thresholds: Thresholds): Together {
  const returns = entries.map((entry) => entry.returns);
  const bars = returns[0]!.length;
  // The optimal length grows with n^(1/3): no shorter than that, whatever the sample says. It also bounds the work.
  const floor = bars < 8 ? 1 : cubeRoot(bars);
  const blockLength = returns.reduce((most, row) => Math.max(most, blockLengthOf(row)), floor);
  const groups = groupByCorrelation(returns, thresholds.sameBet);
  const first = entries.filter((_, s) => groups.indexOf(groups[s]!) === s);
  const leaders = first.map((entry) => entry.returns);
  const longest = (of: (entry: Entry) => number) => first.reduce((most, entry) => Math.max(most, of(entry)), 0);
  const alone = entries.map(({ unseen }) => 1 - probabilisticSharpe(unseen, 0));
  return {
    ability: superiorAbility(returns, { resamples: RESAMPLES, random, blockLength }),
    overfitting: leaders.length < 2 ? undefined : overfittingOf(leaders, CSCV_BLOCKS),
    paths: purgedPaths(leaders, { held: longest(({ held }) => held), lookBack: longest(({ lookBack }) => lookBack) }),
    groups,
    alone,
    adjusted: holm(alone),
  };
}

/** The largest whole number whose cube is at most `n`. */
function cubeRoot(n: number): number {
  let root = 1;
  while ((root + 1) * (root + 1) * (root + 1) <= n) root++;
  return root;
}

class JobJudge {
  readonly #job: JobToJudge;
  readonly #thresholds: Thresholds;
  readonly #score: Score;
  readonly #entries: Entry[];
  readonly #trials: Trials;
  readonly #searched: Trials;
  readonly #periods: number;
  readonly #others: { candles: Candles; market: OtherMarket }[];

  constructor(job: JobToJudge, thresholds: Thresholds, score: Score) {
    this.#job = job;
    this.#thresholds = thresholds;
    this.#score = score;
    this.#entries = followAll(job);
    this.#trials = poolTrials(job.trials);
    this.#searched = job.searched === undefined ? this.#trials : poolTrials(job.searched);
    this.#periods = periodsPerYear(job.candles.barMs);
    this.#others = (job.others ?? []).map((candles) => ({ candles, market: new OtherMarket(candles, job.spec) }));
  }

  #stream(name: string): RandomStream {
    return openStream(toUtf8(this.#job.candles.hash), 'verdict', name);
  }

  /** Spread of Sharpe ratios of one bar: by chance alone over `count` bars, or as measured over all trials. */
  #chance(count: number) {
    return { count: this.#searched.count, variance: count < 2 ? 0 : 1 / (count - 1) };
  }

  /** Undefined where it was not asked for, null while it is not known. */
  get #permutation(): number | null | undefined {
    const { permutations } = this.#job;
    if (permutations === undefined) return undefined;
    return permutations.pending > 0 ? null : permutationP(permutations.best, permutations.scores);
  }

  async report(): Promise<JobReport> {
    const entries = this.#entries;
    const { permutations } = this.#job;
    const together =
      entries.length === 0 ? undefined : judgeTogether(entries, this.#stream('bootstrap'), this.#thresholds);
    const strategies = together === undefined ? [] : await this.#strategies(together);
    const best = entries[0];
    const years = (count: number | undefined) => (count ?? 0) / this.#periods;
    const { overfitting, paths = null } = together ?? {};
    return {
      verdict: bestVerdict(strategies.map(({ verdict }) => verdict)),
      thresholds: this.#thresholds,
      trials: this.#trials,
      searched: this.#searched,
      strategies,
      groups: new Set(together?.groups).size,
      superiorAbility: together?.ability ?? null,
      overfitting: overfitting === undefined ? null : withoutLogits(overfitting),
      crossValidation: paths && { ...paths, medianSharpe: this.#annual(paths.medianSharpe) },
      permutation: this.#permutation ?? null,
      permutations: permutations === undefined ? null : reportPermutations(permutations),
      othersMissing: this.#job.othersMissing ?? [],
      inSampleYears: years(best?.inSample.count),
      unseenYears: years(best?.unseen.count),
      luckySharpe: luckySharpe(this.#chance(best?.inSample.count ?? 0)) * Math.sqrt(this.#periods),
      needs: best === undefined ? null : this.#needsOf(best.inSample),
    };
  }

  #annual(sharpe: number | null): number | null {
    return sharpe === null ? null : sharpe * Math.sqrt(this.#periods);
  }

  #needsOf(best: ReturnShape): JobNeeds | null {
    const { count } = this.#searched;
    const confidence = 1 - this.#thresholds.level;
    const annual = best.sharpe * Math.sqrt(this.#periods);
    if (!(annual > 0)) return null;
    return {
      minBacktestYears: minBacktestYears(count, annual),
      maxTrials: maxTrials(best.count / this.#periods, annual),
      years: minReturnsAboveLuck(best, count, confidence) / this.#periods,
      trials: maxTrialsAboveLuck(best, confidence),
    };
  }

  async #strategies(together: Together): Promise<StrategyReport[]> {
    const { candles, spec } = this.#job;
    const stress = new StressTest(candles, spec);
    const reports: StrategyReport[] = [];
    for (const [s, entry] of this.#entries.entries()) {
      const neighbourhood = neighbourhoodOf(await this.#score(neighboursOf(entry.strategy)));
      reports.push(this.#judge(entry, s, together, stress.run(entry.strategy, entry.gained), neighbourhood));
    }
    return reports;
  }

  #judge(entry: Entry, s: number, together: Together, stress: CostStress, neighbourhood: Neighbourhood) {
    const { hash, strategy, inSample, unseen, trades } = entry;
    const thresholds = this.#thresholds;
    const root = Math.sqrt(this.#periods);
    const deflated = ({ count, varianceSharpe }: Trials): number =>
      deflatedSharpe(inSample, { count, variance: (varianceSharpe ?? 0) / this.#periods });
    const figures = {
      unseenTrades: trades.length,
      unseenReturn: entry.gainedLeast,
      unseenP: together.adjusted[s]!,
      superiorAbility: together.ability.consistent,
      luck: 1 - deflatedSharpe(inSample, this.#chance(inSample.count)),
      neighboursProfitable: neighbourhood.profitable,
      lossProbability: together.overfitting?.lossProbability,
      permutation: this.#permutation,
      noiseProfitable: undefined as number | undefined,
    };
    const passes = gatesOf(figures, thresholds).every(({ holds }) => holds);
    // Asked last, and only of what has passed all else: each copy is a market of its own.
    if (passes) figures.noiseProfitable = this.#noise(strategy, hash);
    const gates = gatesOf(figures, thresholds);
    const needed = minTrackRecord(unseen, 0, 1 - thresholds.level / this.#entries.length);
    return {
      hash,
      strategy,
      verdict: verdictOf(gates, together.alone[s]!, thresholds),
      gates,
      group: together.groups[s]!,
      inSampleSharpe: inSample.sharpe * root,
      unseenSharpe: unseen.sharpe * root,
      unseenReturn: entry.gained,
      unseenTrades: trades.length,
      probabilisticSharpe: 1 - together.alone[s]!,
      deflatedSharpe: deflated(this.#trials),
      deflatedSharpeSearched: deflated(this.#searched),
      minTrackYears: needed < Number.POSITIVE_INFINITY ? needed / this.#periods : null,
      walkForward: entry.walkForward,
      stress,
      neighbourhood,
      drawdown: drawdownRisk(trades, SHUFFLES, openOrders(this.#job.candles.hash, hash)),
      others: this.#others.map(({ candles, market }) => ({
        dataset: candles.hash,
        symbol: candles.meta.symbol,
        ...market.run(strategy),
      })),
    };
  }

  #noise(strategy: Strategy, hash: string): number {
    const random = this.#stream(`noise ${hash}`);
    const { candles, spec } = this.#job;
    const options = { copies: NOISE_COPIES, share: NOISE_SHARE, random };
    const [returns] = noiseReturns(candles, spec, [strategy], options);
    return returns!.filter((value) => value > 0).length / NOISE_COPIES;
  }
}

function withoutLogits({ splits, pbo, lossProbability, slope }: OverfittingReport) {
  return { splits, pbo, lossProbability, slope };
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/**
 * Judges a job. Pure but for `score`, and the same in whatever order champions and units come. Throws InvalidInput
 * (`too_few_bars`, `bad_timeframe`), and what `score` throws.
 */
export function judgeJob(job: JobToJudge, thresholds: Thresholds, score: Score): Promise<JobReport> {
  return new JobJudge(job, thresholds, score).report();
}
