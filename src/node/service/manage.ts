// Installs, removes and shows the service that `plan.ts` describes. Doing it twice is the same as doing it once.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RunCommand } from '../run-command.ts';
import type { CommandLine, ServicePlan } from './plan.ts';

/** The system's service manager refused. */
class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code = 'service_failed';
}

const ANSWER_MS = 60_000;

export type Change = 'written' | 'unchanged' | 'removed' | 'absent';

/** Throws ServiceError, or what the disk says. */
export async function installService(plan: ServicePlan, run: RunCommand): Promise<Change> {
  const same = existsSync(plan.file) && readFileSync(plan.file).equals(plan.content);
  if (!same) {
    mkdirSync(dirname(plan.file), { recursive: true });
    writeFileSync(plan.file, plan.content, { mode: 0o644 });
  }
  for (const each of plan.install) await carryOut(each, run);
  return same ? 'unchanged' : 'written';
}

/** Throws ServiceError, or what the disk says. */
export async function uninstallService(plan: ServicePlan, run: RunCommand): Promise<Change> {
  if (!existsSync(plan.file)) return 'absent';
  for (const each of plan.uninstall) await carryOut(each, run);
  rmSync(plan.file);
  for (const each of plan.removed) await carryOut(each, run);
  return 'removed';
}

export interface ServiceState {
  file: string;
  /** The file is there, and is the one that would be written now. */
  installed: boolean;
  current: boolean;
  /** What the service manager says; empty when it says nothing. */
  said: string;
}

export async function serviceState(plan: ServicePlan, run: RunCommand): Promise<ServiceState> {
  const installed = existsSync(plan.file);
  const current = installed && readFileSync(plan.file).equals(plan.content);
  const { stdout } = await run(plan.status.command, plan.status.args, ANSWER_MS);
  return { file: plan.file, installed, current, said: stdout.trim() };
}

async function carryOut({ command, args, mayFail }: CommandLine, run: RunCommand): Promise<void> {
  const { code, stderr, stdout } = await run(command, args, ANSWER_MS);
  if (code === 0 || mayFail === true) return;
  const said = (stderr || stdout).trim().split('\n')[0] ?? '';
  throw new ServiceError(`“${[command, ...args].join(' ')}” failed: ${said}`);
}
