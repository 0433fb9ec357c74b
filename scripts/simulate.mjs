// npm run simulate -- --seeds N   lives through N fresh histories of a simulated mesh, as long as it takes.
import { parseArgs } from 'node:util';
import { runLong } from './run-long.mjs';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1000' } } });
runLong({
  flag: 'seeds',
  count: values.seeds,
  variable: 'STRATMESH_SIM_SEEDS',
  test: 'test/simulation/histories.test.ts',
});
