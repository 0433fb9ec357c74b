// npm run fuzz -- --inputs N --seed S   gives every decoder N inputs that are nearly valid; a seed gives the same ones again.
import { parseArgs } from 'node:util';
import { runLong } from './run-long.mjs';

const { values } = parseArgs({ options: { inputs: { type: 'string', default: '1000000' }, seed: { type: 'string' } } });
if (values.seed !== undefined) {
  if (!/^\d{1,10}$/.test(values.seed)) {
    console.error(`--seed is a whole number from 0, not ${values.seed}`);
    process.exit(2);
  }
  process.env.STRATMESH_FUZZ_SEED = values.seed;
}
runLong({
  flag: 'inputs',
  count: values.inputs,
  variable: 'STRATMESH_FUZZ_INPUTS',
  test: 'test/fuzz/decoders.test.ts',
});
