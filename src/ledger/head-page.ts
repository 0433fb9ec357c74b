// A page of the index: the heads of up to HEADS_PER_PAGE entries of one log, in the bytes in which they are stored and
// kept in memory. Objects are made only of the heads that somebody asks for.
import { concatBytes, equalBytes, fromHex, type Hex, sha256 } from '../protocol/bytes.ts';
import { type Ballot, type Head, NO_LINEAGE, shared } from './heads.ts';

/** Heads that are stored together. A power of two. */
export const HEADS_PER_PAGE = 64;

/** Where on its page the head of a place is. */
export const rowOf = (seq: number): number => seq % HEADS_PER_PAGE;

const NO_BALLOT = 0xff;
const TIME_AT = 32;
const KIND_AT = 40;
const JOB_AT = 41;
const INDEX_AT = 42;
const TRIALS_AT = 46;
const ANSWER_AT = 54;
const ROW_BYTES = 86;

/** First bytes of the hash of all that follows them on a page. */
const SUM_BYTES = 8;

/** What the ballots of a page are for, and with which engine they were made. */
export type BallotJob = Pick<Ballot, 'job' | 'fingerprint'>;

/** What the rows of a page name by number. Pages that name the same share it. */
export interface Names {
  kinds: readonly string[];
  jobs: readonly BallotJob[];
}

/**
 * One page: its sum, kinds and jobs that its rows name by number (one byte does), then the rows (id, time, kind, job,
 * index, trials, answer), then the lineages: of each ballot that has one the number of its row, how many keys, and the
 * keys.
 */
export function encodeHeads(heads: readonly Head[]): Uint8Array {
  const kinds = [...new Set(heads.map(({ kind }) => kind))];
  const jobKey = ({ job, fingerprint }: BallotJob): string => job + fingerprint;
  const jobs = [...new Set(heads.flatMap(({ ballot }) => (ballot === undefined ? [] : jobKey(ballot))))];
  const names = Buffer.from(kinds.map((kind) => `${kind}\n`).join(''));
  const page = Buffer.alloc(SUM_BYTES + 4 + names.length + 64 * jobs.length + ROW_BYTES * heads.length);
  page.writeUInt16LE(names.length, SUM_BYTES);
  page[SUM_BYTES + 2] = jobs.length;
  page[SUM_BYTES + 3] = heads.length;
  names.copy(page, SUM_BYTES + 4);
  let at = SUM_BYTES + 4 + names.length;
  for (const job of jobs) at += page.write(job, at, 'hex');
  for (const { id, time, kind, ballot } of heads) {
    page.write(id, at, 'hex');
    page.writeDoubleLE(time, at + TIME_AT);
    page[at + KIND_AT] = kinds.indexOf(kind);
    page[at + JOB_AT] = ballot === undefined ? NO_BALLOT : jobs.indexOf(jobKey(ballot));
    if (ballot !== undefined) {
      page.writeUInt32LE(ballot.index, at + INDEX_AT);
      page.writeDoubleLE(ballot.trials, at + TRIALS_AT);
      page.write(ballot.answer, at + ANSWER_AT, 'hex');
    }
    at += ROW_BYTES;
  }
  const lineages = heads.flatMap(({ ballot }, row) => {
    const keys = ballot?.lineage ?? NO_LINEAGE;
    return keys.length === 0 ? [] : [Uint8Array.of(row, keys.length), ...keys.map(fromHex)];
  });
  const whole = lineages.length === 0 ? page : concatBytes([page, ...lineages]);
  whole.set(sha256(whole.subarray(SUM_BYTES)).subarray(0, SUM_BYTES));
  return whole;
}

/** `heads`: from the beginning of a page on. */
export function pagesOf(heads: readonly Head[]): Uint8Array[] {
  const pages: Uint8Array[] = [];
  for (let at = 0; at < heads.length; at += HEADS_PER_PAGE) {
    pages.push(encodeHeads(heads.slice(at, at + HEADS_PER_PAGE)));
  }
  return pages;
}

const knownNames = new Map<string, Names>();
const NAMES_MAX = 1000;

function namesOf(page: Buffer, namesEnd: number, rows: number): Names {
  const key = page.toString('latin1', SUM_BYTES + 4, rows);
  const known = knownNames.get(key);
  if (known !== undefined) return known;
  const textAt = (at: number): Hex => shared(page.toString('hex', at, at + 32));
  const names: Names = {
    kinds: page
      .toString('utf8', SUM_BYTES + 4, namesEnd)
      .split('\n')
      .slice(0, -1)
      .map(shared),
    jobs: Array.from({ length: (rows - namesEnd) / 64 }, (_, i) => ({
      job: textAt(namesEnd + 64 * i),
      fingerprint: textAt(namesEnd + 64 * i + 32),
    })),
  };
  if (knownNames.size >= NAMES_MAX) knownNames.clear();
  knownNames.set(key, names);
  return names;
}

export class HeadPage {
  /** As it is stored. */
  readonly bytes: Uint8Array;
  readonly names: Names;
  readonly count: number;
  readonly #page: Buffer;
  readonly #rows: number;
  /** By row; undefined where no ballot has any. */
  readonly #lineages: ReadonlyMap<number, readonly Hex[]> | undefined;

  /** Throws RangeError on bytes that are no page. */
  constructor(bytes: Uint8Array) {
    const page = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!equalBytes(sha256(page.subarray(SUM_BYTES)).subarray(0, SUM_BYTES), page.subarray(0, SUM_BYTES))) {
      throw new RangeError('a page of the index is damaged');
    }
    const namesEnd = SUM_BYTES + 4 + page.readUInt16LE(SUM_BYTES);
    this.bytes = bytes;
    this.#page = page;
    this.count = page[SUM_BYTES + 3]!;
    this.#rows = namesEnd + 64 * page[SUM_BYTES + 2]!;
    const end = this.#rows + ROW_BYTES * this.count;
    if (end > page.length) throw new RangeError('a page of the index is cut short');
    this.names = namesOf(page, namesEnd, this.#rows);
    for (let row = 0; row < this.count; row += 1) {
      const isNamed = this.kindNumber(row) < this.names.kinds.length && (this.job(row) ?? -1) < this.names.jobs.length;
      if (!isNamed) throw new RangeError('a row of the index names what its page does not');
    }
    this.#lineages = end === page.length ? undefined : decodeLineages(page, end);
  }

  /** Which of the kinds that the page names. */
  kindNumber(row: number): number {
    return this.#page[this.#at(row) + KIND_AT]!;
  }

  kind(row: number): string {
    return this.names.kinds[this.kindNumber(row)]!;
  }

  /** Which of the jobs that the page names, undefined where there is no ballot. */
  job(row: number): number | undefined {
    const job = this.#page[this.#at(row) + JOB_AT]!;
    return job === NO_BALLOT ? undefined : job;
  }

  id(row: number): Hex {
    const at = this.#at(row);
    return this.#page.toString('hex', at, at + 32);
  }

  /** The first 8 digits of the id. */
  idStart(row: number): number {
    return this.#page.readUInt32BE(this.#at(row));
  }

  time(row: number): number {
    return this.#page.readDoubleLE(this.#at(row) + TIME_AT);
  }

  index(row: number): number {
    return this.#page.readUInt32LE(this.#at(row) + INDEX_AT);
  }

  trials(row: number): number {
    return this.#page.readDoubleLE(this.#at(row) + TRIALS_AT);
  }

  /** Whether two rows, both with a ballot, give the same answer. */
  isSameAnswer(row: number, other: HeadPage, otherRow: number): boolean {
    const [at, otherAt] = [this.#at(row) + ANSWER_AT, other.#at(otherRow) + ANSWER_AT];
    return this.#page.compare(other.#page, otherAt, otherAt + 32, at, at + 32) === 0;
  }

  lineage(row: number): readonly Hex[] {
    return this.#lineages?.get(row) ?? NO_LINEAGE;
  }

  /** `seq`: of the first row. */
  head(row: number, seq: number): Head {
    return { id: this.id(row), seq: seq + row, time: this.time(row), kind: this.kind(row), ballot: this.#ballot(row) };
  }

  heads(seq: number): Head[] {
    return Array.from({ length: this.count }, (_, row) => this.head(row, seq));
  }

  #ballot(row: number): Ballot | undefined {
    const job = this.job(row);
    if (job === undefined) return undefined;
    const at = this.#at(row) + ANSWER_AT;
    return {
      job: this.names.jobs[job]!.job,
      index: this.index(row),
      fingerprint: this.names.jobs[job]!.fingerprint,
      answer: this.#page.toString('hex', at, at + 32),
      trials: this.trials(row),
      lineage: this.lineage(row),
    };
  }

  #at(row: number): number {
    return this.#rows + ROW_BYTES * row;
  }
}

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
