// What the reader has changed and not saved yet. It stays while the tab lives, whatever page is open.
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Limits } from '../../api-limits.ts';
import type { Settings, SettingsView } from '../../api-settings.ts';
import { type Outcome, saveLimits, saveSettings } from '../commands.ts';
import { toast } from '../toasts.ts';
import { words } from '../words/words.ts';
import { settingsWords } from './words.ts';

interface Draft<T extends object> {
  /** As the node said last. */
  known: Signal<T | undefined>;
  /** The same with what the reader changed; only once it is known. */
  values: ReadonlySignal<T | undefined>;
  changed: ReadonlySignal<(keyof T)[]>;
  /** What the node refused, by field. */
  errors: Signal<Partial<Record<string, string>>>;
  change<F extends keyof T>(field: F, value: T[F]): void;
  undo(): void;
  /** All or none; a refusal goes to the field that it names. Whether there is nothing left to save. */
  save(): Promise<boolean>;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function draftOf<T extends object>(send: (changes: Partial<T>) => Promise<Outcome<T>>): Draft<T> {
  const known = signal<T | undefined>(undefined);
  const edits = signal<Partial<T>>({});
  const errors: Draft<T>['errors'] = signal({});
  const changed = computed(() => {
    const before = known.value;
    const fields = Object.keys(edits.value) as (keyof T)[];
    return before === undefined ? [] : fields.filter((field) => !same(edits.value[field], before[field]));
  });
  const undo = (): void => {
    edits.value = {};
    errors.value = {};
  };
  return {
    ...{ known, changed, errors, undo },
    values: computed(() => (known.value === undefined ? undefined : { ...known.value, ...edits.value })),
    change(field, value) {
      edits.value = { ...edits.value, [field]: value };
      errors.value = { ...errors.value, [field]: undefined };
    },
    async save() {
      if (changed.value.length === 0) return true;
      const entries = changed.value.map((field) => [field, edits.value[field]]);
      const outcome = await send(Object.fromEntries(entries));
      if (outcome.ok) {
        known.value = outcome.value;
        undo();
        return true;
      }
      const { field, detail } = outcome.problem;
      if (field === undefined) toast('error', `${words.value.failed} ${detail}`);
      else errors.value = { [field.split('.')[0]!]: detail };
      return false;
    },
  };
}

/** What this machine may do. */
export const limits = draftOf<Limits>(async (changes) => {
  const outcome = await saveLimits(changes);
  return outcome.ok ? { ok: true, value: outcome.value.rules } : outcome;
});

/** What config.json says; null: nothing, so that the usual value counts. */
export type Saved = { [K in keyof Settings]: Settings[K] | null };

/** The whole answer, with what this node runs with now. */
export const startedWith = signal<SettingsView | undefined>(undefined);

export function takeSettings(view: SettingsView): Saved {
  startedWith.value = view;
  const entries = Object.entries(view.settings).map(([key, { saved }]) => [key, saved]);
  return Object.fromEntries(entries) as Saved;
}

/** How the node is started. */
export const settings = draftOf<Saved>(async (changes) => {
  const outcome = await saveSettings(changes);
  return outcome.ok ? { ok: true, value: takeSettings(outcome.value) } : outcome;
});

export const saving = signal(false);
export const changeCount = computed(() => limits.changed.value.length + settings.changed.value.length);

export function undoAll(): void {
  limits.undo();
  settings.undo();
}

export async function saveAll(): Promise<void> {
  if (saving.value || changeCount.value === 0) return;
  saving.value = true;
  const done = [await limits.save(), await settings.save()];
  saving.value = false;
  if (done.every(Boolean)) toast('good', settingsWords.value.saved);
}
