// Data that travels: candles come from the members that have them, over real libp2p, within a room that they may take.
import '../../src/node/polyfill.ts';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { sampleCandles } from '../../src/engine/sample.ts';
import { openCandleCache } from '../../src/node/candle-cache.ts';
import { DataFetch } from '../../src/node/data-fetch.ts';
import { openDataStore } from '../../src/node/data-store.ts';
import { FetchedData } from '../../src/node/fetched-data.ts';
import { ownData } from '../../src/node/own-data.ts';
import type { Session } from '../../src/node/session.ts';
import { fromHex, sha256Hex } from '../../src/protocol/bytes.ts';
import { BLOB_CHUNK_BYTES } from '../../src/protocol/limits.ts';
import { decodeTicket } from '../../src/protocol/ticket.ts';
import { job } from '../ledger/support/people.ts';
import { homeOf, type Machine, machine } from './support/machine.ts';
import { SEARCH, until } from './support/worker.ts';

type T = Parameters<typeof homeOf>[0];

const ENGINE = fromHex('ab'.repeat(32));

async function withData(t: T, home: string, name: string, config = {}): Promise<Machine> {
  const folder = join(home, name, 'data');
  const store = await openDataStore(folder);
  return machine(t, home, name, { data: await openCandleCache(store, () => undefined), config });
}

/** `a` founds; the others join and are connected with it. */
async function meshOf(t: T, names: readonly string[], config = {}): Promise<Machine[]> {
  const home = homeOf(t);
  const first = await withData(t, home, names[0]!);
  await first.place.enter(undefined);
  const { ticket } = await first.port.invite({ uses: 9 });
  const machines = [first];
  for (const name of names.slice(1)) {
    const next = await withData(t, home, name, config);
    await next.place.enter(decodeTicket(ticket));
    await until('it is connected', () => next.session().mesh.peers().length > 0, 20_000);
    machines.push(next);
  }
  return machines;
}

const reasonOf = (node: Machine): string => node.session().work.reason ?? '';

t.test('a job whose candles are elsewhere: they are fetched, said so, and a restart finds them', async (t) => {
  const [a, b] = (await meshOf(t, ['a', 'b'])) as [Machine, Machine];
  const said: string[] = [];
  b.events.subscribe(({ message }) => said.push(message));
  const wanted = sampleCandles();
  const data = { dataset: fromHex(wanted.hash), fingerprint: ENGINE, search: SEARCH };
  await b.session().ledger.append('job', job({ name: 'far', ...data }));
  await until('that nobody has it', () => /nor on a member that is connected/.test(reasonOf(b)));
  t.match(b.problem('job_out_of_reach'), /“far” needs the BTC data set .* import the same file here/);

  await a.deps.data.addSample();
  a.session().dataArrived();
  // It asks again by itself after a while; another job is a reason to ask at once.
  await b.session().ledger.append('job', job({ name: 'again', ...data }));
  await until('it is there', () => b.deps.data.has(wanted.hash), 20_000);
  t.ok(
    said.some((message) => /is being fetched from a member: \d+ % is here/.test(message)),
    'it said so meanwhile',
  );
  t.ok(said.some((message) => /7000 candles came from another member/.test(message)));
  t.equal((await b.deps.data.candles(wanted.hash))?.hash, wanted.hash);
  await until('the problem is gone', () => b.problem('job_out_of_reach') === undefined);
  const again = await openCandleCache(await openDataStore(b.directory.data), () => undefined);
  t.ok(again.has(wanted.hash));
  t.ok(existsSync(join(b.directory.data, `${wanted.hash}.fetched`)));
  t.notOk(existsSync(join(b.directory.data, `${wanted.hash}.part`)));
});

t.test('what came before a restart is not fetched again; a machine without room says so', async (t) => {
  const [a, b] = (await meshOf(t, ['a', 'b'])) as [Machine, Machine];
  const { info } = await a.deps.data.addSample();
  const wanted = { dataset: fromHex(info.hash), fingerprint: ENGINE, search: SEARCH };
  const bytes = readFileSync(join(a.directory.data, `${info.hash}.candles`));
  const half = Buffer.alloc(bytes.length);
  bytes.copy(half, 0, 0, BLOB_CHUNK_BYTES);
  writeFileSync(join(b.directory.data, `${info.hash}.part`), half);
  const shares: number[] = [];
  b.events.subscribe(({ message }) => {
    const [, percent] = /(\d+) % is here/.exec(message) ?? [];
    if (percent !== undefined) shares.push(Number(percent));
  });
  await b.session().ledger.append('job', job(wanted));
  await until('it is there', () => b.deps.data.has(info.hash), 20_000);
  t.equal(shares[0], 50, 'of two chunks one was there');
  t.equal(sha256Hex(readFileSync(join(b.directory.data, `${info.hash}.candles`))), info.hash);

  const [c, d] = (await meshOf(t, ['c', 'd'], { dataQuotaMb: 0 })) as [Machine, Machine];
  await c.deps.data.addSample();
  await d.session().ledger.append('job', job(wanted));
  await until('why', () => /it takes 1 MB, and all fetched candles may take 0 MB \(--data-quota\)/.test(reasonOf(d)));
  t.notOk(d.deps.data.has(info.hash));
});

t.test('candles are taken away: not while a job needs them, and not to come back for old answers', async (t) => {
  const [a, b] = (await meshOf(t, ['a', 'b'])) as [Machine, Machine];
  const { info } = await a.deps.data.addSample();
  const data = { dataset: fromHex(info.hash), fingerprint: ENGINE, search: SEARCH };
  const { id } = await a.session().ledger.append('job', job({ name: 'hungry', ...data }));
  await until('b fetched it', () => b.deps.data.has(info.hash), 20_000);
  t.same(
    (await a.port.holders(info.hash)).items.map(({ name, has }) => [name, has]),
    [['b', true]],
  );

  await t.rejects(b.port.removeData(info.hash), { code: 'dataset_needed', message: /“hungry” needs these candles/ });
  await t.rejects(b.port.removeData('ab'.repeat(32)), { code: 'dataset_missing', status: 404 });
  t.ok(b.deps.data.has(info.hash), 'it is still there');
  await a.port.setJob(id, 'stop');
  await until('b knows', () => b.port.jobs().every(({ state }) => state === 'stopped'), 20_000);
  const said: string[] = [];
  b.events.subscribe(({ type }) => said.push(type));
  t.same(await b.port.removeData(info.hash), { hash: info.hash });
  t.same([b.deps.data.has(info.hash), b.port.datasets()], [false, []]);
  t.ok(said.includes('dataset.removed'), 'and pages hear of it');
  t.notOk(existsSync(join(b.directory.data, `${info.hash}.candles`)));
  t.match((await a.port.holders(info.hash)).items, [{ name: 'b', has: false }]);

  const asked = async (): Promise<number> => {
    let count = 0;
    const peers = () => {
      count += 1;
      return [];
    };
    const told = {
      changed: () => undefined,
      arrived: () => undefined,
      problem: () => undefined,
      solved: () => undefined,
    };
    const files = new FetchedData(b.directory.data);
    const state = () => b.session().ledger.state();
    const fetch = new DataFetch({
      ...{ data: b.deps.data, files, state, peers, events: told, quotaBytes: 1e9, fingerprint: 'ab'.repeat(32) },
    });
    fetch.look();
    await fetch.stop();
    return count;
  };
  t.match(
    (await b.port.holders(info.hash)).items,
    [{ name: 'a', has: true }],
    'others are asked about what is not here',
  );
  await t.rejects(b.port.fetchData('ab'.repeat(32)), { code: 'dataset_missing', status: 404 });
  await b.port.fetchData(info.hash);
  await until('its owner wants it after all', () => b.deps.data.has(info.hash), 20_000);
  await b.port.removeData(info.hash);

  const mark = join(b.directory.data, `${info.hash}.removed`);
  t.equal(await asked(), 0, 'it is not fetched again to show what was found on it');
  rmSync(mark);
  t.equal(await asked(), 1, 'as it is where nobody took it away');
  writeFileSync(mark, '');
  await a.session().ledger.append('job', job({ name: 'again', ...data }));
  await until('a job that needs it brings it back', () => b.deps.data.has(info.hash), 20_000);
  t.notOk(existsSync(mark), 'and it is wanted again');
});

t.test('who does not answer about a data set is not said to have it not', async (t) => {
  const home = homeOf(t);
  const a = await withData(t, home, 'a');
  await a.place.enter(undefined);
  const { info } = await a.deps.data.addSample();
  t.same((await a.port.holders(info.hash)).items, [], 'nobody is connected');
  const gone = { newStream: () => Promise.reject(new Error('the line is dead')) };
  const silent = { newStream: () => new Promise(() => undefined) };
  const peers = [
    { peerId: 'p2', connection: gone },
    { peerId: 'p1', connection: silent },
  ];
  const session = { mesh: { peers: () => peers }, ledger: a.session().ledger } as unknown as Session;
  const members = () => [{ peerId: 'p1', name: 'z-last' }];
  const data = ownData({ ...a.deps, session: () => session, members });
  t.same((await data.holders(info.hash)).items, [
    { peerId: 'p2', name: 'p2', has: null },
    { peerId: 'p1', name: 'z-last', has: null },
  ]);
});
