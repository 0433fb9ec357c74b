// The slow way to the same verdict, kept as a reference: the form without recursion, then DAG-CBOR as the library decodes
// it, then the library's encoding of that, which must give the same bytes.
import * as dagCbor from '@ipld/dag-cbor';
import { equalBytes } from '../../../src/protocol/bytes.ts';
import { NESTING_MAX } from '../../../src/protocol/limits.ts';

export type Verdict = { value: unknown } | { refused: string };

export function referenceDecode(bytes: Uint8Array): Verdict {
  const fault = findFormFault(bytes);
  if (fault !== undefined) return { refused: fault };
  try {
    const value: unknown = dagCbor.decode(bytes);
    return equalBytes(dagCbor.encode(value), bytes) ? { value } : { refused: 'it encodes to other bytes' };
  } catch (error) {
    // What cannot be encoded again is no encoding of anything: a map that looks like a CID to the library.
    return { refused: (error as Error).message };
  }
}
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const LIST = 4;
const MAP = 5;
const TAG = 6;
const SIMPLE = 7;
/** One-byte simple values: false, true, null. */
const SIMPLE_MINORS = [20, 21, 22];
const FLOAT64_MINOR = 27;

interface Head {
  major: number;
  /** The number itself, or the length of what follows. */
  value: number;
  next: number;
}

/** What is wrong with the form, or undefined. Does not look at text, order of keys or values of floats. */
function findFormFault(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Items still to come in each list or map that is open. */
  const open: number[] = [];
  let at = 0;
  do {
    const head = readHead(view, at);
    if (typeof head === 'string') return head;
    at = head.next + followingBytes(head);
    if (at > bytes.length) return 'cut short';
    countItem(open, head);
    if (open.length > NESTING_MAX) return `more than ${NESTING_MAX} lists and maps inside each other`;
    while (open.at(-1) === 0) open.pop();
  } while (open.length > 0);
  return at === bytes.length ? undefined : 'bytes follow the value';
}

/** Bytes and text bring as many as they say; a float's eight are skipped like those of a text. */
function followingBytes({ major, value }: Head): number {
  return major === BYTES || major === TEXT || major === SIMPLE ? value : 0;
}

/** One item less to come where it stands, as many more as it holds. */
function countItem(open: number[], { major, value }: Head): void {
  if (open.length > 0) open[open.length - 1]! -= 1;
  if (major === LIST) open.push(value);
  if (major === MAP) open.push(2 * value);
}

function readHead(view: DataView, at: number): Head | string {
  if (at >= view.byteLength) return 'cut short';
  const major = view.getUint8(at) >> 5;
  const minor = view.getUint8(at) & 31;
  if (major === TAG) return 'a tag';
  if (major === SIMPLE) return readSimple(minor, at);
  if (minor < 24) return { major, value: minor, next: at + 1 };
  if (minor > 27) return 'an indefinite length';
  const width = 1 << (minor - 24);
  if (at + 1 + width > view.byteLength) return 'cut short';
  const value = readUint(view, at + 1, width);
  if (value < (width === 1 ? 24 : 2 ** (width * 4))) return 'a number or length is not as short as it can be';
  if (value > (major === NEGATIVE ? Number.MAX_SAFE_INTEGER - 1 : Number.MAX_SAFE_INTEGER)) {
    return 'a whole number beyond 2^53 - 1';
  }
  return { major, value, next: at + 1 + width };
}

function readSimple(minor: number, at: number): Head | string {
  if (minor === FLOAT64_MINOR) return { major: SIMPLE, value: 8, next: at + 1 };
  return SIMPLE_MINORS.includes(minor) ? { major: SIMPLE, value: 0, next: at + 1 } : 'an unknown simple value';
}

function readUint(view: DataView, at: number, width: number): number {
  if (width === 1) return view.getUint8(at);
  if (width === 2) return view.getUint16(at);
  if (width === 4) return view.getUint32(at);
  return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
}
