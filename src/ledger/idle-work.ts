// What a ledger does when it has nothing else to do: it verifies the signatures that others have vouched for, and saves
// what spares the next start the hashing.
import { decode, encode, equalBytes, type Hex, MalformedError, sha256 } from '../protocol/bytes.ts';
import { verifyEntry } from '../protocol/entry.ts';
import type { ReadEntry } from './heads.ts';
import { type Log, logKey } from './log.ts';
import { frontierOf, type LogSet } from './log-set.ts';
import { LedgerStoreError, type Store } from './store.ts';

const STATE_VERSION = 1;
/** Some 5 ms of each 100: a twentieth of one core. */
const VERIFY_AT_ONCE = 40;
const VERIFY_PAUSE_MS = 100;
/** As long as entries come in there is something better to do. */
const QUIET_MS = 500;
const SAVE_PAUSE_MS = 2000;
const STATE_BYTES_MAX = 1 << 24;

export interface IdleDeps {
  logs: LogSet;
  read: ReadEntry;
  save(meta: { state: Uint8Array }): Promise<void>;
  /** Sum of the facts of the state in use. */
  sum(): bigint;
  /** The signature of the entry at `seq` does not hold. */
  onForged(log: Log, seq: number): Promise<void>;
}

export class IdleWork {
  readonly #deps: IdleDeps;
  #verifying: NodeJS.Timeout | undefined;
  #saving: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(deps: IdleDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#verifyLater();
  }

  /** Something came in. */
  changed(): void {
    this.wait();
    this.#saveLater();
  }

  /** There is something better to do just now. */
  wait(): void {
    clearTimeout(this.#verifying);
    this.#verifying = undefined;
    this.#verifyLater(QUIET_MS);
  }

  /** Every signature was found to hold by somebody else. */
  allVerified(): void {
    for (const log of this.#deps.logs.all()) log.verified = log.entries.length;
    this.#saveLater();
  }

  #saveLater(): void {
    if (this.#stopped || this.#saving !== undefined) return;
    this.#saving = setTimeout(() => {
      this.#saving = undefined;
      // Without it the next start takes longer, which is all that can come of it.
      this.#save().catch(() => undefined);
    }, SAVE_PAUSE_MS);
    this.#saving.unref?.();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#verifying);
    clearTimeout(this.#saving);
    await this.#save().catch(() => undefined);
  }

  #save(): Promise<void> {
    const { logs, sum, save } = this.#deps;
    const verified = logs.all().map((log) => log.verified ?? 0);
    return save({ state: encode([STATE_VERSION, digestOf(logs), sum().toString(16), verified]) });
  }

  #verifyLater(pauseMs = VERIFY_PAUSE_MS): void {
    if (this.#stopped || this.#verifying !== undefined || this.#next() === undefined) return;
    this.#verifying = setTimeout(() => {
      this.#verifying = undefined;
      this.#verifySome();
      this.#verifyLater();
    }, pauseMs);
    this.#verifying.unref?.();
  }

  #next(): Log | undefined {
    return this.#deps.logs.all().find(({ verified, entries }) => (verified ?? 0) < entries.length);
  }

  #verifySome(): void {
    const log = this.#next();
    if (log === undefined) return;
    const { author, log: id, entries } = log;
    const from = log.verified ?? 0;
    for (let seq = from; seq < Math.min(from + VERIFY_AT_ONCE, entries.length); seq += 1) {
      if (!this.#holds(author, id, seq)) {
        void this.#deps.onForged(log, seq).catch(() => undefined);
        return;
      }
      log.verified = seq + 1;
    }
    if (log.verified === entries.length) this.#saveLater();
  }

  /** An entry that cannot be read is as good as one that is not signed: what is above it comes back from the others. */
  #holds(author: Hex, log: Hex, seq: number): boolean {
    try {
      return verifyEntry(this.#deps.read(author, log, seq));
    } catch (error) {
      if (error instanceof LedgerStoreError) return false;
      throw error;
    }
  }
}

/** The sum of the facts of these logs, where it was saved when they were as they are; also which entries were verified. */
export async function readKnown(store: Store, logs: LogSet): Promise<bigint | undefined> {
  const saved = await store.meta('state');
  if (saved === undefined) return undefined;
  try {
    const [version, digest, sum, verified] = decode(saved, STATE_BYTES_MAX) as [number, Uint8Array, string, number[]];
    if (version !== STATE_VERSION || !equalBytes(digest, digestOf(logs))) return undefined;
    for (const [i, log] of logs.all().entries()) log.verified = verified[i] ?? 0;
    return sum.startsWith('-') ? -BigInt(`0x${sum.slice(1)}`) : BigInt(`0x${sum}`);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

function digestOf(logs: LogSet): Uint8Array {
  const places = logs.all().map((log) => [logKey(log.author, log.log), frontierOf({ ...log, pin: undefined })]);
  return sha256(encode(places));
}
