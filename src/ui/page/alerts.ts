// Notices of the browser about what the reader wants to hear of, while a tab of this page is open somewhere.
import type { Signal } from '@preact/signals';
import { gain } from './format.ts';
import { onChange } from './on-change.ts';
import { modeWord } from './parts.tsx';
import { bestValidated, line, pairing, snapshot, status } from './store.ts';
import { kept } from './theme.ts';
import { words } from './words/words.ts';

export type AlertName = 'best' | 'join' | 'stopped';

export const alerts: Readonly<Record<AlertName, Signal<'off' | 'on'>>> = {
  best: kept('alert-best', ['off', 'on']),
  join: kept('alert-join', ['off', 'on']),
  stopped: kept('alert-stopped', ['off', 'on']),
};

/** `none`: this browser shows notices to encrypted pages and to those of its own machine only. */
export function notices(): NotificationPermission | 'none' {
  return isSecureContext && 'Notification' in globalThis ? Notification.permission : 'none';
}

/** Every tab of the page says the same: one mark each, so that it is shown once. */
function notify(name: AlertName, text: string): void {
  if (alerts[name].value === 'off' || notices() !== 'granted') return;
  const notice = new Notification(`stratmesh · ${status.value?.meshName ?? ''}`, {
    body: text,
    tag: `stratmesh-${name}`,
  });
  notice.onclick = () => {
    focus();
    notice.close();
  };
}

export function startAlerts(): void {
  onChange(
    () => (snapshot.value === undefined ? undefined : (bestValidated.value?.id ?? '')),
    () => {
      const best = bestValidated.value;
      if (best !== undefined) notify('best', words.value.saidBest(best.codeName, gain(best.outOfSample.return)));
    },
  );
  onChange(
    () => pairing.value?.pending.filter(({ canAdmit }) => canAdmit).at(-1)?.name ?? '',
    (name) => {
      if (name !== '') notify('join', words.value.saidWantsIn(name));
    },
  );
  onChange(
    () => (line.value.state === 'connecting' ? undefined : line.value.state),
    (state) => {
      if (state === 'lost') notify('stopped', words.value.saidLost);
    },
  );
  onChange(
    () => status.value?.mode,
    (mode) => {
      if (mode === 'error') notify('stopped', `${words.value.saidMode(modeWord(mode))}. ${status.value?.reason ?? ''}`);
    },
  );
}
