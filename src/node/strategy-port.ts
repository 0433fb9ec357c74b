// Running strategies again for the page: what was run lately is remembered, since a run costs some backtests.
import { RequestError, type ResultView } from '../ui/api.ts';
import type { StrategyPort, StrategyRun } from '../ui/api-strategy.ts';
import type { CandleCache } from './candle-cache.ts';
import { candleWindow, missing, runAgain } from './strategy-run.ts';

const KEPT_MAX = 8;

export interface StrategyPortDeps {
  data: Pick<CandleCache, 'candles'>;
  monotonic(): number;
  result(id: string): ResultView | undefined;
  /** The search parameters of a job; undefined when it is gone. */
  search(job: string): Record<string, unknown> | undefined;
}

export function strategyPort(deps: StrategyPortDeps): StrategyPort {
  const kept = new Map<string, StrategyRun>();

  async function run(result: ResultView): Promise<StrategyRun> {
    const search = deps.search(result.jobId);
    const candles = await deps.data.candles(result.datasetHash);
    if (candles === undefined || search === undefined) throw missing();
    return runAgain({ result, search, candles }, deps.monotonic);
  }

  return {
    async runStrategy(id, again) {
      const result = deps.result(id);
      if (result === undefined) {
        throw new RequestError('unknown_result', 'No such result on this node.', { status: 404 });
      }
      const key = `${result.jobId}/${result.unitId}/${id}`;
      const known = kept.get(key);
      if (known !== undefined && !again) return known;
      const fresh = await run(result);
      kept.delete(key);
      kept.set(key, fresh);
      for (const oldest of [...kept.keys()].slice(0, -KEPT_MAX)) kept.delete(oldest);
      return fresh;
    },
    async candles({ dataset, at, bars }) {
      const candles = await deps.data.candles(dataset);
      if (candles === undefined) throw missing();
      return candleWindow(candles, at, bars);
    },
  };
}
