// How the node is started: its name and its ports. What is saved here counts from the next start on.
import type { VNode } from 'preact';
import type { Settings } from '../../api-settings.ts';
import { Field, Switch } from '../dialogs/fields.tsx';
import { Facts, Notice } from '../parts.tsx';
import { status } from '../store.ts';
import { settings, startedWith } from './draft.ts';
import { networkWords } from './network-words.ts';
import { Row } from './row.tsx';
import { settingsWords } from './words.ts';

const PORT_DIGITS = 5;

/** Why a setting cannot be changed here; undefined when it can. */
export function heldBy(key: keyof Settings): string | undefined {
  const what = startedWith.value?.settings[key].heldBy ?? null;
  return what === null ? undefined : networkWords.value.heldBy(what);
}

/** What it will be with what the reader has changed. */
export function nextOf<K extends keyof Settings>(key: K): Settings[K] | undefined {
  const known = startedWith.value?.settings[key];
  if (known === undefined) return undefined;
  return known.heldBy === null ? (settings.values.value?.[key] ?? known.usual) : known.now;
}

function titleOf(key: keyof Settings): string {
  const w = networkWords.value;
  const { name, mdns, host } = { name: w.machine, mdns: w.mdns, host: w.others };
  const ports = { uiPort: w.uiPort, meshPort: w.meshPort, lobbyPort: w.lobbyPort };
  return { ...ports, name, mdns, host, hostNames: w.hostNames, dataQuota: settingsWords.value.quota }[key];
}

/** What is saved already and not in force yet, of some settings. */
export function RestartNote({ of }: { of: readonly (keyof Settings)[] }): VNode | null {
  const view = startedWith.value;
  const later = of.filter((key) => {
    const { now, saved, usual, heldBy: held } = view?.settings[key] ?? {};
    return held === null && JSON.stringify(saved ?? usual) !== JSON.stringify(now);
  });
  if (later.length === 0) return null;
  const w = networkWords.value;
  return (
    <Notice tone="caution" icon="clock">
      <strong>{w.restartTitle}</strong> {w.restartText(later.map(titleOf).join(' · '))}
    </Notice>
  );
}

/** Empty: the usual one. */
export function PortRow({ name, hint }: { name: 'uiPort' | 'meshPort' | 'lobbyPort'; hint: string }): VNode {
  const off = heldBy(name);
  const value = off === undefined ? settings.values.value?.[name] : nextOf(name);
  const usual = startedWith.value?.settings[name].usual;
  return (
    <Row
      name={name}
      title={titleOf(name)}
      hint={off ?? hint}
      error={settings.errors.value[name]}
      later={off === undefined}
    >
      <Field
        name={name}
        label={titleOf(name)}
        hideLabel
        value={value === null || value === undefined ? '' : String(value)}
        placeholder={networkWords.value.usually(String(usual ?? '—'))}
        error={undefined}
        off={off}
        onInput={(text) => {
          const digits = text.replaceAll(/\D/g, '').slice(0, PORT_DIGITS);
          settings.change(name, digits === '' ? null : Number(digits));
        }}
      />
    </Row>
  );
}

const IN_NETWORK = ['name', 'meshPort', 'lobbyPort', 'mdns'] as const;

export function Network(): VNode {
  const w = networkWords.value;
  const mdns = nextOf('mdns') === true;
  const { addresses } = status.value!.mesh;
  return (
    <>
      <RestartNote of={IN_NETWORK} />
      <Row
        name="name"
        title={w.machine}
        hint={heldBy('name') ?? w.machineHint}
        error={settings.errors.value.name}
        later={heldBy('name') === undefined}
      >
        <Field
          name="name"
          label={w.machine}
          hideLabel
          text
          value={heldBy('name') === undefined ? (settings.values.value?.name ?? '') : (nextOf('name') ?? '')}
          placeholder={startedWith.value?.settings.name.usual ?? '—'}
          error={undefined}
          off={heldBy('name')}
          onInput={(text) => settings.change('name', text.trim() === '' ? null : text)}
        />
      </Row>
      <PortRow name="meshPort" hint={w.meshPortHint} />
      <PortRow name="lobbyPort" hint={w.lobbyPortHint} />
      <Row name="mdns" title={w.mdns} hint={heldBy('mdns') ?? w.mdnsHint} later={heldBy('mdns') === undefined}>
        <Switch
          label={settingsWords.value[mdns ? 'on' : 'off']}
          name={w.mdns}
          on={mdns}
          off={heldBy('mdns')}
          onChange={(on) => settings.change('mdns', on ? null : false)}
        />
      </Row>
      <Facts
        rows={[
          [
            w.listening,
            addresses.length === 0 ? '—' : addresses.map((address) => address.split('/p2p/')[0]).join('\u00a0· '),
          ],
        ]}
      />
    </>
  );
}
