// The command line's road to a running node: the address and the token lie in the data directory.
import { readApiAddress } from '../data-directory.ts';

/** No node answers on this data directory: exit code 4. */
class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  readonly code = 'not_reachable';
}

/** The node refused: its own code, message and field. */
class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code: string;
  field: string | undefined;
  readonly status: number;
  constructor(code: string, message: string, status: number, field?: string) {
    super(message);
    this.code = code;
    this.status = status;
    this.field = field;
  }
}

export interface Client {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  /** The same for what may take as long as it likes. */
  postPatiently<T>(path: string, body: unknown): Promise<T>;
  patch<T>(path: string, body: unknown): Promise<T>;
  /** Every item of a paged list. */
  all<T>(path: string): Promise<T[]>;
}

const TIMEOUT_MS = 60_000;

export function connectClient(dataDir: string): Client {
  const address = readApiAddress(dataDir);
  if (address === undefined) {
    throw new UnreachableError(
      `No node runs on ${dataDir}. Start one with “stratmesh start”, or name another --data-dir.`,
    );
  }
  const { url, token } = address;

  async function call<T>(method: string, path: string, body?: unknown, patiently = false): Promise<T> {
    const response = await send(`${url.replace(/\/$/, '')}/api/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(patiently ? {} : { signal: AbortSignal.timeout(TIMEOUT_MS) }),
    });
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok) return answer as T;
    const problem = (answer ?? {}) as { code?: string; detail?: string; field?: string };
    throw new RefusedError(
      problem.code ?? 'failed',
      problem.detail ?? `the node answered ${response.status}`,
      response.status,
      problem.field,
    );
  }

  const client: Client = {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    postPatiently: (path, body) => call('POST', path, body, true),
    patch: (path, body) => call('PATCH', path, body),
    async all<T>(path: string) {
      const items: T[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const query: string = `${path.includes('?') ? '&' : '?'}limit=500${cursor === '' ? '' : `&cursor=${cursor}`}`;
        const page: { items: T[]; next: string | null } = await client.get(path + query);
        items.push(...page.items);
        cursor = page.next;
      }
      return items;
    },
  };
  return client;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new UnreachableError(`The node at ${new URL(url).origin} does not answer. Is it still running?`, { cause });
  }
}
