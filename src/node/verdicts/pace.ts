// What the owner allows the thread that judges: when it may begin, and how it is held while it is under way. The two threads share
// two numbers: whether it is held, and the percent of the time that it may compute.
import type { Decision } from '../power/decide.ts';

const HELD = 0;
const SHARE = 1;

/** To be handed to the judging thread. */
export type SharedPace = Int32Array<SharedArrayBuffer>;

/** The side of the node. */
export class Pace {
  readonly shared: SharedPace = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  #mayBegin = true;
  #waiting: (() => void)[] = [];

  constructor() {
    this.shared[SHARE] = 100;
  }

  /** `finish` ends what is under way, as the worker does, and begins nothing. */
  follow({ run, share }: Pick<Decision, 'run' | 'share'>): void {
    Atomics.store(this.shared, HELD, Number(run === 'pause'));
    Atomics.store(this.shared, SHARE, share);
    Atomics.notify(this.shared, HELD);
    this.#mayBegin = run === 'run';
    if (this.#mayBegin) for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Rejects as `signal` says. */
  async untilAllowed(signal: AbortSignal): Promise<void> {
    while (!this.#mayBegin) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      signal.throwIfAborted();
    }
  }
}

/** The side of the thread: to be called between steps of some milliseconds. Rests as long as it has to. */
export function resting(shared: SharedPace, now: () => number): () => void {
  let since = now();
  return () => {
    const rest = (now() - since) * (100 / Math.max(1, Atomics.load(shared, SHARE)) - 1);
    // Woken early when what is allowed changes.
    if (rest > 0) Atomics.wait(shared, HELD, 0, rest);
    while (Atomics.load(shared, HELD) === 1) Atomics.wait(shared, HELD, 1);
    since = now();
  };
}
