// What surrounds a strategy: other orders of its trades, its neighbours, and what its rules look at.
import type { Page } from 'playwright-core';
import t from 'tap';
import { RequestError } from '../../src/ui/api.ts';
import type { StrategyRun } from '../../src/ui/api-strategy.ts';
import { violations } from './barriers.ts';
import { ask, type Look, launch, noBrowser, reads, shown, visit } from './browser.ts';
import { resultOf } from './fixture-data.ts';
import { createFixtureNode, type FixtureNode } from './fixture-node.ts';
import { startHarness, until } from './harness.ts';

t.test('in the browser', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = async (id: string, node: FixtureNode = createFixtureNode(), look: Look = {}) => {
    const server = await startHarness({ node });
    t.teardown(() => server.stop());
    return { server, ...(await visit(browser, new URL(`/results/${id}`, server.url).href, look)) };
  };

  await t.test('the luck test draws what the node says, and says it', async (t) => {
    const { page, context, server, faults } = await open(resultOf(0).id);
    const answer = await fetch(new URL(`/api/v1/results/${resultOf(0).id}/run`, server.url));
    const { orders } = (await answer.json()) as StrategyRun;
    const { done, lines, own, oneIn20 } = orders!;
    const signed = (ratio: number): string => `${ratio < 0 ? '−' : '+'}${Math.abs(ratio * 100).toFixed(1)}`;
    await reads(page, '.panel-luck', /400 orders of its 18 unseen trades/);
    const said = (await shown(page.locator('.panel-luck'))).replace(/\s+/g, ' ');
    t.match(said, `Every order ends at ${signed(own.at(-1)! - 1)} %.`);
    t.match(said, `${signed(-oneIn20)} % in one of 20`);
    t.match(said, 'It tells of drawdown only');
    const points = await page.locator('path.fan-own').getAttribute('d');
    t.equal(points!.split(/[ML]/).length - 1, done.length, 'every point is drawn');
    const ends = async (name: string): Promise<string> =>
      (await page.locator(`path.${name}`).getAttribute('d'))!.split('L').at(-1)!;
    t.equal(await ends('fan-own'), await ends('fan-middle'), 'orders end in one point');
    await page.locator('.panel-luck').getByRole('button', { name: 'Show as table' }).click();
    const rows = page.locator('.panel-luck tbody tr');
    const last = (await shown(rows.last())).split(/\t|\n/).map((text) => text.replace(/\s/g, ' ').trim());
    t.same(last.slice(1), Array(6).fill(`${signed(own.at(-1)! - 1)} %`));
    const middle = Math.floor((await rows.count()) / 2);
    const step = Math.ceil((done.length - 1) / 12);
    t.match(
      (await shown(rows.nth(middle))).replace(/\s+/g, ' '),
      lines.map(({ equity }) => `${signed(equity[middle * step]! - 1)} %`).join(' '),
      'the lines in the order of their shares',
    );
    t.same([...faults, ...(await violations(page))], []);
    await context.close();
    const node = createFixtureNode();
    const runStrategy: FixtureNode['runStrategy'] = async (...of) => ({
      ...(await node.runStrategy(...of)),
      orders: null,
    });
    const one = await open(resultOf(0).id, { ...node, listeners: 0, runStrategy });
    await reads(one.page, '.panel-luck', /they have one order/);
    t.equal(await one.page.locator('.panel-luck svg path.fan-own').count(), 0);
    await one.context.close();
  });

  await t.test('neighbours: a row for each number, losses with their sign', async (t) => {
    const { page, context } = await open(resultOf(0).id);
    await reads(page, '.panel-neighbours', /9 of 11 neighbours gain/);
    const cells = async (name: string): Promise<string[]> =>
      (await page.locator('.panel-neighbours tbody tr', { hasText: name }).locator('td').allInnerTexts()).map((text) =>
        text.replace(/\s+/g, ' '),
      );
    t.same(await cells('RSI(14) period'), ['−2.1 % 11', '+7.1 % 13', '+9.4 % 14', '+8.3 % 15', '+3.8 % 17']);
    t.same(await cells('RSI(14) crosses above 30 threshold'), [
      '+1.2 % 24',
      '+6.6 % 27',
      '+9.4 % 30',
      '+10.1 % 33',
      '−4.4 % 36',
    ]);
    t.same(await cells('stop loss 2.00 % percent'), ['+5.5 % 1.6', '+8.0 % 1.8', '+9.4 % 2', '—', '+9.0 % 2.4']);
    t.same(
      (await page.locator('.panel-neighbours .heat-loss strong').allInnerTexts()).map((text) => text[0]),
      ['−', '−'],
    );
    t.same(
      (await page.locator('.panel-neighbours .heat-own strong').allInnerTexts()).map((text) => text.slice(0, 4)),
      ['+9.4', '+9.4', '+9.4'],
      'the strategy itself is outlined',
    );
    t.same(
      (await page.locator('.panel-neighbours .heat-3 strong').allInnerTexts()).map((text) => text.slice(0, 5)),
      ['+7.1\u00a0', '+9.4\u00a0', '+8.3\u00a0', '+9.4\u00a0', '+10.1', '+8.0\u00a0', '+9.4\u00a0', '+9.0\u00a0'],
      'the upper third of all gains, the largest among them',
    );
    await context.close();
    const node = createFixtureNode();
    const neighbours: FixtureNode['neighbours'] = async () => {
      throw new RequestError('candles_missing', 'This node does not hold the candles of that data set.', {
        status: 409,
      });
    };
    const missing = await open(resultOf(0).id, { ...node, listeners: 0, neighbours });
    await reads(missing.page, '.panel-neighbours', /does not hold the candles/);
    await reads(missing.page, '.panel-luck', /unseen trades/);
    await missing.context.close();
  });

  await t.test('where a number stands in the rules, in words', async (t) => {
    const strategy = {
      side: 'long',
      entry: [
        [{ left: { indicator: 'sma', period: 5 }, op: '>', right: { indicator: 'sma', period: 30, times: 1.01 } }],
      ],
      exit: [{ left: { indicator: 'rsi', period: 14 }, op: '<', right: { value: 40 } }],
      trailing: { atr: 3, period: 14 },
      maxBars: 24,
    };
    const names = {
      'entry.0.0.left.period': 'SMA(5) periodo',
      'entry.0.0.right.times': '1,01 × SMA(30) factor',
      'exit.0.right.value': 'RSI(14) < 40 umbral',
      'trailing.atr': 'stop móvil 3 × ATR(14) ATR',
      maxBars: 'tras 24 velas',
      'later.version': 'later.version version',
    };
    const node = createFixtureNode();
    const neighbours: FixtureNode['neighbours'] = async (id) => ({
      ...(await node.neighbours(id)),
      settings: Object.keys(names).map((path) => ({
        ...{ path: path.split('.'), value: 5 },
        neighbours: [null, null, null, { value: 6, return: 0.01, sharpe: 1, trades: 40 }],
      })),
    });
    const result: FixtureNode['result'] = (id) => ({ ...node.result(id)!, strategy });
    const { page, context } = await open(
      resultOf(0).id,
      { ...node, listeners: 0, neighbours, result },
      { language: 'es-ES' },
    );
    await page.locator('.panel-neighbours tbody th').first().waitFor();
    const said = await page.locator('.panel-neighbours tbody th').allInnerTexts();
    t.same(
      said.map((text) => text.trim()),
      Object.values(names),
    );
    await context.close();
  });

  await t.test('what the rules look at is drawn with the candles, in its colours', async (t) => {
    /** Pixels of the chart in the colour of a token. */
    const painted = (page: Page, token: string): Promise<number> =>
      ask(
        page,
        `(() => { const hex = getComputedStyle(document.documentElement).getPropertyValue('--${token}').trim(); let n = 0;
          const want = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
          for (const c of document.querySelectorAll('.candle-chart canvas')) { if (!c.width) continue;
            const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            for (let i = 0; i < d.length; i += 4) if (want.every((v, k) => Math.abs(d[i + k] - v) < 12) && d[i + 3] > 200) n++; } return n; })()`,
      );
    const { page, context, requests, faults } = await open(resultOf(0).id);
    await page.waitForSelector('.candle-chart canvas');
    t.match(
      await page.locator('.candle-chart').getAttribute('aria-label'),
      /what the rules look at: RSI\(14\), EMA\(200\)$/,
    );
    t.match((await shown(page.locator('.panel-candles .legend'))).replace(/\s+/g, ' '), /RSI\(14\) 30 EMA\(200\)/);
    await until(
      'both lines are painted',
      async () => (await painted(page, 'amber')) > 200 && (await painted(page, 'violet')) > 200,
    );
    const tall = await page.locator('.candle-chart').evaluate((box) => box.getBoundingClientRect().height);
    t.equal(tall, 470, 'room for the pane below');
    await page.getByRole('button', { name: 'Show trade 41 on the chart' }).click();
    await reads(page, '.panel-candles', /trade 41 of 42/);
    await until(
      'asked for the same window',
      async () => requests.filter((each) => each.endsWith('/indicators')).length === 2,
    );
    t.match(
      (await shown(page.locator('.panel-candles .legend'))).replace(/\s+/g, ' '),
      /EMA\(200\)/,
      'the lines are those of the candles that are shown',
    );
    t.same(
      // Reading pixels back is this test's doing.
      faults.filter((fault) => !fault.includes('willReadFrequently')),
      [],
    );
    await context.close();
    const node = createFixtureNode();
    const indicators: FixtureNode['indicators'] = async () => {
      throw new RequestError('candles_missing', 'Not told.', { status: 409 });
    };
    const without = await open(resultOf(0).id, { ...node, listeners: 0, indicators });
    await without.page.waitForSelector('.candle-chart canvas');
    await reads(without.page, '.panel-candles', /Not told\./);
    t.equal(await painted(without.page, 'violet'), 0, 'candles stand without lines');
    await without.context.close();
  });

  await t.test('anchored folds are said to be so', async (t) => {
    const node = createFixtureNode();
    const runStrategy: FixtureNode['runStrategy'] = async (...of) => {
      const run = await node.runStrategy(...of);
      const [a, , b, c, d] = run.equity;
      return { ...run, equity: [a!, b!, c!, d!] };
    };
    const { page, context } = await open(resultOf(0).id, { ...node, listeners: 0, runStrategy });
    await reads(page, '.panel-folds', /one part out of sample follows the last/);
    const rows = (await page.locator('.panel-folds tbody tr').allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
    t.match(rows[0], /^1 — [+−][\d.]+ % — ?$/, 'no part of its own, and no figure');
    t.match(rows[1], /^2 \d{4}-\d\d-\d\d – \d{4}-\d\d-\d\d [+−][\d.]+ % [+−][\d.]+ %/);
    t.match(await shown(page.locator('.panel-equity .legend')), /follows all that was searched/);
    await context.close();
  });
});
