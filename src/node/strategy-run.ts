// A strategy of the ledger run again on this machine, with all that a person wants to see of it.
import { RunRecord } from '../engine/book.ts';
import type { Candles } from '../engine/candles.ts';
import { canonicalJson } from '../engine/canonical-json.ts';
import { ColumnStore } from '../engine/column-store.ts';
import { inSampleStretches } from '../engine/fitness.ts';
import { hashWithDomain, toHex, toUtf8 } from '../engine/hash.ts';
import type { SegmentMetrics } from '../engine/outcome.ts';
import { parseStrategy } from '../engine/parse-strategy.ts';
import type { SearchSpec } from '../engine/search-spec.ts';
import { runSegment, type Stretch } from '../engine/segments.ts';
import type { Strategy } from '../engine/strategy.ts';
import { divideTime } from '../engine/time-line.ts';
import { fitStrategy } from '../engine/timeframes.ts';
import type { Trade } from '../engine/trade-log.ts';
import { RequestError, type ResultView } from '../ui/api.ts';
import type {
  CandleWindow,
  EquityStretch,
  SegmentDetail,
  SegmentName,
  StrategyRun,
  TradeView,
} from '../ui/api-strategy.ts';
import { readSearch } from './permutations.ts';

const SEGMENTS: readonly SegmentName[] = ['inSample', 'outOfSample', 'holdout'];
const TRADES_MAX = 2_000;
/** Points of all curves together, roughly. */
const POINTS_MAX = 1_500;
const YEAR_MS = 365 * 86_400_000;

/** A job's own terms and the candles that it names. */
export interface RunInput {
  result: ResultView;
  search: Record<string, unknown>;
  candles: Candles;
}

interface SegmentRun {
  metrics: SegmentMetrics;
  detail: SegmentDetail;
  equity: EquityStretch[];
  trades: TradeView[];
}

/** Every `step`-th bar of a stretch, and its last. `heldBefore`: money held in the market when it begins. */
function sampled(record: RunRecord, { store, window }: Stretch, heldBefore: number, step: number) {
  const { time, open, close } = store.candles;
  const points: [number, number][] = [];
  const held: number[] = [];
  for (let i = 0; i < record.bars; i++) {
    if (i % step !== 0 && i !== record.bars - 1) continue;
    points.push([time[window.from + i]!, record.equity[i]!]);
    held.push((heldBefore * close[window.from + i]!) / open[window.from]!);
  }
  return { points, held };
}

function tradeView(trade: Trade, segment: SegmentName, { side }: Strategy, time: Float64Array): TradeView {
  const { entryBar, exitBar, entryPrice, exitPrice, units, pnl, fees, reason } = trade;
  const at = (bar: number): string => new Date(time[bar]!).toISOString();
  return {
    ...{ segment, side, entryPrice, exitPrice, units, pnl, fees, reason },
    ...{ entryAt: at(entryBar), exitAt: at(exitBar) },
    return: pnl / Math.abs(units * entryPrice),
  };
}

/** What is added up over the stretches of a segment. */
class Sums {
  bars = 0;
  exposed = 0;
  fees = 0;
  funding = 0;
  held = 0;
  growth = 1;

  add(record: RunRecord, { store, window }: Stretch): void {
    const { close, open, barMs } = store.candles;
    this.bars += record.bars;
    this.exposed += record.exposedBars;
    this.fees += record.feesPaid;
    this.funding += record.fundingPaid;
    for (const { entryBar, exitBar } of record.trades.list()) this.held += (exitBar - entryBar) * barMs;
    this.growth *= close[window.to - 1]! / open[window.from]!;
  }

  detail(metrics: SegmentMetrics, barMs: number): SegmentDetail {
    const { trades, netProfit } = metrics;
    const left = 1 + metrics.return;
    return {
      perYear: left > 0 ? left ** (YEAR_MS / (this.bars * barMs)) - 1 : null,
      exposure: this.exposed / this.bars,
      feesPaid: this.fees,
      fundingPaid: this.funding,
      holdMs: trades === 0 ? null : this.held / trades,
      averageTrade: trades === 0 ? null : netProfit / trades,
      buyAndHold: this.growth - 1,
      bars: this.bars,
    };
  }
}

function runOne(
  segment: SegmentName,
  stretches: readonly Stretch[],
  strategy: Strategy,
  spec: SearchSpec,
  step: number,
): SegmentRun {
  const most = Math.max(...stretches.map(({ store }) => store.candles.length));
  const sums = new Sums();
  const equity: EquityStretch[] = [];
  const trades: TradeView[] = [];
  let place = 0;
  const metrics = runSegment(stretches, strategy, spec, new RunRecord(most), (record) => {
    const stretch = stretches[place++]!;
    const { time } = stretch.store.candles;
    equity.push({ segment, ...sampled(record, stretch, spec.equity * sums.growth, step) });
    sums.add(record, stretch);
    trades.push(...record.trades.list().map((trade) => tradeView(trade, segment, strategy, time)));
  });
  const { barMs } = stretches[0]!.store.candles;
  return { metrics, detail: sums.detail(metrics, barMs), equity, trades };
}

const digestOf = (figures: Record<SegmentName, SegmentMetrics>): string =>
  toHex(hashWithDomain('stratmesh/page/figures/1', toUtf8(canonicalJson(figures))));

/** The same three runs as the finder's and the checker's. `now`: monotonic ms. */
export function runAgain({ result, search, candles }: RunInput, now: () => number): StrategyRun {
  const startedAt = now();
  const spec = readSearch({ search }).spec;
  const strategy = fitStrategy(parseStrategy(result.strategy), candles.barMs);
  const timeLine = divideTime(candles.length, spec);
  const store = new ColumnStore(candles);
  const step = Math.max(1, Math.ceil(candles.length / POINTS_MAX));
  const stretches: Record<SegmentName, Stretch[]> = {
    inSample: inSampleStretches(candles, spec),
    outOfSample: timeLine.outOfSample.map((window) => ({ store, window })),
    holdout: [{ store, window: timeLine.holdout }],
  };
  const runs = Object.fromEntries(
    SEGMENTS.map((name) => [name, runOne(name, stretches[name], strategy, spec, step)]),
  ) as Record<SegmentName, SegmentRun>;
  const each = <T>(pick: (run: SegmentRun) => T): Record<SegmentName, T> => ({
    inSample: pick(runs.inSample),
    outOfSample: pick(runs.outOfSample),
    holdout: pick(runs.holdout),
  });
  const trades = SEGMENTS.flatMap((name) => runs[name].trades).sort((a, b) => (a.entryAt < b.entryAt ? 1 : -1));
  const { inSample, outOfSample } = result;
  return {
    id: result.id,
    quote: candles.meta.quote,
    initialEquity: spec.equity,
    segments: each(({ detail }) => detail),
    equity: SEGMENTS.flatMap((name) => runs[name].equity).sort((a, b) => a.points[0]![0] - b.points[0]![0]),
    trades: { total: trades.length, items: trades.slice(0, TRADES_MAX) },
    here: digestOf(each(({ metrics }) => metrics)),
    ledger: digestOf({ inSample, outOfSample, holdout: result.holdout }),
    tookMs: now() - startedAt,
  };
}

/** First bar that opens at `at` or later. */
function barAt(time: Float64Array, at: number): number {
  let [low, high] = [0, time.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (time[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function candleWindow(candles: Candles, at: number | undefined, bars: number): CandleWindow {
  const middle = at === undefined ? candles.length : barAt(candles.time, at) + Math.ceil(bars / 2);
  const to = Math.min(candles.length, Math.max(bars, middle));
  const from = Math.max(0, to - bars);
  const column = (values: Float64Array): number[] => Array.from(values.subarray(from, to));
  const { time, open, high, low, close, volume } = candles;
  return {
    ...{ barMs: candles.barMs, first: from, total: candles.length, time: column(time) },
    ...{ open: column(open), high: column(high), low: column(low), close: column(close), volume: column(volume) },
  };
}

export const missing = (): RequestError =>
  new RequestError('candles_missing', 'This node does not hold the candles of that data set.', { status: 409 });
