// What this machine tells of itself: power, heat, programs. The one file that asks `systeminformation`. Only what a rule
// asks for is looked at, because looking costs something; what the platform does not tell stays undefined.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { battery, cpuTemperature, processes } from 'systeminformation';
import { runCommandLine } from '../run-command.ts';
import { type Facts, NOTHING_KNOWN } from './decide.ts';
import type { Rules } from './rules.ts';
import { untouchedMs } from './untouched.ts';

const HOOK_MS = 3000;
const HOOK_CHARS_MAX = 4000;

export async function readFacts(rules: Rules): Promise<Facts> {
  const facts = { ...NOTHING_KNOWN };
  if (rules.batteryAbove > 0) Object.assign(facts, await readPower());
  if (rules.temperatureMax !== null) facts.temperature = hottest(await cpuTemperature());
  if (rules.programs.length > 0) facts.programs = running((await processes()).list, rules.programs);
  if (rules.inUse !== null) facts.untouchedMs = await untouchedMs(runCommandLine, process.platform, Date.now);
  if (rules.hook !== null) facts.hook = await askHook(rules.hook);
  return facts;
}

async function readPower(): Promise<Partial<Pick<Facts, 'onBattery' | 'charge'>>> {
  if (process.platform === 'linux') return linuxPower('/sys/class/power_supply');
  const { hasBattery, acConnected, percent } = await battery();
  // Without one, or because the system did not tell: the library says the same of both.
  return hasBattery ? { onBattery: !acConnected, charge: Math.round(percent) } : {};
}

/**
 * The library knows two names of mains supplies only, and takes a full battery for an empty socket where it has another
 * one; the kernel says of each supply what it is. Batteries of mice and the like have the scope “Device”.
 */
export function linuxPower(folder: string): Pick<Facts, 'onBattery' | 'charge'> {
  const names = namesIn(folder);
  if (names === undefined) return { onBattery: undefined, charge: undefined };
  const supplies = names.map((name) => (what: string) => textOf(join(folder, name, what)));
  const batteries = supplies.filter((read) => read('type') === 'Battery' && read('scope') !== 'Device');
  if (batteries.length === 0) return { onBattery: false, charge: undefined };
  const mains = supplies.filter((read) => read('type') !== 'Battery' && read('online') !== undefined);
  const discharging = batteries.some((read) => read('status') === 'Discharging');
  const plugged = mains.some((read) => read('online') !== '0');
  const charges = batteries.map((read) => Number(read('capacity') ?? 'x')).filter((charge) => charge >= 0);
  const known = mains.length > 0 || batteries.some((read) => read('status') !== undefined);
  return {
    onBattery: known ? discharging || (mains.length > 0 && !plugged) : undefined,
    charge: charges.length === 0 ? undefined : Math.min(...charges),
  };
}

/** Undefined where there is no such folder, or it may not be read. */
function namesIn(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** A sensor that is missing is 0 or null with this library. */
function hottest({ main, max }: { main: number | null; max: number | null }): number | undefined {
  const known = [main, max].filter((value): value is number => value !== null && value > 0);
  return known.length === 0 ? undefined : Math.round(Math.max(...known));
}

/** Names are compared without case, and without the “.exe” that one system adds. Undefined where no program is listed at all. */
export function running(list: readonly { name: string }[], wanted: readonly string[]): string[] | undefined {
  if (list.length === 0) return undefined;
  const plain = (name: string): string => name.toLowerCase().replace(/\.exe$/, '');
  const names = new Set(list.map(({ name }) => plain(name)));
  return wanted.filter((name) => names.has(plain(name)));
}

/** `{"run": false, "reason": "…"}`; undefined when there is no such answer: then the rule does not apply. */
export async function askHook(url: string): Promise<Facts['hook']> {
  try {
    const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(HOOK_MS) });
    const { run, reason } = JSON.parse((await answer.text()).slice(0, HOOK_CHARS_MAX)) as Record<string, unknown>;
    if (!answer.ok || typeof run !== 'boolean') return undefined;
    return { run, reason: typeof reason === 'string' ? reason.slice(0, 180) : '' };
  } catch {
    return undefined;
  }
}
