// The one decoder against the slow way to the same verdict, and against the table of docs/protocol.md by hand.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { decode, encode, equalBytes, fromHex, MalformedError, toHex } from '../../src/protocol/bytes.ts';
import { holds } from './support/property.ts';
import { referenceDecode, type Verdict } from './support/reference-decode.ts';
import { arbitraryCbor, arbitraryMutation, arbitraryValue, mutated } from './support/values.ts';

const BYTES_MAX = 1 << 20;

function verdictOf(bytes: Uint8Array, share = false): Verdict {
  try {
    return { value: decode(bytes, BYTES_MAX, { share }) };
  } catch (error) {
    if (error instanceof MalformedError) return { refused: error.message };
    throw error;
  }
}

/** Both refuse, or both find the same value, whose encoding these bytes are. */
function agree(bytes: Uint8Array): boolean {
  const [fast, shared, slow] = [verdictOf(bytes), verdictOf(bytes, true), referenceDecode(bytes)];
  if ('refused' in slow) return 'refused' in fast && 'refused' in shared;
  if ('refused' in fast || 'refused' in shared) return false;
  return [fast, shared].every(({ value }) => isDeepStrictEqual(value, slow.value) && equalBytes(encode(value), bytes));
}

t.test('values: what is encoded is decoded, by both to the same', async (t) => {
  const property = fc.property(arbitraryValue, (value) => {
    const bytes = encode(value);
    return agree(bytes) && 'value' in verdictOf(bytes);
  });
  await holds(t, 'accepted', property, 3000);
});

t.test('changed and cut bytes: the same verdict', async (t) => {
  const property = fc.property(
    arbitraryValue,
    fc.array(arbitraryMutation, { minLength: 1, maxLength: 3 }),
    (value, changes) => agree(changes.reduce(mutated, encode(value))),
  );
  await holds(t, 'no difference', property, 5000);
});

t.test('every place where the end may be missing: refused', async (t) => {
  const property = fc.property(arbitraryValue, (value) => {
    const bytes = encode(value);
    return Array.from(bytes, (_, i) => bytes.subarray(0, i)).every((cut) => 'refused' in verdictOf(cut));
  });
  await holds(t, 'cut short', property, 200);
});

t.test('bytes that look like CBOR: the same verdict, and some of each', async (t) => {
  const seen = { accepted: 0, refused: 0 };
  const property = fc.property(arbitraryCbor, (bytes) => {
    seen['value' in referenceDecode(bytes) ? 'accepted' : 'refused'] += 1;
    return agree(bytes);
  });
  await holds(t, 'no difference', property, 10_000);
  t.ok(seen.accepted > 1000 && seen.refused > 1000, `${seen.accepted} accepted, ${seen.refused} refused`);
});

t.test('any bytes at all: the same verdict', async (t) => {
  await holds(t, 'no difference', fc.property(fc.uint8Array({ maxLength: 12 }), agree), 10_000);
  const differing: string[] = [];
  for (let i = 0; i < 1 << 16; i += 1) {
    const two = Uint8Array.of(i >> 8, i & 255);
    if (!agree(two)) differing.push(toHex(two));
  }
  t.strictSame(differing, [], 'all of two bytes');
});

/** RFC 8949, appendix A, as far as it concerns us; what travels here and what does not is the table of docs/protocol.md. */
const TRAVELS: Record<string, unknown> = {
  '00': 0,
  '17': 23,
  '1818': 24,
  '1903e8': 1000,
  '1a000f4240': 1_000_000,
  '1b000000e8d4a51000': 1_000_000_000_000,
  '1b001fffffffffffff': Number.MAX_SAFE_INTEGER,
  '20': -1,
  '3863': -100,
  '3b001ffffffffffffe': Number.MIN_SAFE_INTEGER,
  fb3ff199999999999a: 1.1,
  fb7e37e43c8800759c: 1e300,
  fbc010666666666666: -4.1,
  fb4340000000000000: 2 ** 53,
  f4: false,
  f5: true,
  f6: null,
  '40': new Uint8Array(0),
  '4401020304': Uint8Array.of(1, 2, 3, 4),
  '60': '',
  '6449455446': 'IETF',
  '62225c': '"\\',
  '62c3bc': 'ü',
  '63e6b0b4': '水',
  '64f0908591': '\u{10151}',
  '6461efbbbf': 'a\ufeff',
  '80': [],
  '83010203': [1, 2, 3],
  '8301820203820405': [1, [2, 3], [4, 5]],
  a0: {},
  a26161016162820203: { a: 1, b: [2, 3] },
  a1600b: { '': 11 },
};

const REFUSED: Record<string, string> = {
  'a number in more bytes than it needs': '1817',
  'the same with two': '1900ff',
  'the same with four': '1a0000ffff',
  'the same with eight': '1b00000000ffffffff',
  'a length in more bytes than it needs': '5801ff',
  '2^53': '1b0020000000000000',
  '-2^53': '3b001fffffffffffff',
  '2^64 - 1': '1bffffffffffffffff',
  'a whole number as a float': 'fb3ff0000000000000',
  '0 as a float': 'fb0000000000000000',
  '-0': 'fb8000000000000000',
  'a float of 16 bits': 'f93e00',
  'a float of 32 bits': 'fa47c35000',
  NaN: 'fb7ff8000000000000',
  infinity: 'fb7ff0000000000000',
  '-infinity': 'fbfff0000000000000',
  undefined: 'f7',
  'another simple value': 'f0',
  'a simple value in two bytes': 'f814',
  'a date': 'c074323031332d30332d32315432303a30343a30305a',
  'a CID': 'd82a5825000155122001',
  'bytes of indefinite length': '5f42010243030405ff',
  'text of indefinite length': '7f657374726561646d696e67ff',
  'a list of indefinite length': '9fff',
  'a map of indefinite length': 'bf61610161629f0203ffff',
  'a break': 'ff',
  'a head that means nothing': '1c',
  'a surrogate': '63eda080',
  'an overlong form': '62c0af',
  'a byte order mark first': '64efbbbf61',
  'a key that is a number': 'a10102',
  'a key that is bytes': 'a1416101',
  'keys out of order': 'a2616201616101',
  'keys out of order in their first bytes, in order in the last': 'a262626101626162f4',
  'a longer key first': 'a262616101616201',
  'a key twice': 'a2616101616102',
  'a map that the encoder takes for a CID': 'a2612f0165627974657301',
  'two values': '0000',
  nothing: '',
};

t.test('by hand: what travels', async (t) => {
  for (const [hex, value] of Object.entries(TRAVELS)) {
    t.strictSame(decode(fromHex(hex), BYTES_MAX), value, hex);
    t.equal(toHex(encode(value)), hex, `${hex} is its encoding`);
  }
});

t.test('by hand: what is refused', async (t) => {
  for (const [what, hex] of Object.entries(REFUSED)) t.ok('refused' in verdictOf(fromHex(hex)), what);
});

t.test('keys are keys, whatever they are called', async (t) => {
  const bytes = encode(
    Object.fromEntries([
      ['constructor', 1],
      ['toString', 2],
      ['1', 3],
      ['hasOwnProperty', 4],
    ]),
  );
  t.ok(agree(bytes));
  const trap = decode(fromHex('a1695f5f70726f746f5f5fa16161f5'), BYTES_MAX) as Record<string, unknown>;
  t.strictSame(Object.keys(trap), ['__proto__'], '__proto__ is a key like any other');
  t.equal(trap.a, undefined);
  t.equal(Object.getPrototypeOf(trap), Object.prototype);
});

t.test('many different keys of one length still are themselves', async (t) => {
  const names = Array.from({ length: 5000 }, (_, i) => `k${String(i).padStart(5, '0')}`);
  for (const name of [...names, ...names]) {
    const value = decode(encode({ [name]: 1 }), BYTES_MAX);
    if (!isDeepStrictEqual(value, { [name]: 1 })) t.fail(name);
  }
});

t.test('shared or copied, as asked for', async (t) => {
  const bytes = new Uint8Array(Buffer.from(encode({ a: Uint8Array.of(1, 2, 3) })));
  const copied = decode(bytes, BYTES_MAX) as { a: Uint8Array };
  const shared = decode(bytes, BYTES_MAX, { share: true }) as { a: Uint8Array };
  bytes.fill(9);
  t.strictSame(copied.a, Uint8Array.of(1, 2, 3));
  t.strictSame(shared.a, Uint8Array.of(9, 9, 9));
  const ofBuffer = decode(Buffer.from(encode([new Uint8Array(70)])), BYTES_MAX) as [Uint8Array];
  t.equal(ofBuffer[0].constructor, Uint8Array, 'of a Buffer too');
  const viewOfBuffer = decode(Buffer.from(encode([new Uint8Array(70)])), BYTES_MAX, { share: true }) as [Uint8Array];
  t.equal(viewOfBuffer[0].constructor, Uint8Array);
});
