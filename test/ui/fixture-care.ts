// The parts of a server that are no node: who may use it, in a folder of its own, and a log.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAccess } from '../../src/node/access.ts';
import { createLogRing, type LogRing } from '../../src/node/log-ring.ts';
import type { AccessPort } from '../../src/ui/api-access.ts';

export interface Care {
  access: AccessPort;
  logs: LogRing;
  dataDir: string;
}

export function careOf(t: { teardown(handler: () => unknown): void }, now = Date.now): Care {
  const dataDir = mkdtempSync(join(tmpdir(), 'stratmesh-care-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  return { access: openAccess(dataDir, now), logs: createLogRing(), dataDir };
}

/** What a node may have said: something of every level. */
export function sayMuch({ logs }: Pick<Care, 'logs'>): void {
  logs.write(logLine(30, 'studio-mbp connected', { type: 'member.connected' }));
  logs.write(logLine(20, 'Generation 61 of 100', { type: 'unit.progress', unit: 'ab12' }));
  logs.write(logLine(40, 'refused a request to the page', { host: 'evil.example', remoteAddress: '10.0.0.9' }));
  logs.write(logLine(50, 'a request failed', { err: { stack: 'Error: boom\n    at mine (x.js:1:1)' } }));
}

/** A line as the log of a node has it. */
export function logLine(level: number, msg: string, fields: object = {}, at = '2026-11-21T18:42:00.000Z'): string {
  return `${JSON.stringify({ level, time: at, node: 'torre-rog', ...fields, msg })}\n`;
}
