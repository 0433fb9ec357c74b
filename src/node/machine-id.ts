// Tells this machine from others, so that a copied disk does not go on writing another machine's log.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { sha256, toHex, utf8 } from '../protocol/bytes.ts';

const ASK_MS = 5000;

/** Hash of what the system calls this machine, in hex; empty where it says nothing. */
export function machineId(platform: NodeJS.Platform = process.platform): string {
  try {
    const id = askSystem(platform).trim();
    return id === '' ? '' : toHex(sha256(utf8(`stratmesh machine ${id}`)));
  } catch {
    return '';
  }
}

function askSystem(platform: NodeJS.Platform): string {
  const ask = (command: string, ...args: string[]): string =>
    execFileSync(command, args, {
      encoding: 'utf8',
      timeout: ASK_MS,
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
    });
  if (platform === 'darwin') {
    return /"IOPlatformUUID" = "([^"]+)"/.exec(ask('ioreg', '-rd1', '-c', 'IOPlatformExpertDevice'))?.[1] ?? '';
  }
  if (platform === 'win32') {
    const key = 'HKLM\\SOFTWARE\\Microsoft\\Cryptography';
    return /MachineGuid\s+REG_SZ\s+(\S+)/.exec(ask('reg', 'query', key, '/v', 'MachineGuid'))?.[1] ?? '';
  }
  return readFileSync('/etc/machine-id', 'utf8');
}
