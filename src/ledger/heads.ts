// What is kept in memory of every entry: enough to chain, compare and count it. Everything else is read from the disk
// when somebody asks for it, so that a million entries fit into a small machine.
import { type Hex, toHex } from '../protocol/bytes.ts';
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
  /** How many strategies it tried. */
  readonly trials: number;
  /** Members whose checkpoints the run went on from (V5). */
  readonly lineage: readonly Hex[];
}

export const NO_LINEAGE: readonly Hex[] = [];

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
  return {
    ...{ job: shared(toHex(result.job)), index: result.index, fingerprint },
    ...{ answer: answerKey(result), trials: result.trials.count, lineage },
  };
}

const texts = new Map<string, string>();
const TEXTS_MAX = 10_000;

/** One text in memory for the same job, however many results name it. */
export function shared(text: string): string {
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

  get trials(): number {
    return this.head.ballot!.trials;
  }

  get lineage(): readonly Hex[] {
    return this.head.ballot!.lineage;
  }

  get result(): Result {
    const reading = readEntry(this.#read(this.author, this.log, this.head.seq));
    return (reading as Reading & { kind: string }).data as Result;
  }
}
