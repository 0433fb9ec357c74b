// The node as a service: what is written for each system is read back by a reader of its own, with awkward paths; installing
// and removing twice is the same as once. Nothing is installed here.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { openRotatingFile } from '../../src/node/rotating-file.ts';
import type { CommandOutcome } from '../../src/node/run-command.ts';
import { installService, serviceState, uninstallService } from '../../src/node/service/manage.ts';
import type { ServiceInput } from '../../src/node/service/plan.ts';
import { planService } from '../../src/node/service/platforms.ts';

const AWKWARD: ServiceInput = {
  node: '/opt/my node/bin/node',
  program: '/home/ann/50% & "more"/dist/node.js',
  dataDir: '/home/ann/data $HOME\\x <1>',
  folder: '/home/ann/50% & "more"',
  home: '/home/ann',
  user: 'ann',
  uid: 501,
  system: false,
};
const textOf = (platform: NodeJS.Platform, changes: Partial<ServiceInput> = {}): string => {
  const { content } = planService(platform, { ...AWKWARD, ...changes })!;
  return platform === 'win32' ? Buffer.from(content).toString('utf16le') : new TextDecoder().decode(content);
};

/** systemd.syntax(7): sections of key=value lines. */
function readUnit(text: string): Map<string, string> {
  const entries = new Map<string, string>();
  let section = '';
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, name] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, key, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) section = name;
    else if (key !== undefined && !entries.has(`${section}.${key}`)) entries.set(`${section}.${key}`, value!);
    else throw new Error(`not a line of a unit, or twice there: ${line}`);
  }
  return entries;
}

/** systemd.service(5): words in double quotes, %% and $$ for the signs themselves. */
function readCommand(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"(?: |$)/g)].map(([, word]) =>
    word!.replace(/\\(.)/g, '$1').replaceAll('%%', '%').replaceAll('$$', '$'),
  );
}

const COMMAND = [
  AWKWARD.node,
  AWKWARD.program,
  'start',
  '--service',
  '--data-dir',
  AWKWARD.dataDir,
  '--log-file',
  `${AWKWARD.dataDir}/logs/node.log`,
];

t.test('systemd', async (t) => {
  for (const system of [false, true]) {
    const unit = readUnit(textOf('linux', { system }));
    t.same(readCommand(unit.get('Service.ExecStart')!), COMMAND, 'every word as it was');
    t.equal(unit.get('Service.WorkingDirectory')?.replaceAll('%%', '%'), AWKWARD.folder);
    t.equal(unit.get('Service.Restart'), 'on-failure');
    t.equal(unit.get('Unit.StartLimitIntervalSec'), '0', 'and for ever');
    t.equal(unit.get('Service.RestartPreventExitStatus'), '2 3', 'but not for wrong settings, or a second node');
    t.equal(unit.get('Install.WantedBy'), system ? 'multi-user.target' : 'default.target');
    t.notOk(unit.has('Service.MemoryDenyWriteExecute'), 'V8 compiles while it runs');
    t.equal(unit.get('Service.NoNewPrivileges'), 'yes');
    t.equal(unit.get('Service.User'), system ? 'ann' : undefined);
    t.equal(unit.get('Service.ProtectSystem'), system ? 'strict' : undefined);
    if (system) t.same(readCommand(unit.get('Service.ReadWritePaths')!), [AWKWARD.dataDir]);
  }
  const user = planService('linux', AWKWARD)!;
  t.equal(user.file, '/home/ann/.config/systemd/user/stratmesh.service');
  t.ok(
    user.install.some(({ command }) => command === 'loginctl'),
    'it starts at boot, without anybody signed in',
  );
  t.equal(planService('linux', { ...AWKWARD, system: true })?.file, '/etc/systemd/system/stratmesh.service');
  const own = readUnit(textOf('linux', { system: true, dataDir: '/var/lib/stratmesh' }));
  t.equal(own.get('Service.StateDirectory'), 'stratmesh', 'the usual folder is made by systemd, for the right account');
  t.notOk(own.has('Service.ReadWritePaths'));
});

const noAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0 ? false : 'no systemd-analyze here';

t.test('systemd-analyze finds nothing wrong', { skip: noAnalyze }, async (t) => {
  for (const system of [false, true]) {
    const folder = t.testdir();
    const program = join(folder, 'with space', 'node.js');
    mkdirSync(join(folder, 'with space'));
    writeFileSync(program, '');
    const file = join(folder, 'stratmesh.service');
    const input = { ...AWKWARD, node: process.execPath, program, folder, dataDir: folder, user: 'root', system };
    writeFileSync(file, planService('linux', input)!.content);
    const said = spawnSync('systemd-analyze', ['verify', ...(system ? [] : ['--user']), file], { encoding: 'utf8' });
    const complaints = said.stderr.split('\n').filter((line) => line.includes('stratmesh.service'));
    t.same(complaints, []);
  }
});

interface Element {
  name: string;
  text: string;
  children: Element[];
}

const SIGNS: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  if (/&(?!(amp|lt|gt|quot|apos);)/.test(text)) throw new Error(`not escaped: ${text}`);
  return text.trim().replace(/&(\w+);/g, (_, name: string) => SIGNS[name]!);
}

/** Well-formed XML of elements and text alone. */
function readXml(text: string): Element {
  const root: Element = { name: '', text: '', children: [] };
  const stack = [root];
  const body = text.replace(/^\uFEFF?<\?xml[^>]*\?>/, '').replace(/<!DOCTYPE[^>]*>/, '');
  for (const [, close, name = '', empty, chars] of body.matchAll(/<(\/?)([A-Za-z]+)[^>]*?(\/?)>|([^<]+)/g)) {
    const top = stack.at(-1)!;
    if (chars !== undefined) top.text += unescaped(chars);
    else if (close === '/' && stack.pop()!.name !== name) throw new Error(`${name} closes what it did not open`);
    if (chars !== undefined || close === '/') continue;
    const element = { name, text: '', children: [] };
    top.children.push(element);
    if (empty !== '/') stack.push(element);
  }
  if (stack.length !== 1 || root.children.length !== 1) throw new Error('not one whole element');
  return root.children[0]!;
}

/** A property list as plain values. */
function readPlist({ name, text, children }: Element): unknown {
  if (name === 'plist') return readPlist(children[0]!);
  if (name === 'string') return text;
  if (name === 'integer') return Number(text);
  if (name === 'true' || name === 'false') return name === 'true';
  if (name === 'array') return children.map(readPlist);
  const keys = children.filter((_, i) => i % 2 === 0).map((key) => (key.name === 'key' ? key.text : '?'));
  return Object.fromEntries(keys.map((key, i) => [key, readPlist(children[2 * i + 1]!)]));
}

t.test('launchd', async (t) => {
  for (const system of [false, true]) {
    const list = readPlist(readXml(textOf('darwin', { system })));
    t.match(list, {
      Label: 'stratmesh',
      ProgramArguments: COMMAND,
      WorkingDirectory: AWKWARD.folder,
      RunAtLoad: true,
      KeepAlive: { SuccessfulExit: false },
      ProcessType: 'Background',
    });
    t.equal((list as { UserName?: string }).UserName, system ? 'ann' : undefined);
  }
  const plan = planService('darwin', AWKWARD)!;
  t.equal(plan.file, '/home/ann/Library/LaunchAgents/stratmesh.plist');
  t.same(plan.install.at(-1)?.args, ['bootstrap', 'gui/501', plan.file]);
  t.equal(planService('darwin', { ...AWKWARD, system: true })?.file, '/Library/LaunchDaemons/stratmesh.plist');
});

const WINDOWS: Partial<ServiceInput> = {
  node: 'C:\\Program Files\\nodejs\\node.exe',
  program: 'C:\\Users\\Ann & Bob\\dist\\node.js',
  dataDir: 'D:\\',
  folder: 'C:\\Users\\Ann & Bob',
  user: 'PC\\ann',
};

/** CommandLineToArgvW. */
function readArguments(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\+(?!")|(?:\\\\)*\\"|(?:\\\\)+(?="))*)"(?: |$)/g)].map(([, word]) =>
    word!.replace(/(\\+)("|$)/g, (_, slashes: string, end: string) => slashes.slice(slashes.length / 2) + end),
  );
}

t.test('Windows Task Scheduler', async (t) => {
  for (const system of [false, true]) {
    const text = textOf('win32', { ...WINDOWS, system });
    t.equal(text.charCodeAt(0), 0xfeff, 'with a byte order mark, as the scheduler wants it');
    const task = readXml(text);
    const find = (...path: string[]): Element | undefined =>
      path.reduce<Element | undefined>((at, name) => at?.children.find((child) => child.name === name), task);
    t.equal(find('Actions', 'Exec', 'Command')?.text, WINDOWS.node);
    t.same(readArguments(find('Actions', 'Exec', 'Arguments')!.text), [
      ...[WINDOWS.program, 'start', '--service', '--data-dir', 'D:\\', '--log-file', 'D:\\\\logs\\node.log'],
    ]);
    t.equal(find('Actions', 'Exec', 'WorkingDirectory')?.text, WINDOWS.folder);
    t.ok(find('Triggers', system ? 'BootTrigger' : 'LogonTrigger'));
    t.equal(find('Principals', 'Principal', 'LogonType')?.text, system ? 'S4U' : 'InteractiveToken');
    t.equal(find('Settings', 'ExecutionTimeLimit')?.text, 'PT0S', 'it may run for ever');
    t.equal(find('Settings', 'DisallowStartIfOnBatteries')?.text, 'false', 'limits are the node’s own matter');
    t.equal(find('Settings', 'RestartOnFailure', 'Interval')?.text, 'PT1M');
  }
  t.equal(planService('aix', AWKWARD), undefined);
});

t.test('twice is the same as once', async (t) => {
  const plan = { ...planService('linux', AWKWARD)!, file: join(t.testdir(), 'a', 'b', 'stratmesh.service') };
  const ran: string[] = [];
  let fails: RegExp | undefined;
  const run = async (command: string, args: readonly string[]): Promise<CommandOutcome> => {
    ran.push([command, ...args].join(' '));
    return { code: fails?.test(ran.at(-1)!) ? 1 : 0, stdout: 'active', stderr: 'Failed to connect to bus\nmore' };
  };
  t.match(await serviceState(plan, run), { installed: false, current: false });
  t.equal(await uninstallService(plan, run), 'absent');
  t.equal(await installService(plan, run), 'written');
  t.equal(await installService(plan, run), 'unchanged');
  t.match(await serviceState(plan, run), { installed: true, current: true, said: 'active' });
  t.match(ran.join('\n'), /daemon-reload.*enable stratmesh.*restart stratmesh/s);
  writeFileSync(plan.file, 'an older one');
  t.match(await serviceState(plan, run), { installed: true, current: false });
  t.equal(await installService(plan, run), 'written');
  fails = /enable-linger|disable/;
  t.equal(await installService(plan, run), 'unchanged', 'where there is no linger, it is a service all the same');
  fails = /restart/;
  await t.rejects(installService(plan, run), {
    code: 'service_failed',
    message: /restart.* failed: Failed to connect to bus$/,
  });
  fails = /disable/;
  t.equal(await uninstallService(plan, run), 'removed');
  t.notOk(existsSync(plan.file));
  t.equal(await uninstallService(plan, run), 'absent');
});

const PROGRAM = new URL('../../dist/node.js', import.meta.url).pathname;

t.test('the command, into a folder', { skip: existsSync(PROGRAM) ? false : 'dist/ is not built' }, async (t) => {
  const root = t.testdir();
  const service = (...args: string[]) =>
    JSON.parse(
      execFileSync(
        process.execPath,
        [PROGRAM, 'service', ...args, '--root', root, '--data-dir', join(root, 'd'), '--json'],
        {
          encoding: 'utf8',
        },
      ),
    ) as { file: string; change: string; installed: boolean };
  for (const platform of ['linux', 'darwin', 'win32']) {
    const { file, change } = service('install', '--platform', platform);
    t.equal(change, 'written', platform);
    t.ok(file.startsWith(root) && existsSync(file), file);
    t.ok(service('status', '--platform', platform).installed);
    t.equal(service('uninstall', '--platform', platform).change, 'removed');
    t.equal(service('uninstall', '--platform', platform).change, 'absent');
  }
  const elsewhere = spawnSync(process.execPath, [PROGRAM, 'service', 'status', '--platform', 'darwin'], {
    encoding: 'utf8',
  });
  t.equal(elsewhere.status, process.platform === 'darwin' ? elsewhere.status : 2, 'another system is for looking only');
});

t.test('log files rotate, and no line is lost but the oldest', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme-composite' }), { maxLength: 60 }),
      (texts) => {
        const folder = t.testdir();
        const path = join(folder, 'logs', 'node.log');
        const limits = { bytesMax: 100, kept: 3 };
        const lines = texts.map((text, n) => `${n} ${text.replaceAll('\n', ' ')}\n`);
        let file = openRotatingFile(path, limits);
        for (const [n, line] of lines.entries()) {
          // A restart goes on in the same file.
          if (n % 7 === 3) file = openRotatingFile(path, limits);
          file.write(line);
        }
        const names = readdirSync(join(folder, 'logs'));
        const all = ['.3', '.2', '.1', ''].map((end) =>
          existsSync(path + end) ? readFileSync(path + end, 'utf8') : '',
        );
        return (
          names.length <= 4 &&
          (!names.includes('node.log.3') || names.length === 4) &&
          names.every((name) => statSync(join(folder, 'logs', name)).size <= 130) &&
          lines.join('').endsWith(all.join('')) &&
          (all[0] !== '' || all.join('') === lines.join(''))
        );
      },
    ),
    { numRuns: 60 },
  );
});
