// Downloads from exchanges on this machine: what comes is the truth, whatever happens on the way.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DownloadError } from '../../../src/node/download/ask.ts';
import { type Downloaded, download, type Order, sealBars } from '../../../src/node/download/download.ts';
import { EXCHANGES } from '../../../src/node/download/exchanges.ts';
import { createHttp } from '../../../src/node/download/http.ts';
import { PagesFile } from '../../../src/node/download/pages-file.ts';
import { MINUTE, type ServerState, START, startExchange, truthAt } from './exchange-server.ts';

const MARKETS: Record<string, string> = {
  coinbase: 'BTC-USD',
  binance: 'BTCUSDT',
  'binance-perp': 'BTCUSDT',
  kraken: 'XBTUSD',
};
const LAST = START + 2499 * MINUTE;

interface Try {
  sleeps: number[];
  waits: string[];
  run(change?: Partial<Order>): Promise<Downloaded>;
  path: string;
  shares: number[];
  abort: AbortController;
}

function setUp(t: Test, name: string, { state, base }: { state: ServerState; base: string }, clock = 0): Try {
  const sleeps: number[] = [];
  const waits: string[] = [];
  const shares: number[] = [];
  const exchange = EXCHANGES.find((each) => each.name === name)!;
  const path = join(t.testdir({}), 'state.jsonl');
  const abort = new AbortController();
  return {
    sleeps,
    waits,
    shares,
    path,
    abort,
    async run(change = {}) {
      const http = createHttp({});
      const order: Order = { exchange, symbol: MARKETS[name]!, barMs: MINUTE, from: START, base, ...change };
      const deps = {
        get: http.get,
        now: () => state.now + clock,
        sleep: async (ms: number) => void sleeps.push(ms),
        random: () => 0.5,
        signal: abort.signal,
        file: new PagesFile(path, { ...order, exchange: name }),
        onWait: (_: number, reason: string) => void waits.push(reason),
        onProgress: ({ share }: { share: number }) => void shares.push(share),
      };
      return download(deps, order).finally(() => http.close());
    },
  };
}

/** Every bar is the truth, none is missing between the first and the last, and the one under way is not there. */
function checkTruth(t: Test, { bars }: Downloaded, from: number, to = LAST, silent = new Set<number>()): void {
  const wrong = [...bars.values()].filter(([time, ...values]) => {
    const { open, high, low, close, volume } = truthAt(time);
    return [open, high, low, close, volume].some((value, i) => value !== values[i]);
  });
  t.same(wrong, [], 'each bar is the one that the market made');
  const times = Array.from({ length: (to - from) / MINUTE + 1 }, (_, i) => from + i * MINUTE).filter(
    (time) => !silent.has(time),
  );
  t.same(
    [...bars.keys()].sort((a, b) => a - b),
    times,
    'none is missing, none is still open',
  );
}

for (const name of ['coinbase', 'binance', 'binance-perp', 'kraken']) {
  t.test(`${name}: pages, order, the open bar`, async (t) => {
    const server = await startExchange(t);
    const tried = setUp(t, name, server);
    const done = await tried.run();
    const from = name === 'kraken' ? START + (2500 - 719) * MINUTE : START;
    checkTruth(t, done, from);
    t.equal(done.servedFrom, name === 'kraken' ? from : undefined, 'what is not served any more is told');
    t.equal(done.revised, 0);
    const pages = { coinbase: 9, binance: 3, 'binance-perp': 3, kraken: 1 }[name]!;
    const again = { coinbase: 2, binance: 2, 'binance-perp': 2, kraken: 1 }[name]!;
    t.equal(server.state.requests.length, pages + again, 'no more calls than pages, and the last ones again');
    t.ok(
      tried.sleeps.every((ms) => ms >= EXCHANGES.find((each) => each.name === name)!.pauseMs),
      'it keeps its distance',
    );
    t.equal(tried.shares.at(-1), 1);
  });
}

t.test('what fails on the way changes nothing', async (t) => {
  const json = { 'content-type': 'application/json' };
  const faults: [string, (state: ServerState) => void, RegExp | undefined][] = [
    [
      '429 with Retry-After',
      (state) => {
        state.fault = ({ count }, r) =>
          count === 2 &&
          Boolean(r.writeHead(429, { ...json, 'retry-after': '7' }).end('{"code":-1003,"msg":"Too many requests"}'));
      },
      /429: Too many requests/,
    ],
    [
      '418 with Retry-After',
      (state) => {
        state.fault = ({ count }, r) =>
          count === 1 && Boolean(r.writeHead(418, { ...json, 'retry-after': '120' }).end('{}'));
      },
      /418/,
    ],
    [
      '503',
      (state) => {
        state.fault = ({ count }, r) => count < 4 && Boolean(r.writeHead(503).end('<html>'));
      },
      /503/,
    ],
    [
      'a connection cut before the answer',
      (state) => {
        state.fault = ({ count }, r) => count % 2 === 1 && Boolean(r.destroy());
      },
      /does not answer/,
    ],
    [
      'a connection cut in the answer',
      (state) => {
        state.fault = ({ count }, r) =>
          count % 3 === 1 &&
          Boolean(
            r.writeHead(200, { ...json, 'content-length': '5000' }) &&
              r.write('[[175132') &&
              setImmediate(() => r.destroy()),
          );
      },
      /does not answer/,
    ],
    [
      'an answer that ends too early',
      (state) => {
        state.fault = ({ count }, r) =>
          count === 2 && Boolean(r.writeHead(200, json).end('[[1751328000000,"1000.0","10'));
      },
      /cut off/,
    ],
    [
      'a bar that ends too early',
      (state) => {
        state.fault = ({ count }, r) =>
          count === 2 && Boolean(r.writeHead(200, json).end('[[1751328000000,"1000.0"]]'));
      },
      /cut off/,
    ],
    [
      'half pages',
      (state) => {
        state.halves = 1;
      },
      undefined,
    ],
  ];
  for (const [what, arrange, reason] of faults) {
    const server = await startExchange(t);
    arrange(server.state);
    // Of Coinbase's pages the first is not among the last ones, which are asked for again anyway.
    const tried = setUp(t, what === 'half pages' ? 'coinbase' : 'binance', server);
    checkTruth(t, await tried.run(), START);
    if (reason !== undefined) t.match(tried.waits[0], reason, what);
    if (what.startsWith('429'))
      t.ok(
        tried.sleeps.some((ms) => ms >= 7000 && ms < 9000),
        'as long as it was asked to',
      );
    if (what.startsWith('418')) t.ok(tried.sleeps[0]! >= 120_000);
  }
});

t.test('gaps stay gaps, and are asked for twice', async (t) => {
  const server = await startExchange(t);
  const silent = [5, 6, 7, 1200].map((n) => START + n * MINUTE);
  server.state.silent = new Set([...silent, ...Array.from({ length: 400 }, (_, i) => START + (300 + i) * MINUTE)]);
  const done = await setUp(t, 'coinbase', server).run();
  checkTruth(t, done, START, LAST, server.state.silent);
  const candles = sealBars(done.bars, { symbol: 'BTC-USD', quote: 'USD', source: 'coinbase', barMs: MINUTE });
  t.same(
    candles.gaps.map(({ missing }) => missing),
    [3, 400, 1],
  );
});

t.test('an interrupted download goes on where it was, also when its last line was cut', async (t) => {
  const server = await startExchange(t);
  const tried = setUp(t, 'coinbase', server);
  server.state.fault = ({ count }, response) => {
    if (count === 5) tried.abort.abort();
    return count >= 5 && Boolean(response.destroy());
  };
  await t.rejects(tried.run(), { name: 'AbortError' });
  const kept = readFileSync(tried.path, 'utf8');
  t.equal(kept.split('\n').length - 1, 5, 'the request and four pages');
  writeFileSync(tried.path, kept.slice(0, -40));
  server.state.fault = undefined;
  server.state.requests.length = 0;
  const again = setUp(t, 'coinbase', server);
  writeFileSync(again.path, kept.slice(0, -40));
  checkTruth(t, await again.run(), START);
  t.equal(
    server.state.requests[0]!.searchParams.get('start'),
    new Date(START + 900 * MINUTE).toISOString(),
    'three pages were whole',
  );
  const other = setUp(t, 'coinbase', server);
  writeFileSync(other.path, kept);
  server.state.requests.length = 0;
  await other.run({ from: START + 600 * MINUTE });
  t.equal(
    server.state.requests[0]!.searchParams.get('start'),
    new Date(START + 600 * MINUTE).toISOString(),
    'another order begins anew',
  );
});

t.test('the exchange’s clock says which bars have closed', async (t) => {
  for (const [clock, word] of [
    [3_600_000, 'fast'],
    [-3_600_000, 'slow'],
    [-1e12, 'in the past'],
  ] as const) {
    const server = await startExchange(t);
    const done = await setUp(t, 'binance', server, clock).run();
    checkTruth(t, done, START);
    t.ok(Math.abs(done.clockMs + clock) < 2000, `a clock that is ${word} is told`);
  }
});

t.test('young bars are looked at again before they are sealed', async (t) => {
  const server = await startExchange(t);
  const bar = (volume: string) => [START + 2400 * MINUTE, '1000', '1001', '999', '1000', volume];
  let calls = 0;
  server.state.fault = ({ url }, response) => {
    if (url.searchParams.get('startTime') !== String(START + 2000 * MINUTE)) return false;
    calls++;
    if (calls > 2) return false;
    return Boolean(
      response.writeHead(200, { date: new Date(server.state.now).toUTCString() }).end(JSON.stringify([bar('1')])),
    );
  };
  const done = await setUp(t, 'binance', server).run();
  checkTruth(t, done, START);
  t.equal(done.revised, 1);
});

t.test('what cannot be mended ends in words', async (t) => {
  const server = await startExchange(t);
  const fails = async (run: Promise<unknown>, code: string, message: RegExp) => {
    const error = await run.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    t.ok(error instanceof DownloadError);
    t.match(error, { code, message });
  };
  await fails(setUp(t, 'binance', server).run({ symbol: 'NONE' }), 'download_refused', /400: Invalid symbol/);
  await fails(setUp(t, 'coinbase', server).run({ symbol: 'NO-NE' }), 'download_refused', /404: NotFound/);
  await fails(setUp(t, 'kraken', server).run({ symbol: 'NONE' }), 'download_refused', /Unknown asset pair/);
  server.state.fault = (_, response) =>
    Boolean(response.writeHead(451).end('{"msg":"Service unavailable from a restricted location"}'));
  await fails(setUp(t, 'binance', server).run(), 'download_refused', /country/);
  server.state.fault = (_, response) => Boolean(response.writeHead(418, { 'retry-after': '7200' }).end('{}'));
  await fails(setUp(t, 'binance', server).run(), 'rate_limited', /wait 120 min/);
  server.state.fault = ({ count }, response) =>
    count < 1000 && Boolean(response.writeHead(200).end('{"error":["EGeneral:Too many requests"]}'));
  await fails(setUp(t, 'kraken', server).run(), 'rate_limited', /Too many requests/);
  server.state.fault = (_, response) => Boolean(response.writeHead(500).end());
  await fails(setUp(t, 'binance', server).run(), 'download_failed', /500.*same command/s);
  await fails(
    setUp(t, 'binance', { ...server, base: 'http://127.0.0.1:9' }).run(),
    'offline',
    /Is this machine online/,
  );
});
