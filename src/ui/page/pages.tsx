// The pages: Overview comes with the frame, each other one is fetched when it is first opened, or before, when there is time.
import { signal } from '@preact/signals';
import type { ComponentType, VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import type { PageName } from '../places.ts';
import { Failed, Skeleton } from './fetched.tsx';
import { Overview } from './overview/overview.tsx';
import { place } from './router.ts';
import { alone, isDialogOpen, status } from './store.ts';
import { loadOtherWords, words } from './words/words.ts';

type Part = Exclude<PageName, 'overview'> | 'dialogs' | 'strategy' | 'api';

const LOADERS: Readonly<Record<Part, () => Promise<ComponentType>>> = {
  dialogs: async () => (await import('./dialogs/dialogs.tsx')).Dialogs,
  work: async () => (await import('./work/work.tsx')).WorkPage,
  results: async () => (await import('./results/results.tsx')).ResultsPage,
  strategy: async () => (await import('./strategy/strategy.tsx')).StrategyPage,
  ledger: async () => (await import('./ledger/ledger.tsx')).LedgerPage,
  peers: async () => (await import('./peers/peers.tsx')).PeersPage,
  settings: async () => (await import('./settings/settings.tsx')).SettingsPage,
  welcome: async () => (await import('./welcome/welcome.tsx')).Welcome,
  logs: async () => (await import('./logs/logs.tsx')).LogsPage,
  api: async () => (await import('./settings/api-page.tsx')).ApiPage,
};

const loaded = signal<Partial<Record<Part, ComponentType>>>({});
const failed = signal<ReadonlySet<Part>>(new Set());
/** Once the first page stands, the others are fetched too: they open at once, also when the node has gone. */
const PREFETCH_MS = 2_000;

async function load(part: Part): Promise<void> {
  if (loaded.value[part] !== undefined) return;
  const others = [...failed.value].filter((each) => each !== part);
  try {
    const component = await LOADERS[part]();
    loaded.value = { ...loaded.value, [part]: component };
    failed.value = new Set(others);
  } catch {
    failed.value = new Set([...others, part]);
  }
}

export function prefetchPages(): void {
  setTimeout(() => {
    for (const part of Object.keys(LOADERS) as Part[]) void load(part);
    loadOtherWords().catch(() => undefined);
  }, PREFETCH_MS);
}

function Lazy({ part }: { part: Exclude<Part, 'dialogs'> }): VNode {
  useEffect(() => {
    void load(part);
  }, [part]);
  const Component = loaded.value[part];
  if (Component !== undefined) return <Component />;
  if (!failed.value.has(part)) return <Skeleton lines={6} />;
  return <Failed problem={{ code: 'unreachable', detail: words.value.unreachable }} again={() => void load(part)} />;
}

export function CurrentPage({ page }: { page: PageName }): VNode {
  // Once there are others, the first page is the Overview.
  if (page === 'overview' || (page === 'welcome' && !alone.value && status.value?.meshId !== '')) return <Overview />;
  const one = place.value.id !== undefined;
  return <Lazy part={one && page === 'results' ? 'strategy' : one && page === 'settings' ? 'api' : page} />;
}

export function DialogLayer(): VNode | null {
  const wanted = isDialogOpen.value;
  useEffect(() => {
    if (wanted) void load('dialogs');
  }, [wanted]);
  const Dialogs = loaded.value.dialogs;
  return Dialogs === undefined ? null : <Dialogs />;
}
