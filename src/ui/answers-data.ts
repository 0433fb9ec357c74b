// What the API answers about candles, downloads, exports and single strategies, held to the types by the compiler.
import { z } from 'zod';
import type { HolderView, PreviewView } from './api-data.ts';
import type { DownloadView, ExchangeView } from './api-download.ts';
import type { ExportView } from './api-export.ts';
import type { CandleWindow, IndicatorsView, NeighboursView, StrategyRun } from './api-strategy.ts';

const time = z.iso.datetime();
const count = z.int().min(0);
const text = z.string();
const listed = <T extends z.ZodType>(item: T) => z.strictObject({ count, first: z.array(item) });
const price = z.number();

export const PreviewAnswer = z.strictObject({
  hash: text,
  symbol: text,
  quote: text,
  source: text,
  barMs: count,
  bars: count,
  from: time,
  to: time,
  acceptable: z.boolean(),
  format: text,
  columns: z.array(z.strictObject({ role: text, column: count, name: text.nullable() })),
  timeUnits: z.array(text),
  order: z.enum(['oldest first', 'newest first', 'mixed']),
  rows: count,
  duplicates: count,
  rounded: count,
  conflicts: listed(z.strictObject({ time, kept: count, dropped: count })),
  datesApart: listed(count),
  gaps: z.array(z.strictObject({ from: time, to: time, missing: count })),
  badTicks: listed(z.strictObject({ line: count, time, column: text, value: price })),
  zeroVolume: listed(count),
  faults: listed(
    z.strictObject({
      line: count,
      column: text,
      code: text,
      message: text,
      remedy: z.enum(['raised', 'lowered', 'left out']),
      from: price.nullable(),
      to: price.nullable(),
    }),
  ),
  sampleBars: z.array(z.strictObject({ time, open: price, high: price, low: price, close: price, volume: price })),
}) satisfies z.ZodType<PreviewView>;

export const ExportAnswer = z.strictObject({
  fileName: text,
  lines: z.array(text),
}) satisfies z.ZodType<ExportView>;

const exchange = z.strictObject({
  ...{ name: text, title: text, bars: z.array(count), newest: count.nullable() },
}) satisfies z.ZodType<ExchangeView>;

export const DownloadAnswer = z.strictObject({
  ...{ id: text, exchange: text, market: text, barMs: count, updates: text.nullable() },
  ...{ from: time, to: time.nullable(), at: time },
  state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  ...{ bars: count, share: z.number().min(0).max(1).nullable(), leftMs: z.number().min(0).nullable() },
  ...{ reason: text.nullable(), code: text.nullable(), dataset: text.nullable(), notes: z.array(text) },
}) satisfies z.ZodType<DownloadView>;

const listOf = (item: z.ZodType) => z.strictObject({ items: z.array(item), next: z.null() });

const holder = z.strictObject({
  ...{ peerId: text, name: text, has: z.boolean().nullable() },
}) satisfies z.ZodType<HolderView>;

export const HoldersAnswer = listOf(holder);
export const NamedDataAnswer = z.strictObject({ hash: text });
export const ExchangesAnswer = listOf(exchange);
export const DownloadsAnswer = listOf(DownloadAnswer);

const numbers = z.array(z.number());

const segmentDetail = z.strictObject({
  ...{
    perYear: z.number().nullable(),
    perDay: z.number().nullable(),
    sortino: z.number().nullable(),
    exposure: z.number(),
    feesPaid: z.number(),
    fundingPaid: z.number(),
  },
  ...{ holdMs: z.number().nullable(), averageTrade: z.number().nullable(), buyAndHold: z.number(), bars: count },
});
const segment = z.enum(['inSample', 'outOfSample', 'holdout']);
const reason = z.enum(['signal', 'stop', 'target', 'trailing', 'break_even', 'time', 'end', 'liquidation']);

export const StrategyRunAnswer = z.strictObject({
  ...{ id: z.string(), quote: z.string(), initialEquity: z.number() },
  segments: z.strictObject({ inSample: segmentDetail, outOfSample: segmentDetail, holdout: segmentDetail }),
  equity: z.array(
    z.strictObject({ segment, points: z.array(z.tuple([z.number(), z.number()])), held: z.array(z.number()) }),
  ),
  trades: z.strictObject({
    total: count,
    items: z.array(
      z.strictObject({
        ...{ segment, side: z.enum(['long', 'short']), entryAt: time, exitAt: time, reason },
        ...{ entryPrice: z.number(), exitPrice: z.number(), units: z.number() },
        ...{ pnl: z.number(), return: z.number(), fees: z.number() },
      }),
    ),
  }),
  orders: z
    .strictObject({
      ...{ shuffles: count, trades: count, done: z.array(count), own: numbers },
      lines: z.array(z.strictObject({ share: z.number(), equity: numbers })),
      ...{ median: z.number(), oneIn20: z.number(), oneIn100: z.number() },
    })
    .nullable(),
  ...{ here: z.string(), ledger: z.string(), tookMs: z.number() },
}) satisfies z.ZodType<StrategyRun>;

const CANDLES_MAX = 5_000;

export const CandlesQuery = z.strictObject({
  at: z.coerce.number().int().min(0).optional(),
  bars: z.coerce.number().int().min(1).max(CANDLES_MAX).default(500),
});

export const CandlesAnswer = z.strictObject({
  ...{ barMs: z.number(), first: count, total: count, time: numbers },
  ...{ open: numbers, high: numbers, low: numbers, close: numbers, volume: numbers },
}) satisfies z.ZodType<CandleWindow>;

const seen = { return: z.number(), sharpe: z.number(), trades: count };

export const NeighboursAnswer = z.strictObject({
  id: z.string(),
  own: z.strictObject(seen),
  factors: numbers,
  settings: z.array(
    z.strictObject({
      ...{ path: z.array(z.string()), value: z.number() },
      neighbours: z.array(z.strictObject({ value: z.number(), ...seen }).nullable()),
    }),
  ),
}) satisfies z.ZodType<NeighboursView>;

export const IndicatorsAnswer = z.strictObject({
  ...{ barMs: z.number(), time: numbers },
  lines: z.array(
    z.strictObject({
      ...{ name: z.string(), nameEs: z.string(), scale: z.string(), levels: numbers },
      values: z.array(z.number().nullable()),
    }),
  ),
}) satisfies z.ZodType<IndicatorsView>;
