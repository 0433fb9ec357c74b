// What nodes say besides entries: forms, limits, signatures.
import t, { type Test } from 'tap';
import { encode, sha256 } from '../../src/protocol/bytes.ts';
import { createSigner } from '../../src/protocol/keys.ts';
import {
  HELLO_BYTES_MAX,
  JOIN_BYTES_MAX,
  PAGE_ENTRIES_MAX,
  PRESENCE_BYTES_MAX,
  SYNC_FRAME_BYTES_MAX,
} from '../../src/protocol/limits.ts';
import {
  decodeHello,
  decodeJoinReply,
  decodeJoinRequest,
  decodePresence,
  decodeSyncReply,
  decodeSyncRequest,
  encodeHello,
  type Hello,
  type Presence,
  signPresence,
} from '../../src/protocol/messages.ts';

const bytes = (length: number, fill = 1): Uint8Array => new Uint8Array(length).fill(fill);
const signer = createSigner(bytes(32));

const hello: Hello = {
  wire: [1, 1],
  mesh: bytes(32),
  boot: bytes(8),
  name: 'desk',
  version: '0.1.0',
  os: 'linux',
  fingerprint: bytes(32, 2),
  frontier: bytes(32, 3),
  addresses: ['/ip4/192.168.1.5/tcp/4501'],
};

const presence: Presence = {
  mesh: bytes(32),
  member: signer.publicKey,
  boot: bytes(8),
  n: 7,
  next: 10_000,
  name: 'desk',
  version: '0.1.0',
  os: 'linux',
  fingerprint: bytes(32, 2),
  state: 'working',
  reason: '',
  threads: [4, 8],
  loads: [100, 0, 50],
  backtestsPerSecond: 1234.5,
  claim: { unit: bytes(32, 4), job: bytes(32, 5), index: 3, generation: 2, generations: 10, remaining: null },
  frontier: bytes(32, 3),
  root: bytes(32, 6),
  addresses: ['/ip4/192.168.1.5/tcp/4501'],
};

/** Each case is a change that makes the message malformed. */
function testRefusals(
  t: Test,
  good: object,
  decode: (bytes: Uint8Array) => unknown,
  changes: Record<string, unknown>,
): void {
  for (const [field, value] of Object.entries(changes)) {
    t.throws(
      () => decode(encode({ ...good, [field]: value })),
      { code: 'malformed' },
      `${field}: ${String(value).slice(0, 30)}`,
    );
  }
  const keys = Object.keys(good);
  for (const key of keys) {
    const others = Object.fromEntries(Object.entries(good).filter(([other]) => other !== key));
    t.throws(() => decode(encode(others)), { code: 'malformed' }, `without ${key}`);
  }
  t.strictSame(decode(encode({ ...good, extra: 1 })), good, 'an extra key is left out');
}

t.test('hello', async (t) => {
  t.strictSame(decodeHello(encodeHello(hello)), hello);
  testRefusals(t, hello, decodeHello, {
    wire: [1],
    mesh: bytes(31),
    boot: bytes(9),
    name: '',
    version: 'x'.repeat(201),
    fingerprint: 'x',
    addresses: Array(17).fill('x'),
  });
  const large = { ...hello, addresses: Array<string>(16).fill('é'.repeat(200)) };
  t.throws(() => encodeHello(large), RangeError);
  t.throws(() => decodeHello(encode(large)), { code: 'malformed' });
  t.throws(() => decodeHello(bytes(HELLO_BYTES_MAX + 1)), { code: 'malformed' });
});

t.test('presence is signed by the member that it names', async (t) => {
  const signed = signPresence(presence, signer);
  t.strictSame(decodePresence(signed), presence);
  const other = createSigner(bytes(32, 2));
  t.equal(decodePresence(signPresence(presence, other)), undefined, 'by another');
  const body = encode(presence);
  t.equal(decodePresence(encode([body, signer.sign('entry', sha256(body))])), undefined, 'for another use');
  t.equal(
    decodePresence(encode([encode({ ...presence, n: 8 }), signer.sign('presence', sha256(body))])),
    undefined,
    'altered',
  );
});

t.test('presence that is none', async (t) => {
  const decode = (body: Uint8Array) => decodePresence(encode([body, signer.sign('presence', sha256(body))]));
  testRefusals(t, presence, decode, {
    n: -1,
    next: 0,
    state: 'gone',
    threads: [1],
    loads: [101],
    backtestsPerSecond: -1,
    claim: { ...presence.claim, generations: 0 },
    root: bytes(31),
  });
  t.throws(() => decodePresence(encode([encode(presence)])), { code: 'malformed' }, 'no signature');
  t.throws(() => decodePresence(encode([encode(presence), bytes(63)])), { code: 'malformed' }, 'a short signature');
  t.throws(() => decodePresence(bytes(PRESENCE_BYTES_MAX + 1)), { code: 'malformed' }, 'too large');
  const wordy = { ...presence, addresses: Array<string>(16).fill('x'.repeat(200)) };
  t.throws(() => signPresence(wordy, signer), RangeError, 'the sender hears of it, not the others');
});

t.test('join', async (t) => {
  const request = {
    wire: [1, 1],
    mesh: bytes(32),
    invite: bytes(32),
    proof: bytes(64),
    member: bytes(32),
    name: 'büro',
  };
  t.strictSame(decodeJoinRequest(encode(request)), request);
  testRefusals(t, request, decodeJoinRequest, { proof: bytes(63), member: bytes(33), name: 'x'.repeat(41), wire: 1 });
  t.throws(() => decodeJoinRequest(bytes(JOIN_BYTES_MAX + 1)), { code: 'malformed' });
  const yes = { ok: true, genesis: bytes(300), addresses: [] };
  const no = { ok: false, code: 'ticket_used', message: 'used' };
  t.strictSame(decodeJoinReply(encode(yes)), yes);
  t.strictSame(decodeJoinReply(encode(no)), no);
  t.throws(() => decodeJoinReply(encode({ ...yes, ok: false })), { code: 'malformed' });
  t.throws(() => decodeJoinReply(encode({ ...no, ok: true })), { code: 'malformed' });
  t.throws(() => decodeJoinReply(encode({ ...yes, genesis: 'text' })), { code: 'malformed' });
});

t.test('sync', async (t) => {
  const log = { author: bytes(32), log: bytes(16), count: 3, head: bytes(32), frozen: false };
  const requests = [
    { ask: 'frontier', digest: bytes(32) },
    { ask: 'entries', author: bytes(32), log: bytes(16), from: 0 },
    { ask: 'fork', author: bytes(32), log: bytes(16) },
  ];
  for (const request of requests) {
    t.strictSame(decodeSyncRequest(encode(request)), request);
    testRefusals(t, request, decodeSyncRequest, { ask: 'everything' });
  }
  t.throws(() => decodeSyncRequest(encode({ ...requests[1], from: -1 })), { code: 'malformed' });
  const replies = [
    { is: 'frontier', digest: bytes(32), logs: [log, { ...log, count: 0, head: bytes(0), frozen: true }] },
    { is: 'entries', blocks: [bytes(5), bytes(0)] },
  ];
  for (const reply of replies) {
    t.strictSame(decodeSyncReply(encode(reply)), reply);
    testRefusals(t, reply, decodeSyncReply, { is: 'something' });
  }
  const many = { is: 'entries', blocks: Array(PAGE_ENTRIES_MAX + 1).fill(bytes(1)) };
  t.throws(() => decodeSyncReply(encode(many)), { code: 'malformed' }, 'too many blocks');
  t.throws(() => decodeSyncReply(encode({ ...replies[0], logs: [{ ...log, head: bytes(5) }] })), { code: 'malformed' });
  t.throws(() => decodeSyncReply(bytes(SYNC_FRAME_BYTES_MAX + 1)), { code: 'malformed' }, 'too large');
  const most = { is: 'frontier', digest: bytes(32), logs: Array(5000).fill({ ...log, count: 2 ** 40 }) };
  t.ok(encode(most).length <= SYNC_FRAME_BYTES_MAX, 'the longest frontier fits a frame');
});

t.test('what is decoded stays when the buffer that it came from is used again', async (t) => {
  const buffer = Buffer.from(encode({ is: 'entries', blocks: [bytes(5)] }));
  const reply = decodeSyncReply(buffer);
  buffer.fill(0);
  t.strictSame(reply, { is: 'entries', blocks: [bytes(5)] });
});

t.test('an error says what is wrong and where', async (t) => {
  t.throws(() => decodeHello(encode({ ...hello, boot: bytes(9) })), { message: /hello: boot not 8 bytes/ });
});
