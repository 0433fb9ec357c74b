// All logs that a node holds, in memory, and what a batch of entries would make of them before it is on the disk.
import { compareText, fromHex, type Hex } from '../protocol/bytes.ts';
import { type Entry, NOTHING } from '../protocol/entry.ts';
import { LOGS_PER_AUTHOR_MAX, PAGE_BYTES_MAX, PAGE_ENTRIES_MAX } from '../protocol/limits.ts';
import type { FrontierLog } from '../protocol/messages.ts';
import { countOf, type Fork, freeze, isWhole, type Log, logKey } from './log.ts';
import { type Pins, pinOf } from './pins.ts';

export class LogSet {
  readonly #logs = new Map<string, Log>();
  readonly #byAuthor = new Map<Hex, Set<string>>();
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
    this.#logs.delete(key);
    this.#byAuthor.get(log.author)?.delete(key);
  }

  /** Adds what follows the last entry of its log. */
  append(entry: Entry): void {
    const key = logKey(entry.author, entry.log);
    const log = this.#logs.get(key);
    if (log === undefined) this.set({ author: entry.author, log: entry.log, entries: [entry], fork: undefined });
    else log.entries.push(entry);
  }

  /** Smallest id first. */
  keysOf(author: Hex): string[] {
    return [...(this.#byAuthor.get(author) ?? [])].sort(compareText);
  }

  of(author: Hex): Log[] {
    return this.keysOf(author).map((key) => this.#logs.get(key)!);
  }

  /** By author, then by id. */
  all(): Log[] {
    return [...this.#logs].sort((a, b) => compareText(a[0], b[0])).map(([, log]) => log);
  }

  /** Ends the logs where the state has them end. */
  pin(pins: Pins): void {
    const before = this.#pins;
    this.#pins = pins;
    for (const author of new Set([...before.keys(), ...pins.keys()])) {
      for (const log of this.of(author)) log.pin = pinOf(pins, author, log.log);
    }
  }

  /** Logs whose pin asks for another history than the one that is held. */
  broken(): Log[] {
    return [...this.#pins.keys()].flatMap((author) => this.of(author).filter((log) => !isWhole(log)));
  }

  *held(): Generator<Entry> {
    for (const log of this.#logs.values()) yield* log.entries;
  }
}

/** What a batch would change; the set itself stays as it is until `commit`. */
export class Staging {
  readonly #set: LogSet;
  readonly #logs = new Map<string, Log | undefined>();
  #entries: Entry[] = [];
  #forks: Fork[] = [];

  constructor(set: LogSet) {
    this.#set = set;
  }

  get(key: string): Log | undefined {
    return this.#logs.has(key) ? this.#logs.get(key) : this.#set.get(key);
  }

  get isEmpty(): boolean {
    return this.#logs.size === 0;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get forks(): readonly Fork[] {
    return this.#forks;
  }

  /** Logs that gave way to ones with smaller ids (L4). */
  dropped(): Log[] {
    return [...this.#logs].flatMap(([key, log]) => (log === undefined ? (this.#set.get(key) ?? []) : []));
  }

  /** Whether only entries were added: nothing that counted has stopped to. */
  get isGrowth(): boolean {
    return this.#forks.length === 0 && [...this.#logs.values()].every((log) => log !== undefined);
  }

  /** False when the author has as many logs as may be, all with smaller ids (L4). Makes room where it has not. */
  makeRoom({ author, log }: Entry): boolean {
    const key = logKey(author, log);
    if (this.get(key) !== undefined) return true;
    const staged = [...this.#logs.keys()].filter((each) => each.startsWith(author));
    const held = [...new Set([...this.#set.keysOf(author), ...staged])].filter((each) => this.get(each) !== undefined);
    if (held.length < LOGS_PER_AUTHOR_MAX) return true;
    const largest = held.reduce((a, b) => (compareText(a, b) > 0 ? a : b));
    if (compareText(key, largest) > 0) return false;
    this.#drop(largest);
    return true;
  }

  append(entry: Entry): void {
    this.#own(entry).entries.push(entry);
    this.#entries.push(entry);
  }

  freeze(entry: Entry, fork: Fork): void {
    freeze(this.#own(entry), fork);
    this.#forks.push(fork);
  }

  commit(): void {
    for (const [key, log] of this.#logs) {
      if (log === undefined) this.#set.delete(key);
      else this.#set.set(log);
    }
  }

  #drop(key: string): void {
    this.#logs.set(key, undefined);
    const isKept = (entry: Entry): boolean => logKey(entry.author, entry.log) !== key;
    this.#entries = this.#entries.filter(isKept);
    this.#forks = this.#forks.filter(({ proof }) => isKept(proof[0]));
  }

  /** A copy that this batch may change. */
  #own({ author, log: id }: Entry): Log {
    const key = logKey(author, id);
    const staged = this.#logs.get(key);
    if (staged !== undefined) return staged;
    const held = this.#set.get(key);
    const copy = { author, log: id, entries: held?.entries.slice() ?? [], fork: held?.fork, pin: held?.pin };
    this.#logs.set(key, copy);
    return copy;
  }
}

export function frontierOf(log: Log): FrontierLog {
  const count = countOf(log);
  const head = log.entries[count - 1];
  return {
    author: fromHex(log.author),
    log: fromHex(log.log),
    count,
    head: head === undefined ? NOTHING : fromHex(head.id),
    frozen: isFrozen(log),
  };
}

/** Whether it ends at a fork: below the pin, if there is one. */
function isFrozen({ fork, pin }: Log): boolean {
  return fork !== undefined && fork.seq < (pin?.count ?? Number.POSITIVE_INFINITY);
}

/** Nothing of it counts here, so it is the same as if it were not held. */
export function isVoid(log: Log): boolean {
  return countOf(log) === 0 && !isFrozen(log);
}

export function pageOf(log: Log | undefined, from: number): Uint8Array[] {
  const page: Uint8Array[] = [];
  if (log === undefined) return page;
  let bytes = 0;
  for (const entry of log.entries.slice(from, Math.min(from + PAGE_ENTRIES_MAX, countOf(log)))) {
    bytes += entry.block.length;
    if (bytes > PAGE_BYTES_MAX && page.length > 0) break;
    page.push(entry.block);
  }
  return page;
}
