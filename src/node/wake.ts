// Notices that the machine slept or changed its network: a timer that fires much too late, or other interface addresses.

const TICK_MS = 5000;
const GAP_MS = 15_000;

export interface WakeDeps {
  /** Wall or monotonic, whichever goes on while the machine sleeps; ms. */
  now(): number;
  /** One text that changes when the machine's own addresses do. */
  interfaces(): string;
  onWake(sleptMs: number): void;
  onNetworkChange(): void;
}

/** Returns how to stop. */
export function startWakeDetection(deps: WakeDeps): () => void {
  let last = deps.now();
  let addresses = deps.interfaces();
  const timer = setInterval(() => {
    const now = deps.now();
    const late = now - last - TICK_MS;
    last = now;
    if (late > GAP_MS) deps.onWake(late);
    const current = deps.interfaces();
    if (current === addresses) return;
    addresses = current;
    deps.onNetworkChange();
  }, TICK_MS);
  return () => clearInterval(timer);
}
