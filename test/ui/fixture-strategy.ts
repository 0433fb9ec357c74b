// Candles of the invented mesh and a strategy run on them: a wave with a drift, and trades that follow a simple rule.
import { FAN_SHARES, openOrders, orderFan } from '../../src/engine/statistics/trade-order.ts';
import { RequestError } from '../../src/ui/api.ts';
import type {
  EquityStretch,
  NeighboursView,
  OrdersView,
  SegmentName,
  StrategyPort,
  TradeView,
  WindowQuery,
} from '../../src/ui/api-strategy.ts';
import { resultOf, START } from './fixture-data.ts';

const HOUR_MS = 3_600_000;
const BARS = 4_000;
const FROM = START - (START % HOUR_MS) - BARS * HOUR_MS;
const priceAt = (i: number): number =>
  60_000 + 3_000 * Math.sin(i / 90) + 700 * Math.sin(i / 7) + 240 * Math.sin(i * 1.7) + i * 2;
const iso = (i: number): string => new Date(FROM + i * HOUR_MS).toISOString();

const SPANS: [SegmentName, number, number][] = [
  ['inSample', 0, 1_100],
  ['outOfSample', 1_124, 1_600],
  ['inSample', 1_600, 2_700],
  ['outOfSample', 2_724, 3_200],
  ['holdout', 3_224, BARS],
];

function tradesOf(): TradeView[] {
  const reasons = ['trailing', 'stop', 'target', 'signal'] as const;
  return SPANS.flatMap(([segment, from, to]) =>
    Array.from({ length: Math.floor((to - from) / 90) }, (_, n) => {
      const entry = from + 20 + n * 90;
      const exit = entry + 9 + ((n * 7) % 40);
      const gain = priceAt(exit) / priceAt(entry) - 1;
      return {
        ...{ segment, side: 'long' as const, entryAt: iso(entry), exitAt: iso(exit), units: 0.05 },
        ...{
          entryPrice: priceAt(entry),
          exitPrice: priceAt(exit),
          pnl: 3_000 * gain - 3,
          return: gain - 0.001,
          fees: 3,
        },
        reason: reasons[n % 4]!,
      };
    }),
  ).sort((a, b) => (a.entryAt < b.entryAt ? 1 : -1));
}

function equityOf(trades: readonly TradeView[]): EquityStretch[] {
  return SPANS.map(([segment, from, to]) => ({
    segment,
    held: Array.from(
      { length: Math.ceil((to - from) / 4) },
      (_, n) => (10_000 * priceAt(from + n * 4)) / priceAt(from),
    ),
    points: Array.from({ length: Math.ceil((to - from) / 4) }, (_, n): [number, number] => {
      const time = FROM + (from + n * 4) * HOUR_MS;
      const done = trades.filter((each) => each.segment === segment && Date.parse(each.exitAt) <= time);
      return [time, 10_000 + done.reduce((sum, { pnl }) => sum + pnl, 0)];
    }),
  }));
}

const detail = (bars: number) => ({
  ...{
    perYear: 0.074,
    perDay: 0.000196,
    sortino: 1.87,
    exposure: 0.058,
    feesPaid: 16.14,
    fundingPaid: 0,
    holdMs: 45_000_000,
    averageTrade: 4.1,
  },
  ...{ buyAndHold: 0.193, bars },
});

/** Four hundred orders of the unseen trades, as the engine draws them. */
function ordersOf(trades: readonly TradeView[]): OrdersView {
  const unseen = trades.filter(({ segment }) => segment !== 'inSample').toReversed();
  const returns = new Float64Array(unseen.map(({ pnl }) => pnl / 10_000));
  const { done, lines, own, risk } = orderFan(returns, 400, 60, openOrders('candles', 'strategy'));
  return {
    ...risk,
    ...{ trades: returns.length, done, own },
    lines: lines.map((equity, i) => ({ share: FAN_SHARES[i]!, equity })),
  };
}

/** An own gain in the middle, a loss on one side, and a step that there is none of. */
function neighboursOf(id: string): NeighboursView {
  const seen = (value: number, gained: number) => ({ value, return: gained, sharpe: gained * 8, trades: 44 });
  return {
    ...{ id, own: { return: 0.094, sharpe: 1.12, trades: 44 }, factors: [0.8, 0.9, 1.1, 1.2] },
    settings: [
      {
        ...{ path: ['entry', '0', '0', 'left', 'period'], value: 14 },
        neighbours: [seen(11, -0.021), seen(13, 0.071), seen(15, 0.083), seen(17, 0.038)],
      },
      {
        ...{ path: ['entry', '0', '0', 'right', 'value'], value: 30 },
        neighbours: [seen(24, 0.012), seen(27, 0.066), seen(33, 0.101), seen(36, -0.044)],
      },
      {
        ...{ path: ['stopLoss', 'percent'], value: 2 },
        neighbours: [seen(1.6, 0.055), seen(1.8, 0.08), null, seen(2.4, 0.09)],
      },
    ],
  };
}

const found = (id: string): void => {
  if (!Array.from({ length: 10 }, (_, n) => resultOf(n).id).includes(id))
    throw new RequestError('unknown_result', 'No such result on this node.', { status: 404 });
};

/** Bars [first, to) of a window. */
function windowOf({ at, bars }: WindowQuery): { first: number; to: number } {
  const middle = at === undefined ? BARS : Math.floor((at - FROM) / HOUR_MS) + Math.ceil(bars / 2);
  const to = Math.min(BARS, Math.max(bars, middle));
  return { first: Math.max(0, to - bars), to };
}

/** Strategies that are run again: the third one gives other figures here than in the ledger. */
export function fixtureStrategies(): StrategyPort {
  const trades = tradesOf();
  return {
    async runStrategy(id) {
      found(id);
      return {
        ...{ id, quote: 'USD', initialEquity: 10_000, tookMs: 212 },
        segments: { inSample: detail(2_200), outOfSample: detail(952), holdout: detail(776) },
        equity: equityOf(trades),
        trades: { total: trades.length, items: trades },
        orders: ordersOf(trades),
        here: (id === resultOf(2).id ? '41fc9a03' : '7f3a91c2').repeat(8),
        ledger: '7f3a91c2'.repeat(8),
      };
    },
    async neighbours(id) {
      found(id);
      return neighboursOf(id);
    },
    async indicators(id, query) {
      found(id);
      const { first, to } = windowOf(query);
      const column = (value: (i: number) => number | null) =>
        Array.from({ length: to - first }, (_, n) => value(first + n));
      return {
        ...{ barMs: HOUR_MS, time: Array.from({ length: to - first }, (_, n) => FROM + (first + n) * HOUR_MS) },
        lines: [
          {
            ...{ name: 'RSI(14)', nameEs: 'RSI(14)', scale: 'hundred', levels: [30] },
            values: column((i) => 50 + 30 * Math.sin(i / 7)),
          },
          {
            ...{ name: 'EMA(200)', nameEs: 'EMA(200)', scale: 'price', levels: [] },
            values: column((i) => (i < 200 ? null : priceAt(i - 40))),
          },
        ],
      };
    },
    async candles({ dataset, ...query }) {
      if (dataset !== resultOf(0).datasetHash)
        throw new RequestError('candles_missing', 'This node does not hold the candles of that data set.', {
          status: 409,
        });
      const { first, to } = windowOf(query);
      const column = (value: (i: number) => number): number[] =>
        Array.from({ length: to - first }, (_, n) => value(first + n));
      return {
        ...{ barMs: HOUR_MS, first, total: BARS, time: column((i) => FROM + i * HOUR_MS) },
        open: column((i) => priceAt(i - 1)),
        high: column((i) => Math.max(priceAt(i), priceAt(i - 1)) + 60),
        low: column((i) => Math.min(priceAt(i), priceAt(i - 1)) - 60),
        close: column(priceAt),
        volume: column((i) => 10 + 8 * Math.abs(Math.sin(i / 5))),
      };
    },
  };
}
