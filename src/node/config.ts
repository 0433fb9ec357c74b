// Settings of a node. Each is a flag, an environment variable and a key of config.json in the data directory; the flag
// wins over the environment, the environment over the file, the file over the default.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { availableParallelism, hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { DEFAULT_THRESHOLDS, parseThresholds, type Thresholds } from '../engine/statistics/thresholds.ts';
import { NAME_CHARS_MAX } from '../protocol/limits.ts';
import { StartError } from './start-error.ts';

export const DEFAULT_MESH_PORT = 22_071;
const DEFAULT_LOBBY_PORT = 22_072;
const DEFAULT_UI_PORT = 22_070;
const DEFAULT_DATA_QUOTA_MB = 4096;

/** Of digits only: an empty text is no 0, and no list or truth is a number. */
const zWhole = (low: number, high: number) =>
  z
    .union([z.number(), z.string().trim().regex(/^\d+$/).transform(Number)], 'not a whole number')
    .pipe(z.int(`not a whole number from ${low} to ${high}`).min(low).max(high));
const zPort = zWhole(0, 65_535);
const zFlag = z.union([
  z.boolean(),
  z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1'),
]);
const zAddress = z.string().refine((text) => isIP(text) !== 0, 'not an IP address');
const HOST_NAME = /^[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?$/;
const zHostNames = z
  .string()
  .max(500)
  .transform((text) => namesIn(text.toLowerCase()))
  .refine((names) => names.every((name) => HOST_NAME.test(name)), 'not host names with commas between');
/** What the pool of threads takes. */
const THREADS_MAX = 256;
const PRIORITIES = ['lowest', 'normal'] as const;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const SETTINGS = {
  name: {
    schema: z.string().min(1).max(NAME_CHARS_MAX),
    value: 'NAME',
    help: 'name of this machine (default: its host name)',
  },
  bootstrap: { schema: z.string().min(1), value: 'FILE', help: 'addresses and ticket (default: ./bootstrap.json)' },
  join: { schema: z.string().min(1), value: 'TICKET', help: 'join the mesh that this ticket is for' },
  'ui-port': { schema: zPort, value: 'PORT', help: `page and API (default: ${DEFAULT_UI_PORT}; 0 takes a free one)` },
  'mesh-port': { schema: zPort, value: 'PORT', help: `members (default: ${DEFAULT_MESH_PORT}; 0 takes a free one)` },
  'lobby-port': {
    schema: zPort,
    value: 'PORT',
    help: `newcomers (default: ${DEFAULT_LOBBY_PORT}; 0 takes a free one)`,
  },
  host: { schema: z.string().min(1), value: 'ADDRESS', help: 'address of the page (default: 127.0.0.1)' },
  'host-names': {
    schema: zHostNames,
    value: 'NAMES',
    help: 'names by which other devices open the page, besides its addresses, with commas between',
  },
  'mesh-host': {
    schema: zAddress,
    value: 'ADDRESS',
    help: 'address for members and newcomers (default: all of this machine)',
  },
  'no-mdns': { schema: zFlag, help: 'do not look for members on the local network' },
  threads: {
    schema: zWhole(1, THREADS_MAX),
    value: 'N',
    help: 'worker threads (default: one a core)',
  },
  'data-quota': {
    schema: zWhole(0, 1_000_000),
    value: 'MB',
    help: `room for candles that are fetched from members, in MB (default: ${DEFAULT_DATA_QUOTA_MB})`,
  },
  thresholds: {
    schema: z.string().min(1),
    value: 'FILE',
    help: 'what a verdict asks for, as JSON (docs/engine.md, Verdicts; default: as argued there)',
  },
  'log-file': { schema: z.string().min(1), value: 'FILE', help: 'log here, in files that rotate (default: stderr)' },
  priority: {
    schema: z.enum(PRIORITIES),
    value: 'WORD',
    help: 'lowest, or normal on a machine that does nothing else (default: lowest)',
  },
  'log-level': { schema: z.enum(LOG_LEVELS), value: 'LEVEL', help: `${LOG_LEVELS.join(' ')} (default: info)` },
} as const satisfies Record<string, { schema: z.ZodType; value?: string; help: string }>;

export type SettingName = keyof typeof SETTINGS;
export type SettingValue<N extends SettingName> = z.infer<(typeof SETTINGS)[N]['schema']>;

export interface Config {
  name: string;
  bootstrap: string;
  /** Somebody named the bootstrap file, so it must be there. */
  bootstrapNamed: boolean;
  join: string | undefined;
  uiPort: number;
  meshPort: number;
  lobbyPort: number;
  /** Ports that nobody chose may move on to the next free one. */
  fixedPorts: { mesh: boolean; lobby: boolean };
  host: string;
  /** Names that the page answers to besides its addresses. */
  hostNames: string[];
  meshHosts: string[];
  mdns: boolean;
  threads: number;
  /** Room for candles that are fetched from members. */
  dataQuotaMb: number;
  /** What a verdict asks for. */
  thresholds: Thresholds;
  /** Undefined: to stderr. */
  logFile: string | undefined;
  priority: (typeof PRIORITIES)[number];
  logLevel: (typeof LOG_LEVELS)[number];
  /** Flags and variables that win over config.json, as they are written. */
  held: Partial<Record<SettingName, string>>;
}

/** For `--help` and the command line's parser. */
export function settingOptions(): Record<string, { type: 'string' | 'boolean'; value?: string; help: string }> {
  return Object.fromEntries(
    Object.entries(SETTINGS).map(([name, setting]) => [
      name,
      'value' in setting
        ? { type: 'string' as const, value: setting.value, help: setting.help }
        : { type: 'boolean' as const, help: setting.help },
    ]),
  );
}

/** Throws StartError `bad_config` naming the setting. */
export function readConfig(
  dataDirectory: string,
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const file = readConfigFile(join(dataDirectory, 'config.json'));
  const get = <N extends SettingName>(name: N): SettingValue<N> | undefined => {
    const value = flags[name] ?? (environment[variableOf(name)] || undefined) ?? file[name];
    return value === undefined ? undefined : parseSetting(name, value);
  };
  return { ...configOf(get), held: holders(flags, environment) };
}

/** Where nobody says anything. */
export const usualConfig = (): Config => configOf(() => undefined);

function configOf(get: <N extends SettingName>(name: N) => SettingValue<N> | undefined): Config {
  const meshHost = get('mesh-host');
  return {
    name: get('name') ?? (hostname().slice(0, NAME_CHARS_MAX) || 'unnamed'),
    bootstrap: get('bootstrap') ?? 'bootstrap.json',
    bootstrapNamed: get('bootstrap') !== undefined,
    join: get('join'),
    uiPort: get('ui-port') ?? DEFAULT_UI_PORT,
    meshPort: get('mesh-port') ?? DEFAULT_MESH_PORT,
    lobbyPort: get('lobby-port') ?? DEFAULT_LOBBY_PORT,
    fixedPorts: { mesh: get('mesh-port') !== undefined, lobby: get('lobby-port') !== undefined },
    host: get('host') ?? '127.0.0.1',
    hostNames: get('host-names') ?? [],
    meshHosts: meshHost === undefined ? ['0.0.0.0', '::'] : [meshHost],
    mdns: get('no-mdns') !== true,
    threads: get('threads') ?? Math.min(availableParallelism(), THREADS_MAX),
    dataQuotaMb: get('data-quota') ?? DEFAULT_DATA_QUOTA_MB,
    thresholds: readThresholds(get('thresholds')),
    logFile: get('log-file'),
    priority: get('priority') ?? 'lowest',
    logLevel: get('log-level') ?? 'info',
    held: {},
  };
}

const variableOf = (name: string): string => `STRATMESH_${name.toUpperCase().replaceAll('-', '_')}`;

const namesIn = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** A variable that is set to nothing is one that is not set. */
function holders(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): Config['held'] {
  const held: Config['held'] = {};
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    if (flags[name] !== undefined) held[name] = `--${name}`;
    else if (environment[variableOf(name)]) held[name] = variableOf(name);
  }
  return held;
}

/** Throws StartError `bad_config` naming the setting. */
export function parseSetting<N extends SettingName>(name: N, value: unknown): SettingValue<N> {
  const parsed = SETTINGS[name].schema.safeParse(value);
  if (!parsed.success) {
    throw new StartError('bad_config', `${name}: ${parsed.error.issues[0]?.message ?? 'not valid'}`, name);
  }
  return parsed.data as SettingValue<N>;
}

function readThresholds(file: string | undefined): Thresholds {
  if (file === undefined) return DEFAULT_THRESHOLDS;
  try {
    return parseThresholds(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new StartError('bad_config', `thresholds: ${file}: ${(error as Error).message}`, 'thresholds');
  }
}

/** Throws StartError `bad_config`. */
export function readConfigFile(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new StartError('bad_config', `${file} cannot be read: ${(error as Error).message}`);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new StartError('bad_config', `${file} is not JSON: ${(error as Error).message}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new StartError('bad_config', `${file} does not hold an object of settings`);
  }
  const unknown = Object.keys(parsed).find((key) => !Object.hasOwn(SETTINGS, key));
  if (unknown !== undefined) throw new StartError('bad_config', `${file}: ${unknown} is not a setting`, unknown);
  return parsed as Record<string, unknown>;
}
