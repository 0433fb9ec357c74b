// Small line drawings on a 16 × 16 grid. Always decoration: a word or an accessible name stands beside them.
import type { VNode } from 'preact';

const PATHS = {
  overview: 'M2 2h5v6H2zM9 2h5v3H9zM9 7h5v7H9zM2 10h5v4H2z',
  mesh: 'M8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6zM3 1.8v2.4h2.4V1.8zM10.6 1.8v2.4H13V1.8zM3 11.8v2.4h2.4v-2.4zM10.6 11.8v2.4H13v-2.4zM5.2 4.2l1.5 2.3M10.8 4.2 9.3 6.5M5.2 11.8l1.5-2.3M10.8 11.8 9.3 9.5',
  work: 'M2 3.5h9M2 8h6M2 12.5h4M8.5 11.5l2 2 4-5',
  results: 'M2 13.5h12M2.5 10.5l3.5-4 3 2.5L13.5 3M10 3h3.5v3.5',
  ledger: 'M5 2.5h6v3H5zM2 10.5h5v3H2zM9 10.5h5v3H9zM8 5.5V8M4.5 10.5V8h7v2.5',
  logs: 'M2.5 4l4 4-4 4M8 12.5h5.5',
  settings:
    'M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6M10 2.7a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6zM6 9.7a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6z',
  more: 'M3 8h.1M8 8h.1M13 8h.1',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  remove: 'M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9M6.8 7v4M9.2 7v4',
  download: 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
  shield: 'M8 1.8 13 3.5v4.2c0 3-2 5.2-5 6.5-3-1.3-5-3.5-5-6.5V3.5z',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3 14 14',
  activity: 'M1.5 8.5h3l2-5.5 3.5 10 2-4.5h2.5',
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M4.5 2.5v11l9-5.5z',
  stop: 'M4 4h8v8H4z',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1v1.8M8 13.2V15M1 8h1.8M13.2 8H15M3 3l1.3 1.3M11.7 11.7 13 13M13 3l-1.3 1.3M4.3 11.7 3 13',
  moon: 'M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3z',
  plus: 'M8 2.5v11M2.5 8h11',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  check: 'M2.5 8.5l3.5 3.5 7.5-8',
  clock: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 4.5V8l2.5 1.8',
  warning: 'M8 2 1.5 13.5h13zM8 6.5v3.2M8 11.4v.6',
  bolt: 'M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z',
  info: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 7.2v4M8 4.6v.6',
  // Operating systems as plain signs of their own, not anyone's mark.
  linux: 'M6 2.5h4v3.2l2.5 5.3-1.5 2.5H5L3.5 11 6 5.7zM5.5 11h5M7 4.5h.1M9 4.5h.1',
  darwin: 'M5.6 2.5a2 2 0 1 0-2 2h8.8a2 2 0 1 0-2-2v10.8a2 2 0 1 0 2-2H3.6a2 2 0 1 0 2 2z',
  win32: 'M2 3.5 7 2.8v4.6H2zM8.5 2.6 14 1.8v5.6H8.5zM2 8.8h5v4.6l-5-.7zM8.5 8.8H14v5.4l-5.5-.8z',
  machine: 'M2 3h12v8H2zM5.5 14h5M8 11v3',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }): VNode {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export const osIcon = (os: string | null): IconName =>
  os === 'linux' || os === 'darwin' || os === 'win32' ? os : 'machine';

export function Logo(): VNode {
  return (
    <svg class="logo" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">
      <path d="M16 7 6 25h20z" />
      <rect x="13" y="3" width="6" height="6" />
      <rect x="2" y="22" width="6" height="6" />
      <rect x="24" y="22" width="6" height="6" />
      <rect class="logo-core" x="13.5" y="16" width="5" height="5" />
    </svg>
  );
}
