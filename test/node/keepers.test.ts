// Who keeps the searches of others: what is told of is fetched at once, also what is told of while something is being fetched.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { PlainEvaluator } from '../../src/engine/fitness.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { presetSpec } from '../../src/engine/search-spec.ts';
import type { State } from '../../src/ledger/derive.ts';
import { answerBlob, type BlobPeer, type BlobShelf } from '../../src/node/blob-service.ts';
import { mineUnit } from '../../src/node/mine-unit.ts';
import { lotOf } from '../../src/node/schedule.ts';
import { createWalk } from '../../src/node/walk.ts';
import { type BlobReply, decodeCheckpoint, signCheckpoint } from '../../src/protocol/blob.ts';
import { compareText, type Hex, toHex, utf8 } from '../../src/protocol/bytes.ts';
import { peerIdText, type Signer } from '../../src/protocol/keys.ts';
import { hash, person } from '../ledger/support/people.ts';
import { homeOf } from './support/machine.ts';
import { until } from './support/worker.ts';

const [MAKER, KEEPER, THIRD, FOURTH] = ['ada', 'bob', 'cy', 'dot'].map(person) as [Signer, Signer, Signer, Signer];
const UNIT = toHex(hash('unit'));
const MESH = toHex(hash('mesh'));

/** One node's searches; `peers` are those that it can ask, `live` those that could take work. */
function walkOf(t: Test, who: Signer, peers: readonly BlobPeer[], live: readonly Signer[] = [MAKER, KEEPER]) {
  const members = [MAKER, KEEPER, THIRD, FOURTH].map(({ publicKey }): [Hex, object] => [toHex(publicKey), {}]);
  const state = { members: new Map(members), units: new Map(), jobs: new Map() } as unknown as State;
  const folder = join(homeOf(t), 'walks');
  const walk = createWalk({
    ...{ signer: who, mesh: MESH, folder },
    state: () => state,
    live: () => live.map(({ publicKey }) => toHex(publicKey)),
    peers: () => peers,
  });
  t.teardown(() => walk.stop());
  const kept = (): number => {
    const [furthest] = walk.checkpoints(UNIT);
    return furthest === undefined ? 0 : decodeCheckpoint(furthest)!.generation;
  };
  return { walk, kept, folder };
}

const stateAt = (generation: number) => ({ state: utf8(`state ${generation}`), lineage: [] });

/** Answers of a peer wait until they are let through; others come at once. */
function gated(held: string) {
  const asked: string[] = [];
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const peerOf = ({ publicKey }: Signer, shelf: () => BlobShelf): BlobPeer => ({
    peerId: peerIdText(publicKey),
    talk: (work) =>
      work(async (request) => {
        asked.push(request.ask);
        if (request.ask === held) await gate;
        return answerBlob(shelf(), request);
      }),
  });
  return { asked, peerOf, open };
}

/** A machine that works and one that keeps its searches. */
function pairOf(t: Test, held: string) {
  const { asked, peerOf, open } = gated(held);
  const maker = walkOf(t, MAKER, [peerOf(KEEPER, () => keeper.walk)]);
  const keeper = walkOf(t, KEEPER, [peerOf(MAKER, () => maker.walk)]);
  const times = (what: string): number => asked.filter((each) => each === what).length;
  return { maker, keeper, times, open };
}

t.test('what is told of while another state is on its way is fetched as well', async (t) => {
  const { maker, keeper, times, open } = pairOf(t, 'chunk');
  maker.walk.publish(UNIT, 1, stateAt(1));
  await until('it is being fetched', () => times('chunk') === 1);
  maker.walk.publish(UNIT, 2, stateAt(2));
  maker.walk.publish(UNIT, 3, stateAt(3));
  await until('all was told', () => times('keep') >= 2);
  t.equal(times('chunk'), 1, 'it fetches one at a time');
  open();
  await until('the last one is kept', () => keeper.kept() === 3, 2000);
  const isWritten = (): boolean => existsSync(keeper.folder) && readdirSync(keeper.folder).length === 1;
  await until('also on the disk', isWritten, 2000);
  const before = times('list');
  keeper.walk.keep(maker.walk.checkpoints(UNIT)[0]!);
  t.equal(times('list'), before, 'what is here is not asked for again');
});

t.test('a generation is told at once; of those that follow while nobody answers, the last', async (t) => {
  const { maker, keeper, times, open } = pairOf(t, 'keep');
  maker.walk.publish(UNIT, 1, stateAt(1));
  t.equal(times('keep'), 1);
  for (const generation of [2, 3, 4, 5]) maker.walk.publish(UNIT, generation, stateAt(generation));
  t.equal(times('keep'), 1);
  open();
  await until('the last one is kept', () => keeper.kept() === 5, 2000);
  t.equal(times('keep'), 2);
  maker.walk.publish(UNIT, 6, stateAt(6));
  await until('and the next one', () => keeper.kept() === 6, 2000);
  t.equal(times('keep'), 3);
});

t.test(
  'two are told: of those that could go on at once, by lot, and of the others where there are not two',
  async (t) => {
    const others = [KEEPER, THIRD, FOURTH];
    const byLot = [...others].sort((a, b) =>
      compareText(lotOf(UNIT, toHex(a.publicKey)), lotOf(UNIT, toHex(b.publicKey))),
    );
    const idOf = ({ publicKey }: Signer): string => peerIdText(publicKey);
    const toldBy = (live: readonly Signer[]): string[] => {
      const told: string[] = [];
      const peers = [...others, person('eve')].map((who): BlobPeer => {
        const answer = async (): Promise<BlobReply> => {
          told.push(idOf(who));
          return { is: 'heard' };
        };
        return { peerId: idOf(who), talk: (work) => work(answer) };
      });
      walkOf(t, MAKER, peers, live).walk.publish(UNIT, 1, stateAt(1));
      return told.sort(compareText);
    };
    const idsOf = (chosen: readonly Signer[]): string[] => chosen.map(idOf).sort(compareText);
    const [first, second, third] = byLot as [Signer, Signer, Signer];
    t.same(toldBy([MAKER, ...others]), idsOf([first, second]));
    t.same(toldBy([third, second]), idsOf([second, third]), 'the lot decides among those that are awake');
    t.same(toldBy([third]), idsOf([third, first]), 'one that is paused is better than none');
    t.same(toldBy([]), idsOf([first, second]), 'nobody but members is told');
  },
);

t.test('of one member the searches of four units are kept', async (t) => {
  const { maker, keeper } = pairOf(t, 'nothing');
  const units = ['1', '2', '3', '4', '5'].map((name) => toHex(hash(name)));
  const generationsOf = (unit: Hex): number => keeper.walk.checkpoints(unit).length;
  for (const unit of units) {
    maker.walk.publish(unit, 1, stateAt(1));
    await until('it is kept', () => generationsOf(unit) === 1, 2000);
  }
  t.same(units.map(generationsOf), [0, 1, 1, 1, 1]);
});

t.test('a word that is no good is not followed', async (t) => {
  const { asked, peerOf } = gated('nothing');
  const keeper = walkOf(t, KEEPER, [peerOf(MAKER, () => keeper.walk)]);
  const said = {
    ...{ mesh: hash('mesh'), unit: hash('unit'), member: MAKER.publicKey, generation: 1 },
    ...{ blob: hash('blob'), bytes: 5, lineage: [] },
  };
  const words = [
    signCheckpoint(said, KEEPER),
    signCheckpoint({ ...said, mesh: hash('another mesh') }, MAKER),
    signCheckpoint({ ...said, member: person('eve').publicKey }, person('eve')),
    utf8('what'),
  ];
  for (const word of words) keeper.walk.keep(word);
  t.same(asked, []);
  keeper.walk.keep(signCheckpoint(said, MAKER));
  await until('a good one is', () => asked.length > 0);
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
