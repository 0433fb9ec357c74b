// Numbers and times straight from the bytes of a file: a million rows without a million strings.
import { parseTextTime } from '../civil-time.ts';
import type { TimeUnit } from './report.ts';

const [ZERO, NINE, DOT, MINUS, SPACE, COLON, LETTER_T] = [48, 57, 46, 45, 32, 58, 84];
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
/** Powers of ten that a float64 holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const WHOLE_MAX = 9_007_199_254_740_991;

export function textOf(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]!);
  return text
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim();
}

/**
 * The number written in [from, to), NaN for none. Whole digits below 2⁵³ over a power of ten up to 10²² give the nearest
 * float64 by one division (Clinger, PLDI 1990); all else goes the long way.
 */
export function parseNumber(bytes: Uint8Array, from: number, to: number): number {
  const sign = bytes[from] === MINUS ? -1 : 1;
  const start = sign === -1 ? from + 1 : from;
  let digits = 0;
  let dot = to;
  for (let i = start; i < to; i++) {
    const byte = bytes[i]!;
    if (byte >= ZERO && byte <= NINE) digits = digits * 10 + (byte - ZERO);
    else if (byte === DOT && dot === to) dot = i;
    else return parseSlowly(bytes, from, to);
  }
  const decimals = Math.max(0, to - dot - 1);
  const isPlain = to - start > (dot < to ? 1 : 0) && digits <= WHOLE_MAX && decimals < POWERS.length;
  if (!isPlain) return parseSlowly(bytes, from, to);
  return digits === 0 ? 0 : (sign * digits) / POWERS[decimals]!;
}

function parseSlowly(bytes: Uint8Array, from: number, to: number): number {
  const text = textOf(bytes, from, to);
  if (!NUMBER.test(text)) return Number.NaN;
  const value = Number(text);
  return value === 0 ? 0 : value;
}

/** Sizes from which digits are of the next smaller unit: seconds end in the year 5138, microseconds begin in 1973. */
const [MILLISECONDS_FROM, MICROSECONDS_FROM, NANOSECONDS_FROM] = [1e11, 1e14, 1e17];

/** Reads the times of one file; remembers which units it met. */
export class TimeReader {
  readonly units = new Set<TimeUnit>();
  /** The last date read and its midnight: rows of one day follow one another. */
  #date = -1;
  #midnight = 0;

  /** Milliseconds since 1970 UTC, or NaN. */
  read(bytes: Uint8Array, from: number, to: number): number {
    const value = this.#readPlain(bytes, from, to);
    if (!Number.isNaN(value)) return value;
    const number = parseNumber(bytes, from, to);
    if (!Number.isNaN(number)) return this.#scale(number);
    const time = parseTextTime(textOf(bytes, from, to));
    if (time === undefined) return Number.NaN;
    this.units.add('text');
    return time;
  }

  #scale(number: number): number {
    const size = Math.abs(number);
    if (size < MILLISECONDS_FROM) return this.#as('seconds', number * 1000);
    if (size < MICROSECONDS_FROM) return this.#as('milliseconds', number);
    // A nanosecond stamp has more digits than a float64; what is lost is far below a millisecond.
    if (size >= NANOSECONDS_FROM) return this.#as('nanoseconds', Math.floor(number / 1e6 + 0.5));
    return this.#as('microseconds', number / 1000);
  }

  #as(unit: TimeUnit, ms: number): number {
    this.units.add(unit);
    return ms;
  }

  /** `YYYY-MM-DD HH:MM:SS`, by far the most common text; NaN for any other. */
  #readPlain(bytes: Uint8Array, from: number, to: number): number {
    if (to - from !== 19 || bytes[from + 4] !== MINUS || bytes[from + 7] !== MINUS) return Number.NaN;
    const separator = bytes[from + 10];
    if (separator !== SPACE && separator !== LETTER_T) return Number.NaN;
    if (bytes[from + 13] !== COLON || bytes[from + 16] !== COLON) return Number.NaN;
    const date = digitsOf(bytes, from, 4) * 10_000 + digitsOf(bytes, from + 5, 2) * 100 + digitsOf(bytes, from + 8, 2);
    if (date !== this.#date) {
      const midnight = parseTextTime(textOf(bytes, from, from + 10));
      if (midnight === undefined) return Number.NaN;
      this.#date = date;
      this.#midnight = midnight;
    }
    const hour = digitsOf(bytes, from + 11, 2);
    const minute = digitsOf(bytes, from + 14, 2);
    const second = digitsOf(bytes, from + 17, 2);
    if (!(hour < 24 && minute < 60 && second < 60)) return Number.NaN;
    return this.#as('text', this.#midnight + hour * 3_600_000 + minute * 60_000 + second * 1000);
  }
}

/** The number of `count` digits, NaN where one of them is none. */
function digitsOf(bytes: Uint8Array, from: number, count: number): number {
  let value = 0;
  for (let i = from; i < from + count; i++) {
    const byte = bytes[i]!;
    if (byte < ZERO || byte > NINE) return Number.NaN;
    value = value * 10 + (byte - ZERO);
  }
  return value;
}
