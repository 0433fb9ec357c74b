// Notices that the machine slept, or was stopped for long, and that its own addresses changed.
//
// No wall clock is asked: somebody may set it. While a machine sleeps, its monotonic clock stands still on some systems
// and goes on on others, and the time since it was started goes on on all of them. So a timer that is late by either of
// the two has slept, and one that is late by neither has not, whatever the hands of the clock say.

const TICK_MS = 1000;
const LATE_MS = 15_000;

export interface WakeDeps {
  /** Monotonic, ms. */
  now(): number;
  /** Since the machine was started, its sleep included, ms. */
  uptime(): number;
  /** One text that changes when the machine's own addresses do. */
  interfaces(): string;
  onWake(sleptMs: number): void;
  onNetworkChange(): void;
}

/** Returns how to stop. */
export function startWakeDetection(deps: WakeDeps): () => void {
  const read = () => ({ now: deps.now(), uptime: deps.uptime(), addresses: deps.interfaces() });
  let last = read();
  const timer = setInterval(() => {
    const current = read();
    const late = Math.max(current.now - last.now, current.uptime - last.uptime) - TICK_MS;
    const moved = current.addresses !== last.addresses;
    last = current;
    if (late > LATE_MS) deps.onWake(late);
    else if (moved) deps.onNetworkChange();
  }, TICK_MS);
  return () => clearInterval(timer);
}
