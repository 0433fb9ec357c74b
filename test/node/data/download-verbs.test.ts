// Downloads as a person calls for them, and the way through a proxy.
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { createHttp } from '../../../src/node/download/http.ts';
import { MINUTE, START, startExchange } from './exchange-server.ts';
import { stratmesh } from './run.ts';

t.test('through a proxy', async (t) => {
  const server = await startExchange(t);
  const seen: string[] = [];
  const proxy = createServer((incoming, outgoing) => {
    seen.push(incoming.url!);
    const onward = forward(incoming.url!, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    onward.end();
  });
  proxy.on('connect', ({ url }, socket) => {
    seen.push(`CONNECT ${url}`);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const signal = new AbortController().signal;
  for (const environment of [
    { HTTP_PROXY: address, HTTPS_PROXY: address },
    { http_proxy: address, https_proxy: address, NO_PROXY: 'elsewhere' },
  ]) {
    const http = createHttp(environment);
    await http.get(`${server.base}/products/BTC-USD/candles`, signal).catch(() => undefined);
    await http.get('https://exchange.invalid/x', signal).catch(() => undefined);
    await http.close();
    t.ok(seen.some((url) => url.includes('/products/')) || seen.some((url) => url.startsWith('CONNECT 127')), 'plain');
    t.ok(
      seen.some((url) => url === 'CONNECT exchange.invalid:443'),
      'and encrypted ones',
    );
    seen.length = 0;
  }
  const direct = createHttp({ HTTP_PROXY: address, NO_PROXY: '127.0.0.1' });
  t.equal((await direct.get(`${server.base}/0/public/OHLC?pair=XBTUSD&since=0`, signal)).status, 200);
  await direct.close();
  t.same(seen, [], 'an address that is left out goes its own way');
});

t.test('the verbs: a data set, what came since, and its parent', async (t) => {
  const server = await startExchange(t);
  const { run } = stratmesh(t);
  const end = new Date(START + 400 * MINUTE).toISOString();
  const first = (
    await run(
      'data',
      'download',
      'coinbase',
      'BTC-USD',
      '--bars',
      '1m',
      '--from',
      '2025-07-01',
      '--to',
      end,
      '--base',
      server.base,
      '--json',
    )
  ).document();
  t.match(first, {
    symbol: 'BTC-USD',
    quote: 'USD',
    source: 'coinbase',
    bars: 401,
    added: true,
    origin: { exchange: 'coinbase' },
  });
  const updated = await run('data', 'update', String(first.hash), '--base', server.base, '--json');
  const second = updated.document();
  t.match(second, { bars: 2500, added: true, origin: { kind: 'download', parent: first.hash } });
  t.not(second.hash, first.hash);
  t.match((await run('data', 'show', String(second.hash))).out, `a later state of ${first.hash}`);
  t.match((await run('data', 'list', '--json')).out, String(first.hash), 'the parent is still there');
  const third = (await run('data', 'update', String(second.hash), '--base', server.base, '--json')).document();
  t.match(third, { hash: second.hash, added: false }, 'nothing new is no new data set');
  const perp = (
    await run(
      'data',
      'download',
      'binance-perp',
      'BTCUSDT',
      '--bars',
      '1m',
      '--from',
      '2025-07-01',
      '--to',
      end,
      '--base',
      server.base,
      '--json',
    )
  ).document();
  t.match(perp, { symbol: 'BTCUSDT-perp', quote: 'USDT', source: 'binance' });
  t.match((await run('data', 'update', String(perp.hash), '--base', server.base, '--json')).document(), { bars: 2500 });
  t.ok(server.state.requests.at(-1)!.pathname.startsWith('/fapi/'), 'futures are updated from where they came');
  for (const [argv, field] of [
    [['nowhere', 'X', '--bars', '1m', '--from', '2025-07-01'], 'exchange'],
    [['kraken', 'X', '--bars', '3m', '--from', '2025-07-01'], 'bars'],
    [['kraken', 'X', '--bars', '1m'], 'from'],
    [['kraken', 'X', '--bars', '1m', '--from', 'last week'], 'from'],
  ] as const) {
    const said = await run('data', 'download', ...argv, '--json');
    t.equal(said.code, 2);
    t.match(said.document(), { error: { field } });
  }
});
