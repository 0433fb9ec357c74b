// The only file that knows the HTTP library: GET with a time limit and a size limit, through the proxies that the
// environment names (HTTP_PROXY, HTTPS_PROXY, NO_PROXY).
import { EnvHttpProxyAgent, request } from 'undici';

const TIMEOUT_MS = 30_000;
const BODY_BYTES_MAX = 8 * 1024 * 1024;

export interface Answer {
  status: number;
  /** Seconds or an HTTP date, as sent. */
  retryAfter: string | undefined;
  /** The server's clock, as sent. */
  date: string | undefined;
  body: string;
}

export type Get = (url: string, signal: AbortSignal) => Promise<Answer>;

type Environment = Readonly<Record<string, string | undefined>>;

const variableOf = (environment: Environment, name: string): string | undefined =>
  environment[name.toLowerCase()] || environment[name] || undefined;

/** The proxy that a URL would go through, for messages; undefined: none. */
export function proxyOf(url: string, environment: Environment): string | undefined {
  return variableOf(environment, url.startsWith('https:') ? 'HTTPS_PROXY' : 'HTTP_PROXY');
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > BODY_BYTES_MAX) throw new Error(`the answer has more than ${BODY_BYTES_MAX} bytes`);
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** `close` ends its connections. */
export function createHttp(environment: Environment): { get: Get; close(): Promise<void> } {
  const [httpProxy, httpsProxy, noProxy] = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].map(
    (name) => variableOf(environment, name) ?? '',
  );
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: httpProxy!,
    httpsProxy: httpsProxy!,
    noProxy: noProxy!,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    connectTimeout: TIMEOUT_MS,
  });
  return {
    async get(url, signal) {
      const headers = { accept: 'application/json', 'user-agent': 'stratmesh' };
      const { statusCode, headers: said, body } = await request(url, { dispatcher, headers, signal });
      return {
        status: statusCode,
        retryAfter: single(said['retry-after']),
        date: single(said.date),
        body: await readText(body),
      };
    },
    close: () => dispatcher.close(),
  };
}
