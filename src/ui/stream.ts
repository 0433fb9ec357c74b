// The live stream of the page: one picture of the mesh, kept current by small patches. Promises that a reader who
// applies every patch holds exactly what the snapshot says, and tells a reader who missed some to fetch it again.
// At most two patches a second leave, however much happens. Knows no HTTP: a reader is something that takes text.
import type { NodeEvent, NodePort, Snapshot } from './api.ts';
import { clean } from './clean.ts';
import { type Change, diff } from './diff.ts';

/** Time from outside: `after` runs something once, later, and returns how to call it off. */
export interface Clock {
  now(): number;
  after(ms: number, run: () => void): () => void;
}

/** One open page. `send` answers false when the reader cannot keep up and is to be dropped. */
export interface StreamReader {
  send(text: string): boolean;
  close(): void;
}

export type Picture = Omit<Snapshot, 'at'>;

/** The snapshot as the API answers it; `rev` is where the stream goes on from. */
export interface SnapshotAnswer extends Snapshot {
  rev: number;
}

export interface Patch extends Change {
  rev: number;
  /** When the numbers were read. */
  at: string;
}

const PATCH_INTERVAL_MS = 500;
/** Ages and loads change without an event: look again this often. */
const LOOK_INTERVAL_MS = 1_000;
const HEARTBEAT_MS = 5_000;
const RING_LENGTH_MAX = 512;
const STREAMS_MAX = 8;
/** Events between two patches beyond this are left out: their effect is in the patch. */
const EVENTS_PER_PATCH_MAX = 64;

export class StreamHub {
  readonly #node: Pick<NodePort, 'snapshot' | 'subscribe'>;
  readonly #clock: Clock;
  readonly #readers = new Set<StreamReader>();
  readonly #ring: { rev: number; text: string }[] = [];
  readonly #unsubscribe: () => void;
  #events: NodeEvent[] = [];
  #picture: Picture | undefined;
  #at = '';
  #rev: number;
  #lookedAt = 0;
  #heardAt = 0;
  #stopTimer: (() => void) | undefined;
  #unseenEvents = 0;
  #stopped = false;

  constructor(deps: { node: Pick<NodePort, 'snapshot' | 'subscribe'>; clock: Clock }) {
    this.#node = deps.node;
    this.#clock = deps.clock;
    // Revisions start at the clock, so that those of an earlier run of this node are never mistaken for ours.
    this.#rev = deps.clock.now();
    this.#unsubscribe = this.#node.subscribe((event) => this.#note(event));
  }

  /** The current picture and its revision. */
  snapshot(): SnapshotAnswer {
    if (this.#readers.size === 0 || this.#clock.now() - this.#lookedAt >= PATCH_INTERVAL_MS) this.#look();
    return { rev: this.#rev, at: this.#at, ...(this.#picture as Picture) };
  }

  get full(): boolean {
    return this.#readers.size >= STREAMS_MAX;
  }

  get size(): number {
    return this.#readers.size;
  }

  /** Adds a reader that holds revision `since` (undefined: none); returns how to let it go. */
  open(reader: StreamReader, since: number | undefined): () => void {
    this.#readers.add(reader);
    const missed = this.#missed(since);
    if (missed === undefined) this.#sendTo(reader, `event: resync\ndata: {"rev":${this.#rev}}\n\n`);
    else this.#sendTo(reader, `: open\n\n${missed.join('')}`);
    this.#schedule();
    return () => this.#drop(reader);
  }

  stop(): void {
    this.#stopped = true;
    this.#unsubscribe();
    this.#stopTimer?.();
    for (const reader of [...this.#readers]) {
      this.#readers.delete(reader);
      reader.close();
    }
  }

  /** The patches after `since`; undefined when they are not all in the ring any more. */
  #missed(since: number | undefined): string[] | undefined {
    if (since === this.#rev) return [];
    const first = this.#ring[0]?.rev;
    if (since === undefined || first === undefined || since < first - 1 || since > this.#rev) return undefined;
    return this.#ring.filter(({ rev }) => rev > since).map(({ text }) => text);
  }

  #note(event: NodeEvent): void {
    this.#unseenEvents += 1;
    if (this.#readers.size > 0 && this.#events.length < EVENTS_PER_PATCH_MAX) this.#events.push(event);
  }

  #schedule(): void {
    if (this.#stopTimer !== undefined || this.#stopped || this.#readers.size === 0) return;
    this.#stopTimer = this.#clock.after(PATCH_INTERVAL_MS, () => {
      this.#stopTimer = undefined;
      this.#tick();
      this.#schedule();
    });
  }

  #tick(): void {
    const now = this.#clock.now();
    if (this.#unseenEvents > 0 || now - this.#lookedAt >= LOOK_INTERVAL_MS) this.#look();
    const events = this.#events.splice(0);
    if (events.length > 0) {
      this.#broadcast(events.map((event) => `event: event\ndata: ${JSON.stringify(clean(event))}\n\n`).join(''));
    }
    if (now - this.#heardAt >= HEARTBEAT_MS) this.#broadcast(': alive\n\n');
  }

  /** Reads the node once and tells the readers what changed. */
  #look(): void {
    this.#unseenEvents = 0;
    this.#lookedAt = this.#clock.now();
    const { at, ...picture } = clean(this.#node.snapshot());
    const before = this.#picture;
    this.#picture = picture;
    this.#at = at;
    const change = before === undefined ? undefined : diff(before, picture);
    if (change === undefined) return;
    this.#rev += 1;
    const body: Patch = { rev: this.#rev, at, ...change };
    const text = `id: ${this.#rev}\nevent: patch\ndata: ${JSON.stringify(body)}\n\n`;
    this.#ring.push({ rev: this.#rev, text });
    if (this.#ring.length > RING_LENGTH_MAX) this.#ring.shift();
    this.#broadcast(text);
  }

  #broadcast(text: string): void {
    this.#heardAt = this.#clock.now();
    for (const reader of [...this.#readers]) this.#sendTo(reader, text);
  }

  #sendTo(reader: StreamReader, text: string): void {
    if (reader.send(text)) return;
    this.#drop(reader);
    reader.close();
  }

  #drop(reader: StreamReader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }
}
