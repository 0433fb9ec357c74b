// The one encoder against the library's, and what it refuses.
import * as dagCbor from '@ipld/dag-cbor';
import fc from 'fast-check';
import t from 'tap';
import { encode, equalBytes, toHex } from '../../src/protocol/bytes.ts';
import { NESTING_MAX } from '../../src/protocol/limits.ts';
import { holds } from './support/property.ts';
import { arbitraryValue } from './support/values.ts';

/** Keys and texts of all lengths and scripts, which the sizes of heads and the order of keys depend on. */
const arbitraryText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 90 }),
  fc.nat({ max: 70_000 }).map((length) => 'é'.repeat(length % 700) + 'x'.repeat(length % 300)),
);
const arbitraryNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53, -(2 ** 53), 1e300, 5e-324),
  fc.constantFrom(-1, -24, -25, -256, -257, -65_536, -65_537, -(2 ** 32), -(2 ** 32) - 1),
);
const arbitraryAnything = fc.oneof(
  arbitraryValue,
  fc.array(arbitraryNumber, { maxLength: 40 }),
  fc.dictionary(arbitraryText, fc.oneof(arbitraryText, arbitraryNumber, fc.uint8Array({ maxLength: 300 })), {
    maxKeys: 40,
  }),
);

t.test('the same bytes as the library writes', async (t) => {
  const property = fc.property(arbitraryAnything, (value) => equalBytes(encode(value), dagCbor.encode(value)));
  await holds(t, 'no difference', property, 5000);
});

t.test('what was written stays as it is when something else is written', async (t) => {
  const first = encode(['one', 1]);
  const text = toHex(first);
  encode(['two', 2, 'x'.repeat(100_000)]);
  t.equal(toHex(first), text);
  t.equal(first.buffer.byteLength, first.length, 'and keeps nothing else alive');
});

t.test('what has no encoding is refused, and leaves nothing behind', async (t) => {
  const cases: unknown[] = [
    ...[Number.NaN, Number.POSITIVE_INFINITY, undefined, 10n, Symbol('x'), () => 1],
    ...[new Map(), new Date(0), /x/, { a: undefined }, [undefined]],
  ];
  for (const value of cases) t.throws(() => encode(['before', value]), TypeError, String(value));
  t.equal(toHex(encode(1)), '01');
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
  t.equal(encode(nested(NESTING_MAX)).length, NESTING_MAX + 1);
  t.throws(() => encode(nested(NESTING_MAX + 1)), { code: 'malformed' });
});
