// Short notes in the corner, and the polite voice for readers who do not see them.
import { signal } from '@preact/signals';

export interface Toast {
  id: number;
  kind: 'good' | 'error';
  text: string;
}

const TOAST_MS = 6_000;
const TOASTS_MAX = 3;
const QUIET_MS = 10_000;

export const toasts = signal<Toast[]>([]);
/** What the live region says now. */
export const spoken = signal('');

let lastId = 0;
let spokeAt = Number.NEGATIVE_INFINITY;

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

export function toast(kind: Toast['kind'], text: string): void {
  lastId += 1;
  const id = lastId;
  toasts.value = [...toasts.value, { id, kind, text }].slice(-TOASTS_MAX);
  setTimeout(() => dismiss(id), TOAST_MS);
}

/** Speaks at most once in ten seconds; what comes in between is on the screen anyway. */
export function say(text: string): void {
  if (performance.now() - spokeAt < QUIET_MS) return;
  spokeAt = performance.now();
  spoken.value = text;
}
