// pause, resume, finish and limits on a running node: what is said, what is kept over a restart, what is refused.
import t from 'tap';
import type { NodeStatus } from '../../src/ui/api.ts';
import type { LimitsView } from '../../src/ui/api-limits.ts';
import { TestHome, until } from '../support/nodes.ts';

t.test('limits and pauses of a machine', async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const node = home.node('desk');
  await node.start({ threads: 2 });
  const limits = (...flags: string[]): Promise<LimitsView & { error?: { code: string; field?: string } }> =>
    node.command('limits', ...flags);
  const before = await limits();
  t.match(before.rules, { threads: null, share: 100, batteryAbove: 100, inUse: null, schedule: '', programs: [] });
  t.match(before.timeline.at(-1), { mode: 'starting' });

  const flags = [
    '--threads',
    '1',
    '--share',
    '40',
    '--battery',
    'always',
    '--in-use',
    'pause',
    '--programs',
    'a, b.exe',
  ];
  const after = await limits(...flags);
  t.match(after.rules, { threads: 1, share: 40, batteryAbove: 0, inUse: { share: 0, threads: null, minutes: 5 } });
  t.same(after.rules.programs, ['a', 'b.exe']);
  t.match(after.now, { threads: 1, share: 40 });
  t.match(
    (await limits('--in-use-minutes', '9')).rules.inUse,
    { share: 0, minutes: 9 },
    'one of three keeps the others',
  );
  for (const [bad, field] of [
    [['--share', '3'], 'share'],
    [['--schedule', 'whenever'], 'schedule'],
    [['--hook', 'http://example.org/'], 'hook'],
  ] as const)
    t.match((await limits(...bad)).error, { code: 'bad_value', field });
  t.match(await limits('--threads', 'x'), { error: { code: 'bad_number' } });

  t.match(await node.command<NodeStatus>('pause', '--for', '2h'), { mode: 'paused', reason: /Paused by you until 20/ });
  t.match(await node.command('pause', '--until', 'never'), { error: { code: 'bad_time' } });
  t.equal(await node.stop(), 0);
  await node.start({ threads: 2 });
  const kept = await limits();
  t.same(kept.rules, (await limits('--threads', '1')).rules, 'a restart changes no limit');
  t.match(kept.now, { run: 'pause' }, 'and ends no pause');
  t.ok(kept.pausedUntil !== null);
  await node.command('resume');
  await until('it goes on', async () => (await node.status()).mode === 'idle');
  t.match(await node.command<NodeStatus>('finish'), { mode: 'paused', reason: /finished its unit/ });
  t.match(
    (await limits()).timeline.map(({ mode }) => mode).slice(0, 2),
    ['paused', 'idle'],
    'the time line says what came when',
  );
});
