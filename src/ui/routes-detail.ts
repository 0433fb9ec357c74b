// Routes to one thing of a list.
import { UnitAnswer } from './answers.ts';
import { JobDetailAnswer, UnitPath } from './answers-detail.ts';
import { IdPath } from './inputs.ts';
import { type Route, readOne } from './route.ts';

export const DETAIL_ROUTES: readonly Route[] = [
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
];
