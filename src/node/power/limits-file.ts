// The owner's limits and pauses on disk: they outlive a restart.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DataDirectory, writePrivate } from '../data-directory.ts';
import { StartError } from '../start-error.ts';
import type { Hold } from './decide.ts';
import { checkRules, type Rules } from './rules.ts';

const LIMITS = 'limits.json';
const PAUSED = 'paused';

/** Throws StartError `bad_config` naming the field: limits that cannot be read are not those that the owner set. */
export function readRules({ path }: DataDirectory): Rules {
  const file = join(path, LIMITS);
  const checked = checkRules(existsSync(file) ? parse(readFileSync(file, 'utf8')) : {});
  if ('rules' in checked) return checked.rules;
  throw new StartError('bad_config', `${file}: ${checked.message}`, checked.field);
}

export function writeRules({ path }: DataDirectory, rules: Rules): void {
  writePrivate(join(path, LIMITS), `${JSON.stringify(rules, null, 2)}\n`);
}

/** A pause that was to come after a unit is a pause when the node is started again. */
export function readHold({ path }: DataDirectory): Hold | undefined {
  const file = join(path, PAUSED);
  if (!existsSync(file)) return undefined;
  const said = parse(readFileSync(file, 'utf8')) as { until?: unknown } | null | undefined;
  const until = said?.until;
  return { kind: 'pause', until: typeof until === 'number' ? until : undefined, finished: false };
}

export function writeHold({ path }: DataDirectory, hold: Hold | undefined): void {
  const file = join(path, PAUSED);
  if (hold === undefined) rmSync(file, { force: true });
  else writePrivate(file, `${JSON.stringify({ until: hold.until ?? null })}\n`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
