// Addresses of the page. Each opens the same document, which shows what the address names; the server answers to these
// and to nothing that looks like them.

export const PAGES = ['overview', 'work', 'results', 'peers', 'ledger', 'logs', 'settings'] as const;
/** Those, and the first one, which no navigation leads to. */
export type PageName = (typeof PAGES)[number] | 'welcome';

export interface Place {
  page: PageName;
  /** What the page shows of its list: a job, a strategy, a member; of the settings the page about the API. */
  id: string | undefined;
}

const ID = /^[0-9A-Za-z]{1,100}$/;

/** Undefined when it is no address of the page. */
export function placeOf(path: string): Place | undefined {
  if (path === '/') return { page: 'overview', id: undefined };
  const [start, name, id, ...rest] = path.split('/');
  const page = name === 'welcome' ? name : PAGES.find((each) => each === name);
  if (start !== '' || page === undefined || page === 'overview' || rest.length > 0) return undefined;
  if (page === 'welcome' && id !== undefined) return undefined;
  if (page === 'settings' && id !== undefined && id !== 'api') return undefined;
  return id === undefined || ID.test(id) ? { page, id } : undefined;
}

export const pathOf = (page: PageName, id?: string): string =>
  page === 'overview' ? '/' : `/${page}${id === undefined ? '' : `/${id}`}`;
