// What page and command line change of config.json. Each value is checked as the next start will check it, so that nothing
// that was saved here keeps the node from starting.
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { RequestError } from '../ui/api.ts';
import type { Settings, SettingsChange, SettingsPort, SettingsView, SettingView } from '../ui/api-settings.ts';
import { checkBinding, isLoopbackAddress } from '../ui/guard.ts';
import { type Config, parseSetting, readConfigFile, type SettingName, usualConfig } from './config.ts';
import { writePrivate } from './data-directory.ts';
import { findPort } from './ports.ts';
import { StartError } from './start-error.ts';

export interface OwnSettingsDeps {
  dataDirectory: string;
  /** As this node was started. */
  config: Config;
  /** SHA-256 of the tokens that let other devices in. */
  tokenHashes(): readonly string[];
  /** Addresses of this machine's network cards. */
  ownAddresses(): readonly string[];
  /** Ports that this node listens on itself. */
  ownPorts(): readonly number[];
}

type Key = keyof Settings;

/** What each is called in config.json. */
const NAMES = {
  ...{ name: 'name', uiPort: 'ui-port', meshPort: 'mesh-port', lobbyPort: 'lobby-port' },
  ...{ host: 'host', hostNames: 'host-names', mdns: 'no-mdns', dataQuota: 'data-quota' },
} as const satisfies Record<Key, SettingName>;

const KEYS = Object.keys(NAMES) as Key[];
const PORTS = ['uiPort', 'meshPort', 'lobbyPort'] as const;
const EVERYWHERE = ['0.0.0.0', '::'];

function settingsOf({ name, uiPort, meshPort, lobbyPort, host, hostNames, mdns, dataQuotaMb }: Config): Settings {
  return { name, uiPort, meshPort, lobbyPort, host, hostNames, mdns, dataQuota: dataQuotaMb };
}

const toFile = (value: Settings[Key]): unknown => {
  if (typeof value === 'boolean') return !value;
  return Array.isArray(value) ? value.join(',') : value;
};

const refuse = (code: string, field: Key, message: string): RequestError =>
  new RequestError(code, message, { status: 422, field });

export function openSettings(deps: OwnSettingsDeps): SettingsPort {
  const file = join(deps.dataDirectory, 'config.json');
  return {
    settings: () => viewOf(deps, file, stored(file)),
    async setSettings(changes) {
      const after = edited(stored(file), changes);
      const view = viewOf(deps, file, after);
      checkHost(deps, view, changes);
      await checkPorts(deps, view, changes);
      writePrivate(file, `${JSON.stringify(after, null, 2)}\n`);
      return view;
    },
  };
}

/** Throws RequestError `bad_config`. */
function stored(file: string): Record<string, unknown> {
  try {
    return readConfigFile(file);
  } catch (error) {
    if (error instanceof StartError) throw new RequestError(error.code, error.message, { status: 409 });
    throw error;
  }
}

/** The file with the changes in it; what they do not name stays as it is. */
function edited(before: Record<string, unknown>, changes: SettingsChange): Record<string, unknown> {
  const after = { ...before };
  for (const key of KEYS) {
    const value = changes[key];
    if (value === undefined) continue;
    if (value === null) delete after[NAMES[key]];
    else after[NAMES[key]] = toFile(value);
  }
  return after;
}

/** Throws RequestError `bad_value` naming the setting. */
function savedIn<K extends Key>(said: Record<string, unknown>, key: K): Settings[K] | null {
  const value = said[NAMES[key]];
  if (value === undefined) return null;
  try {
    const parsed = parseSetting(NAMES[key], value);
    return (typeof parsed === 'boolean' ? !parsed : parsed) as Settings[K];
  } catch (error) {
    if (error instanceof StartError) throw refuse('bad_value', key, error.message);
    throw error;
  }
}

function viewOf({ config, ownAddresses }: OwnSettingsDeps, file: string, said: Record<string, unknown>): SettingsView {
  const now = settingsOf(config);
  const usual = settingsOf(usualConfig());
  const one = <K extends Key>(key: K): SettingView<Settings[K]> => ({
    ...{ now: now[key], saved: savedIn(said, key), usual: usual[key] },
    heldBy: config.held[NAMES[key]] ?? null,
  });
  const settings = Object.fromEntries(KEYS.map((key) => [key, one(key)])) as SettingsView['settings'];
  const restart = KEYS.some((key) => String(nextOf<unknown>(settings[key])) !== String(now[key]));
  return { settings, restart, addresses: ownAddresses().filter((address) => !isLoopbackAddress(address)), file };
}

function nextOf<T>({ now, saved, usual, heldBy }: SettingView<T>): T {
  return heldBy === null ? (saved ?? usual) : now;
}

/** Only where this machine can listen, and where others are let in only with a token. */
function checkHost(
  { ownAddresses, tokenHashes }: OwnSettingsDeps,
  { settings }: SettingsView,
  changes: SettingsChange,
) {
  const { host } = changes;
  if (host === undefined || host === null) return;
  const isOwn = host === 'localhost' || isLoopbackAddress(host) || [...EVERYWHERE, ...ownAddresses()].includes(host);
  if (!isOwn) throw refuse('bad_value', 'host', `host: ${host} is no address of this machine`);
  const refusal = checkBinding(nextOf(settings.host), tokenHashes());
  if (refusal !== undefined) throw refuse(refusal.code, 'host', refusal.detail);
}

async function checkPorts({ config, ownPorts }: OwnSettingsDeps, { settings }: SettingsView, changes: SettingsChange) {
  for (const key of PORTS) {
    const port = changes[key];
    if (port === undefined || port === null || port === 0) continue;
    const twin = PORTS.find((other) => other !== key && nextOf(settings[other]) === port);
    if (twin !== undefined) throw refuse('bad_value', key, `${NAMES[key]}: ${port} is that of ${NAMES[twin]} already`);
    if (ownPorts().includes(port)) continue;
    const hosts = key === 'uiPort' ? [nextOf(settings.host)] : config.meshHosts;
    try {
      await findPort(hosts, port, { fixed: true, avoid: [] });
    } catch (error) {
      if (error instanceof StartError) throw refuse('mesh_port_in_use', key, error.message);
      throw error;
    }
  }
}

/** Of all network cards of this machine. */
export function networkAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}
