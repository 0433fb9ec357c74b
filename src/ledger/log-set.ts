// All logs that a node holds, in memory, and what a batch of entries would make of them before it is on the disk.
import { compareText, fromHex, type Hex } from '../protocol/bytes.ts';
import { type Entry, NOTHING, verifyEntry } from '../protocol/entry.ts';
import { LOGS_PER_AUTHOR_MAX, PAGE_BYTES_MAX, PAGE_ENTRIES_MAX } from '../protocol/limits.ts';
import type { FrontierLog } from '../protocol/messages.ts';
import { HeadList } from './head-list.ts';
import { HEADS_PER_PAGE, pagesOf } from './head-page.ts';
import { type Head, headOf } from './heads.ts';
import { countOf, type Fork, freeze, isWhole, type Log, type LogSoFar, logKey } from './log.ts';
import { type Pins, pinOf } from './pins.ts';
import type { IndexChange } from './store.ts';

export class LogSet {
  readonly #logs = new Map<string, Log>();
  readonly #byAuthor = new Map<Hex, Set<string>>();
  #sorted: Log[] | undefined;
  #pins: Pins = new Map();

  /** How many entries count. */
  get size(): number {
    let size = 0;
    for (const log of this.#logs.values()) size += countOf(log);
    return size;
  }

  get(key: string): Log | undefined {
    return this.#logs.get(key);
  }

  set(log: Log): void {
    const key = logKey(log.author, log.log);
    this.delete(key);
    this.#logs.set(key, log);
    log.pin = pinOf(this.#pins, log.author, log.log);
    const keys = this.#byAuthor.get(log.author) ?? new Set();
    this.#byAuthor.set(log.author, keys.add(key));
  }

  delete(key: string): void {
    const log = this.#logs.get(key);
    if (log === undefined) return;
    this.#sorted = undefined;
    this.#logs.delete(key);
    this.#byAuthor.get(log.author)?.delete(key);
  }

  /** The log of that name, begun if there is none. */
  open(author: Hex, log: Hex): Log {
    const known = this.#logs.get(logKey(author, log));
    if (known !== undefined) return known;
    const begun: Log = { author, log, entries: new HeadList(), fork: undefined };
    this.#sorted = undefined;
    this.set(begun);
    return begun;
  }

  /** Smallest id first. */
  keysOf(author: Hex): string[] {
    return [...(this.#byAuthor.get(author) ?? [])].sort(compareText);
  }

  of(author: Hex): Log[] {
    return this.keysOf(author).map((key) => this.#logs.get(key)!);
  }

  /** By author, then by id. */
  all(): readonly Log[] {
    this.#sorted ??= [...this.#logs].sort((a, b) => compareText(a[0], b[0])).map(([, log]) => log);
    return this.#sorted;
  }

  /** Ends the logs where the state has them end. Those that are frozen again because nothing outweighs their fork any more. */
  pin(pins: Pins): Log[] {
    const before = this.#pins;
    if (before === pins) return [];
    this.#pins = pins;
    const logs = [...new Set([...before.keys(), ...pins.keys()])].flatMap((author) => this.of(author));
    for (const log of logs) log.pin = pinOf(pins, log.author, log.log);
    const refrozen = logs.filter((log) => log.overruled !== undefined && !isOverruled(log, log.overruled));
    for (const log of refrozen) {
      freeze(log, log.overruled!);
      log.overruled = undefined;
    }
    return refrozen;
  }

  /** Logs whose pin asks for another history than the one that is held. */
  broken(): Log[] {
    return [...this.#pins.keys()].flatMap((author) => this.of(author).filter((log) => !isWhole(log)));
  }
}

/** Whether the pin of a log asks for the history that is held, beyond the place where it forked. */
function isOverruled(log: Readonly<Log>, fork: Fork): boolean {
  return log.pin !== undefined && log.pin.count > fork.seq && isWhole(log);
}

/** A log as it is with what a batch adds; the log itself stays as it is until `commit`. */
class Draft implements LogSoFar {
  readonly author: Hex;
  readonly log: Hex;
  readonly held: Log | undefined;
  readonly added: Entry[] = [];
  readonly pin: Log['pin'];
  fork: Fork | undefined;
  /** Entries of the held log that stay. */
  kept: number;
  /** What is stored of its heads, from the page on that the first added one stands on. */
  pages: readonly Uint8Array[] | undefined;

  constructor(author: Hex, log: Hex, held: Log | undefined) {
    this.author = author;
    this.log = log;
    this.held = held;
    this.kept = held?.entries.length ?? 0;
    this.fork = held?.fork;
    this.pin = held?.pin;
  }

  get length(): number {
    return this.kept + this.added.length;
  }

  at(seq: number): Pick<Head, 'id' | 'kind'> | undefined {
    return seq < this.kept ? this.held?.entries.at(seq) : this.added[seq - this.kept];
  }

  cut(length: number): void {
    this.kept = Math.min(this.kept, length);
    this.added.length = Math.max(0, Math.min(this.added.length, length - this.kept));
  }
}

/** What a batch would change; the set itself stays as it is until `commit`. */
export class Staging {
  readonly #set: LogSet;
  readonly #drafts = new Map<string, Draft>();
  readonly #dropped = new Map<string, Log | undefined>();
  #entries: Entry[] = [];

  constructor(set: LogSet) {
    this.#set = set;
  }

  get({ author, log }: Pick<Entry, 'author' | 'log'>): Draft | undefined {
    const key = logKey(author, log);
    const draft = this.#drafts.get(key);
    if (draft !== undefined || this.#dropped.has(key)) return draft;
    const held = this.#set.get(key);
    return held === undefined ? undefined : new Draft(author, log, held);
  }

  get isEmpty(): boolean {
    return this.changed().length === 0 && this.#dropped.size === 0;
  }

  /** Logs that are other than they were. */
  changed(): Draft[] {
    return [...this.#drafts.values()].filter(
      (draft) =>
        draft.added.length > 0 || draft.fork !== draft.held?.fork || draft.kept < (draft.held?.entries.length ?? 0),
    );
  }

  /** What stands at the place of an entry, where it came with the same batch. */
  entryAt({ author, log, seq }: Entry): Entry | undefined {
    const draft = this.#drafts.get(logKey(author, log));
    return draft?.added[seq - draft.kept];
  }

  get forks(): Fork['proof'][] {
    return this.changed().flatMap(({ fork, held }) => (fork === undefined || fork === held?.fork ? [] : [fork.proof]));
  }

  /** What goes to the disk: also what turned out to stand above a fork, which a pin may ask for one day. */
  get entries(): Entry[] {
    return this.#entries.filter((entry) => !this.#dropped.has(logKey(entry.author, entry.log)));
  }

  /** Logs that gave way to ones with smaller ids (L4). */
  dropped(): Log[] {
    return [...this.#dropped.values()].flatMap((log) => log ?? []);
  }

  /** Whether only entries were added: nothing that counted has stopped to. */
  get isGrowth(): boolean {
    const isGrown = ({ held, kept, fork }: Draft): boolean =>
      held === undefined ? fork === undefined : kept === held.entries.length && fork === held.fork;
    return this.#dropped.size === 0 && this.changed().every(isGrown);
  }

  /** False when the author has as many logs as may be, all with smaller ids (L4). Makes room where it has not. */
  makeRoom({ author, log }: Entry): boolean {
    const key = logKey(author, log);
    if (this.get({ author, log }) !== undefined) return true;
    const staged = [...this.#drafts.keys()].filter((each) => each.startsWith(author));
    const held = [...new Set([...this.#set.keysOf(author), ...staged])].filter((each) => !this.#dropped.has(each));
    if (held.length < LOGS_PER_AUTHOR_MAX) return true;
    const largest = held.reduce((a, b) => (compareText(a, b) > 0 ? a : b));
    if (compareText(key, largest) > 0) return false;
    this.#drafts.delete(largest);
    this.#dropped.set(largest, this.#set.get(largest));
    return true;
  }

  append(entry: Entry): void {
    this.#open(entry).added.push(entry);
    this.#entries.push(entry);
  }

  freeze(fork: Fork): void {
    const draft = this.#open(fork.proof[0]);
    draft.fork = fork;
    draft.cut(fork.seq);
  }

  /** Takes back what is added after the last entry whose signature holds. Ids of what was taken back. */
  dropForged(): Set<Hex> {
    const forged = new Set<Hex>();
    for (const { added } of this.#drafts.values()) {
      for (let last = added.at(-1); last !== undefined && !verifyEntry(last); last = added.at(-1)) {
        forged.add(last.id);
        added.pop();
      }
    }
    this.#entries = this.#entries.filter(({ id }) => !forged.has(id));
    return forged;
  }

  /** What the index says of the logs that have changed, once nothing changes any more. */
  index(): IndexChange[] {
    return this.changed().map((draft) => {
      const { author, log, held, kept, added } = draft;
      const first = Math.floor(kept / HEADS_PER_PAGE);
      const heads = [...(held?.entries.slice(first * HEADS_PER_PAGE, kept) ?? []), ...added.map(headOf)];
      draft.pages = pagesOf(heads);
      return { author, log, first, pages: draft.pages, isShorter: kept < (held?.entries.length ?? 0) };
    });
  }

  /** `verified`: whether each signature has been, not only the last of what was added. */
  commit({ verified }: { verified: boolean }): void {
    for (const key of this.#dropped.keys()) this.#set.delete(key);
    for (const draft of this.changed()) {
      const log = this.#set.open(draft.author, draft.log);
      log.entries.truncate(draft.kept);
      const before = Math.min(log.verified ?? 0, draft.kept);
      log.entries.append(draft.added.map(headOf), draft.pages);
      log.verified = verified && before === draft.kept ? log.entries.length : before;
      if (draft.fork !== undefined) freeze(log, draft.fork);
    }
  }

  #open({ author, log }: Pick<Entry, 'author' | 'log'>): Draft {
    const draft = this.get({ author, log }) ?? new Draft(author, log, undefined);
    this.#drafts.set(logKey(author, log), draft);
    return draft;
  }
}

export function frontierOf(log: Readonly<Log>): FrontierLog {
  const count = countOf(log);
  const head = log.entries.at(count - 1);
  return {
    author: fromHex(log.author),
    log: fromHex(log.log),
    count,
    head: head === undefined ? NOTHING : fromHex(head.id),
    frozen: isFrozen(log),
  };
}

/** Whether it ends at a fork: below the pin, if there is one. */
function isFrozen({ fork, pin }: Readonly<Log>): boolean {
  return fork !== undefined && fork.seq < (pin?.count ?? Number.POSITIVE_INFINITY);
}

/** Nothing of it counts here, so it is the same as if it were not held. */
export function isVoid(log: Readonly<Log>): boolean {
  return countOf(log) === 0 && !isFrozen(log);
}

/** `read`: the block at a place of the log; undefined where the disk does not have it any more. */
export function pageOf(
  log: Readonly<Log> | undefined,
  from: number,
  read: (seq: number) => Uint8Array | undefined,
): Uint8Array[] {
  const page: Uint8Array[] = [];
  const end = log === undefined ? 0 : Math.min(from + PAGE_ENTRIES_MAX, countOf(log));
  let bytes = 0;
  for (let seq = from; seq < end; seq += 1) {
    const block = read(seq);
    bytes += block?.length ?? 0;
    if (block === undefined || (bytes > PAGE_BYTES_MAX && page.length > 0)) break;
    page.push(block);
  }
  return page;
}
