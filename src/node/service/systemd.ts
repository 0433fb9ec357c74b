// A systemd unit. Hardened as far as node allows: V8 compiles while it runs, so memory must stay both writable and
// executable (MemoryDenyWriteExecute would end the process at once).
import { posix } from 'node:path';
import { type CommandLine, type ServiceInput, type ServicePlan, startArguments } from './plan.ts';

const NAME = 'stratmesh.service';
/** Where systemd itself makes the folder, for the account that the service runs as. */
export const SYSTEM_DATA_DIR = '/var/lib/stratmesh';

/** Without the rights to a mount namespace, which a person's own manager may not have. */
const HARDENED = `NoNewPrivileges=yes
UMask=0077
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native`;

/** AF_NETLINK tells of the machine's own addresses. */
const HARDENED_SYSTEM = `CapabilityBoundingSet=
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=read-only
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM`;

export function systemdPlan(input: ServiceInput): ServicePlan {
  const { system, home, user } = input;
  const folder = system ? '/etc/systemd/system' : posix.join(home, '.config/systemd/user');
  const systemctl = (...args: string[]): CommandLine => ({
    command: 'systemctl',
    args: system ? args : ['--user', ...args],
  });
  // Without it a person's services end with the last session, and do not start at boot.
  const linger: CommandLine = { command: 'loginctl', args: ['enable-linger', user], mayFail: true };
  return {
    file: posix.join(folder, NAME),
    content: new TextEncoder().encode(unitText(input)),
    install: [
      systemctl('daemon-reload'),
      ...(system ? [] : [linger]),
      systemctl('enable', NAME),
      systemctl('restart', NAME),
    ],
    uninstall: [{ ...systemctl('disable', '--now', NAME), mayFail: true }],
    removed: [systemctl('daemon-reload')],
    status: systemctl('status', '--no-pager', '--lines=0', NAME),
  };
}

/** Wrong settings (2) and a node that runs already (3) do not get better by trying again. */
function unitText(input: ServiceInput): string {
  const { node, folder, user, system, dataDir } = input;
  const command = [node, ...startArguments(input, '/')].map(quote).join(' ');
  const network = system ? 'Wants=network-online.target\nAfter=network-online.target\n' : '';
  const writes =
    dataDir === SYSTEM_DATA_DIR
      ? 'StateDirectory=stratmesh\nStateDirectoryMode=0700'
      : `ReadWritePaths=${quote(dataDir)}`;
  const account = system ? `User=${user}\n${HARDENED_SYSTEM}\n${writes}\n` : '';
  return `[Unit]
Description=stratmesh node
${network}StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${command}
WorkingDirectory=${folder.replaceAll('%', '%%')}
Restart=on-failure
RestartSec=5
RestartPreventExitStatus=2 3
TimeoutStopSec=30
IOSchedulingClass=idle
${HARDENED}
${account}
[Install]
WantedBy=${system ? 'multi-user.target' : 'default.target'}
`;
}

/** systemd.service(5), “Quoting” and “Specifiers”. */
function quote(word: string): string {
  const escaped = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return `"${escaped}"`;
}
