// Whether this node is as it was first started: in no mesh, or in one of its own that nobody has used.
import { computed, signal } from '@preact/signals';
import { recall, remember } from '../memory.ts';
import { alone, jobs, status } from '../store.ts';

/** The reader of this browser has said that it starts here. */
const started = signal(recall('started') === 'yes');

export const isFirstRun = computed(() => {
  const now = status.value;
  if (now === undefined) return false;
  if (now.meshId === '') return true;
  return !started.value && alone.value && jobs.value.length === 0 && now.ledger.entries <= 1;
});

export function startHere(): void {
  started.value = true;
  remember('started', 'yes');
}
