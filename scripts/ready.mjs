// Makes a checkout ready to run: installs exactly what the lockfile says (which also builds), or only builds where
// that has happened already. Needs nothing but Node and npm.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const run = (command, args) =>
  execFileSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });

/** npm writes this file last, so an install that was cut off does not count as one. */
function isInstalled() {
  try {
    const installed = join(root, 'node_modules', '.package-lock.json');
    const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    const present = JSON.parse(readFileSync(installed, 'utf8')).packages;
    const wanted = Object.entries(locked).filter(([path, entry]) => path !== '' && !entry.optional);
    return statSync(installed).isFile() && wanted.every(([path, entry]) => present[path]?.version === entry.version);
  } catch {
    return false;
  }
}

if (isInstalled()) run(process.execPath, [join(root, 'scripts', 'build.mjs')]);
else run('npm', ['ci', '--no-audit', '--no-fund']);
