// Starts of a service that fail: each waits longer, whatever the service manager does, and what stops well is forgotten.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openPatience, pauseAfter } from '../../src/node/service/patience.ts';
import { TestHome, until } from '../support/nodes.ts';

const never = new AbortController().signal;

t.test('pauses double from five seconds to five minutes', async (t) => {
  t.same([0, 1, 2, 3, 6, 7, 8, 1000].map(pauseAfter), [0, 5000, 10_000, 20_000, 160_000, 300_000, 300_000, 300_000]);
});

t.test('each start counts as failed until it is stopped', async (t) => {
  const folder = join(t.testdir(), 'data');
  const first = await openPatience(folder);
  t.equal(first.said, undefined);
  await first.wait(never);
  t.match((await openPatience(folder)).said, /^The last start ended .* begins in 5 s\.$/);
  const third = await openPatience(folder);
  t.match(third.said, /^Each of the last 2 starts .* begins in 10 s\.$/);
  third.stopped();
  t.notOk(existsSync(join(folder, 'failures')));
  t.equal((await openPatience(folder)).said, undefined);
  writeFileSync(join(folder, 'failures'), 'what');
  t.equal((await openPatience(folder)).said, undefined, 'what is no count holds nobody up');
});

t.test('a node that waits says so, and stops when it is told to', async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const node = home.node('desk');
  mkdirSync(node.dataDir, { recursive: true });
  const failures = join(node.dataDir, 'failures');
  writeFileSync(failures, '4\n');
  const starting = node.start({ args: ['--service', '--mesh-host', '127.0.0.1', '--no-mdns'] }).catch(() => 'ended');
  await until('that it says so', async () => existsSync(node.logFile) && /this one begins in 40 s/.test(node.log()));
  t.equal(readFileSync(failures, 'utf8'), '5\n', 'this one counts too, should it be killed');
  t.equal(await node.stop(), 0);
  t.equal(await starting, 'ended');
  t.notOk(existsSync(failures), 'it was asked to stop');
  await node.start({ args: ['--service', '--mesh-host', '127.0.0.1', '--no-mdns'] });
  t.equal(readFileSync(failures, 'utf8'), '1\n');
  await node.kill();
  t.ok(existsSync(failures), 'killed is not stopped');
});
