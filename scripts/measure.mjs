// npm run measure -- --rounds N --minutes N --entries N   the figures of docs/protocol.md, with real nodes on this machine:
// N entries spread to ten nodes, ten nodes idle for N minutes, one node with N entries and one that gets them.
import { parseArgs } from 'node:util';
import { runLong } from './run-long.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '3' },
    entries: { type: 'string', default: '100000' },
  },
});
process.env.STRATMESH_MEASURE_ROUNDS = values.rounds;
process.env.STRATMESH_MEASURE_MINUTES = values.minutes;
runLong({
  flag: 'entries',
  count: values.entries,
  variable: 'STRATMESH_MEASURE_ENTRIES',
  test: ['test/harness/ten-nodes.test.ts', 'test/harness/large-ledger.test.ts'],
});
