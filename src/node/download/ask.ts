// One call to an exchange that ends well or with words a person can use: limits are kept to, what may pass is tried again.
import { AnswerError, type Bar, type Exchange } from './exchange.ts';
import type { Answer, Get } from './http.ts';

const TRIES_MAX = 8;
/** Where nobody answers at all, waiting longer helps less. */
const TRIES_OFFLINE_MAX = 4;
const BACKOFF_MS = 1000;
const BACKOFF_MS_MAX = 60_000;
/** A longer wait that an exchange asks for is left to the owner. */
const WAIT_MS_MAX = 15 * 60_000;
/** A share of each pause by which it varies, so that many machines do not call in step. */
const JITTER = 0.25;

export interface AskDeps {
  get: Get;
  now(): number;
  sleep(ms: number): Promise<void>;
  /** From 0 to 1. */
  random(): number;
  signal: AbortSignal;
  /** Told before a pause that is longer than usual. */
  onWait(ms: number, reason: string): void;
}

export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  readonly code: 'offline' | 'rate_limited' | 'download_refused' | 'download_failed';
  constructor(code: DownloadError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface Reply {
  bars: Bar[];
  /** The exchange's clock less ours, ms; undefined when it did not tell. */
  clockMs: number | undefined;
}

type Failure = { reason: string; waitMs?: number; offline?: boolean; limited?: boolean; cause?: unknown };

/** Milliseconds that `Retry-After` asks for (RFC 9110, 10.2.3). */
function retryAfterMs(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const isLimit = (status: number): boolean => status === 429 || status === 418;

/** What is to be done about an answer that is no success: a failure to try again, or an error. */
function judgeStatus(exchange: Exchange, answer: Answer, now: number): Failure {
  const { status } = answer;
  const said = exchange.complaint(parseBody(answer.body));
  const words = `${exchange.title} answered ${status}${said === undefined ? '' : `: ${said}`}`;
  if (isLimit(status)) {
    const waitMs = retryAfterMs(answer.retryAfter, now);
    return { reason: words, limited: true, ...(waitMs === undefined ? {} : { waitMs }) };
  }
  if (status >= 500 || status === 408) return { reason: words };
  if (status === 451)
    throw new DownloadError('download_refused', `${words}. It does not serve the country of this address.`);
  throw new DownloadError('download_refused', words);
}

async function attempt(deps: AskDeps, exchange: Exchange, url: string): Promise<Reply | Failure> {
  let answer: Answer;
  try {
    answer = await deps.get(url, deps.signal);
  } catch (cause) {
    deps.signal.throwIfAborted();
    const { code, message } = cause as { code?: string; message: string };
    const offline = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH'].includes(code ?? '');
    return { reason: `${new URL(url).host} does not answer (${code ?? message})`, offline, cause };
  }
  if (answer.status !== 200) return judgeStatus(exchange, answer, deps.now());
  const parsed = parseBody(answer.body);
  if (parsed === undefined) return { reason: `the answer of ${exchange.title} was cut off` };
  try {
    const date = answer.date === undefined ? Number.NaN : Date.parse(answer.date);
    return { bars: exchange.read(parsed), clockMs: Number.isNaN(date) ? undefined : date - deps.now() };
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    if (!error.retry) throw new DownloadError('download_refused', `${exchange.title} answered: ${error.message}`);
    return { reason: `${exchange.title}: ${error.message}`, limited: error.limited };
  }
}

const KEPT = 'What has come so far is kept: the same command goes on from there.';

function giveUp({ reason, offline, limited, cause }: Failure): never {
  const options = { cause };
  if (offline === true) throw new DownloadError('offline', `${reason}. Is this machine online? ${KEPT}`, options);
  if (limited === true) throw new DownloadError('rate_limited', `${reason}. ${KEPT}`, options);
  throw new DownloadError('download_failed', `${reason}, ${TRIES_MAX} times. ${KEPT}`, options);
}

/** Asks until there is an answer. Throws DownloadError, or the signal's reason. */
export async function ask(deps: AskDeps, exchange: Exchange, url: string): Promise<Reply> {
  for (let tries = 1; ; tries++) {
    const result = await attempt(deps, exchange, url);
    if ('bars' in result) return result;
    if (tries >= (result.offline === true ? TRIES_OFFLINE_MAX : TRIES_MAX)) giveUp(result);
    const backoff = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** (tries - 1));
    if (result.waitMs !== undefined && result.waitMs > WAIT_MS_MAX) {
      giveUp({ ...result, reason: `${result.reason}, and asks to wait ${Math.ceil(result.waitMs / 60_000)} min` });
    }
    // Never less than what the exchange asks for.
    const wait = Math.max(result.waitMs ?? 0, backoff * (1 - JITTER)) + backoff * 2 * JITTER * deps.random();
    deps.onWait(wait, result.reason);
    await deps.sleep(wait);
    deps.signal.throwIfAborted();
  }
}

/** The usual pause between two calls. */
export const pause = (deps: Pick<AskDeps, 'sleep' | 'random'>, { pauseMs }: Exchange): Promise<void> =>
  deps.sleep(pauseMs * (1 + JITTER * deps.random()));
