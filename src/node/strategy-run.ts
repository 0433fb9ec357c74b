// A strategy of the ledger run again on this machine, with all that a person wants to see of it.
import { RunRecord } from '../engine/book.ts';
import type { Candles } from '../engine/candles.ts';
import { canonicalJson } from '../engine/canonical-json.ts';
import { ColumnStore } from '../engine/column-store.ts';
import { inSampleStretches } from '../engine/fitness.ts';
import { hashWithDomain, toHex, toUtf8 } from '../engine/hash.ts';
import { mergeMoments, momentsOf, NO_RETURNS, sortinoOf } from '../engine/metrics.ts';
import type { SegmentMetrics } from '../engine/outcome.ts';
import { parseStrategy } from '../engine/parse-strategy.ts';
import type { SearchSpec } from '../engine/search-spec.ts';
import { runSegment, type Stretch } from '../engine/segments.ts';
import type { Window } from '../engine/simulate.ts';
import { tradeShares } from '../engine/statistics/track.ts';
import { FAN_SHARES, openOrders, orderFan, SHUFFLES } from '../engine/statistics/trade-order.ts';
import type { Strategy } from '../engine/strategy.ts';
import { divideTime } from '../engine/time-line.ts';
import { fitStrategy } from '../engine/timeframes.ts';
import type { Trade } from '../engine/trade-log.ts';
import { RequestError, type ResultView } from '../ui/api.ts';
import type {
  CandleWindow,
  EquityStretch,
  OrdersView,
  SegmentDetail,
  SegmentName,
  StrategyRun,
  TradeView,
  WindowQuery,
} from '../ui/api-strategy.ts';
import { readSearch } from './permutations.ts';

const SEGMENTS: readonly SegmentName[] = ['inSample', 'outOfSample', 'holdout'];
const TRADES_MAX = 2_000;
/** Points of all curves together, roughly. */
const POINTS_MAX = 1_500;
/** Points of the lines along orders of trades. */
const FAN_POINTS = 60;
const DAY_MS = 86_400_000;
const YEAR_DAYS = 365;

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
  /** What each trade earned, as a share of the equity before it. */
  shares: number[];
}

/** From the first candle of a window to the end of its last one, ms: candles may be missing between them. */
export const elapsedMs = ({ time, barMs }: Pick<Candles, 'time' | 'barMs'>, { from, to }: Window): number =>
  time[to - 1]! + barMs - time[from]!;

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
  days = 0;
  exposed = 0;
  fees = 0;
  funding = 0;
  held = 0;
  growth = 1;
  barMs = 1;
  moments = NO_RETURNS;

  add(record: RunRecord, { store, window }: Stretch): void {
    const { close, open, barMs } = store.candles;
    this.bars += record.bars;
    this.days += elapsedMs(store.candles, window) / DAY_MS;
    this.exposed += record.exposedBars;
    this.fees += record.feesPaid;
    this.funding += record.fundingPaid;
    for (const { entryBar, exitBar } of record.trades.list()) this.held += (exitBar - entryBar) * barMs;
    this.growth *= close[window.to - 1]! / open[window.from]!;
    this.barMs = barMs;
    this.moments = mergeMoments(this.moments, momentsOf(record.equity, record.bars));
  }

  detail(metrics: SegmentMetrics): SegmentDetail {
    const { trades, netProfit } = metrics;
    const left = 1 + metrics.return;
    const over = (days: number): number | null => (left > 0 ? left ** (days / this.days) - 1 : null);
    return {
      perYear: over(YEAR_DAYS),
      perDay: over(1),
      sortino: sortinoOf(this.moments, this.barMs),
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
  const shares: number[] = [];
  let place = 0;
  const metrics = runSegment(stretches, strategy, spec, new RunRecord(most), (record) => {
    const stretch = stretches[place++]!;
    const { time } = stretch.store.candles;
    equity.push({ segment, ...sampled(record, stretch, spec.equity * sums.growth, step) });
    sums.add(record, stretch);
    shares.push(...tradeShares(record, stretch.window.from));
    trades.push(...record.trades.list().map((trade) => tradeView(trade, segment, strategy, time)));
  });
  return { metrics, detail: sums.detail(metrics), equity, trades, shares };
}

/** The orders that the verdict on its job draws. */
function ordersOf(shares: readonly number[], candles: string, id: string): OrdersView | null {
  if (shares.length < 2) return null;
  const random = openOrders(candles, id);
  const { done, lines, own, risk } = orderFan(new Float64Array(shares), SHUFFLES, FAN_POINTS, random);
  const named = lines.map((equity, i) => ({ share: FAN_SHARES[i]!, equity }));
  return { ...risk, trades: shares.length, done, lines: named, own };
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
    orders: ordersOf([...runs.outOfSample.shares, ...runs.holdout.shares], candles.hash, result.id),
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

/** Bars [from, to) of a window. */
export function windowOf(candles: Candles, { at, bars }: WindowQuery): { from: number; to: number } {
  const middle = at === undefined ? candles.length : barAt(candles.time, at) + Math.ceil(bars / 2);
  const to = Math.min(candles.length, Math.max(bars, middle));
  return { from: Math.max(0, to - bars), to };
}

export function candleWindow(candles: Candles, query: WindowQuery): CandleWindow {
  const { from, to } = windowOf(candles, query);
  const column = (values: Float64Array): number[] => Array.from(values.subarray(from, to));
  const { time, open, high, low, close, volume } = candles;
  return {
    ...{ barMs: candles.barMs, first: from, total: candles.length, time: column(time) },
    ...{ open: column(open), high: column(high), low: column(low), close: column(close), volume: column(volume) },
  };
}

export const missing = (): RequestError =>
  new RequestError('candles_missing', 'This node does not hold the candles of that data set.', { status: 409 });
