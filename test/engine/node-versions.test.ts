// The same bits on other versions of Node. STRATMESH_TEST_NODES names their programs, separated by the path delimiter; CI
// installs them (.ci/run).
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const PROGRAM = fileURLToPath(new URL('../../dist/node.js', import.meta.url));
const others = (process.env.STRATMESH_TEST_NODES ?? '').split(delimiter).filter((path) => path !== '');
const SEARCH = ['mine', '--data', 'sample', '--population', '40', '--generations', '5', '--threads', '2', '--json'];
const PERPETUAL = [
  'mine',
  '--data',
  'sample',
  '--market',
  'perpetual',
  '--population',
  '20',
  '--generations',
  '2',
  '--json',
];

const whyNot = existsSync(PROGRAM)
  ? others.length > 0 || 'no other Node: set STRATMESH_TEST_NODES'
  : 'dist/ is not built';

interface Answer {
  digest: string;
  fingerprint: string;
  champions: unknown[];
}

function mineWith(node: string, words: readonly string[]): Answer {
  const text = execFileSync(node, [PROGRAM, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const { digest, fingerprint, champions } = JSON.parse(text) as Answer;
  return { digest, fingerprint, champions };
}

t.test('every Node computes the same', { skip: whyNot === true ? false : whyNot }, async (t) => {
  for (const words of [SEARCH, PERPETUAL]) {
    const here = mineWith(process.execPath, words);
    t.match(here.digest, /^[0-9a-f]{64}$/);
    for (const other of others) {
      const version = execFileSync(other, ['--version'], { encoding: 'utf8' }).trim();
      t.not(version.split('.')[0], process.version.split('.')[0], `${version} is another one`);
      t.same(mineWith(other, words), here, `${version} as ${process.version}: ${words.slice(1, 5).join(' ')}`);
    }
  }
});
