// Where the reader is: the address holds page, selection, filters and sort, so that back, forward and reload restore them.
import { signal } from '@preact/signals';
import { type Place, placeOf } from '../places.ts';

const HERE: Place = { page: 'overview', id: undefined };

const readPlace = (): Place => placeOf(location.pathname) ?? HERE;

export const place = signal<Place>(readPlace());
export const query = signal(new URLSearchParams(location.search));

function follow(): void {
  const next = readPlace();
  if (next.page !== place.value.page || next.id !== place.value.id) place.value = next;
  query.value = new URLSearchParams(location.search);
}

/** Opens an address of this page; `quiet` for a filter, which is no step to come back to. */
export function go(href: string, { quiet = false }: { quiet?: boolean } = {}): void {
  const before = place.value.page;
  if (quiet) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  follow();
  if (place.value.page === before) return;
  scrollTo(0, 0);
  document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
}

/** Changes values of the query; undefined and '' take one out. */
export function setQuery(changes: Record<string, string | undefined>): void {
  const next = new URLSearchParams(query.value);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined || value === '') next.delete(key);
    else next.set(key, value);
  }
  const text = next.toString();
  go(`${location.pathname}${text === '' ? '' : `?${text}`}`, { quiet: true });
}

function inside(event: MouseEvent): string | undefined {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return undefined;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const href = link?.getAttribute('href') ?? '';
  return placeOf(href.split('?', 1)[0]!) === undefined || link?.hasAttribute('download') ? undefined : href;
}

export function startRouter(): void {
  addEventListener('popstate', follow);
  addEventListener('click', (event) => {
    const href = inside(event);
    if (href === undefined) return;
    event.preventDefault();
    go(href);
  });
}
