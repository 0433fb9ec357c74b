// Tells the mesh what this node does: at once when it changes, otherwise as often as it announced itself.
import type { Presence } from '../protocol/messages.ts';

/** Several reasons in a row make one message. */
const SOON_MS = 200;

export interface AnnouncerDeps {
  /** The next message; `n` grows by one with each. */
  presence(n: number): Presence;
  publish(presence: Presence): void;
  /** One message could not be made; the next one is tried all the same. */
  onFailure(error: unknown): void;
}

/** If even that cannot be said. */
const RETRY_MS = 5000;

export class Announcer {
  readonly #deps: AnnouncerDeps;
  #n = 0;
  #timer: NodeJS.Timeout | undefined;
  #isSoon = false;
  #stopped = false;

  constructor(deps: AnnouncerDeps) {
    this.#deps = deps;
    this.soon();
  }

  /** Asking again does not put it off: what changes all the time is told all the time. */
  soon(): void {
    if (this.#isSoon) return;
    this.#isSoon = true;
    this.#arm(SOON_MS);
  }

  /** Nothing is told any more. Returns the number of what somebody else may have to say. */
  stop(): number {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#n += 1;
    return this.#n;
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => this.#send(), ms);
  }

  #send(): void {
    this.#n += 1;
    this.#isSoon = false;
    this.#arm(RETRY_MS);
    try {
      const presence = this.#deps.presence(this.#n);
      if (!this.#isSoon) this.#arm(presence.next);
      this.#deps.publish(presence);
    } catch (error) {
      this.#deps.onFailure(error);
    }
  }
}
