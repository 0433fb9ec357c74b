// Versions 1 and 2 of what is said besides entries: this program reads what the older one sent, and takes no offence at keys
// that it does not know.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { decode, encode, fromHex, sha256, toHex } from '../../src/protocol/bytes.ts';
import { createSigner } from '../../src/protocol/keys.ts';
import {
  commonVersion,
  decodeHello,
  decodeJoinReply,
  decodeJoinRequest,
  decodePresence,
  decodeSyncReply,
  decodeSyncRequest,
  WIRE,
} from '../../src/protocol/messages.ts';
import { WIRE_1 } from './support/wire-1.ts';

type Form = keyof typeof WIRE_1;

const { frames } = JSON.parse(readFileSync(new URL('../vectors/wire-1.json', import.meta.url), 'utf8')) as {
  frames: Record<string, string>;
};
const READ: Record<Form, (bytes: Uint8Array) => unknown> = {
  hello: decodeHello,
  presence: decodePresence,
  joinRequest: decodeJoinRequest,
  joinReply: decodeJoinReply,
  syncRequest: decodeSyncRequest,
  syncReply: decodeSyncReply,
};
const all = Object.entries(frames).map(([what, hex]) => ({
  what,
  form: what.split(' ')[0] as Form,
  bytes: fromHex(hex),
}));
const signer = createSigner(new Uint8Array(32).fill(7));

/** Every map in it says one thing more. */
function withMore(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMore);
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  return { ...Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withMore(each)])), later: { a: 1 } };
}

/** A presence is signed by its member, who is somebody else here. */
function changed(form: Form, bytes: Uint8Array, change: (value: unknown) => unknown): Uint8Array {
  const frame = decode(bytes, 1 << 20);
  if (form !== 'presence') return encode(change(frame));
  const said = decode((frame as [Uint8Array])[0], 2048) as object;
  const body = encode(change({ ...said, member: signer.publicKey }));
  return encode([body, signer.sign('presence', sha256(body))]);
}

t.test('frames of version 1 are read, and nothing of them is lost', async (t) => {
  for (const form of Object.keys(READ))
    t.ok(
      all.some((frame) => frame.form === form),
      `there is a ${form}`,
    );
  for (const { what, form, bytes } of all) {
    const value = READ[form](bytes);
    t.ok(value, what);
    const plain = form === 'presence' ? (decode(bytes, 2048) as [Uint8Array])[0] : bytes;
    t.equal(toHex(encode(value)), toHex(plain), what);
    t.doesNotThrow(() => WIRE_1[form](bytes), 'the old decoder here is the one of that time');
  }
});

t.test('what a later version adds is left out; version 1 refuses it', async (t) => {
  for (const { what, form, bytes } of all) {
    const same = changed(form, bytes, (value) => value);
    const more = changed(form, bytes, withMore);
    t.strictSame(READ[form](more), READ[form](same), what);
    t.throws(() => WIRE_1[form](more), /later/, `${what}: as it was`);
  }
});

t.test('the highest version that both speak', async (t) => {
  t.strictSame(WIRE, [1, 2]);
  for (const [theirs, common] of [
    [[1, 1], 1],
    [[1, 2], 2],
    [[2, 2], 2],
    [[1, 9], 2],
    [[2, 3], 2],
    [[3, 3], undefined],
    [[2, 1], undefined],
  ] as const) {
    t.equal(commonVersion(theirs), common, `${theirs}`);
  }
});
