// Schemas of what single things are asked with and answered by: the same as answers.ts and inputs.ts, for one job, one unit.
import { z } from 'zod';
import { JobAnswer } from './answers.ts';
import type { JobDetail } from './api-work.ts';
import { IdPath } from './inputs.ts';

const time = z.iso.datetime();
const count = z.int().min(0);

export const JobDetailAnswer = z.strictObject({
  job: JobAnswer,
  terms: z
    .strictObject({
      ...{ equity: z.number(), folds: count, holdout: z.number(), embargo: count, warmup: count, minTrades: count },
      ...{ spread: z.number(), allowShort: z.boolean() },
    })
    .nullable(),
  quorum: count,
  candles: z.strictObject({ bars: count, from: time, to: time }).nullable(),
  spent: z.strictObject({ answers: count, backtests: count, ms: z.number() }),
  results: count,
  map: z.string().regex(/^[orpdvf]*$/),
}) satisfies z.ZodType<JobDetail>;

export const UnitPath = z.strictObject({ ...IdPath.shape, index: z.coerce.number().int().min(0) });
