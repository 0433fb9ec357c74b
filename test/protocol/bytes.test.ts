// Hexadecimal text and hashes.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { encode, fromHex, sha256, sha256Hex, toHex, utf8 } from '../../src/protocol/bytes.ts';
import { holds } from './support/property.ts';

t.test('hexadecimal text there and back', async (t) => {
  const property = fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat({ max: 5 }), (whole, from) => {
    const bytes = whole.subarray(Math.min(from, whole.length));
    const hex = toHex(bytes);
    return (
      hex === Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') && toHex(fromHex(hex)) === hex
    );
  });
  await holds(t, 'the same bytes', property, 500);
  t.equal(fromHex('00ff').constructor, Uint8Array);
});

t.test('what is no hexadecimal text of bytes is refused, never cut', async (t) => {
  for (const text of ['a', 'abc', 'AB', 'aG', 'g0', ' ab ', '0x', '/0', ':0', '`0', 'ab\u0130b', '\u{1f600}']) {
    t.throws(() => fromHex(text), RangeError, JSON.stringify(text));
  }
});

t.test('SHA-256', async (t) => {
  // FIPS 180-4, examples.
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  t.equal(toHex(sha256(utf8('abc'))), abc);
  t.equal(toHex(sha256(utf8('a'), utf8(''), utf8('bc'))), abc, 'in parts');
  t.equal(sha256Hex(utf8('abc')), abc);
  t.equal(toHex(sha256()), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'of nothing');
  t.equal(sha256(utf8('abc')).constructor, Uint8Array);
  const property = fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 }), (parts) => {
    const expected = createHash('sha256').update(Buffer.concat(parts)).digest('hex');
    return toHex(sha256(...parts)) === expected && sha256Hex(Buffer.concat(parts)) === expected;
  });
  await holds(t, 'parts are one after the other', property, 300);
});

t.test('what is encoded is no Buffer, short or long', async (t) => {
  for (const length of [0, 1, 30, 300, 5000])
    t.equal(encode(['x'.repeat(length), new Uint8Array(length)]).constructor, Uint8Array);
});
