// Runs test files, one after the other and for as long as they take, with a count that people gave.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `test`: one file or several. `count` goes to it in the environment variable `variable`; `flag` is its name on the command line. */
export function runLong({ flag, count, variable, test }) {
  if (!/^[1-9]\d*$/.test(count)) {
    console.error(`--${flag} is a whole number from 1, not ${count}`);
    process.exit(2);
  }
  const { status } = spawnSync('npx', ['tap', '--timeout=0', '--jobs=1', '--reporter=tap', ...[test].flat()], {
    cwd: dirname(dirname(fileURLToPath(import.meta.url))),
    stdio: 'inherit',
    env: { ...process.env, [variable]: count },
    shell: process.platform === 'win32',
  });
  process.exit(status ?? 1);
}
