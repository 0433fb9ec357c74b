// What is lost when a machine is killed in the middle of a unit, with real processes: how far the others have its search, and
// that one of them goes on from there. STRATMESH_KILLS=30 kills that often.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { decodeCheckpoint } from '../../src/protocol/blob.ts';
import { Chance } from '../fuzz/chance.ts';
import { connectedTo } from '../support/connections.ts';
import { TestHome, type TestNode, until } from '../support/nodes.ts';

const KILLS = Number(process.env.STRATMESH_KILLS ?? 2);
const SEED = Number(process.env.STRATMESH_KILLS_SEED ?? Date.now() % 1e6);
/** Long enough that a quick machine is nowhere near the end of it when it is killed. */
const SIZE = { preset: 'quick', population: 400, generations: 60, risk: 'medium' } as const;
/** Percent of the time that a thread computes: an eighth of a second a generation where nothing else is at work. */
const SHARE = '40';
const BEGUN = 3;
/** It is killed so many generations further at most, and somewhere within one. */
const FURTHER_MAX = 12;
/** What the product promises: generations that were finished and that nobody can go on from. The one under way comes on top. */
const LOST_MAX = 1;
const SETTLE_MS = 500;
/** A busy machine takes long. */
const LIMIT_MS = 180_000;
const ARGS = ['--mesh-host', '127.0.0.1', '--no-mdns', '--mesh-port', '0', '--lobby-port', '0', '--log-level', 'debug'];

interface Step {
  unit: string;
  generation: number;
  at: number;
}

/** Generations of the unit that a node has finished or gone on from, as its log tells. */
function stepsOf(node: TestNode, unit: string): Step[] {
  const lines = node.log().split('\n');
  const progress = lines.filter((line) => line.includes('"unit.progress"') && line.endsWith('}'));
  const steps = progress.map((line) => JSON.parse(line) as { unit: string; generation: number; time: string });
  return steps.filter((step) => step.unit === unit).map((step) => ({ ...step, at: Date.parse(step.time) }));
}

/** The furthest state of the unit that a node keeps for another. */
function keptBy({ dataDir }: TestNode, unit: string): number {
  const folder = join(dataDir, 'walks');
  const files = readdirSync(folder).filter((name) => name.startsWith(unit) && !name.endsWith('.tmp'));
  const generations = files.map((name) => {
    const bytes = readFileSync(join(folder, name));
    return decodeCheckpoint(bytes.subarray(4, 4 + bytes.readUInt32BE(0)))!.generation;
  });
  return Math.max(0, ...generations);
}

t.test(`killed ${KILLS} times (STRATMESH_KILLS_SEED=${SEED})`, { timeout: 60_000 + 180_000 * KILLS }, async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const nodes = ['desk', 'shed', 'laptop'].map((name) => home.node(name));
  const [desk] = nodes as [TestNode];
  const { mesh } = await desk.start({ args: ARGS });
  const { ticket } = await desk.invite(2);
  const bootstrap = home.bootstrapFile('bootstrap.json', { ticket, peers: mesh });
  for (const node of nodes.slice(1)) await node.start({ args: ARGS, bootstrap });
  await until('all are connected', async () => nodes.every((node) => connectedTo(node) === 2));
  const { hash: dataset } = await desk.post<{ hash: string }>('datasets/sample', {});
  for (const node of nodes) await node.command('limits', '--share', SHARE);
  const lost: number[] = [];
  for (let round = 0; round < KILLS; round += 1) {
    const chance = new Chance(SEED, round);
    const far = BEGUN + chance.below(FURTHER_MAX);
    const job = await desk.createJob({
      dataset,
      ...SIZE,
      units: 1,
      replicas: 1,
      permutations: 0,
      seed: `${SEED}.${round}`,
    });
    const [at, unit] = await until(
      'a machine is in the middle of it',
      async () => {
        for (const node of nodes) {
          const { unit } = await node.status();
          if (unit?.jobId === job.id && unit.generation >= far) return [node, unit.unitId] as const;
        }
        return undefined;
      },
      LIMIT_MS,
    );
    await delay(chance.below(200));
    await at.kill();
    const killed = Date.now();
    const others = nodes.filter((node) => node !== at);
    // What was on its way when it fell silent has come in or not.
    await delay(SETTLE_MS);
    const done = stepsOf(at, unit).at(-1)!;
    if (done.generation === SIZE.generations) throw new Error('it had ended before it was killed');
    const kept = Math.max(...others.map((node) => keptBy(node, unit)));
    lost.push(done.generation - kept);
    t.ok(done.generation - kept <= LOST_MAX, `${at.name} had finished ${done.generation}, the others have ${kept}`);
    const steps = stepsOf(at, unit);
    const each = Math.round((done.at - steps[0]!.at) / (done.generation - steps[0]!.generation));
    t.comment(`killed ${killed - done.at} ms after the last generation, ${each} ms each`);

    // It comes back without going on: what it claimed is free.
    writeFileSync(join(at.dataDir, 'paused'), '{"until":null}\n');
    const peers = others.flatMap(({ ready }) => ready.mesh);
    await at.start({ args: ARGS, bootstrap: home.bootstrapFile('back.json', { peers }) });
    const next = await until('another one goes on', async () => others.find((node) => stepsOf(node, unit).length > 0));
    t.equal(stepsOf(next, unit)[0]!.generation, kept, `${next.name} begins where ${at.name} was last known to be`);
    const [view] = await until(
      'it is done',
      async () => {
        const units = await next.units(job.id);
        return units.every(({ state }) => state === 'validated') && units;
      },
      LIMIT_MS,
    );
    t.same(
      view!.results.map(({ peerId }) => peerId),
      [next.ready.peerId],
    );
    await at.post('node/resume', {});
  }
  const times = (count: number): number => lost.filter((each) => each === count).length;
  t.comment(`finished generations lost: none in ${times(0)} of ${KILLS}, one in ${times(1)}`);
});
