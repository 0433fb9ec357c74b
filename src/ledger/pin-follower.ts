// Makes the logs end where the state has them end, and brings back what a pin asks for and this disk still holds (P3).
import type { Entry } from '../protocol/entry.ts';
import type { EntryCache } from './entry-cache.ts';
import { HeadList } from './head-list.ts';
import { headOf } from './heads.ts';
import type { LiveState } from './live-state.ts';
import { indexOf, readChain } from './load.ts';
import { type Fork, forkOf, isWhole, type Log, logKey } from './log.ts';
import type { LogSet } from './log-set.ts';
import type { Store, StoreBatch } from './store.ts';

/** A log with the history that its pin asks for, and what is to be written for it. */
interface PutBack {
  whole: Log;
  batch: StoreBatch;
}

interface Deps {
  logs: LogSet;
  live: LiveState;
  store: Store;
  entries: EntryCache;
}

export class PinFollower {
  readonly #deps: Deps;
  /** Broken logs whose blocks on the disk have been looked through for what their pin asks for. */
  readonly #looked = new Set<string>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async follow(): Promise<void> {
    for (let again = true; again; ) {
      const batches = this.#settle();
      if (batches.length > 0) this.#looked.clear();
      for (const batch of batches) await this.#deps.store.write(batch, { sync: false });
      again = false;
      for (const log of this.#deps.logs.broken()) {
        again = await this.#lookOnDisk(log);
        if (again) break;
      }
    }
  }

  /**
   * As far as it takes nothing but what is in memory, and in one go, so that nobody sees logs and a state that do not fit.
   * What is to be written: without it the next start comes to the same.
   */
  #settle(): StoreBatch[] {
    const batches: StoreBatch[] = [];
    for (let again = true; again; ) {
      const refrozen = this.#deps.logs.pin(this.#deps.live.state().pins);
      const back = this.#deps.logs.broken().flatMap((log) => this.#fromProof(log) ?? []);
      for (const { whole } of back) this.#deps.logs.set(whole);
      if (refrozen.length > 0) batches.push({ index: refrozen.map((log) => indexOf(log, log.fork!.seq, true)) });
      batches.push(...back.map(({ batch }) => batch));
      again = refrozen.length > 0 || back.length > 0;
      if (again) this.#deps.live.rebuild();
    }
    return batches;
  }

  /** The history that the pin asks for, where it ends with one half of the fork. */
  #fromProof(log: Readonly<Log>): PutBack | undefined {
    const next = log.fork?.proof.find(({ id }) => id === log.pin?.head);
    const back = next === undefined ? undefined : this.#asPinned(log, [...this.held(log), next]);
    if (back !== undefined) this.#deps.entries.keep(next!);
    return back;
  }

  /** Whether the history that the pin asks for stood on the disk, above a fork, and now counts. */
  async #lookOnDisk(log: Readonly<Log>): Promise<boolean> {
    const { fork, pin } = log;
    const wish = `${logKey(log.author, log.log)} ${pin?.head} ${fork?.seq}`;
    // What stands above a fork on the disk stays as it is, so looking once is enough.
    if (fork === undefined || this.#looked.has(wish)) return false;
    this.#looked.add(wish);
    return this.putBack(log, await readChain(this.#deps.store, log));
  }

  /** False where the entries are not the history that the log's pin asks for. */
  async putBack(log: Readonly<Log>, held: readonly Entry[]): Promise<boolean> {
    const back = this.#asPinned(log, held);
    if (back === undefined) return false;
    await this.#deps.store.write(back.batch, { sync: false });
    this.#deps.logs.set(back.whole);
    this.#deps.live.rebuild();
    return true;
  }

  #asPinned(log: Readonly<Log>, held: readonly Entry[]): PutBack | undefined {
    const entries = held.slice(0, log.pin?.count);
    const overruled = this.#partingOf(log, entries) ?? log.fork ?? log.overruled;
    const verified = Math.min(log.verified ?? 0, overruled?.seq ?? Number.POSITIVE_INFINITY);
    const whole: Log = { ...log, entries: HeadList.of(entries.map(headOf)), fork: undefined, overruled, verified };
    if (entries.length !== log.pin?.count || !isWhole(whole)) return undefined;
    const forks = overruled === undefined ? [] : [overruled.proof];
    return { whole, batch: { dropped: [log], entries, forks, index: [indexOf(whole, 0, false)] } };
  }

  /** The fork between what is held of a log and another history of it; undefined where one goes on from the other. */
  #partingOf({ author, log, entries }: Readonly<Log>, other: readonly Entry[]): Fork | undefined {
    const seq = entries.findIndex(({ id }, i) => other[i] !== undefined && other[i].id !== id);
    return seq < 0 ? undefined : forkOf(this.#deps.entries.read(author, log, seq), other[seq]!);
  }

  held({ author, log, entries }: Readonly<Log>): Entry[] {
    return entries.map(({ seq }) => this.#deps.entries.read(author, log, seq));
  }
}
