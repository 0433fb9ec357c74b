import { effect, untracked } from '@preact/signals';

/** Calls back when a value is another than before, not for the first. Undefined is no value. Returns how to stop. */
export function onChange<T>(read: () => T | undefined, told: (value: T) => void): () => void {
  let before: T | undefined;
  return effect(() => {
    const value = read();
    if (value === undefined || value === before) return;
    const first = before === undefined;
    before = value;
    if (!first) untracked(() => told(value));
  });
}
