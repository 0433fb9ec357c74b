// Who keeps the searches of others: what is told of is fetched at once, also what is told of while something is being fetched.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { PlainEvaluator } from '../../src/engine/fitness.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { presetSpec } from '../../src/engine/search-spec.ts';
import type { State } from '../../src/ledger/derive.ts';
import { answerBlob, type BlobPeer } from '../../src/node/blob-service.ts';
import { mineUnit } from '../../src/node/mine-unit.ts';
import { createWalk } from '../../src/node/walk.ts';
import { decodeCheckpoint } from '../../src/protocol/blob.ts';
import { type Hex, toHex, utf8 } from '../../src/protocol/bytes.ts';
import { peerIdText } from '../../src/protocol/keys.ts';
import type { Presence } from '../../src/protocol/messages.ts';
import { hash, person } from '../ledger/support/people.ts';
import { homeOf } from './support/machine.ts';
import { until } from './support/worker.ts';

const [MAKER, KEEPER] = [person('ada'), person('bob')];
const UNIT = toHex(hash('unit'));
const MESH = toHex(hash('mesh'));

/** One node's searches; `peers` are those that it can ask. */
function walkOf(t: Test, who: typeof MAKER, peers: readonly BlobPeer[]) {
  const members = [MAKER, KEEPER].map(({ publicKey }): [Hex, object] => [toHex(publicKey), {}]);
  const state = { members: new Map(members), units: new Map(), jobs: new Map() } as unknown as State;
  const told: number[] = [];
  const folder = join(homeOf(t), 'walks');
  const walk = createWalk({
    ...{ signer: who, mesh: MESH, folder },
    state: () => state,
    live: () => [],
    peers: () => peers,
    announce: () => void told.push(performance.now()),
    now: () => performance.now(),
  });
  t.teardown(() => walk.stop());
  const kept = (): number => {
    const [furthest] = walk.checkpoints(UNIT);
    return furthest === undefined ? 0 : decodeCheckpoint(furthest)!.generation;
  };
  return { walk, told, kept, folder };
}

const stateAt = (generation: number) => ({ state: utf8(`state ${generation}`), lineage: [] });

const wordOf = (generation: number): Presence =>
  ({
    member: MAKER.publicKey,
    claim: { unit: hash('unit'), job: hash('job'), index: 0, generation, generations: 20, remaining: null },
  }) as unknown as Presence;

t.test('what is told of while another state is on its way is fetched as well', async (t) => {
  const maker = walkOf(t, MAKER, []);
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const asked: string[] = [];
  const peer: BlobPeer = {
    peerId: peerIdText(MAKER.publicKey),
    talk: (work) =>
      work(async (request) => {
        asked.push(request.ask);
        if (request.ask === 'chunk') await gate;
        return answerBlob(maker.walk, request);
      }),
  };
  const keeper = walkOf(t, KEEPER, [peer]);
  maker.walk.publish(UNIT, 1, stateAt(1));
  keeper.walk.heard(wordOf(1));
  await until('it is being fetched', () => asked.includes('chunk'));
  maker.walk.publish(UNIT, 2, stateAt(2));
  maker.walk.publish(UNIT, 3, stateAt(3));
  keeper.walk.heard(wordOf(2));
  keeper.walk.heard(wordOf(3));
  t.equal(asked.filter((what) => what === 'checkpoints').length, 1, 'it asks for one at a time');
  open();
  await until('the last one is kept', () => keeper.kept() === 3, 2000);
  const isWritten = (): boolean => existsSync(keeper.folder) && readdirSync(keeper.folder).length === 1;
  await until('also on the disk', isWritten, 2000);
  const before = asked.length;
  keeper.walk.heard(wordOf(3));
  t.equal(asked.length, before, 'what is here is not asked for again');
});

t.test('a generation is told at once; those that follow fast are told together', async (t) => {
  const { walk, told } = walkOf(t, MAKER, []);
  walk.publish(UNIT, 1, stateAt(1));
  t.equal(told.length, 1);
  walk.publish(UNIT, 2, stateAt(2));
  walk.publish(UNIT, 3, stateAt(3));
  t.equal(told.length, 1);
  await until('the others', () => told.length === 2, 2000);
  t.ok(told[1]! - told[0]! >= 240, `${told[1]! - told[0]!} ms later`);
});

t.test('what is said of a generation goes out before the next one is proposed', async (t) => {
  const candles = sampleCandles();
  const overrides = { population: 12, generations: 3, folds: 2, minTrades: 8 };
  const spec = presetSpec({ preset: 'quick', risk: 'high', overrides });
  const evaluator = new PlainEvaluator(candles, spec);
  let said = 0;
  let sent = 0;
  const outcome = mineUnit(
    {
      candles,
      pool: {
        async evaluate(_, strategies) {
          t.equal(sent, said, `${said} generations`);
          return strategies.map((strategy) => evaluator.evaluate(strategy));
        },
      },
      checkpoint: { load: async () => undefined, save: async () => undefined },
      onGeneration() {
        said += 1;
        // As gossip does: some steps later, but in the same turn.
        void Promise.resolve()
          .then(() => undefined)
          .then(() => {
            sent = said;
          });
      },
      signal: new AbortController().signal,
    },
    { dataset: candles.hash, seed: 'seed', spec, unit: 0 },
  );
  await outcome;
  t.equal(said, 3);
});
