// The service managers that are known here.
import { launchdPlan } from './launchd.ts';
import type { ServiceInput, ServicePlan } from './plan.ts';
import { systemdPlan } from './systemd.ts';
import { taskPlan } from './task-scheduler.ts';

/** Undefined on a system whose service manager is not known here. */
export function planService(platform: NodeJS.Platform, input: ServiceInput): ServicePlan | undefined {
  if (platform === 'linux') return systemdPlan(input);
  if (platform === 'darwin') return launchdPlan(input);
  return platform === 'win32' ? taskPlan(input) : undefined;
}
