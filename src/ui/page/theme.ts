// Dark or light: as the system has it, until the reader chooses.
import { effect, signal } from '@preact/signals';
import { recall, remember } from './memory.ts';

type Theme = 'dark' | 'light';

const light = matchMedia('(prefers-color-scheme: light)');
const chosen = recall('theme');

export const theme = signal<Theme>(chosen === 'dark' || chosen === 'light' ? chosen : light.matches ? 'light' : 'dark');

export function switchTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark';
  remember('theme', theme.value);
}

export function startTheme(): void {
  effect(() => {
    document.documentElement.setAttribute('data-theme', theme.value);
  });
  light.addEventListener('change', () => {
    if (recall('theme') === undefined) theme.value = light.matches ? 'light' : 'dark';
  });
}
