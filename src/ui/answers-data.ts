// What the API answers about candles, downloads and exports, held to api-data.ts, api-download.ts and api-export.ts by the compiler.
import { z } from 'zod';
import type { HolderView, PreviewView } from './api-data.ts';
import type { DownloadView, ExchangeView } from './api-download.ts';
import type { ExportView } from './api-export.ts';

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
export const RemovedDataAnswer = z.strictObject({ hash: text });
export const ExchangesAnswer = listOf(exchange);
export const DownloadsAnswer = listOf(DownloadAnswer);
