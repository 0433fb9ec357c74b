// One job and one unit of it, with more than the lists say.
import type { CreateJobInput, JobView, UnitView } from './api.ts';
import type { DisputesView } from './api-ledger.ts';

export interface JobDetail {
  job: JobView;
  /** What its strategies are tried with; null where this engine cannot read it. */
  terms: {
    /** Money in the quote currency at the start of every segment. */
    equity: number;
    folds: number;
    /** Whether all folds begin with the first candle. */
    anchored: boolean;
    /** Share of the candles at their end that stays sealed. */
    holdout: number;
    /** Candles left out between parts, and those that only warm indicators up: at most so many. */
    embargo: number;
    warmup: number;
    minTrades: number;
    /** Full bid-ask spread, a rate. */
    spread: number;
    allowShort: boolean;
  } | null;
  /** Equal answers that make a verdict. */
  quorum: number;
  /** Null while this node does not hold the candles. */
  candles: { bars: number; from: string; to: string } | null;
  /** Over all answers, those not yet decided included: backtests run and time taken by the machines, ms. */
  spent: { answers: number; backtests: number; ms: number };
  /** Strategies of this job that this node shows. */
  results: number;
  /**
   * One letter a unit in their order: o open, r running, p one answer in, d disputed, v validated, f failed. Of units that nobody
   * has touched the first ten thousand only.
   */
  map: string;
}

export interface WorkPort {
  /** Throws RequestError `job_unknown`. */
  job(id: string): JobDetail;
  /** `index`: 0-based. Throws RequestError `job_unknown`, `unit_unknown`. */
  unit(job: string, index: number): UnitView;
  disputes(): DisputesView;
  createJob(input: CreateJobInput): Promise<JobView>;
  setJob(id: string, action: 'pause' | 'resume' | 'stop'): Promise<JobView>;
  /** Has the search of a job run again on permuted bars. Throws RequestError `job_unknown`, `is_permutation`. */
  permuteJob(id: string, permutations: number): Promise<JobView>;
}
