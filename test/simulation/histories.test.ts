// Random histories of a mesh in virtual time: faults first, with safety checked throughout, then healing and agreement.
// STRATMESH_SIM_SEED=… replays one; STRATMESH_SIM_SEEDS=… says how many fresh ones there are.
import t from 'tap';
import { live } from './history.ts';
import { loadProduct } from './product.ts';

const FIXED = [1, 2, 3, 4, 5, 6];
const FRESH = Number(process.env.STRATMESH_SIM_SEEDS ?? 6);
const fresh = Array.from({ length: FRESH }, () => Math.floor(Math.random() * 2 ** 31));
const only = process.env.STRATMESH_SIM_SEED;
const seeds = only === undefined ? [...FIXED, ...fresh] : [Number(only)];

t.test('histories', async (t) => {
  const product = await loadProduct();
  for (const seed of seeds) {
    const { findings, story, ...rest } = await live(product, seed).catch((error: Error) => {
      t.fail(`STRATMESH_SIM_SEED=${seed} ${error.stack}`);
      return { findings: [], story: [] };
    });
    t.strictSame(findings.slice(0, 5), [], `STRATMESH_SIM_SEED=${seed} ${JSON.stringify(rest)}`);
    if (findings.length > 0 || only !== undefined) t.comment(story.join('\n'));
  }
});

t.test('one seed is one history', { skip: only !== undefined && 'one seed is replayed' }, async (t) => {
  const product = await loadProduct();
  const [seed] = FIXED as [number];
  t.strictSame(await live(product, seed), await live(product, seed));
});
