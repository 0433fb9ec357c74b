// A launchd property list: an agent of one person, or a daemon of the machine.
import { posix } from 'node:path';
import { type CommandLine, type ServiceInput, type ServicePlan, startArguments } from './plan.ts';
import { escapeXml } from './xml.ts';

const LABEL = 'stratmesh';

export function launchdPlan(input: ServiceInput): ServicePlan {
  const { system, home, uid } = input;
  const folder = system ? '/Library/LaunchDaemons' : posix.join(home, 'Library/LaunchAgents');
  const file = posix.join(folder, `${LABEL}.plist`);
  const domain = system ? 'system' : `gui/${uid}`;
  const launchctl = (...args: string[]): CommandLine => ({ command: 'launchctl', args });
  const unload = { ...launchctl('bootout', `${domain}/${LABEL}`), mayFail: true };
  return {
    file,
    content: new TextEncoder().encode(listText(input)),
    install: [unload, launchctl('enable', `${domain}/${LABEL}`), launchctl('bootstrap', domain, file)],
    uninstall: [unload],
    removed: [],
    status: launchctl('print', `${domain}/${LABEL}`),
  };
}

function listText(input: ServiceInput): string {
  const { node, folder, user, system, dataDir } = input;
  const words = [node, ...startArguments(input, '/')].map((word) => `    <string>${escapeXml(word)}</string>`);
  const text = (key: string, value: string): string => `  <key>${key}</key>\n  <string>${escapeXml(value)}</string>\n`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
${text('Label', LABEL)}  <key>ProgramArguments</key>
  <array>
${words.join('\n')}
  </array>
${text('WorkingDirectory', folder)}${system ? text('UserName', user) : ''}  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>30</integer>
${text('ProcessType', 'Background')}  <key>LowPriorityIO</key>
  <true/>
  <key>Umask</key>
  <integer>63</integer>
${text('StandardErrorPath', posix.join(dataDir, 'logs', 'service.log'))}</dict>
</plist>
`;
}
