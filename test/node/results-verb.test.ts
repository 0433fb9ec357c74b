// `results` asks what the page asks: each filter by a flag, and the same way from tries to keepers, over the real server.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { runCommand } from '../../src/node/cli/main.ts';
import { writeApiAddress } from '../../src/node/data-directory.ts';
import { RESULT_OPTIONS } from '../../src/node/verbs/result-filters.ts';
import { LandscapeQuery } from '../../src/ui/answers-detail.ts';
import type { ResultView } from '../../src/ui/api.ts';
import { resultOf } from '../ui/fixture-data.ts';
import { createFixtureNode, type FixtureNode } from '../ui/fixture-node.ts';
import { startHarness, TOKEN } from '../ui/harness.ts';

async function open(t: Test, node: FixtureNode = createFixtureNode()) {
  const server = await startHarness({ node });
  const dataDir = mkdtempSync(join(tmpdir(), 'stratmesh-results-'));
  t.teardown(async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  writeApiAddress({ path: dataDir } as never, { url: server.url, token: TOKEN });
  return async (...argv: string[]) => {
    const said: string[] = [];
    const stdout = { write: (text: string) => said.push(text) };
    const streams = { stdout, stderr: { write: () => true, isTTY: false }, environment: {} };
    const code = await runCommand(
      ['results', ...argv, '--data-dir', dataDir],
      streams as never,
      new AbortController().signal,
    );
    return { code, out: said.join('') };
  };
}

t.test('every filter of the page has its flag', async (t) => {
  const flags = Object.keys(RESULT_OPTIONS).filter((flag) => flag !== 'funnel');
  const names = flags.map((flag) =>
    flag === 'bars' ? 'barMs' : flag.replace(/-./g, ([, letter]) => letter!.toUpperCase()),
  );
  t.same(new Set(names), new Set(Object.keys(LandscapeQuery.shape)));
  const results = await open(t);
  const found = async (...argv: string[]): Promise<number[]> => {
    const { code, out } = await results(...argv, '--json');
    t.equal(code, 0, argv.join(' '));
    const ids = Array.from({ length: 10 }, (_, n) => resultOf(n).id);
    return (JSON.parse(out) as { items: ResultView[] }).items.map(({ id }) => ids.indexOf(id));
  };
  // By hand from fixture-data.ts.
  t.same(await found(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'best first');
  t.same(await found('--market', 'ETH-USD', '--min-trades', '68'), [6, 8]);
  t.same(await found('--bars', '1h', '--find', 'amber'), [0]);
  t.same(await found('--bars', '5m'), []);
  t.same(await found('--risk', 'high'), []);
  t.same(await found('--job', resultOf(1).jobId.slice(0, 62)), [1, 4, 7]);
  t.same(await found('--validated', '--in-sample', '0.081..0.091'), [1, 2, 4, 5]);
  t.same(await found('--out-of-sample=-0.01..0.018'), [8, 9]);
  const refused = await results('--in-sample', 'a lot', '--json');
  t.equal(refused.code, 2);
  const { error } = JSON.parse(refused.out) as { error: unknown };
  t.match(error, { message: /^--in-sample: must be a range like 0\.01\.\.0\.05/, field: 'in-sample' }, 'by its flag');
  t.same((await results('--bars', 'long')).code, 2);
});

t.test('more than a page of them', async (t) => {
  const node = createFixtureNode();
  const many = Array.from({ length: 1_001 }, (_, n) => ({ ...resultOf(n % 10), id: `${n}`.padStart(64, '0') }));
  const results = await open(t, { ...node, listeners: 0, results: () => many });
  const { items } = JSON.parse((await results('--json')).out) as { items: ResultView[] };
  t.equal(new Set(items.map(({ id }) => id)).size, 1_001);
  t.equal(items.length, 1_001);
});

t.test('from tries to keepers', async (t) => {
  const results = await open(t);
  const { out } = await results('--funnel');
  // Of the seven that are validated the verdict names one, and that one loses at twice the costs.
  t.match(
    out,
    /tried +6042800[\s\S]*kept +10,[\s\S]*holdout +9[\s\S]*validated +7,[\s\S]*judged +1 of 7;[\s\S]*costs +0\n[\s\S]*neighbours +0\n/,
  );
  t.match(JSON.parse((await results('--funnel', '--json')).out), {
    validated: 7,
    judged: 1,
    costs: { hold: 0, open: 0 },
  });
  t.equal((await results('--funnel', '--validated')).code, 2, 'it is of all strategies');
  const nobody = await open(t, { ...createFixtureNode(), listeners: 0, judged: () => undefined });
  t.match((await nobody('--funnel')).out, /judged +0 of 7;[\s\S]*costs +—\nluck +—\nneighbours +—\n/);
});
