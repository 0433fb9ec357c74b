// npm run measure-page -- --seconds N   what the page costs on a node with a large ledger: the figures of docs/page.md.
import { parseArgs } from 'node:util';
import { runLong } from './run-long.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
runLong({
  flag: 'seconds',
  count: values.seconds,
  variable: 'STRATMESH_MEASURE_PAGE',
  test: 'test/harness/page-budget.test.ts',
});
