// Writes the one canonical encoding of a value in the subset of DAG-CBOR that travels here (cbor-reader.ts reads it).
// Specification: RFC 8949 §4.2.1 and the DAG-CBOR codec of IPLD; keys of maps: shorter ones first, then by bytes.
import { NESTING_MAX } from './limits.ts';
import { MalformedError } from './malformed.ts';

const UINT = 0 << 5;
const NEGATIVE = 1 << 5;
const BYTES = 2 << 5;
const TEXT = 3 << 5;
const LIST = 4 << 5;
const MAP = 5 << 5;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const FLOAT64 = 0xfb;

/** Texts that are copied unit by unit faster than they are handed to an encoder. */
const SHORT_TEXT = 64;
const LAST_ASCII = 0x7f;

let bytes = Buffer.allocUnsafeSlow(1 << 13);
let view = new DataView(bytes.buffer);
let at = 0;

/**
 * Throws TypeError on what has no encoding here: NaN, infinities, undefined, functions, symbols, bigints, objects that are
 * no plain ones; MalformedError on more than NESTING_MAX lists and maps inside each other. -0 is written as 0.
 */
export function writeCbor(value: unknown): Uint8Array {
  at = 0;
  write(value, 0);
  const written = new Uint8Array(at);
  written.set(bytes.subarray(0, at));
  return written;
}

function room(length: number): void {
  if (at + length <= bytes.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(2 * bytes.length, at + length));
  larger.set(bytes.subarray(0, at));
  bytes = larger;
  view = new DataView(bytes.buffer);
}

/** `depth`: lists and maps that are open around it. */
function write(value: unknown, depth: number): void {
  switch (typeof value) {
    case 'string':
      writeText(value);
      return;
    case 'number':
      writeNumber(value);
      return;
    case 'boolean':
      writeByte(value ? TRUE : FALSE);
      return;
    case 'object':
      if (value === null) writeByte(NULL);
      else writeObject(value, depth);
      return;
    default:
      throw new TypeError(`${typeof value} has no encoding`);
  }
}

function writeObject(value: object, depth: number): void {
  if (value instanceof Uint8Array) {
    writeHead(BYTES, value.length);
    room(value.length);
    bytes.set(value, at);
    at += value.length;
    return;
  }
  if (depth >= NESTING_MAX) throw new MalformedError(`more than ${NESTING_MAX} lists and maps inside each other`);
  if (Array.isArray(value)) {
    writeHead(LIST, value.length);
    for (let i = 0; i < value.length; i += 1) write(value[i], depth + 1);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('only plain objects have an encoding');
  const keys = Object.keys(value);
  if (!areInOrder(keys)) keys.sort(inOrder);
  writeHead(MAP, keys.length);
  for (const key of keys) {
    writeText(key);
    write((value as Record<string, unknown>)[key], depth + 1);
  }
}

/** What was decoded is, and need not be sorted again. */
function areInOrder(keys: readonly string[]): boolean {
  for (let i = 1; i < keys.length; i += 1) if (inOrder(keys[i - 1]!, keys[i]!) > 0) return false;
  return true;
}

/** Shorter encodings first, then by bytes. */
function inOrder(a: string, b: string): number {
  if (isAscii(a) && isAscii(b)) return a.length - b.length || (a < b ? -1 : Number(a > b));
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length - right.length || Buffer.compare(left, right);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > LAST_ASCII) return false;
  return true;
}

function writeByte(byte: number): void {
  room(1);
  bytes[at] = byte;
  at += 1;
}

/** A major type with its argument, as short as it can be. */
function writeHead(major: number, n: number): void {
  room(9);
  if (n < 24) {
    bytes[at] = major | n;
    at += 1;
  } else if (n < 0x100) {
    bytes[at] = major | 24;
    bytes[at + 1] = n;
    at += 2;
  } else if (n < 0x10000) {
    bytes[at] = major | 25;
    view.setUint16(at + 1, n);
    at += 3;
  } else if (n < 0x100000000) {
    bytes[at] = major | 26;
    view.setUint32(at + 1, n);
    at += 5;
  } else {
    bytes[at] = major | 27;
    view.setUint32(at + 1, Math.floor(n / 0x100000000));
    view.setUint32(at + 5, n % 0x100000000);
    at += 9;
  }
}

function writeNumber(value: number): void {
  if (Number.isSafeInteger(value)) {
    if (value >= 0) writeHead(UINT, value);
    else writeHead(NEGATIVE, -1 - value);
    return;
  }
  if (!Number.isFinite(value)) throw new TypeError(`${value} has no encoding`);
  room(9);
  bytes[at] = FLOAT64;
  view.setFloat64(at + 1, value);
  at += 9;
}

function writeText(text: string): void {
  const { length } = text;
  if (length <= SHORT_TEXT && isAscii(text)) {
    writeHead(TEXT, length);
    room(length);
    for (let i = 0; i < length; i += 1) bytes[at + i] = text.charCodeAt(i);
    at += length;
    return;
  }
  const encoded = Buffer.from(text);
  writeHead(TEXT, encoded.length);
  room(encoded.length);
  bytes.set(encoded, at);
  at += encoded.length;
}
