// Work that walks: what one machine has searched another goes on with, over real libp2p and with the real engine, to the
// same bits; and what of it is taken up when somebody may be lying.
import '../../src/node/polyfill.ts';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { PlainEvaluator } from '../../src/engine/fitness.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { advance, proposeGeneration, startState } from '../../src/engine/search/evolve.ts';
import { encodeSearchState } from '../../src/engine/search/state-codec.ts';
import { parseSearchSpec, presetSpec } from '../../src/engine/search-spec.ts';
import type { UnitTask } from '../../src/engine/unit-task.ts';
import { openCandleCache } from '../../src/node/candle-cache.ts';
import { openDataStore } from '../../src/node/data-store.ts';
import { mineUnit } from '../../src/node/mine-unit.ts';
import { decodeSaved, encodeSaved } from '../../src/node/saved-search.ts';
import { isBarred, mayGoOn, type UnitOnHand } from '../../src/node/walk-rules.ts';
import { decodeCheckpoint } from '../../src/protocol/blob.ts';
import { fromHex, sha256Hex, toHex } from '../../src/protocol/bytes.ts';
import { unitId } from '../../src/protocol/entry.ts';
import type { Result } from '../../src/protocol/kinds.ts';
import { decodeTicket } from '../../src/protocol/ticket.ts';
import { hexOf, job, keyOf } from '../ledger/support/people.ts';
import { holds } from '../protocol/support/property.ts';
import { homeOf, type Machine, machine } from './support/machine.ts';
import { openBench, SEARCH, SELF, until } from './support/worker.ts';

type T = Parameters<typeof homeOf>[0];

const ENGINE = fromHex('ab'.repeat(32));
const CANDLES = sampleCandles();
const SPEC = presetSpec({
  preset: 'quick',
  risk: 'high',
  overrides: { population: 16, generations: 6, folds: 2, minTrades: 8 },
});
const ONE = { mode: 'replicate', replicas: 1, quorum: 1, most: 4 } as const;

/** Lets a machine begin so many generations. */
interface Gate {
  left: number;
  wake: () => void;
}

async function worker(t: T, home: string, name: string): Promise<{ node: Machine; gate: Gate }> {
  const gate: Gate = { left: 0, wake: () => undefined };
  const store = await openDataStore(join(home, name, 'data'));
  await store.addSample();
  const passes = async (signal: AbortSignal): Promise<void> => {
    while (gate.left === 0) {
      await new Promise<void>((resolve, reject) => {
        gate.wake = resolve;
        signal.addEventListener('abort', () => reject(Object.assign(new Error('aborted'), { name: 'AbortError' })));
      });
    }
    gate.left -= 1;
  };
  const node = machine(t, home, name, {
    data: await openCandleCache(store, () => undefined),
    mine: (deps, task) => {
      const evaluator = new PlainEvaluator(deps.candles, task.spec);
      const evaluate: (typeof deps)['pool']['evaluate'] = async (_, strategies, signal) => {
        await passes(signal!);
        return strategies.map((strategy) => evaluator.evaluate(strategy));
      };
      return mineUnit({ ...deps, pool: { evaluate } }, task);
    },
  });
  return { node, gate };
}

function open(gate: Gate, generations: number): void {
  gate.left += generations;
  gate.wake();
}

/** What a machine that runs the unit from beginning to end answers. */
async function wholeRun(task: UnitTask): Promise<string> {
  const evaluator = new PlainEvaluator(CANDLES, task.spec);
  const outcome = await mineUnit(
    {
      candles: CANDLES,
      pool: { evaluate: async (_, strategies) => strategies.map((strategy) => evaluator.evaluate(strategy)) },
      checkpoint: { load: async () => undefined, save: async () => undefined },
      onGeneration: () => undefined,
      signal: new AbortController().signal,
    },
    task,
  );
  return outcome.digest;
}

t.test('a unit whose machine falls asleep is gone on with by another, to the same bits', async (t) => {
  const home = homeOf(t);
  const [a, b, c] = [await worker(t, home, 'a'), await worker(t, home, 'b'), await worker(t, home, 'c')];
  await a.node.place.enter(undefined);
  const { ticket } = await a.node.port.invite({ uses: 2 });
  for (const { node } of [b, c]) {
    await node.place.enter(decodeTicket(ticket));
    await node.port.pause({});
  }
  await until('all are connected', () => a.node.session().mesh.peers().length === 2, 20_000);
  const { id } = await a.node
    .session()
    .ledger.append(
      'job',
      job({ dataset: fromHex(CANDLES.hash), fingerprint: ENGINE, search: { ...SPEC }, units: 1, validation: ONE }),
    );
  const unit = unitId(fromHex(id), 0);
  open(a.gate, 3);
  const reached = ({ node }: { node: Machine }): number => node.session().work.current?.report?.generation ?? 0;
  await until('three generations', () => reached(a) === 3, 20_000);
  const maker = toHex(a.node.signer.publicKey);
  const kept = ({ node }: { node: Machine }): number => {
    const [furthest] = node.session().travel.walk.checkpoints(unit);
    return furthest === undefined ? 0 : decodeCheckpoint(furthest)!.generation;
  };
  await until('b and c have its last state', () => kept(b) === 3 && kept(c) === 3, 10_000);
  await until('on the disk', () => readdirSync(c.node.directory.walks).length === 1);

  await a.node.stop();
  await b.node.port.resume();
  await until('b goes on', () => b.node.session().work.current?.unit === unit, 20_000);
  open(b.gate, 6);
  await until('b has answered', () => b.node.session().work.finished === 1, 20_000);
  const [vote] = b.node.session().ledger.state().units.get(unit)!.votes;
  const said = vote!.result as Result;
  t.strictSame(said.lineage?.map(toHex), [maker], 'it says on whom it rests');
  t.equal(b.gate.left, 3, 'three generations were not run again, and none was lost');
  const task = { dataset: CANDLES.hash, seed: 'seed', spec: parseSearchSpec({ ...SPEC }), unit: 0 };
  t.equal(toHex(said.digest), await wholeRun(task), 'the same bits as one that ran through');
  await until(
    'c drops what nobody needs any more',
    () => kept(c) === 0 && readdirSync(c.node.directory.walks).length === 0,
  );
});

/** A real state of the bench's unit after so many generations, with scores made up. */
function stateAfter(task: UnitTask, generations: number, salt = 1): Uint8Array {
  let state = startState();
  while (state.generation < generations) {
    const proposed = proposeGeneration(task, state, { length: 7000, barMs: 300_000 });
    const scores = proposed.map((_, i) => {
      return { fitness: i * salt, sharpe: 0.1, return: 0.01, trades: 30, behaviour: i.toString(16).padStart(16, '0') };
    });
    state = advance(task, state, proposed, scores);
  }
  return encodeSearchState(task, state);
}

const TASK = { dataset: '', seed: 'seed', spec: parseSearchSpec({ ...SEARCH }), unit: 0 };
const [bob, cy, self] = ['bob', 'cy', SELF].map((name) => hexOf(keyOf(name))) as [string, string, string];

/** A node that is about to take a unit, of which others have these searches. */
async function facing(
  t: Parameters<typeof openBench>[0],
  told: { generation: number; reaches?: number; lineage: string[] }[],
) {
  const bench = await openBench(t);
  const id = await bench.createJob({ units: 1, validation: ONE });
  const task = { ...TASK, dataset: toHex(bench.ledger.state().jobs.get(id)!.job.dataset) };
  const unit = bench.unit(id, 0);
  const found = told.map(({ generation, reaches, lineage }) => {
    const state = stateAfter(task, reaches ?? generation);
    return { blob: sha256Hex(state), generation, lineage, state };
  });
  bench.walk.found.set(unit, found);
  const loop = bench.start();
  const search = await until('a search', () => bench.searches[0]);
  return { bench, unit, task, found, loop, search };
}

t.test('what is taken up: the furthest that may be, and what it is said to be', async (t) => {
  const both = await facing(t, [
    { generation: 3, lineage: [cy] },
    { generation: 2, lineage: [bob] },
  ]);
  t.strictSame(await both.search.deps.checkpoint.load(), both.found[0]!.state);
  t.strictSame(both.loop.current?.lineage, [cy]);
  both.search.finish();
  await until('its answer', () => both.loop.finished === 1);
  const [vote] = both.bench.ledger.state().units.get(both.unit)!.votes;
  t.strictSame(vote?.lineage, [cy]);

  const lying = await facing(t, [
    { generation: 3, reaches: 1, lineage: [cy] },
    { generation: 2, lineage: [bob, self] },
  ]);
  t.strictSame(await lying.search.deps.checkpoint.load(), lying.found[1]!.state);
  t.strictSame(lying.bench.walk.refused, [lying.found[0]!.blob], 'a state that is not where its maker says is left');
  t.strictSame(lying.loop.current?.lineage, [bob], 'what it did itself needs no naming');

  const long = await facing(t, [{ generation: 3, lineage: ['1', '2', '3', '4', '5'].map((n) => n.repeat(64)) }]);
  t.equal(await long.search.deps.checkpoint.load(), undefined, 'a lineage that no answer can name is not gone on with');
  t.strictSame(long.loop.current?.lineage, []);
});

t.test('a state that the engine chokes on is not taken up a second time', async (t) => {
  const { bench, search, found } = await facing(t, [{ generation: 3, lineage: [cy] }]);
  await search.deps.checkpoint.load();
  search.fail(new Error('an odd strategy'));
  await until('that it is told', () => bench.problems.has('mining_failed'));
  t.strictSame(bench.walk.refused, [found[0]!.blob]);
});

t.test('what is published: each generation but the last, with its lineage; what is saved keeps it', async (t) => {
  const { bench, search, unit } = await facing(t, [{ generation: 3, lineage: [cy] }]);
  await search.deps.checkpoint.load();
  await search.generation(4);
  t.strictSame(bench.walk.published, [[unit, 4, { state: Uint8Array.of(4), lineage: [cy] }]]);
  await search.generation(20);
  t.equal(bench.walk.published.length, 1, 'with the last one the unit is done');
  for (const lineage of [[], [bob], [bob, cy]]) {
    t.strictSame(decodeSaved(encodeSaved({ state: Uint8Array.of(1, 2), lineage })), {
      state: Uint8Array.of(1, 2),
      lineage,
    });
  }
});

t.test('who comes back leaves its unit to the one that goes on with it', async (t) => {
  const bench = await openBench(t);
  const id = await bench.createJob({ units: 1 });
  const unit = bench.unit(id, 0);
  bench.walk.found.set(unit, [{ blob: '', generation: 3, lineage: [self, bob], state: new Uint8Array(0) }]);
  bench.claim('bob', id, 0);
  const loop = bench.start();
  await until('why it rests', () => loop.reason === 'Another machine goes on with what this one began.');
  t.equal(bench.searches.length, 0);
  bench.claim('bob', id, 0, { state: 'asleep', claim: null });
  loop.nudge();
  await until('until that one sleeps, too', () => bench.searches[0]);
});

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];
const arbitraryHand: fc.Arbitrary<UnitOnHand> = fc.record({
  votes: fc
    .uniqueArray(fc.record({ author: fc.constantFrom(...KEYS), lineage: fc.subarray(KEYS, { maxLength: 2 }) }), {
      selector: ({ author }) => author,
      maxLength: 3,
    })
    .map((votes) => votes.map((vote, n) => ({ ...vote, entry: String(n) }))),
  quorum: fc.integer({ min: 1, max: 3 }),
  claims: fc.array(
    fc.record({
      member: fc.constantFrom(...KEYS),
      lineage: fc.option(fc.subarray(KEYS, { maxLength: 2 }), { nil: undefined }),
    }),
    { maxLength: 2 },
  ),
  atHand: fc.subarray(KEYS),
});

t.test('S7 and S8, held against what votes amount to', async (t) => {
  const lineages = fc.subarray(KEYS.slice(1), { minLength: 1, maxLength: 3 });
  const property = fc.property(lineages, arbitraryHand, (lineage, hand) => {
    const { votes, quorum, claims, atHand } = hand;
    const mine = ['a', ...lineage];
    const isFree = (others: readonly string[]): boolean => others.every((each) => !mine.includes(each));
    const others = atHand.filter((each) => isFree([each]) && votes.every(({ author }) => author !== each));
    if (!mayGoOn('a', lineage, hand)) return true;
    // It is the next vote that counts, and those that are left can make the rest of the quorum.
    const isApart = votes.every((vote) => isFree([vote.author, ...vote.lineage]));
    const isAlone = claims.every((claim) => claim.lineage !== undefined && isFree([claim.member, ...claim.lineage]));
    return isApart && isAlone && votes.length + 1 + others.length >= quorum;
  });
  await holds(t, 'nobody goes on where its vote would meet another', property, 1000);
  const hand: UnitOnHand = { votes: [], quorum: 2, claims: [], atHand: ['a', 'b'] };
  t.notOk(mayGoOn('a', ['b'], hand), 'of two machines both are needed whole');
  t.ok(mayGoOn('a', ['b'], { ...hand, atHand: ['a', 'b', 'c'] }));
  t.ok(mayGoOn('a', ['b'], { ...hand, quorum: 1, atHand: [] }));
  t.notOk(mayGoOn('a', ['b'], { ...hand, quorum: 1, claims: [{ member: 'c', lineage: undefined }] }));
  t.ok(mayGoOn('a', ['b'], { ...hand, quorum: 1, claims: [{ member: 'c', lineage: [] }] }));

  const rests = [{ entry: '1', author: 'c', lineage: ['a', 'b'] }];
  t.ok(isBarred('a', { ...hand, votes: rests, atHand: ['a', 'd'] }), 'd can do it');
  t.notOk(isBarred('a', { ...hand, votes: rests, atHand: ['a', 'b', 'c'] }), 'a and b, whole, are two');
  t.ok(isBarred('a', { ...hand, votes: [{ ...rests[0]!, lineage: ['a'] }], atHand: ['a', 'c'] }), 'it would not help');
  t.notOk(isBarred('d', { ...hand, votes: rests }));
  t.ok(isBarred('a', { ...hand, claims: [{ member: 'b', lineage: ['a'] }] }));
});
