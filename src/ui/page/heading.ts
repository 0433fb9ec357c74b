// What the open page is about: the name of a page, or of what it shows of its list.
import { computed, signal } from '@preact/signals';
import type { PageName } from '../places.ts';
import { shortHash } from './format.ts';
import { place } from './router.ts';
import { jobs, members, shownName } from './store.ts';
import { words } from './words/words.ts';

/** Name of the strategy that is open; only its page knows it. */
export const strategyName = signal<string | undefined>(undefined);

/** Name of a page, as navigation and title say it. */
export function pageName(page: PageName): string {
  const w = words.value;
  const names: Record<PageName, string> = {
    overview: w.navOverview,
    work: w.navWork,
    results: w.navResults,
    peers: w.navPeers,
    ledger: w.navLedger,
    logs: w.navLogs,
    settings: w.navSettings,
    welcome: w.navWelcome,
  };
  return names[page];
}

function nameOf(page: PageName, id: string): string | undefined {
  if (page === 'peers') {
    const member = members.value.find(({ peerId }) => peerId === id);
    return member && shownName(member);
  }
  if (page === 'work') return jobs.value.find((job) => job.id === id)?.name;
  if (page === 'settings') return id.toUpperCase();
  return strategyName.value ?? shortHash(id);
}

export const heading = computed(() => {
  const { page, id } = place.value;
  return (id === undefined ? undefined : nameOf(page, id)) ?? pageName(page);
});
