// What the reader has changed of the limits and not saved yet. It stays while the tab lives, whatever page is open.
import { computed, signal } from '@preact/signals';
import type { Limits, LimitsView } from '../../api-limits.ts';
import { saveLimits } from '../commands.ts';
import { toast } from '../toasts.ts';
import { words } from '../words/words.ts';
import { settingsWords } from './words.ts';

type Field = keyof Limits;

/** The rules as the node said them last. */
export const known = signal<LimitsView | undefined>(undefined);
const draft = signal<Partial<Limits>>({});
/** What the node refused, by field. */
export const errors = signal<Partial<Record<string, string>>>({});
export const saving = signal(false);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

export const changed = computed(() => {
  const rules = known.value?.rules;
  const fields = Object.keys(draft.value) as Field[];
  return rules === undefined ? [] : fields.filter((field) => !same(draft.value[field], rules[field]));
});

/** The rules with what the reader changed; only once they are known. */
export const limits = computed<Limits | undefined>(() =>
  known.value === undefined ? undefined : { ...known.value.rules, ...draft.value },
);

export function change<F extends Field>(field: F, value: Limits[F]): void {
  draft.value = { ...draft.value, [field]: value };
  errors.value = { ...errors.value, [field]: undefined };
}

export function undo(): void {
  draft.value = {};
  errors.value = {};
}

/** All or none; a refusal goes to the field that it names. */
export async function save(): Promise<void> {
  if (saving.value || changed.value.length === 0) return;
  saving.value = true;
  const outcome = await saveLimits(Object.fromEntries(changed.value.map((field) => [field, draft.value[field]])));
  saving.value = false;
  if (outcome.ok) {
    known.value = outcome.value;
    undo();
    toast('good', settingsWords.value.saved);
    return;
  }
  const { field, detail } = outcome.problem;
  if (field === undefined) toast('error', `${words.value.failed} ${detail}`);
  else errors.value = { [field.split('.')[0]!]: detail };
}
