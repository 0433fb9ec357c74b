// `service install|uninstall|status`: the node as a service of this machine.
import { homedir, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import { type CommandOutcome, type RunCommand, runCommandLine } from '../run-command.ts';
import { type Change, installService, serviceState, uninstallService } from '../service/manage.ts';
import type { ServicePlan } from '../service/plan.ts';
import { planService } from '../service/platforms.ts';
import { SYSTEM_DATA_DIR } from '../service/systemd.ts';
import { findText } from './flags.ts';

const OPTIONS: Verb['options'] = {
  system: { type: 'boolean', help: 'for the whole machine, from its start on (needs an administrator’s rights)' },
  user: { type: 'string', value: 'NAME', help: 'account that it runs as (default: yours, or whoever called sudo)' },
  root: { type: 'string', value: 'DIR', help: 'write below this folder and run no command: to look at it first' },
  platform: { type: 'string', value: 'NAME', help: 'with --root: linux, darwin or win32 instead of this system' },
};

export const serviceInstallVerb: Verb = {
  name: 'service install',
  summary: 'have this machine start the node by itself, and again after a failure',
  options: OPTIONS,
  async run(context) {
    const { plan, run } = planOf(context);
    return tell(context, plan, await installService(plan, run));
  },
};

export const serviceUninstallVerb: Verb = {
  name: 'service uninstall',
  summary: 'stop the service and remove it; data and identity stay',
  options: OPTIONS,
  async run(context) {
    const { plan, run } = planOf(context);
    return tell(context, plan, await uninstallService(plan, run));
  },
};

export const serviceStatusVerb: Verb = {
  name: 'service status',
  summary: 'whether the service is installed, and what the system says of it',
  options: OPTIONS,
  async run(context) {
    const { plan, run } = planOf(context);
    const state = await serviceState(plan, run);
    if (context.json) context.document(state);
    else {
      const how = state.current ? 'installed' : 'installed from another folder or version: install it again';
      context.print(state.installed ? `${how}: ${state.file}` : `not installed: there is no ${state.file}`);
      for (const line of state.said === '' ? [] : state.said.split('\n')) context.print(line);
    }
    return state.installed ? 0 : 1;
  },
};

const WORDS: Record<Change, string> = {
  written: 'Installed. It starts now, and with the machine.',
  unchanged: 'It was installed already; started again.',
  removed: 'Removed. Data and identity of the node stay.',
  absent: 'There was nothing to remove.',
};

function tell(context: VerbContext, { file }: ServicePlan, change: Change): number {
  if (context.json) context.document({ file, change });
  else if (context.values.root === undefined) context.print(`${WORDS[change]} (${file})`);
  else context.print(`${change}: ${file}. No command was run.`);
  return 0;
}

const silent: RunCommand = async (): Promise<CommandOutcome> => ({ code: 0, stdout: '', stderr: '' });

function planOf(context: VerbContext): { plan: ServicePlan; run: RunCommand } {
  const root = findText(context, 'root');
  const platform = findText(context, 'platform') ?? process.platform;
  if (platform !== process.platform && root === undefined)
    throw new UsageError('missing_flag', '--platform is for looking only: name a folder with --root', 'root');
  const environment = context.environment ?? process.env;
  const plan = planService(platform as NodeJS.Platform, {
    node: process.execPath,
    program: resolve(process.argv[1] ?? ''),
    dataDir: dataDirOf(context, platform, environment),
    folder: process.cwd(),
    home: homedir(),
    user: findText(context, 'user') ?? environment.SUDO_USER ?? userInfo().username,
    uid: userInfo().uid,
    system: context.values.system === true,
  });
  if (plan === undefined)
    throw new UsageError('service_unsupported', `There is no service manager known here on ${platform}.`, 'platform');
  if (root === undefined) return { plan, run: runCommandLine };
  return { plan: { ...plan, file: below(resolve(root), plan.file) }, run: silent };
}

/** A service of the whole machine has no home of its own. */
function dataDirOf(
  context: VerbContext,
  platform: string,
  environment: NonNullable<VerbContext['environment']>,
): string {
  const isNamed = context.values['data-dir'] !== undefined || environment.STRATMESH_DATA_DIR !== undefined;
  if (platform === 'linux' && context.values.system === true && !isNamed) return SYSTEM_DATA_DIR;
  return resolve(context.dataDir);
}

/** Also a path of another system. */
function below(root: string, file: string): string {
  const plain = file.replace(/^[A-Za-z]:/, '').replaceAll('\\', '/');
  return join(root, isAbsolute(plain) ? plain.slice(1) : plain);
}
