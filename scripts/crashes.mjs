// npm run crashes -- --rounds N   kills a node in mid-write N times and looks each time for what it had acknowledged.
import { parseArgs } from 'node:util';
import { runLong } from './run-long.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' } } });
runLong({
  flag: 'rounds',
  count: values.rounds,
  variable: 'STRATMESH_ROUNDS',
  test: 'test/harness/crashes.test.ts',
});
