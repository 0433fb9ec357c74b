// Keeps the page live with one stream for all tabs of this browser: a lock chooses the tab that reads, a channel passes
// on what it reads. More streams would use up the few connections that a browser opens to one address.
import { LOST_MS, line, now, snapshot } from '../store.ts';
import { followStream, type StreamMessage } from './reader.ts';
import { markHeard, receive, refetch } from './replica.ts';

type Relay = StreamMessage | { kind: 'lost'; retryAt: number | undefined } | { kind: 'try' };

const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
const TICK_MS = 500;

const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('stratmesh') : undefined;
const relay = (message: Relay): void => channel?.postMessage(message);

let wakeUp: (() => void) | undefined;
let abort = new AbortController();

function markLost(retryAt: number | undefined): void {
  const heardAt = line.value.state === 'connecting' ? undefined : line.value.heardAt;
  line.value = { state: 'lost', heardAt, retryAt };
}

/** Waits, or less when the reader says so. */
function pauseBeforeRetry(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    wakeUp = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

async function readOnce(): Promise<void> {
  abort = new AbortController();
  await refetch();
  markHeard();
  // Whatever happened since the last stream ended was patched for nobody: every tab fetches.
  relay({ kind: 'resync', data: undefined });
  await followStream(snapshot.value?.rev ?? 0, abort.signal, (message) => {
    receive(message);
    relay(message);
  });
}

/** Reads for all tabs, as long as this one lives. */
async function lead(): Promise<never> {
  let failures = 0;
  for (;;) {
    const startedAt = Date.now();
    await readOnce().catch(() => undefined);
    // A line that held for a while starts again with a short wait.
    failures = Date.now() - startedAt > LOST_MS ? 1 : failures + 1;
    const wait = RETRY_MS[Math.min(failures, RETRY_MS.length) - 1]!;
    const retryAt = Date.now() + wait;
    markLost(retryAt);
    relay({ kind: 'lost', retryAt });
    await pauseBeforeRetry(wait);
    markLost(undefined);
    relay({ kind: 'lost', retryAt: undefined });
  }
}

function follow(message: Relay): void {
  if (message.kind === 'lost') markLost(message.retryAt);
  else if (message.kind === 'try') wakeUp?.();
  else receive(message);
}

/** Tries again now, in whichever tab reads. */
export function tryNow(): void {
  wakeUp?.();
  relay({ kind: 'try' });
}

function tick(): void {
  now.value = Date.now();
  const current = line.value;
  if (current.state !== 'live' || now.value - current.heardAt < LOST_MS) return;
  markLost(undefined);
  abort.abort();
}

export function startLive(): void {
  channel?.addEventListener('message', (event) => follow(event.data as Relay));
  setInterval(tick, TICK_MS);
  // Shows the picture at once, whoever reads the stream.
  refetch().then(markHeard, () => undefined);
  if ('locks' in navigator && channel !== undefined) navigator.locks.request('stratmesh-stream', lead).catch(lead);
  else lead().catch(() => undefined);
}
