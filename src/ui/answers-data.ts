// What the API answers about candles and exports, held to api-data.ts and api-export.ts by the compiler.
import { z } from 'zod';
import type { PreviewView } from './api-data.ts';
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
