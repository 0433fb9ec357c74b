// Which candles a machine asks for: those of the jobs, and the other markets that these name.
import t from 'tap';
import { presetSpec } from '../../src/engine/search-spec.ts';
import { deriveState } from '../../src/ledger/derive.ts';
import { DataFetch, type DataFetchDeps } from '../../src/node/data-fetch.ts';
import { toHex } from '../../src/protocol/bytes.ts';
import { GENESIS, MESH } from '../ledger/support/history.ts';
import { job, scribe } from '../ledger/support/people.ts';

t.test('other markets of a job are asked for, after the candles that it is on', async (t) => {
  const [abroad, here] = ['ab'.repeat(32), 'cd'.repeat(32)];
  const search = { ...presetSpec({ preset: 'quick', risk: 'medium' }), others: [abroad, here] };
  const data = job({ search });
  const state = deriveState(MESH, [GENESIS, scribe(MESH, 'ada', '0', GENESIS)('job', data)]);
  const asked: string[] = [];
  const files = {
    isUnwanted: () => false,
    part: (hash: string) => {
      asked.push(hash);
      return { close: async () => undefined };
    },
  };
  const fetch = new DataFetch({
    data: { has: (hash: string) => hash === here },
    ...{ files, quotaBytes: 1, fingerprint: toHex(data.fingerprint), state: () => state, peers: () => [] },
    events: { changed: () => undefined, arrived: () => undefined, problem: () => undefined, solved: () => undefined },
  } as unknown as DataFetchDeps);
  fetch.look();
  const deadline = performance.now() + 20_000;
  while (asked.length < 2 && performance.now() < deadline) await new Promise(setImmediate);
  await fetch.stop();
  t.same(asked, [toHex(data.dataset), abroad], 'and not what is here');
  t.match(fetch.missing(abroad), { clause: /nor on a member/, isComing: false });
  t.same([...fetch.needed()], [toHex(data.dataset)], 'room is kept for what is searched only');
});
