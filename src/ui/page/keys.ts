// Single keys for what also has a button. They do nothing in a field, beside a modifier, or behind a dialog.
import { type PageName, pathOf } from '../places.ts';
import { togglePause } from './commands.ts';
import { go } from './router.ts';
import { canWrite, isDialogOpen, openDialog } from './store.ts';
import { singleKeys, switchTheme } from './theme.ts';

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

/** After `g`: the first letter of the page. */
const PAGE_KEYS: Readonly<Record<string, PageName>> = {
  o: 'overview',
  w: 'work',
  r: 'results',
  p: 'peers',
  l: 'ledger',
  g: 'logs',
  s: 'settings',
};
const SECOND_KEY_MS = 1_500;
let leadAt = Number.NEGATIVE_INFINITY;

/** Keys of the open page; the last one that was put here counts. */
const pageKeys = new Map<string, () => void>();

/** Gives a key to the open page; returns how to take it back. */
export function onPageKey(key: string, action: () => void): () => void {
  pageKeys.set(key, action);
  return () => {
    if (pageKeys.get(key) === action) pageKeys.delete(key);
  };
}

function actionFor(key: string): (() => void) | undefined {
  const led = performance.now() - leadAt < SECOND_KEY_MS;
  leadAt = Number.NEGATIVE_INFINITY;
  const page = PAGE_KEYS[key];
  if (led && page !== undefined) return () => go(pathOf(page));
  if (key !== 'g') return pageKeys.get(key) ?? ACTIONS[key];
  return () => {
    leadAt = performance.now();
  };
}

export function startKeys(): void {
  addEventListener('keydown', (event) => {
    // Space belongs to the control that has the focus.
    const taken = event.key === ' ' ? 'button, a, summary, ' : '';
    const inField = event.target instanceof Element && event.target.closest(`${taken}input, textarea, select`) !== null;
    // Keys of the open page, such as arrows, stay; letters and signs can be switched off (WCAG 2.1.4).
    if (singleKeys.value === 'off' && event.key.length === 1 && event.key !== ' ') return;
    if (inField || isDialogOpen.value || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const action = actionFor(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}
