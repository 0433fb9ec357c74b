// The heads of one log: whole pages in the bytes in which they are stored, and the last ones, which are no whole page yet,
// as they came.
import type { Hex } from '../protocol/bytes.ts';
import { encodeHeads, HEADS_PER_PAGE, HeadPage, rowOf } from './head-page.ts';
import type { Head } from './heads.ts';

/** Digits of an id that are compared as one number. */
const DIGITS_AT_ONCE = 8;

export class HeadList implements Iterable<Head> {
  #pages: HeadPage[] = [];
  /** Fewer than a page holds. */
  #rest: Head[] = [];
  /** The rest as a page, until it changes. */
  #restPage: HeadPage | undefined;

  static of(heads: Iterable<Head>): HeadList {
    const list = new HeadList();
    list.append(heads);
    return list;
  }

  get length(): number {
    return this.#pages.length * HEADS_PER_PAGE + this.#rest.length;
  }

  /** Undefined beside the list, also below 0. */
  at(seq: number): Head | undefined {
    const page = this.#pages[Math.floor(seq / HEADS_PER_PAGE)];
    if (page === undefined) return this.#rest[seq - this.#pages.length * HEADS_PER_PAGE];
    const row = rowOf(seq);
    return page.head(row, seq - row);
  }

  get last(): Head | undefined {
    return this.at(this.length - 1);
  }

  /** As `at(seq).time`; the place must be on the list. */
  timeAt(seq: number): number {
    const page = this.#pages[Math.floor(seq / HEADS_PER_PAGE)];
    return page?.time(rowOf(seq)) ?? this.#rest[seq - this.#pages.length * HEADS_PER_PAGE]!.time;
  }

  /** Places of the entries whose ids begin with these digits. */
  *withDigits(digits: Hex): Generator<number> {
    const first = digits.slice(0, DIGITS_AT_ONCE);
    const number = Number.parseInt(first.padEnd(DIGITS_AT_ONCE, '0'), 16);
    const room = 16 ** (DIGITS_AT_ONCE - first.length);
    for (let seq = 0; seq < this.length; seq += HEADS_PER_PAGE) {
      const page = this.pageAt(seq);
      for (let row = 0; row < page.count; row += 1) {
        const beyond = page.idStart(row) - number;
        if (beyond >= 0 && beyond < room && page.id(row).startsWith(digits)) yield seq + row;
      }
    }
  }

  push(head: Head): void {
    this.append([head]);
  }

  /** `pages`: what is stored of the list from the page on that its end stands on, where that is known. */
  append(heads: Iterable<Head>, pages: readonly Uint8Array[] = []): void {
    const first = this.#pages.length;
    this.#restPage = undefined;
    for (const head of heads) {
      this.#rest.push(head);
      if (this.#rest.length < HEADS_PER_PAGE) continue;
      this.#pages.push(new HeadPage(pages[this.#pages.length - first] ?? encodeHeads(this.#rest)));
      this.#rest = [];
    }
  }

  /** Puts a page behind those that are there. Throws RangeError on bytes that are no page. */
  pushPage(bytes: Uint8Array): void {
    const page = new HeadPage(bytes);
    if (this.#rest.length > 0) throw new RangeError('a page follows one that is not full');
    if (page.count === HEADS_PER_PAGE) this.#pages.push(page);
    else this.#rest = page.heads(this.length);
    this.#restPage = undefined;
  }

  /** Those from `length` on are gone. */
  truncate(length: number): void {
    if (length >= this.length) return;
    const whole = Math.floor(length / HEADS_PER_PAGE);
    this.#rest = this.slice(whole * HEADS_PER_PAGE, length);
    this.#pages.length = whole;
    this.#restPage = undefined;
  }

  /** Another list with the first `length` of these. */
  copy(length = this.length): HeadList {
    const list = new HeadList();
    list.#pages = [...this.#pages];
    list.#rest = [...this.#rest];
    list.truncate(length);
    return list;
  }

  slice(from: number, to = this.length): Head[] {
    const heads: Head[] = [];
    for (let seq = from; seq < Math.min(to, this.length); seq += 1) heads.push(this.at(seq)!);
    return heads;
  }

  *[Symbol.iterator](): Generator<Head> {
    for (const [n, page] of this.#pages.entries()) yield* page.heads(n * HEADS_PER_PAGE);
    yield* this.#rest;
  }

  map<T>(change: (head: Head) => T): T[] {
    return Array.from(this, change);
  }

  /** -1 where there is none. */
  findIndex(is: (head: Head, seq: number) => boolean): number {
    let seq = 0;
    for (const head of this) {
      if (is(head, seq)) return seq;
      seq += 1;
    }
    return -1;
  }

  /** The page with the head at `seq`; it is as it was when it was asked for. */
  pageAt(seq: number): HeadPage {
    const page = this.#pages[Math.floor(seq / HEADS_PER_PAGE)];
    if (page !== undefined) return page;
    this.#restPage ??= new HeadPage(encodeHeads(this.#rest));
    return this.#restPage;
  }

  /** What is stored of them, from page `first` on. */
  pagesFrom(first: number): Uint8Array[] {
    const whole = this.#pages.slice(first).map(({ bytes }) => bytes);
    const isWhole = this.#rest.length === 0 || first > this.#pages.length;
    return isWhole ? whole : [...whole, encodeHeads(this.#rest)];
  }

  /** Places of the heads of some kinds. Pages that name none of them are passed over. */
  *ofKinds(isWanted: (kind: string) => boolean): Generator<number> {
    for (let seq = 0; seq < this.length; seq += HEADS_PER_PAGE) {
      const page = this.pageAt(seq);
      const wanted = page.names.kinds.map(isWanted);
      if (!wanted.includes(true)) continue;
      for (let row = 0; row < page.count; row += 1) if (wanted[page.kindNumber(row)]) yield seq + row;
    }
  }

  /** How many there are of each kind, added to `counts`. */
  countKinds(counts: Record<string, number>): void {
    for (let seq = 0; seq < this.length; seq += HEADS_PER_PAGE) {
      const page = this.pageAt(seq);
      for (let row = 0; row < page.count; row += 1) counts[page.kind(row)] = (counts[page.kind(row)] ?? 0) + 1;
    }
  }
}
