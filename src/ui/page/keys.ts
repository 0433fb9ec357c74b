// Single keys for what also has a button. They do nothing in a field, beside a modifier, or behind a dialog.
import { togglePause } from './commands.ts';
import { canWrite, jobToStop, openDialog } from './store.ts';
import { switchTheme } from './theme.ts';

const ACTIONS: Readonly<Record<string, () => void>> = {
  n: () => {
    if (canWrite.value) openDialog.value = 'create';
  },
  i: () => {
    if (canWrite.value) openDialog.value = 'invite';
  },
  p: () => {
    togglePause().catch(() => undefined);
  },
  t: switchTheme,
  '?': () => {
    openDialog.value = 'shortcuts';
  },
};

export function startKeys(): void {
  addEventListener('keydown', (event) => {
    const inField = event.target instanceof Element && event.target.closest('input, textarea, select') !== null;
    const behind = openDialog.value !== undefined || jobToStop.value !== undefined;
    if (inField || behind || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const action = ACTIONS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}
