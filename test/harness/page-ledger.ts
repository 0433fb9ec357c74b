// A mesh as somebody has it who looks at the page after weeks: members, one job under way and one that is done, and
// strategies with figures that hold, so that every node shows them.
import { evaluateChampion } from '../../src/engine/champion.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { proposeGeneration, startState } from '../../src/engine/search/evolve.ts';
import type { Strategy } from '../../src/engine/strategy.ts';
import { strategyHash } from '../../src/engine/strategy-hash.ts';
import type { UnitTask } from '../../src/engine/unit-task.ts';
import { madeHash } from '../../src/node/bench/entries.ts';
import { benchTask } from '../../src/node/bench/workloads.ts';
import { openDataDirectory } from '../../src/node/data-directory.ts';
import { openDataStore } from '../../src/node/data-store.ts';
import { fromHex, sha256, utf8 } from '../../src/protocol/bytes.ts';
import type { Entry } from '../../src/protocol/entry.ts';
import { createSigner, type Signer } from '../../src/protocol/keys.ts';
import type { Job, Result } from '../../src/protocol/kinds.ts';
import { type Contents, makeLedgerOf, Scribe } from './ledger-maker.ts';

/** That of the machines of test/node/support, so that they take the work. */
const FINGERPRINT = fromHex('ab'.repeat(32));
const CHAMPIONS = 3;
const BARS = 600;

export const pageCandles = sampleCandles('page', BARS);
const search = { ...benchTask(200, 100).spec };

/** Secret seed of a member of the made mesh, for a machine that is to be that member. */
export const seedOfMember = (i: number): Uint8Array => madeHash(`peer ${i}`);

export interface PageMesh {
  peers: number;
  /** Of the job under way, and how many of them have an answer; the other job has as many units as it takes. */
  units: number;
  answered: number;
  strategies: number;
}

const jobOf = (name: string, units: number): Job => ({
  name,
  dataset: fromHex(pageCandles.hash),
  market: { symbol: 'SAMPLE-USD', quote: 'USD', barMs: pageCandles.barMs, sample: true },
  fingerprint: FINGERPRINT,
  seed: name,
  units,
  search,
  validation: { mode: 'replicate', replicas: 2, quorum: 2, most: 4 },
  priority: 5,
});

/** No two alike. */
function strategiesOf(count: number): Strategy[] {
  const found = new Map<string, Strategy>();
  for (let i = 0; found.size < count; i += 1) {
    const task = { ...benchTask(200, 1), seed: `page ${i}` };
    for (const each of proposeGeneration(task, startState(), pageCandles)) found.set(strategyHash(each), each);
  }
  return [...found.values()].slice(0, count);
}

function resultsOf(strategies: readonly Strategy[]) {
  return (job: Uint8Array, seed: string, index: number, nth: number): Omit<Result, 'seal'> => {
    const task: UnitTask = { dataset: pageCandles.hash, seed, spec: search, unit: index };
    const champions = strategies.slice(CHAMPIONS * nth, CHAMPIONS * (nth + 1)).map((strategy) => {
      const { inSample, outOfSample, holdout } = evaluateChampion(pageCandles, task, strategy);
      return { strategy: { ...strategy }, inSample, outOfSample, holdout };
    });
    return {
      ...{ job, index, fingerprint: FINGERPRINT, digest: sha256(job, utf8(String(index))), champions },
      trials: { count: 20_000, meanSharpe: 0.1, varianceSharpe: 0.01 },
      ...{ ms: 345_678, backtests: 20_123 },
    };
  };
}

function contentsOf({ peers, units, answered, strategies }: PageMesh): Contents {
  const all = strategiesOf(strategies);
  const rest = Math.ceil(strategies / CHAMPIONS) - answered;
  function* entries(mesh: string, founder: Signer): Generator<Entry> {
    const first = new Scribe(mesh, founder, 'log of the founder');
    const signers = Array.from({ length: peers }, (_, i) => createSigner(seedOfMember(i)));
    for (const [i, { publicKey }] of signers.entries())
      yield first.write('admit', { member: publicKey, name: `machine-${i}`, role: 'member' });
    const scribes = signers.map((signer, i) => new Scribe(mesh, signer, `log ${i}`));
    const make = resultsOf(all);
    let nth = 0;
    for (const [name, size, done] of [
      ['SAMPLE-USD done', rest, rest],
      ['SAMPLE-USD under way', units, answered],
    ] as const) {
      const job = first.write('job', jobOf(name, size));
      yield job;
      for (let index = 0; index < done; index += 1, nth += 1) {
        const result = make(fromHex(job.id), name, index, nth);
        for (const member of [nth % peers, (nth + 1) % peers])
          yield scribes[member]!.write('result', { ...result, seal: sha256(result.digest, utf8(String(member))) });
      }
    }
  }
  return { members: peers, entries };
}

/** A data directory with that mesh and its candles. */
export async function makePageLedger(path: string, mesh: PageMesh): Promise<void> {
  const data = await openDataStore(openDataDirectory(path).data);
  await data.addCandles(pageCandles);
  await makeLedgerOf(path, contentsOf(mesh), Number.POSITIVE_INFINITY);
}
