// npm run simulate -- --seeds N   lives through N fresh histories of a simulated mesh, as long as it takes.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1000' } } });
if (!/^[1-9]\d*$/.test(values.seeds)) {
  console.error(`--seeds is a whole number from 1, not ${values.seeds}`);
  process.exit(2);
}
const args = ['tap', '--timeout=0', '--reporter=tap', 'test/simulation/histories.test.ts'];
const { status } = spawnSync('npx', args, {
  cwd: dirname(dirname(fileURLToPath(import.meta.url))),
  stdio: 'inherit',
  env: { ...process.env, STRATMESH_SIM_SEEDS: values.seeds },
  shell: process.platform === 'win32',
});
process.exit(status ?? 1);
