// The goal: what the best validated strategy earned a day out of sample, beside what the reader hopes for.
import t from 'tap';
import { perDay, readGoal } from '../../src/ui/page/goal-figures.ts';
import { type Look, launch, noBrowser, reads, shown, visit } from './browser.ts';
import { resultOf } from './fixture-data.ts';
import { createFixtureNode, type FixtureNode } from './fixture-node.ts';
import { startHarness } from './harness.ts';

t.test('growth a day compounds to the whole', async (t) => {
  t.ok(Math.abs(perDay(0.21, 2)! - 0.1) < 1e-12);
  t.ok(Math.abs(perDay(-0.19, 2)! + 0.1) < 1e-12);
  t.equal(perDay(-1, 30), null, 'nothing is left');
  t.equal(perDay(0.1, null), null);
});

t.test('what may be hoped for', async (t) => {
  t.equal(readGoal('0,5'), 0.5, 'in the writing of either language');
  t.equal(readGoal(' 3 '), 3);
  for (const text of ['', '0', '-1', '101', 'five', '1e9', 'NaN']) t.equal(readGoal(text), undefined, text);
});

t.test('in the browser', { skip: noBrowser }, async (t) => {
  const browser = await launch();
  t.teardown(() => browser.close());
  const open = async (node: FixtureNode, look: Look = {}, path = '/') => {
    const server = await startHarness({ node });
    t.teardown(() => server.stop());
    return visit(browser, new URL(path, server.url).href, look);
  };

  await t.test('shown with its share, changed in the settings, kept', async (t) => {
    const { page, context, faults } = await open(createFixtureNode());
    // 1.036 ^ (1 / 190) − 1 = 0.0186 %, which is 0.37 % of 5 %.
    await reads(page, '.goal', /Goal: 5\s% a day\s*now \+0\.019\s%/);
    t.match(await shown(page.locator('.goal')), /0\.4\s% of the goal, over 190 days out of sample, after fees/);
    const bar = page.locator('.goal [role=progressbar]');
    t.ok(Number(await bar.getAttribute('aria-valuenow')) < 0.005);
    await page.getByRole('link', { name: 'Change goal' }).click();
    const field = page.getByLabel('Goal, % a day');
    await field.fill('0.05');
    await page.goBack();
    await reads(page, '.goal', /Goal: 0\.05\s%[\s\S]*37\.2\s% of the goal/);
    await page.getByRole('link', { name: 'Change goal' }).click();
    await field.fill('lots');
    await reads(page, '[data-setting=goal]', /A number above 0/);
    await page.reload();
    t.equal(await field.inputValue(), '0.05', 'what cannot be read is not kept');
    t.same(faults, []);
    await context.close();
  });

  await t.test('unknown is not nothing, and a loss is no share', async () => {
    const changed = (change: object): FixtureNode => {
      const node = createFixtureNode();
      const snapshot: FixtureNode['snapshot'] = () => {
        const whole = node.snapshot();
        return { ...whole, top: whole.top.map((each) => (each.id === resultOf(0).id ? { ...each, ...change } : each)) };
      };
      return { ...node, listeners: 0, snapshot };
    };
    const unknown = await open(changed({ outOfSampleDays: null }), { language: 'es-ES' });
    await reads(unknown.page, '.goal', /ahora —[\s\S]*No se sabe/);
    await unknown.context.close();
    const losing = await open(changed({ outOfSample: { ...resultOf(0).outOfSample, return: -0.2 } }));
    await reads(losing.page, '.goal', /now −0\.117\s%[\s\S]*0\.0\s% of the goal/);
    await losing.context.close();
  });
});
