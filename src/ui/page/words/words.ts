// What the page says, in the language of the reader. A key that one language lacks does not compile.
import { computed, signal } from '@preact/signals';
import { recall, remember } from '../memory.ts';
import { en } from './en.ts';
import { es } from './es.ts';

type Catalogue = typeof en;
export type Words = {
  [Key in keyof Catalogue]: Catalogue[Key] extends (...args: infer Args) => string ? (...args: Args) => string : string;
};
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

/** The rules of a strategy in the language of the reader. */
export const sentenceOf = ({ sentence, sentenceEs }: { sentence: string; sentenceEs: string }): string =>
  language.value === 'es' ? sentenceEs : sentence;

export function switchLanguage(): void {
  language.value = language.value === 'en' ? 'es' : 'en';
  remember('language', language.value);
}
