// Power and manners: whether a machine may work, how much, and the sentence why not; and that it is held to it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { openDataDirectory } from '../../src/node/data-directory.ts';
import { type Decision, decide, type Facts, NOTHING_KNOWN } from '../../src/node/power/decide.ts';
import { Governor } from '../../src/node/power/governor.ts';
import { askHook, linuxPower, running } from '../../src/node/power/machine.ts';
import { checkRules, type Rules } from '../../src/node/power/rules.ts';
import { closedUntil, parseSchedule } from '../../src/node/power/schedule-text.ts';
import { untouchedMs } from '../../src/node/power/untouched.ts';
import { parseUntil } from '../../src/node/verbs/until.ts';
import { fakeTimers } from './support/fake-timers.ts';

/** A Sunday, 12:00, by the machine's own clock. */
const NOON = new Date(2026, 10, 22, 12, 0);
function rulesOf(changes: Partial<Rules> = {}): Rules {
  const checked = checkRules(changes);
  if (!('rules' in checked)) throw new Error(checked.message);
  return checked.rules;
}
const decided = (facts: Partial<Facts>, rules: Partial<Rules> = {}, before?: Decision): Decision =>
  decide({ ...NOTHING_KNOWN, ...facts }, { rules: rulesOf(rules), hold: undefined, threads: 8 }, NOON, before);

t.test('nothing known, nothing forbidden: all of it, without a word', async (t) => {
  t.same(decided({}), { run: 'run', threads: 8, share: 100, reason: '', hot: false });
  const all = rulesOf({
    temperatureMax: 80,
    programs: ['game'],
    hook: 'http://127.0.0.1:1/',
    inUse: { share: 0, threads: null, minutes: 5 },
  });
  t.equal(decided({}, all).run, 'run', 'what is not known applies to no rule');
});

const CASES: [what: string, facts: Partial<Facts>, rules: Partial<Rules>, reason: RegExp | undefined][] = [
  ['on mains', { onBattery: false, charge: 5 }, {}, undefined],
  ['on battery', { onBattery: true, charge: 99 }, {}, /^The machine runs on battery\.$/],
  ['on battery, which is allowed', { onBattery: true, charge: 1 }, { batteryAbove: 0 }, undefined],
  ['charge above the limit', { onBattery: true, charge: 31 }, { batteryAbove: 30 }, undefined],
  [
    'charge at the limit',
    { onBattery: true, charge: 30 },
    { batteryAbove: 30 },
    /at 30 %, and it works above 30 % only/,
  ],
  ['a charge that is not known', { onBattery: true }, { batteryAbove: 30 }, /is not known/],
  ['hot', { temperature: 86 }, { temperatureMax: 85 }, /86 °C hot, its limit is 85 °C; it goes on below 80 °C/],
  ['just not hot', { temperature: 85 }, { temperatureMax: 85 }, undefined],
  ['a program', { programs: ['game.exe'] }, { programs: ['game.exe'] }, /^“game.exe” is running\.$/],
  ['none of the programs', { programs: [] }, { programs: ['game.exe'] }, undefined],
  ['in use', { untouchedMs: 299_999 }, { inUse: { share: 0, threads: null, minutes: 5 } }, /Somebody is using/],
  ['not any more', { untouchedMs: 300_000 }, { inUse: { share: 0, threads: null, minutes: 5 } }, undefined],
  ['the hook says no', { hook: { run: false, reason: 'Solar says no.' } }, {}, /^Solar says no\.$/],
  ['the hook says no and nothing else', { hook: { run: false, reason: '' } }, {}, /says no/],
  ['the hook says yes', { hook: { run: true, reason: '' } }, {}, undefined],
  ['outside its hours', {}, { schedule: 'mon-fri 22:00-07:00' }, /^Outside its hours; it goes on Monday at 22:00\.$/],
  ['within them', {}, { schedule: 'sun 11:00-12:01' }, undefined],
];

for (const [what, facts, rules, reason] of CASES) {
  t.test(what, async (t) => {
    const decision = decided(facts, rules);
    t.equal(decision.run, reason === undefined ? 'run' : 'pause');
    t.match(decision.reason, reason ?? /^$/);
  });
}

t.test('two profiles: less while somebody uses the machine', async (t) => {
  const inUse = { share: 25, threads: 2, minutes: 5 };
  t.match(decided({ untouchedMs: 0 }, { inUse }), { run: 'run', threads: 2, share: 25, reason: /2 threads at 25 %/ });
  t.match(decided({ untouchedMs: 400_000 }, { inUse }), { threads: 8, share: 100, reason: /^$/ });
  t.match(
    decided({ untouchedMs: 0 }, { inUse, share: 10, threads: 1 }),
    { threads: 1, share: 10 },
    'never more than otherwise',
  );
  t.equal(decided({}, { threads: 64 }).threads, 8, 'nor more than the settings give');
});

t.test('heat: it does not start and stop all the time', async (t) => {
  const rules = { temperatureMax: 85 };
  let decision: Decision | undefined;
  const runs = [84, 86, 84, 81, 80, 84, 85, 86].map((temperature) => {
    decision = decided({ temperature }, rules, decision);
    return decision.run;
  });
  t.same(runs, ['run', 'pause', 'pause', 'pause', 'run', 'run', 'run', 'pause']);
});

t.test('the owner’s own word stands above every rule', async (t) => {
  const wishes = { rules: rulesOf(), threads: 8 };
  const busy = { ...NOTHING_KNOWN, onBattery: true };
  const at = (hold: { kind: 'pause' | 'finish'; until: number | undefined; finished: boolean }) =>
    decide(busy, { ...wishes, hold }, NOON);
  t.match(at({ kind: 'pause', until: undefined, finished: false }), { run: 'pause', reason: 'Paused by you.' });
  const later = new Date(2026, 10, 23, 8, 0).getTime();
  t.match(at({ kind: 'pause', until: later, finished: false }), { reason: 'Paused by you until 2026-11-23 08:00.' });
  t.match(at({ kind: 'pause', until: NOON.getTime(), finished: false }), { reason: 'The machine runs on battery.' });
  t.match(at({ kind: 'finish', until: undefined, finished: false }), { run: 'finish', reason: /finishes its unit/ });
  t.match(at({ kind: 'finish', until: undefined, finished: true }), { run: 'pause', reason: /finished its unit/ });
});

const NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

t.test('hours of the week, against walking through the week day by day', async (t) => {
  const arbitrarySpan = fc.record({
    first: fc.nat({ max: 6 }),
    days: fc.nat({ max: 6 }),
    start: fc.nat({ max: 1439 }),
    end: fc.integer({ min: 0, max: 1440 }),
  });
  const clock = (minute: number): string => `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`;
  fc.assert(
    fc.property(fc.array(arbitrarySpan, { minLength: 1, maxLength: 3 }), fc.nat({ max: 10_079 }), (spans, minute) => {
      const text = spans
        .map(
          ({ first, days, start, end }) => `${NAMES[first]}-${NAMES[(first + days) % 7]} ${clock(start)}-${clock(end)}`,
        )
        .join(', ');
      const isOpenOn = (day: number, at: number): boolean =>
        spans.some(({ first, days, start, end }) => {
          const isDay = (which: number): boolean => (which - first + 7) % 7 <= days;
          if (end > start) return isDay(day) && at >= start && at < end;
          return (isDay(day) && at >= start) || (isDay((day + 6) % 7) && at < end);
        });
      const [day, at] = [Math.floor(minute / 1440), minute % 1440];
      const now = new Date(2026, 10, 22 + day, Math.floor(at / 60), at % 60);
      return (closedUntil(parseSchedule(text)!, now) === undefined) === isOpenOn(day, at);
    }),
    { numRuns: 300 },
  );
  t.same(parseSchedule(''), []);
  for (const bad of ['mon', 'mon 8:00', 'mon 8:00-25:00', 'mon-xyz 8:00-9:00', 'mon 24:00-9:00', 'mon 8:60-9:00'])
    t.equal(parseSchedule(bad), undefined, bad);
});

t.test('times to come, as people type them', async (t) => {
  const until = (when: string) => parseUntil({ when, span: undefined }, NOON);
  const at = (day: number, hours: number, minutes = 0) => new Date(2026, 10, day, hours, minutes);
  t.same(until('8:00'), at(23, 8), 'the next eight o’clock');
  t.same(until('18:30'), at(22, 18, 30));
  t.same(until('tomorrow 8:00'), at(23, 8));
  t.same(until('Friday 18:00'), at(27, 18));
  t.same(until('sun 11:00'), at(29, 11), 'today’s has passed');
  t.same(until('2026-12-01T08:00'), new Date(2026, 11, 1, 8, 0));
  t.same(parseUntil({ when: undefined, span: '90m' }, NOON), at(22, 13, 30));
  t.same(parseUntil({ when: undefined, span: '1.5d' }, NOON), at(24, 0));
  for (const bad of ['today 11:00', 'someday 8:00', '25:00', '2020-01-01', ''])
    t.throws(() => until(bad), { code: 'bad_time' }, bad);
  t.throws(() => parseUntil({ when: undefined, span: '2w' }, NOON), { code: 'bad_time' });
  t.throws(() => parseUntil({ when: '8:00', span: '2h' }, NOON), { code: 'usage' });
});

t.test('rules that make no sense', async (t) => {
  for (const bad of [
    ...[{ share: 4 }, { share: 101 }, { threads: 0 }, { batteryAbove: 101 }, { temperatureMax: 20 }, { nonsense: 1 }],
    ...[{ schedule: 'whenever' }, { hook: 'https://example.org/' }, { hook: 'http://192.168.1.2/' }, { hook: 'x' }],
    { inUse: { share: 3, threads: null, minutes: 5 } },
  ])
    t.notOk('rules' in checkRules(bad), JSON.stringify(bad));
  t.ok('rules' in checkRules({ hook: 'http://[::1]:9000/may' }));
});

t.test('power on Linux: what the kernel says of each supply', async (t) => {
  const folder = (supplies: Record<string, Record<string, string>>) => {
    const path = t.testdir();
    for (const [name, files] of Object.entries(supplies)) {
      mkdirSync(join(path, name), { recursive: true });
      for (const [file, text] of Object.entries(files)) writeFileSync(join(path, name, file), `${text}\n`);
    }
    return path;
  };
  const BAT = { type: 'Battery', status: 'Discharging', capacity: '63' };
  t.same(linuxPower(folder({})), { onBattery: false, charge: undefined }, 'a machine without a battery');
  t.same(linuxPower('/nonexistent'), { onBattery: undefined, charge: undefined }, 'a system that does not tell');
  t.same(linuxPower(folder({ BAT0: BAT, ADP1: { type: 'Mains', online: '0' } })), { onBattery: true, charge: 63 });
  t.same(
    linuxPower(folder({ BAT0: { ...BAT, status: 'Full', capacity: '100' }, ACAD: { type: 'Mains', online: '1' } })),
    { onBattery: false, charge: 100 },
    'full, on mains of an odd name',
  );
  t.same(
    linuxPower(folder({ hidpp: { ...BAT, scope: 'Device' }, AC: { type: 'Mains', online: '1' } })),
    { onBattery: false, charge: undefined },
    'a mouse’s battery is not the machine’s',
  );
  t.same(linuxPower(folder({ BAT0: { type: 'Battery' } })), { onBattery: undefined, charge: undefined }, 'not told');
  const two = { BAT0: { ...BAT, capacity: '80' }, BAT1: { ...BAT, capacity: '20' } };
  t.same(linuxPower(folder(two)), { onBattery: true, charge: 20 }, 'of two the emptier one');
});

t.test('programs, by name', async (t) => {
  const list = [{ name: 'Game.exe' }, { name: 'bash' }];
  t.same(running(list, ['game', 'BASH', 'blender']), ['game', 'BASH']);
  t.same(running(list, ['blender']), []);
  t.equal(running([], ['game']), undefined, 'not even this program is listed: the system does not tell');
});

t.test('since when nobody has touched the machine', async (t) => {
  const asked: string[] = [];
  const ask = (platform: NodeJS.Platform, says: Record<string, string>) =>
    untouchedMs(
      async (command) => {
        asked.push(command);
        return { code: Object.hasOwn(says, command) ? 0 : null, stdout: says[command] ?? '', stderr: '' };
      },
      platform,
      () => 1_800_000_000_000,
    );
  t.equal(await ask('darwin', { ioreg: '    |   "HIDIdleTime" = 73455583375\n    | "X" = 1' }), 73_456);
  t.equal(await ask('win32', { 'powershell.exe': '15250\r\n' }), 15_250);
  t.equal(await ask('linux', { gdbus: '(uint64 4711,)\n' }), 4711);
  t.equal(await ask('linux', { gdbus: 'Error: no such name', xprintidle: '99\n' }), 99);
  t.equal(await ask('linux', { busctl: 'b false\nt 0\n' }), 0);
  t.equal(await ask('linux', { busctl: 'b true\nt 1799999940000000\n' }), 60_000);
  t.equal(await ask('linux', { busctl: 'Failed to get property' }), undefined, 'not known is not guessed');
  t.equal(await ask('linux', {}), undefined);
  t.equal(await ask('aix', {}), undefined);
});

function govern(t: Test, path = t.testdir()) {
  const world = {
    now: NOON.getTime(),
    busy: true,
    facts: NOTHING_KNOWN,
    fails: false,
    threads: 0,
    share: 0,
    changes: 0,
  };
  const problems = new Map<string, string>();
  const open = (): Governor =>
    new Governor({
      directory: openDataDirectory(path),
      events: {
        problem: (code, message) => void problems.set(code, message),
        solved: (code) => void problems.delete(code),
      },
      pool: { setThreads: (count) => (world.threads = count), setShare: (share) => (world.share = share) },
      threads: 8,
      async facts() {
        if (world.fails) throw new Error('no such tool');
        return world.facts;
      },
      now: () => world.now,
      isBusy: () => world.busy,
      onChange: () => (world.changes += 1),
    });
  return { world, problems, open, path };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

t.test('a machine is held to it, and a restart changes nothing', async (t) => {
  const { advance, timers } = fakeTimers(t);
  const { world, problems, open, path } = govern(t);
  const governor = open();
  await settle();
  t.same([world.threads, world.share, world.changes], [8, 1, 0]);
  governor.setRules({ threads: 2, share: 50 });
  t.same([world.threads, world.share], [2, 0.5], 'at once');
  t.match(governor.setRules({ share: 1 }), { field: 'share' });
  t.equal(governor.rules.share, 50, 'what makes no sense changes nothing');
  world.facts = { ...NOTHING_KNOWN, onBattery: true };
  advance(15_000);
  await settle();
  t.match(governor.decision, { run: 'pause', reason: /battery/ });
  world.fails = true;
  advance(15_000);
  await settle();
  t.match(problems.get('machine_unknown'), /no such tool/);
  t.equal(governor.decision.run, 'run', 'what is not known any more does not hold it');
  governor.pause(world.now + 60_000);
  governor.stop();

  const again = open();
  t.match(again.decision, { run: 'pause', reason: /Paused by you until/, threads: 2, share: 50 });
  world.now += 60_000;
  advance(5000);
  t.equal(again.decision.run, 'run', 'the time is over');
  again.stop();
  t.equal(timers.size, 0);
  writeFileSync(join(path, 'limits.json'), '{"share": "half"}');
  t.throws(open, { code: 'bad_config', field: 'share' }, 'limits that cannot be read are not ignored');
  t.match(readFileSync(join(path, 'limits.json'), 'utf8'), /half/);
});

t.test('finish: the unit under way, and no other', async (t) => {
  const { advance } = fakeTimers(t);
  const { world, open } = govern(t);
  const governor = open();
  governor.finish();
  t.equal(governor.decision.run, 'finish');
  advance(5000);
  t.equal(governor.decision.run, 'finish', 'as long as it takes');
  world.busy = false;
  advance(5000);
  t.match(governor.decision, { run: 'pause', reason: /finished its unit/ });
  world.busy = true;
  advance(5000);
  t.equal(governor.decision.run, 'pause', 'for good');
  governor.resume();
  t.equal(governor.decision.run, 'run');
  governor.finish();
  governor.stop();
  const again = open();
  t.match(again.decision, { run: 'pause', reason: 'Paused by you.' }, 'after a restart there is nothing to finish');
  again.stop();
});

t.test('a rule of the owner’s own', async (t) => {
  const answers: Record<string, [number, string]> = {
    '/no': [200, '{"run": false, "reason": "Not now."}'],
    '/yes': [200, '{"run": true}'],
    '/text': [200, 'no'],
    '/odd': [200, '{"run": "no"}'],
    '/broken': [500, '{"run": false}'],
    '/away': [302, '{"run": false}'],
  };
  const server = createServer((request, response) => {
    const [status, text] = answers[request.url!]!;
    response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const ask = (path: string) => askHook(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  t.same(await ask('/no'), { run: false, reason: 'Not now.' });
  t.same(await ask('/yes'), { run: true, reason: '' });
  for (const path of ['/text', '/odd', '/broken', '/away']) t.equal(await ask(path), undefined, path);
  t.equal(await askHook('http://127.0.0.1:1/'), undefined, 'nobody there');
});
