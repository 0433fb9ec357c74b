// Tickets: a line that people copy, with what goes wrong when they do.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { concatBytes, encode, fromHex, sha256, toBase58, toHex } from '../../src/protocol/bytes.ts';
import { createSigner, verifySignature } from '../../src/protocol/keys.ts';
import { ADDRESS_CHARS_MAX, ADDRESSES_MAX } from '../../src/protocol/limits.ts';
import { decodeTicket, encodeTicket, inviteStatement, joinStatement, type Ticket } from '../../src/protocol/ticket.ts';
import { holds } from './support/property.ts';

interface Vector {
  ticket: Omit<Ticket, 'mesh' | 'issuer' | 'secret'> & { mesh: string; issuer: string; secret: string };
  line: string;
  key: string;
  member: string;
  name: string;
  join: string;
  invite: string;
}

const vector = JSON.parse(readFileSync(new URL('../vectors/ticket.json', import.meta.url), 'utf8')) as Vector;
const { mesh, issuer, secret, ...rest } = vector.ticket;
const ticket: Ticket = { ...rest, mesh: fromHex(mesh), issuer: fromHex(issuer), secret: fromHex(secret) };

/** A line with any content and a checksum that fits. */
const lineOf = (content: Uint8Array): string =>
  `smesh1${toBase58(concatBytes([content, sha256(content).subarray(0, 4)]))}`;

t.test('vector: the line, and what is signed with it', async (t) => {
  t.equal(encodeTicket(ticket), vector.line);
  t.strictSame(decodeTicket(vector.line), ticket);
  const throwAway = createSigner(ticket.secret);
  t.equal(toHex(throwAway.publicKey), vector.key);
  const join = joinStatement(ticket.mesh, fromHex(vector.member), vector.name);
  t.equal(toHex(throwAway.sign('join', join)), vector.join);
  t.equal(toHex(throwAway.sign('invite', inviteStatement(ticket.mesh, ticket.issuer))), vector.invite);
  t.notOk(verifySignature(throwAway.publicKey, 'join', join, fromHex(vector.invite)));
});

t.test('spaces and line ends around it do not matter', async (t) => {
  t.strictSame(decodeTicket(`  ${vector.line}\r\n`), ticket);
});

const arbitraryTicket: fc.Arbitrary<Ticket> = fc.record({
  mesh: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  issuer: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  secret: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  role: fc.constantFrom('admin' as const, 'member' as const, 'worker' as const),
  uses: fc.integer({ min: 1, max: 100 }),
  expires: fc.maxSafeNat(),
  addresses: fc.array(fc.string({ maxLength: ADDRESS_CHARS_MAX }), { maxLength: ADDRESSES_MAX }),
});

t.test('any ticket comes back as it was', async (t) => {
  const property = fc.property(
    arbitraryTicket,
    (any) => toHex(encode(decodeTicket(encodeTicket(any)))) === toHex(encode(any)),
  );
  await holds(t, 'round trip', property, 200);
  const largest = { ...ticket, addresses: Array<string>(ADDRESSES_MAX).fill('é'.repeat(ADDRESS_CHARS_MAX)) };
  t.strictSame(decodeTicket(encodeTicket(largest)), largest, 'the largest there is');
});

t.test('each damaged character is named or the line is refused', async (t) => {
  const wrong: string[] = [];
  for (let at = 0; at < vector.line.length; at += 1) {
    for (const character of ['1', 'z', '0', ' ', 'é', '😀']) {
      if (vector.line[at] === character) continue;
      const damaged = vector.line.slice(0, at) + character + vector.line.slice(at + 1);
      const message = messageOf(damaged);
      // 0, spaces and letters from elsewhere are no base58: the message says which character. Spaces at the ends go.
      const isForeign = !/[1-9A-HJ-NP-Za-km-z]/.test(character);
      const isNamed = message === `character ${at + 1} of the ticket does not belong there`;
      const isRefused = message.length > 0 && (!isForeign || at < 6 || isNamed);
      const isLastSpace = character === ' ' && at === vector.line.length - 1;
      if (!isRefused && !(isLastSpace && message.length > 0)) wrong.push(`${at} ${character}: ${message}`);
    }
  }
  t.strictSame(wrong, []);
});

t.test('cut short, swapped or doubled: refused in words', async (t) => {
  const { line } = vector;
  for (let length = 0; length < line.length; length += 1)
    t.not(messageOf(line.slice(0, length)), '', `the first ${length}`);
  t.match(messageOf(line + line), /does not belong|checksum/);
  t.match(messageOf(`${line}1`), /checksum/);
  t.match(messageOf(`smesh11${line.slice(6)}`), /checksum/, 'a leading one is a zero byte');
  t.match(messageOf('hello'), /starts with smesh1/);
  t.match(messageOf(line.toUpperCase()), /starts with smesh1/);
});

t.test('content that is no ticket', async (t) => {
  const cases: [string, unknown][] = [
    ['an extra key', { ...ticket, extra: 1 }],
    ['a missing key', withoutRole(ticket)],
    ['an unknown role', { ...ticket, role: 'owner' }],
    ['no uses', { ...ticket, uses: 0 }],
    ['too many uses', { ...ticket, uses: 101 }],
    ['a short secret', { ...ticket, secret: new Uint8Array(31) }],
    ['an expiry with a fraction', { ...ticket, expires: 1.5 }],
    ['too many addresses', { ...ticket, addresses: Array(17).fill('x') }],
    ['a list', [ticket]],
    ['null', null],
  ];
  for (const [name, content] of cases) {
    t.throws(() => decodeTicket(lineOf(encode(content))), { code: 'malformed' }, name);
  }
  t.throws(() => decodeTicket(lineOf(Uint8Array.of(0xff))), { code: 'malformed' }, 'no DAG-CBOR');
  t.throws(() => decodeTicket(lineOf(new Uint8Array(0))), { code: 'malformed' }, 'nothing');
});

t.test('a line of megabytes is refused at once', async (t) => {
  const started = process.cpuUsage();
  t.match(messageOf(`smesh1${'z'.repeat(5_000_000)}`), /as long as this/);
  t.ok(process.cpuUsage(started).user < 500_000);
});

function withoutRole({ role: _, ...others }: Ticket): object {
  return others;
}

function messageOf(line: string): string {
  try {
    decodeTicket(line);
    return '';
  } catch (error) {
    if ((error as { code?: string }).code !== 'malformed') throw error;
    return (error as Error).message;
  }
}
