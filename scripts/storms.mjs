// npm run storms -- --rounds N   what networks do to a mesh, on hosts of their own (root, Linux), N times over.
import { parseArgs } from 'node:util';
import { runLong } from './run-long.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '1' } } });
runLong({ flag: 'rounds', count: values.rounds, variable: 'STRATMESH_STORMS', test: 'test/mesh/storms.test.ts' });
