// `config`: how this node is started from now on. Works on config.json of the data directory, with or without a running node.
import { RequestError } from '../../ui/api.ts';
import type { Settings, SettingsChange, SettingsView } from '../../ui/api-settings.ts';
import { openAccess } from '../access.ts';
import { table } from '../cli/text.ts';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import { readConfig } from '../config.ts';
import { openDataDirectory } from '../data-directory.ts';
import { networkAddresses, openSettings } from '../own-settings.ts';
import { findText, findWhole } from './flags.ts';

const PORT_MAX = 65_535;
const QUOTA_MAX = 1_000_000;
/** Takes a value out of the file. */
const USUAL = 'default';

export const configVerb: Verb = {
  name: 'config',
  summary: 'how this node is started from now on: shows it, or changes what is named; “default” takes a value out',
  options: {
    name: { type: 'string', value: 'NAME', help: 'name of this machine' },
    'ui-port': { type: 'string', value: 'PORT', help: 'page and API' },
    'mesh-port': { type: 'string', value: 'PORT', help: 'members' },
    'lobby-port': { type: 'string', value: 'PORT', help: 'newcomers' },
    host: { type: 'string', value: 'ADDRESS', help: 'where the page listens; others need a token (token new) first' },
    'host-names': { type: 'string', value: 'NAMES', help: 'names that the page answers to besides its addresses' },
    mdns: { type: 'string', value: 'on|off', help: 'look for members on the local network' },
    'data-quota': { type: 'string', value: 'MB', help: 'room for candles that are fetched from members' },
  },
  async run(context) {
    const changes = changesOf(context);
    const path = openDataDirectory(context.dataDir).path;
    const settings = openSettings({
      ...{ dataDirectory: path, config: readConfig(path, {}, context.environment ?? process.env) },
      ...{ tokenHashes: () => openAccess(path, Date.now).tokenHashes(), ownAddresses: networkAddresses },
      ownPorts: () => [],
    });
    const named = Object.keys(changes).length > 0;
    const view = await refusing(() => (named ? settings.setSettings(changes) : settings.settings()));
    if (context.json) context.document(view);
    else for (const line of lines(view)) context.print(line);
    if (named) context.note('It counts when the node starts the next time.');
    return 0;
  },
};

function changesOf(context: VerbContext): SettingsChange {
  const text = (flag: string): string | null | undefined => {
    const value = findText(context, flag);
    return value === USUAL ? null : value;
  };
  const whole = (flag: string, max: number): number | null | undefined =>
    text(flag) === null ? null : findWhole(context, flag, 0, max);
  const changes: SettingsChange = {
    name: text('name'),
    uiPort: whole('ui-port', PORT_MAX),
    meshPort: whole('mesh-port', PORT_MAX),
    lobbyPort: whole('lobby-port', PORT_MAX),
    host: text('host'),
    hostNames: text('host-names')?.split(',') ?? (text('host-names') === null ? null : undefined),
    mdns: mdnsOf(text('mdns')),
    dataQuota: whole('data-quota', QUOTA_MAX),
  };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

/** What the node would refuse is wrong usage here, named by its flag. */
async function refusing(work: () => Promise<SettingsView> | SettingsView): Promise<SettingsView> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const flag = error.field?.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(error.code, error.message, flag);
  }
}

function mdnsOf(word: string | null | undefined): boolean | null | undefined {
  if (word === null || word === undefined) return word;
  if (word === 'on' || word === 'off') return word === 'on';
  throw new UsageError('bad_value', `--mdns is on, off or ${USUAL}, not ${word}`, 'mdns');
}

function lines({ settings, file }: SettingsView): string[] {
  const rows = (Object.keys(settings) as (keyof Settings)[]).map((key) => {
    const { now, saved, usual, heldBy } = settings[key];
    const from = heldBy ?? (saved === null ? USUAL : file);
    return [key, wordOf(heldBy === null ? (saved ?? usual) : now), from];
  });
  return table(['SETTING', 'VALUE', 'FROM'], rows);
}

function wordOf(value: Settings[keyof Settings]): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return Array.isArray(value) ? value.join(', ') || '—' : String(value);
}
