// Settings: what this machine may do, its candles, how the page looks, what to keep safe, and what this program is.
import type { ComponentChildren, VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import type { LimitsView } from '../../api-limits.ts';
import type { SettingsView } from '../../api-settings.ts';
import { Await, useFetched } from '../fetched.tsx';
import { count } from '../format.ts';
import { Button, Panel } from '../parts.tsx';
import { canWrite, now, status } from '../store.ts';
import { words } from '../words/words.ts';
import { About, Backup } from './about.tsx';
import { Access } from './access.tsx';
import { Alerts } from './alerts.tsx';
import { Appearance } from './appearance.tsx';
import { Computing } from './computing.tsx';
import { Data } from './data.tsx';
import { changeCount, limits, saveAll, saving, settings, takeSettings, undoAll } from './draft.ts';
import { Network } from './network.tsx';
import { networkWords } from './network-words.ts';
import { Now, TimeLine } from './now.tsx';
import { settingsWords } from './words.ts';

/** The node looks at its machine as often. */
const LOOK_MS = 15_000;

function SaveBar(): VNode | null {
  const w = settingsWords.value;
  const n = changeCount.value;
  const later = settings.changed.value.length;
  if (n === 0) return null;
  return (
    <div class="save-bar">
      <span role="status">
        {w.changes(n, count(n))}
        {later === 0 ? null : ` · ${networkWords.value.needRestart(later, count(later))}`}
      </span>
      <Button onClick={undoAll}>{w.undo}</Button>
      <Button
        kind="primary"
        off={canWrite.value ? undefined : words.value.writesOff}
        busy={saving.value}
        onClick={() => void saveAll()}
      >
        {w.save} <kbd>Ctrl S</kbd>
      </Button>
    </div>
  );
}

/** Ctrl S saves; the browser asks before what was not saved is lost. */
function useSaveKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 's' || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      void saveAll();
    };
    const onLeave = (event: BeforeUnloadEvent): void => {
      if (changeCount.value > 0) event.preventDefault();
    };
    addEventListener('keydown', onKey);
    addEventListener('beforeunload', onLeave);
    return () => {
      removeEventListener('keydown', onKey);
      removeEventListener('beforeunload', onLeave);
    };
  }, []);
}

const SECTIONS = [
  'now',
  'timeline',
  'computing',
  'network',
  'access',
  'appearance',
  'data',
  'alerts',
  'backup',
  'about',
] as const;

function Anchors(): VNode {
  const w = settingsWords.value;
  return (
    <nav class="anchors" aria-label={w.sections}>
      {SECTIONS.map((id) => (
        <a key={id} href={`#${id}`}>
          {w[id]}
        </a>
      ))}
    </nav>
  );
}

function Section({
  id,
  flush = false,
  children,
}: {
  id: (typeof SECTIONS)[number];
  flush?: boolean;
  children: ComponentChildren;
}): VNode {
  return (
    <Panel id={id} title={settingsWords.value[id]} flush={flush}>
      {children}
    </Panel>
  );
}

export function SettingsPage(): VNode {
  const { mode, reason } = status.value!;
  const fetched = useFetched<LimitsView>('limits', `${mode} ${reason} ${Math.floor(now.value / LOOK_MS)}`);
  useEffect(() => {
    if (fetched.value !== undefined) limits.known.value = fetched.value.rules;
  }, [fetched.value]);
  const start = useFetched<SettingsView>('settings', undefined);
  useEffect(() => {
    if (start.value !== undefined) settings.known.value = takeSettings(start.value);
  }, [start.value]);
  useSaveKeys();
  const rules = limits.values.value;
  return (
    <div class="settings">
      <Anchors />
      <div class="settings-body">
        <Await of={fetched} lines={10}>
          {(view) => (
            <>
              <Now view={view} />
              <TimeLine lines={view.timeline} />
              <Section id="computing">{rules === undefined ? null : <Computing rules={rules} />}</Section>
            </>
          )}
        </Await>
        <Section id="network">
          <Await of={start} lines={6}>
            {() => <Network />}
          </Await>
        </Section>
        <Section id="access">
          <Access />
        </Section>
        <Section id="appearance">
          <Appearance />
        </Section>
        <Section id="data" flush>
          <Data />
        </Section>
        <Section id="alerts">
          <Alerts />
        </Section>
        <Section id="backup">
          <Backup />
        </Section>
        <Section id="about">
          <About />
        </Section>
        <SaveBar />
      </div>
    </div>
  );
}
