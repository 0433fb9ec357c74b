// Runs a verb in this process on a data directory of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { runCommand } from '../../../src/node/cli/main.ts';

export interface Said {
  code: number;
  out: string;
  err: string;
  /** What --json printed. */
  document(): Record<string, unknown>;
}

export function stratmesh(t: Test): { folder: string; run(...argv: string[]): Promise<Said> } {
  const folder = mkdtempSync(join(tmpdir(), 'stratmesh-data-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    async run(...argv) {
      const said: { out: string[]; err: string[] } = { out: [], err: [] };
      const streams = {
        stdout: { write: (text: string) => said.out.push(text) },
        stderr: { write: (text: string) => said.err.push(text), isTTY: true },
        environment: {},
      };
      const code = await runCommand([...argv, '--data-dir', folder], streams as never, new AbortController().signal);
      const [out, err] = [said.out.join(''), said.err.join('')];
      return { code, out, err, document: () => JSON.parse(out) as Record<string, unknown> };
    },
  };
}
