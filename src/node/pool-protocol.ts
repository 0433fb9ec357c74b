// What a pool and its worker threads say to each other.
import type { CandleColumns } from '../engine/candles.ts';
import type { Market } from '../engine/fast/market.ts';
import type { ColumnTask, RuleTask } from '../engine/fast/plan.ts';
import type { SearchSpec } from '../engine/search-spec.ts';

/** What tasks are done on. Candles and market are shared memory: nothing of them is copied. */
export interface ThreadContext {
  market: Market;
  columns: CandleColumns;
  spec: SearchSpec;
}

/** A step of a batch in the shared memory, or strategies (canonical JSON) for the plain engine. Any may be done twice. */
export type ThreadTask =
  | { kind: 'pyramid'; index: number }
  | { kind: 'columns'; tasks: ColumnTask[] }
  | { kind: 'rules'; tasks: RuleTask[] }
  | { kind: 'run'; from: number; count: number }
  | { kind: 'plain'; strategies: string[] };

/** To a worker; `context` is present when it differs from that of the last request. */
export interface ThreadRequest {
  id: number;
  context?: ThreadContext;
  task: ThreadTask;
}

/** Numbers of one evaluation in `PlainScores.numbers`: fitness, sharpe, return, trades. */
export const NUMBERS_PER_EVALUATION = 4;

export interface PlainScores {
  numbers: Float64Array;
  behaviours: string[];
}

/** From a worker. `error` is set when the engine threw: the same would happen on any thread. */
export interface ThreadReply {
  id: number;
  scores?: PlainScores;
  error?: string;
}
