// A task of the Windows Task Scheduler: at the start of the machine, or when its owner signs in.
import { win32 } from 'node:path';
import { type CommandLine, type ServiceInput, type ServicePlan, startArguments } from './plan.ts';
import { escapeXml } from './xml.ts';

const NAME = 'stratmesh';

export function taskPlan(input: ServiceInput): ServicePlan {
  const file = win32.join(input.dataDir, 'stratmesh-task.xml');
  const schtasks = (...args: string[]): CommandLine => ({ command: 'schtasks.exe', args: [...args, '/TN', NAME] });
  return {
    file,
    content: utf16(taskText(input)),
    install: [schtasks('/Create', '/XML', file, '/F'), { ...schtasks('/End'), mayFail: true }, schtasks('/Run')],
    uninstall: [
      { ...schtasks('/End'), mayFail: true },
      { ...schtasks('/Delete', '/F'), mayFail: true },
    ],
    removed: [],
    status: schtasks('/Query', '/FO', 'LIST', '/V'),
  };
}

/** With S4U it runs without anybody signed in, and without a stored password. */
function taskText(input: ServiceInput): string {
  const { node, folder, user, system } = input;
  const words = startArguments(input, '\\').map(quote).join(' ');
  const account = `<UserId>${escapeXml(user)}</UserId>`;
  const trigger = system
    ? '<BootTrigger><Enabled>true</Enabled></BootTrigger>'
    : `<LogonTrigger><Enabled>true</Enabled>${account}</LogonTrigger>`;
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>stratmesh node</Description>
  </RegistrationInfo>
  <Triggers>
    ${trigger}
  </Triggers>
  <Principals>
    <Principal id="Owner">
      ${account}
      <LogonType>${system ? 'S4U' : 'InteractiveToken'}</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>7</Priority>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>255</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Owner">
    <Exec>
      <Command>${escapeXml(node)}</Command>
      <Arguments>${escapeXml(words)}</Arguments>
      <WorkingDirectory>${escapeXml(folder)}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
`;
}

/** As CommandLineToArgvW reads it: backslashes count only before a quotation mark. */
function quote(word: string): string {
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}

/** The scheduler reads UTF-16 with a byte order mark. */
function utf16(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(`\uFEFF${text.replaceAll('\n', '\r\n')}`, 'utf16le'));
}
