// Since when nobody has touched this machine, as far as its system tells. Nothing is installed for it, and nothing guessed:
// where no way leads to an answer, it is not known.
import type { RunCommand } from '../run-command.ts';

const ANSWER_MS = 8000;

interface Way {
  command: string;
  args: readonly string[];
  /** ms; undefined when the answer cannot be read. */
  read(text: string, now: number): number | undefined;
}

const MAC: Way[] = [
  {
    command: 'ioreg',
    args: ['-c', 'IOHIDSystem', '-d', '4', '-r'],
    read: (text) => scaled(/"HIDIdleTime" = (\d+)/, text, 1e-6),
  },
];

const WINDOWS_SCRIPT = `Add-Type @'
using System;
using System.Runtime.InteropServices;
public static class Input {
  [StructLayout(LayoutKind.Sequential)] struct Last { public uint size; public uint time; }
  [DllImport("user32.dll")] static extern bool GetLastInputInfo(ref Last last);
  public static uint Untouched() {
    var last = new Last(); last.size = 8;
    if (!GetLastInputInfo(ref last)) throw new Exception("not known");
    return (uint)Environment.TickCount - last.time;
  }
}
'@
[Input]::Untouched()`;

const WINDOWS: Way[] = [
  {
    command: 'powershell.exe',
    args: ['-NoProfile', '-NonInteractive', '-Command', WINDOWS_SCRIPT],
    read: (text) => scaled(/^\s*(\d+)\s*$/, text, 1),
  },
];

const LOGIN = ['org.freedesktop.login1', '/org/freedesktop/login1', 'org.freedesktop.login1.Manager'];
const MUTTER = 'org.gnome.Mutter.IdleMonitor';

/** The desktop's own counter, that of an X server, then what the login service was told by the sessions. */
const LINUX: Way[] = [
  {
    command: 'gdbus',
    args: [
      ...['call', '--session', '--dest', MUTTER, '--object-path', '/org/gnome/Mutter/IdleMonitor/Core'],
      ...['--method', `${MUTTER}.GetIdletime`],
    ],
    read: (text) => scaled(/^\(uint64 (\d+),\)/, text, 1),
  },
  { command: 'xprintidle', args: [], read: (text) => scaled(/^(\d+)\s*$/, text, 1) },
  {
    command: 'busctl',
    args: ['get-property', ...LOGIN, 'IdleHint', 'IdleSinceHint'],
    read(text, now) {
      const [, idle, since] = /^b (true|false)\s+t (\d+)/.exec(text) ?? [];
      if (idle === undefined) return undefined;
      return idle === 'false' ? 0 : Math.max(0, now - Number(since) / 1000);
    },
  },
];

const WAYS: Partial<Record<NodeJS.Platform, Way[]>> = { darwin: MAC, win32: WINDOWS, linux: LINUX };

/** ms; undefined when it is not known. `now`: ms since 1970. */
export async function untouchedMs(
  run: RunCommand,
  platform: NodeJS.Platform,
  now: () => number,
): Promise<number | undefined> {
  for (const { command, args, read } of WAYS[platform] ?? []) {
    const { code, stdout } = await run(command, args, ANSWER_MS);
    const answer = code === 0 ? read(stdout, now()) : undefined;
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function scaled(pattern: RegExp, text: string, factor: number): number | undefined {
  const digits = pattern.exec(text)?.[1];
  return digits === undefined ? undefined : Math.round(Number(digits) * factor);
}
