// Work for the nodes of a test on hosts of their own: a job of small units, and what became of it.
import type { Test } from 'tap';
import type { UnitView } from '../../src/ui/api.ts';
import { type TestNode, until } from './nodes.ts';

/** A second or two each on one thread. */
const SIZE = { preset: 'quick', population: 60, generations: 12, risk: 'medium', permutations: 0 } as const;
const REPLICAS = 2;

/** On the sample's candles, which the others fetch. Resolves to the job's id. */
export async function giveWork(node: TestNode, units: number): Promise<string> {
  const { hash } = await node.post<{ hash: string }>('datasets/sample', {});
  return (await node.createJob({ dataset: hash, ...SIZE, units })).id;
}

/** Waits until all of them show all units as validated by distinct machines, equally; tells how many runs were too many. */
export async function allDone(t: Test, nodes: readonly TestNode[], job: string, units: number): Promise<void> {
  const lists = await until(
    'every unit is validated, on every machine',
    async () => {
      const shown = await Promise.all(nodes.map((node) => node.units(job)));
      return shown.every((list) => list.length === units && list.every(({ state }) => state === 'validated')) && shown;
    },
    300_000,
  );
  const answersOf = (list: UnitView[]) => list.map(({ index, digest, results }) => [index, digest, results.length]);
  for (const list of lists)
    t.same(answersOf(list), answersOf(lists[0]!), 'no unit is lost, and the answers are the same');
  const results = lists[0]!.map((unit) => unit.results);
  for (const each of results)
    t.equal(new Set(each.map(({ peerId }) => peerId)).size, each.length, 'of distinct machines');
  const answers = results.reduce((sum, each) => sum + each.length, 0);
  const more = answers - REPLICAS * units;
  const share = ((100 * more) / answers).toFixed(1);
  t.comment(`${units} units, ${answers} answers: ${more} more than asked for, ${share} % of the work`);
}
