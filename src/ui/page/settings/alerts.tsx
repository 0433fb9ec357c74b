// What the browser tells of beside the page.
import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { type AlertName, alerts, notices } from '../alerts.ts';
import { Switch } from '../dialogs/fields.tsx';
import { Notice } from '../parts.tsx';
import { alertWords } from './alert-words.ts';
import { Row } from './row.tsx';
import { settingsWords } from './words.ts';

const NAMES = ['best', 'join', 'stopped'] as const;

export function Alerts(): VNode {
  const w = alertWords.value;
  const permission = useSignal(notices());
  const off = { none: w.none, denied: w.denied }[permission.value as string];
  const choose = async (name: AlertName, on: boolean): Promise<void> => {
    if (on && permission.value === 'default') {
      await Notification.requestPermission();
      permission.value = notices();
    }
    alerts[name].value = on && permission.value === 'granted' ? 'on' : 'off';
  };
  const texts = {
    best: [w.best, w.bestHint],
    join: [w.join, w.joinHint],
    stopped: [w.stopped, w.stoppedHint],
  } as const;
  return (
    <>
      {off === undefined ? null : (
        <Notice tone="caution" icon="info">
          {off}
        </Notice>
      )}
      {NAMES.map((name) => {
        const on = off === undefined && alerts[name].value === 'on';
        const [title, hint] = texts[name];
        return (
          <Row key={name} name={`alert-${name}`} title={title} hint={hint}>
            <Switch
              label={settingsWords.value[on ? 'on' : 'off']}
              name={title}
              on={on}
              off={off}
              onChange={(next) => void choose(name, next)}
            />
          </Row>
        );
      })}
      <p class="small dim">{w.whileOpen}</p>
    </>
  );
}
