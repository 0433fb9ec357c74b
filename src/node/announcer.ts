// Tells the mesh what this node does: at once when it changes, otherwise as often as it announced itself.
import type { Presence } from '../protocol/messages.ts';

/** Several reasons in a row make one message. */
const SOON_MS = 200;

export interface AnnouncerDeps {
  /** The next message; `n` grows by one with each. */
  presence(n: number): Presence;
  publish(presence: Presence): void;
}

export class Announcer {
  readonly #deps: AnnouncerDeps;
  #n = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(deps: AnnouncerDeps) {
    this.#deps = deps;
    this.#arm(SOON_MS);
  }

  soon(): void {
    this.#arm(SOON_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => this.#send(), ms);
  }

  #send(): void {
    this.#n += 1;
    const presence = this.#deps.presence(this.#n);
    this.#arm(presence.next);
    this.#deps.publish(presence);
  }
}
