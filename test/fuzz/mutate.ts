// Changes to bytes that were valid: small ones anywhere, lies about lengths, deep nesting, parts of other valid inputs.
import { concatBytes, utf8 } from '../../src/protocol/bytes.ts';
import type { Chance } from './chance.ts';

/** No input grows beyond this, so that time and memory are those of an input and not of a pile of them. */
const BYTES_MAX = 16 * 1024;

type Change = (bytes: Uint8Array, chance: Chance, others: readonly Uint8Array[]) => Uint8Array;

function replace(bytes: Uint8Array, at: number, gone: number, put: Uint8Array): Uint8Array {
  return concatBytes([bytes.subarray(0, at), put, bytes.subarray(Math.min(bytes.length, at + gone))]);
}

const place = (bytes: Uint8Array, chance: Chance): number => chance.below(bytes.length + 1);

const flipBit: Change = (bytes, chance) => {
  const changed = new Uint8Array(bytes);
  if (changed.length > 0) changed[chance.below(changed.length)]! ^= 1 << chance.below(8);
  return changed;
};

const setByte: Change = (bytes, chance) =>
  replace(bytes, place(bytes, chance), 1, Uint8Array.of(chance.pick([0, 1, 0x7f, 0x80, 0xff, chance.below(256)])));

const cutEnd: Change = (bytes, chance) => bytes.subarray(0, place(bytes, chance));

const cutOut: Change = (bytes, chance) =>
  replace(bytes, place(bytes, chance), 1 + chance.below(chance.pick([2, 16, 200])), new Uint8Array(0));

const repeat: Change = (bytes, chance) => {
  const from = place(bytes, chance);
  const part = bytes.subarray(from, from + 1 + chance.below(chance.pick([4, 40, 400])));
  return replace(bytes, place(bytes, chance), 0, concatBytes(Array(1 + chance.below(20)).fill(part)));
};

const splice: Change = (bytes, chance, others) => {
  const other = chance.pick(others);
  const from = place(other, chance);
  const part = other.subarray(from, from + 1 + chance.below(300));
  return replace(bytes, place(bytes, chance), chance.pick([0, part.length]), part);
};

/** A CBOR head of any type that says any size, put over what is there. */
const lie: Change = (bytes, chance) => {
  const width = chance.pick([1, 2, 4, 8]);
  const head = new Uint8Array(1 + width);
  head[0] = (chance.below(8) << 5) | (24 + Math.log2(width));
  for (let i = 1; i <= width; i += 1) head[i] = chance.pick([0, 1, 0x20, 0xff, chance.below(256)]);
  return replace(bytes, place(bytes, chance), chance.pick([0, 1, head.length]), head);
};

/** Four bytes as a little-endian length, as files of the engine have them. */
const lieLittle: Change = (bytes, chance) => {
  const size = chance.pick([0, 1, 0xff, 0xffff, 0x7fffffff, 0xffffffff, chance.next()]);
  const put = Uint8Array.of(size & 255, (size >>> 8) & 255, (size >>> 16) & 255, size >>> 24);
  return replace(bytes, chance.below(bytes.length) & ~3, 4, put);
};

const nest: Change = (bytes, chance) => {
  const opening = chance.pick([[0x81], [0xa1, 0x61, 0x61], [0x5b], [0x28], [0x7b, 0x22, 0x61, 0x22, 0x3a], [0x9f]]);
  const depth = chance.pick([2, 31, 32, 33, 1000, 10_000]);
  return replace(
    bytes,
    place(bytes, chance),
    0,
    Uint8Array.from({ length: opening.length * depth }, (_, i) => opening[i % opening.length]!),
  );
};

const WORDS = [
  ...[
    'null',
    'true',
    '-1',
    '1e400',
    '-0',
    '0.1',
    '9007199254740993',
    '1e308',
    'NaN',
    '""',
    '[]',
    '{}',
    ',',
    '\n',
    '\r\n',
  ],
  ...['"__proto__":{}', '\u0000', '\ufeff', '\ud800', '\u{1f600}', '/p2p/', '/tcp/99999', '2024-02-30 25:61:00'],
];

const putWord: Change = (bytes, chance) =>
  replace(bytes, place(bytes, chance), chance.below(8), utf8(chance.pick(WORDS)));

const CHANGES: readonly Change[] = [
  ...[flipBit, setByte, cutEnd, cutOut, repeat, splice, lie, lieLittle, nest, putWord],
  // The small ones leave most of an input valid, so what is behind the first checks is reached.
  ...[flipBit, flipBit, setByte, setByte, splice, cutOut],
];

/** One to four changes; one in sixteen is none at all. */
export function mutate(bytes: Uint8Array, chance: Chance, others: readonly Uint8Array[]): Uint8Array {
  let changed = bytes;
  for (let i = chance.below(16) === 0 ? 0 : 1 + chance.below(4); i > 0; i -= 1) {
    changed = chance.pick(CHANGES)(changed, chance, others).subarray(0, BYTES_MAX);
  }
  return changed;
}

/** A value with one place of it replaced by another value of any kind. */
export function mutateValue(value: unknown, chance: Chance): unknown {
  if (chance.below(5) === 0 || typeof value !== 'object' || value === null || value instanceof Uint8Array) {
    return oddValue(chance);
  }
  if (Array.isArray(value)) {
    const at = chance.below(value.length + 1);
    return value.toSpliced(at, 1, ...(chance.below(8) === 0 ? [] : [mutateValue(value[at], chance)]));
  }
  const pairs = Object.entries(value);
  const [key, old] = pairs[chance.below(pairs.length)] ?? ['', null];
  const others = pairs.filter(([other]) => other !== key || chance.below(8) === 0);
  if (chance.below(8) === 0) return Object.fromEntries(others);
  const name = chance.below(8) === 0 ? chance.pick(['', '/', 'bytes', 'constructor', 'extra', 'v', 'time']) : key;
  return Object.fromEntries([...others, [name, mutateValue(old, chance)]]);
}

function oddValue(chance: Chance): unknown {
  return chance.pick<unknown>([
    ...[null, true, false, 0, 1, -1, 1.5, -1e300, 5e-324, 2 ** 53, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
    ...[
      '',
      'a',
      '\ud83d\ude00'.repeat(30),
      'x'.repeat(300),
      '/ip4/1.2.3.4/tcp/1',
      '__proto__',
      [],
      {},
      [[]],
      { a: {} },
    ],
    ...[0, 1, 8, 16, 31, 32, 33, 64, 500].map((length) => new Uint8Array(length).fill(chance.below(256))),
    Array(chance.pick([17, 300])).fill(chance.below(3)),
  ]);
}
