// The form of an entry: what is one, what is none and why, and that no byte of it can change.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import {
  concatBytes,
  decode,
  encode,
  fromHex,
  hashOfList,
  MalformedError,
  sha256,
  toHex,
} from '../../src/protocol/bytes.ts';
import {
  decodeEntry,
  type Entry,
  NewerEntryError,
  NOTHING,
  packSignatures,
  signEntry,
  unitId,
  verifyEntry,
  verifyPacked,
} from '../../src/protocol/entry.ts';
import { createSigner } from '../../src/protocol/keys.ts';
import { KINDS } from '../../src/protocol/kinds.ts';
import { ENTRY_BYTES_MAX, NESTING_MAX } from '../../src/protocol/limits.ts';
import { holds } from './support/property.ts';
import { arbitraryValue } from './support/values.ts';

interface Vectors {
  seed: string;
  publicKey: string;
  unitOfGenesis7: string;
  valid: { name: string; block: string; id: string }[];
  invalid: { name: string; block: string; code: string }[];
}

const vectors = JSON.parse(readFileSync(new URL('../vectors/entries.json', import.meta.url), 'utf8')) as Vectors;
const signer = createSigner(fromHex(vectors.seed));
const genesis = decodeEntry(fromHex(vectors.valid[0]!.block));

function codeOf(block: Uint8Array): string {
  try {
    return verifyEntry(decodeEntry(block)) ? 'valid' : 'forged';
  } catch (error) {
    if (error instanceof MalformedError || error instanceof NewerEntryError) return error.code;
    throw error;
  }
}

t.test('vectors: entries that hold', async (t) => {
  for (const { name, block, ...fields } of vectors.valid) {
    const entry = decodeEntry(fromHex(block));
    t.match(entry, fields, name);
    t.ok(verifyEntry(entry), `${name}: signed`);
    t.equal(toHex(sha256(fromHex(block))), entry.id, `${name}: the id is the hash of the block`);
    const { mesh, log, seq, prev, time, kind, data } = entry;
    const draft = { mesh: fromHex(mesh), log: fromHex(log), seq, prev: fromHex(prev), time, kind, data };
    t.equal(toHex(signEntry(draft, signer).block), block, `${name}: the same draft and key give the same bytes`);
    if (Object.hasOwn(KINDS, kind))
      t.ok(KINDS[kind as 'admit'].safeParse(data).success, `${name}: its data is of its kind`);
  }
  t.equal(unitId(fromHex(genesis.id), 7), vectors.unitOfGenesis7, 'a unit id is derived');
});

t.test('many signatures packed: each its own answer, in order, the same as one by one', async (t) => {
  const signers = [signer, createSigner(new Uint8Array(32).fill(99))];
  const arbitraryEntry = fc
    .record({
      by: fc.nat({ max: 1 }),
      seq: fc.nat({ max: 9 }),
      wrong: fc.constantFrom('nothing', 'nothing', 'author', 'signature', 'body'),
    })
    .map(({ by, seq, wrong }): Entry => {
      const draft = { mesh: NOTHING, log: new Uint8Array(16), seq: 0, prev: NOTHING, time: seq, kind: 'genesis' };
      const entry = signEntry({ ...draft, data: { seq } }, signers[by]!);
      const other = signEntry({ ...draft, data: { seq, other: true } }, signers[by]!);
      if (wrong === 'author') return { ...entry, author: toHex(signers[1 - by]!.publicKey) };
      if (wrong === 'signature')
        return { ...entry, signature: entry.signature.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) };
      return wrong === 'body' ? { ...entry, block: other.block } : entry;
    });
  const property = fc.property(fc.array(arbitraryEntry, { maxLength: 20 }), (entries) => {
    const answers = verifyPacked(packSignatures(entries));
    return answers.length === entries.length && entries.every((entry, i) => (answers[i] === 1) === verifyEntry(entry));
  });
  await holds(t, 'as one by one', property, 100);
  const whole = signEntry(
    { mesh: NOTHING, log: new Uint8Array(16), seq: 0, prev: NOTHING, time: 1, kind: 'genesis', data: {} },
    signer,
  );
  const forged = { ...whole, author: toHex(signers[1]!.publicKey) };
  t.strictSame([...verifyPacked(packSignatures([whole, forged, whole]))], [1, 0, 1]);
});

t.test('vectors: entries that do not hold, and why', async (t) => {
  for (const { name, block, code } of vectors.invalid) t.equal(codeOf(fromHex(block)), code, name);
});

t.test('no bit of an entry can change', async (t) => {
  for (const { name, block } of vectors.valid) {
    const bytes = fromHex(block);
    const passed: number[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = new Uint8Array(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      if (codeOf(changed) === 'valid') passed.push(bit);
    }
    t.strictSame(passed, [], name);
  }
});

t.test('no byte can be put in, left out or added', async (t) => {
  const bytes = fromHex(vectors.valid[2]!.block);
  const property = fc.property(fc.nat({ max: bytes.length }), fc.nat({ max: 255 }), fc.boolean(), (at, byte, isIn) => {
    const changed = isIn
      ? concatBytes([bytes.subarray(0, at), Uint8Array.of(byte), bytes.subarray(at)])
      : concatBytes([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    return at === bytes.length && !isIn ? true : codeOf(changed) !== 'valid';
  });
  await holds(t, 'it is no longer valid', property, 1000);
});

t.test('any bytes at all are an entry or malformed, nothing else', async (t) => {
  const property = fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isBody) =>
    ['valid', 'forged', 'malformed', 'newer_entry'].includes(
      codeOf(isBody ? encode([bytes, new Uint8Array(64)]) : bytes),
    ),
  );
  await holds(t, 'no other error', property, 1000);
});

t.test('an entry has at most ENTRY_BYTES_MAX bytes', async (t) => {
  const draft = { mesh: fromHex(genesis.id), log: fromHex(genesis.log), seq: 0, prev: NOTHING, time: 0, kind: 'note' };
  const overhead = signEntry({ ...draft, data: 'x'.repeat(3000) }, signer).block.length - 3000;
  const largest = signEntry({ ...draft, data: 'x'.repeat(ENTRY_BYTES_MAX - overhead) }, signer);
  t.equal(largest.block.length, ENTRY_BYTES_MAX);
  t.equal(codeOf(largest.block), 'valid');
  t.throws(() => signEntry({ ...draft, data: 'x'.repeat(ENTRY_BYTES_MAX - overhead + 1) }, signer), RangeError);
});

t.test('what is decoded does not share memory with what was given', async (t) => {
  const buffer = Buffer.from(fromHex(vectors.valid[2]!.block));
  const entry = decodeEntry(buffer);
  buffer.fill(0);
  t.equal(toHex(entry.block), vectors.valid[2]!.block);
  t.ok(verifyEntry(entry));
  t.strictSame((entry.data as { name: string }).name, 'büro');
});

t.test('one value, one encoding', async (t) => {
  const property = fc.property(arbitraryValue, (value) => {
    const bytes = encode(value);
    return toHex(encode(decode(bytes, 1 << 20))) === toHex(bytes);
  });
  await holds(t, 'what is encoded decodes to what encodes the same', property, 1000);
});

t.test('how deep lists and maps stand inside each other does not depend on the machine', async (t) => {
  const nested = (depth: number): Uint8Array => {
    let value: unknown = 0;
    for (let i = 0; i < depth; i += 1) value = i % 2 === 0 ? [value] : { a: value };
    return encode(value);
  };
  t.doesNotThrow(() => decode(nested(NESTING_MAX), 4096));
  t.throws(() => decode(nested(NESTING_MAX + 1), 4096), { code: 'malformed' });
  t.throws(() => decode(encode([[]].concat(Array(0))), 1), { code: 'malformed' }, 'size first');
  // Deep enough to end any stack; and many empty lists, which are not deep.
  t.throws(() => decode(new Uint8Array(1 << 20).fill(0x81), 1 << 20), { code: 'malformed' });
  t.doesNotThrow(() => decode(encode(Array(1000).fill([])), 4096));
});

t.test('lengths that lie cost nothing', async (t) => {
  for (const head of [
    '9affffffff',
    'baffffffff',
    '5affffffff',
    '7affffffff',
    '9b001fffffffffffff',
    'bb001fffffffffffff',
  ]) {
    const started = process.cpuUsage();
    t.throws(() => decode(concatBytes([fromHex(head), new Uint8Array(1 << 19)]), 1 << 20), { code: 'malformed' }, head);
    t.ok(process.cpuUsage(started).user < 1_000_000, `${head}: at once`);
  }
});

t.test('what was read in the body of an entry has the hash of its encoding, without being encoded again', async (t) => {
  const said = fc.record({ a: fc.array(arbitraryValue), bb: arbitraryValue, list: fc.array(arbitraryValue) });
  const property = fc.property(said, (data) => {
    const body = encode([1, fromHex(genesis.id), signer.publicKey, new Uint8Array(16), 0, NOTHING, 1, 'note', data]);
    const block = encode([body, new Uint8Array(64)]);
    if (block.length > ENTRY_BYTES_MAX) return true;
    const read = decodeEntry(block).data as typeof data;
    const values = [read.list, read.bb, read.a, data.list];
    return toHex(hashOfList(values)) === toHex(sha256(encode(values)));
  });
  await holds(t, 'the same hash', property, 300);
});

t.test('a strategy is a map, whatever is in it, and nothing else', async (t) => {
  const segment = {
    ...{ netProfit: 1, return: 0.1, sharpe: null, maxDrawdown: 0.2, trades: 3, winRate: 0.5, profitFactor: null },
  };
  const hash = new Uint8Array(32);
  const isResult = (strategy: unknown): boolean =>
    KINDS.result.safeParse({
      ...{ job: hash, index: 0, fingerprint: hash, digest: hash, seal: hash, ms: 1, backtests: 1 },
      champions: [{ strategy, inSample: segment, outOfSample: segment, holdout: segment }],
      trials: { count: 1, meanSharpe: null, varianceSharpe: null },
    }).success;
  t.ok(isResult({}));
  t.ok(isResult(decode(encode({ any: [{ thing: hash }], '': null }), ENTRY_BYTES_MAX)));
  for (const other of [[], [1], 'text', 1, null, undefined, true, hash]) t.notOk(isResult(other), String(other));
});
