// The simulation itself is tested: with a bug planted in the product, a history must come to a finding. Two bugs of the
// list, chosen by chance, in each run; STRATMESH_SIM_PLANTED=all takes all of them.
import t from 'tap';
import { BUGS, type Planted } from './bugs.ts';
import { live } from './history.ts';
import { loadProduct } from './product.ts';

const ALL = process.env.STRATMESH_SIM_PLANTED === 'all';
const first = Math.floor(Math.random() * BUGS.length);
const chosen = ALL ? BUGS : [BUGS[first]!, BUGS[(first + 7) % BUGS.length]!];
/** Histories that a bug may live through before it counts as not found. */
const SEEDS = 60;

async function findingOf(bug: Planted): Promise<string | undefined> {
  const product = await loadProduct(bug);
  for (let seed = bug.seed; seed < bug.seed + SEEDS; seed += 1) {
    // A history that cannot be lived through is a finding, too.
    const { findings } = await live(product, seed).catch(({ message }: Error) => ({
      findings: [{ invariant: message }],
    }));
    if (findings.length > 0) return `seed ${seed}, ${findings[0]!.invariant}`;
  }
  return undefined;
}

t.test('planted bugs are found', async (t) => {
  t.ok(BUGS.length >= 15, `${BUGS.length} bugs`);
  for (const bug of chosen) t.match(await findingOf(bug), /^seed/, bug.what);
});
