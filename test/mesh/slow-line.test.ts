// A line with latency and loss, with real processes on hosts that reach each other through it alone: joining, candles, work and
// entries go over it, and connections break now and then. The kernel's own (`tc netem`) is not everywhere, so a proxy plays it.
import t from 'tap';
import { agree } from '../support/connections.ts';
import { Lan, whyNoNamespaces } from '../support/namespaces.ts';
import { TestHome, type TestNode, until } from '../support/nodes.ts';
import { CALM, SlowLine, type Weather } from '../support/slow-line.ts';
import { allDone, giveWork } from '../support/work.ts';

const skip = whyNoNamespaces() ?? false;
/** What the product promises. */
const BACK_MS = 10_000;
const PORTS = ['--mesh-port', '22071', '--lobby-port', '22072'];
/** A bad connection by radio: nearly half a second there and back, one packet in fifty lost. */
const BAD: Weather = { delay: 150, jitter: 100, lost: 0.02, resend: 400, breaks: 30_000 };
const UNITS = 6;

t.test('latency, loss and broken connections', { skip, timeout: 400_000 }, async (t) => {
  const lan = new Lan(4);
  const home = new TestHome();
  const line = new SlowLine(lan, 4, 3);
  t.teardown(async () => {
    await home.close();
    line.close();
    lan.close();
  });
  const nodes = ['one', 'two', 'three'].map((name, i) => home.node(name, lan.on(i + 1)));
  const [one, two, three] = nodes as [TestNode, TestNode, TestNode];
  line.set(BAD);
  const founding = home.bootstrapFile('founding.json', { peers: line.addresses });
  await one.start({ args: PORTS, bootstrap: founding });
  const { ticket } = await one.invite(2);
  const bootstrap = home.bootstrapFile('bootstrap.json', { ticket, peers: line.addresses });
  await Promise.all([two, three].map((node) => node.start({ args: PORTS, bootstrap })));
  const job = await giveWork(one, UNITS);
  await allDone(t, nodes, job, UNITS);
  const trips = (await one.members()).flatMap(({ rttMs }) => rttMs ?? []);
  t.ok(trips.length > 0 && trips.every((ms) => ms >= 2 * BAD.delay), `there and back in ${trips.map(Math.round)} ms`);

  for (let n = 0; n < 5; n += 1) await one.invite(1);
  line.set(CALM);
  const began = performance.now();
  await until('all agree on a line that is good again', () => agree(nodes), 60_000);
  const took = Math.round(performance.now() - began);
  t.ok(took <= BACK_MS, `equal roots after ${took} ms`);
  for (const node of nodes) t.match(await node.verify(), { ok: true });
});
