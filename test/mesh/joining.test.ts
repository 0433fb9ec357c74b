// How soon a new machine is at work: from the start of the program, with nothing but a ticket, to its first unit. The candles
// come from the member that has them.
import t from 'tap';
import { TestHome, until } from '../support/nodes.ts';
import { giveWork } from '../support/work.ts';

/** What the product promises, on loopback. */
const AT_WORK_MS = 20_000;

t.test('a ticket, and nothing else', async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const [desk, laptop] = [home.node('desk'), home.node('laptop')];
  await desk.start();
  await giveWork(desk, 100);
  const { ticket } = await desk.invite(1);
  const began = performance.now();
  await laptop.start({ join: ticket });
  const inside = Math.round(performance.now() - began);
  const unit = await until('it works on a unit', async () => (await laptop.status()).unit ?? undefined);
  const took = Math.round(performance.now() - began);
  t.ok(took <= AT_WORK_MS, `in the mesh after ${inside} ms, on unit ${unit.index + 1} after ${took} ms`);
});
