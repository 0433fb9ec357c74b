// Values that can travel, and bytes that nearly can.
import fc from 'fast-check';
import { concatBytes, utf8 } from '../../../src/protocol/bytes.ts';

/** Names that a language or a library may take for something else, lengths around each width of a head, other scripts. */
const arbitraryKey = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'grapheme', maxLength: 10 }),
  fc.constantFrom('', '/', 'bytes', '__proto__', 'constructor', 'toString', 'asCID', 'length', '1', '10', '9'),
  fc.constantFrom(...[23, 24, 25, 255, 256].map((length) => 'k'.repeat(length))),
);

export const arbitraryValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.constantFrom(23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, -24, -25, -256, -257, -(2 ** 32) - 1),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
    fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.startsWith('\ufeff')),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(arbitraryKey, tie('value'), { maxKeys: 6, noNullPrototype: true }).filter(isNoLink),
  ),
})).value;

/** The encoder takes a map whose `/` and `bytes` are the same for a link and fails. */
function isNoLink(map: Record<string, unknown>): boolean {
  return map['/'] === undefined || map['/'] === null || map['/'] !== map.bytes;
}

const head = (major: number, size: number | bigint, width: number): Uint8Array => {
  if (width === 0) return Uint8Array.of((major << 5) | (Number(size) % 24));
  const bytes = new Uint8Array(1 + width);
  bytes[0] = (major << 5) | (24 + Math.log2(width));
  for (let i = 0; i < width; i += 1) bytes[width - i] = Number((BigInt(size) >> BigInt(8 * i)) & 255n);
  return bytes;
};

/** The shortest head, or now and then a longer one. */
const arbitraryHead = (major: number, size: number | bigint): fc.Arbitrary<Uint8Array> => {
  const widths = [0, 1, 2, 4, 8].filter((width) => BigInt(size) < (width === 0 ? 24n : 1n << BigInt(8 * width)));
  return fc
    .tuple(fc.nat({ max: 30 }), fc.constantFrom(...widths))
    .map(([chance, other]) => head(major, size, chance === 0 ? other : widths[0]!));
};

const arbitraryWhole = fc.oneof(
  fc.nat({ max: 300 }).map(BigInt),
  fc.maxSafeNat().map(BigInt),
  fc.bigInt({ min: (1n << 53n) - 3n, max: (1n << 53n) + 3n }),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
);

const arbitraryFloat = fc
  .oneof(fc.double(), fc.constantFrom(0, -0, 1, 1.5, 2 ** 53, -(2 ** 53), Number.NaN, Number.POSITIVE_INFINITY))
  .map((value) => {
    const bytes = new Uint8Array(9);
    bytes[0] = 0xfb;
    new DataView(bytes.buffer).setFloat64(1, value);
    return bytes;
  });

const arbitraryText = fc
  .oneof(
    arbitraryKey.map(utf8),
    fc.string({ unit: 'binary', maxLength: 30 }).map(utf8),
    fc.uint8Array({ maxLength: 6 }),
    fc.constantFrom('\ufeff', '\ufeffa', 'a\ufeff').map(utf8),
    // A surrogate, an overlong slash, a character beyond the last one, one that is cut off.
    fc
      .constantFrom([0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82])
      .map((b) => new Uint8Array(b)),
  )
  .chain((text) => arbitraryHead(3, text.length).map((start) => concatBytes([start, text])));

/** Bytes that look like CBOR down to the last item, canonical in most places and wrong in some. */
export const arbitraryCbor: fc.Arbitrary<Uint8Array> = fc.letrec<{ item: Uint8Array }>((tie) => ({
  item: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    arbitraryWhole.chain((size) => arbitraryHead(0, size)),
    arbitraryWhole.chain((size) => arbitraryHead(1, size)),
    arbitraryFloat,
    arbitraryText,
    fc
      .constantFrom(0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xe0, 0xff, 0x5f, 0x9f, 0xbf, 0x1c)
      .map((byte) => Uint8Array.of(byte)),
    fc.constantFrom('f97e00', 'fa3fc00000', 'd82a4100', 'c100').map((hex) => new Uint8Array(Buffer.from(hex, 'hex'))),
    fc.uint8Array({ maxLength: 20 }).chain((b) => arbitraryHead(2, b.length).map((h) => concatBytes([h, b]))),
    fc.array(tie('item'), { maxLength: 4 }).chain((items) => lengthened(4, items, items.length)),
    fc
      .array(fc.tuple(arbitraryText, tie('item')), { maxLength: 4 })
      .chain((pairs) => fc.boolean().map((isSorted) => (isSorted ? pairs.toSorted(byKey) : pairs)))
      .chain((pairs) => lengthened(5, pairs.flat(), pairs.length)),
  ),
})).item;

function byKey([a]: [Uint8Array, Uint8Array], [b]: [Uint8Array, Uint8Array]): number {
  return a.length - b.length || Buffer.compare(a, b);
}

function lengthened(major: number, items: Uint8Array[], count: number): fc.Arbitrary<Uint8Array> {
  return arbitraryHead(major, count).map((start) => concatBytes([start, ...items]));
}

/** One small change somewhere: a bit, a byte, something cut out, something put in, the end cut off. */
export function mutated(bytes: Uint8Array, { how, at, byte }: Mutation): Uint8Array {
  const place = Math.floor(at * bytes.length);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (how) {
    case 'bit':
      return concatBytes([before, after.subarray(0, 1).map((old) => old ^ (1 << (byte & 7))), after.subarray(1)]);
    case 'byte':
      return concatBytes([before, Uint8Array.of(byte), after.subarray(1)]);
    case 'out':
      return concatBytes([before, after.subarray(1 + (byte & 7))]);
    case 'in':
      return concatBytes([before, Uint8Array.of(byte), after]);
    case 'cut':
      return before;
  }
}

export interface Mutation {
  how: 'bit' | 'byte' | 'out' | 'in' | 'cut';
  /** Where, from 0 to below 1. */
  at: number;
  byte: number;
}

export const arbitraryMutation: fc.Arbitrary<Mutation> = fc.record({
  how: fc.constantFrom('bit', 'byte', 'out', 'in', 'cut'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  byte: fc.nat({ max: 255 }),
});
