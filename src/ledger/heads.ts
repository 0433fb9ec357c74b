// What is kept in memory of every entry: enough to chain, compare and count it. Everything else is read from the disk
// when somebody asks for it, so that a million entries fit into a small machine.
import { concatBytes, equalBytes, fromHex, type Hex, sha256, toHex } from '../protocol/bytes.ts';
import type { Entry } from '../protocol/entry.ts';
import type { Result } from '../protocol/kinds.ts';
import { once, type Reading, readEntry } from './reading.ts';
import { answerKey, type Vote } from './verdict.ts';

export interface Head {
  readonly id: Hex;
  readonly seq: number;
  /** ms, the author's clock. */
  readonly time: number;
  readonly kind: string;
  /** What an entry of kind `result` votes for; undefined for other kinds and for data of a wrong form. */
  readonly ballot: Ballot | undefined;
}

export interface Ballot {
  readonly job: Hex;
  readonly index: number;
  readonly fingerprint: Hex;
  /** answerKey of the result. */
  readonly answer: Hex;
  /** Members whose checkpoints the run went on from (V5). */
  readonly lineage: readonly Hex[];
}

const NO_LINEAGE: readonly Hex[] = [];

/** Reads an entry that is held. Throws LedgerStoreError `ledger_damaged` when the disk does not have it any more. */
export type ReadEntry = (author: Hex, log: Hex, seq: number) => Entry;

export const headOf: (entry: Entry) => Head = once((entry) => {
  const { id, seq, time, kind } = entry;
  return { id, seq, time, kind, ballot: ballotOf(entry) };
});

function ballotOf(entry: Entry): Ballot | undefined {
  const reading = readEntry(entry);
  if (reading.kind !== 'result') return undefined;
  const result = reading.data as Result;
  const fingerprint = shared(toHex(result.fingerprint));
  const lineage = result.lineage?.map((key) => shared(toHex(key))) ?? NO_LINEAGE;
  return { job: shared(toHex(result.job)), index: result.index, fingerprint, answer: answerKey(result), lineage };
}

const texts = new Map<string, string>();
const TEXTS_MAX = 10_000;

/** One text in memory for the same job, however many results name it. */
function shared(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (texts.size >= TEXTS_MAX) texts.clear();
  texts.set(text, text);
  return text;
}

/** A vote whose result is read when it is asked for. */
export class HeldVote implements Vote {
  readonly author: Hex;
  readonly log: Hex;
  readonly head: Head;
  readonly #read: ReadEntry;

  constructor(author: Hex, log: Hex, head: Head, read: ReadEntry) {
    this.author = author;
    this.log = log;
    this.head = head;
    this.#read = read;
  }

  get entry(): Hex {
    return this.head.id;
  }

  get time(): number {
    return this.head.time;
  }

  get answer(): Hex {
    return this.head.ballot!.answer;
  }

  get lineage(): readonly Hex[] {
    return this.head.ballot!.lineage;
  }

  get result(): Result {
    const reading = readEntry(this.#read(this.author, this.log, this.head.seq));
    return (reading as Reading & { kind: string }).data as Result;
  }
}

/** Heads that are stored together. */
export const HEADS_PER_PAGE = 64;

const NO_BALLOT = 0xff;
/** id, time, kind, ballot's job, index, answer. */
const ROW_BYTES = 32 + 8 + 1 + 1 + 4 + 32;

/** First bytes of the hash of all that follows them on a page. */
const SUM_BYTES = 8;

/**
 * One page: its sum, kinds and jobs that its rows name by number (one byte does), then the rows, 78 bytes each, then the
 * lineages: of each ballot that has one the number of its row, how many keys, and the keys.
 */
export function encodeHeads(heads: readonly Head[]): Uint8Array {
  const kinds = [...new Set(heads.map(({ kind }) => kind))];
  const jobKey = ({ job, fingerprint }: Ballot): string => job + fingerprint;
  const jobs = [...new Set(heads.flatMap(({ ballot }) => (ballot === undefined ? [] : jobKey(ballot))))];
  const names = Buffer.from(kinds.map((kind) => `${kind}\n`).join(''));
  const page = Buffer.alloc(4 + names.length + 64 * jobs.length + ROW_BYTES * heads.length);
  page.writeUInt16LE(names.length, 0);
  page[2] = jobs.length;
  page[3] = heads.length;
  names.copy(page, 4);
  let at = 4 + names.length;
  for (const job of jobs) at += page.write(job, at, 'hex');
  for (const { id, time, kind, ballot } of heads) {
    page.write(id, at, 'hex');
    page.writeDoubleLE(time, at + 32);
    page[at + 40] = kinds.indexOf(kind);
    page[at + 41] = ballot === undefined ? NO_BALLOT : jobs.indexOf(jobKey(ballot));
    page.writeUInt32LE(ballot?.index ?? 0, at + 42);
    page.set(ballot === undefined ? new Uint8Array(32) : fromHex(ballot.answer), at + 46);
    at += ROW_BYTES;
  }
  const lineages = heads.flatMap(({ ballot }, row) => {
    const keys = ballot?.lineage ?? NO_LINEAGE;
    return keys.length === 0 ? [] : [Uint8Array.of(row, keys.length), ...keys.map(fromHex)];
  });
  const body = concatBytes([page, ...lineages]);
  return concatBytes([sha256(body).subarray(0, SUM_BYTES), body]);
}

/** By row. */
function decodeLineages(page: Buffer, start: number): Map<number, readonly Hex[]> {
  const lineages = new Map<number, readonly Hex[]>();
  for (let at = start; at < page.length; ) {
    const [row, count] = [page[at]!, page[at + 1]!];
    const keyAt = (i: number): Hex => shared(page.toString('hex', at + 2 + 32 * i, at + 34 + 32 * i));
    lineages.set(
      row,
      Array.from({ length: count }, (_, i) => keyAt(i)),
    );
    at += 2 + 32 * count;
  }
  return lineages;
}

/** `heads`: from the beginning of a page on. */
export function pagesOf(heads: readonly Head[]): Uint8Array[] {
  const pages: Uint8Array[] = [];
  for (let at = 0; at < heads.length; at += HEADS_PER_PAGE)
    pages.push(encodeHeads(heads.slice(at, at + HEADS_PER_PAGE)));
  return pages;
}

/** `seq`: of the first head. Throws RangeError on bytes that are no page. */
export function decodeHeads(bytes: Uint8Array, seq: number): Head[] {
  const page = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(SUM_BYTES);
  if (!equalBytes(sha256(page).subarray(0, SUM_BYTES), bytes.subarray(0, SUM_BYTES))) {
    throw new RangeError('a page of the index is damaged');
  }
  const namesEnd = 4 + page.readUInt16LE(0);
  const rows = namesEnd + 64 * page[2]!;
  const count = page[3]!;
  const kinds = page.toString('utf8', 4, namesEnd).split('\n').map(shared);
  const jobs = Array.from({ length: page[2]! }, (_, i) =>
    shared(page.toString('hex', namesEnd + 64 * i, namesEnd + 64 * i + 32)),
  );
  const fingerprints = jobs.map((_, i) => shared(page.toString('hex', namesEnd + 64 * i + 32, namesEnd + 64 * i + 64)));
  const lineages = decodeLineages(page, rows + ROW_BYTES * count);
  return Array.from({ length: count }, (_, i) => {
    const at = rows + ROW_BYTES * i;
    const job = page[at + 41]!;
    return {
      id: page.toString('hex', at, at + 32),
      seq: seq + i,
      time: page.readDoubleLE(at + 32),
      kind: kinds[page[at + 40]!]!,
      ballot:
        job === NO_BALLOT
          ? undefined
          : {
              job: jobs[job]!,
              index: page.readUInt32LE(at + 42),
              fingerprint: fingerprints[job]!,
              answer: page.toString('hex', at + 46, at + 78),
              lineage: lineages.get(i) ?? NO_LINEAGE,
            },
    };
  });
}
