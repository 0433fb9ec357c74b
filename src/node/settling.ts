// Who has just come among others, or hears of others that it had not heard of, listens first: what they work on is not
// known yet, and whatever it took would be one too many.
import type { PresenceBook } from './presence-book.ts';

/** However many come one after the other: nobody listens longer than so many times. */
const TIMES_MAX = 4;

export interface SettlingDeps {
  presences: Pick<PresenceBook, 'newcomerAt'>;
  /** How long newcomers are listened to, ms. */
  settleMs: number;
  /** Monotonic, ms. */
  now(): number;
}

export class Settling {
  readonly #deps: SettlingDeps;
  readonly #startedAt: number;
  #since: number | undefined;

  constructor(deps: SettlingDeps) {
    this.#deps = deps;
    this.#startedAt = deps.now();
  }

  /** ms to wait before a unit is chosen; 0 when it may be now. */
  left(): number {
    const { presences, settleMs, now } = this.#deps;
    const left = Math.max(this.#startedAt, presences.newcomerAt()) + settleMs - now();
    if (left <= 0) this.#since = undefined;
    else this.#since ??= now();
    const isLong = this.#since !== undefined && now() - this.#since > TIMES_MAX * settleMs;
    return isLong ? 0 : Math.max(0, left);
  }
}
