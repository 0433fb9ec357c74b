// Schemas of the routes in routes-detail.ts: what they are asked with and what they answer, held to the types by the compiler.
import { z } from 'zod';
import { JobAnswer, ResultAnswer } from './answers.ts';
import type { DisputesView } from './api-ledger.ts';
import { BOARD_SORTS, type BoardFilter, type BoardView, type LandscapeView, RANGE } from './api-results.ts';
import type { Judgement, VerdictView } from './api-verdict.ts';
import type { JobDetail } from './api-work.ts';
import { IdPath } from './inputs.ts';

const time = z.iso.datetime();
const count = z.int().min(0);

export const JobDetailAnswer = z.strictObject({
  job: JobAnswer,
  terms: z
    .strictObject({
      ...{ equity: z.number(), folds: count, holdout: z.number(), embargo: count, warmup: count, minTrades: count },
      ...{ spread: z.number(), allowShort: z.boolean(), anchored: z.boolean() },
    })
    .nullable(),
  quorum: count,
  candles: z.strictObject({ bars: count, from: time, to: time }).nullable(),
  spent: z.strictObject({ answers: count, backtests: count, ms: z.number() }),
  results: count,
  map: z.string().regex(/^[orpdvf]*$/),
}) satisfies z.ZodType<JobDetail>;

export const UnitPath = z.strictObject({ ...IdPath.shape, index: z.coerce.number().int().min(0) });

const FIND_LENGTH_MAX = 100;
const BOARD_LENGTH_DEFAULT = 25;
const BOARD_LENGTH_MAX = 500;

const range = z.string().regex(RANGE, 'must be a range like 0.01..0.05; one end may be missing');

const filters = {
  find: z.string().max(FIND_LENGTH_MAX).optional(),
  job: IdPath.shape.id.optional(),
  market: IdPath.shape.id.optional(),
  barMs: z.coerce.number().int().min(1).optional(),
  risk: z.enum(['low', 'medium', 'high']).optional(),
  minTrades: z.coerce.number().int().min(0).optional(),
  maxDrawdown: z.coerce.number().min(0).max(1).optional(),
  inSample: range.optional(),
  outOfSample: range.optional(),
  validated: z.stringbool().optional(),
};

export const LandscapeQuery = z.strictObject(filters) satisfies z.ZodType<BoardFilter>;
export const BoardQuery = z.strictObject({
  ...filters,
  sort: z.enum(BOARD_SORTS).default('outOfSample'),
  up: z.stringbool().default(false),
  limit: z.coerce.number().int().min(1).max(BOARD_LENGTH_MAX).default(BOARD_LENGTH_DEFAULT),
  page: z.coerce.number().int().min(1).default(1),
});

const state = z.enum(['validated', 'provisional', 'disputed']);

export const BoardAnswer = z.strictObject({
  ...{ total: count, matching: count, page: count, pages: count },
  items: z.array(ResultAnswer),
  markets: z.array(z.string()),
  barSizes: z.array(z.number()),
  hides: z
    .strictObject({
      filter: LandscapeQuery.keyof(),
      would: count,
    })
    .nullable(),
}) satisfies z.ZodType<BoardView>;

const funnelStep = z.strictObject({ hold: count, open: count }).nullable();

export const LandscapeAnswer = z.strictObject({
  points: z.array(
    z.strictObject({
      ...{ id: z.string(), codeName: z.string(), inSample: z.number(), outOfSample: z.number(), trades: count },
      ...{ state, foundAt: time, fits: z.boolean() },
    }),
  ),
  total: count,
  funnel: z.strictObject({
    tried: count.nullable(),
    kept: count,
    outOfSample: count,
    holdout: count,
    validated: count,
    judged: count,
    ...{ costs: funnelStep, luck: funnelStep, neighbours: funnelStep },
  }),
  markets: z.array(
    z.strictObject({
      ...{ market: z.string(), barMs: z.number(), sample: z.boolean(), leverage: z.number().nullable() },
      ...{ jobs: count, strategies: count, validated: count },
      ...{ best: z.number(), median: z.number(), profitable: z.number().min(0).max(1), lastAt: time },
    }),
  ),
}) satisfies z.ZodType<LandscapeView>;

const number = z.number();
const maybe = number.nullable();
const text = z.string();
const inBoth = z.strictObject({ en: z.array(text), es: z.array(text) });
const verdict = z.enum(['significant', 'promising', 'not_significant']);
const trials = z.strictObject({ count, meanSharpe: maybe, varianceSharpe: maybe });

const judged = z.strictObject({
  ...{ hash: text, verdict, reasons: inBoth, group: count },
  gates: z.array(z.strictObject({ code: text, holds: z.boolean(), figure: maybe, limit: number })),
  ...{ inSampleSharpe: number, unseenSharpe: number, unseenReturn: number, unseenTrades: count },
  ...{ probabilisticSharpe: number, deflatedSharpe: number, deflatedSharpeSearched: number, minTrackYears: maybe },
  walkForward: z.strictObject({ efficiency: maybe, t: number }),
  stress: z.strictObject({ once: number, twice: number, thrice: number, late: number }),
  neighbourhood: z.strictObject({ neighbours: count, medianSharpe: maybe, profitable: maybe }),
  drawdown: z.strictObject({ shuffles: count, median: number, oneIn20: number, oneIn100: number }),
  others: z.array(z.looseObject({ dataset: text, symbol: text, return: number, sharpe: maybe, trades: count })),
});

const judgement = z.strictObject({
  ...{ verdict, summary: inBoth, thresholds: z.looseObject({}), trials, searched: trials },
  ...{ strategies: z.array(judged), groups: count, permutation: maybe },
  permutations: z.strictObject({ done: count, pending: count, reached: count }).nullable(),
  superiorAbility: z
    .strictObject({
      ...{ resamples: count, blockLength: number, realityCheck: number },
      ...{ lower: number, consistent: number, upper: number },
    })
    .nullable(),
  overfitting: z.strictObject({ splits: count, pbo: number, lossProbability: number, slope: maybe }).nullable(),
  crossValidation: z
    .strictObject({
      ...{ groups: count, tested: count, splits: count, paths: count, purge: count, embargo: count },
      ...{ medianSharpe: maybe, belowZero: maybe },
    })
    .nullable(),
  othersMissing: z.array(text),
  ...{ inSampleYears: number, unseenYears: number, luckySharpe: number },
  needs: z.strictObject({ minBacktestYears: number, maxTrials: number, years: number, trials: number }).nullable(),
}) satisfies z.ZodType<Judgement>;

export const VerdictAnswer = z.strictObject({
  job: text,
  state: z.enum(['waiting', 'judging', 'judged', 'failed']),
  why: text.nullable(),
  basis: z.strictObject({
    ...{ units: count, validated: count, failed: count, trials: count, searched: count, jobs: count, openings: count },
    permutations: z.strictObject({ done: count, pending: count }).nullable(),
  }),
  judgedAt: time.nullable(),
  judgement: judgement.nullable(),
}) satisfies z.ZodType<VerdictView>;

const leaf = z.union([z.number(), z.string(), z.null()]);

export const DisputesAnswer = z.strictObject({
  ...{ open: count, failed: count, dropped: count },
  items: z.array(
    z.strictObject({
      ...{ unitId: z.string(), jobId: z.string(), jobName: z.string(), index: count },
      state: z.enum(['open', 'settled', 'failed']),
      answers: z.array(
        z.strictObject({
          answer: z.string(),
          by: z.array(z.strictObject({ peerId: z.string(), name: z.string(), entryId: z.string(), at: time })),
          valid: z.boolean().nullable(),
        }),
      ),
      differs: z.strictObject({ figure: z.string(), values: z.tuple([leaf, leaf]) }).nullable(),
    }),
  ),
}) satisfies z.ZodType<DisputesView>;
