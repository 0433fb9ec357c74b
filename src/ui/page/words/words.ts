// What the page says, in the language of the reader. A key that one language lacks does not compile.
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { recall, remember } from '../memory.ts';
import type { en } from './en.ts';

/** The same keys, each a text or a function of the same values. */
type SameWords<C> = {
  [Key in keyof C]: C[Key] extends (...args: infer Args) => string ? (...args: Args) => string : string;
};
export type Words = SameWords<typeof en>;
export type Language = 'en' | 'es';

/** A reader fetches one of them with the first page, the other one later. */
const CATALOGUES: Readonly<Record<Language, () => Promise<Words>>> = {
  en: async () => (await import('./en.ts')).en,
  es: async () => (await import('./es.ts')).es,
};

function firstLanguage(): Language {
  const chosen = recall('language');
  if (chosen === 'en' || chosen === 'es') return chosen;
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === 'en' || tag === 'es');
  return wanted === 'es' ? 'es' : 'en';
}

export const language = signal<Language>(firstLanguage());
const loaded = signal<Partial<Record<Language, Words>>>({});
/** Nothing is drawn before the words of the first language are here. */
export const words = computed<Words>(() => loaded.value[language.value]!);

async function load(wanted: Language): Promise<void> {
  if (loaded.value[wanted] !== undefined) return;
  const catalogue = await CATALOGUES[wanted]();
  loaded.value = { ...loaded.value, [wanted]: catalogue };
}

export const loadWords = (): Promise<void> => load(language.value);

/** So that the language can be changed without the node. */
export const loadOtherWords = (): Promise<void> => load(other());

/** Words of one page, fetched with it. */
export function catalogue<C extends object>(english: C, spanish: SameWords<C>): ReadonlySignal<SameWords<C>> {
  return computed(() => (language.value === 'es' ? spanish : (english as SameWords<C>)));
}

/** The rules of a strategy in the language of the reader. */
export const sentenceOf = ({ sentence, sentenceEs }: { sentence: string; sentenceEs: string }): string =>
  language.value === 'es' ? sentenceEs : sentence;

const other = (): Language => (language.value === 'en' ? 'es' : 'en');

export function chooseLanguage(chosen: Language): void {
  remember('language', chosen);
  load(chosen).then(
    () => {
      language.value = chosen;
    },
    // The node is gone: the page stays as it is, and comes in the chosen language when it is opened again.
    () => undefined,
  );
}

export const switchLanguage = (): void => chooseLanguage(other());
