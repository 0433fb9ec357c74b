// Data that travels: candles that a job asks for and that are not on this machine are fetched from the members that have
// them, one data set at a time.
import { readFile, rm } from 'node:fs/promises';
import { InvalidInput } from '../engine/errors.ts';
import type { State } from '../ledger/derive.ts';
import { type Hex, toHex } from '../protocol/bytes.ts';
import { type Fetched, type FetchProgress, fetchBlob } from './blob-fetch.ts';
import type { BlobPeer } from './blob-service.ts';
import type { CandleCache } from './candle-cache.ts';
import type { DatasetInfo } from './data-store.ts';
import type { FetchedData } from './fetched-data.ts';
import { openJobs } from './open-work.ts';
import { othersOf } from './permutations.ts';

export interface DataFetchDeps {
  data: Pick<CandleCache, 'has' | 'importBytes' | 'refresh'>;
  files: FetchedData;
  /** Room for all that was fetched, bytes. */
  quotaBytes: number;
  /** Jobs for another engine are not worked on here. */
  fingerprint: Hex;
  state(): State;
  /** Members that are connected. */
  peers(): readonly BlobPeer[];
  events: {
    /** What is said of a missing data set has changed. */
    changed(): void;
    arrived(info: DatasetInfo): void;
    problem(code: string, message: string): void;
    solved(code: string): void;
  };
}

/** How far the candles are that a job waits for. */
export interface Missing {
  /** What follows “needs the … data set, which”. */
  clause: string;
  /** Nothing is wrong, it only takes a while. */
  isComing: boolean;
}

/** Who could not give anything is asked again after this time, or when another member is there. */
const LOOK_MS = 15_000;
const PERCENT_STEP = 10;
const NOT_HERE = 'is not on this machine: import the same file here with “stratmesh data import”';

interface Wanted {
  hash: Hex;
  /** A job that goes on asks for it: other candles make place for it, and it makes place for none. */
  isOpen: boolean;
}

export class DataFetch {
  readonly #deps: DataFetchDeps;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  /** Why a data set did not come, and whether asking again is of use only when something has changed. */
  readonly #failed = new Map<Hex, { clause: string; isFinal: boolean }>();
  readonly #distrusted = new Map<Hex, Set<string>>();
  #current: (FetchProgress & { hash: Hex }) | undefined;
  #running: Promise<void> | undefined;

  constructor(deps: DataFetchDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => this.look(), LOOK_MS);
  }

  /** Jobs, peers or data sets may have changed. */
  look(): void {
    if (this.#running !== undefined || this.#controller.signal.aborted) return;
    if (this.#wanted().length === 0) return;
    const isAgain = [...this.#failed].filter(([, { isFinal }]) => !isFinal);
    for (const [hash] of isAgain) this.#failed.delete(hash);
    this.#running = this.#fetchAll().finally(() => {
      this.#running = undefined;
    });
  }

  /** Its owner asks for candles that a job of this mesh names: they come as soon as a member has them. */
  async want(hash: Hex): Promise<void> {
    await this.#deps.files.wantAgain(hash);
    this.#failed.delete(hash);
    this.look();
  }

  missing(hash: Hex): Missing {
    if (this.#current?.hash === hash) {
      const { share, peers } = this.#current;
      const from = peers === 1 ? 'a member' : `${peers} members`;
      return { clause: `is being fetched from ${from}: ${percentOf(share)} % is here`, isComing: true };
    }
    const why = this.#failed.get(hash)?.clause;
    return { clause: why ?? NOT_HERE, isComing: false };
  }

  /** Candles that jobs which are not done ask for: they are not thrown away. */
  needed(): ReadonlySet<Hex> {
    return new Set(openJobs(this.#deps.state()).map(({ job }) => toHex(job.dataset)));
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#controller.abort();
    await this.#running;
  }

  /** What is missing, the most urgent first; what only shows old answers comes last. */
  #wanted(): Wanted[] {
    const { data, files, state, fingerprint } = this.#deps;
    const jobs = [...state().jobs.values()].filter(({ job }) => toHex(job.fingerprint) === fingerprint);
    const named = jobs.flatMap(({ job }) => [toHex(job.dataset), ...othersOf(job)]);
    const missing = [...new Set(named)].filter((hash) => !data.has(hash));
    if (missing.length === 0) return [];
    const needed = [...this.needed()].filter((hash) => missing.includes(hash));
    const others = missing.filter((hash) => !needed.includes(hash) && !files.isUnwanted(hash));
    return [...needed.map((hash) => ({ hash, isOpen: true })), ...others.map((hash) => ({ hash, isOpen: false }))];
  }

  async #fetchAll(): Promise<void> {
    while (!this.#controller.signal.aborted) {
      const next = this.#wanted().find(({ hash }) => !this.#failed.has(hash));
      if (next === undefined) return;
      try {
        await this.#fetch(next);
        this.#deps.events.solved('fetch_failed');
      } catch (error) {
        const message = (error as Error).message;
        this.#failed.set(next.hash, { clause: `could not be fetched: ${message}`, isFinal: false });
        this.#deps.events.problem('fetch_failed', `A data set could not be fetched: ${message}`);
      } finally {
        this.#current = undefined;
        this.#deps.events.changed();
      }
    }
  }

  /** Rejects when the disk fails. */
  async #fetch({ hash, isOpen }: Wanted): Promise<void> {
    const { files, peers } = this.#deps;
    const { signal } = this.#controller;
    const distrusted = this.#distrusted.get(hash) ?? new Set();
    this.#distrusted.set(hash, distrusted);
    const part = files.part(hash);
    let fetched: Fetched;
    try {
      fetched = await fetchBlob(
        {
          ...{ peers, distrusted, signal },
          hasRoom: (bytes) => this.#makeRoom(hash, bytes, isOpen),
          onProgress: (progress) => this.#progressed(hash, progress),
        },
        hash,
        part,
      );
    } finally {
      await part.close();
    }
    if (fetched.is === 'whole') await this.#takeIn(hash);
    else this.#failed.set(hash, { clause: whyNot(fetched, this.#deps.quotaBytes), isFinal: false });
  }

  async #makeRoom(hash: Hex, bytes: number, isOpen: boolean): Promise<boolean> {
    const { files, quotaBytes, data } = this.#deps;
    // What only shows old answers takes the room that is left.
    const keep = isOpen ? this.needed() : undefined;
    const gone = await files.makeRoom(hash, bytes, { quotaBytes, keep });
    if (gone === false) return false;
    if (gone.length > 0) await data.refresh();
    return true;
  }

  async #takeIn(hash: Hex): Promise<void> {
    const { files, data, events } = this.#deps;
    const bytes = await readFile(files.partPath(hash));
    try {
      await files.mark(hash);
      const info = await data.importBytes(hash, bytes);
      events.arrived(info);
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      // The name is right, so it is the same with everybody.
      this.#failed.set(hash, { clause: `holds no candles: ${error.message}`, isFinal: true });
    }
    await rm(files.partPath(hash), { force: true });
  }

  #progressed(hash: Hex, progress: FetchProgress): void {
    const before = this.#current?.hash === hash ? percentOf(this.#current.share) : -1;
    this.#current = { hash, ...progress };
    if (percentOf(progress.share) !== before) this.#deps.events.changed();
  }
}

function percentOf(share: number): number {
  return PERCENT_STEP * Math.floor((100 * share) / PERCENT_STEP);
}

function whyNot(fetched: Exclude<Fetched, { is: 'whole' }>, quotaBytes: number): string {
  const megabytes = (bytes: number): number => Math.ceil(bytes / 1e6);
  if (fetched.is === 'nobody') {
    return 'is not on this machine, nor on a member that is connected: it is fetched as soon as one has it; or import the same file here with “stratmesh data import”';
  }
  return `is not on this machine and does not fit: it takes ${megabytes(fetched.bytes)} MB, and all fetched candles may take ${megabytes(quotaBytes)} MB (--data-quota)`;
}
