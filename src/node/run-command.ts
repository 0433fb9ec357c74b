// Asks a program of the system something.
import { execFile } from 'node:child_process';

const BYTES_MAX = 8 * 1024 * 1024;

export interface CommandOutcome {
  /** Null when it could not be started, or was stopped because it took too long. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export type RunCommand = (command: string, args: readonly string[], timeoutMs: number) => Promise<CommandOutcome>;

export const runCommandLine: RunCommand = (command, args, timeoutMs) =>
  new Promise((resolve) => {
    const options = { timeout: timeoutMs, maxBuffer: BYTES_MAX, windowsHide: true };
    execFile(command, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ code, stdout, stderr: stderr || (error?.message ?? '') });
    });
  });
