// What the page says, in the language of the reader. A key that one language lacks does not compile.
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { recall, remember } from '../memory.ts';
import { en } from './en.ts';
import { es } from './es.ts';

/** The same keys, each a text or a function of the same values. */
type SameWords<C> = {
  [Key in keyof C]: C[Key] extends (...args: infer Args) => string ? (...args: Args) => string : string;
};
export type Words = SameWords<typeof en>;
export type Language = 'en' | 'es';

const CATALOGUES: Readonly<Record<Language, Words>> = { en, es };

function firstLanguage(): Language {
  const chosen = recall('language');
  if (chosen === 'en' || chosen === 'es') return chosen;
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === 'en' || tag === 'es');
  return wanted === 'es' ? 'es' : 'en';
}

export const language = signal<Language>(firstLanguage());
export const words = computed<Words>(() => CATALOGUES[language.value]);

/** Words of one page, fetched with it. */
export function catalogue<C extends object>(english: C, spanish: SameWords<C>): ReadonlySignal<SameWords<C>> {
  return computed(() => (language.value === 'es' ? spanish : (english as SameWords<C>)));
}

/** The rules of a strategy in the language of the reader. */
export const sentenceOf = ({ sentence, sentenceEs }: { sentence: string; sentenceEs: string }): string =>
  language.value === 'es' ? sentenceEs : sentence;

export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  remember('language', chosen);
}

export const switchLanguage = (): void => chooseLanguage(language.value === 'en' ? 'es' : 'en');
