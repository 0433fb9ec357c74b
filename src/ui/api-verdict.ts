// The verdict on a job as page, API and command line see it.

/** What a new job may ask of its verdict. */
export interface VerdictInput {
  /** Data sets of other markets or years, by hash or its first digits, on which it runs what was found: at most 4. */
  others?: string[] | undefined;
  /** Re-runs of the search on permuted bars: a job of their own, below all others; default 19, 0 for none. */
  permutations?: number | undefined;
}

/** Sentences, in English and Spanish. */
export interface InBoth {
  en: string[];
  es: string[];
}

export type VerdictName = 'significant' | 'promising' | 'not_significant';

/** A question that was asked, its answer, and what the answer had to reach. `figure`: null where it could not be measured. */
export interface GateView {
  code: string;
  holds: boolean;
  figure: number | null;
  limit: number;
}

/** Sharpe ratios are annualised, returns are fractions after all costs. */
export interface JudgedStrategy {
  hash: string;
  verdict: VerdictName;
  gates: GateView[];
  reasons: InBoth;
  /** 0-based; strategies of one group are one bet. */
  group: number;
  inSampleSharpe: number;
  /** Over out of sample and holdout, as are the next ones. */
  unseenSharpe: number;
  unseenReturn: number;
  unseenTrades: number;
  probabilisticSharpe: number;
  /** DSR of the in-sample returns, with the trials of the job and with all on the same candles. */
  deflatedSharpe: number;
  deflatedSharpeSearched: number;
  minTrackYears: number | null;
  walkForward: { efficiency: number | null; t: number };
  /** Unseen return with once, twice and three times the costs, and one bar late. */
  stress: { once: number; twice: number; thrice: number; late: number };
  neighbourhood: { neighbours: number; medianSharpe: number | null; profitable: number | null };
  /** Drawdowns that half, 5 % and 1 % of shuffled orders of its trades exceed. */
  drawdown: { shuffles: number; median: number; oneIn20: number; oneIn100: number };
  /** On all bars of other markets that were asked for. */
  others: { dataset: string; symbol: string; return: number; sharpe: number | null; trades: number }[];
}

export interface TrialsView {
  count: number;
  meanSharpe: number | null;
  varianceSharpe: number | null;
}

export interface Judgement {
  verdict: VerdictName;
  summary: InBoth;
  /** What was asked for (docs/engine.md, Verdicts). */
  thresholds: object;
  trials: TrialsView;
  searched: TrialsView;
  /** Best in sample first; duplicates by behaviour are merged. */
  strategies: JudgedStrategy[];
  groups: number;
  superiorAbility: {
    resamples: number;
    blockLength: number;
    realityCheck: number;
    lower: number;
    consistent: number;
    upper: number;
  } | null;
  overfitting: { splits: number; pbo: number; lossProbability: number; slope: number | null } | null;
  /**
   * The best of all but `tested` of `groups` stretches of the unseen bars, run on those: over all `splits` ways to choose them,
   * `paths` whole histories. `purge` and `embargo`: bars before and after a test that are not chosen by; where they leave too
   * little there are no figures. Null where there is nothing to choose from.
   */
  crossValidation: {
    groups: number;
    tested: number;
    splits: number;
    paths: number;
    purge: number;
    embargo: number;
    medianSharpe: number | null;
    belowZero: number | null;
  } | null;
  /** p of the search among its re-runs on permuted bars; null until all are done, and where none were asked for. */
  permutation: number | null;
  /** How far those have come, and how many found as much as the search itself; null where none were asked for. */
  permutations: { done: number; pending: number; reached: number } | null;
  /** Data sets that the job names as well, and that this machine cannot run: by hash. */
  othersMissing: readonly string[];
  inSampleYears: number;
  unseenYears: number;
  luckySharpe: number;
  needs: { minBacktestYears: number; maxTrials: number; years: number; trials: number } | null;
}

export interface VerdictView {
  job: string;
  /** `judging`: the one below, if any, is about to be replaced. `judged`: as of `judgedAt`, made anew once a minute at most. */
  state: 'waiting' | 'judging' | 'judged' | 'failed';
  /** Why there is none, one sentence. */
  why: string | null;
  basis: {
    /** Of the job: all, those with a validated answer, those that will have none. */
    units: number;
    validated: number;
    failed: number;
    /** Strategies tried by the validated units, and by all jobs of the mesh on the same candles. */
    trials: number;
    searched: number;
    /** Jobs on the same candles, and how often any of their units opened the holdout. */
    jobs: number;
    openings: number;
    /** Re-runs of its search on permuted bars; null where none were asked for. */
    permutations: { done: number; pending: number } | null;
  };
  judgedAt: string | null;
  judgement: Judgement | null;
}

export interface VerdictPort {
  /** Asks for the verdict where there is none for what is known now. Rejects with RequestError `job_unknown`. */
  verdict(job: string): Promise<VerdictView>;
  /** The last judgement that there is; asks for none. */
  judged(job: string): Judgement | undefined;
}
