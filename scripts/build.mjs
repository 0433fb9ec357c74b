// Builds dist/: the kernel (AssemblyScript), the node (tsc) and the page (esbuild). `npm ci` runs it through "prepare".
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildKernel } from './build-kernel.mjs';
import { buildPage } from './build-page.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

// Built beside and put in place at the end: nodes that run from dist/ never see half of it.
const built = join(root, `dist.${process.pid}.new`);
const before = join(root, `dist.${process.pid}.old`);
const dist = join(root, 'dist');
try {
  await buildKernel({ root });
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.json'), '--outDir', built], {
    cwd: root,
    stdio: 'inherit',
  });
  await buildPage({ root, out: join(built, 'ui', 'page') });
  chmodSync(join(built, 'node.js'), 0o755);
  if (existsSync(dist)) renameSync(dist, before);
  renameSync(built, dist);
} finally {
  for (const folder of [built, before]) rmSync(folder, { recursive: true, force: true });
}
