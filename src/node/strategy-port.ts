// Running strategies again for the page: what was run lately is remembered, since a run costs some backtests.
import { RequestError, type ResultView } from '../ui/api.ts';
import type { NeighboursView, StrategyPort, StrategyRun } from '../ui/api-strategy.ts';
import type { CandleCache } from './candle-cache.ts';
import { strategyLines } from './strategy-lines.ts';
import { neighboursView } from './strategy-neighbours.ts';
import { candleWindow, missing, type RunInput, runAgain } from './strategy-run.ts';

const KEPT_MAX = 8;

export interface StrategyPortDeps {
  data: Pick<CandleCache, 'candles'>;
  monotonic(): number;
  result(id: string): ResultView | undefined;
  /** The search parameters of a job; undefined when it is gone. */
  search(job: string): Record<string, unknown> | undefined;
}

/** What was made for the last few strategies. Two that ask at once wait for one. */
class Kept<T> {
  readonly #kept = new Map<string, Promise<T>>();

  of({ jobId, unitId, id }: ResultView, again: boolean, make: () => Promise<T>): Promise<T> {
    const key = `${jobId}/${unitId}/${id}`;
    const known = this.#kept.get(key);
    if (known !== undefined && !again) return known;
    const fresh = make();
    this.#kept.delete(key);
    this.#kept.set(key, fresh);
    fresh.catch(() => this.#kept.delete(key));
    for (const oldest of [...this.#kept.keys()].slice(0, -KEPT_MAX)) this.#kept.delete(oldest);
    return fresh;
  }
}

export function strategyPort(deps: StrategyPortDeps): StrategyPort {
  const runs = new Kept<StrategyRun>();
  const neighbours = new Kept<NeighboursView>();

  function need(id: string): ResultView {
    const result = deps.result(id);
    if (result !== undefined) return result;
    throw new RequestError('unknown_result', 'No such result on this node.', { status: 404 });
  }

  async function inputOf(result: ResultView): Promise<RunInput> {
    const search = deps.search(result.jobId);
    const candles = await deps.data.candles(result.datasetHash);
    if (candles === undefined || search === undefined) throw missing();
    return { result, search, candles };
  }

  return {
    async runStrategy(id, again) {
      const result = need(id);
      return runs.of(result, again, async () => runAgain(await inputOf(result), deps.monotonic));
    },
    async neighbours(id) {
      const result = need(id);
      return neighbours.of(result, false, async () => neighboursView(await inputOf(result)));
    },
    async indicators(id, query) {
      const { candles, result } = await inputOf(need(id));
      return strategyLines(candles, result.strategy, query);
    },
    async candles({ dataset, ...query }) {
      const candles = await deps.data.candles(dataset);
      if (candles === undefined) throw missing();
      return candleWindow(candles, query);
    },
  };
}
