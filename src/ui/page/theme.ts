// How the page looks in this browser: dark or light as the system has it until the reader chooses, and the like.
import { computed, effect, type Signal, signal } from '@preact/signals';
import { recall, remember } from './memory.ts';

type Theme = 'dark' | 'light';
export type ThemeChoice = Theme | 'system';

const light = matchMedia('(prefers-color-scheme: light)');
const systemLight = signal(light.matches);

/** A choice among words that this browser keeps; the first is the one at the beginning. */
export function kept<T extends string>(key: string, words: readonly [T, ...T[]]): Signal<T> {
  const chosen = signal(words.find((word) => word === recall(key)) ?? words[0]);
  effect(() => remember(key, chosen.value === words[0] ? undefined : chosen.value));
  return chosen;
}

export const themeChoice = kept<ThemeChoice>('theme', ['system', 'dark', 'light']);
export const screenLines = kept<'on' | 'off'>('lines', ['on', 'off']);
export const candleColours = kept<'green' | 'blue'>('candles', ['green', 'blue']);
export const density = kept<'normal' | 'compact'>('density', ['normal', 'compact']);
/** Of what happened; candles are always in UTC. */
export const timeZone = kept<'utc' | 'local'>('time', ['utc', 'local']);
export const singleKeys = kept<'on' | 'off'>('keys', ['on', 'off']);

export const theme = computed<Theme>(() => {
  if (themeChoice.value !== 'system') return themeChoice.value;
  return systemLight.value ? 'light' : 'dark';
});

export function switchTheme(): void {
  themeChoice.value = theme.value === 'dark' ? 'light' : 'dark';
}

export function startTheme(): void {
  effect(() => {
    const { dataset } = document.documentElement;
    dataset.theme = theme.value;
    dataset.lines = screenLines.value;
    dataset.candles = candleColours.value;
    dataset.density = density.value;
  });
  light.addEventListener('change', () => {
    systemLight.value = light.matches;
  });
}
