// What a pool and its worker threads say to each other.
import type { CandleColumns } from '../engine/candles.ts';
import type { SearchSpec } from '../engine/search-spec.ts';

/** To a worker: score these strategies; `context` is present when it differs from that of the last request. */
export interface ScoreRequest {
  id: number;
  context?: { columns: CandleColumns; spec: SearchSpec };
  /** Canonical JSON. */
  strategies: string[];
}

/** Numbers of one evaluation in `ScoreReply.numbers`: fitness, sharpe, return, trades. */
export const NUMBERS_PER_EVALUATION = 4;

/** From a worker. `error` is set when the engine threw: the same would happen on any thread. */
export interface ScoreReply {
  id: number;
  numbers: Float64Array;
  behaviours: string[];
  error?: string;
}
