// npm run pictures -- --to FOLDER [--of peers,work]   writes pictures of all pages, or of some, to look at.
import { spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { to: { type: 'string', default: 'pictures' }, of: { type: 'string' } } });
const { status } = spawnSync('npx', ['tap', '--timeout=0', '--reporter=terse', 'test/ui/pictures.test.ts'], {
  cwd: dirname(dirname(fileURLToPath(import.meta.url))),
  stdio: 'inherit',
  env: {
    ...process.env,
    STRATMESH_PICTURES: resolve(values.to),
    ...(values.of === undefined ? {} : { STRATMESH_PICTURES_OF: values.of }),
  },
  shell: process.platform === 'win32',
});
process.exit(status ?? 1);
