// Routes to one thing of a list, and to a list as the page shows it: filtered, in order, summed up.
import type { z } from 'zod';
import { JobAnswer, UnitAnswer } from './answers.ts';
import { CandlesAnswer, CandlesQuery, IndicatorsAnswer, NeighboursAnswer, StrategyRunAnswer } from './answers-data.ts';
import {
  BoardAnswer,
  BoardQuery,
  DisputesAnswer,
  JobDetailAnswer,
  LandscapeAnswer,
  LandscapeQuery,
  UnitPath,
  VerdictAnswer,
} from './answers-detail.ts';
import { boardOf, landscapeOf } from './board.ts';
import { EmptyBody, IdPath, NoQuery, PermuteBody } from './inputs.ts';
import { type Route, read, readOne, write } from './route.ts';
import { DATA_ROUTES } from './routes-data.ts';

export const DETAIL_ROUTES: readonly Route[] = [
  ...DATA_ROUTES,
  readOne(
    '/api/v1/jobs/:id',
    'One job, its terms and the state of each unit',
    IdPath,
    JobDetailAnswer,
    ({ node }, path) => node.job(path.id),
  ),
  readOne('/api/v1/jobs/:id/units/:index', 'One unit of a job', UnitPath, UnitAnswer, ({ node }, { id, index }) =>
    node.unit(id, index),
  ),
  read(
    '/api/v1/leaderboard',
    'Strategies that fit, in order, page by page',
    BoardQuery,
    BoardAnswer,
    ({ node }, query) => boardOf(node.results({}), query),
  ),
  read(
    '/api/v1/landscape',
    'All strategies as points, from tries to keepers, and by market',
    LandscapeQuery,
    LandscapeAnswer,
    ({ node }, query) => landscapeOf(node.results({}), node.jobs(), node.judged, query),
  ),
  readOne('/api/v1/jobs/:id/verdict', 'What the job found, judged', IdPath, VerdictAnswer, ({ node }, path) =>
    node.verdict(path.id),
  ),
  {
    ...write(
      '/api/v1/jobs/:id/permutations',
      'Has the search of a job run again on permuted bars',
      PermuteBody,
      JobAnswer,
      () => undefined,
    ),
    ...{ status: 201 as const, params: IdPath },
    run: ({ node }, { params, body }) =>
      node.permuteJob((params as z.output<typeof IdPath>).id, (body as z.output<typeof PermuteBody>).permutations),
  },
  read('/api/v1/ledger/disputes', 'Units with answers that differ', NoQuery, DisputesAnswer, ({ node }) =>
    node.disputes(),
  ),
  readOne(
    '/api/v1/results/:id/run',
    'One strategy with its equity and trades, as this node computes them',
    IdPath,
    StrategyRunAnswer,
    ({ node }, { id }) => node.runStrategy(id, false),
  ),
  readOne(
    '/api/v1/results/:id/neighbours',
    'One strategy beside those that differ from it in one number, in sample',
    IdPath,
    NeighboursAnswer,
    ({ node }, { id }) => node.neighbours(id),
  ),
  {
    ...readOne(
      '/api/v1/results/:id/indicators',
      'What the rules of one strategy look at, around a moment or over the last candles',
      IdPath,
      IndicatorsAnswer,
      () => undefined,
    ),
    query: CandlesQuery,
    run: ({ node }, { params, query }) =>
      node.indicators((params as z.output<typeof IdPath>).id, query as z.output<typeof CandlesQuery>),
  },
  {
    ...readOne(
      '/api/v1/datasets/:id/candles',
      'Candles of one data set, around a moment or the last ones',
      IdPath,
      CandlesAnswer,
      () => undefined,
    ),
    query: CandlesQuery,
    run: ({ node }, { params, query }) =>
      node.candles({ dataset: (params as z.output<typeof IdPath>).id, ...(query as z.output<typeof CandlesQuery>) }),
  },
  {
    ...write('/api/v1/results/:id/run', 'Runs it once more', EmptyBody, StrategyRunAnswer, () => undefined),
    params: IdPath,
    run: ({ node }, { params }) => node.runStrategy((params as z.output<typeof IdPath>).id, true),
  },
];
