// The machine is about to sleep: the login service is played by programs in its place.
import '../../src/node/polyfill.ts';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type GoodbyeDeps, sayGoodbye } from '../../src/node/goodbye.ts';
import { watchSuspend } from '../../src/node/suspend.ts';
import { decodeTicket } from '../../src/protocol/ticket.ts';
import { homeOf, machine } from './support/machine.ts';
import { until } from './support/worker.ts';

/** A folder with a `gdbus` that says what is written to `said`, and a `systemd-inhibit` that tells when it holds and lets go. */
function stage(t: Test) {
  const folder = mkdtempSync(join(tmpdir(), 'stratmesh-suspend-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const put = (name: string, lines: string): void => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${lines}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  writeFileSync(join(folder, 'said'), '');
  put('gdbus', `echo "$@" > ${folder}/asked; exec tail -f ${folder}/said`);
  put('systemd-inhibit', `echo "holds $*" >> ${folder}/holds; cat > /dev/null; echo "lets go" >> ${folder}/holds`);
  const signal = (argument: string): string => `/org/freedesktop/login1: org.freedesktop.login1.Manager.${argument}\n`;
  return {
    environment: { PATH: `${folder}:${process.env.PATH}` },
    say: (argument: string) => writeFileSync(join(folder, 'said'), signal(argument), { flag: 'a' }),
    holds: () => (existsSync(join(folder, 'holds')) ? readFileSync(join(folder, 'holds'), 'utf8') : '').split('\n'),
  };
}

t.test('the machine is held until the others are told, and held again when it is awake', async (t) => {
  const { environment, say, holds } = stage(t);
  const told: boolean[] = [];
  let finish = (): void => undefined;
  const suspend = watchSuspend({
    ...{ platform: 'linux', environment },
    onChange(isAsleep) {
      told.push(isAsleep);
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
  });
  t.teardown(() => suspend.stop());
  await until('it holds', () => holds().length > 1);
  t.match(holds()[0], /holds --what=sleep --mode=delay/);
  say("SessionNew ('4', objectpath '/org/freedesktop/login1/session/_34')");
  say('PrepareForSleep (true,)');
  await until('it is told', () => told.length === 1);
  t.ok(suspend.isAsleep);
  t.equal(holds().length, 2, 'the machine does not sleep while the others are being told');
  finish();
  await until('it lets go', () => holds().includes('lets go'));
  say('PrepareForSleep (false,)');
  await until('awake', () => told.length === 2);
  t.same(told, [true, false]);
  t.notOk(suspend.isAsleep);
  finish();
  await until('it holds again', () => holds().filter((line) => line.startsWith('holds')).length === 2);
  suspend.stop();
  await until('and lets go at the end', () => holds().filter((line) => line === 'lets go').length === 2);
});

t.test('where there is no login service, nothing happens', async (t) => {
  const nowhere = { platform: 'linux', environment: { PATH: '/nonexistent' } } as const;
  const suspend = watchSuspend({ ...nowhere, onChange: async () => void t.fail('nobody said so') });
  await new Promise((resolve) => setImmediate(resolve));
  t.notOk(suspend.isAsleep);
  suspend.stop();
  t.notOk(watchSuspend({ ...nowhere, platform: 'win32', onChange: async () => undefined }).isAsleep);
});

t.test('the others see it asleep, then awake', async (t) => {
  const home = homeOf(t);
  const [a, b] = [machine(t, home, 'a'), machine(t, home, 'b')];
  await a.place.enter(undefined);
  await b.place.enter(decodeTicket((await a.port.invite({})).ticket));
  const stateOf = (): string | undefined => a.port.members().find(({ peerId }) => peerId === b.peerId)?.state;
  await until('b is there', () => stateOf() === 'idle', 30_000);
  b.sleep.now = true;
  b.session().mesh.announce();
  await until('b sleeps', () => stateOf() === 'asleep', 10_000);
  b.sleep.now = false;
  b.session().mesh.announce();
  await until('b is awake', () => stateOf() === 'idle', 10_000);
});

t.test('who is stopped just after it woke calls somebody to say so', async (t) => {
  const home = homeOf(t);
  const [a, b] = [machine(t, home, 'a'), machine(t, home, 'b')];
  await a.place.enter(undefined);
  await b.place.enter(decodeTicket((await a.port.invite({})).ticket));
  const stateOf = (): string | undefined => a.port.members().find(({ peerId }) => peerId === b.peerId)?.state;
  await until('b is there', () => stateOf() === 'idle', 30_000);
  b.sleep.ms += 3_600_000;
  await until('b trusts no connection from before', () => b.session().mesh.peers().length === 0, 10_000);
  await b.stop();
  await until('b sleeps, and is not waited for', () => stateOf() === 'asleep', 2000);
});

t.test('a last word that nobody can hear keeps nobody', async (t) => {
  const never = new Promise<void>(() => undefined);
  const said: string[] = [];
  const deps = (heard: boolean): GoodbyeDeps => ({
    isHeard: () => heard,
    reachable: () => [],
    dial: () => never,
    say: async () => void said.push('goodbye'),
  });
  await sayGoodbye(deps(false));
  t.same(said, []);
  await sayGoodbye(deps(true));
  t.same(said, ['goodbye']);
  const began = performance.now();
  await sayGoodbye({ ...deps(true), say: () => never });
  await sayGoodbye({
    ...deps(false),
    reachable: () => [['/ip4/192.0.2.1/tcp/1']],
    dial: () => Promise.reject(new Error('nobody')),
  });
  t.ok(performance.now() - began < 3000);
});
