// The last word of a node that stops. Just after a sleep or a change of network no connection is there to say it over: then
// somebody is called first, who passes it on.

export interface GoodbyeDeps {
  /** Whether what is said now reaches anybody. */
  isHeard(): boolean;
  /** Addresses of each that may be called; none where nobody was there before either. */
  reachable(): readonly (readonly string[])[];
  /** Rejects when none of the addresses answers. */
  dial(addresses: readonly string[]): Promise<unknown>;
  /** Rejects when it could not be said. */
  say(): Promise<void>;
}

/** The last word is not waited for longer than this, nor is anybody called for longer than that. */
const SAY_MS = 1000;
const CALL_MS = 2000;
const LOOK_MS = 20;

/** Never rejects. */
export async function sayGoodbye({ isHeard, reachable, dial, say }: GoodbyeDeps): Promise<void> {
  if (!isHeard()) {
    const calls = reachable().map((addresses) => dial(addresses));
    await within(
      CALL_MS,
      Promise.any(calls).then(() => heard(isHeard)),
    );
  }
  if (isHeard()) await within(SAY_MS, say());
}

/** Who has answered listens a moment later. */
async function heard(isHeard: () => boolean): Promise<void> {
  for (let waited = 0; !isHeard() && waited < CALL_MS; waited += LOOK_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Until it is done, has failed, or the time is over. */
function within(ms: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    work.then(done, done);
  });
}
