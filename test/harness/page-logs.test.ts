// Ten thousand lines of log in ten seconds, written by a real node, while its page looks on (27).
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { TestHome, until } from '../support/nodes.ts';
import { ask, launch, noBrowser, shown, textOf, visit } from '../ui/browser.ts';
import { addSample, pidOf } from './api.ts';

const CHATTY_NODE = fileURLToPath(new URL('../support/chatty-node.mjs', import.meta.url));
const LONGEST_MS = 200;
const ROWS_MAX = 400;
/** Between the last line and its place on the page. Who asks for one answer a second would be ten seconds behind. */
const BEHIND_MS = 6_000;

interface TraceEvent {
  ph: string;
  name: string;
  pid: number;
  tid: number;
  /** Processor time of the thread, µs: what else the machine does is not in it. */
  tdur?: number;
  args?: { name?: string };
}

/** Milliseconds of processor time of each task of the page's own thread. */
function tasksIn(trace: Buffer): number[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const mains = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const isMain = ({ pid, tid }: TraceEvent): boolean => mains.some((main) => main.pid === pid && main.tid === tid);
  return traceEvents
    .filter((event) => event.ph === 'X' && event.tdur !== undefined && isMain(event))
    .map(({ tdur }) => tdur! / 1_000);
}

t.test('ten thousand lines in ten seconds', { skip: noBrowser, timeout: 0 }, async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const node = home.node('chatty');
  await node.start({ program: CHATTY_NODE });
  const { hash } = await addSample(node);
  // A mesh that nobody has used has a page of its own.
  await node.createJob({ dataset: hash, preset: 'quick', units: 1, generations: 1, population: 10 });
  const browser = await launch();
  t.teardown(() => browser.close());
  const { page, faults } = await visit(browser, new URL('/logs', node.ready.ui).href);
  await page.waitForSelector('.log-row');
  await browser.startTracing(page, { categories: ['toplevel'] });
  const began = performance.now();
  process.kill(pidOf(node), 'SIGUSR2');
  let rowsMost = 0;
  await until('the last line is read', async () => {
    rowsMost = Math.max(rowsMost, await page.locator('.log-row').count());
    return (await shown(page.locator('.log-box'))).includes('line 9999');
  });
  const readAt = Date.now();
  t.comment(`${((performance.now() - began) / 1000).toFixed(1)} s`);
  const last = await shown(page.locator('.log-row', { hasText: 'line 9999' }));
  const [clock] = /\d\d:\d\d:\d\d\.\d{3}/.exec(last)!;
  // Its time of day, in UTC; midnight may lie between.
  const behind = (readAt - Date.parse(`1970-01-01T${clock}Z`)) % 86_400_000;
  t.ok(behind <= BEHIND_MS, `read ${behind} ms after it was written`);
  const tasks = tasksIn(await browser.stopTracing());
  const longest = Math.max(...tasks);
  t.ok(tasks.length > 100, `${tasks.length} tasks of the page`);
  t.ok(longest <= LONGEST_MS, `longest task ${Math.round(longest)} ms`);
  t.ok(rowsMost > 20 && rowsMost <= ROWS_MAX, `${rowsMost} rows in the document at most`);
  t.match(await textOf(page, '.panel-log .panel-note'), /5,000 lines in memory/);
  const follow = page.getByRole('switch', { name: 'Follow' });
  t.equal(await follow.isChecked(), true);
  await ask(page, 'document.querySelector(".log-box").scrollTop -= 2000');
  await until('scrolling up stops following', async () => !(await follow.isChecked()));
  t.same(faults, []);
});
