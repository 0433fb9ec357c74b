// One strategy: what the legend says is what the node says, keys go from trade to trade, a re-run tells a match from a
// difference, every gate stands with its figure and its limit, a form that cannot hold the rules says so, and what is not
// here is said so.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { RequestError } from '../../src/ui/api.ts';
import { foldsOf } from '../../src/ui/page/strategy/equity-frame.ts';
import { violations } from './barriers.ts';
import { ask, type Look, launch, noBrowser, reads, shown, visit } from './browser.ts';
import { resultOf } from './fixture-data.ts';
import { createFixtureNode, type FixtureNode } from './fixture-node.ts';
import { startHarness, until } from './harness.ts';

/** Two points of equity, the second of which says what is left. */
const stretch = (segment: 'inSample' | 'outOfSample' | 'holdout', from: number, last: number) => ({
  segment,
  points: [
    [from, 0],
    [from + 1, last],
  ] as [number, number][],
  held: [1, 1],
});

t.test('folds: each begins with what the one before it ended with', async (t) => {
  const equity = [
    stretch('inSample', 0, 110),
    stretch('outOfSample', 10, 50),
    stretch('inSample', 20, 55),
    stretch('outOfSample', 30, 75),
    stretch('holdout', 40, 200),
  ];
  t.same(foldsOf({ equity, initialEquity: 100 }), [
    { inSample: 110 / 100 - 1, unseen: { from: 10, to: 11, return: -0.5 } },
    { inSample: -0.5, unseen: { from: 30, to: 31, return: 0.5 } },
  ]);
});

t.test('anchored folds: each from the first candle on, the last with what is out of sample', async (t) => {
  const equity = [
    stretch('inSample', 0, 110),
    stretch('inSample', 10, 99),
    stretch('inSample', 20, 120),
    stretch('outOfSample', 30, 90),
    stretch('holdout', 40, 200),
  ];
  t.same(foldsOf({ equity, initialEquity: 100 }), [
    { inSample: 110 / 100 - 1, unseen: null },
    { inSample: 99 / 100 - 1, unseen: null },
    { inSample: 120 / 100 - 1, unseen: { from: 30, to: 31, return: 90 / 100 - 1 } },
  ]);
});

t.test('in the browser', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = async (id: string, node: FixtureNode = createFixtureNode(), look: Look = {}) => {
    const server = await startHarness({ node });
    t.teardown(() => server.stop());
    return { server, ...(await visit(browser, new URL(`/results/${id}`, server.url).href, look)) };
  };

  await t.test('figures, rules and charts', async (t) => {
    const { page, context, faults } = await open(resultOf(0).id);
    await reads(
      page,
      '.panel-equity .legend',
      /In sample\s*\+9\.4\s%\s*Out of sample\s*\+3\.6\s%\s*Holdout\s*\+1\.8\s%/,
    );
    t.match(await page.title(), /^amber-heron · casa-lab/);
    t.match(
      await shown(page.locator('.strategy-head')),
      /Validated[\s\S]*2\/2 replicas agree[\s\S]*20 trades out of sample/,
    );
    t.match(await shown(page.locator('.panel-rules')), /long when all hold[\s\S]*RSI\(14\) crosses above 30/);
    t.equal(await page.locator('.segment').count(), 5, 'a line for each stretch');
    t.match(await shown(page.locator('.panel-origin')), /J-0031[\s\S]*3,021,400/, 'the tries stand beside it');
    await page.waitForSelector('.candle-chart canvas');
    const painted = await ask<number>(
      page,
      `(() => { let n = 0; for (const c of document.querySelectorAll('.candle-chart canvas')) { if (!c.width) continue;
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; for (let i = 3; i < d.length; i += 4) if (d[i] > 0) n++; } return n; })()`,
    );
    t.ok(painted > 50, `${painted} pixels of candles`);
    t.equal(await page.locator('.credit').getAttribute('href'), 'https://www.tradingview.com/');
    t.same(faults, [], 'the chart breaks no rule of the page');
    await context.close();
  });

  await t.test('without its candles: who has them, one button, and all of it when they come', async (t) => {
    const node = createFixtureNode();
    const { datasetHash } = resultOf(0);
    const [index, dataset] = [...node.snapshot().datasets.entries()].find(([, { hash }]) => hash === datasetHash)!;
    node.change(({ datasets }) => datasets.splice(index, 1));
    const isHere = (): boolean => node.snapshot().datasets.some(({ hash }) => hash === datasetHash);
    const here = <T>(answer: T): T => {
      if (isHere()) return answer;
      throw new RequestError('candles_missing', 'This node does not hold them.', { status: 409 });
    };
    const holders: FixtureNode['holders'] = async () => ({
      items: [true, false, true].map((has, i) => ({ peerId: `p${i}`, name: `p${i}`, has })),
      next: null,
    });
    const without: FixtureNode = {
      ...{ ...node, listeners: 0, holders },
      runStrategy: async (...asked) => here(await node.runStrategy(...asked)),
      candles: async (query) => here(await node.candles(query)),
    };
    // All of it in sight: what the status line covers has no size.
    const { page, context } = await open(resultOf(0).id, without, { height: 2_400 });
    await reads(page, '.panel-candles-missing', /BTC-USD are not on this machine/);
    t.same(await violations(page), []);
    await page.getByRole('button', { name: 'Fetch them from 2 machines' }).click();
    await reads(page, '.panel-candles-missing [role=status]', /shows them as soon as they are here/);
    t.same(node.calls, ['fetchData']);
    t.equal(await page.locator('.segment').count(), 0, 'nothing is drawn that is not known');
    node.change(({ datasets }) => datasets.push(dataset));
    await page.waitForSelector('.candle-chart canvas');
    t.equal(await page.locator('.segment').count(), 5);
    await context.close();
    node.change(({ datasets }) =>
      datasets.splice(
        datasets.findIndex(({ hash }) => hash === datasetHash),
        1,
      ),
    );
    const nobody = await open(resultOf(0).id, {
      ...{ ...node, listeners: 0, holders: async () => ({ items: [], next: null }) },
      candles: async (query) => here(await node.candles(query)),
      neighbours: async (id) => here(await node.neighbours(id)),
    });
    await reads(nobody.page, '.panel-candles .candles-offer', /No machine that is connected has them/);
    t.equal(await nobody.page.locator('.segment').count(), 5, 'what the node remembers stays');
    t.equal(await nobody.page.locator('.candles-offer').count(), 1, 'and it is said once');
    await reads(nobody.page, '.panel-neighbours', /does not hold them/);
    node.change(({ datasets }) => datasets.push(dataset));
    await nobody.page.waitForSelector('.panel-neighbours .heat-own');
    t.equal(await nobody.page.locator('.panel-neighbours .panel-failed').count(), 0, 'asked for again by itself');
    await nobody.context.close();
  });

  await t.test('from trade to trade', async (t) => {
    const { page, context } = await open(resultOf(0).id);
    await page.waitForSelector('.candle-chart canvas');
    await page.getByRole('button', { name: 'Show trade 41 on the chart' }).click();
    await reads(page, '.panel-candles', /trade 41 of 42/);
    await page.locator('.candles-body').focus();
    await page.keyboard.press('ArrowLeft');
    await reads(page, '.panel-candles', /trade 40 of 42/);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await reads(page, '.panel-candles', /trade 42 of 42/);
    t.match(page.url(), /trade=42/);
    await page.reload();
    await reads(page, '.panel-candles', /trade 42 of 42/);
    await context.close();
  });

  await t.test('a re-run says whether it is the same', async () => {
    const { page, context } = await open(resultOf(0).id);
    await page.getByRole('button', { name: 'Runs it on this machine' }).click();
    await reads(page, 'main .notice.good', /Match[\s\S]*here 7f3a91c2 · ledger 7f3a91c2/);
    await page.goto(new URL(`/results/${resultOf(2).id}`, page.url()).href);
    await page.getByRole('button', { name: 'Runs it on this machine' }).click();
    await reads(page, 'main .notice.error', /Differs[\s\S]*here 41fc9a03 · ledger 7f3a91c2/);
    await context.close();
  });

  await t.test('every gate with its figure, its limit and its outcome in words', async (t) => {
    const { page, context } = await open(resultOf(0).id);
    await reads(page, '.panel-gates', /4 of 8 gates hold/);
    const row = async (name: string): Promise<string> =>
      (await shown(page.locator('.panel-gates tbody tr', { hasText: name }))).replace(/\s+/g, ' ');
    t.equal(
      await row('Trades on candles that the search never saw'),
      'Trades on candles that the search never saw 30 at least 20 holds',
    );
    t.match(await row('on the worse of both unseen parts'), /\+1\.20 % above 0 % holds$/);
    t.match(await row('Chance explains its unseen returns'), /0\.210 at most 0\.05 fails$/);
    t.match(await row('Neighbouring settings that gain too'), /60 % at least 50 % holds$/);
    t.match(await row('where candles are shuffled'), /— at most 0\.05 not known yet$/);
    t.match(await shown(page.locator('.panel-gates .panel-head')), /promising/);
    const robust = (await shown(page.locator('.panel-robust'))).replace(/\s+/g, ' ');
    t.match(
      robust,
      /costs × 1 \+3\.1 % holds costs × 2 −1\.0 % fails costs × 3 −5\.0 % fails one candle late \+1\.0 % holds/,
    );
    t.match(robust, /20 neighbouring settings 60 % gain[\s\S]*−10\.0 % in half of them[\s\S]*1,533\sd/);
    await page.getByRole('link', { name: 'The verdict on its job' }).click();
    await reads(page, '.panel-verdict', /Nothing significant was found/);
    await context.close();
    const other = await open(resultOf(1).id);
    await reads(other.page, '.panel-gates', /does not list this strategy/);
    t.equal(await other.page.locator('.panel-robust').count(), 0, 'nothing is drawn that nobody has computed');
    await other.context.close();
    const node = createFixtureNode();
    const verdict: FixtureNode['verdict'] = async (job) => ({
      ...(await node.verdict(job)),
      ...{ state: 'waiting', why: 'No unit of this job is validated yet.', judgement: null },
    });
    const waiting = await open(resultOf(0).id, { ...node, listeners: 0, verdict }, { language: 'es-ES' });
    await reads(waiting.page, '.panel-gates', /No unit of this job is validated yet/);
    await waiting.context.close();
  });

  await t.test('buy and hold on the same axis, and the scale of ratios', async (t) => {
    const { page, context } = await open(resultOf(0).id);
    const curve = () => page.locator('.segment-line').first().getAttribute('d');
    await page.locator('.segment-line').first().waitFor();
    const before = await curve();
    t.equal(await page.locator('.held').count(), 0, 'off at first');
    await page.getByRole('switch', { name: 'buy and hold' }).check();
    await until('a line for each stretch', async () => (await page.locator('path.held').count()) === 5);
    t.match(await shown(page.locator('.panel-equity')), /held, without costs: \+19\.3\s% in sample/);
    const held = await curve();
    t.not(held, before, 'the axis holds both');
    await page.getByRole('switch', { name: 'logarithmic' }).check();
    await until('another scale', async () => (await curve()) !== held);
    await page.locator('.equity-box svg').hover({ position: { x: 300, y: 100 } });
    await reads(page, '.equity-read', /UTC · [\d,]+ USD · .*buy and hold [\d,]+$/);
    t.match(
      await shown(page.locator('.panel-equity .legend')),
      /\+9\.4\s%[\s\S]*\+3\.6\s%[\s\S]*\+1\.8\s%/,
      'the figures stay',
    );
    await context.close();
  });

  await t.test('what each export can say, and its beginning', async (t) => {
    const node = createFixtureNode();
    const exportResult: FixtureNode['exportResult'] = (id, input) =>
      input.as === 'freqtrade'
        ? Promise.reject(new RequestError('not_expressible', 'freqtrade cannot say: trailing', { status: 422 }))
        : node.exportResult(id, input);
    const { page, context } = await open(resultOf(0).id, { ...node, listeners: 0, exportResult });
    await page.getByRole('button', { name: 'Export' }).click();
    await until('the panel has the focus', () => ask(page, 'document.activeElement.id === "export"'));
    const panel = page.locator('.panel-export');
    t.match(await shown(panel), /"indicator": "rsi"/, 'the rules stand there at once');
    await panel.getByText('freqtrade').click();
    await reads(page, '.panel-export', /cannot hold the rules[\s\S]*freqtrade cannot say: trailing/);
    t.equal(await panel.getByRole('button', { name: 'Save' }).count(), 0);
    await panel.getByText('Pine Script').click();
    await reads(page, '.panel-export', /averages begin with the chart[\s\S]*first\n\s+second/);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      panel.getByRole('button', { name: 'Save' }).click(),
    ]);
    t.equal(file.suggestedFilename(), `${resultOf(0).id.slice(0, 8)}.pine`);
    t.equal(readFileSync(await file.path(), 'utf8'), 'first\n  second\n');
    await context.close();
  });

  await t.test('what is not here', async (t) => {
    const { page, context } = await open('abcdef');
    await reads(page, 'main', /No strategy of this hash/);
    await page.getByRole('link', { name: 'All results' }).click();
    await until('the list', async () => (await page.locator('.panel-board tbody tr').count()) === 10);
    await page.goto(new URL(`/results/${resultOf(3).id}`, page.url()).href);
    await reads(page, '.panel-candles', /SAMPLE-USD are not on this machine[\s\S]*Fetch them from 1 machine/);
    t.equal(await page.locator('.candle-chart').count(), 0);
    await context.close();
  });
});
