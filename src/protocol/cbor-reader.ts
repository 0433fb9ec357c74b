// Reads the subset of DAG-CBOR that travels here, and refuses while it reads whatever is not the one canonical encoding
// of a value, so that nothing has to be encoded again to know: null, booleans, whole numbers that a double holds exactly,
// other finite numbers as 64-bit floats, bytes, text, lists and maps with their keys in order; no tags (hence no CIDs), no
// indefinite lengths, every head as short as it can be, at most NESTING_MAX lists and maps inside each other.
import { NESTING_MAX } from './limits.ts';
import { MalformedError } from './malformed.ts';
import { notesOn } from './note.ts';

const UINT = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const LIST = 4;
const MAP = 5;
const TAG = 6;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const FLOAT64 = 0xfb;

/** Bytes that are read one by one faster than they are handed to a decoder. */
const SHORT_TEXT = 24;
/** Unlike Node's own, it says what is not UTF-8, and keeps a byte order mark for us to refuse. */
const strictText = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BYTE_ORDER_MARK = 0xfeff;

/** Keys that were read lately, by hash: the same few come again and again, and making a text costs more than finding it. */
const KEYS = 1 << 10;
const knownKeys: string[] = Array.from({ length: KEYS }, () => '');

/** A body is a list, and what it says is a map in it. */
const BODY_MAP_DEPTH = 2;
const readFrom = notesOn<readonly unknown[], Uint8Array>();

/** The bytes that a list in the map of a body was read from; undefined of any other. What was read may not be changed. */
export function bytesReadFrom(list: readonly unknown[]): Uint8Array | undefined {
  return readFrom.get(list);
}

/**
 * The value that these bytes, no Buffer, are the canonical encoding of. `share`: byte strings in it are views of `bytes`,
 * not copies. Throws MalformedError that says what is wrong.
 */
export function readCbor(bytes: Uint8Array, { share }: { share: boolean }): unknown {
  return new Reader(bytes, share).readAll();
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #share: boolean;
  #at = 0;

  constructor(bytes: Uint8Array, share: boolean) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#share = share;
  }

  readAll(): unknown {
    const value = this.#value(0);
    if (this.#at !== this.#bytes.length) throw refusal('bytes follow the value');
    return value;
  }

  /** `depth`: lists and maps that are open around it. */
  #value(depth: number): unknown {
    const head = this.#byte();
    switch (head >> 5) {
      case UINT:
        return this.#size(head);
      case NEGATIVE:
        return this.#negative(head);
      case BYTES:
        return this.#byteString(head);
      case TEXT:
        return this.#text(head);
      case LIST:
        return this.#list(head, depth + 1);
      case MAP:
        return this.#map(head, depth + 1);
      case TAG:
        throw refusal('a tag');
      default:
        return this.#simple(head);
    }
  }

  #byte(): number {
    if (this.#at >= this.#bytes.length) throw refusal('cut short');
    const byte = this.#bytes[this.#at]!;
    this.#at += 1;
    return byte;
  }

  /** The number that a head says or the length of what follows it. */
  #size(head: number): number {
    const minor = head & 31;
    if (minor < 24) return minor;
    if (minor > 27) throw refusal('an indefinite length');
    const width = 1 << (minor - 24);
    const at = this.#take(width);
    const size = this.#uint(at, width);
    if (size < (width === 1 ? 24 : 2 ** (width * 4))) throw refusal('a number or length is not as short as it can be');
    if (size > Number.MAX_SAFE_INTEGER) throw refusal('a whole number beyond 2^53 - 1');
    return size;
  }

  #uint(at: number, width: number): number {
    if (width === 1) return this.#bytes[at]!;
    if (width === 2) return this.#view.getUint16(at);
    if (width === 4) return this.#view.getUint32(at);
    return this.#view.getUint32(at) * 2 ** 32 + this.#view.getUint32(at + 4);
  }

  /** Goes on over `length` bytes and returns where they start. */
  #take(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) throw refusal('cut short');
    this.#at = at + length;
    return at;
  }

  #negative(head: number): number {
    const size = this.#size(head);
    if (size === Number.MAX_SAFE_INTEGER) throw refusal('a whole number beyond 2^53 - 1');
    return -1 - size;
  }

  #simple(head: number): unknown {
    if (head === FLOAT64) return this.#float();
    if (head === NULL) return null;
    if (head === TRUE) return true;
    if (head === FALSE) return false;
    throw refusal('an unknown simple value');
  }

  #float(): number {
    const value = this.#view.getFloat64(this.#take(8));
    if (!Number.isFinite(value)) throw refusal('NaN or an infinity');
    if (Number.isSafeInteger(value)) throw refusal('a whole number as a float');
    return value;
  }

  #byteString(head: number): Uint8Array {
    const length = this.#size(head);
    const at = this.#take(length);
    return this.#share ? this.#bytes.subarray(at, at + length) : this.#bytes.slice(at, at + length);
  }

  #text(head: number): string {
    const length = this.#size(head);
    const at = this.#take(length);
    return length > SHORT_TEXT ? this.#longText(at, length) : this.#shortText(at, length);
  }

  #shortText(at: number, length: number): string {
    let text = '';
    for (let i = at; i < at + length; i += 1) {
      const byte = this.#bytes[i]!;
      if (byte > 127) return this.#longText(at, length);
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #longText(at: number, length: number): string {
    let text: string;
    try {
      text = strictText.decode(this.#bytes.subarray(at, at + length));
    } catch {
      throw refusal('text that is not UTF-8');
    }
    if (text.charCodeAt(0) === BYTE_ORDER_MARK) throw refusal('text that begins with a byte order mark');
    return text;
  }

  #list(head: number, depth: number): unknown[] {
    const length = this.#size(head);
    assertDepth(depth);
    const list: unknown[] = [];
    for (let i = 0; i < length; i += 1) list.push(this.#value(depth));
    return list;
  }

  #map(head: number, depth: number): Record<string, unknown> {
    const size = this.#size(head);
    assertDepth(depth);
    const map: Record<string, unknown> = {};
    let [before, lengthBefore] = [0, -1];
    for (let i = 0; i < size; i += 1) {
      const length = this.#keyLength();
      const at = this.#take(length);
      if (length < lengthBefore || (length === lengthBefore && !this.#isBelow(before, at, length))) {
        throw refusal('keys of a map are not in order, or one comes twice');
      }
      before = at;
      lengthBefore = length;
      const key = length > SHORT_TEXT ? this.#longText(at, length) : this.#key(at, length);
      const start = this.#at;
      const value = this.#value(depth);
      if (depth === BODY_MAP_DEPTH && Array.isArray(value)) readFrom.set(value, this.#bytes.subarray(start, this.#at));
      put(map, key, value);
    }
    if (isLikeCid(map)) throw refusal('a map that the encoder takes for a CID');
    return map;
  }

  #keyLength(): number {
    const head = this.#byte();
    if (head >> 5 !== TEXT) throw refusal('a key that is no text');
    return this.#size(head);
  }

  /** Whether `length` bytes at `a` are below those at `b`. */
  #isBelow(a: number, b: number, length: number): boolean {
    const bytes = this.#bytes;
    for (let i = 0; i < length; i += 1) {
      const difference = bytes[a + i]! - bytes[b + i]!;
      if (difference !== 0) return difference < 0;
    }
    return false;
  }

  #key(at: number, length: number): string {
    const bytes = this.#bytes;
    let place = length;
    for (let i = at; i < at + length; i += 1) place = (place * 31 + bytes[i]!) & (KEYS - 1);
    const known = knownKeys[place]!;
    if (known.length === length && this.#isAscii(known, at)) return known;
    const key = this.#shortText(at, length);
    knownKeys[place] = key;
    return key;
  }

  /** Whether a text stands at `at`, one byte for each character. */
  #isAscii(text: string, at: number): boolean {
    for (let i = 0; i < text.length; i += 1) {
      const byte = this.#bytes[at + i]!;
      if (byte > 127 || byte !== text.charCodeAt(i)) return false;
    }
    return true;
  }
}

/** As a property of its own, whatever its name. */
function put(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(map, key, { value, configurable: true, enumerable: true, writable: true });
  } else map[key] = value;
}

/** The encoder knows a CID by its `/` and `bytes` being the same, and could not encode such a map. */
function isLikeCid(map: Record<string, unknown>): boolean {
  const slash = map['/'];
  return slash !== undefined && slash !== null && slash === map.bytes;
}

function assertDepth(depth: number): void {
  if (depth > NESTING_MAX) throw refusal(`more than ${NESTING_MAX} lists and maps inside each other`);
}

function refusal(why: string): MalformedError {
  return new MalformedError(`not canonical: ${why}`);
}
