// One source of chance: xoshiro128** 1.1 (Blackman & Vigna, "Scrambled linear pseudorandom number generators", ACM
// TOMS 47(4), 2021), 32-bit integers only. A stream's state is a SHA-256 of its key, so streams are named by what they
// are for (task, generation, individual), never by thread or order.
import { ByteReader } from './bytes.ts';
import { hashWithDomain, toUtf8 } from './hash.ts';

const rotate = (value: number, by: number) => (value << by) | (value >>> (32 - by));

export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Four 32-bit words, not all zero. */
  constructor(a: number, b: number, c: number, d: number) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#d = d | 0;
  }

  /** Uniform in 0 … 2³²−1. */
  next(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = rotate(this.#d, 11);
    return result;
  }

  /** Uniform in 0 … bound−1 for 1 ≤ bound ≤ 2³², without bias: draws that fall in the incomplete last part are redone. */
  below(bound: number): number {
    const limit = 4_294_967_296 - (4_294_967_296 % bound);
    let draw = this.next();
    while (draw >= limit) draw = this.next();
    return draw % bound;
  }

  /** Uniform in [0, 1), a multiple of 2⁻³². */
  unit(): number {
    return this.next() / 4_294_967_296;
  }

  /** True with probability `share`. */
  chance(share: number): boolean {
    return this.unit() < share;
  }

  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

/** Four 32-bit words named by `seed` and `key`. */
function wordsOf(seed: Uint8Array, key: readonly (string | number)[]): [number, number, number, number] {
  const words = new ByteReader(
    hashWithDomain('stratmesh/engine/stream/1', seed, toUtf8(JSON.stringify(key))),
    'stream',
  );
  return [words.u32(), words.u32(), words.u32(), words.u32()];
}

// All four words of a state are zero with probability 2⁻¹²⁸; the generator would then stand still, hence the `| 1`.

/** The stream named by `seed` and `key`. */
export function openStream(seed: Uint8Array, ...key: (string | number)[]): RandomStream {
  const [a, b, c, d] = wordsOf(seed, key);
  return new RandomStream(a, b, c, d | 1);
}

/** MurmurHash3's finaliser (Appleby, public domain): a permutation of 32 bits in which every bit reaches every other. */
function scatter(x: number): number {
  let h = x ^ (x >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** 2³² divided by the golden ratio, odd: multiples of it are spread evenly (Weyl sequence). */
const GOLDEN = 0x9e3779b9;

/**
 * A family of streams named by `seed` and `key`, one for each whole number from 0 to 2³²−1: one hash for all of them.
 * Streams of one family differ in every word of their first state.
 */
export function openStreams(seed: Uint8Array, ...key: (string | number)[]): (index: number) => RandomStream {
  const [a, b, c, d] = wordsOf(seed, key);
  return (index) => {
    const step = Math.imul(index, GOLDEN);
    return new RandomStream(
      scatter((a + step) | 0),
      scatter((b + step) | 0),
      scatter((c + step) | 0),
      scatter((d + step) | 0) | 1,
    );
  };
}
