// Little-endian bytes, written and read in one place. Floats are canonical: one NaN, no negative zero.
import { InvalidInput } from './errors.ts';
import { toUtf8 } from './hash.ts';

export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Makes room and returns where it begins. May replace the buffer: call it before touching #bytes or #view. */
  #grow(more: number): number {
    const start = this.#length;
    this.#length += more;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return start;
  }

  u32(value: number): this {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  /** A float64; NaN as the quiet NaN 0x7ff8…0, −0 as 0. */
  f64(value: number): this {
    const at = this.#grow(8);
    if (Number.isNaN(value)) {
      this.#view.setUint32(at, 0, true);
      this.#view.setUint32(at + 4, 0x7ff80000, true);
    } else this.#view.setFloat64(at, value === 0 ? 0 : value, true);
    return this;
  }

  /** A number or null, told apart by one byte. */
  optional(value: number | null): this {
    this.u8(value === null ? 0 : 1);
    return this.f64(value ?? 0);
  }

  u8(value: number): this {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** UTF-8 with its length in bytes before it. */
  text(value: string): this {
    const bytes = toUtf8(value);
    return this.u32(bytes.length).raw(bytes);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/** Reads what ByteWriter wrote. Throws `truncated` past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;
  #at = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  get position(): number {
    return this.#at;
  }

  #step(size: number): number {
    const start = this.#at;
    if (start + size > this.#bytes.length) throw new InvalidInput('truncated', `${this.#what} ends too early`);
    this.#at = start + size;
    return start;
  }

  u8(): number {
    return this.#view.getUint8(this.#step(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#step(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#step(8), true);
  }

  optional(): number | null {
    const present = this.u8();
    const value = this.f64();
    return present === 0 ? null : value;
  }

  raw(size: number): Uint8Array {
    const start = this.#step(size);
    return this.#bytes.slice(start, start + size);
  }

  text(): string {
    return new TextDecoder('utf-8', { fatal: true }).decode(this.raw(this.u32()));
  }

  /** Throws `trailing_bytes` unless everything was read. */
  end(): void {
    if (this.#at !== this.#bytes.length) {
      throw new InvalidInput('trailing_bytes', `${this.#what} has ${this.#bytes.length - this.#at} bytes too many`);
    }
  }
}
