// Hears from the login service of Linux (systemd-logind) that the machine is about to sleep, and holds it up until the others
// are told. Asked through the programs that come with systemd and GLib: there is no small library for D-Bus that is alive.
// Where they are missing, and on other systems, a machine that sleeps falls silent as if its cable had been pulled.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface SuspendDeps {
  platform: NodeJS.Platform;
  environment: Readonly<Record<string, string | undefined>>;
  /** The machine is about to sleep, or awake again. It sleeps when this is done. */
  onChange(isAsleep: boolean): Promise<void>;
}

export interface Suspend {
  readonly isAsleep: boolean;
  stop(): void;
}

const LISTEN = ['monitor', '--system', '--dest', 'org.freedesktop.login1', '--object-path', '/org/freedesktop/login1'];
/** `cat` ends with its input, also when this process is gone, and the hold with it. */
const HOLD = ['--what=sleep', '--mode=delay', '--who=stratmesh', '--why=It tells the other machines', 'cat'];

export function watchSuspend({ platform, environment, onChange }: SuspendDeps): Suspend {
  if (platform !== 'linux') return { isAsleep: false, stop: () => undefined };
  let isAsleep = false;
  const env = environment as NodeJS.ProcessEnv;
  let hold = start('systemd-inhibit', HOLD, env);
  const listener = start('gdbus', LISTEN, env);

  async function change(next: boolean): Promise<void> {
    if (next === isAsleep) return;
    isAsleep = next;
    await onChange(next);
    hold.stdin?.end();
    if (!next) hold = start('systemd-inhibit', HOLD, env);
  }

  createInterface({ input: listener.stdout! }).on('line', (line) => {
    const said = /PrepareForSleep \((true|false),\)/.exec(line)?.[1];
    if (said !== undefined) void change(said === 'true');
  });
  listener.once('exit', () => void change(false));
  return {
    get isAsleep() {
      return isAsleep;
    },
    stop() {
      listener.removeAllListeners('exit');
      listener.kill();
      hold.stdin?.end();
    },
  };
}

/** What is not there, or refuses, is done without. */
function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'ignore'] });
  child.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  return child;
}
