// The parts of a server that are no node: who may use it, in a folder of its own, and a log.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAccess } from '../../src/node/access.ts';
import { readConfig } from '../../src/node/config.ts';
import { createLogRing, type LogRing } from '../../src/node/log-ring.ts';
import { openSettings } from '../../src/node/own-settings.ts';
import { openRecovery } from '../../src/node/recovery.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import { createSigner } from '../../src/protocol/keys.ts';
import type { AccessPort } from '../../src/ui/api-access.ts';
import type { RecoveryPort } from '../../src/ui/api-recovery.ts';
import type { SettingsPort } from '../../src/ui/api-settings.ts';

export interface Care {
  access: AccessPort;
  logs: LogRing;
  settings: SettingsPort;
  recovery: RecoveryPort;
  dataDir: string;
}

/** Flags of its start. */
const STARTED = { name: 'torre-rog', 'mesh-port': '22081' };
const RECOVERY_SEED = '7f'.repeat(32);
/** BIP-39's own example for it. */
export const RECOVERY_PHRASE = `${'legal winner thank year wave sausage worth useful '.repeat(3).trim().slice(0, -6)}title`;

export function careOf(t: { teardown(handler: () => unknown): void }, now = Date.now): Care {
  const dataDir = mkdtempSync(join(tmpdir(), 'stratmesh-care-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  const access = openAccess(dataDir, now);
  const settings = openSettings({
    ...{ dataDirectory: dataDir, config: readConfig(dataDir, STARTED, {}), tokenHashes: access.tokenHashes },
    ownAddresses: () => ['127.0.0.1', '192.168.1.10'],
    ownPorts: () => [],
  });
  writeFileSync(join(dataDir, 'recovery.key'), `${RECOVERY_SEED}\n`, { mode: 0o600 });
  const root = createSigner(fromHex(RECOVERY_SEED)).publicKey;
  return { access, logs: createLogRing(), settings, recovery: openRecovery(dataDir, () => root), dataDir };
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
