// npm run nightly -- --pairs N   holds the fast engine to the plain one over N strategy × window pairs, as long as it takes.
import { parseArgs } from 'node:util';
import { runLong } from './run-long.mjs';

const { values } = parseArgs({ options: { pairs: { type: 'string', default: '100000' } } });
runLong({ flag: 'pairs', count: values.pairs, variable: 'STRATMESH_PAIRS', test: 'test/engine/fast.test.ts' });
