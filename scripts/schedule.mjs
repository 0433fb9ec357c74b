// npm run schedule -- --seed N   shares out the units of meshes of 3, 10 and 50 machines on virtual time, for some minutes, and
// writes the table of docs/protocol.md.
import { parseArgs } from 'node:util';
import { runLong } from './run-long.mjs';

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' } } });
runLong({
  flag: 'seed',
  count: values.seed,
  variable: 'STRATMESH_SCHEDULE',
  test: 'test/scheduling/targets.test.ts',
});
